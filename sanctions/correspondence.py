"""Letters about cases: which facts they tell, who may issue them, and what issuing does to the measure."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from conduct import audit
from conduct.calendar import local_date
from conduct.models import User
from conduct.roles import may
from letters import drafting, kinds, service, wording
from letters.models import METHODS, Letter
from sanctions import approvals, contents, diary, inquiry, ladder, notices
from sanctions.contents import HEARING, named_in, served_now, third_parties
from sanctions.dates import NEW_TERMS, TermsFacts
from sanctions.ladder import Attempt, LetterFacts, Refusal
from sanctions.letter_facts import facts_of, look_of
from sanctions.measures import draft_letter, move
from sanctions.models import CaseLetter, Decision, Follow, Measure
from sanctions.notices import draft_about as draft_about
from sanctions.pack_facts import veils
from sanctions.serving import DATED
from sanctions.serving import record_sent as record_sent
from sanctions.situation import read, read_case, record_of, state_of, terms_facts, with_history
from sanctions.standing import Refused, against, locked, permit
from sanctions.states import State


def letter_facts(
    case_letter: CaseLetter, facts: dict[str, Any], look: dict[str, str], signer: User, *, method: str, sent_at: datetime,
    at: datetime,
) -> LetterFacts:  # fmt: skip
    """What the rules of letters need to know about the one to be issued."""
    letter = case_letter.letter
    to_an_authority = letter.kind in ladder.PACKS  # which is known by its name; `packs.issue` asks where it goes
    gap = None if to_an_authority else kinds.recipient_gap(facts)
    return LetterFacts(
        kind=letter.kind,
        missing=tuple(m.label for m in kinds.missing(letter.kind, facts)),
        recipient_lacks=gap.label.lower() if gap else "",
        named=named_in(kinds.plain_text(letter.kind, facts), not_to_be_named(case_letter)),
        signer_decided=signer.pk == case_letter.signs.pk,
        signer_roles=signer.roles_at(case_letter.case.school, local_date(at)),
        approved=approvals.stands(case_letter, facts, look, signer),
        issued_before=told_before(case_letter),
        window_closes_on=window_closes_on(case_letter, method=method, sent_at=sent_at),
    )


def not_to_be_named(case_letter: CaseLetter) -> set[str]:
    """The full names that must not stand in a letter; a pack for an authority may name witnesses where that was chosen."""
    if case_letter.letter.kind not in ladder.PACKS:
        return third_parties(case_letter)
    return set(veils(case_letter.case, name_witnesses=bool(case_letter.chosen.get("name_witnesses"))))


def told_before(case_letter: CaseLetter) -> str:
    """The reference of a letter of the same kind that has told the same decision, or has gone with the same referral, and
    that this one does not replace."""
    letter = case_letter.letter
    about = {"decision": case_letter.decision_id} if case_letter.decision_id else {"referral": case_letter.referral_id}
    if not any(about.values()):
        return ""
    before = CaseLetter.objects.filter(**about, letter__kind=letter.kind, letter__issued_at__isnull=False)
    replaced = Letter.objects.filter(issued_at__isnull=False, supersedes__isnull=False).values("supersedes")
    apart = before.exclude(letter=letter).exclude(letter=letter.supersedes_id).exclude(letter__in=replaced)
    standing = apart.select_related("letter").last()
    return standing.letter.reference if standing else ""


def window_closes_on(case_letter: CaseLetter, *, method: str, sent_at: datetime) -> date | None:
    """Until when the person could reply, if the letter that opens a ban left in that way."""
    decision = case_letter.decision
    if decision is None or case_letter.letter.kind not in HEARING:
        return None
    fresh = with_history(Measure.objects.filter(pk=decision.measure_id)).get()
    record = record_of(fresh, case_letter.case.school.calendar)
    ahead = served_now(record, terms_facts(decision.terms) or TermsFacts(), method=method, sent_at=sent_at)
    return ahead.window.on if ahead.window else None


def situation(case_letter: CaseLetter, *, by: User, at: datetime, attempt: Attempt | None = None) -> ladder.Situation:
    """The situation of the measure that a letter is about, or, where it is about none, that of its case."""
    if case_letter.measure is None:
        return read_case(case_letter.case, by=by, at=at, attempt=attempt)
    return read(case_letter.measure, by=by, at=at, attempt=attempt)


def letter_for(
    measure: Measure, kind: str, *, by: User, at: datetime, signed_by: User, supersedes: Letter | None = None
) -> CaseLetter:
    """The draft of that kind that waits on a measure; or a new one, about the same decision as the last.

    One that tells no decision goes in the name of `signed_by`. Raises Refused with `wrong-state` when the kind does not
    fit the measure or where it stands.
    """
    waiting = notices.for_measure(measure, kind, by=by, at=at, signs=signed_by)
    if waiting is None:
        waiting = measure.case_letters.filter(letter__kind=kind, letter__issued_at=None).last()
    if waiting is None:
        told = last_decision_told_by(measure, kind)
        if told is None:
            raise Refused([does_not_fit(measure, kind, at=at)])
        waiting = draft_letter(told, kind, by=by, at=at)
    if supersedes is not None:
        waiting.letter.supersedes = supersedes
        waiting.letter.save(update_fields=["supersedes"])
    return waiting


def does_not_fit(measure: Measure, kind: str, *, at: datetime) -> Refusal:
    """Why no letter of a kind can be drafted: nothing has been decided that it tells."""
    fresh = with_history(Measure.objects.filter(pk=measure.pk)).get()
    state = state_of(fresh, measure.case.school.calendar, at)
    stands = f"“{measure.get_response_display()}” stands at “{ladder.label_of(state, measure.response)}” now"
    name = f"A letter of the kind “{kinds.KINDS[kind].short}”" if kind in kinds.KINDS else "This letter"
    return Refusal(
        "wrong-state", f"{name} tells nothing that was decided here. {stands}: decide first, then its letter follows."
    )


def last_decision_told_by(measure: Measure, kind: str) -> Decision | None:
    """The latest decision about a measure that a letter of this kind tells."""
    if kind not in ladder.LETTER_KINDS:
        return None
    verbs = [v for v in {d.verb for d in measure.decisions.all()} if told_by(measure, v) == kind]
    return measure.decisions.filter(verb__in=verbs).last()


def told_by(measure: Measure, verb: str) -> str | None:
    return ladder.letter_kind(measure.response, verb, measure.opening)


def fits(case_letter: CaseLetter, situation: ladder.Situation) -> bool:
    """Whether a letter may be issued where the measure, or the case, now stands."""
    if case_letter.decision is None:
        return asked_for(case_letter, situation)
    tells = ladder.LETTER_KINDS[case_letter.letter.kind]
    return situation.state in tells.verbs[case_letter.decision.verb] and not overtaken(case_letter)


def asked_for(case_letter: CaseLetter, situation: ladder.Situation) -> bool:
    """Whether a letter that tells no decision still has a reason."""
    asks = ladder.UNDECIDED[case_letter.letter.kind]
    if not asks.responses:
        return case_letter.case.is_open or case_letter.referral_id is not None
    return situation.response in asks.responses and situation.state in asks.states and not overtaken(case_letter)


def overtaken(case_letter: CaseLetter) -> bool:
    """Whether a later decision on terms has been told: this letter would tell terms that are gone, and put them back. Or
    the review has been held that it announces."""
    if case_letter.decision is None:
        return notices.outlived(case_letter)
    return told_later(case_letter.measure_id, case_letter.decision_id).exists()


def told_later(measure: Any, decision: Any) -> QuerySet[Decision]:
    """The decisions on terms of a measure, made after that one, which a letter has told. Takes keys, or references to them."""
    later = Decision.objects.filter(measure=measure, pk__gt=decision, verb__in=NEW_TERMS)
    return later.filter(case_letters__letter__issued_at__isnull=False)


def methods_lacking(case_letter: CaseLetter) -> dict[str, str]:
    """The ways of sending that are not possible yet, each with what the person still needs."""
    person = contents.of_recipient(case_letter.letter)
    gaps = {m: kinds.recipient_gap({**person, "method": m}) for m, _ in METHODS}
    words = {"post": "a postal address", "email": "an email address", "hand": "a name or a description"}
    if person.get("recipient_address"):
        words["post"] = "an address of fewer or shorter lines, as the window of an envelope shows them"
    return {m: words[m] for m, gap in gaps.items() if gap}


def usual_method(case_letter: CaseLetter) -> str:
    """By post where there is an address, else what is possible."""
    lacking = methods_lacking(case_letter)
    return next((m for m, _ in METHODS if m not in lacking), "post")


@transaction.atomic
def issue_kind(
    measure: Measure,
    kind: str,
    *,
    by: User,
    at: datetime,
    method: str,
    signed_by: User,
    text: str | None = None,
    sent_at: datetime | None = None,
    supersedes: Letter | None = None,
) -> Letter:
    """Sign and issue the letter of a kind about a measure, drafting it where none waits. See `issue`."""
    permit(by, measure.case.school, "issue_letter", at)
    measure.case = locked(measure.case)
    case_letter = letter_for(measure, kind, by=by, at=at, signed_by=signed_by, supersedes=supersedes)
    if text is not None:
        case_letter.letter.extra = text
        case_letter.letter.save(update_fields=["extra"])
    approvals.sign(case_letter, by=signed_by, at=at)
    return issue(case_letter, by=by, at=at, method=method, signed_by=signed_by, sent_at=sent_at)


@transaction.atomic
def issue(
    case_letter: CaseLetter, *, by: User, at: datetime, method: str, signed_by: User, sent_at: datetime | None = None
) -> Letter:
    """Issue a draft that its signatory has approved: it gets its number and final bytes, and the measure moves on.

    `sent_at` is when it leaves the school, and is the moment of issue where nothing is said. Raises Refused, and what
    `press.letter` raises.
    """
    permit_issue(case_letter, by=by, at=at)
    approvals.hold(case_letter)
    measure, letter = case_letter.measure, case_letter.letter
    if letter.is_issued:
        raise Refused([final(letter)])
    if measure is not None:
        measure.case = case_letter.case
    stands = situation(case_letter, by=by, at=at)
    if not fits(case_letter, stands):
        raise Refused([ladder.wrong_state(stands)])
    leaves = max(sent_at or at, case_letter.decision.at if case_letter.decision else at)  # not before it was decided
    # Read once: what is checked is what is kept.
    version, look = wording.in_force(letter.school, letter.kind), look_of(case_letter)
    leaving: dict[str, Any] = {"method": method, "sent_at": leaves, "at": at}
    facts = facts_of(case_letter, texts=wording.texts_in(letter.kind, version), **leaving)
    checked = letter_facts(case_letter, facts, look, signed_by, **leaving)
    if measure is not None:
        measure.refresh_from_db()  # as it stands, now that nobody else can move it on
        measure.case = case_letter.case
    refuse_unsound(case_letter, replace(stands, attempt=Attempt(letter=checked)))
    service.freeze(letter, facts=facts, look=look, version=version, by=by, signed_by=signed_by, **leaving)
    if measure is not None:
        after_issue(measure, letter, by=by, at=at)
    return letter


def permit_issue(case_letter: CaseLetter, *, by: User, at: datetime) -> None:
    """Whoever issues letters; a pack also whoever may refer the case, or make what the review reads."""
    school = case_letter.case.school
    roles, also = by.roles_at(school, local_date(at)), ladder.PACKS.get(case_letter.letter.kind, "")
    if not (also and may(roles, also)):
        permit(by, school, "issue_letter", at)


def final(letter: Letter) -> Refusal:
    """An issued letter is not issued again."""
    words = f"{letter.reference} is issued already. To correct it, issue another that replaces it."
    return Refusal("issued-is-final", words, "letter")


def refuse_unsound(case_letter: CaseLetter, situation: ladder.Situation) -> None:
    """Refuse what the rules of letters refuse; about a measure by way of its table."""
    if case_letter.measure is not None and case_letter.letter.kind not in ladder.PACKS:
        found = against(case_letter.measure, "issue_letter", situation)
    else:
        found = ladder.refusals(ladder.LETTER, situation)
    if found:
        raise Refused(found)


def after_issue(measure: Measure, letter: Letter, *, by: User, at: datetime) -> None:
    """What a letter does to its measure: the first one serves it, or opens the ban; each may change when things are due."""
    if State(measure.state) is State.DECIDED and letter.kind in ladder.LETTER_KINDS:
        measure.served_at = at
        measure.save(update_fields=["served_at"])
        to = ladder.FIRST_STATE.get(letter.kind, State.SERVED)
        move(measure, to, verb="serve", by=by, at=at, letter=letter.reference)
        if letter.kind in HEARING:
            inquiry.report_significant(measure.case, measure.adoption.pack.significant_reports, at=at)
    if letter.kind == "post_removal_request":
        Follow.objects.create(measure=measure, step="asked", note=f"By letter {letter.reference}.", at=at, by=by)
    if measure.response in DATED:
        diary.reschedule(measure, at=at)


@transaction.atomic
def reword(case_letter: CaseLetter, *, by: User, at: datetime, account: str, extra: str) -> None:
    """Word the two passages that are the school's own, before the letter is issued."""
    permit(by, case_letter.case.school, "edit_letter", at)
    locked(case_letter.case)
    case_letter.letter.refresh_from_db()
    if case_letter.letter.is_issued:
        raise Refused(
            [Refusal("issued-is-final", f"{case_letter.letter.reference} is issued: issue another that replaces it.")]
        )
    drafting.reword(case_letter.letter, by=by, at=at, account=account, extra=extra)
    if by.pk != case_letter.signs.pk:
        approvals.asked_by_change(Letter.objects.filter(pk=case_letter.letter_id), by=by, at=at)


