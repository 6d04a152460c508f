"""From the database to a `Situation`: everything the ladder's guards may look at, read once.

The pages read it to show what may be done; the verbs read it again with the case locked.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from django.db.models import Prefetch, QuerySet

from conduct.calendar import LONDON, Calendar, local_date
from conduct.models import Membership, Person, Pupil, School, User
from conduct.roles import Role
from incidents.models import Incident
from sanctions import grounds
from sanctions.dates import PASSING, BanRecord, Receipt, Step, TermsFacts
from sanctions.grounds import ENDING
from sanctions.ladder import (
    PLANS,
    Attempt,
    ConsultationFacts,
    EarlierBan,
    IncidentFacts,
    Officer,
    Served,
    Situation,
    label_of,
)
from sanctions.models import Case, CaseLetter, Decision, Measure, Terms
from sanctions.plan_dates import PlanRecord
from sanctions.states import FINAL, LIVE_BAN, MEETING_DONE, OVER, State

NO_LONGER_HOLDS: dict[str, frozenset[State]] = {  # beside the states in which every measure is over
    "meeting": MEETING_DONE,
    "warning_letter": frozenset({State.SERVED}),
    "post_removal": frozenset({State.SERVED}),
    "mediation": frozenset({State.DECIDED}),
    "no_further_action": frozenset({State.DECIDED}),
}
OFFICES = [Role.HEAD, Role.SENIOR, Role.CHAIR, Role.TRUST]


def with_history(measures: QuerySet[Measure]) -> QuerySet[Measure]:
    """Measures with all that a `BanRecord` is made of, in a fixed number of queries."""
    decisions = Decision.objects.select_related("terms").prefetch_related("terms__handovers")
    letters = CaseLetter.objects.select_related("letter").order_by("letter__issued_at", "pk")
    return measures.select_related("adoption").prefetch_related(
        Prefetch("decisions", decisions),
        Prefetch("case_letters", letters),
        "representations",
        "answers",
    )


def terms_facts(terms: Terms | None) -> TermsFacts | None:
    """A row of terms as plain values."""
    if terms is None:
        return None
    return TermsFacts(
        starts=terms.starts,
        ends=terms.ends,
        review_on=terms.review_on,
        latest_decision_on=terms.latest_decision_on,
        scope=terms.scope,
        exceptions=terms.exceptions,
        contact_who=terms.contact_who,
        contact_methods=tuple(terms.contact_methods),
        closes=tuple(terms.closes),
        handover=tuple((h.pupil_id, h.arrangement) for h in terms.handovers.all()),
        when=terms.when,
        where=terms.where,
        attends=terms.attends,
        ways=tuple((p, m, who) for p, m, who in terms.ways),
        deputy=terms.deputy,
        cap=terms.cap,
        reply_days=terms.reply_days,
    )


def record_of(measure: Measure, calendar: Calendar) -> BanRecord:
    """What was recorded of a measure, for the dates to be computed from. Uses what `with_history` prefetched."""
    issued = [cl for cl in measure.case_letters.all() if cl.letter.issued_at]
    decisions = list(measure.decisions.all())
    opening = next((d for d in decisions if d.verb == "decide"), None)
    receipts = tuple(
        Receipt(cl.letter.issued_at, cl.letter.due_there, cl.letter.came_back_on, cl.letter.sent_again)
        for cl in issued
        if opening is not None and cl.decision_id == opening.pk and cl.letter.due_there
    )
    return BanRecord(
        opening=measure.opening,
        state=State(measure.state),
        calendar=calendar,
        timers=measure.adoption.pack.timers,
        steps=steps_of(measure),
        opening_letters=receipts,
        ended_at=ended_at(measure),
        replies_answered_at=complete_and_answered_at(measure),
        opening_terms=terms_facts(opening.terms if opening else None) or TermsFacts(),
    )


def steps_of(measure: Measure) -> tuple[Step, ...]:
    """The decisions about a measure, each with the first issue of the letter that tells it."""
    first_issue: dict[int, datetime] = {}
    for cl in measure.case_letters.all():
        if cl.letter.issued_at:
            first_issue.setdefault(cl.decision_id, cl.letter.issued_at)
    return tuple(
        Step(d.verb, d.at, d.by_id, terms_facts(d.terms), first_issue.get(d.pk), d.run_out)
        for d in measure.decisions.all()
    )


def ended_at(measure: Measure) -> datetime | None:
    """When somebody ended a measure before its time."""
    return next((d.at for d in measure.decisions.all() if d.verb in ENDING), None)


def plan_of(measure: Measure) -> PlanRecord:
    """What was recorded of a plan, block or notice. Uses what `with_history` prefetched."""
    return PlanRecord(State(measure.state), steps_of(measure), ended_at(measure))


def dates_of(measure: Measure, calendar: Calendar) -> BanRecord | PlanRecord:
    """The record from which a measure's dates are computed."""
    return plan_of(measure) if measure.response in PLANS else record_of(measure, calendar)


