"""The explorers' Python: packing, panels, runs, faces, and the live widget without a browser."""

import base64
import io
import json
import os
import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image as Pillow

from course_lib.explorer import (Bars, Diagram, Explorer, Image, Lines, Scatter, Text, level_lines, packing, region_grid,
                                 stored)
from course_lib.explorer.controls import Control
from course_lib.explorer.limits import common, roomy
from course_lib.training import Diverged

X = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.5]])


def train(learning_rate, dropout, initialization="He", momentum=False):
    """A stand-in for training: cheap, smooth, and it explodes where the learning rate is 10."""
    steps = np.arange(1, 21)
    loss = np.exp(-learning_rate * steps) * (1 + dropout) + 0.01
    if learning_rate == 10:
        raise Diverged(3, 71, float("nan"), {"train loss": [2.0, 300.0]})
    return {
        "train loss": loss,
        "accuracy": 1 - loss[-1] / 2,
        "count": 12,
        "region": np.outer(steps, steps) / 400,
        "words": ["a", "b"],
        "note": "A note." if momentum else "",
    }


def explorer(**changes):
    arguments = dict(
        run=train,
        controls={"learning rate": [0.1, 1.0, 10], "dropout": [0, 0.5]},
        start={"learning rate": 1.0},
        view=[
            Lines("train loss", x="epoch", y="loss", log=True, marks={"floor": 0.01}),
            Scatter(X, [0, 1, 1], region="region"),
        ],
        say="Accuracy {accuracy:.0%} at rate {learning_rate:g}, {count:d} units.",
        title="A title",
        look_for="a floor",
        name="a-name",
    )
    return Explorer(**{**arguments, **changes})


# ------------------------------------------------------------------------------------------------------------ packing

numbers = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from(
    [0.0, -0.0, 1.0, 5e-324, 1.7e308, -1.7e308]
)
arrays = hnp.arrays(float, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5), elements=numbers)
positive = hnp.arrays(float, st.integers(1, 20), elements=st.floats(0, 1e300))


@settings(max_examples=300, deadline=None)
@given(array=arrays | positive, bits=st.sampled_from([8, 16]))
def test_packing_keeps_every_value_within_its_bound(array, bits):
    (cell,), _ = packing.unpack(packing.pack([{"a": array}], bits={"a": bits}))
    back, finite = cell["a"], np.isfinite(array)
    assert back.shape == array.shape
    assert np.array_equal(back[~finite], array[~finite], equal_nan=True)
    assert np.isfinite(back[finite]).all()
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.all(
            np.abs(back - array)[finite]
            <= np.broadcast_to(packing.error_bound(array, bits), array.shape)[finite]
        )


@given(
    array=hnp.arrays(np.int64, st.integers(1, 30), elements=st.integers(-100, 100)),
    bits=st.sampled_from([8, 16]),
)
def test_whole_numbers_come_back_exactly(array, bits):
    (cell,), _ = packing.unpack(packing.pack([{"a": array}], bits={"a": bits}))
    assert np.array_equal(cell["a"], array)


def test_the_bound_is_small_over_many_decades():
    losses = np.geomspace(1e-8, 100, 500)
    assert packing.error_bound(losses).max() <= 100 * 2e-4
    assert np.all(packing.error_bound(losses) <= losses * 2e-4)


def test_cells_may_differ_in_keys_shapes_and_kinds_of_values():
    cells = [
        {"a": np.ones(3), "text": "hi"},
        {"a": np.zeros((2, 2))},
        {"b": np.array(np.nan), "text": ["x", "y\nz"]},
    ]
    back, spec = packing.unpack(packing.pack(cells, {"title": "Ä"}))
    assert spec == {"title": "Ä"}
    assert [set(cell) for cell in back] == [{"a", "text"}, {"a"}, {"b", "text"}]
    assert back[1]["a"].shape == (2, 2) and back[2]["text"] == ["x", "y\nz"] and np.isnan(back[2]["b"])


def test_equal_arrays_are_stored_once():
    noise = np.random.default_rng(0).random(2000)
    once = len(packing.pack([{"a": noise}]))
    assert len(packing.pack([{"a": noise}] * 100)) < once + 200


def test_a_number_is_stored_exactly():
    (cell,), _ = packing.unpack(packing.pack([{"a": np.array(0.123456)}]))
    assert cell["a"] == 0.123456


