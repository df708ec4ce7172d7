"""The explorers' JavaScript, in Chromium: both faces, keyboard, touch, address, accessibility."""

import base64
import re

import numpy as np
import pytest

from course_lib.explorer import Bars, Diagram, Explorer, Image, Lines, Scatter, Text, level_lines, packing
from course_lib.training import Diverged

pytestmark = pytest.mark.site
X = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.5], [0.5, 2.0]])


def train(learning_rate, dropout, initialization, momentum, data):
    if learning_rate == 10:
        raise Diverged(3, 71, float("nan"), {"train loss": [2.0, 30.0], "test loss": [2.1, 31.0]})
    steps, start = np.arange(30), {"zeros": 0.5, "He": 2.0}.get(initialization, 1.0)
    loss = start * np.exp(-learning_rate * steps * (2 if momentum else 1)) + 0.1 + dropout * len(data) / 10
    return {"train loss": loss, "test loss": loss * 1.2, "mean": loss.mean(),
            "region": 1 / (1 + np.exp(-np.subtract.outer(steps, steps * loss.mean()) / 5))}


def study(units):
    rng = np.random.default_rng(units)
    return {
        "confusion": np.where(np.eye(4)[::-1] == 1, np.nan, rng.integers(0, 50, (4, 4))),  # with gaps
        "filters": rng.normal(0, 1, (6, 5, 5)),
        "heights": rng.random(4),
        "hist": rng.integers(1, 9, 6),
        "edges": np.arange(7) / 3,
        "weights": rng.normal(0, 1, 4),
        "values": rng.random(4),
        "names": [f"{v:.2f}" for v in rng.random(4)],
        "path": rng.random((2, 5)) * 2,
        "grid": rng.integers(0, 3, (8, 8)),
    }


def make_training():
    return Explorer(
        train,
        {
            "learning rate": [0.01, 0.1, 1.0, 10],
            "dropout": [0, 0.5],
            "initialization": ["zeros", "Xavier", "He"],
            "momentum": [False, True],
            "data": ["two moons", "spirals"],
        },
        view=[
            Lines(
                "train loss",
                "test loss",
                x="epoch",
                y="loss",
                log=True,
                title="Learning curve",
                marks={"chance": 0.69},
            ),
            Scatter(X, [0, 1, 1, 0], region="region", title="Regions", x="x₁", y="x₂"),
        ],
        say="The mean loss is {mean:.3f}.",
        title="Training",
        look_for="the best rate.",
        name="training",
        start={"learning rate": 0.1, "initialization": "He"},
    )


def make_study():
    square = [[0, 1], [1, 2], [2, 3], [3, 0]]
    return Explorer(
        study,
        {"units": [2, 4, 8]},
        title="Study",
        name="study",
        say="",
        view=[
            Image(
                "confusion",
                annotate=True,
                x_labels=list("abcd"),
                y_labels=list("abcd"),
                x="predicted",
                y="true",
            ),
            Image("filters", colors="diverging", captions=list("uvwxyz"), title="Filters"),
            Image("confusion", extent=(0, 1, 0, 1), colors="gray", title="Plane"),
            Bars("heights", ("again", "heights"), labels=["a", "b", "c", "a long name"], title="Bars"),
            Bars("hist", labels="edges", title="Histogram", log=True),
            Diagram(
                X, square, weights="weights", values="values", labels="names", title="Network", arrows=True
            ),
            Scatter(X, [0, 1, 2, 2], region="grid", paths=[("way", "path")], arrows=True, title="Classes"),
            Scatter(paths=[("way", "path"), ("straight", [[0, 2], [0, 1]])], extent=(0, 2, 0, 2), title="Ways",
                    levels=level_lines(lambda x, y: x * y, (0, 2, 0, 2), [0.5, 1.0])),
        ],
    )


@pytest.fixture(scope="module")
def site(page_of):
    body = "".join(f"<p>Some words.</p>{made.html('static')}" for made in (make_training(), make_study()))
    return page_of("explorer.js", "Explorers", body + '<h2 id="other">Other</h2>')


