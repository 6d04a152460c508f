"""The gate list: what applies to a person today, derived from dates. No reasons, no letters, no history."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.db.models.functions import Coalesce

from conduct import audit, register
from conduct.calendar import Calendar, local_date
from conduct.models import AuditRow, Person, School, User, rows_of
from conduct.names import fold
from sanctions import appointments
from sanctions.appointments import Visit
from sanctions.dates import BanRecord
from sanctions.models import Measure
from sanctions.plan_dates import PlanRecord
from sanctions.situation import plan_of, record_of, with_history
from sanctions.states import FINAL, LIMITING, OPENED, State

STANDING = Coalesce("person__identity", "person")  # of a measure: the row that stands for whom it is about
LONGEST_NOTICE = timedelta(days=120)  # ten school days, with the longest holiday in between, and a late sweep


@dataclass(frozen=True)
class Applies:
    """What applies to a person at the gate: one word, and what goes with it."""

    word: str  # banned | plan | ended_no_decision | clear
    until: date | None = None
    scope: str = ""
    exceptions: str = ""
    call: str = ""
    undecided: bool = False  # beside a plan: a ban ended lately with no decision
    visits: tuple[Visit, ...] = ()  # the appointments of the day

    @property
    def expected(self) -> Visit | None:
        """The appointment whose time is now."""
        return next((visit for visit in self.visits if visit.now), None)


CLEAR = Applies("clear")
WORDS = ("banned", "plan", "ended_no_decision", "clear")  # the first that applies is shown


def shown_at(at: datetime) -> Q:
    """The measures that may matter at the gate: bans and plans under way, and bans that lapsed not long ago."""
    lapsed = Q(response="site_ban", state=State.LAPSED, state_at__gte=at - LONGEST_NOTICE)
    ban = Q(response="site_ban", state__in=OPENED | FINAL)
    return lapsed | ban | Q(response="communication_plan", state__in=LIMITING)


def candidates(people: Collection[Person], at: datetime) -> dict[int, list[Measure]]:
    """What may matter today, by person: under whichever row of theirs it was written down."""
    standing = {p.standing_id for p in people}
    measures = Measure.objects.filter(shown_at(at), person__in=rows_of(standing)).annotate(whose=STANDING)
    found: dict[int, list[Measure]] = {}
    for measure in with_history(measures.order_by("proposed_at", "pk")):
        found.setdefault(measure.whose, []).append(measure)
    return {p.pk: found.get(p.standing_id, []) for p in people}


def applies_to(people: list[Person], school: School, at: datetime) -> dict[int, Applies]:
    """What applies to each of these people of a school, by id. A fixed number of queries."""
    calendar, measures, visits = school.calendar, candidates(people, at), appointments.of_today(people, at)
    found = {}
    for person in people:
        each = [applied(m, calendar, at) for m in measures[person.pk]]
        found[person.pk] = foremost(each, visits.get(person.pk, ()))
    return found


def foremost(each: list[Applies], visits: tuple[Visit, ...]) -> Applies:
    """What is shown of several. Whoever is clear may come without an appointment: of theirs the desk knows nothing."""
    first = min([*each, CLEAR], key=lambda a: WORDS.index(a.word))
    if first.word == CLEAR.word:
        return CLEAR
    undecided = first.word == "plan" and any(a.word == "ended_no_decision" for a in each)
    return replace(first, visits=visits, undecided=undecided)


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


def may_be_listed(school: School, at: datetime) -> QuerySet[Person]:
    """Those to whom something may apply today, by name: `listed` then looks at the dates."""
    held = Measure.objects.filter(shown_at(at), case__school=school)
    return Person.objects.filter(pk__in=held.values_list(STANDING)).order_by("folded", "pk").prefetch_related("aliases")


def listed(school: School, at: datetime, people: Iterable[Person] | None = None) -> list[tuple[Person, Applies]]:
    """Those of these people, or of all, to whom something applies today, in their order."""
    those = list(may_be_listed(school, at) if people is None else people)
    found = applies_to(those, school, at)
    return [(p, found[p.pk]) for p in those if found[p.pk].word != CLEAR.word]


# -- several who are called the same ---------------------------------------------------------------------------------

NOTHING_TELLS = "Nothing written down tells those of this name apart: check before you decide."


def told_apart(people: Iterable[Person]) -> dict[int, str]:
    """The least that tells those of one name apart, by id: how they belong to the school; else their children's years.
    Those whose name nobody else has are not in it."""
    groups: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        groups[fold(person.name)].append(person)
    namesakes = [group for name, group in groups.items() if name and len(group) > 1]
    prefetch_related_objects([person for group in namesakes for person in group], "pupils", "aliases__pupils")
    return {pk: words for group in namesakes for pk, words in differing(group).items()}


def differing(group: list[Person]) -> dict[int, str]:
    """The first description by which each of these differs from all the others."""
    relations = {p.pk: p.get_relation_display() for p in group}
    years = {p.pk: years_of(p) for p in group}
    both = {p.pk: f"{relations[p.pk]}, {years[p.pk]}" for p in group}
    for tried in (relations, years, both):
        if len(set(tried.values())) == len(group):
            return tried
    return dict.fromkeys(relations, NOTHING_TELLS)


def years_of(person: Person) -> str:
    years = sorted({pupil.year for pupil in person.children if pupil.year})
    return f"child in {' and '.join(years)}" if years else "no child here"


# -- who looked ------------------------------------------------------------------------------------------------------

SAME_LOOK = timedelta(minutes=1)  # while somebody types a name on, it is one look-up


def looked_up(seen: Iterable[tuple[Person, Applies]], *, by: User, at: datetime, typing: bool = False) -> None:
    """Record that somebody at the desk looked up people to whom something applies; once while a name is typed on."""
    told = [(person, applies.word) for person, applies in seen if applies.word != CLEAR.word]
    before = shown_before([person for person, _ in told], by=by, at=at) if told and typing else frozenset()
    for person, word in told:
        about = register.about(person)
        if about not in before:
            audit.record("gate_lookup", by=by, at=at, school=person.school, about=about, changes={"shown": word})


def shown_before(people: Iterable[Person], *, by: User, at: datetime) -> frozenset[str]:
    """Whom the user has just been shown. The rows of these people of the last minute are few, and an index finds them;
    whose they are is looked at afterwards, since somebody at a desk has many."""
    rows = AuditRow.objects.filter(about__in=[register.about(p) for p in people], at__gt=at - SAME_LOOK)
    found = rows.values_list("about", "by_id", "deed")
    return frozenset(about for about, who, deed in found if (who, deed) == (by.pk, "gate_lookup"))