# ----------------------------------------------------------------------------------------------------------- controls


def test_the_kind_of_a_control_follows_from_its_values():
    assert [
        Control.of("c", values).kind for values in ([1, 2.5], ["a", "b"], [False, True], np.array([1, 2]))
    ] == ["slider", "choice", "switch", "slider"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "its list is empty"),
        ([1, 1], "different values"),
        ([2, 1], "finite and increasing"),
        ([1, "a"], "only numbers"),
        ([0, True], "a switch has the values"),
        ([True], "a switch has the values"),
        (3, "must have a list of values"),
        ([1, float("nan")], "finite and increasing"),
        ([None], "only numbers"),
    ],
)
def test_bad_values_are_named(values, message):
    with pytest.raises(ValueError, match=message):
        Control.of("rate", values)


def test_a_slider_accepts_values_between_its_own_when_live():
    rate, units, on = (
        Control.of("rate", [0.1, 1.0]),
        Control.of("units", [2, 8]),
        Control.of("on", [False, True]),
    )
    assert rate.accept(0.37, off_grid=True) == 0.37
    assert units.accept(5.0, off_grid=True) == 5 and isinstance(units.accept(5.0, off_grid=True), int)
    assert on.accept(True, off_grid=True) is True
    with pytest.raises(ValueError, match="rate must be between 0.1 and 1, but is 3"):
        rate.accept(3, off_grid=True)
    with pytest.raises(ValueError, match="rate must be between"):
        rate.accept(float("nan"), off_grid=True)
    with pytest.raises(ValueError, match="units must be a whole number, but is 2.5"):
        units.accept(2.5, off_grid=True)
    with pytest.raises(ValueError, match="rate must be one of"):
        rate.accept(0.37)
    with pytest.raises(ValueError, match="on must be one of"):
        on.accept(1)


def test_a_text_control_has_choices_and_takes_any_text_when_live():
    word = Control.of("word", Text(["B ", "BPVE"], longest=6))
    assert (word.kind, word.values, word.spec()["kind"], word.text("B ")) == ("text", ("B ", "BPVE"), "text", "B ")
    assert word.accept("BTXX", off_grid=True) == "BTXX" and word.accept("B ", off_grid=True) == "B "
    for value, message in (("", "word must have at least one character that is not a space, but is ''"),
                           (" \t", "word must have at least one character that is not a space"),
                           ("BTXXVVE", "word must have at most 6 characters, but has 7"),
                           (3, r"word must be one of \['B ', 'BPVE'\], but is 3")):
        with pytest.raises(ValueError, match=message):
            word.accept(value, off_grid=True)
    with pytest.raises(ValueError, match="word must be one of"):
        word.accept("BTXX")


@pytest.mark.parametrize(("arguments", "message"), [
    (("abc",), "Text: choices must be a list of texts, none of them empty, but is 'abc'"),
    ((["a", " "],), "Text: choices must be a list of texts, none of them empty"),
    ((["a", 3],), "Text: choices must be a list of texts"),
    ((["a", "abc"], 2), "Text: longest must be a whole number, at least 3 as the choices have, but is 2"),
    ((["a"], 2.5), "Text: longest must be a whole number"),
])
def test_bad_choices_of_a_text_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        Text(*arguments)


# ------------------------------------------------------------------------------------------------ the constructor's checks


@pytest.mark.parametrize(("changes", "message"), [
    ({"start": {"rate": 1}}, "there is no control 'rate', only 'learning rate', 'dropout'"),
    ({"start": {"dropout": 0.3}}, r"dropout must be one of \[0, 0.5\], but is 0.3"),
    ({"controls": {"learning rate": []}}, "'learning rate' must have at least one value"),
    ({"controls": {}}, "controls must be a dict"),
    ({"controls": {"learning rate": [1], "learning_rate": [2]}}, "must have different names"),
    ({"controls": {"rate": [1]}}, "run must take the controls rate, but its signature is"),
    ({"controls": {"learning rate": [1]}}, "missing a required argument: 'dropout'"),
    ({"name": "A name"}, "name must be lower-case letters"),
    ({"name": ""}, "name must be lower-case letters"),
    ({"view": []}, "view must hold at least one panel"),
    ({"start": {"learning rate": True}}, "learning rate must be one of"),
])
def test_the_constructor_names_what_is_wrong(changes, message):
    with pytest.raises(ValueError, match=message):
        explorer(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"view": ["train loss"]}, "view must hold Lines, Bars"),
        ({"say": 3}, "say must be a format string or a function"),
        ({"title": None}, "title must be a string"),
        ({"look_for": 1}, "look_for must be a string"),
        ({"run": "train"}, "run must be a function"),
        ({"start": [1]}, "start must be a dict"),
        ({"check": [1]}, "check must be a list of dicts"),
        ({"check": 1}, "check must be a list of dicts"),
    ],
)
def test_the_constructor_names_wrong_types(changes, message):
    with pytest.raises(TypeError, match=message):
        explorer(**changes)


