"""How long a control's move takes in Chromium, from the event to the drawing: `python -m benchmarks.explorer_repaint`.

A frame lasts 16.7 ms. The page holds one explorer with a learning curve, decision regions and sixteen small pictures;
the reader's processor is slowed down as asked (`--slower 4` is about a cheap phone).
"""
import argparse
import statistics
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

import course_lib.explorer
from course_lib.explorer import Explorer, Image, Lines, Scatter, region_grid
from tools import chromium

HERE = Path(course_lib.explorer.__file__).parent
SCRIPTS = ("element.js", "panels.js", "explorer.js")           # in this order, as on the site
POINTS = np.random.default_rng(0).normal(size=(300, 2))


def run(rate):
    places, _ = region_grid(POINTS, 40)
    steps = np.arange(60)
    loss = np.exp(-rate * steps) + 0.1
    region = 1 / (1 + np.exp(-5 * (places[:, 0] - rate * places[:, 1])))
    filters = np.random.default_rng(int(100 * rate)).normal(size=(16, 8, 8))
    return {"train loss": loss, "test loss": loss * 1.2, "region": region.reshape(40, 40), "filters": filters}


MEASURE = """() => {
  const slider = document.querySelector("input[type=range]"), plot = document.querySelector(".ce-plot"), times = [];
  for (let i = 0; i < 60; i++) {
    slider.value = i % (+slider.max + 1);
    const start = performance.now();
    slider.dispatchEvent(new Event("input"));
    plot.querySelector("svg").getBoundingClientRect();  // forces the layout, as the next frame would
    times.push(performance.now() - start);
  }
  return times.slice(10);
}"""


def measure(slower=1):
    """Milliseconds of a move: median, and what ten per cent stay below and above."""
    explorer = Explorer(run, {"rate": [0.02, 0.05, 0.1, 0.2, 0.5, 1.0]}, say="", title="Repaint", name="repaint", view=[
        Lines("train loss", "test loss", x="epoch", y="loss", log=True),
        Scatter(POINTS, POINTS[:, 0] > POINTS[:, 1], region="region"), Image("filters", colors="diverging")])
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page_file = Path(folder) / "page.html"
        style = (HERE / "explorer.css").read_text(encoding="utf-8")
        scripts = "".join(f"<script>{(HERE / name).read_text(encoding='utf-8')}</script>" for name in SCRIPTS)
        page_file.write_text(f'<!doctype html><meta charset="utf-8"><style>{style}</style>{explorer.html("static")}{scripts}',
                             encoding="utf-8")
        browser = chromium.launch(driver)
        page = browser.new_page()
        if slower > 1:
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        page.goto(page_file.as_uri())
        page.wait_for_selector(".ce-plot svg")
        times = page.evaluate(MEASURE)
        browser.close()
    low, high = np.percentile(times, [10, 90])
    return {"median": statistics.median(times), "low": low, "high": high}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slower", type=float, default=1, help="slow the processor down by this factor")
    slower = parser.parse_args().slower
    found = measure(slower)
    print(f"a move, three panels, processor slowed {slower:g} times: median {found['median']:.1f} ms "
          f"(10 % below {found['low']:.1f}, 10 % above {found['high']:.1f}); a frame lasts 16.7 ms")


if __name__ == "__main__":
    main()
