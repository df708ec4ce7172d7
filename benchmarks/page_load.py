"""How long a chapter takes on a slow connection: `python -m benchmarks.page_load` (after `make book`).

Chromium gets 10 Mbit/s down, 60 ms to the server and a processor four times as slow, with an empty cache. A page is *readable* when its
first screen is painted for good (largest contentful paint); its explorer *answers* when a control that is moved as early as
possible has changed the picture. Medians of several loads; nothing here is a test, as times depend on the machine.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import re
import statistics
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright
from tqdm import tqdm

from tools import chromium

ROOT = Path(__file__).resolve().parent.parent
NETWORK = {"offline": False, "latency": 60, "downloadThroughput": 10e6 / 8, "uploadThroughput": 10e6 / 8}
SLOWDOWN = 4
LARGEST_PAINT = """() => new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
    .observe({type: "largest-contentful-paint", buffered: true}))"""
# As soon as the first explorer has drawn: move its first control, and note when another picture is there.
WATCH = """
const picture = (e) => [...e.querySelectorAll(".ce-plot svg")].map((plot) => plot.outerHTML).join("");
const watch = () => {
  const explorer = document.querySelector("course-explorer");
  const input = explorer?.querySelector(".ce-plot svg") && explorer.querySelector(".ce-control input, .ce-control select");
  if (!input) return requestAnimationFrame(watch);
  const before = picture(explorer), other = explorer.querySelector("input[type=radio]:not(:checked)");
  window.drawn = performance.now();
  if (input.type === "range") {
    input.value = input.value === input.max ? input.min : input.max;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (input.tagName === "SELECT") {
    input.selectedIndex = input.selectedIndex ? 0 : 1;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  } else if (other) other.click();
  else input.click();
  const look = () => {
    if (picture(explorer) !== before) window.answered = performance.now();
    else requestAnimationFrame(look);
  };
  look();
};
requestAnimationFrame(watch);
"""


class Compressed(http.server.SimpleHTTPRequestHandler):
    """Text compressed, as GitHub Pages serves it."""

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.suffix not in (".html", ".css", ".js", ".svg", ".json") or not path.is_file():
            return super().do_GET()
        body = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *arguments):
        pass


def load(browser, address):
    """``(readable, answers, kilobytes)`` of one load; times in seconds, answers None without an explorer."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    sizes = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.add_init_script(WATCH)
    page.goto(address, wait_until="load", timeout=120_000)
    answers = None
    if page.locator("course-explorer").count():
        page.wait_for_function("window.answered", timeout=120_000)
        answers = page.evaluate("window.answered") / 1000
    readable = page.evaluate(LARGEST_PAINT) / 1000
    context.close()
    return readable, answers, sum(sizes) / 1000


def main(site, only, repeats):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Compressed, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pages = [path for path in sorted((site / "chapters").glob("*.html")) if re.match(only or r"\d\d_", path.name)]
    if not pages:
        raise SystemExit(f"page_load: no page of {site / 'chapters'} begins with {only or 'a number'}; run: make book")
    rows = []
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        for path in tqdm(pages, unit="page"):
            loads = [load(browser, f"http://127.0.0.1:{server.server_port}/chapters/{path.name}") for _ in range(repeats)]
            times = [[value for value in column if value is not None] for column in zip(*loads)]
            rows.append((path.stem, *(statistics.median(column) if column else None for column in times)))
        browser.close()
    server.shutdown()
    print(f"10 Mbit/s, 60 ms, CPU x{SLOWDOWN}, empty cache; medians of {repeats}")
    for name, readable, answers, size in rows:
        print(f"{name:36} readable {readable:4.2f} s   explorer answers {f'{answers:4.2f} s' if answers else '-':7} {size:6.0f} kB")
    print(f"slowest: readable {max(row[1] for row in rows):.2f} s, "
          f"explorer {max(row[2] for row in rows if row[2]):.2f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("only", nargs="?", help="beginning of the pages' names, a regular expression")
    arguments = parser.parse_args()
    main(arguments.site, arguments.only, arguments.repeats)
