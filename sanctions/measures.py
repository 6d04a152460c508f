"""Measures: proposed, put to those whom the policy names, decided. And the one function that writes a state."""

from datetime import datetime

from django.db import transaction

from conduct import audit
from conduct.calendar import local_date
from conduct.models import Person, User
from conduct.roles import Role
from letters import drafting
from sanctions import branches, cases, diary, ladder
from sanctions.dates import TermsFacts
from sanctions.ladder import Attempt, Refusal, Situation
from sanctions.models import (
    CaseLetter,
    Consultation,
    Decision,
    Follow,
    Handover,
    Measure,
    MeetingRecord,
    Prepared,
    Terms,
)
from sanctions.situation import read_case
from sanctions.standing import Refused, locked, permit, require
from sanctions.states import State


def move(measure: Measure, to: State | None, *, verb: str, by: User, at: datetime, **changes: object) -> None:
    """Write a measure's state and the audit row of the deed. The only place where a person's deed changes a state."""
    was = measure.state
    if to is not None and to != was:
        measure.state, measure.state_at = to.value, at
        measure.save(update_fields=["state", "state_at"])
        changes["state"] = [was, to.value]
    audit.record(
        verb,
        by=by,
        at=at,
        school=measure.case.school,
        about=measure.case.reference,
        changes={"response": measure.response, **changes},
    )


def refuse_nothing_left(situation: Situation) -> None:
    """A case of which no incident counts any more has nothing to respond to."""
    if not situation.incidents:
        text = (
            "No incident of this case counts any more, so there is nothing to respond to. Close the case; or log what "
            "did happen, or take a mark back."
        )
        raise Refused([Refusal("wrong-state", text)])


@transaction.atomic
def propose(
    person: Person,
    *,
    by: User,
    at: datetime,
    response: str,
    opening: str = "",
    severity_reason: str = "",
    lesser_options: str = "",
) -> Measure:
    """Propose a response for the person's open case. Raises Refused."""
    permit(by, person.school, "propose", at)
    cases.held(person)
    case = cases.required_case(person)
    attempt = Attempt(
        response=response, opening=opening, severity_reason=severity_reason, lesser_options=lesser_options
    )
    situation = read_case(case, by=by, at=at, attempt=attempt)
    refuse_nothing_left(situation)
    found = ladder.refusals(ladder.PROPOSE, situation)
    if found:
        raise Refused(found)
    if response == "site_ban":
        settle_passed_bans(person, at=at)
    measure = Measure.objects.create(
        case=case,
        person=case.person,
        adoption=case.school.adoption_on(local_date(at)),
        response=response,
        opening=opening if response == "site_ban" else "",
        state_at=at,
        proposed_at=at,
        proposed_by=by,
        severity_reason=severity_reason.strip(),
        lesser_options=lesser_options.strip(),
    )
    why = why_chair(measure, situation)
    if why:
        cases.put_before_chair(case, at=at, why=why)
    move(measure, None, verb="propose", by=by, at=at, opening=opening)
    return measure


def settle_passed_bans(person: Person, *, at: datetime) -> None:
    """Sweep earlier bans whose date has passed, so that a lapsed one does not count as running in the database."""
    for ban in Measure.objects.filter(person__in=person.rows(), response="site_ban"):
        diary.sweep_measure(ban.pk, at=at)


def why_chair(measure: Measure, s: ladder.Situation) -> str:
    """Why a proposal brings its case before the chair of governors; empty when it does not."""
    if measure.response == "site_ban":
        return "A ban is proposed"
    if Role.CHAIR in s.pack.consult_for(measure.response):
        return "The policy asks for the chair's view"
    if not ladder.free(s, ladder.HEADS):
        return "No head is free to decide"
    return ""


@transaction.atomic
def consult(measure: Measure, *, by: User, at: datetime, consulted: User, how: str, view: str) -> Consultation:
    """Record what chair or trust said to a proposal: entered by themselves, or by the head on their word."""
    require(measure, "consult", by=by, at=at, attempt=Attempt(consulted=consulted.pk))
    roles = sorted(consulted.roles_at(measure.case.school, local_date(at)))
    row = Consultation.objects.create(
        measure=measure, consulted=consulted, roles=roles, how=how, view=view.strip(), at=at, by=by
    )
    move(measure, None, verb="consult", by=by, at=at, consulted=consulted, how=how)
    return row


@transaction.atomic
def decide(
    measure: Measure, *, by: User, at: datetime, reason: str = "", terms: TermsFacts | None = None, equality: str = ""
) -> Decision:
    """Approve a proposal; its letter is drafted in the same breath."""
    attempt = Attempt(terms=terms or TermsFacts(), equality=equality, reasons=reason)
    refuse_nothing_left(require(measure, "decide", by=by, at=at, attempt=attempt))
    return made(measure, "decide", State.DECIDED, by=by, at=at, reasons=reason, terms=terms, equality=equality)