# ---------------------------------------------------------------------------------------------------------- panels


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Lines(), ValueError, "Lines: at least one series or points"),
        (
            lambda: Lines(3 * [[[1]]]),
            ValueError,
            r"Lines: a series must have shape \(n,\) or \(2, n\), but is \(3, 1, 1\)",
        ),
        (lambda: Lines(object()), TypeError, "Lines: a series must be a key"),
        (lambda: Lines("a", ylim=(1, 1)), ValueError, r"Lines: ylim must be \(low, high\)"),
        (
            lambda: Lines("a", ylim=(0, 1), log=True),
            ValueError,
            "Lines: ylim must be positive on a logarithmic axis",
        ),
        (lambda: Lines("a", marks=[1]), TypeError, "Lines: marks must be a dict"),
        (lambda: Lines("a", x=1), TypeError, "Lines: x must be a string"),
        (lambda: Bars("a"), ValueError, "Bars: labels must be given"),
        (lambda: Bars(labels=["a"]), ValueError, "Bars: at least one series"),
        (lambda: Bars("a", labels=["a", 1]), TypeError, "Bars: labels must be a key or a list of strings"),
        (
            lambda: Image("a", colors="jet"),
            ValueError,
            "Image: colors must be one of 'sequential', 'diverging', 'gray'",
        ),
        (
            lambda: Image("a", extent=(0, 1)),
            ValueError,
            r"Image: extent must be \(left, right, bottom, top\)",
        ),
        (lambda: Image("a", columns=0), ValueError, "Image: columns must be a whole number above 0"),
        (
            lambda: Image([1, 2]),
            ValueError,
            r"Image: the image must have shape \(H, W\) or \(n, H, W\), but is \(2,\)",
        ),
        (
            lambda: Scatter([[1, 2, 3]]),
            ValueError,
            r"Scatter: points must have shape \(N, 2\), but is \(1, 3\)",
        ),
        (lambda: Scatter("points", region="region"), ValueError, "Scatter: extent must be given"),
        (lambda: Scatter(), ValueError, "Scatter: points or paths must be given, but there is neither"),
        (lambda: Scatter(paths="way"), ValueError, "Scatter: extent must be given when there are no points"),
        (lambda: Scatter(X, levels=X), ValueError, r"Scatter: levels must have shape \(2, n\), but is \(3, 2\)"),
        (lambda: Diagram([[0, 0]], weights=[1]), ValueError, "Diagram: weights and edge_labels need edges"),
    ],
)
def test_panels_check_their_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("panel", "result", "message"),
    [
        (
            Lines("loss"),
            {"a": [1], "b": [2]},
            "Lines: a series refers to 'loss', but the run returned 'a', 'b'",
        ),
        (
            Lines("a"),
            {"a": np.ones((3, 4))},
            r"Lines: a series 'a' must have shape \(n,\) or \(2, n\), but is \(3, 4\)",
        ),
        (Lines("a"), {"a": "text"}, "Lines: a series 'a' must be numbers, but is 'text'"),
        (
            Bars("a", labels=["x", "y"]),
            {"a": [1.0]},
            "Bars: 'a' must have one value for each of the 2 labels, but has 1",
        ),
        (
            Bars("a", labels="e"),
            {"a": [1.0], "e": [1, 2, 3]},
            "Bars: 'a' must have one value for each of the 2 bins",
        ),
        (
            Image("a", captions=["x"]),
            {"a": np.ones((2, 3, 3))},
            "Image: captions must be one for each of the 2 pictures",
        ),
        (Image("a", x_labels=["x"]), {"a": np.ones((3, 3))}, "Image: x_labels must be 3"),
        (
            Scatter(X, classes="c"),
            {"c": [0, 1]},
            "Scatter: points and classes must be equally many, but are 3 and 2",
        ),
        (
            Diagram(X, edges="e"),
            {"e": [[0, 3]]},
            "Diagram: edges must be indices from 0 to 2, but run from 0 to 3",
        ),
        (Diagram(X, labels="l"), {"l": "abc"}, "Diagram: labels 'l' must be a list of strings, but is 'abc'"),
        (Diagram(X, values="v"), {"v": [1, 2]}, "Diagram: nodes and values must be equally many"),
    ],
)
def test_results_that_do_not_fit_a_panel_are_named(panel, result, message):
    made = Explorer(lambda c: result, {"c": [1, 2]}, view=panel, say="", title="t", name="t")
    with pytest.raises(ValueError, match=message):
        made.run_at()


