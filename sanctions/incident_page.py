"""What the page of one incident shows: the school's side and the person's own, and those whom it touched."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, QuerySet

from conduct.calendar import local_date
from conduct.models import User
from conduct.roles import Role, may
from incidents import injuries, reporting
from incidents.models import Account, CheckIn, Correction, Finding, Incident, Injury, Mark, OutcomeTold, Step
from sanctions import aftercare, grounds
from sanctions.models import Case, Measure
from sanctions.situation import CaseFile, finished, state_of
from sanctions.states import State


def read_whole(case: Case, reference: str) -> Incident | None:
    """An incident of a case with everything that its page shows, in a fixed number of queries."""
    rows = case.incidents.select_related("school", "logged_by", "subject", "adoption", "on_behalf_of")
    rows = rows.select_related("in_case__case").prefetch_related(
        *("clauses", "harmed", "witnesses"),
        Prefetch("accounts", Account.objects.select_related("by")),
        Prefetch("findings", Finding.objects.select_related("by")),
        Prefetch("corrections", Correction.objects.select_related("by")),
        Prefetch("marks", Mark.objects.select_related("by", "undone_by")),
        Prefetch("steps", Step.objects.select_related("by")),
        Prefetch("injuries", Injury.objects.select_related("by", "user", "incident")),
        Prefetch("check_ins", CheckIn.objects.select_related("by", "user", "done_by")),
        Prefetch("outcomes_told", OutcomeTold.objects.select_related("by", "user")),
    )
    return rows.filter(reference=reference).first()


def logged_with(row: Incident, visible: QuerySet[Case]) -> list[Incident]:
    """The incidents of the others of whom the same report told, as far as the user may see their cases."""
    if row.event is None:
        return []
    others = reporting.told_together(row).exclude(pk=row.pk).filter(in_case__case__in=visible)
    return list(others.select_related("subject", "in_case__case"))


@dataclass(frozen=True)
class Sides:
    """What the school says and what the person says, each with its author."""

    school: list[Account]
    own: list[Account]  # in their words
    tried: list[Account]  # how they were tried and not reached


def sides(incident: Incident) -> Sides:
    rows = list(incident.accounts.all())
    subject = [a for a in rows if a.of == "subject"]
    school = [a for a in rows if a.of != "subject"]
    return Sides(school, [a for a in subject if a.text], [a for a in subject if not a.text])


@dataclass(frozen=True)
class Hurt:
    """An injury as somebody may see it: its content only where they may read it."""

    injury: Injury
    open: bool
    report: injuries.Report

    @property
    def asked(self) -> bool:
        return self.report.state == injuries.ASKED


def hurt(incident: Incident, user: User, roles: frozenset[Role], today: date) -> list[Hurt]:
    rows = incident.injuries.all()
    return [Hurt(i, aftercare.may_see(i, user, roles), injuries.of(i, today)) for i in rows]


def nobody_hurt(incident: Incident) -> Step | None:
    """That somebody said that nobody was hurt."""
    return next((step for step in incident.steps.all() if step.kind == "nobody_hurt"), None)


@dataclass(frozen=True)
class Touched:
    """Somebody whom an incident touched, with an account here or by name."""

    label: str
    user: User | None = None
    name: str = ""

    @property
    def key(self) -> str:
        """How a form names them."""
        return f"u{self.user.pk}" if self.user else f"n{self.name}"


def touched(incident: Incident, *, known: bool) -> list[Touched]:
    """Whoever was harmed, or hurt where that may be known; then whoever reported it and saw it. Each once."""
    users = [*incident.harmed.all()]
    hurt_ones = list(incident.injuries.all()) if known else []
    users += [i.user for i in hurt_ones if i.user]
    names = [i.name for i in hurt_ones if i.name]
    return once([Touched(str(u), user=u) for u in users] + [Touched(n, name=n) for n in names])


def all_touched(incident: Incident, *, known: bool) -> list[Touched]:
    """The same, and whoever reported it or for whom it was logged."""
    rest = [Touched(str(u), user=u) for u in (incident.logged_by, incident.on_behalf_of) if u]
    names = [incident.on_behalf_name] if incident.on_behalf_name else []
    return once([*touched(incident, known=known), *rest, *(Touched(n, name=n) for n in names)])


def once(people: Iterable[Touched]) -> list[Touched]:
    return list({person.key: person for person in people}.values())


def offers(incident: Incident, *, known: bool) -> list[Touched]:
    """With whom a talk is offered: harmed or hurt, and none arranged or held yet."""
    had = {f"u{c.user_id}" if c.user_id else f"n{c.name}" for c in incident.check_ins.all()}
    return [person for person in touched(incident, known=known) if person.key not in had]


@dataclass(frozen=True)
class Talk:
    """A check-in as somebody may see it."""

    check_in: CheckIn
    note: str
    late: bool


def talks(incident: Incident, user: User, roles: frozenset[Role], today: date) -> list[Talk]:
    """The talks arranged and held; what was said in one is for senior staff, the head and whoever held it."""
    found = []
    for row in [c for c in incident.check_ins.all() if may_know_of(c, incident, user, roles)]:
        readable = may(roles, "see_injuries") or row.done_by_id == user.pk
        found.append(Talk(row, row.note if readable else "", row.done_at is None and row.due_on < today))
    return found


def may_know_of(talk: CheckIn, incident: Incident, user: User, roles: frozenset[Role]) -> bool:
    """Whether somebody may know of a talk: with whom it is tells who was hurt, unless that is known otherwise."""
    if may(roles, "see_injuries") or user.pk in (talk.user_id, talk.by_id):
        return True
    return any(
        (p.user == talk.user) if talk.user else (p.name == talk.name) for p in all_touched(incident, known=False)
    )


# -- marked -------------------------------------------------------------------------------------------------------


def holding(file: CaseFile, at: datetime) -> list[Measure]:
    """The measures of the case that still hold, or tell the person something: a warning that was sent does."""
    return [m for m in file.own if holds(m, state_of(m, file.calendar, at))]


def holds(measure: Measure, state: State) -> bool:
    if measure.response == "warning_letter" and state is State.SERVED:
        return True
    return state is not State.PROPOSED and state not in finished(measure.response)


def leaning(incident: Incident, file: CaseFile, at: datetime) -> list[str]:
    """What holds and rests on this incident alone, in words: it would lose its ground, or has lost it."""
    measures = holding(file, at)
    found = grounds.resting_alone_on(incident, measures, file.logged)
    return [m.get_response_display().lower() for m in found]


def day_of(incident: Incident) -> date:
    return local_date(incident.occurred_at)
