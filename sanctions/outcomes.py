"""What came of an incident, told to whoever reported it: in plain words, and no more than they may see.

There is an outcome once the facts are found and nothing more is open about them – nothing upheld, a response that has gone
out, or the case closed – once the case is closed without a finding, or once the incident was marked as one that does not count.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from conduct import audit
from conduct.calendar import local_date, words
from conduct.models import School, User
from conduct.roles import Role, may
from incidents.models import Finding, Incident, Mark, OutcomeTold
from sanctions import ladder
from sanctions.ladder import Refusal
from sanctions.models import Measure
from sanctions.standing import Refused, locked, permit
from sanctions.states import OPENED, UNDER_WAY, State

LOOKED_BACK = timedelta(days=365)  # what is older than that is no news to anybody
MOST = 200
PLAIN = "We have looked into what you reported and dealt with it."
NOTHING = "We have looked into what you reported. Nothing follows from it."
WHY_NOT_MORE = "What was decided about somebody else we may not tell."


def words_of(incident: Incident) -> str:
    """What came of an incident, for those who may see the case; nothing while it has no outcome yet."""
    if incident.mark is not None:
        return f"It was marked as {incident.mark.said}, and does not count. The reason: {incident.mark.reason}"
    finding, case = incident.finding, incident.in_case.case
    closed = f" The case was closed on {words(local_date(case.closed_at))}." if case.closed_at else ""
    if finding is None:
        return f"It was not decided what happened.{closed}" if closed else ""
    if not finding.upheld:
        return f"The facts were looked into on {words(local_date(finding.at))}, and nothing was upheld.{closed}"
    responses = [response_words(m) for m in responses_to(incident) if settled(m)]
    if not responses and not closed:
        return ""
    pack = incident.adoption.pack
    upheld = "; ".join(f"{pack.clause(c).wording} ({c})" for c in finding.upheld)
    followed = f" What followed: {'; '.join(responses)}." if responses else ""
    return f"It was found that this happened: {upheld}.{followed}{closed}"


def words_for(incident: Incident, roles: frozenset[Role]) -> str:
    """The same for somebody of these roles: whoever sees no cases is told that it was dealt with, and no more."""
    told = words_of(incident)
    return told if may(roles, "see_cases") or not told else for_anybody(incident)


def for_anybody(incident: Incident) -> str:
    """What may be said to whoever sees no cases."""
    dismissed = incident.mark is not None or incident.finding is None or not incident.finding.upheld
    return f"{NOTHING if dismissed else PLAIN} {WHY_NOT_MORE}"


def responses_to(incident: Incident) -> list[Measure]:
    """The responses proposed in the case after the incident was logged, errors left out."""
    rows = incident.in_case.case.measures.all()
    return [m for m in rows if m.proposed_at >= incident.logged_at and m.state != State.WITHDRAWN]


def settled(measure: Measure) -> bool:
    """Whether a response has gone out, or was decided otherwise; of a ban, whether it is heard and decided."""
    state = State(measure.state)
    if state is State.DECIDED and measure.response in ladder.LETTERLESS:
        return True
    return state not in UNDER_WAY | OPENED


def response_words(measure: Measure) -> str:
    """A response and where it stands: "a warning letter: letter issued on Monday 9 March 2026"."""
    stands = ladder.label_of(State(measure.state), measure.response).lower()
    day = words(local_date(measure.served_at or measure.state_at))
    return f"{measure.get_response_display().lower()} ({stands}, {day})"


# -- who is still to be told --------------------------------------------------------------------------------------


MARKED = Mark.objects.filter(incident=OuterRef("pk"), undone_at=None)
FOUND = Finding.objects.filter(incident=OuterRef("pk"))


def decided(school: School, at: datetime) -> QuerySet[Incident]:
    """The incidents of the last year that are found, marked, or of a closed case, with all that their outcome is told
    from; the latest first."""
    settled = Exists(FOUND) | Exists(MARKED) | Q(in_case__case__closed_at__isnull=False)
    rows = Incident.objects.filter(settled, school=school, occurred_at__gte=at - LOOKED_BACK)
    rows = rows.select_related("adoption", "in_case__case__person", "subject", "on_behalf_of").order_by(
        "-logged_at", "-pk"
    )
    return rows.prefetch_related("findings", "marks", "in_case__case__measures")


def told_of_it(**whom: object) -> Exists:
    """For a query on incidents: they were told, and nothing was found, marked or taken back since."""
    of_same = {"incident": OuterRef("incident")}
    marked = Mark.objects.filter(Q(at__gt=OuterRef("at")) | Q(undone_at__gt=OuterRef("at")), **of_same)
    found = Finding.objects.filter(at__gt=OuterRef("at"), **of_same)
    return Exists(OutcomeTold.objects.filter(~Exists(marked), ~Exists(found), incident=OuterRef("pk"), **whom))


def decided_by(user: User) -> Q:
    """For a query on incidents: somebody decided the outcome themselves, and knows it – by the mark that stands, else by
    the latest finding, else by closing the case."""
    same = Finding.objects.filter(incident=OuterRef("incident"))
    later = same.filter(Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk")))
    found = Exists(FOUND.filter(~Exists(later), by=user))
    closed = ~Exists(FOUND) & Q(in_case__case__closed_by=user)
    return Q(Exists(MARKED.filter(by=user))) | (~Exists(MARKED) & (Q(found) | closed))


def reported_by(user: User, school: School, at: datetime) -> QuerySet[Incident]:
    """What somebody reported, or saw and had reported, and was not told the outcome of, unless they decided it."""
    mine = decided(school, at).filter(Q(logged_by=user) | Q(on_behalf_of=user))
    return mine.exclude(told_of_it(user=user)).exclude(decided_by(user))


def waiting_for(user: User, school: School, at: datetime) -> list[Incident]:
    """Those of them that have an outcome, which the user does not know yet; the earliest first."""
    return with_outcome(reported_by(user, school, at))


def with_outcome(rows: QuerySet[Incident]) -> list[Incident]:
    return [i for i in reversed(rows[:MOST]) if words_of(i)]


def untold(school: School, at: datetime) -> QuerySet[Incident]:
    """What was logged for somebody without an account, who was not told the outcome of it."""
    theirs = decided(school, at).exclude(on_behalf_name="")
    return theirs.exclude(told_of_it(user=None, name=OuterRef("on_behalf_name")))


def nobody_told(school: School, at: datetime) -> list[Incident]:
    """Those of them that have an outcome."""
    return with_outcome(untold(school, at))


def is_untold(incident: Incident, at: datetime) -> bool:
    """Whether somebody is still to be told what came of this one."""
    fresh = untold(incident.school, at).filter(pk=incident.pk).first()
    return fresh is not None and bool(words_of(fresh))


@transaction.atomic
def read(incident: Incident, *, by: User, at: datetime) -> None:
    """Whoever reported an incident has read what came of it. Read twice, it is read once."""
    locked(incident.in_case.case)
    fresh = reported_by(by, incident.school, at).filter(pk=incident.pk).first()
    if fresh is None or not words_of(fresh):
        return
    told = words_for(fresh, by.roles_at(incident.school, local_date(at)))
    OutcomeTold.objects.create(incident=incident, user=by, what=told, at=at, by=by)
    audit.record("read_outcome", by=by, at=at, school=incident.school, about=incident.reference)


@transaction.atomic
def tell(incident: Incident, *, by: User, at: datetime, what: str, how: str) -> OutcomeTold:
    """Somebody without an account, for whom it was logged, has been told: in which words, and how."""
    permit(by, incident.school, "tell_outcome", at)
    locked(incident.in_case.case)
    whom = incident.on_behalf_name
    if not is_untold(incident, at):
        text = f"There is nothing to tell {whom} now: they were told already, or nothing has come of it yet."
        raise Refused([Refusal("wrong-state", text)])
    told = OutcomeTold.objects.create(incident=incident, name=whom, what=what.strip(), how=how.strip(), at=at, by=by)
    audit.record("tell_outcome", by=by, at=at, school=incident.school, about=incident.reference, changes={"how": how})
    return told