def test_limits_suit_all_runs_but_not_an_exploding_one():
    losses = [np.linspace(2, 0.1 * k, 10) for k in range(9)]
    assert common(losses) == [0.0, 2.0]
    assert 2 < common([*losses, np.array([2.0, 1e9])])[1] < 3
    assert common([*losses, np.array([np.nan, np.inf])]) == [0.0, 2.0]
    low, high = common([10.0**-np.arange(5), 10.0**-np.arange(6)], log=True)
    assert low == pytest.approx(1e-5) and high == pytest.approx(1)
    assert common([np.zeros(3)], log=True) == [0.1, 1.0] and common([]) == [0.0, 1.0]
    assert common([np.full(3, 7.0)]) == [3.5, 10.5]
    assert roomy([0.2, 2.0], False) == [0.0, pytest.approx(2.072)]


def test_limits_of_a_diverged_run_do_not_count():
    made = explorer()
    made.html("static")
    runs = [made.run_at(learning_rate=rate) for rate in (0.1, 10)]
    assert made._limits(runs) == made._limits(runs[:1])
    assert made._limits(runs[1:])[0]["y"][1] > 300  # alone, it is all there is to show


def test_a_region_is_computed_where_it_is_drawn():
    places, extent = region_grid(X, size=4)
    left, right, bottom, top = extent
    assert places.shape == (16, 2) and Scatter(X).limits([{}]) == {"x": [left, right], "y": [bottom, top]}
    assert np.all(np.diff(places[:4, 0]) > 0) and places[0, 1] == places[3, 1] < places[4, 1]
    with pytest.raises(ValueError, match=r"region_grid: points must have shape \(N, 2\)"):
        region_grid([1, 2])


def test_level_lines_lie_at_their_heights_with_gaps_between():
    x, y = level_lines(lambda x, y: x - y / 3, (-1, 1, -3, 2), [0.0, 0.5], size=11)
    gap = np.isnan(x)
    assert gap.sum() == 1 and np.isnan(y[gap]).all()
    heights = (x - y / 3)[~gap].round(9)
    assert set(heights) == {0.0, 0.5} and x[~gap].min() == -1 and y[~gap].min() == -3
    with pytest.raises(ValueError, match=r"level_lines: the surface has none of the heights \[9\] within \(0, 1, 0, 1\)"):
        level_lines(lambda x, y: x, (0, 1, 0, 1), [9])


# ------------------------------------------------------------------------------------------------------------- runs


def test_a_run_says_its_summary_and_note():
    run = explorer(controls={"learning rate": [0.1, 1.0], "dropout": [0], "momentum": [False, True]}).run_at(
        momentum=True
    )
    assert run.summary == "Accuracy 99% at rate 1, 12 units." and run.note == "A note."


def test_say_may_be_a_function_of_settings_and_results():
    made = explorer(say=lambda r: f"{r['learning rate']} gives {len(r['train loss'])} losses")
    assert made.run_at().summary == "1.0 gives 20 losses"