@transaction.atomic
def redraft(letter: Letter, *, by: User, at: datetime) -> CaseLetter:
    """Draft a corrected letter about the same decision, which says that it replaces this one. Raises Refused.

    A draft that already waits about that decision is used; otherwise it starts with the words of the one it replaces.
    """
    permit(by, letter.school, "issue_letter", at)
    told = CaseLetter.objects.select_related("measure__adoption", "decision").get(letter=letter)
    told.case = locked(told.case)
    letter.refresh_from_db()
    later = letter.superseded_by.filter(issued_at__isnull=False).first()
    if later is not None:
        raise Refused([Refusal("wrong-state", f"{later.reference} has replaced this letter: replace that one.")])
    stands = situation(told, by=by, at=at)
    if not letter.is_issued or not fits(told, stands):
        raise Refused([ladder.wrong_state(stands)])
    waiting = waiting_beside(told)
    if waiting is None:
        waiting = drafted_anew(told, by=by, at=at)
    waiting.letter.supersedes = letter
    waiting.letter.save(update_fields=["supersedes", "account", "extra"])
    audit.record("redraft_letter", by=by, at=at, school=letter.school, about=letter.reference)
    return waiting


def waiting_beside(told: CaseLetter) -> CaseLetter | None:
    """A draft of the same kind that waits about the same decision already, or, where it tells none, about the same thing."""
    if told.referral is not None:
        return told.referral.case_letters.filter(letter__kind=told.letter.kind, letter__issued_at=None).last()
    if told.decision is None:
        return notices.waiting(told.case, told.letter.kind, told.measure)
    return told.decision.case_letters.filter(letter__kind=told.letter.kind, letter__issued_at=None).last()


def drafted_anew(told: CaseLetter, *, by: User, at: datetime) -> CaseLetter:
    """A draft that begins with the words of an issued letter."""
    letter = told.letter
    if told.decision is not None:
        fresh = draft_letter(told.decision, letter.kind, by=by, at=at)
    else:
        fresh = draft_about(
            told.case, letter.kind, by=by, at=at, signs=told.signs, measure=told.measure, referral=told.referral,
            addressee=letter.addressee, chosen=told.chosen,
        )  # fmt: skip
    fresh.letter.account, fresh.letter.extra = letter.account, letter.extra
    return fresh