def complete_and_answered_at(measure: Measure) -> datetime | None:
    """When a reply said to be complete was first answered, with all before it. What is said later undoes no task."""
    complete = {r.pk for r in measure.representations.all() if r.complete}
    return next((a.at for a in measure.answers.all() if a.last_reply_id in complete), None)


def state_of(measure: Measure, calendar: Calendar, at: datetime) -> State:
    """The state at a moment: what a passing date ends has ended or lapsed, swept or not."""
    if measure.response not in {"site_ban", *PLANS} or State(measure.state) in OVER:
        return State(measure.state)
    return dates_of(measure, calendar).state_on(at)


def officers_of(school: School, at: datetime) -> tuple[Officer, ...]:
    """Who holds an office at the school on the day."""
    held: dict[int, set[Role]] = defaultdict(set)
    rows = Membership.objects.of_school(school).on(local_date(at)).filter(role__in=OFFICES)
    for user, role in rows.order_by("user_id").values_list("user_id", "role"):
        held[user].add(Role(role))
    return tuple(Officer(user, frozenset(roles)) for user, roles in held.items())


def rows_about(person: Person) -> QuerySet[Incident]:
    """Every incident of a person, in the order of logging; those that do not count any more too."""
    rows = Incident.objects.filter(in_case__case__person__in=person.rows()).select_related("adoption", "in_case")
    return rows.order_by("logged_at", "pk")


def logged_about(person: Person) -> QuerySet[Incident]:
    """The same, with all that the rules look at."""
    return rows_about(person).prefetch_related("accounts", "findings", "harmed", "clauses", "marks")


def incidents_of(case: Case) -> QuerySet[Incident]:
    """The incidents of a case that count."""
    return logged_about(case.person).counting().filter(in_case__case=case)


def incident_facts(incident: Incident) -> IncidentFacts:
    accounts = list(incident.accounts.all())
    finding = incident.finding
    return IncidentFacts(
        id=incident.pk,
        severity=incident.severity,
        logged_at=incident.logged_at,
        found_at=tuple(f.at for f in incident.findings.all()),
        upheld=bool(finding and finding.upheld),
        staff_or_witness_account=any(a.of in {"staff", "witness"} for a in accounts),
        subject_heard=any(a.of == "subject" for a in accounts),
    )


def sole_reporters(incidents: Iterable[Incident]) -> frozenset[int]:
    """Those on whose word alone an incident stands: nobody else has recorded a staff or witness account of it.

    Who reported it are both whoever logged it and, where that was done for a colleague, the colleague who was there: an
    account that one of the two records frees neither.
    """
    return frozenset(
        reporter
        for i in incidents
        if not any(a.of in {"staff", "witness"} and a.by_id not in i.reporters for a in i.accounts.all())
        for reporter in i.reporters
    )


def measures_of(person: Person) -> QuerySet[Measure]:
    """Every measure of a person at their school, under whichever row it was written down, the earliest first."""
    measures = with_history(Measure.objects.filter(person__in=person.rows()).order_by("proposed_at", "pk"))
    return measures.prefetch_related("consultations", "sign_offs")


@dataclass(frozen=True)
class CaseFile:
    """Everything about a case, read once: all incidents and measures of its person, the school's calendar."""

    case: Case
    logged: tuple[Incident, ...]  # of the person, those of earlier cases and those that do not count included
    measures: tuple[Measure, ...]  # of the person, those of earlier cases included
    calendar: Calendar
    children: tuple[Pupil, ...]  # of the person

    @property
    def logged_here(self) -> tuple[Incident, ...]:
        """The incidents of the case itself, those that do not count too."""
        return tuple(i for i in self.logged if i.in_case.case_id == self.case.pk)

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """The incidents of the case that count: what the rules look at."""
        return tuple(i for i in self.logged_here if i.counts)

    @property
    def own(self) -> list[Measure]:
        """The measures of the case itself."""
        return [m for m in self.measures if m.case_id == self.case.pk]

    def bans(self, *, besides: int | None = None) -> list[Measure]:
        return [m for m in self.measures if m.response == "site_ban" and m.pk != besides]

    def lost(self, measure: Measure) -> bool:
        """Whether a measure rests on nothing that counts any more."""
        return grounds.lost(measure, self.logged)


def opened_file(case: Case) -> CaseFile:
    """Read the file of a case."""
    person = case.person
    return CaseFile(
        case, tuple(logged_about(person)), tuple(measures_of(person)), case.school.calendar, tuple(person.every_pupil())
    )


def earlier_bans(file: CaseFile, at: datetime, *, besides: int | None = None) -> tuple[EarlierBan, ...]:
    """The person's other bans as they stand; one that rests on nothing that counts was no first ban."""
    found = ((ban, earlier_ban(ban, file.calendar, at)) for ban in file.bans(besides=besides))
    return tuple(replace(b, was_confirmed=b.was_confirmed and not file.lost(ban)) for ban, b in found)


