"""The drawing pad: its JavaScript computes what Python computes, and mouse, touch and keyboard make it draw."""

import json
import math

import numpy as np
import pytest

from course_lib import pretrained, sketch
from course_lib.explorer import Sketchpad

HIDDEN = len(pretrained.load("sketch")["gru.weight_hh_l0"]) // 3


def make_pad(**options):
    model = sketch.SketchRNN(HIDDEN, 6, rng=np.random.default_rng(0))
    model.load_state_dict(pretrained.load("sketch"))
    starts = {}
    for kind, share in (("circle", 0.5), ("zigzag", 0.4)):
        moves = sketch.draw(kind, rng=np.random.default_rng(0))
        starts[f"half a {kind}"] = moves[:int(share * len(moves))] * [1, 1, 0]
    return Sketchpad(model, starts, title="Draw </script> & see", look_for="the spread.", name="pad", **options)


# ------------------------------------------------------------------------------------------------- without a browser

def test_the_page_holds_the_rounded_weights_in_40_kb():
    pad = make_pad()
    book = json.loads(pad.book())
    assert len(book["weights"]) <= 40 * 1024 and len(pad.html()) < 60_000
    assert [sum(part["rows"] for part in book["parts"] if part["name"] == name) for name in ("weight_ih", "weight_hh", "weight")] \
        == [3 * HIDDEN, 3 * HIDDEN, 39]
    exact = pretrained.load("sketch")
    for name, array in pad.model.state_dict().items():
        assert np.abs(array - exact[name]).max() <= np.abs(exact[name]).max() / 250
    drawings, _ = sketch.drawings(80, rng=np.random.default_rng(1))
    inputs, targets, mask = sketch.batch(drawings)
    rounded = sketch.mdn_nll(pad.model(inputs)[0], targets, mask).item()
    model = sketch.SketchRNN(HIDDEN, 6, rng=np.random.default_rng(0))
    model.load_state_dict(exact)
    assert rounded - sketch.mdn_nll(model(inputs)[0], targets, mask).item() < 0.05       # nats per move


def test_without_a_script_a_picture_and_a_sentence_stand(monkeypatch):
    page = make_pad().html("picture")
    assert "<script" not in page and "<img" in page and "begun is half a circle" in page
    assert "Drawing needs the published page" in page and len(page) < 20_000
    monkeypatch.setenv("COURSE_LIB_EXPLORER", "static")
    bundle = make_pad()._repr_mimebundle_()
    assert bundle["text/html"].count("</script>") == 1 and bundle["text/plain"] == "Sketchpad: Draw </script> & see"
    monkeypatch.setenv("COURSE_LIB_EXPLORER", "live")
    assert "application/vnd.jupyter.widget-view+json" in make_pad()._repr_mimebundle_()


@pytest.mark.parametrize("change, kind, message", [
    ({"name": "No Name"}, ValueError, "Sketchpad: name must be lower-case letters, digits and hyphens, but is 'No Name'"),
    ({"model": 3}, TypeError, "Sketchpad 'pad': model must be a SketchRNN, but is 3"),
    ({"starts": {}}, ValueError, "Sketchpad 'pad': starts must be a dict of beginnings, but is {}"),
    ({"starts": {"dot": [[1, 0, 0]]}}, ValueError, r"Sketchpad 'pad': start 'dot' must be at least 2 moves .* shape \(1, 3\)"),
    ({"starts": {"lift": [[1, 0, 1], [1, 0, 0]]}}, ValueError, "Sketchpad 'pad': start 'lift' must be .* with the pen down"),
])
def test_wrong_input_is_named(change, kind, message):
    arguments = {"model": sketch.SketchRNN(4, 1, rng=np.random.default_rng(0)), "starts": {"a": [[1, 0, 0]] * 2}, "title": "t",
                 "name": "pad"} | change
    with pytest.raises(kind, match=message):
        Sketchpad(**arguments)


def test_half_a_head_gets_its_eyes_where_they_belong():
    """Faces are begun at the top, so that the network knows in which direction their middle lies."""
    starts = [sketch.draw("face", rng=np.random.default_rng(seed)) for seed in range(20)]
    for moves in starts:
        outline = sketch.to_lines(moves)[0]
        assert outline.mean(axis=0)[1] > 4 and abs(outline.mean(axis=0)[0]) < 1, "the middle lies straight below"
    model, misses = make_pad().model, []
    for seed, radius in enumerate(np.linspace(4.6, 6.4, 20)):
        angles = -math.pi / 2 + (-1) ** seed * np.linspace(0, 1.1 * math.pi, 200)
        line = sketch.resample(radius * np.column_stack([np.cos(angles), np.sin(angles)]))
        start = np.column_stack([np.diff(line, axis=0), np.zeros(len(line) - 1)])
        way, = sketch.continuations(model, start, temperature=0.3, rng=np.random.default_rng(seed))
        eyes = sketch.to_lines(way, line[-1])[1:3]
        misses += [math.dist(eye.mean(axis=0), (side * 0.38 * radius, 0.65 - 0.3 * radius)) / radius for eye, side in zip(eyes, (-1, 1))]
    assert len(misses) > 30 and np.median(misses) < 0.15