@pytest.mark.parametrize(
    ("say", "error", "message"),
    [
        ("{nothing}", ValueError, "say names 'nothing', but there is learning_rate, dropout, train_loss"),
        ("{accuracy:d}", ValueError, "say cannot be filled in"),
        (lambda r: 3, TypeError, "say must return a string"),
    ],
)
def test_a_summary_that_cannot_be_said(say, error, message):
    with pytest.raises(error, match=message):
        explorer(say=say).run_at()


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (3, "run must return a dict, but returned int"),
        ({"a": object()}, "the result 'a' must be numbers, a string"),
        ({"a": [1, "b"]}, "the result 'a' must be numbers"),
        ({"a": [[1], [2, 3]]}, "the result 'a' must be numbers"),
        ({"a": 1j}, "the result 'a' must be numbers"),
        ({"note": 3}, "the result 'note' must be a string"),
    ],
)
def test_results_of_wrong_types_are_named(result, message):
    made = Explorer(lambda c: result, {"c": [1]}, view=Lines([1, 2]), say="", title="t", name="t")
    with pytest.raises(TypeError, match=message):
        made.run_at()


def test_a_diverged_run_says_so_and_shows_its_history():
    run = explorer().run_at(learning_rate=10)
    assert run.summary == "diverged at epoch 3 (step 71): the loss is nan"
    assert run.diverged and run.result["train loss"].tolist() == [2.0, 300.0] and "region" not in run.result


def test_another_exception_names_the_setting():
    def fails(rate):
        raise ZeroDivisionError("no slope")
    made = Explorer(fails, {"rate": [1, 2]}, view=Lines("a"), say="", title="t", name="fails")
    with pytest.raises(ZeroDivisionError) as caught:
        made.html("static")
    assert caught.value.__notes__ == ["Explorer 'fails' at rate 1"]


def test_runs_are_cached():
    calls = []

    def run(rate):
        calls.append(rate)
        return {"a": [rate]}
    made = Explorer(run, {"rate": [1, 2, 3]}, view=Lines("a"), say="", title="t", name="t")
    made.html("static"), made.html("static"), made.run_at(rate=2), made.answer([3]), made.answer([3.0])
    assert calls == [1, 2, 3]


def test_values_arrive_as_they_were_given():
    seen = []

    def run(**settings):
        seen.append(settings)
        return {"a": [1]}

    made = Explorer(
        run,
        {"hidden units": [2, 8], "rate": [0, 0.5], "on": [False, True], "kind": ["a"]},
        view=Lines("a"),
        say="",
        title="t",
        name="t",
    )
    made.answer([5.0, 0, True, "a"])
    assert seen == [{"hidden_units": 5, "rate": 0, "on": True, "kind": "a"}]
    assert isinstance(seen[0]["hidden_units"], int) and seen[0]["on"] is True


# ------------------------------------------------------------------------------------------------------------ faces


def parts(page):
    image = base64.b64decode(re.search(r'src="data:image/png;base64,([^"]*)"', page)[1])
    return (
        image,
        re.search(r'alt="([^"]*)"', page)[1],
        re.sub(r"<[^>]*>", "", re.sub(r"<script.*?</script>", "", page)),
    )


def test_the_static_face_holds_all_runs_a_picture_and_a_sentence():
    made = explorer()
    page = made.html("static")
    image, alt, text = parts(page)
    assert page.startswith('<course-explorer id="a-name"') and page.endswith("</course-explorer>")
    assert (
        page.count("course-explorer>") == 1
    )  # nbval's cleaning takes the element from its first to its last tag
    assert alt == "A title: learning rate 1, dropout 0. Accuracy 99% at rate 1, 12 units."
    assert text.startswith("Accuracy 99% at rate 1, 12 units.") and "notebook with a running kernel" in text
    assert len(image) <= 14 * 1024 and Pillow.open(io.BytesIO(image)).size[0] > 500
    assert Pillow.open(io.BytesIO(image)).convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    runs = stored(page)
    assert list(runs) == [(a, b) for a in (0.1, 1.0, 10) for b in (0, 0.5)]
    assert runs[(10, 0)]["#summary"].startswith("diverged at epoch 3")
    for values, run in runs.items():
        np.testing.assert_allclose(run["train loss"], made._at(values).result["train loss"], rtol=1e-3)


def test_text_of_the_author_cannot_break_the_page():
    page = explorer(title='<b>"x"</b> & </script>', say="<i> & {accuracy:.0%}").html("static")
    assert "<b>" not in page and "<i>" not in page
    assert 'alt="&lt;b&gt;&quot;x&quot;&lt;/b&gt; &amp; &lt;/script&gt;' in page
    assert page.count("</script>") == 1


