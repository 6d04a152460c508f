"""What the case page shows of letters that tell no decision: who was asked for an account, and which may be written now."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from conduct.calendar import local_date
from conduct.roles import Role, may
from incidents.models import Incident
from sanctions import gate, hanging, notices
from sanctions.case_page import Button, brief, fits
from sanctions.models import Case, CaseLetter, Measure
from sanctions.situation import CaseFile, record_of, state_of
from sanctions.states import FINAL


@dataclass(frozen=True)
class Asked:
    """A request for the person's account: by when, and about what there is no answer yet."""

    words: str
    letter_url: str
    late: bool = False
    open: tuple[tuple[str, str], ...] = ()  # the incident's reference, and where its account or the attempt is recorded


def asked_in(case: Case, file: CaseFile, roles: frozenset[Role], at: datetime) -> list[Asked]:
    """The requests of a case that are still open: drafted, or issued and not answered for every incident. What an issued
    letter has replaced asks nothing any more."""
    rows = [cl for cl in case.case_letters.all() if cl.letter.kind == "account_request"]
    replaced = {cl.letter.supersedes_id for cl in rows if cl.letter.is_issued}
    found = (asked_by(about, case, file, roles, at) for about in rows if about.letter_id not in replaced)
    return [asked for asked in found if asked is not None]


def asked_by(about: CaseLetter, case: Case, file: CaseFile, roles: frozenset[Role], at: datetime) -> Asked | None:
    """What one request still asks for; nothing once every incident is answered or found."""
    letter, url = about.letter, reverse("letter", args=[about.letter_id])
    if not letter.is_issued:
        return Asked("The letter that asks for their account waits to be issued.", url)
    chosen = about.chosen.get("incidents", [])
    unheard = [
        i for i in file.incidents if i.pk in chosen and i.finding is None and not heard_after(i, letter.issued_at)
    ]
    if not unheard:
        return None
    by = hanging.answer_by(about, file.calendar)
    late = by is not None and local_date(at) > by
    links = tuple(
        (i.reference, record_url(case, i, by if late else None)) for i in unheard if may(roles, "record_account")
    )
    if by is None:
        return Asked(
            f"The letter that asks for their account ({letter.reference}) came back: send it again.", url, True, links
        )
    return Asked(f"Asked for their account ({letter.reference}): answer by {brief(by)}.", url, late, links)


def heard_after(incident: Incident, moment: datetime) -> bool:
    """Whether the person has spoken about an incident, or it was recorded since that they did not answer."""
    return any(a.of == "subject" and (a.text or a.at > moment) for a in incident.accounts.all())


def record_url(case: Case, incident: Incident, unanswered: date | None) -> str:
    """Where their account is recorded; once the day to answer has passed, with the attempt filled in."""
    url = reverse("incident_deed", args=[case.reference, incident.reference, "account"])
    return f"{url}?of=subject&unanswered={unanswered.isoformat()}" if unanswered else f"{url}?of=subject"


def buttons_for(
    measure: Measure, file: CaseFile, roles: frozenset[Role], at: datetime
) -> tuple[list[Button], list[Button]]:
    """The letters about a measure that may be written now: those that something asks for, and the others."""
    now: list[Button] = []
    other: list[Button] = []
    drafts = [cl for cl in measure.case_letters.all() if not cl.letter.is_issued and not cl.decision_id]
    waits = {cl.letter.kind for cl in drafts if fits(cl, measure)}
    if measure.response == "site_ban":
        record = record_of(measure, file.calendar)
        untold = [i.pk for i in notices.breaches(record, file.incidents) if i.pk not in told_of(measure)]
        if untold and record.in_force(at) and may(roles, "tell_breach") and "ban_breach_notice" not in waits:
            now.append(button("Write to them about the breach", measure, "ban_breach_notice"))
        running = state_of(measure, file.calendar, at) in FINAL and record.end_and_review(at)[1] is not None
        if running and may(roles, "ask_views") and "review_notice" not in waits:
            other.append(button("Ask for their views before the review", measure, "review_notice"))
    if may(roles, "make_gate_notice") and at_the_gate(measure, file, at) and "gate_notice" not in waits:
        other.append(button("Make a notice for the desk", measure, "gate_notice"))
    return now, other


def at_the_gate(measure: Measure, file: CaseFile, at: datetime) -> bool:
    """Whether the desk has anything to know of a measure today."""
    gated = measure.response in {"site_ban", "communication_plan"}
    return gated and gate.applied(measure, file.calendar, at).word in {"banned", "plan"}


def told_of(ban: Measure) -> set[int]:
    """The breaches about which the person was written to."""
    issued = [cl for cl in ban.case_letters.all() if cl.letter.kind == "ban_breach_notice" and cl.letter.is_issued]
    return {pk for cl in issued for pk in cl.chosen.get("incidents", [])}


def button(label: str, measure: Measure, kind: str) -> Button:
    return Button(label, reverse("write_about", args=[measure.case.reference, measure.pk, kind]))
