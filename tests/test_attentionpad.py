"""The attention pad: its JavaScript attends as course_lib does, and every number, control and address is answered."""

import json
import math

import numpy as np
import pytest

from course_lib import F
from course_lib.explorer import AttentionPad
from course_lib.nn.attention import attention_weights

QUERY, STATES = [10, 5, 10], [[0, 1, 1], [5, 0, 1], [1, 1, 0], [0, 5, 1]]                  # the slide's, S1-103


def make_pad(**options):
    return AttentionPad(**{"query": QUERY, "states": STATES, "title": "Attention </script> & hands", "look_for": "a mixture.",
                           "name": "pad"} | options)


def attend(query, states, temperature=1.0, scaled=False):
    """Scores, weights and context, by the library's operations."""
    query, states = np.array([query], float), np.asarray(states, float)
    scale = 1 / math.sqrt(query.size) if scaled else 1.0
    context = F.scaled_dot_product_attention(query, states, states, scale=scale / temperature).data[0]
    return (states @ query[0]) * scale, attention_weights(query, states, scale=scale / temperature)[0], context


# ------------------------------------------------------------------------------------------------- without a browser

def test_it_attends_to_the_slides_numbers():
    scores, weights, context = make_pad().attend()
    assert scores.tolist() == [15, 60, 15, 35] and weights.round(9).tolist() == [0, 1, 0, 0]
    np.testing.assert_allclose(context, [5, 0, 1], atol=1e-9)
    for options in ({"temperature": 20.0}, {"temperature": 7.5, "scaled": True}):
        for here, there in zip(make_pad(start=options).attend(), attend(QUERY, STATES, **options)):
            np.testing.assert_allclose(here, there, atol=1e-12)


def test_the_page_holds_the_numbers():
    book = json.loads(make_pad(query=[1, 1 / 3, -0.0], start={"temperature": 20, "scaled": True}).book())
    assert book["query"] == [1, 0.3333, 0] and book["states"] == STATES
    assert book["start"] == {"temperature": 20, "scaled": True} and len(make_pad().html()) < 12_000


def test_without_a_script_a_picture_and_a_sentence_stand(monkeypatch):
    page = make_pad().html("picture")
    assert "<script" not in page and "<img" in page and "the scores [15, 60, 15, 35] of the states [0, 1, 1]" in page
    assert "State 2 has 100.0% of the weight. Context [5, 0, 1]." in page
    assert "Editing the numbers needs the published page" in page
    assert make_pad(start={"temperature": 50.0}).png() != make_pad().png()
    monkeypatch.setenv("COURSE_LIB_EXPLORER", "static")
    bundle = make_pad()._repr_mimebundle_()
    assert bundle["text/html"].count("</script>") == 1 and bundle["text/plain"] == "AttentionPad: Attention </script> & hands"
    monkeypatch.setenv("COURSE_LIB_EXPLORER", "live")
    assert "application/vnd.jupyter.widget-view+json" in make_pad()._repr_mimebundle_()


@pytest.mark.parametrize("change, message", [
    ({"name": "No Name"}, "AttentionPad: name must be lower-case letters, digits and hyphens, but is 'No Name'"),
    ({"query": [1, 2]}, r"AttentionPad 'pad': query must have shape \(3,\) because states is \(4, 3\), but is \(2,\)"),
    ({"query": [[1, 2, 3]]}, r"AttentionPad 'pad': query must have shape \(D,\), but is \(1, 3\)"),
    ({"query": ["x", 1, 2]}, "AttentionPad 'pad': query must be an array of numbers, but is .*x"),
    ({"states": [1, 2, 3]}, r"AttentionPad 'pad': states must have shape \(T, D\), but is \(3,\)"),
    ({"states": [[1, 2, 3], [1]]}, "AttentionPad 'pad': states must be an array of numbers"),
    ({"states": np.zeros((9, 3))}, r"AttentionPad 'pad': states must be \(T, D\) with T from 1 to 8 and D from 1 to 4, but is \(9, 3\)"),
    ({"states": [[1, 2, 101]]}, "AttentionPad 'pad': states must have values from -100 to 100, but has 1 to 101"),
    ({"states": [[1, 2, np.nan]]}, "states must have values from -100 to 100, but has nan to nan"),
    ({"start": {"temperature": 0}}, "AttentionPad 'pad': start must give temperature from 0.1 to 100 .* but gives 'temperature': 0"),
    ({"start": {"scaled": 1}}, "but gives 'scaled': 1"),
    ({"start": {"size": 3}}, "but gives 'size': 3"),
])
def test_wrong_input_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        make_pad(**change)


# ------------------------------------------------------------------------------------------------------ in the browser

