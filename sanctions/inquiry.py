"""From the first report to the facts as found: each step with what follows from it for the case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import transaction

from conduct.calendar import local_date, words
from conduct.code import BREACH_OF_BAN, SEVERITIES, Pack
from conduct.models import Person, User, rows_of
from conduct.roles import MAY, Role
from incidents import accounts, findings, reporting
from incidents.models import CRITICISM, Account, Finding, Incident, Reclassification
from sanctions import cases, duties, grounds, ladder
from sanctions.dates import months_away
from sanctions.ladder import Attempt, Refusal
from sanctions.models import Case, CaseIncident, Measure
from sanctions.situation import logged_about, measures_of, read_case, record_of
from sanctions.standing import Refused, locked, permit
from sanctions.states import State

ANYTHING_ELSE = "U36"  # other conduct


@transaction.atomic
def log_incident(
    *,
    by: User,
    at: datetime,
    subject: Person,
    clauses: Iterable[str],
    place: str,
    narrative: str,
    severity: str = "",
    occurred_at: datetime | None = None,
    within_exception: bool = False,
    token: UUID | None = None,
    deed: str = "log_incident",
    **further: Any,
) -> Incident:
    """Log an incident, open the person's case if none is open, and open what the policy asks to be done about it.

    `further`: danger, ended_interaction, asked_to_leave, harmed, witnesses, online_is, event, on_behalf_of,
    on_behalf_name; see `reporting.record_incident`.

    Severity is at least the usual one of the clauses ticked; left out, it is that. Raises Refused: `not-permitted` for
    a role or a severity below the usual one, `not-in-pack` for a clause that the policy does not hold. The same token
    again gives the incident that it made before. `deed` is what they must be permitted: `presence.here_now` asks less.
    """
    school, ticked = subject.school, list(dict.fromkeys(clauses))
    permit(by, school, deed, at)
    same = Incident.objects.filter(token=token, logged_by=by, subject__in=subject.rows())
    before = same.first() if token else None
    if before is not None:
        return before
    when = occurred_at or at
    pack = school.adoption_on(local_date(when)).pack
    refuse_strange_clauses(ticked, pack, local_date(when))
    usual = pack.usual_severity(ticked)
    refuse_lower_severity(severity, usual)
    case = cases.opened_case(subject, by=by, at=at)
    subject = (
        case.person
    )  # of one written down twice the row that has the case, so that the two can be told apart again
    added = [BREACH_OF_BAN] if place == "site" and not within_exception and banned_and_told(subject, when) else []
    incident = reporting.record_incident(
        by=by,
        at=at,
        subject=subject,
        clauses=ticked,
        added_clauses=added,
        place=place,
        narrative=narrative,
        severity=reporting.worse(severity or usual, pack.usual_severity([*ticked, *added])),
        occurred_at=when,
        within_exception=within_exception,
        token=token,
        **further,
    )
    CaseIncident.objects.create(case=case, incident=incident)
    prompt(case, incident, at=at)
    if warning_counts(subject, at):
        review_repeats(case, at=at)
    return incident


@dataclass(frozen=True)
class Part:
    """One person's part in an event: what is alleged of them."""

    subject: Person
    clauses: tuple[str, ...]
    severity: str = ""  # empty: as usual for these clauses
    within_exception: bool = False


@transaction.atomic
def log_event(
    *, by: User, at: datetime, parts: Sequence[Part], token: UUID | None = None, **shared: Any
) -> list[Incident]:
    """Log what several people did together: an incident and a case of each, which name one another.

    `shared` is what was the same for all; see `log_incident`. The first incident carries the token, the others one made
    from it, so that the same token again gives the incidents that it made before.
    """
    # All rows at once and in one order: two reports of the same people would else wait for each other.
    standing = {p.subject.standing_id for p in parts}
    list(rows_of(standing).select_for_update(of=("self",)).order_by("pk"))
    event = token or uuid4()
    return [
        log_incident(
            by=by,
            at=at,
            subject=part.subject,
            clauses=part.clauses,
            severity=part.severity,
            within_exception=part.within_exception,
            token=uuid5(event, str(n)) if n else token,
            event=event if len(parts) > 1 else None,
            **shared,
        )
        for n, part in enumerate(parts)
    ]


