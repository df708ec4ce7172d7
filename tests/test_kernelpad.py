"""The kernel pad: its JavaScript convolves as course_lib does, and every control, typed weight and tap is answered."""

import json

import numpy as np
import pytest

from course_lib import F, Tensor
from course_lib.explorer import KernelPad

SLIDE = np.array([list(row) for row in "010010 010010 010010 100001 010010 001100".split()], float)
IMAGES = {"the slide's": SLIDE, "noise": np.random.default_rng(0).random((64, 64)), "wide": np.eye(5, 9), "tiny": [[1, 0.5]]}
KERNELS = {"filter 1": [[-1, 1, -1]] * 3, "filter 2": 2 * np.eye(3) - 1, "edge": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]}


def make_pad(**options):
    return KernelPad(**{"images": IMAGES, "kernels": KERNELS, "title": "Kernels </script> & maps", "look_for": "the threes.",
                        "name": "pad"} | options)


def convolve(image, kernel, **how):
    return F.conv2d(np.asarray(image)[None, None], Tensor(np.asarray(kernel, float)[None, None]), **how).data[0, 0]


# ------------------------------------------------------------------------------------------------- without a browser

def test_the_page_holds_images_in_bytes():
    pad = make_pad()
    book = json.loads(pad.book())
    assert len(pad.html()) < 25_000 and len(book["images"]["noise"]["pixels"]) == 4 * -(-64 * 64 // 3)
    assert np.array_equal(pad.images["the slide's"], SLIDE) and np.abs(pad.images["noise"] - IMAGES["noise"]).max() < 0.5 / 254
    assert book["start"] == {"image": "the slide's", "kernel": "filter 1", "stride": 1, "padding": 0}
    assert json.loads(make_pad(start={"image": "noise", "padding": 2.0}).book())["start"]["padding"] == 2


def test_without_a_script_a_picture_and_a_sentence_stand(monkeypatch):
    page = make_pad().html("picture")
    assert "<script" not in page and "<img" in page and "the nine weights of the kernel filter 1" in page
    assert "Editing the kernel needs the published page" in page and len(page) < 16_000
    assert make_pad(start={"image": "tiny"}).png() != make_pad(start={"image": "noise", "stride": 2}).png()
    monkeypatch.setenv("COURSE_LIB_EXPLORER", "static")
    bundle = make_pad()._repr_mimebundle_()
    assert bundle["text/html"].count("</script>") == 1 and bundle["text/plain"] == "KernelPad: Kernels </script> & maps"
    monkeypatch.setenv("COURSE_LIB_EXPLORER", "live")
    assert "application/vnd.jupyter.widget-view+json" in make_pad()._repr_mimebundle_()


@pytest.mark.parametrize("change, message", [
    ({"name": "No Name"}, "KernelPad: name must be lower-case letters, digits and hyphens, but is 'No Name'"),
    ({"images": {}}, "KernelPad 'pad': images must be a dict of arrays with at least one, but is {}"),
    ({"kernels": [1]}, r"KernelPad 'pad': kernels must be a dict of arrays with at least one, but is \[1\]"),
    ({"images": {"a": [1, 0]}}, r"KernelPad 'pad': image 'a' must be \(H, W\) with at most 4096 pixels, but has shape \(2,\)"),
    ({"images": {"a": np.zeros((64, 65))}}, r"image 'a' must be .* but has shape \(64, 65\)"),
    ({"images": {"a": [[0, 255]]}}, "KernelPad 'pad': image 'a' must have values from 0 to 1, but has 0 to 255"),
    ({"images": {"a": [[0, np.nan]]}}, "image 'a' must have values from 0 to 1, but has nan to nan"),
    ({"images": {"a": [["x"]]}}, "KernelPad 'pad': image 'a' must be an array of numbers, but is .*x"),
    ({"kernels": {"k": np.eye(5)}}, r"KernelPad 'pad': kernel 'k' must have shape \(3, 3\), but has \(5, 5\)"),
    ({"kernels": {"k": 101 * np.eye(3)}}, "KernelPad 'pad': kernel 'k' must have values from -100 to 100, but has 0 to 101"),
    ({"start": {"stride": 4}}, r"KernelPad 'pad': start must give .* stride from \[1, 2, 3\], .* but gives 'stride': 4"),
    ({"start": {"kernel": "blur"}}, "but gives 'kernel': 'blur'"),
    ({"start": {"size": 3}}, "but gives 'size': 3"),
])
def test_wrong_input_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        make_pad(**change)


# ------------------------------------------------------------------------------------------------------ in the browser

@pytest.fixture(scope="module")
def site(page_of):
    return page_of("kernelpad.js", "Kernels", make_pad().html())


@pytest.fixture
def visit(quiet, site):
    """Open the page (with a fragment) and wait until it has drawn."""
    def open_page(fragment="", **options):
        page = quiet(site + fragment, **{"viewport": {"width": 1000, "height": 1200}, **options})
        if options.get("java_script_enabled", True):
            page.wait_for_selector("#pad .ce-summary:not(:empty)")
        return page
    return open_page


def the_map(page):
    """What the element computed, as an array."""
    found = page.evaluate("""() => { const { rows, columns, values } = document.getElementById("pad").map;
        return { rows, columns, values: [...values] }; }""")
    return np.reshape(found["values"], (found["rows"], found["columns"]))


def set_range(page, label, value):
    page.get_by_label(label, exact=True).evaluate(
        "(node, value) => { node.value = value; node.dispatchEvent(new Event('input', { bubbles: true })); }", value)


def weight(page, row, column):
    return page.get_by_label(f"row {row}, column {column}", exact=True)


def words(page):
    return page.locator("#pad .ce-summary").inner_text()


def complaint(page):
    return page.locator("#pad .ce-error").text_content()


@pytest.mark.site
def test_the_map_is_conv2ds(visit):
    """Typed kernels, drawn at random, on every image, with every stride and padding that fits."""
    page, pad, rng = visit(), make_pad(), np.random.default_rng(3)
    cases = [(name, s, p) for name in ("the slide's", "noise", "wide") for s in (1, 2, 3) for p in (0, 1, 2)] + [("tiny", 1, 1), ("tiny", 2, 2)]
    for name, stride, padding in cases:
        kernel = np.round(rng.normal(0, 3, (3, 3)), 2)
        page.get_by_label("image", exact=True).select_option(name)
        set_range(page, "stride", stride)
        set_range(page, "padding", padding)
        for (i, j), value in np.ndenumerate(kernel):
            weight(page, i + 1, j + 1).fill(str(value))
        expected = convolve(pad.images[name], kernel, stride=stride, padding=padding)
        np.testing.assert_allclose(the_map(page), expected, atol=1e-12, err_msg=f"{name}, {stride}, {padding}")
        page.get_by_label("ReLU").check()
        np.testing.assert_allclose(the_map(page), np.maximum(expected, 0), atol=1e-12)
        page.get_by_label("ReLU").uncheck()
        assert page.get_by_label("kernel", exact=True).locator("option:checked").text_content() == "edited by you"
        assert complaint(page) == ""


@pytest.mark.site
def test_the_sentence_counts_windows_and_quotes_the_slide(visit):
    page = visit()
    assert words(page) == ("Row 1, column 1 of the map: the nine products sum to 3. Size of the map: ⌊(6 − 3) / 1⌋ + 1 = 4; "
                           "the slide's formula says (6 − 3 + 1) / (1 + 1) = 2.")
    assert "0·(−1) + 1·1 + 0·(−1)" in page.locator("#pad .ce-note").inner_text()
    set_range(page, "stride", 2)
    set_range(page, "padding", 2)
    assert "⌊(6 + 2·2 − 3) / 2⌋ + 1 = 4; the slide's formula says (6 + 2·2 − 3 + 1) / (2 + 1) = 2.67." in words(page)
    page.get_by_label("image", exact=True).select_option("wide")
    assert the_map(page).shape == (4, 6)
    assert "⌊(5 + 2·2 − 3) / 2⌋ + 1 = 4 by ⌊(9 + 2·2 − 3) / 2⌋ + 1 = 6" in words(page)
    assert page.locator("#pad .ce-spoken").text_content() == words(page)


@pytest.mark.site
def test_typing_turning_choosing_and_resetting(visit):
    page = visit()
    page.evaluate("document.addEventListener('keydown', () => { window.leaked = true; })")
    start = the_map(page)
    assert np.array_equal(start, convolve(SLIDE, KERNELS["filter 1"]))
    weight(page, 1, 2).focus()
    page.keyboard.press("ArrowUp")
    assert weight(page, 1, 2).input_value() == "1.5" and the_map(page)[0, 0] == 3.5
    page.keyboard.press("Tab")
    assert weight(page, 1, 3).evaluate("node => node === document.activeElement")
    page.get_by_label("kernel", exact=True).select_option("edge")
    page.get_by_role("button", name="Turn by 180°").click()
    assert np.array_equal(the_map(page), convolve(SLIDE, -np.array(KERNELS["edge"])))
    page.get_by_role("button", name="Turn by 180°").press("Enter")
    assert page.get_by_label("kernel", exact=True).input_value() == "edge"
    set_range(page, "padding", 2)
    assert page.locator("#pad .ce-footer").count() == 1, "where the site puts its button for the full screen"
    page.get_by_role("button", name="Reset").click()
    assert np.array_equal(the_map(page), start) and weight(page, 1, 2).input_value() == "1"
    assert page.get_by_label("padding", exact=True).input_value() == "0" and page.evaluate("window.leaked") is None


@pytest.mark.site
def test_bad_input_is_answered_and_nothing_is_lost(visit):
    page = visit()
    start = the_map(page)
    for text in ("", "1e9", "-101"):
        weight(page, 2, 3).fill(text)
        assert complaint(page) == "Row 2, column 3: a number from −100 to 100 is needed; the map goes on with −1."
        assert weight(page, 2, 3).get_attribute("aria-invalid") == "true" and np.array_equal(the_map(page), start)
    weight(page, 2, 3).fill("")
    weight(page, 2, 3).press_sequentially("-")                                             # not a number yet
    set_range(page, "stride", 2)
    assert the_map(page).shape == (2, 2) and "Row 2, column 3" in complaint(page)
    weight(page, 2, 3).press_sequentially("2.5")
    assert complaint(page) == "" and weight(page, 2, 3).get_attribute("aria-invalid") == "false"
    assert np.array_equal(the_map(page), convolve(SLIDE, [[-1, 1, -1], [-1, 1, -2.5], [-1, 1, -1]], stride=2))
    page.get_by_label("image", exact=True).select_option("tiny")
    assert complaint(page) == "No window fits: the kernel of 3 × 3 is larger than the image, 1 × 2 with its padding."
    assert page.locator("#pad .ce-summary").text_content() == "" and weight(page, 2, 3).input_value() == "-2.5"
    set_range(page, "window", 1)
    page.locator("#pad .ce-plot svg").first.click()
    set_range(page, "padding", 1)
    assert complaint(page) == "" and the_map(page).shape == (1, 1)


@pytest.mark.site
def test_slider_mouse_and_finger_move_the_window(visit):
    page = visit()
    image, result = (page.locator("#pad .ce-plot svg").nth(i) for i in (0, 1))

    def tap(where, row, column, side, act=page.mouse.click):
        box = where.bounding_box()
        act(box["x"] + (column + 0.5) * box["width"] / side, box["y"] + (row + 0.5) * box["height"] / side)
        return words(where.page).split(" of the map")[0]
    assert tap(result, 1, 3, 4) == "Row 2, column 4" and "sum to 1." in words(page)
    assert tap(image, 4, 1, 6) == "Row 4, column 1", "the window's middle comes to where one points"
    assert tap(image, 0, 5, 6) == "Row 1, column 4", "as far as it goes"
    page.get_by_label("window", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert words(page).startswith("Row 2, column 1 ")
    assert page.get_by_label("window", exact=True).get_attribute("aria-valuetext") == "row 2, column 1 of the map"
    set_range(page, "stride", 3)
    assert words(page).startswith("Row 2, column 1 ") and the_map(page).shape == (2, 2)
    phone = visit(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    target = phone.locator("#pad .ce-plot svg").nth(1)
    target.scroll_into_view_if_needed()
    assert tap(target, 2, 1, 4, phone.touchscreen.tap) == "Row 3, column 2"
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert phone.locator("#pad").evaluate("node => node.scrollWidth <= node.clientWidth")


@pytest.mark.site
def test_the_address_holds_the_kernel(visit):
    page, kernel = visit("#pad:image=Wide;kernel=1,2,3,-4,5,6,7,8,0.5;stride=2;padding=1;relu=true;window=2,3;other=1"), \
        [[1, 2, 3], [-4, 5, 6], [7, 8, 0.5]]
    np.testing.assert_allclose(the_map(page), np.maximum(convolve(make_pad().images["wide"], kernel, stride=2, padding=1), 0))
    assert words(page).startswith("Row 2, column 3 ")
    page.evaluate("location.hash = '#pad:image=none;kernel=1,2,3;stride=9;padding=-1;window=x'")       # what is wrong is left out
    page.wait_for_function("document.querySelector('#pad .ce-summary').textContent.startsWith('Row 1, column 1 ')")
    assert np.array_equal(the_map(page), convolve(SLIDE, KERNELS["filter 1"]))
    page.get_by_label("kernel", exact=True).select_option("filter 2")
    page.wait_for_function("location.hash === '#pad:image=the%20slide\\'s;kernel=filter%202;stride=1;padding=0;relu=false;window=1,1'")
    weight(page, 3, 3).fill("-2.5")
    page.wait_for_function("location.hash.includes('kernel=1,-1,-1,-1,1,-1,-1,-1,-2.5;')")
    assert np.array_equal(the_map(visit("#" + page.url.split("#")[1])), the_map(page))
    page.evaluate("() => { navigator.clipboard.writeText = async text => { window.copied = text; }; }")
    page.get_by_role("button", name="Copy link").click()
    assert page.evaluate("copied") == page.url


@pytest.mark.site
def test_small_pictures_show_their_numbers(visit):
    page = visit()
    shown = [page.locator("#pad .ce-plot svg").nth(i).locator("text").all_text_contents() for i in (0, 1)]
    assert shown[0] == [f"{v:g}" for v in SLIDE.ravel()]
    assert shown[1] == [f"{v:g}".replace("-", "−") for v in convolve(SLIDE, KERNELS["filter 1"]).ravel()]
    page.get_by_label("image", exact=True).select_option("noise")
    assert page.locator("#pad .ce-plot text").count() == 0


@pytest.mark.site
def test_without_javascript_the_picture_stands(visit):
    page = visit(java_script_enabled=False)
    image = page.locator("#pad img")
    assert image.is_visible() and image.evaluate("node => node.naturalWidth") > 300
    assert "the feature map" in image.get_attribute("alt")
    assert "Editing the kernel needs the published page" in page.locator("#pad").inner_text()


@pytest.mark.site
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_seriously_inaccessible(visit, accessible, scheme):
    page = visit(color_scheme=scheme)
    for text in ("1", ""):                                                                 # and with an error
        weight(page, 1, 1).fill(text)
        accessible(page)
    assert page.locator("#pad").evaluate("node => getComputedStyle(node).backgroundColor") == \
        ("rgb(255, 255, 255)" if scheme == "light" else "rgb(26, 29, 33)")


@pytest.mark.site
def test_the_live_face_mounts_from_the_widgets_module(visit, mount):
    page, widget = visit(), make_pad().widget()
    mount(page, widget)
    page.wait_for_function("document.querySelectorAll('#live .ce-plot text').length === 36 + 16")
    page.locator("#live").get_by_role("button", name="Copy settings").click()
    assert page.evaluate("copied") == 'image="the slide\'s", kernel=[[-1,1,-1],[-1,1,-1],[-1,1,-1]], stride=1, padding=0'
    page.evaluate("close_()")
    assert repr(widget) == repr(widget.pad) and "--ce-card" in widget._css
