"""Claims on trial: what a lecture said, what was measured, and the verdict.

A verdict is an assertion: a cell whose evidence no longer supports it raises :class:`ClaimFailed`, and the
book cannot go on saying what is no longer true. Each verdict is stored in the notebook as data too (the type
``application/vnd.course-lib.verdict+json``), so that one page can collect them all.
"""
import html
import re
from dataclasses import asdict, dataclass

import numpy as np
from IPython.display import display

VERDICTS = ("confirmed", "limited", "refuted")
MIME = "application/vnd.course-lib.verdict+json"


class ClaimFailed(AssertionError):
    """The measured evidence does not support the verdict that the book gives."""


@dataclass(frozen=True)
class Verdict:
    """A claim, its measured evidence and its verdict; shows itself as a box in a notebook.

    Attributes
    ----------
    id : str
        The experiment of the syllabus, "E01" to "E99".
    verdict : {"confirmed", "limited", "refuted"}
    claim : str
        What was said, in the lecture's words.
    by : str
        Who said it and where, such as "Cieliebak, S4-39".
    evidence : dict of str to str
        What was measured, already written with few digits.
    falsified_if : str
        The observation that would have led to another verdict.

    Examples
    --------
    >>> print(Verdict("E08", "confirmed", "Use it.", "Cieliebak, S4-39", {"steps": "50"}, "both are as fast"))
    Confirmed (E08): Use it. [steps: 50]
    """
    id: str
    verdict: str
    claim: str
    by: str
    evidence: dict
    falsified_if: str

    def __str__(self):
        evidence = "; ".join(f"{label}: {value}" for label, value in self.evidence.items())
        return f"{self.verdict.capitalize()} ({self.id}): {self.claim} [{evidence}]"

    def _repr_html_(self):
        rows = "\n".join(f'<tr><th scope="row">{html.escape(label)}</th><td>{html.escape(value)}</td></tr>'
                         for label, value in self.evidence.items())
        return f"""\
<div class="verdict verdict-{self.verdict}" id="verdict-{self.id}" role="group" \
aria-label="Verdict on {self.id}: {self.verdict}">
<p class="verdict-head"><strong class="verdict-word">{self.verdict.capitalize()}</strong> \
<span class="verdict-id">{self.id}</span></p>
<blockquote class="verdict-claim"><p>{html.escape(self.claim)}</p>
<footer>{html.escape(self.by)}</footer></blockquote>
<table class="verdict-evidence">
<caption>Measured</caption>
<tbody>
{rows}
</tbody>
</table>
<p class="verdict-falsified">What would have falsified this verdict: {html.escape(self.falsified_if)}.</p>
</div>"""

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": str(self), "text/html": self._repr_html_(), MIME: asdict(self)}


def verdict(id, verdict, *, claim, by, holds, evidence, falsified_if):
    """Show the verdict on a claim, or fail if the evidence does not support it.

    Parameters
    ----------
    id : str
        The experiment of the syllabus, "E01" to "E99"; one verdict per experiment and page.
    verdict : {"confirmed", "limited", "refuted"}
        Limited: true, but only under conditions that the evidence names.
    claim : str
        What was said, in the lecture's words.
    by : str
        Who said it and where, such as "Cieliebak, S4-39".
    holds : bool
        Whether the evidence supports this verdict (for "refuted": whether it refutes the claim).
    evidence : dict of str to number, str, None or sequence of these
        What was measured, label and value; at least one. Numbers are shown with three digits.
    falsified_if : str
        The observation that would have led to another verdict.

    Returns
    -------
    None
        The verdict is displayed: a box in a notebook, one line elsewhere.

    Raises
    ------
    ClaimFailed
        If ``holds`` is false.
    ValueError, TypeError
        If an argument is malformed; ``holds`` must be a true bool, not merely something true.

    Examples
    --------
    >>> verdict("E05", "limited", claim="Squaring makes big errors bigger.", by="Cummins, S1-16",
    ...         holds=0.1 ** 2 < 0.1 and 10 ** 2 > 10, evidence={"0.1 squared": 0.1 ** 2, "10 squared": 100},
    ...         falsified_if="the crossing at 1 staying put when the units change")
    Limited (E05): Squaring makes big errors bigger. [0.1 squared: 0.01; 10 squared: 100]
    """
    if not isinstance(id, str) or not re.fullmatch(r"E(?!00)\d\d", id):
        raise ValueError(f'verdict: id must be an experiment "E01" to "E99", but is {id!r}')
    if verdict not in VERDICTS:
        raise ValueError(f"verdict: verdict of {id} must be one of {', '.join(VERDICTS)}, but is {verdict!r}")
    for name, text in {"claim": claim, "by": by, "falsified_if": falsified_if}.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"verdict: {name} of {id} must be a sentence, but is {text!r}")
    if not isinstance(holds, (bool, np.bool_)):
        raise TypeError(f"verdict: holds of {id} must be a bool (a comparison), "
                        f"but is {type(holds).__name__}")
    if not isinstance(evidence, dict) or not evidence:
        raise ValueError(f"verdict: evidence of {id} must be a dict of label and value, but is {evidence!r}")

    evidence = {str(label): few_digits(value) for label, value in evidence.items()}
    result = Verdict(id, verdict, claim.strip(), by.strip(), evidence, falsified_if.strip().rstrip("."))
    if not holds:
        raise ClaimFailed(f"verdict: {id} is said to be {verdict}, but the evidence does not support it: "
                          + "; ".join(f"{label}: {value}" for label, value in evidence.items()))
    display(result)


def few_digits(value):
    """Write a value with three significant digits, and sequences of values separated by commas.

    Parameters
    ----------
    value : number, bool, str, None, array_like or dict
        Text stays as it is; true and false become yes and no, None becomes a dash.

    Returns
    -------
    str

    Examples
    --------
    >>> few_digits(2 / 3), few_digits(16384), few_digits(2.1e-11), few_digits([0.5, 12.34])
    ('0.667', '16,384', '2.1e-11', '0.5, 12.3')
    """
    if isinstance(value, str):
        return value
    if value is None:
        return "–"
    if isinstance(value, dict):
        return ", ".join(f"{label} {few_digits(item)}" for label, item in value.items())
    value = getattr(value, "data", value) if hasattr(value, "requires_grad") else value     # a Tensor
    if np.ndim(value):
        return ", ".join(few_digits(item) for item in value)
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if 999.5 <= abs(value) < 1e6:                            # here .3g would write 1e+03
        return f"{value:,.0f}"
    return f"{value + 0.0:.3g}"                              # + 0.0 turns -0.0 into 0
