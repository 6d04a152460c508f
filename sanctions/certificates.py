"""The fairness certificate of a ban as a page and as a PDF of one side."""

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string

from letters import press
from sanctions import fairness
from sanctions.hindsight import look_back
from sanctions.models import Measure
from sanctions.publishing import sheet


def certified(measure: Measure, at: datetime) -> dict[str, Any]:
    """What the certificate shows of a ban at a moment: its lines, and the digest of them."""
    told = look_back(measure, at)
    lines = fairness.certificate(told)
    return {
        "case": measure.case,
        "school": measure.case.school,
        "measure": measure,
        "pack": measure.adoption.pack,
        "version": measure.adoption.version_words,
        "state": told.state.label,
        "lines": lines,
        "unmet": [x for x in lines if x.verdict is fairness.Verdict.NOT_MET],
        "digest": fairness.digest(lines),
        "at": at,
    }


def pdf(measure: Measure, at: datetime) -> bytes:
    """The same for paper. Raises CannotPrint for a character that our fonts do not have."""
    html = render_to_string("sanctions/fairness_print.html", certified(measure, at)).lstrip()
    return press.page(html, sheet("fairness-print"))
