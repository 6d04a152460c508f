"""Letters that tell no decision, drafted about a case or a measure: what they ask, of whom, and in whose name.

They are issued like any other letter (`sanctions.correspondence`), and serve, decide and change nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from conduct import audit
from conduct.calendar import local_date
from conduct.code import BREACH_OF_BAN
from conduct.models import Membership, User
from conduct.roles import Role
from incidents.models import Incident
from letters import drafting
from sanctions import gate, ladder
from sanctions.dates import REVIEWS, BanRecord
from sanctions.ladder import Refusal
from sanctions.models import Case, CaseLetter, Decision, Measure, Referral
from sanctions.notice_facts import ANSWER_SCHOOL_DAYS
from sanctions.situation import incidents_of, read, record_of, state_of, with_history
from sanctions.standing import Refused, locked, permit

DESK = "Reception"
LONGEST = 30  # school days to answer: more is a slip of the keyboard


def draft_about(
    case: Case,
    kind: str,
    *,
    by: User,
    at: datetime,
    signs: User,
    measure: Measure | None = None,
    referral: Referral | None = None,
    addressee: str = "",
    chosen: dict[str, Any] | None = None,
) -> CaseLetter:
    """Draft a letter that tells no decision, to the person of the case, or to the addressee where one is given."""
    recipient = None if addressee else case.person.stands_for
    letter = drafting.draft(school=case.school, recipient=recipient, addressee=addressee, kind=kind, by=by, at=at)
    return CaseLetter.objects.create(
        letter=letter, case=case, measure=measure, referral=referral, signatory=signs, chosen=chosen or {}
    )


def reviewed_since(measure: Any, moment: Any) -> QuerySet[Decision]:
    """The reviews of a measure after a moment. Takes a key and a moment, or references to them."""
    return Decision.objects.filter(measure=measure, at__gt=moment, verb__in=REVIEWS)


def outlived(case_letter: CaseLetter) -> bool:
    """Whether the review that a draft announces has been held."""
    letter = case_letter.letter
    return letter.kind == "review_notice" and reviewed_since(case_letter.measure_id, letter.drafted_at).exists()


def waiting(case: Case, kind: str, measure: Measure | None = None) -> CaseLetter | None:
    """The draft of that kind that waits and still has a reason. There is at most one."""
    drafts = CaseLetter.objects.filter(case=case, measure=measure, letter__kind=kind, letter__issued_at=None)
    last = drafts.select_related("letter", "signatory").last()
    return None if last is None or outlived(last) else last


def settled(
    case: Case,
    kind: str,
    *,
    by: User,
    at: datetime,
    signs: User,
    chosen: dict[str, Any],
    measure: Measure | None = None,
) -> CaseLetter:
    """The draft that waits, with what was chosen now; or a new one."""
    row = waiting(case, kind, measure)
    if row is None:
        addressee = DESK if kind == "gate_notice" else ""
        row = draft_about(case, kind, by=by, at=at, signs=signs, measure=measure, chosen=chosen, addressee=addressee)
    else:
        row.signatory, row.chosen = signs, chosen
        row.save(update_fields=["signatory", "chosen"])
    audit.record(
        "draft_letter", by=by, at=at, school=case.school, about=case.reference,
        changes={"kind": kind, "signs": signs, **chosen},
    )  # fmt: skip
    return row


# -- the person's account -----------------------------------------------------------------------------------------


def unheard(case: Case) -> list[Incident]:
    """The incidents of a case that have no finding, and of which the person has given no account."""
    return [i for i in incidents_of(case) if i.finding is None and not told_by_subject(i)]


def told_by_subject(incident: Incident) -> bool:
    """Whether the person's own words stand with an incident; that they were tried is none."""
    return any(a.of == "subject" and a.text for a in incident.accounts.all())


