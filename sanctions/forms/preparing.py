"""A decision's form: which one it is, what stands in it at first, and what it would try.

What was typed and saved for later is kept as the raw answers of the form (`Prepared`), so that the same form reads them
for the pre-flight list, and comes back with everything still in it.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from sanctions import ladder
from sanctions.dates import TermsFacts
from sanctions.forms import deeds, plans
from sanctions.ladder import Attempt
from sanctions.models import Measure
from sanctions.situation import record_of

CONCLUDING = {"confirm": "Reasons", "vary": "Reasons", "extend": "Reasons", "vary_on_review": "Reasons"}


def decision_form(
    measure: Measure, verb: str, data: Any = None, *, today: date | None = None, **kwargs: Any
) -> forms.Form:
    """The form of a decision with terms; `today` is what the notice of a meeting counts from."""
    if measure.response == "meeting":
        notice = measure.adoption.pack.timers.meeting_notice_school_days
        earliest = measure.case.school.calendar.school_day_after(today, notice) if today else None
        return deeds.MeetingTermsForm(data, earliest=earliest, **kwargs)
    opening = verb == "decide"
    if measure.response in ladder.PLANS:
        form = plans.PlanForm if measure.response == "communication_plan" else plans.LimitForm
        told = {"person": measure.person, "pack": measure.adoption.pack, "on_review": not opening}
        return form(data, **told, **kwargs)
    if measure.response != "site_ban":
        return deeds.PlainForm(data, response=measure.response, **kwargs)
    return deeds.BanForm(
        data,
        days=measure.opening if opening else "final",
        person=measure.person,
        reasons="Reason" if opening else CONCLUDING[verb],
        equality=not opening,
        **kwargs,
    )


def saved(measure: Measure, verb: str) -> QueryDict | None:
    """The answers kept for later, as the form takes them."""
    row = next((p for p in measure.prepared.all() if p.verb == verb), None)
    if row is None:
        return None
    answers = QueryDict(mutable=True)
    for name, values in row.data.items():
        answers.setlist(name, values)
    return answers


def as_typed(measure: Measure, verb: str) -> dict[str, Any]:
    """The answers kept for later as the first values of the form: just as they were typed, the unfinished ones too."""
    answers = saved(measure, verb)
    if answers is None:
        return {}
    form = decision_form(measure, verb, answers)
    given = {name for name, field in form.fields.items() if not field.widget.value_omitted_from_data(answers, {}, name)}
    return {name: form[name].data for name in given}


def terms_last_set(measure: Measure) -> TermsFacts:
    """The terms that a decision starts from: those last set; those of a ban's opening, with the start kept."""
    record = record_of(measure, measure.case.school.calendar)
    return next((s.terms for s in reversed(record.steps) if s.terms), TermsFacts())


def attempts(measure: Measure) -> dict[str, Attempt]:
    """What each decision with terms would try, with what is prepared so far: for the pre-flight list."""
    return {verb: attempt(measure, verb) for verb in ("decide", "confirm", "keep")}


def attempt(measure: Measure, verb: str) -> Attempt:
    answers = saved(measure, verb)
    if verb == "keep" or measure.response not in {"site_ban", *ladder.PLANS} or answers is None:
        return Attempt(terms=TermsFacts() if verb == "decide" else None)
    return tried(measure, verb, decision_form(measure, verb, answers))


def tried(measure: Measure, verb: str, form: Any, so_far: TermsFacts | None = None) -> Attempt:
    """What a form of a decision would try, as far as its answers can be read; `so_far` is what would be kept."""
    form.is_valid()
    if verb == "keep":
        kept, review_on = so_far or TermsFacts(), form.cleaned_data.get("review_on")
        terms = replace(kept, review_on=review_on or kept.review_on)
        return Attempt(terms=terms, run_out=form.cleaned_data.get("run_out", False))
    if measure.response not in {"site_ban", *ladder.PLANS}:
        return Attempt()
    told = form.cleaned_data
    return Attempt(terms=form.terms(), equality=told.get("equality", ""), reasons=told.get("reasons", ""))