@pytest.fixture
def visit(quiet, site):
    """Open the page (with a fragment) and wait until it has drawn."""
    def open_page(fragment="", wait=True, address=site, **options):
        page = quiet(
            address + fragment, ("file:", "data:", "blob:"),
            **{"viewport": {"width": 1200, "height": 900}, "reduced_motion": "reduce", **options}
        )
        if wait:
            page.wait_for_selector("#training .ce-plot svg")
            page.wait_for_selector("#study .ce-plot svg")
        return page
    return open_page


def pictures(page, name="training"):
    """What can be seen in an explorer's panels: the drawings and the pixels under them."""
    return page.evaluate(
        """name => [...document.querySelectorAll(`#${name} .ce-plot`)].map(plot =>
        plot.querySelector("svg").innerHTML.replace(/ce-clip-\\d+/g, "") + (plot.querySelector("canvas")?.toDataURL() || ""))""",
        name,
    )


# -------------------------------------------------------------------------------------------------------- static pages


def test_every_control_moves_the_picture_and_the_summary(visit):
    page = visit()
    root = page.locator("#training")
    moves = [
        lambda: root.get_by_label("learning rate").press("ArrowRight"),
        lambda: root.get_by_label("dropout").press("End"),
        lambda: root.get_by_role("radio", name="zeros").check(),
        lambda: root.get_by_role("switch", name="momentum").check(),
        lambda: root.get_by_role("slider", name="learning rate").press("Home"),
        lambda: root.get_by_role("radio", name="spirals").check(),
    ]
    for move in moves:
        before, said = pictures(page), root.locator(".ce-summary").inner_text()
        move()
        assert all(a != b for a, b in zip(before, pictures(page), strict=True))
        assert root.locator(".ce-summary").inner_text() != said
    before = pictures(page, "study")
    page.locator("#study").get_by_label("units").press("End")
    assert all(a != b for a, b in zip(before, pictures(page, "study"), strict=True))


def test_what_is_shown_is_what_was_computed(visit):
    page, made = (
        visit("#training:learning-rate=1;dropout=0.5;initialization=He;momentum=true;data=spirals"),
        make_training(),
    )
    values = (1.0, 0.5, "He", True, "spirals")
    assert page.locator("#training .ce-summary").inner_text() == made._at(values).summary
    (shown,) = page.evaluate(
        """async text => { const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
           const { cells } = await courseExplorer.unpack(bytes); return cells.map(c => Array.from(c["train loss"])); }""",
        base64.b64encode(made.answer(list(values))).decode(),
    )
    np.testing.assert_allclose(shown, made._at(values).result["train loss"], rtol=1e-3)


def test_javascript_unpacks_what_python_packs(visit):
    page, rng = visit(), np.random.default_rng(0)
    cells = [
        {
            "a": rng.normal(size=(3, 4)),
            "log": np.array([1e-9, 0.0, 5.0, np.nan, np.inf, -np.inf]),
            "n": np.array(7.0),
        },
        {
            "a": np.array([1e300, -1e300, np.nan]),
            "small": rng.random((5, 6)),
            "text": ["é", "b\nc"],
            "empty": np.zeros(0),
        },
    ]
    blob = packing.pack(cells, {"x": 1}, bits={"small": 8})
    got = page.evaluate(
        """async text => { const { spec, cells } = await courseExplorer.unpack(Uint8Array.from(atob(text), c => c.charCodeAt(0)));
           return [spec, cells.map(cell => Object.fromEntries(Object.entries(cell).map(([key, v]) =>
             [key, Array.isArray(v) ? v : { shape: v.shape, data: Array.from(v, String) }])))]; }""",
        base64.b64encode(blob).decode(),
    )
    expected, spec = packing.unpack(blob)
    assert got[0] == spec
    for there, here in zip(got[1], expected, strict=True):
        assert set(there) == set(here)
        for key, value in here.items():
            if isinstance(value, list):
                assert there[key] == value
            else:
                assert there[key]["shape"] == list(value.shape)
                data = [float(text.replace("Infinity", "inf")) for text in there[key]["data"]]
                np.testing.assert_allclose(data, value.ravel(), rtol=1e-12)