@transaction.atomic
def ask_account(
    case: Case,
    *,
    by: User,
    at: datetime,
    incidents: Collection[int] | None = None,
    days: int = ANSWER_SCHOOL_DAYS,
    readers: str = "",
    signs: User | None = None,
) -> CaseLetter:
    """Draft the letter that asks for the person's side of incidents that have no finding; of all unheard where none is
    given. `days` is how many school days after receipt they have. Raises Refused."""
    permit(by, case.school, "ask_account", at)
    case = locked(case)
    if not case.is_open:
        raise Refused([Refusal("wrong-state", "The case is closed. What is new is logged as an incident first.")])
    unfound = {i.pk for i in incidents_of(case) if i.finding is None}
    asked = {i.pk for i in unheard(case)} if incidents is None else set(incidents)
    if not asked or not asked <= unfound:
        text = (
            "Choose incidents of this case of which the facts are not found yet: an account is asked for before that."
        )
        raise Refused([Refusal("wrong-state", text)])
    if not 1 <= days <= LONGEST:
        raise Refused([Refusal("wrong-state", f"Give them from 1 to {LONGEST} school days to answer.")])
    chosen = {"incidents": sorted(asked), "days": days, "readers": readers.strip()}
    return settled(case, "account_request", by=by, at=at, signs=signs or by, chosen=chosen)


# -- about a measure ----------------------------------------------------------------------------------------------


def fits(measure: Measure, kind: str, at: datetime) -> bool:
    """Whether a letter of that kind goes with a measure where it stands."""
    asks = ladder.UNDECIDED[kind]
    row = with_history(Measure.objects.filter(pk=measure.pk)).get()
    return measure.response in asks.responses and state_of(row, measure.case.school.calendar, at) in asks.states


def require_fit(measure: Measure, kind: str, at: datetime, otherwise: str) -> None:
    """Lock the case, and refuse with these words unless a letter of that kind goes with the measure now."""
    measure.case = locked(measure.case)
    measure.refresh_from_db(fields=["state", "state_at"])
    if not fits(measure, kind, at):
        raise Refused([Refusal("wrong-state", otherwise)])


@transaction.atomic
def ask_views(ban: Measure, *, by: User, at: datetime) -> CaseLetter:
    """Draft the letter that says when a ban is reviewed, and asks for the person's views. Raises Refused."""
    permit(by, ban.case.school, "ask_views", at)
    require_fit(ban, "review_notice", at, "Only a ban that is confirmed and runs is reviewed.")
    if review_of(ban, at) is None:
        text = "No review is to come: its letter is not issued yet, or it was kept to run out."
        raise Refused([Refusal("wrong-state", text)])
    return settled(ban.case, "review_notice", by=by, at=at, signs=by, chosen={}, measure=ban)


def ask_before_review(ban: Measure, *, at: datetime) -> None:
    """The same by the program, once the review is due to be prepared; not where a notice of that review waits or is out.

    The caller holds the case. It goes in the name of somebody who may review, drafted for whoever decided last.
    """
    review_on = review_of(ban, at)
    out = ban.case_letters.filter(letter__kind="review_notice", letter__issued_at__isnull=False)
    told = {cl.letter.facts.get("review_on") for cl in out.select_related("letter")}
    last = ban.decisions.select_related("by").last()
    if review_on is None or last is None or review_on.isoformat() in told or waiting(ban.case, "review_notice", ban):
        return
    signs = reviewer_of(ban, last.by, at)
    draft_about(ban.case, "review_notice", by=last.by, at=at, signs=signs, measure=ban)
    audit.record(
        "draft_letter", by=None, at=at, school=ban.case.school, about=ban.case.reference,
        changes={"kind": "review_notice", "signs": signs},
    )  # fmt: skip


def review_of(ban: Measure, at: datetime) -> date | None:
    """The day on which a ban is to be reviewed, as its terms count at a moment; none where none is to come."""
    return recorded(ban).end_and_review(at)[1]


def recorded(ban: Measure) -> BanRecord:
    """What was recorded of a ban, read afresh."""
    row = with_history(Measure.objects.filter(pk=ban.pk)).get()
    return record_of(row, ban.case.school.calendar)


