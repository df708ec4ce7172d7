"""Verdicts: they fail when the evidence fails, and show themselves well."""
import json
from html.parser import HTMLParser

import numpy as np
import pytest

from course_lib import Tensor, claims

GOOD = dict(id="E08", verdict="confirmed", claim="Use cross-entropy for classification.",
            by="Cieliebak, S4-39", holds=True, evidence={"cross-entropy": 50, "squared error": None},
            falsified_if="squared error is as fast")


@pytest.fixture
def shown(monkeypatch):
    out = []
    monkeypatch.setattr(claims, "display", out.append)
    return out


def give(**changes):
    return claims.verdict(**{**GOOD, **changes})


def test_a_verdict_is_displayed_with_all_its_parts(shown):
    assert give() is None
    (verdict,) = shown
    bundle = verdict._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "application/vnd.course-lib.verdict+json"}
    assert bundle["text/plain"] == ("Confirmed (E08): Use cross-entropy for classification. "
                                    "[cross-entropy: 50; squared error: –]")
    assert json.loads(json.dumps(bundle[claims.MIME])) == {
        "id": "E08", "verdict": "confirmed", "claim": GOOD["claim"], "by": GOOD["by"],
        "evidence": {"cross-entropy": "50", "squared error": "–"}, "falsified_if": "squared error is as fast"}


class Outline(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("word", claims.VERDICTS)
def test_the_box_is_semantic_escaped_and_without_colours(shown, word):
    give(verdict=word, claim="a < b & <script>alert(1)</script>", falsified_if="a > b.",
         evidence={"<b>": "<i>x</i> & y", "steps": 3})
    html = shown[0]._repr_html_()
    outline = Outline()
    outline.feed(html)
    assert not outline.open
    box = outline.tags[0]
    assert box[0] == "div" and box[1]["class"] == f"verdict verdict-{word}" and box[1]["id"] == "verdict-E08"
    assert box[1]["aria-label"] == f"Verdict on E08: {word}"
    tags = [tag for tag, _ in outline.tags]
    assert {"table", "caption", "blockquote"} <= set(tags) and "script" not in tags and "style" not in html
    assert [a["scope"] for tag, a in outline.tags if tag == "th"] == ["row", "row"]
    for part in (word.capitalize(), "E08", "a < b & <script>", "Cieliebak, S4-39", "<b>", "<i>x</i> & y",
                 "What would have falsified this verdict: a > b."):
        assert part in outline.text
    assert "\n\n" not in html                              # a blank line would end HTML inside Markdown
    assert html == shown[0]._repr_html_()


def test_evidence_that_does_not_hold_fails(shown):
    message = "E08 is said to be confirmed, but .* cross-entropy: 50; squared"
    with pytest.raises(claims.ClaimFailed, match=message) as e:
        give(holds=np.float64(2.0) < 1)
    assert isinstance(e.value, AssertionError) and not shown


def test_verdict_outside_a_notebook_is_one_line(capsys):
    give(holds=np.bool_(True))
    assert capsys.readouterr().out == "Confirmed (E08): Use cross-entropy for classification. " \
                                      "[cross-entropy: 50; squared error: –]\n"


@pytest.mark.parametrize("value, text", [
    (50, "50"), (16384, "16,384"), (10 ** 30, f"{10 ** 30:,}"), (2 / 3, "0.667"), (0.97, "0.97"),
    (1234.5, "1,234"),
    (999.9, "1,000"), (99.96, "100"), (1.5e6, "1.5e+06"), (2.13e-11, "2.13e-11"), (-0.0, "0"), (-1.0, "-1"),
    (float("nan"), "nan"), (float("inf"), "inf"), (True, "yes"), (np.bool_(False), "no"), (None, "–"),
    ("as it is: 0.123456", "as it is: 0.123456"), (np.float32(0.1), "0.1"), (np.int64(7), "7"),
    ([1, 0.5, None], "1, 0.5, –"), (np.array([[1.0, 2.0], [3.0, 4.0]]), "1, 2, 3, 4"),
    ({"MSE": 0.24691}, "MSE 0.247"),
    (np.array(0.25), "0.25"), (Tensor(0.125), "0.125"),
])
def test_numbers_are_written_with_few_digits(value, text):
    assert claims.few_digits(value) == text


@pytest.mark.parametrize("changes, error, message", [
    (dict(id="E8"), ValueError, "verdict: id must be an experiment \"E01\" to \"E99\", but is 'E8'"),
    (dict(id="E00"), ValueError, "but is 'E00'"),
    (dict(id="E08\n"), ValueError, r"but is 'E08\\n'"),
    (dict(id=8), ValueError, "but is 8"),
    (dict(verdict="Confirmed"), ValueError,
     "verdict: verdict of E08 must be one of confirmed, limited, refuted, but is 'Confirmed'"),
    (dict(claim=" "), ValueError, "verdict: claim of E08 must be a sentence, but is ' '"),
    (dict(by=None), ValueError, "verdict: by of E08 must be a sentence, but is None"),
    (dict(falsified_if=""), ValueError, "verdict: falsified_if of E08 must be a sentence"),
    (dict(holds=1), TypeError, r"verdict: holds of E08 must be a bool \(a comparison\), but is int"),
    (dict(holds=np.array([True, False])), TypeError, "but is ndarray"),
    (dict(evidence={}), ValueError, "verdict: evidence of E08 must be a dict of label and value, but is {}"),
    (dict(evidence=[1]), ValueError, r"evidence of E08 must be a dict of label and value, but is \[1\]"),
])
def test_a_malformed_verdict_is_refused(shown, changes, error, message):
    with pytest.raises(error, match=message):
        give(**changes)
    assert not shown