def test_the_static_page_is_the_same_every_time():
    assert explorer().html("static") == explorer().html("static")


def test_the_start_face_runs_once():
    calls = []

    def run(**settings):
        calls.append(settings)
        return train(**settings)
    made = explorer(run=run)
    assert list(stored(made.html("start"))) == [(1.0, 0)] and len(calls) == 1


def test_more_than_120_runs_are_refused_with_advice():
    made = explorer(run=lambda **settings: {"train loss": [1]}, view=Lines("train loss"), say="",
                    controls={"learning rate": list(range(11)), "dropout": list(range(11))}, start=None)
    with pytest.raises(
        ValueError, match="11 × 11 = 121 runs, but at most 120 can be stored: keep 10 of the 11 values of"
    ):
        made.html("static")
    made.html("start")


def test_too_many_bytes_name_the_biggest_part():
    rng = np.random.default_rng(0)
    made = explorer(run=lambda **settings: {"noise": rng.random((80, 80)), "train loss": rng.random(50)},
                    view=[Image("noise"), Lines("train loss")], say="",
                    controls={"learning rate": list(range(6)), "dropout": list(range(5))}, start=None)
    with pytest.raises(
        ValueError, match=r"the 30 runs take \d+ KB, more than 60; the biggest part is 'noise' with \d+ KB"
    ):
        made.html("static")


@pytest.mark.parametrize(("face", "count"), [("static", 6), ("start", 1)])
def test_the_environment_chooses_the_face(monkeypatch, face, count):
    monkeypatch.setenv("COURSE_LIB_EXPLORER", face)
    bundle = explorer()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"} and bundle["text/plain"] == "Explorer: A title"
    assert len(stored(bundle["text/html"])) == count


def test_an_unknown_face_is_refused(monkeypatch):
    monkeypatch.setenv("COURSE_LIB_EXPLORER", "dead")
    with pytest.raises(ValueError, match="COURSE_LIB_EXPLORER must be live, static or start, but is 'dead'"):
        explorer()


def test_a_stored_page_is_checked_against_new_runs():
    page = explorer().html("static")
    explorer().check_stored(page)
    explorer().check_stored(page, settings=list(stored(page)))

    def drifted(**settings):
        result = train(**settings)
        return {**result, "train loss": result["train loss"] * 1.02}

    with pytest.raises(
        ValueError, match="at learning rate 0.1, dropout 0: 'train loss' differs from what is stored"
    ):
        explorer(run=drifted).check_stored(page)
    with pytest.raises(ValueError, match="the stored settings differ"):
        explorer(controls={"learning rate": [0.1, 1.0], "dropout": [0, 0.5]}).check_stored(page)
    with pytest.raises(ValueError, match="'#summary' is stored as"):
        explorer(say="Something else.").check_stored(page)
    with pytest.raises(ValueError, match="page must hold one explorer with its runs, but holds 0"):
        stored("<p></p>")


def test_an_explorer_names_its_calm_runs():
    """Only these are computed again; what is not named comes from the start, the default is first, middle, last."""
    page, asked = explorer().html("static"), []

    def recorded(**settings):
        asked.append(tuple(settings.values()))
        return train(**settings)

    explorer(run=recorded, check=[{"dropout": 0.5}, {"learning rate": 0.1}]).check_stored(page)
    assert asked == [(1.0, 0.5), (0.1, 0)]
    asked.clear()
    explorer(run=recorded).check_stored(page)
    assert asked == [(0.1, 0), (1.0, 0.5), (10, 0.5)]
    with pytest.raises(ValueError, match=r"check must name settings of the grid, but is \[\]"):
        explorer(check=[])
    with pytest.raises(ValueError, match=r"dropout must be one of \[0, 0.5\], but is 0.25"):
        explorer(check=[{"dropout": 0.25}])


