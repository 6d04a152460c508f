"""The gate list: what applies to a person today, derived from dates. No reasons, no letters, no history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from conduct import audit
from conduct.calendar import Calendar, local_date
from conduct.models import Person, School, User
from sanctions.dates import BanRecord
from sanctions.models import Measure
from sanctions.plan_dates import PlanRecord
from sanctions.situation import plan_of, record_of, with_history
from sanctions.states import FINAL, LIMITING, OPENED, State

LONGEST_NOTICE = timedelta(days=120)  # ten school days, with the longest holiday in between, and a late sweep


@dataclass(frozen=True)
class Applies:
    """What applies to a person at the gate: one word, and what goes with it."""

    word: str  # banned | plan | ended_no_decision | clear
    until: date | None = None
    scope: str = ""
    exceptions: str = ""
    call: str = ""


CLEAR = Applies("clear")
WORDS = ("banned", "plan", "ended_no_decision", "clear")  # the first that applies is shown


def shown_at(at: datetime) -> Q:
    """The measures that may matter at the gate: bans and plans under way, and bans that lapsed not long ago."""
    lapsed = Q(response="site_ban", state=State.LAPSED, state_at__gte=at - LONGEST_NOTICE)
    ban = Q(response="site_ban", state__in=OPENED | FINAL)
    return lapsed | ban | Q(response="communication_plan", state__in=LIMITING)


def candidates(people: Iterable[Person], at: datetime) -> dict[int, list[Measure]]:
    """What may matter today, by person."""
    found: dict[int, list[Measure]] = {}
    measures = Measure.objects.filter(shown_at(at), person__in=list(people))
    for measure in with_history(measures.order_by("proposed_at", "pk")):
        found.setdefault(measure.person_id, []).append(measure)
    return found


def applies_to(people: list[Person], school: School, at: datetime) -> dict[int, Applies]:
    """What applies to each of these people of a school, by id. A fixed number of queries."""
    calendar, measures = school.calendar, candidates(people, at)
    found = {}
    for person in people:
        each = [applied(m, calendar, at) for m in measures.get(person.pk, [])]
        found[person.pk] = min([*each, CLEAR], key=lambda a: WORDS.index(a.word))
    return found


def applied(measure: Measure, calendar: Calendar, at: datetime) -> Applies:
    """What one measure means at the gate."""
    if measure.response == "communication_plan":
        return planned(plan_of(measure), at)
    return banned(record_of(measure, calendar), at)


def planned(record: PlanRecord, at: datetime) -> Applies:
    """A communication plan: they may come in, and speak to whom the plan names."""
    if not record.in_force(at):
        return CLEAR
    terms = record.terms_at(at)
    return Applies("plan", terms.ends, terms.scope, call=terms.contact_who)


def banned(record: BanRecord, at: datetime) -> Applies:
    """A ban: in force, ended without a decision, or no longer of interest."""
    if record.in_force(at):
        step = record.settled_at(at)
        terms = step.terms if step and step.terms else record.opening_terms
        until = terms.ends if step else terms.latest_decision_on
        return Applies("banned", until, terms.scope, terms.exceptions, terms.contact_who)
    if record.state_on(at) is State.LAPSED and still_notable(record, at):
        return Applies("ended_no_decision", call=record.opening_terms.contact_who)
    return CLEAR


def still_notable(record: BanRecord, at: datetime) -> bool:
    """For ten school days after its last day in force, a ban that lapsed is worth a call to the head."""
    last = record.last_day_in_force()
    if last is None:
        return False
    days = record.timers.ended_notice_school_days
    return last < local_date(at) <= record.calendar.school_day_after(last, days)


def listed(school: School, at: datetime) -> list[tuple[Person, Applies]]:
    """Everybody at a school to whom something applies today, by name."""
    held = Measure.objects.filter(shown_at(at), case__school=school)
    people = list(Person.objects.filter(pk__in=held.values("person")).prefetch_related("pupils"))
    found = applies_to(people, school, at)
    return [(p, found[p.pk]) for p in people if found[p.pk].word != "clear"]


def looked_up(person: Person, word: str, *, by: User, at: datetime) -> None:
    """Record that somebody at the desk looked up a person to whom something applies."""
    audit.record(
        "gate_lookup", by=by, at=at, school=person.school, about=f"person {person.pk}", changes={"shown": word}
    )