def test_a_network_too_large_for_a_page_is_refused():
    pad = Sketchpad(sketch.SketchRNN(128, 6, rng=np.random.default_rng(0)), {"a": [[1, 0, 0]] * 2}, title="t", name="pad")
    with pytest.raises(ValueError, match="Sketchpad 'pad': the weights take .* KB, more than 40: take a smaller hidden_size"):
        pad.book()


# ------------------------------------------------------------------------------------------------------ in the browser

@pytest.fixture(scope="module")
def site(page_of):
    return page_of("sketchpad.js", "Pad", make_pad().html())


@pytest.fixture
def visit(quiet, site):
    """Open the page and wait until it has drawn."""
    def open_page(**options):
        page = quiet(site, **{"viewport": {"width": 1000, "height": 1200}, "reduced_motion": "reduce", **options})
        if options.get("java_script_enabled", True):
            page.wait_for_selector(".cs-paper path")
        return page
    return open_page


def picture(page):
    return page.locator(".cs-paper").inner_html()


def circle(page, share=0.55):
    """Places on the screen along the begun circle, of a radius of five steps."""
    box = page.locator(".cs-paper").bounding_box()
    step = box["width"] / 40
    angles = np.linspace(0, -share * 2 * math.pi, 60)
    return [(box["x"] + (13 + 5 * math.cos(a)) * step, box["y"] + (13 + 5 * math.sin(a)) * step) for a in angles]


def draw_with_mouse(page, places):
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()


@pytest.mark.site
def test_javascript_expects_what_python_expects(visit):
    """A71: the mixture after the same strokes equals Python's with the rounded weights, at two temperatures."""
    page, pad, rng = visit(), make_pad(), np.random.default_rng(5)
    page.evaluate("""book => { const { sigmaMin, rhoMax } = book;
        window.network = Object.assign(courseSketchpad.unpack(book), { sigmaMin, rhoMax }); }""", json.loads(pad.book()))
    for kind in sketch.KINDS:
        moves, temperature = sketch.draw(kind, rng=rng)[:25], 0.3 if kind == "face" else 1.0
        there = page.evaluate("""([moves, t]) => { const network = window.network;
            return courseSketchpad.mixture(network, courseSketchpad.read(network, moves), t); }""", [moves.tolist(), temperature])
        params, _ = pad.model(np.vstack([np.zeros((1, 3)), moves])[:, None])
        here = sketch.mixture(params.data[-1, 0], temperature)
        for name in ("weight", "mean", "sigma", "rho", "pen"):
            np.testing.assert_allclose(there[name], getattr(here, name), atol=1e-3, err_msg=f"{kind}: {name}")
    line = rng.normal(0, 1, (40, 2)).cumsum(0)
    marks = page.evaluate("line => courseSketchpad.resample(line)", line.tolist())
    np.testing.assert_allclose(marks, sketch.resample(line), atol=1e-9)


@pytest.mark.site
def test_a_begun_circle_closes_in_the_page(visit):
    """E81 in JavaScript: half of a circle of radius 5, 40 continuations at temperature 0.2."""
    page, pad = visit(), make_pad()
    angles = np.linspace(0, math.pi, 200)
    start = sketch.resample(5 * np.column_stack([np.cos(angles), np.sin(angles)]))
    ends = page.evaluate("""([book, marks]) => {
        const { unpack, generator, read, proceed, toMoves } = courseSketchpad, { sigmaMin, rhoMax } = book;
        const network = Object.assign(unpack(book), { sigmaMin, rhoMax }), moves = toMoves(marks), random = generator(7);
        const h = read(network, moves);
        return Array.from({ length: 40 }, () => {
          let [x, y] = marks.at(-1), nearest = Infinity;
          proceed(network, h, 0.2, random).forEach(([dx, dy], i) => {
            [x, y] = [x + dx, y + dy];
            if (i > 7) nearest = Math.min(nearest, Math.hypot(x - marks[0][0], y - marks[0][1]));
          });
          return nearest;
        }); }""", [json.loads(pad.book()), start.tolist()])
    assert np.median(ends) / 5 < 0.3