@pytest.fixture(scope="module")
def site(page_of):
    return page_of("attentionpad.js", "Attention", make_pad().html() + make_pad(query=[1], states=[[2]], name="one").html())


@pytest.fixture
def visit(quiet, site):
    """Open the page (with a fragment) and wait until it has drawn."""
    def open_page(fragment="", **options):
        page = quiet(site + fragment, **{"viewport": {"width": 1000, "height": 1200}, **options})
        if options.get("java_script_enabled", True):
            page.wait_for_selector("#pad .ce-summary:not(:empty)")
        return page
    return open_page


def found(page):
    """What the element computed."""
    there = page.evaluate("document.getElementById('pad').found")
    return there["scores"], there["weights"], there["context"]


def number(page, what, place):
    return page.locator("#pad").get_by_label(f"{what}, number {place}", exact=True)


def temperature(page, value):
    box = page.locator("#pad").get_by_label("temperature, exact value")
    box.fill(str(value))
    box.press("Enter")


def write(page, query, states):
    for what, values in (("query", query), *((f"state {t + 1}", state) for t, state in enumerate(states))):
        for d, value in enumerate(values):
            number(page, what, d + 1).fill(str(value))


def words(page):
    return page.locator("#pad .ce-summary").inner_text()


@pytest.mark.site
def test_javascript_attends_as_python_does(visit):
    """Every one of the 15 numbers typed, drawn at random, at drawn temperatures, scaled and not."""
    page, rng = visit(), np.random.default_rng(3)
    for case in range(8):
        query, states = rng.normal(0, 4, 3).round(2), rng.normal(0, 4, (4, 3)).round(2)
        warm, scaled = round(float(np.exp(rng.uniform(np.log(0.1), np.log(100)))), 2), bool(case % 2)
        write(page, query, states)
        temperature(page, warm)
        page.locator("#pad").get_by_role("switch").set_checked(scaled)
        for there, here in zip(found(page), attend(query, states, warm, scaled)):
            np.testing.assert_allclose(there, here, rtol=0, atol=1e-12, err_msg=f"case {case}")
    assert page.locator("#pad .ce-error").first.text_content() == ""


@pytest.mark.site
def test_the_sheet_shows_the_slides_five_numbers_and_says_them(visit):
    page = visit()
    assert page.locator("#pad .ca-score").all_text_contents() == ["15", "60", "15", "35"]
    assert page.locator("#pad .ca-weight span").all_text_contents() == ["2.86×10⁻²⁰", "1", "2.86×10⁻²⁰", "1.39×10⁻¹¹"]
    assert page.locator("#pad .ca-sum span").all_text_contents() == ["5", "0", "1"]
    assert words(page) == "State 2 has 100.0% of the weight. Context [5, 0, 1]." == page.locator("#pad .ce-spoken").text_content()
    assert page.locator("#pad .ce-note").inner_text() == "Its score: 10·5 + 5·0 + 10·1 = 60."
    temperature(page, 20)
    _, weights, context = attend(QUERY, STATES, 20)
    wide = page.locator("#pad .ca-bar").evaluate_all("bars => bars.map(b => b.firstChild.offsetWidth / b.clientWidth)")
    np.testing.assert_allclose(wide, weights, atol=0.02)
    assert words(page) == f"State 2 has {weights[1]:.1%} of the weight. Context [{', '.join(f'{c:.2f}'.rstrip('0') for c in context)}]."
    page.locator("#pad").get_by_role("switch").check()
    assert page.locator("#pad .ce-note").inner_text() == "Its score: 10·5 + 5·0 + 10·1, divided by √3, = 34.64."
    number(page, "state 2", 1).fill("-5")
    assert words(page).startswith("State 4") and "10·0 + 5·5 + 10·1" in page.locator("#pad .ce-note").inner_text()


@pytest.mark.site
def test_the_keyboard_reaches_and_moves_everything_and_reset_leads_back(visit):
    page = visit()
    page.evaluate("document.addEventListener('keydown', () => { window.leaked = true; })")
    start, seen = found(page), []
    number(page, "query", 1).focus()
    for _ in range(15):
        page.keyboard.press("ArrowUp")
        seen.append(json.dumps(found(page)))
        page.keyboard.press("Tab")
    assert len(set(seen)) == 15, "each of the 15 numbers counts"
    for label, key in (("temperature", "ArrowRight"), (f"scores divided by √{len(QUERY)}", "Space")):
        page.locator("#pad").get_by_label(label, exact=True).press(key)
        seen.append(json.dumps(found(page)))
    assert len(set(seen)) == 17 and page.evaluate("window.leaked") is None
    page.locator("#pad").get_by_role("button", name="Reset").press("Enter")
    assert found(page) == start and number(page, "state 4", 2).input_value() == "5"
    assert page.locator("#pad").get_by_label("temperature, exact value").input_value() == "1"
    assert not page.locator("#pad").get_by_role("switch").is_checked()