def reviewer_of(ban: Measure, last: User, at: datetime) -> User:
    """Somebody in office who may review a ban: chair before trust before head. Where nobody may, whoever decided last."""
    s = read(ban, by=last, at=at)
    order = (Role.CHAIR, Role.TRUST, Role.HEAD)
    officers = sorted((o for o in s.officers if o.roles & set(order)), key=lambda o: rank(o.roles, order))
    guards = (ladder.reviewer_differs, ladder.own_cause)
    free = [o.id for o in officers if not ladder.refusals(guards, replace(s, actor=o.id, roles=o.roles))]
    return User.objects.get(pk=free[0]) if free else last


def rank(roles: Iterable[Role], order: tuple[Role, ...]) -> int:
    return min(order.index(role) for role in roles if role in order)


def breaches(record: BanRecord, logged: Iterable[Incident]) -> list[Incident]:
    """The incidents, among these, in which the person came on to the site while the ban was in force."""
    return [i for i in logged if i.counts and BREACH_OF_BAN in i.clause_ids and record.in_force(i.occurred_at)]


@transaction.atomic
def tell_breach(ban: Measure, *, by: User, at: datetime, incidents: Collection[int] | None = None) -> CaseLetter:
    """Draft the letter to somebody who came on to the site during their ban, about these breaches of it, or all. Raises
    Refused."""
    permit(by, ban.case.school, "tell_breach", at)
    require_fit(ban, "ban_breach_notice", at, "Only of a ban that is in force is a breach written about.")
    record = recorded(ban)
    known = {i.pk for i in breaches(record, incidents_of(ban.case))}
    told = known if incidents is None else set(incidents)
    if not record.in_force(at):
        raise Refused([Refusal("wrong-state", "The ban is not in force now: there is nothing to remind them of.")])
    if not told or not told <= known:
        text = "Choose an incident in which they came on to the site while this ban was in force (U35)."
        raise Refused([Refusal("wrong-state", text)])
    chosen = {"incidents": sorted(told)}
    return settled(ban.case, "ban_breach_notice", by=by, at=at, signs=by, chosen=chosen, measure=ban)


@transaction.atomic
def make_gate_notice(measure: Measure, *, by: User, at: datetime) -> CaseLetter:
    """Draft the notice that tells the desk what applies to somebody. Raises Refused."""
    permit(by, measure.case.school, "make_gate_notice", at)
    nothing = "Nothing of it applies at the gate today, so there is nothing to tell the desk."
    require_fit(measure, "gate_notice", at, nothing)
    row = with_history(Measure.objects.filter(pk=measure.pk)).get()
    if gate.applied(row, measure.case.school.calendar, at).word not in {"banned", "plan"}:
        raise Refused([Refusal("wrong-state", nothing)])
    signs = signer_of_notice(measure, by, at)
    return settled(measure.case, "gate_notice", by=by, at=at, signs=signs, chosen={}, measure=measure)


def signer_of_notice(measure: Measure, by: User, at: datetime) -> User:
    """Whoever makes a notice for the desk, if they may sign it; else a head in office, or a senior member of staff."""
    signers = {Role(r) for r in ladder.UNDECIDED["gate_notice"].signers}
    school, day = measure.case.school, local_date(at)
    if by.roles_at(school, day) & signers:
        return by
    held = Membership.objects.of_school(school).on(day).filter(role__in=signers).select_related("user")
    found = sorted(held, key=lambda each: (each.role != Role.HEAD, each.user.name, each.pk))
    if not found:
        raise Refused([Refusal("wrong-state", "Nobody is in office who signs it: ask a system administrator.")])
    return found[0].user


def for_measure(measure: Measure, kind: str, *, by: User, at: datetime, signs: User) -> CaseLetter | None:
    """The draft of such a kind about a measure, in the name of a signatory; none where the kind never goes with it."""
    asks = ladder.UNDECIDED.get(kind)
    if asks is None or measure.response not in asks.responses:
        return None
    chosen = {}
    if kind == "ban_breach_notice":
        chosen = {"incidents": sorted(i.pk for i in breaches(recorded(measure), incidents_of(measure.case)))}
    return settled(measure.case, kind, by=by, at=at, signs=signs, chosen=chosen, measure=measure)