@pytest.mark.parametrize(
    "panel",
    [
        Lines(
            "curve",
            ("both", "xy"),
            points=["xy"],
            marks={"m": 1.0, "k": "number"},
            vmarks={"v": 2},
            log=True,
            log_x=True,
        ),
        Bars("three", "three", labels=["a", "b", "c"], log=True),
        Bars("three", labels="edges"),
        Bars("three", labels="names"),
        Image("picture", annotate=True, x_labels=list("abcd"), y_labels=list("abc"), colors="gray"),
        Image("pictures", captions=["a", "b"], columns=1, colors="diverging"),
        Image("picture", extent=(0, 1, 0, 1)),
        Scatter(X, [0, 1, 2], region="classes", paths=[("way", "xy")], arrows=True),
        Scatter("points"),
        Scatter(paths=["xy", "xy"], extent=(0, 1, 0, 1), levels="xy"),
        Diagram(
            X,
            [[0, 1], [1, 2]],
            weights="two",
            values="three",
            labels="names",
            edge_labels=["a", "b"],
            arrows=True,
            x="x",
            y="y",
        ),
    ],
)
@pytest.mark.filterwarnings("error")
def test_every_panel_is_packed_and_pictured_with_gaps_and_explosions(panel):
    rng = np.random.default_rng(0)

    def run(case):
        results = {
            "curve": rng.random(9),
            "xy": rng.random((2, 5)),
            "number": 0.5,
            "three": rng.random(3),
            "two": rng.random(2),
            "edges": [0.0, 1.0, 2.0, 4.0],
            "names": ["one", "two", "three\nlines"],
            "picture": rng.random((3, 4)),
            "pictures": rng.random((2, 3, 4)) - 0.5,
            "classes": rng.integers(0, 3, (6, 6)),
            "points": rng.random((7, 2)),
        }
        if case == "gap":
            for key in ("curve", "xy", "three", "two", "picture", "pictures"):
                results[key].flat[1] = np.nan
        if case == "explosion":
            for key in ("curve", "xy", "three", "two", "picture", "pictures"):
                results[key] = results[key] * 1e200
                results[key].flat[0] = np.inf
        if case == "diverged":
            raise Diverged(1, 1, float("inf"), {})
        return results

    made = Explorer(
        run, {"case": ["plain", "gap", "explosion", "diverged"]}, view=panel, say="", title="t", name="t"
    )
    page = made.html("static")
    assert len(stored(page)) == 4
    for case in ("gap", "explosion", "diverged"):
        made.start = (case,)
        made.html("picture")


# ----------------------------------------------------------------------------------------------------- the live face


def test_the_widget_answers_with_the_run_or_the_error():
    made = explorer(controls={"learning rate": [0.1, 1.0], "dropout": [0, 0.5]})
    widget = made.widget()
    sent = []
    widget.send = lambda content, buffers=None: sent.append((content, buffers))
    _, spec = packing.unpack(widget.payload)
    assert (
        spec["start"] == [1.0, 0] and spec["controls"][0]["values"] == [0.1, 1.0] and len(spec["runs"]) == 1
    )

    widget._answer(widget, {"id": "a-1", "values": [0.37, 0.5]}, [])
    (content, (blob,)) = sent.pop()
    (cell,), extra = packing.unpack(blob)
    assert content == {"id": "a-1"} and cell["#summary"] == "Accuracy 99% at rate 0.37, 12 units."
    np.testing.assert_allclose(cell["train loss"], train(0.37, 0.5)["train loss"], rtol=1e-3)
    assert len(extra["limits"]) == 2 and "y" in extra["limits"][0]

    widget._answer(widget, {"id": "a-2", "values": [5, 0]}, [])
    assert sent.pop() == (
        {"id": "a-2", "error": "ValueError: learning rate must be between 0.1 and 1, but is 5"},
        None,
    )
    widget._answer(widget, {"id": "a-3", "values": [1.0, 0]}, [])
    assert "error" not in sent.pop()[0]


def test_the_widget_runs_any_text_and_answers_a_bad_one_in_one_line():
    def run(word):
        if "?" in word:
            raise ValueError("run: '?' is no letter")
        return {"a": np.arange(len(word))}
    made = Explorer(run, {"word": Text(["ab", "abc"])}, view=Lines("a"), say="{word}", title="t", name="t")
    assert list(stored(made.html())) == [("ab",), ("abc",)]
    widget, sent = made.widget(), []
    widget.send = lambda content, buffers=None: sent.append((content, buffers))
    for number, word in enumerate(("five!", "a?", "", "x" * 41)):
        widget._answer(widget, {"id": number, "values": [word]}, [])
    (_, (blob,)), *failed = sent
    (cell,), _ = packing.unpack(blob)
    assert cell["#summary"] == "five!" and cell["a"].tolist() == [0, 1, 2, 3, 4]
    assert [content["error"] for content, _ in failed] == [
        "ValueError: run: '?' is no letter",
        "ValueError: word must have at least one character that is not a space, but is ''",
        "ValueError: word must have at most 40 characters, but has 41"]


