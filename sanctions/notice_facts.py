"""What four kinds of letter say that tell no decision: the request for an account, the notices of a review and of a
breach, and the notice for the desk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from conduct.calendar import Calendar, Computed, deemed_receipt
from conduct.code import Pack
from sanctions import contents, gate
from sanctions.dates import BanRecord
from sanctions.models import CaseLetter, Measure
from sanctions.situation import record_of, with_history

ANSWER_SCHOOL_DAYS = 5  # after receipt: time to think, and soon enough that nobody has forgotten
VIEWS_SCHOOL_DAYS = 5  # before the review, so that whoever reviews has read them; sent late, so many after receipt
AT_THE_GATE = {"banned": "Banned from the school site", "plan": "A communication plan applies. They may come in."}


@dataclass(frozen=True)
class Leaving:
    """How and when a letter leaves the school, if it left now."""

    method: str
    sent_at: datetime
    at: datetime

    @property
    def received(self) -> Computed:
        return deemed_receipt(self.method, self.sent_at)


def of_account_request(case_letter: CaseLetter, pack: Pack, leaving: Leaving) -> dict[str, Any]:
    """By when to answer, and who reads it, as whoever drafted it chose."""
    chosen, calendar = case_letter.chosen, case_letter.case.school.calendar
    days = chosen.get("days", ANSWER_SCHOOL_DAYS)
    return {"reply_by": calendar.school_day_after(leaving.received.on, days), "readers": chosen.get("readers", "")}


def of_review_notice(case_letter: CaseLetter, pack: Pack, leaving: Leaving) -> dict[str, Any]:
    """When the ban is reviewed and by whom, and by when views should come."""
    record, calendar = record_for(case_letter), case_letter.case.school.calendar
    ends, review_on = record.end_and_review(leaving.at)
    reviewers = contents.reviewers(pack, case_letter.case.school)
    return {
        "ends": ends,
        "review_on": review_on,
        "reviewer": f"{reviewers}, whoever did not make the last decision",
        "reply_by": views_by(calendar, leaving.received.on, review_on),
    }


def views_by(calendar: Calendar, received: date, review_on: date | None) -> date:
    """Some school days before the review; of a notice that goes out late, so many after it is received, and at the latest
    the day of the review itself: views that come after it are not weighed."""
    soonest = calendar.school_day_after(received, VIEWS_SCHOOL_DAYS)
    if review_on is None:
        return soonest
    return min(review_on, max(soonest, calendar.school_day_before(review_on, VIEWS_SCHOOL_DAYS)))


def of_breach_notice(case_letter: CaseLetter, pack: Pack, leaving: Leaving) -> dict[str, Any]:
    """What the ban covers, since when and until when; nothing where it is not in force."""
    record = record_for(case_letter)
    applies = gate.banned(record, leaving.at)
    if applies.word != "banned":
        return {}
    since = next(period.first for period in record.periods())
    return {"scope": applies.scope, "exceptions": applies.exceptions, "starts": since, "ends": applies.until}


def of_gate_notice(case_letter: CaseLetter, pack: Pack, leaving: Leaving) -> dict[str, Any]:
    """What the gate list says of the measure today; nothing where it says nothing."""
    known, measure = case_letter.case.person.whole, fresh(case_letter)
    applies = gate.applied(measure, case_letter.case.school.calendar, leaving.at)
    return {
        "name": known.name or known.description,
        "banned": applies.word == "banned",
        "what_applies": AT_THE_GATE.get(applies.word, ""),
        "scope": applies.scope,
        "exceptions": applies.exceptions,
        "call": applies.call,
        "valid_until": applies.until,
    }


def fresh(case_letter: CaseLetter) -> Measure:
    return with_history(Measure.objects.filter(pk=case_letter.measure_id)).get()


def record_for(case_letter: CaseLetter) -> BanRecord:
    return record_of(fresh(case_letter), case_letter.case.school.calendar)


GATHERED: dict[str, Callable[[CaseLetter, Pack, Leaving], dict[str, Any]]] = {
    "account_request": of_account_request,
    "review_notice": of_review_notice,
    "ban_breach_notice": of_breach_notice,
    "gate_notice": of_gate_notice,
}