@pytest.mark.site
def test_bad_numbers_are_answered_and_nothing_is_lost(visit):
    page = visit()
    start, error = found(page), page.locator("#pad > .ce-error")
    for text in ("", "101", "-1e9"):
        number(page, "state 2", 1).fill(text)
        assert error.text_content() == "State 2, number 1: a number from −100 to 100 is needed; the sheet goes on with 5."
        assert number(page, "state 2", 1).get_attribute("aria-invalid") == "true" and found(page) == start
    temperature(page, "0")
    assert "temperature must be a number between 0.1 and 100, but is “0”." in page.locator("#pad .ce-controls").inner_text()
    number(page, "state 2", 1).fill("4.5")
    assert error.text_content() == "" and number(page, "state 2", 1).get_attribute("aria-invalid") == "false"
    assert found(page)[0] == [15, 55, 15, 35]
    write(page, [100] * 3, [[100] * 3, [-100] * 3, [0] * 3, [0] * 3])                        # as far as it goes
    temperature(page, 0.1)
    assert found(page)[1] == [1, 0, 0, 0]


@pytest.mark.site
def test_the_address_holds_every_number(visit):
    page = visit("#pad:query=0,5,1.5;state-4=1,-2,3;state-1=7,7;state-2=1,2,x;temperature=12.5;scaled=true;other=3")
    states = [*STATES[:3], [1, -2, 3]]                                                     # what is wrong is left out
    for there, here in zip(found(page), attend([0, 5, 1.5], states, 12.5, True)):
        np.testing.assert_allclose(there, here, atol=1e-12)
    page.evaluate("location.hash = '#pad:temperature=1000'")
    page.wait_for_function("document.querySelector('#pad .ce-summary').textContent.startsWith('State 2 has 100.0%')")
    number(page, "query", 3).fill("-0.5")
    page.wait_for_function("location.hash.includes('query=10,5,-0.5;')")
    assert page.url.endswith("#pad:query=10,5,-0.5;state-1=0,1,1;state-2=5,0,1;state-3=1,1,0;state-4=0,5,1;temperature=1;scaled=false")
    assert found(visit("#" + page.url.split("#")[1])) == found(page)
    page.evaluate("() => { navigator.clipboard.writeText = async text => { window.copied = text; }; }")
    page.locator("#pad").get_by_role("button", name="Copy link").click()
    assert page.evaluate("copied") == page.url
    assert page.locator("#one .ce-summary").inner_text() == "State 1 has 100.0% of the weight. Context [2]."


@pytest.mark.site
def test_on_a_phone_every_number_can_be_touched_and_nothing_overflows(visit):
    page = visit(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    for box in page.locator("#pad .ce-number").all():
        assert box.bounding_box()["height"] >= 44 and box.bounding_box()["width"] >= 36
    number(page, "state 4", 2).tap()
    page.keyboard.press("Control+A")
    page.keyboard.type("12")
    assert words(page).startswith("State 4 has 100.0%")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#pad").evaluate("node => node.scrollWidth <= node.clientWidth")
    assert page.locator("#pad .ca-part").first.is_visible()


@pytest.mark.site
def test_without_javascript_the_picture_stands(visit):
    page = visit(java_script_enabled=False)
    image = page.locator("#pad img")
    assert image.is_visible() and image.evaluate("node => node.naturalWidth") > 500
    assert "State 2 has 100.0% of the weight" in page.locator("#pad").inner_text()


@pytest.mark.site
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_seriously_inaccessible(visit, accessible, scheme):
    page = visit(color_scheme=scheme)
    for text in ("-5", ""):                                                                # and with an error
        number(page, "state 1", 1).fill(text)
        accessible(page)
    assert page.locator("#pad").evaluate("node => getComputedStyle(node).backgroundColor") == \
        ("rgb(255, 255, 255)" if scheme == "light" else "rgb(26, 29, 33)")


@pytest.mark.site
def test_the_live_face_mounts_from_the_widgets_module(visit, mount):
    page, widget = visit(), make_pad().widget()
    mount(page, widget)
    page.wait_for_selector("#live .ce-summary:not(:empty)")
    page.locator("#live").get_by_label("query, number 1").fill("-1.5")
    page.locator("#live").get_by_role("button", name="Copy settings").click()
    assert page.evaluate("copied") == ("query=[-1.5, 5, 10], states=[[0, 1, 1], [5, 0, 1], [1, 1, 0], [0, 5, 1]], temperature=1, "
                                       "scaled=False")
    page.wait_for_timeout(400)
    assert "#" not in page.url
    page.evaluate("close_()")
    assert repr(widget) == repr(widget.pad) and "--ce-card" in widget._css