def test_a_diverged_run_is_told_and_drawn_as_far_as_it_went(visit):
    page = visit("#training:learning-rate=10")
    root = page.locator("#training")
    assert root.locator(".ce-summary").inner_text() == "diverged at epoch 3 (step 71): the loss is nan"
    assert root.locator("figure").nth(1).locator("canvas").count() == 0  # no region
    assert root.locator("figure").nth(0).locator("g path[d^=M]").count() >= 2


def test_the_address_names_a_setting(visit):
    page = visit(
        "#training:unknown=3;learning-rate=0.7;dropout=0.6;initialization=HE;momentum=true;data=nothing"
    )
    root = page.locator("#training")
    assert root.get_by_label("learning rate").input_value() == "2"  # 1.0 is the nearest to 0.7
    assert root.get_by_role("radio", name="He").is_checked() and root.get_by_role("switch").is_checked()
    assert root.get_by_role("radio", name="two moons").is_checked()  # an unknown name changes nothing
    page.evaluate("location.hash = '#training:learning-rate=0.01;initialization=%ZZ;dropout='")
    page.wait_for_function("document.querySelector('#training input[type=range]').value === '0'")
    assert root.get_by_role("radio", name="He").is_checked()
    before = pictures(page)
    for other in ("#other", "#study:units=8", "#training"):
        page.evaluate("hash => { location.hash = hash; }", other)
        page.wait_for_timeout(50)
    assert pictures(page) == before and page.locator("#study input").input_value() == "2"


def test_moving_writes_the_address_and_reset_takes_it_back(visit):
    page = visit()
    assert "#" not in page.url
    page.locator("#training").get_by_label("learning rate").press("End")
    page.locator("#training").get_by_role("radio", name="Xavier").check()
    page.wait_for_function("location.hash.includes('Xavier')")
    expected = "#training:learning-rate=10;dropout=0;initialization=Xavier;momentum=false;data=two%20moons"
    assert page.url.endswith(expected)
    opened = visit(expected)
    assert pictures(opened) == pictures(page)
    page.locator("#training").get_by_role("button", name="Reset").click()
    page.wait_for_function("location.hash.includes('initialization=He')")
    assert pictures(page) == pictures(visit())