def earlier_ban(ban: Measure, calendar: Calendar, at: datetime) -> EarlierBan:
    record = record_of(ban, calendar)
    state = record.state_on(at)
    over_at: datetime | None = ban.state_at
    if state in {State.LAPSED, State.ENDED}:
        passed = next(due.on for due in record.agenda(at) if due.kind in PASSING)
        over_at = datetime.combine(passed, time.min, LONDON)
        if ban.state in {State.LAPSED, State.ENDED}:  # what became of its letter afterwards moves that no more
            over_at = min(over_at, ban.state_at)
    return EarlierBan(
        state=state,
        over_at=over_at if state not in LIVE_BAN else None,
        letter_issued=bool(record.opening_letters),
        was_confirmed=record.confirmation is not None and state is not State.WITHDRAWN,
    )


def read_case(
    case: Case, *, by: User, at: datetime, attempt: Attempt | None = None, file: CaseFile | None = None
) -> Situation:
    """The situation of a case, for what is tried on the case itself: proposing, finding, referring, closing."""
    return Situation(**case_fields(file or opened_file(case), by, at), attempt=attempt or Attempt())


def case_fields(file: CaseFile, by: User, at: datetime) -> dict[str, Any]:
    """What hangs on the case, for a `Situation`."""
    case, school = file.case, file.case.school
    live = [m for m in file.own if state_of(m, file.calendar, at) not in finished(m.response)]
    return {
        "at": at,
        "pack": school.adoption_on(local_date(at)).pack,
        "actor": by.pk,
        "roles": by.roles_at(school, local_date(at)),
        "incidents": tuple(incident_facts(i) for i in file.incidents),
        "police_told_at": tuple(case.referrals.filter(to="police").values_list("at", flat=True)),
        "harmed": frozenset(u.pk for i in file.incidents for u in i.harmed.all()),
        "sole_reporters": sole_reporters(file.incidents),
        "officers": officers_of(school, at),
        "children": tuple((p.pk, p.name) for p in file.children),
        "served": tuple(
            Served(m.response, m.served_at)
            for m in file.measures
            if m.served_at and m.state != State.WITHDRAWN and not file.lost(m)
        ),
        "bans": earlier_bans(file, at),
        "last_logged_at": max((i.logged_at for i in file.logged if i.counts), default=None),
        "open_tasks": case.tasks.filter(closed_at=None).count(),
        "live_measures": len(live),
        "running": tuple(f"{m.get_response_display().lower()}, {running_words(m, file.calendar, at)}" for m in live),
    }


def running_words(measure: Measure, calendar: Calendar, at: datetime) -> str:
    """Where a measure stands, in words that fit into a sentence."""
    return label_of(state_of(measure, calendar, at), measure.response).lower()


def finished(response: str) -> frozenset[State]:
    """The states in which a measure no longer holds its case open: a warning that was sent, say, does not."""
    return OVER | NO_LONGER_HOLDS.get(response, frozenset())


def read(measure: Measure, *, by: User, at: datetime, attempt: Attempt | None = None) -> Situation:
    """The situation of a measure: the case's, and all that hangs on the measure itself."""
    file = opened_file(measure.case)
    fresh = next(m for m in file.own if m.pk == measure.pk)
    return Situation(**{**case_fields(file, by, at), **measure_fields(file, fresh, at)}, attempt=attempt or Attempt())


def measure_fields(file: CaseFile, measure: Measure, at: datetime) -> dict[str, Any]:
    """What hangs on one measure of the file, for a `Situation`."""
    record = record_of(measure, file.calendar)
    replies = list(measure.representations.all())
    said = [r for r in replies if not r.none_received]
    answered = max((a.last_reply_id or 0 for a in measure.answers.all()), default=0)
    decided = next((s for s in record.steps if s.verb == "decide"), None)
    return {
        "pack": measure.adoption.pack,
        "bans": earlier_bans(file, at, besides=measure.pk),
        "response": measure.response,
        "state": state_of(measure, file.calendar, at),
        "proposed_at": measure.proposed_at,
        "proposed_by": measure.proposed_by_id,
        "decided_by": decided.by if decided else None,
        "in_force_letter_issued": in_force_letter_issued(record),
        "consultations": tuple(
            ConsultationFacts(c.consulted_id, frozenset(Role(r) for r in c.roles), c.by_id == c.consulted_id)
            for c in measure.consultations.all()
        ),
        "sign_offs": tuple((row.by_id, row.until) for row in measure.sign_offs.all()),
        "replies": len(said),
        "unanswered": sum(1 for r in said if r.pk > answered),
        "last_reply_complete": bool(said) and said[-1].complete,
        "none_received_stands": bool(replies) and replies[-1].none_received,
        "ban": record,
        "plan": plan_of(measure) if measure.response in PLANS else None,
    }


def in_force_letter_issued(record: BanRecord) -> bool:
    """Whether the letter that puts the measure to the person, or a ban in force, has been issued."""
    if record.opening == "intent" and record.state in FINAL:
        return bool(record.settled)
    return record.state is not State.DECIDED