@pytest.mark.site
def test_drawing_with_the_mouse_is_continued(visit):
    page = visit()
    before = picture(page)
    places = circle(page)
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    assert page.locator(".cs-paper path").count() == 1, "while it is drawn, only the reader's line"
    page.mouse.up()
    assert picture(page) != before and page.locator(".cs-paper path").count() == 6
    assert page.locator(".cs-each svg").count() == 5
    assert "After 17 moves, 5 continuations" in page.locator(".ce-summary").inner_text()
    assert page.get_by_label("a beginning").input_value() == ""
    page.get_by_role("button", name="Clear").click()
    assert page.locator(".cs-paper path").count() == 1 and not page.locator(".cs-paper path").get_attribute("d")
    assert "empty" in page.locator(".ce-summary").inner_text()
    page.mouse.click(*places[0])
    assert "Too short" in page.locator(".ce-summary").inner_text()


@pytest.mark.site
def test_drawing_with_a_finger_is_continued_and_does_not_scroll(visit):
    page = visit(viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True)
    page.locator(".cs-paper").scroll_into_view_if_needed()
    top = page.evaluate("scrollY")
    session = page.context.new_cdp_session(page)
    places = circle(page)
    for kind, where in [("touchStart", places[:1]), *(("touchMove", [place]) for place in places[1:]), ("touchEnd", [])]:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in where]})
    page.wait_for_function("document.querySelectorAll('.cs-paper path').length === 6")
    assert page.evaluate("scrollY") == top
    assert page.locator(".cs-paper").evaluate("node => getComputedStyle(node).touchAction") == "none"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "5 continuations" in page.locator(".ce-summary").inner_text()


@pytest.mark.site
def test_the_keyboard_chooses_a_beginning_and_every_control_moves_the_picture(visit):
    page = visit()
    page.evaluate("document.addEventListener('keydown', () => { window.leaked = true; })")
    seen = [picture(page)]
    for control, keys in (("a beginning", ["ArrowDown"]), ("temperature", ["ArrowRight", "End", "Home"]),
                          ("continuations", ["ArrowRight", "Home"])):
        page.get_by_label(control, exact=True).focus()
        for key in keys:
            page.keyboard.press(key)
            seen.append(picture(page))
    assert page.get_by_label("a beginning").input_value() == "half a zigzag"
    assert page.locator(".cs-paper path").count() == 2 and "1 continuation " in page.locator(".ce-summary").inner_text()
    page.get_by_role("button", name="Again").press("Enter")
    seen.append(picture(page))
    assert len(set(seen)) == len(seen)
    assert page.evaluate("window.leaked") is None
    assert page.locator(".ce-spoken").text_content() == page.locator(".ce-summary").inner_text()


@pytest.mark.site
def test_the_same_start_and_seed_draw_the_same(visit):
    pages = [visit(), visit()]
    for page in pages:
        draw_with_mouse(page, circle(page))
        page.get_by_role("button", name="Again").click()
    assert picture(pages[0]) == picture(pages[1])


@pytest.mark.site
def test_movement_ends_where_reduced_motion_begins(visit):
    """Drawn move by move, the picture ends up the same."""
    calm, moving = visit(), visit(reduced_motion="no-preference")
    moving.wait_for_function("text => document.querySelector('.cs-paper').innerHTML === text", arg=picture(calm))


@pytest.mark.site
def test_without_javascript_the_picture_stands(visit):
    page = visit(java_script_enabled=False)
    image = page.locator("#pad img")
    assert image.is_visible() and image.evaluate("node => node.naturalWidth") > 300
    assert "three coloured lines" in image.get_attribute("alt")
    assert "Drawing needs the published page" in page.locator("#pad").inner_text()


@pytest.mark.site
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_seriously_inaccessible(visit, accessible, scheme):
    page = visit(color_scheme=scheme)
    accessible(page)
    assert page.locator(".course-explorer").evaluate("node => getComputedStyle(node).backgroundColor") == \
        ("rgb(255, 255, 255)" if scheme == "light" else "rgb(26, 29, 33)")


@pytest.mark.site
def test_the_live_face_mounts_from_the_widgets_module(visit, mount):
    page, widget = visit(), make_pad().widget()
    mount(page, widget)
    page.wait_for_function("document.querySelectorAll('#live .cs-paper path').length === 6")
    page.evaluate("close_()")
    assert repr(widget) == repr(widget.pad) and "--ce-card" in widget._css