@transaction.atomic
def take_step(incident: Incident, *, by: User, at: datetime, kind: str) -> None:
    """Say that one of the first things to do after an incident is done. It holds for all who were logged with it."""
    permit(by, incident.school, "log_incident", at)
    for each in reporting.told_together(incident).select_related("school"):
        reporting.record_step(each, by=by, at=at, kind=kind)


def refuse_strange_clauses(ticked: list[str], pack: Pack, day: date) -> None:
    strange = [c for c in ticked if not pack.holds(c)]
    if strange:
        text = (
            f"{pack.title}, as in force on {words(day)}, does not hold {', '.join(strange)}. Tick what it does hold; "
            f"{ANYTHING_ELSE} is for conduct that no other clause names."
        )
        raise Refused([Refusal("not-in-pack", text, "log")])


def refuse_lower_severity(severity: str, usual: str) -> None:
    if severity and SEVERITIES.index(severity) < SEVERITIES.index(usual):
        text = f"These clauses are usually {usual}: log it so. Senior staff may lower it afterwards, with a reason."
        raise Refused([Refusal("not-permitted", text)])


def banned_and_told(person: Person, when: datetime) -> bool:
    """Whether a ban of the person was in force at that time, and they knew: the letter received, or told in words."""
    return any(told for _, told in bans_in_force(person, when))


def bans_in_force(person: Person, when: datetime) -> list[tuple[Measure, bool]]:
    """The person's bans in force at that time, each with whether they knew of it."""
    calendar = person.school.calendar
    bans = (
        measures_of(person).filter(response="site_ban").prefetch_related("tellings", "case_letters__letter__sendings")
    )
    return [(ban, knew(ban, when)) for ban in bans if record_of(ban, calendar).in_force(when)]


def knew(ban: Measure, when: datetime) -> bool:
    """Whether they had been told in words by then, or a letter that puts the ban in force counted as received."""
    if any(telling.at <= when for telling in ban.tellings.all()):
        return True
    letters = [cl.letter for cl in ban.case_letters.all() if puts_in_force(cl.letter.kind)]
    return any(received.on <= local_date(when) for letter in letters for received in letter.receipts)


def puts_in_force(letter_kind: str) -> bool:
    """Whether a letter of this kind tells the person that a ban is in force."""
    return letter_kind in {"provisional_ban", "ban_confirmed", "ban_varied", "ban_extended", "ban_kept"}


def prompt(case: Case, incident: Incident, *, at: datetime) -> None:
    """Open what an incident asks for: police, legal advice, notices to trust and chair."""
    clauses = incident.clause_ids
    pack = incident.adoption.pack
    breach = BREACH_OF_BAN in clauses
    if incident.severity == "criminal" or incident.danger or breach:
        duties.open_task(case, "police", at=at)
    if breach or any("legal_advice" in pack.clause(c).routes for c in clauses):
        duties.open_task(case, "legal", at=at)
    if incident.severity != "minor" or set(clauses) & set(pack.significant_clauses):
        report_significant(case, pack.significant_reports, at=at)


def report_significant(case: Case, roles: Iterable[str], *, at: datetime) -> None:
    """Notices to those whom the policy names, due the same day; what the chair must read, the chair may see."""
    for role in roles:
        duties.open_task(case, f"{role}_notice", at=at)
        if role == Role.CHAIR:
            cases.put_before_chair(case, at=at, why="A significant incident")


def review_repeats(case: Case, *, at: datetime) -> None:
    """Repeated breaches come before chair or trust."""
    duties.open_task(case, "repeat_review", at=at)
    cases.put_before_chair(case, at=at, why="Repeated breaches")


def warning_counts(person: Person, at: datetime) -> bool:
    """Whether a warning served on the person still counts: for 12 months, and while what it rests on counts."""
    warnings = Measure.objects.filter(person__in=person.rows(), response="warning_letter", state=State.SERVED)
    served = list(warnings.select_related("adoption").prefetch_related("decisions").order_by("-served_at"))
    logged = list(logged_about(person)) if served else []
    last = next((m for m in served if not grounds.lost(m, logged)), None)
    if last is None or last.served_at is None:
        return False
    months = last.adoption.pack.timers.warning_counts_months
    return months_away(local_date(at), -months) <= local_date(last.served_at)