def test_an_error_of_the_run_is_one_line_and_the_next_move_works():
    def run(rate):
        if rate > 1:
            raise RuntimeError("first line\nsecond line")
        return {"a": [rate]}
    widget = Explorer(run, {"rate": [1, 2]}, view=Lines("a"), say="", title="t", name="t").widget()
    sent = []
    widget.send = lambda content, buffers=None: sent.append(content)
    for rate in (2, 1):
        widget._answer(widget, {"id": rate, "values": [rate]}, [])
    assert sent == [{"id": 2, "error": "RuntimeError: first line second line"}, {"id": 1}]


def test_the_live_bundle_has_a_view_and_a_picture(monkeypatch):
    monkeypatch.setenv("COURSE_LIB_EXPLORER", "live")
    bundle = explorer()._repr_mimebundle_()
    assert "model_id" in bundle["application/vnd.jupyter.widget-view+json"]
    assert (
        bundle["text/plain"] == "Explorer: A title"
        and "<script" not in bundle["text/html"]
        and "<img" in bundle["text/html"]
    )


def test_only_the_live_face_imports_anywidget():
    code = """
        import sys
        from course_lib.explorer import Explorer, Lines
        Explorer(lambda c: {"a": [c]}, {"c": [1, 2]}, view=Lines("a"), say="", title="t", name="t").html("static")
        print("anywidget" in sys.modules, "torch" in sys.modules)
    """
    env = {**os.environ, "COURSE_LIB_EXPLORER": "start", "TQDM_DISABLE": "1"}
    out = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, env=env, check=True
    )
    assert out.stdout.split() == ["False", "False"]


CELL = """
import numpy as np
from course_lib.explorer import Explorer, Lines
Explorer(lambda rate: {"a": np.arange(3) / rate}, {"rate": [RATES]}, view=Lines("a"), say="s", title="Title", name="cell")
"""


@pytest.mark.parametrize("face", ["live", "static", "start"])
def test_in_a_notebook(monkeypatch, face):
    outputs = execute(monkeypatch, face, CELL.replace("RATES", "1, 2"))
    (output,) = [o for o in outputs if o.output_type == "execute_result"]
    assert not [o for o in outputs if o.output_type in ("error", "stream")]
    assert output.data["text/plain"] == "Explorer: Title" and "<img" in output.data["text/html"]
    assert ("application/vnd.jupyter.widget-view+json" in output.data) == (face == "live")
    assert len(re.findall("application/json", output.data["text/html"])) == (face != "live")


def test_a_run_that_fails_fails_the_cell(monkeypatch):
    from nbclient.exceptions import CellExecutionError
    with pytest.raises(CellExecutionError, match="Explorer 'cell' at rate 0"):
        execute(
            monkeypatch, "static", CELL.replace("RATES", "0, 1").replace("np.arange(3) / rate", "[1 / rate]")
        )


def execute(monkeypatch, face, source):
    import nbformat
    from nbclient import NotebookClient
    monkeypatch.setenv("COURSE_LIB_EXPLORER", face)
    monkeypatch.setenv("TQDM_DISABLE", "1")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(
        book, timeout=120, kernel_name="python3", resources={"metadata": {"path": os.getcwd()}}
    ).execute()
    return book.cells[0].outputs


def test_the_stored_payload_is_plain_json():
    script = re.search(r'<script type="application/json">(.*?)</script>', explorer().html("static"))[1]
    assert set(json.loads(script)) == {"packed"}


def test_the_picture_stays_small_even_of_noise():
    rng = np.random.default_rng(0)
    view = [Scatter(rng.random((3000, 2)), rng.integers(0, 4, 3000), region=rng.random((90, 90))), Image(rng.random((90, 90)))]
    made = Explorer(lambda c: {}, {"c": [1]}, view=view, say="", title="t", name="t")
    image, _, _ = parts(made.html("picture"))
    assert len(image) <= 14 * 1024