def test_the_link_is_copied_or_shown(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.evaluate("() => { navigator.clipboard.writeText = async text => { window.copied = text; }; }")
    page.locator("#study").get_by_role("button", name="Copy link").click()
    assert page.evaluate("copied").endswith("page.html#study:units=2")
    assert page.locator("#study").get_by_role("button", name="Copied").count() == 1
    page.evaluate("() => { navigator.clipboard.writeText = async () => { throw new Error('no'); }; }")
    page.locator("#training").get_by_role("button", name="Copy link").click()
    assert "page.html#training:" in page.locator("#training .ce-status").inner_text()


def test_keys_stay_with_the_controls_and_values_are_spoken(visit):
    page = visit()
    page.evaluate("document.addEventListener('keydown', () => { window.leaked = true; })")
    slider = page.locator("#training").get_by_label("learning rate")
    slider.focus()
    for key, text in (("ArrowRight", "1"), ("End", "10"), ("Home", "0.01"), ("PageUp", "0.1")):
        slider.press(key)
        assert slider.get_attribute("aria-valuetext") == text
    assert page.evaluate("window.leaked") is None
    assert page.locator("#training").get_attribute("data-lm-suppress-shortcuts") == "true"
    spoken = page.locator("#training [aria-live=polite]")
    page.wait_for_function(
        "document.querySelector('#training [aria-live=polite]').textContent.includes('learning rate 0.1')"
    )
    assert "The mean loss is" in spoken.text_content()


def test_every_drawing_has_words_and_every_control_a_name(visit):
    page = visit()
    for drawing in page.locator(".ce-plot svg").all():
        assert drawing.get_attribute("role") == "img" and len(drawing.get_attribute("aria-label")) > 10
    assert "train loss goes from 2.1 to 0.2" in page.locator("#training svg[role=img]").first.get_attribute(
        "aria-label"
    )
    for control in page.locator(".ce-control input, .ce-control select").all():
        assert control.evaluate("node => node.labels.length") == 1


def test_several_ways_over_a_surface_have_colours_and_the_surface_stays_behind(visit):
    """The level lines come first and are thin; each way has its own colour, in the drawing and in the legend."""
    drawing = visit().evaluate("""() => {
        const panels = [...document.querySelectorAll("#study .ce-panel")];
        const panel = panels.find((one) => one.textContent.includes("Ways"));
        const paths = [...panel.querySelectorAll("svg[role=img] path")].filter((one) => one.getAttribute("fill") === "none");
        const style = (one) => [getComputedStyle(one).stroke, +one.getAttribute("stroke-width")];
        return {lines: paths.map(style), legend: [...panel.querySelectorAll("svg[aria-hidden] path")].map(style)};
    }""")
    grey, *ways = [line for line in drawing["lines"] if line[1] < 3]
    assert grey[1] < 1 and len(ways) == len(drawing["legend"]) == 2
    assert [ink for ink, _ in ways] == [ink for ink, _ in drawing["legend"]] and len({grey[0], ways[0][0], ways[1][0]}) == 3


def test_the_pointer_reads_values(visit):
    page = visit()
    for root, index, expected in (
        ("training", 0, r"epoch \d+\ntrain loss: .*\ntest loss: "),
        ("training", 1, "x₁ .*, x₂ .*\nclass 1: "),
        ("study", 0, r"[abcd], [abcd]: \d+"),
        ("study", 1, r"[u-z], row \d, column \d: "),
        ("study", 3, "(again: )"),
        ("study", 4, " to "),
    ):
        plot = page.locator(f"#{root} .ce-plot").nth(index)
        box = plot.locator("svg").bounding_box()
        plot.hover(
            position={"x": box["width"] * 0.3, "y": box["height"] * (0.45 if root == "training" else 0.3)}
        )
        assert re.search(expected, plot.locator(".ce-probe").inner_text()), (root, index)
    page.mouse.move(1, 1)
    assert page.locator(".ce-probe:visible").count() == 0


def test_a_run_can_be_kept_for_comparison(visit):
    page = visit()
    root = page.locator("#training")
    root.get_by_role("button", name="Keep for comparison").click()
    assert root.locator(".ce-kept").count() == 0  # nothing to compare yet
    old = root.locator("figure").first.locator("g > path").nth(1).get_attribute("d")
    root.get_by_role("radio", name="zeros").check()
    assert old in [path.get_attribute("d") for path in root.locator(".ce-kept").all()]
    root.get_by_role("button", name="Kept: learning rate 0.1, dropout 0, initialization He").click()
    assert root.locator(".ce-kept").count() == 0


def test_without_javascript_the_picture_and_its_sentence_remain(visit):
    page = visit(wait=False, java_script_enabled=False)
    image = page.locator("#training img")
    assert image.is_visible() and image.get_attribute("alt").startswith(
        "Training: learning rate 0.1, dropout 0"
    )
    assert "The mean loss is" in page.locator("#training p").inner_text()
    assert "packed" not in page.locator("body").inner_text()


def test_an_old_browser_keeps_the_picture_and_says_why(browser, site):
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(site)
    page.wait_for_selector("#training [role=alert]")
    assert "too old to unpack" in page.locator("#training [role=alert]").inner_text()
    assert page.locator("#training img").is_visible()
    context.close()


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_nothing_overflows_and_everything_can_be_touched(visit, width):
    page = visit(viewport={"width": width, "height": 800}, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator(".ce-control input[type=range], .ce-options label, .ce-footer button").all():
        assert control.bounding_box()["height"] >= 44
    assert page.locator(".ce-switch").bounding_box()["height"] >= 24
    lefts = {
        round(box["x"])
        for box in (figure.bounding_box() for figure in page.locator("#training figure").all())
    }
    assert len(lefts) == 1  # one panel above the other
    scales = page.evaluate(
        "[...document.querySelectorAll('.ce-plot svg')].map(s => s.getBoundingClientRect().width / s.viewBox.baseVal.width)"
    )
    assert min(scales) > 0.95  # 12 px remain 12 px


def test_paper_shows_pictures_without_controls(visit):
    page = visit()
    page.emulate_media(media="print")
    assert page.locator(".ce-controls:visible, .ce-footer:visible").count() == 0
    assert (
        page.locator("#training .ce-plot svg").first.is_visible()
        and page.locator("#training .ce-summary").is_visible()
    )


@pytest.mark.parametrize("theme", ["light", "dark", "system dark"])
def test_axe_finds_nothing_serious(visit, accessible, theme):
    page = visit(color_scheme="dark" if theme == "system dark" else "light")
    if theme == "dark":
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.locator("#training").get_by_role("button", name="Keep").click()
    ground = page.locator("#training").evaluate("node => getComputedStyle(node).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (theme == "light")
    accessible(page)


# ------------------------------------------------------------------------------------------------------- the live face


@pytest.fixture
def live(visit, tmp_path):
    made = Explorer(
        lambda rate, units, kind: {"a": np.arange(1, 5) * rate * units},
        {"rate": [0.1, 1.0], "units": [1, 2, 3], "kind": ["x", "y"]},
        view=Lines("a"),
        say="{rate} {units} {kind}",
        title="Live",
        name="live",
    )
    return open_live(visit, tmp_path / "live.html", made)


def open_live(visit, page_file, made):
    """The widget's module with a model that asks this process: the page's ``answer`` is called by a test."""
    from course_lib.explorer.live import ExplorerWidget
    payload = base64.b64encode(made.payload([made.start])).decode()
    module = ExplorerWidget._esm.replace("export default", "const widget =")
    page_file.write_text(
        f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Live</title>
        <style>{ExplorerWidget._css}</style></head><body><main><h1>Live</h1><div id="out"></div></main><script type="module">
        {module}
        const bytes = text => new DataView(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer);
        window.asked = [];
        const model = {{
          get: () => bytes("{payload}"), on: (name, hear) => {{ window.hear = hear; }}, off: () => {{ window.deaf = true; }},
          send: message => {{ asked.push(message); }},
        }};
        window.answer = ({{ data, ...rest }}) => hear({{ id: asked[asked.length - 1].id, ...rest }}, data ? [bytes(data)] : []);
        window.close_ = await widget.render({{ model, el: document.getElementById("out") }});
        </script></body></html>""",
        encoding="utf-8",
    )
    page = visit(wait=False, address=page_file.as_uri())
    page.wait_for_selector(".ce-plot svg")

    def answer(error=None):
        values = page.evaluate("asked[asked.length - 1].values")
        data = None if error else base64.b64encode(made.answer(values)).decode()
        page.evaluate("answer", {"data": data, **({"error": error} if error else {})})
    page.answer = answer
    return page


def test_live_asks_python_once_at_a_time_and_only_for_the_latest(live):
    live.get_by_role("slider", name="units").press("ArrowRight")
    live.get_by_role("slider", name="units").press("ArrowRight")
    live.get_by_role("radio", name="y").check()
    assert [message["values"] for message in live.evaluate("asked")] == [[0.1, 2, "x"]]
    live.wait_for_selector("[aria-busy=true]")
    assert "Running…" in live.locator(".ce-status").inner_text()
    live.answer()
    live.wait_for_function("asked.length === 2")
    assert live.evaluate("asked[1].values") == [0.1, 3, "y"]
    live.answer()
    live.wait_for_function("document.querySelector('.ce-summary').textContent === '0.1 3 y'")
    assert live.locator("[aria-busy]").count() == 0
    live.get_by_role("slider", name="units").press("Home")
    live.get_by_role(
        "radio", name="x"
    ).check()  # the first setting is known: its run arrives although y's is awaited
    assert live.locator(".ce-summary").inner_text() == "0.1 1 x"


def test_live_takes_values_between_those_of_the_grid_and_explains_the_others(live):
    box = live.get_by_label("rate, exact value")
    for text, words in (
        ("5", "rate must be a number between 0.1 and 1, but is “5”."),
        ("", "but is “”"),
        ("abc", "but is “abc”"),
    ):
        box.fill(text)
        box.press("Enter")
        assert (
            words in live.locator("[role=alert]:visible").inner_text()
            and box.get_attribute("aria-invalid") == "true"
        )
    units = live.get_by_label("units, exact value")
    units.fill("1.5")
    units.press("Enter")
    assert "units must be a whole number between 1 and 3" in live.locator(".ce-control").nth(1).inner_text()
    assert live.evaluate("asked.length") == 0
    box.fill("0.37")
    box.press("Enter")
    live.answer()
    live.wait_for_function("document.querySelector('.ce-summary').textContent === '0.37 1 x'")
    assert live.locator("[role=alert]:visible").count() == 0
    assert live.get_by_role("slider", name="rate").get_attribute("aria-valuetext") == "0.37"


def test_live_shows_an_error_and_goes_on(live):
    live.get_by_role("slider", name="units").press("End")
    live.answer(error="RuntimeError: no memory")
    live.wait_for_selector("[role=alert]:visible")
    assert live.locator("[role=alert]:visible").inner_text() == "RuntimeError: no memory"
    live.get_by_role("slider", name="units").press("ArrowLeft")
    live.answer()
    live.wait_for_function("document.querySelector('.ce-summary').textContent === '0.1 2 x'")
    assert live.locator("[role=alert]:visible").count() == 0


def spell(word, times):
    if not word.isalpha():
        raise ValueError(f"spell: word must be letters, but is {word!r}")
    return {"length": np.arange(len(word)) * times}


def make_speller():
    return Explorer(spell, {"word": Text(["two", "syllables", "b"]), "times": [1, 2]},
                    view=Lines("length"), say="It reads {word}.", title="Speller", name="speller")


def test_live_takes_any_text_beside_the_choices(visit, accessible, tmp_path):
    page = open_live(visit, tmp_path / "live.html", make_speller())
    box, choices = page.get_by_label("word, any text"), page.get_by_label("word", exact=True)
    assert box.input_value() == choices.input_value() == "two"
    box.fill("three")
    assert page.evaluate("asked.length") == 0, "only what is done is run"
    box.press("Enter")
    page.answer()
    page.wait_for_function("document.querySelector('.ce-summary').textContent === 'It reads three.'")
    assert choices.locator("option:checked").text_content() == "typed by you"
    box.fill("two words")
    page.get_by_role("slider", name="times").focus()                                  # leaving the field is enough
    with pytest.raises(ValueError, match="spell: word must be letters, but is 'two words'") as caught:
        page.answer()
    page.answer(error=f"ValueError: {caught.value}")
    page.wait_for_selector("[role=alert]:visible")
    assert page.locator("[role=alert]:visible").inner_text() == "ValueError: spell: word must be letters, but is 'two words'"
    assert [message["values"] for message in page.evaluate("asked")] == [["three", 1], ["two words", 1]]
    choices.select_option("b")
    page.answer()
    page.wait_for_function("document.querySelector('.ce-summary').textContent === 'It reads b.'")
    assert box.input_value() == "b" and page.locator("[role=alert]:visible").count() == 0
    assert choices.locator("option", has_text="typed by you").get_attribute("hidden") is not None
    accessible(page)


def test_a_page_has_the_choices_of_a_text_and_says_what_any_text_needs(visit, page_of):
    address = page_of("explorer.js", "Speller", make_speller().html())
    page = visit("#speller:word=B;times=2", wait=False, address=address)
    page.wait_for_selector("#speller .ce-plot svg")
    root = page.locator("#speller")
    assert root.locator(".ce-summary").inner_text() == "It reads b." and root.get_by_role("radio", name="b", exact=True).is_checked()
    assert root.get_by_label("word, any text").count() == 0
    assert "Any other text needs a running kernel." in root.inner_text()
    root.get_by_role("radio", name="two").check()
    assert root.locator(".ce-summary").inner_text() == "It reads two."
    page.wait_for_function("location.hash === '#speller:word=two;times=2'")


def test_live_copies_the_settings_as_python(live):
    live.evaluate("() => { navigator.clipboard.writeText = async text => { window.copied = text; }; }")
    live.get_by_role("button", name="Copy settings").click()
    assert live.evaluate("copied") == 'rate=0.1, units=1, kind="x"'


def test_live_leaves_the_address_alone_and_cleans_up(live):
    live.get_by_role("slider", name="units").press("End")
    live.answer()
    live.wait_for_timeout(400)
    assert "#" not in live.url
    live.evaluate("close_()")
    assert live.evaluate("deaf") is True


def test_axe_finds_nothing_serious_in_the_live_face(live, accessible):
    live.get_by_label("rate, exact value").fill("7")
    live.get_by_label("rate, exact value").press("Enter")
    accessible(live)