def refuse_closed(case: Case) -> None:
    """What opens duties needs an open case, or nobody could ever do them."""
    if case.closed_at is not None:
        day = words(local_date(case.closed_at))
        text = f"The case was closed on {day}. Log what is new as an incident: that opens another case."
        raise Refused([Refusal("wrong-state", text)])


def refuse_marked(incident: Incident) -> None:
    """What does not count is neither found nor reclassified."""
    mark = incident.marks.filter(undone_at=None).select_related("by").first()
    if mark is not None:
        day = words(local_date(mark.at))
        text = f"{mark.by} marked this incident on {day}: it does not count. Take the mark back first, if it should."
        raise Refused([Refusal("wrong-state", text)])


@transaction.atomic
def reclassify(incident: Incident, *, by: User, at: datetime, severity: str, reason: str) -> Reclassification:
    """Change a severity. From criminal only the head lowers it. Raising opens what logging would have; lowering closes none."""
    permit(by, incident.school, "reclassify", at)
    case = locked(incident.in_case.case)
    incident.refresh_from_db(fields=["severity"])
    roles = by.roles_at(incident.school, local_date(at))
    if incident.severity == "criminal" and severity != "criminal" and Role.HEAD not in roles:
        pack = incident.adoption.pack
        raise Refused([ladder.not_permitted(pack, {Role.HEAD})])
    refuse_closed(case)
    refuse_marked(incident)
    raised = SEVERITIES.index(severity) > SEVERITIES.index(incident.severity)
    change = reporting.reclassify(incident, by=by, at=at, severity=severity, reason=reason.strip())
    if raised:
        prompt(case, incident, at=at)
    return change


@transaction.atomic
def record_account(
    incident: Incident, *, by: User, at: datetime, of: str, text: str = "", attempted: str = ""
) -> Account:
    """Add somebody's account of an incident, or how the person themselves was tried."""
    permit(by, incident.school, "record_account", at)
    locked(incident.in_case.case)
    return accounts.record_account(incident, by=by, at=at, of=of, text=text, attempted=attempted)


@transaction.atomic
def find(
    incident: Incident, *, by: User, at: datetime, upheld: Iterable[str], reason: str = "", online_is: str = ""
) -> Finding:
    """Record the facts as found. Rules `facts-first`, `own-cause`; the third upheld in a year asks for a review.

    `online_is` answers for what was said online "conduct, or only criticism?": of criticism nothing is upheld.
    """
    case, upheld = locked(incident.in_case.case), list(upheld)
    situation = read_case(case, by=by, at=at, attempt=Attempt(incident=incident.pk))
    if not ladder.finding(situation):
        raise Refused([ladder.not_permitted(situation.pack, MAY["find"])])
    refuse_closed(case)
    refuse_marked(incident)
    if not set(upheld) <= set(incident.clause_ids):
        text = "Only what was logged can be upheld. What else happened is logged as an incident of its own."
        raise Refused([Refusal("wrong-state", text)])
    if online_is == CRITICISM and incident.adoption.pack.online(upheld):
        text = "Criticism alone breaks no code: uphold none of the clauses about posts, or say that it was conduct."
        raise Refused([Refusal("wrong-state", text)])
    found = ladder.refusals(ladder.FIND, situation)
    if found:
        raise Refused(found)
    finding = findings.record_finding(incident, by=by, at=at, upheld=upheld, reason=reason, online_is=online_is)
    timers = incident.adoption.pack.timers
    if finding.upheld and upheld_in_a_year(incident.subject, timers.history_months) >= timers.repeat_incidents:
        review_repeats(case, at=at)
    return finding


def upheld_in_a_year(person: Person, months: int) -> int:
    """How many incidents stand upheld in the 12 months (or so many) up to the latest of them, whenever they were found.

    One that is marked does not count.
    """
    found = Incident.objects.filter(subject__in=person.rows()).counting().prefetch_related("findings")
    days = [local_date(i.occurred_at) for i in found if i.finding and i.finding.upheld]
    since = months_away(max(days), -months) if days else None
    return sum(1 for day in days if since is None or day >= since)