@transaction.atomic
def decline(measure: Measure, *, by: User, at: datetime, reason: str = "") -> Decision:
    """Decline a proposal."""
    require(measure, "decline", by=by, at=at)
    return made(measure, "decline", State.DECLINED, by=by, at=at, reasons=reason)


def made(
    measure: Measure,
    verb: str,
    to: State | None,
    *,
    by: User,
    at: datetime,
    reasons: str = "",
    terms: TermsFacts | None = None,
    equality: str = "",
    run_out: bool = False,
) -> Decision:
    """Write down a decision that the table has let through: its row, its terms, the state, and the draft of its letter."""
    decision = Decision.objects.create(
        measure=measure,
        verb=verb,
        at=at,
        by=by,
        reasons=reasons.strip(),
        equality=equality.strip(),
        run_out=run_out,
        terms=write_terms(measure, terms) if terms is not None else None,
    )
    measure.prepared.filter(verb=verb).delete()
    move(measure, to, verb=verb, by=by, at=at, reasons=reasons, terms=terms.__dict__ if terms else None)
    kind = ladder.letter_kind(measure.response, verb, measure.opening)
    told_of = verb != "withdraw" or measure.served_at is not None
    if kind is not None and told_of:
        draft_letter(decision, kind, by=by, at=at)
    return decision


def write_terms(measure: Measure, facts: TermsFacts) -> Terms:
    """Keep the terms as a row of their own."""
    fields = {k: v for k, v in facts.__dict__.items() if k != "handover"}
    fields |= {"contact_methods": list(facts.contact_methods), "closes": list(facts.closes)}
    fields["ways"] = [list(way) for way in facts.ways]
    terms = Terms.objects.create(measure=measure, **fields)
    Handover.objects.bulk_create(
        Handover(terms=terms, pupil_id=pupil, arrangement=text) for pupil, text in facts.handover
    )
    return terms


def draft_letter(decision: Decision, kind: str, *, by: User, at: datetime) -> CaseLetter:
    """Draft the letter that tells a decision; what it will say is gathered from the case until it is issued."""
    measure = decision.measure
    letter = drafting.draft(school=measure.case.school, recipient=measure.person.stands_for, kind=kind, by=by, at=at)
    return CaseLetter.objects.create(letter=letter, case=measure.case, measure=measure, decision=decision)


@transaction.atomic
def hold_meeting(
    measure: Measure,
    *,
    by: User,
    at: datetime,
    outcome: str,
    notes: str = "",
    notes_are: str = "",
    mediation: bool = False,
) -> MeetingRecord:
    """Record what became of a meeting: held, missed or turned down."""
    require(measure, "hold_meeting", by=by, at=at)
    row = MeetingRecord.objects.create(
        measure=measure, outcome=outcome, notes=notes.strip(), notes_are=notes_are, mediation=mediation, at=at, by=by
    )
    move(measure, State(outcome), verb="hold_meeting", by=by, at=at, mediation=mediation)
    return row


@transaction.atomic
def follow(measure: Measure, *, by: User, at: datetime, step: str, where: str = "", note: str = "") -> Follow:
    """Record how a side branch went on. A post that is dealt with before any letter went out is settled by that."""
    settles = step in branches.OUTCOMES and locked(measure.case).measures.get(pk=measure.pk).state == State.DECIDED
    verb, to = ("settle", State.ENDED) if settles else ("follow", None)
    require(measure, verb, by=by, at=at)
    wrong = branches.out_of_order(measure.response, step, list(measure.follows.values_list("step", flat=True)))
    if wrong:
        raise Refused([Refusal("wrong-state", wrong)])
    row = Follow.objects.create(measure=measure, step=step, where=where.strip(), note=note.strip(), at=at, by=by)
    move(measure, to, verb=verb, by=by, at=at, step=step, where=where)
    return row


@transaction.atomic
def prepare(measure: Measure, *, by: User, at: datetime, verb: str, data: dict[str, list[str]]) -> None:
    """Keep what was typed of a decision for later. It decides nothing; whoever may see the case's moves may prepare one."""
    permit(by, measure.case.school, "prepare", at)
    Prepared.objects.update_or_create(
        measure=measure, verb=verb, defaults={"data": data, "saved_at": at, "saved_by": by}
    )
    audit.record(
        "prepare", by=by, at=at, school=measure.case.school, about=measure.case.reference, changes={"verb": verb}
    )
