"""Letters about cases: which facts they tell, who may issue them, and what issuing does to the measure."""

import re
import unicodedata
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from conduct import audit, code
from conduct.calendar import deemed_receipt, local_date, window
from conduct.models import Person, School, User, title_of
from conduct.roles import Role
from incidents.models import Witness
from letters import drafting, kinds, service
from letters.models import Letter
from letters.starters import starter_facts
from sanctions import diary, inquiry, ladder
from sanctions.dates import BanRecord, Receipt, TermsFacts, months_away
from sanctions.ladder import Attempt, LetterFacts, Refusal
from sanctions.measures import draft_letter, move
from sanctions.models import CLOSABLE, METHODS, Answer, CaseLetter, Decision, Measure, Representation
from sanctions.situation import incidents_of, read, record_of, terms_facts, with_history
from sanctions.standing import Refused, locked, permit, require
from sanctions.states import State

METHOD_LABELS = dict(METHODS) | code.CONTACT_METHODS
CLOSABLE_LABELS = dict(CLOSABLE)
HEARING = ("provisional_ban", "intent_to_ban")


# -- the facts ----------------------------------------------------------------------------------------------------


def facts_of(case_letter: CaseLetter, *, method: str, sent_at: datetime, at: datetime) -> dict[str, Any]:
    """Everything that a letter of this kind says, gathered from the case, the terms, the school and the starters."""
    letter, measure, decision = case_letter.letter, case_letter.measure, case_letter.decision
    school, pack = measure.case.school, measure.adoption.pack
    measure = with_history(Measure.objects.filter(pk=measure.pk)).get()
    record = record_of(measure, school.calendar)
    terms = terms_facts(decision.terms) or TermsFacts()
    known = {
        **starter_facts(letter.kind, blanks(school, pack)),
        **of_school(school, pack),
        **of_recipient(letter.recipient),
        **of_conduct(case_letter),
        **of_terms(terms, letter.recipient),
        **of_decision(decision, pack),
        **of_hearing(measure, record, terms, pack, letter.kind, method=method, sent_at=sent_at, at=at),
        **of_review(measure, decision, record, pack),
        "severity_reason": measure.severity_reason,
        "lesser_options": measure.lesser_options,
        "date": local_date(at),
        "reference": letter.reference or "to be given",
        "method": method,
        "extra": letter.extra,
        "supersedes": letter.supersedes.reference if letter.supersedes else "",
        "after_intent": measure.opening == "intent",
    }
    if letter.kind == "ban_extended":
        known["starts"] = local_date(at)  # the new term counts from this letter
    wanted = {f.name for f in fields(kinds.KINDS[letter.kind].facts)}
    return plain_facts({name: value for name, value in known.items() if name in wanted})


def plain_facts(known: dict[str, Any]) -> dict[str, Any]:
    """The facts as JSON holds them."""
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in known.items() if v is not None}


def blanks(school: School, pack: code.Pack) -> dict[str, str]:
    return {
        "school": school.name,
        "trust": school.trust.name,
        "policy": pack.title,
        "head": pack.title_of("head"),
        "chair": pack.title_of("chair"),
    }


def of_school(school: School, pack: code.Pack) -> dict[str, Any]:
    """Letterhead, whom to ask, how to reply; the school's own wording where it has one."""
    own = {"complaints": school.complaints, "privacy": school.privacy_notice}
    return {
        "school_name": school.name,
        "school_address": [line for line in school.address.splitlines() if line.strip()],
        "school_phone": school.phone,
        "school_email": school.email,
        "trust_name": school.trust.name,
        "policy_title": pack.title,
        "policy_version": pack.version,
        "ask_name": school.contact_name,
        "ask_role": school.contact_role,
        "ask_phone": school.phone,
        "ask_email": school.email,
        "reply_how": [ways(school)[method] for method in ("email", "letter", "telephone")],
        **{name: text for name, text in own.items() if text.strip()},
    }


def of_recipient(person: Person) -> dict[str, Any]:
    return {
        "recipient_name": person.name or person.description,
        "salutation": "" if person.name else "Sir or Madam",
        "recipient_address": [line.strip() for line in re.split(r"[\n,]", person.address) if line.strip()],
        "recipient_email": person.email,
        "pupils": list(person.pupils.values_list("name", flat=True)),
        "large_print": person.large_print,
    }


def of_conduct(case_letter: CaseLetter) -> dict[str, Any]:
    """What is said to have happened: what was upheld, or, where nothing is found yet, what was logged."""
    told = []
    ids: set[str] = set()
    found_only = case_letter.letter.kind in {"warning", "ban_confirmed", "ban_varied"}
    for incident in incidents_of(case_letter.case):
        finding = incident.finding
        if (finding and not finding.upheld) or (found_only and not finding):
            continue
        ids.update(finding.upheld if finding else incident.clause_ids)
        told.append({"on": local_date(incident.occurred_at).isoformat(), "text": incident.narrative})
    if case_letter.letter.account and told:
        told = [{"on": told[0]["on"], "text": case_letter.letter.account}]
    clauses = [{"id": c, "wording": code.clauses()[c].wording} for c in sorted(ids)]
    return {"incidents": told, "clauses": clauses}


def of_terms(terms: TermsFacts, person: Person) -> dict[str, Any]:
    names = dict(person.pupils.values_list("pk", "name"))
    return {
        "in_force_from": terms.starts,
        "starts": terms.starts,
        "proposed_start": terms.starts,
        "ends": terms.ends,
        "proposed_end": terms.ends,
        "review_on": terms.review_on,
        "latest_decision_on": terms.latest_decision_on,
        "scope": scope_of(terms),
        "proposed_scope": scope_of(terms),
        "exceptions": terms.exceptions,
        "contact_who": terms.contact_who,
        "contact_methods": [ways(person.school).get(m, METHOD_LABELS.get(m, m).lower()) for m in terms.contact_methods],
        "handover": [{"pupil": names[pupil], "arrangement": text} for pupil, text in terms.handover if pupil in names],
        "meeting_when": terms.when,
        "meeting_where": terms.where,
        "attends": terms.attends,
    }


def scope_of(terms: TermsFacts) -> str:
    """Where the ban applies, and what else it closes: the person is told of everything that is closed to them."""
    if not terms.closes:
        return terms.scope
    closed = ", ".join(CLOSABLE_LABELS.get(c, c.replace("_", " ")).lower() for c in terms.closes)
    return f"{terms.scope}\n\nFor as long as it lasts, these are closed as well: {closed}."


def ways(school: School) -> dict[str, str]:
    """How a person reaches the school, by method, as a letter says it."""
    return {
        "email": f"by email to {school.email}",
        "telephone": f"by telephone on {school.phone}",
        "letter": f"by letter to {school.name}, at the address above",
        "meeting": "at a meeting that you arrange through the school office",
        "app": "by message in the school app",
    }


def of_decision(decision: Decision, pack: code.Pack) -> dict[str, Any]:
    """The reasons, and the signatory: whoever took the decision, by the title that the policy gives their office."""
    return {
        "reasons": decision.reasons,
        "signatory_name": decision.by.name,
        "signatory_role": capitalised(title_of(signing_role(decision), pack)),
        "run_out": decision.run_out,
        "on_review": decision.verb == "vary_on_review",
        "access_from": local_date(decision.at),
    }


def capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]


def signing_role(decision: Decision) -> str:
    """The office in which somebody decided: the first of head, chair and trust that they held on the day."""
    held = decision.by.roles_at(decision.measure.case.school, local_date(decision.at))
    return next((r for r in (Role.HEAD, Role.CHAIR, Role.TRUST) if r in held), "")


def served_now(record: BanRecord, terms: TermsFacts, *, method: str, sent_at: datetime) -> BanRecord:
    """The record as it will be once its opening letter is sent this way."""
    receipt = Receipt(sent_at, deemed_receipt(method, sent_at))
    return replace(record, opening_letters=(*record.opening_letters, receipt), opening_terms=terms)


def of_hearing(
    measure: Measure,
    record: BanRecord,
    terms: TermsFacts,
    pack: code.Pack,
    kind: str,
    *,
    method: str,
    sent_at: datetime,
    at: datetime,
) -> dict[str, Any]:
    """By when they may reply and who decides then; what they replied and how it was answered."""
    replies = [r for r in measure.representations.all() if not r.none_received]
    answers = list(measure.answers.all())
    facts: dict[str, Any] = {
        "none_received": not replies,
        "main_points": [main_point(a, replies) for a in answers],
    }
    if kind in HEARING:
        ahead = served_now(record, terms, method=method, sent_at=sent_at)
        assert ahead.window is not None
        return facts | {
            "reply_by": ahead.window.on,
            "decide_by": ahead.decision_by,
            "decider": decider(measure, pack, at),
        }
    received = deemed_receipt(method, sent_at)
    until = window(record.calendar, received.on, provisional=False, school_days=pack.timers.representations_school_days)
    counts = months_away(local_date(sent_at), pack.timers.warning_counts_months)
    return facts | {"reply_by": until.on, "counts_until": counts}


def decider(measure: Measure, pack: code.Pack, at: datetime) -> str:
    """Who will decide after the person was heard: those of the policy whom their own cause does not bar."""
    roles = ladder.right_roles(read(measure, by=measure.proposed_by, at=at))
    return " or ".join(office(r, pack, measure.case.school) for r in (Role.HEAD, Role.CHAIR, Role.TRUST) if r in roles)


def main_point(answer: Answer, replies: list[Representation]) -> dict[str, str]:
    """What was said, in short, and the answer to it; where nobody put it in short, the replies that it answers."""
    days = [long(local_date(r.at)) for r in replies if answer.last_reply_id and r.pk <= answer.last_reply_id]
    return {"point": answer.points or f"what stands in your reply of {' and '.join(days[-2:])}", "answer": answer.text}


def office(role: str, pack: code.Pack, school: School) -> str:
    """An office as a letter names it; the trust by its own name, which a policy often shortens."""
    return school.trust.name if role == Role.TRUST else f"the {pack.title_of(role)}"


def of_review(measure: Measure, decision: Decision, record: BanRecord, pack: code.Pack) -> dict[str, Any]:
    """What a review looked back on, in words made from the record."""
    confirmation = record.confirmation
    since = confirmation.at if confirmation else measure.proposed_at
    further = measure.person.incidents.filter(logged_at__gt=since, logged_at__lte=decision.at).count()
    so_far = "Nothing further has been recorded" if not further else f"{further} further incident(s) have been recorded"
    later = [r for r in measure.representations.all() if r.at > since]
    views = (
        "What you have told us since then was considered."
        if later
        else ("We considered what you told us before the ban was decided. You have sent us nothing further.")
    )
    reviewers = " or ".join(office(r, pack, measure.case.school) for r in ("chair", "trust", "head"))
    return {
        "since": f"{so_far} since {long(local_date(since))}.",
        "views": views,
        "reviewer": f"{reviewers}, whichever did not make this decision",
    }


def long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


# -- whom a letter must not name ----------------------------------------------------------------------------------


def third_parties(case_letter: CaseLetter) -> set[str]:
    """Full names that must not stand in a letter: witnesses, other pupils, other parents and carers of the children."""
    case, person = case_letter.case, case_letter.letter.recipient
    # Whoever signs, or is the one to ask, stands in the letter by their office, even if they also saw it happen.
    decision = case_letter.decision
    in_office = {decision.by.name, case.school.contact_name, decision.terms.contact_who if decision.terms else ""}
    own = set(person.pupils.values_list("name", flat=True)) | {person.name} | in_office
    witnesses = Witness.objects.filter(incident__in_case__case=case).values_list("name", flat=True)
    pupils = case.school.pupils.exclude(adults=person).values_list("name", flat=True)
    others = Person.objects.filter(pupils__adults=person).exclude(pk=person.pk).values_list("name", flat=True)
    names = {*witnesses, *pupils, *others}
    return {name for name in names if name} - own


def plain_words(text: str) -> str:
    """Text as names are compared in it: one case, one form of each letter, straight apostrophes, nothing invisible."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("ʼ", "'")
    return " ".join("".join(c for c in folded if unicodedata.category(c) != "Cf").split())


def named_in(text: str, names: set[str]) -> tuple[str, ...]:
    """Which of the names stand in the text as whole words, whatever their case."""
    low = plain_words(text)
    found = [n for n in names if re.search(rf"(?<!\w){re.escape(plain_words(n))}(?!\w)", low)]
    return tuple(sorted(found))


# -- issuing ------------------------------------------------------------------------------------------------------


def letter_facts(
    case_letter: CaseLetter, facts: dict[str, Any], signer: User, *, method: str, sent_at: datetime, at: datetime
) -> LetterFacts:
    """What the rules of letters need to know about the one to be issued."""
    letter, measure, decision = case_letter.letter, case_letter.measure, case_letter.decision
    gap = kinds.recipient_gap(facts)
    before = CaseLetter.objects.filter(
        decision=decision, letter__kind=letter.kind, letter__issued_at__isnull=False
    ).exclude(letter=letter)
    replaced = before.filter(letter=letter.supersedes_id).exists()
    standing = None if replaced else before.select_related("letter").last()
    fresh = with_history(Measure.objects.filter(pk=measure.pk)).get()
    record = record_of(fresh, measure.case.school.calendar)
    ahead = served_now(record, terms_facts(decision.terms) or TermsFacts(), method=method, sent_at=sent_at)
    return LetterFacts(
        kind=letter.kind,
        missing=tuple(m.label for m in kinds.missing(letter.kind, facts)),
        recipient_lacks=gap.label.lower() if gap else "",
        named=named_in(kinds.plain_text(letter.kind, facts), third_parties(case_letter)),
        signer_decided=signer.pk == decision.by_id,
        signer_roles=signer.roles_at(measure.case.school, local_date(at)),
        issued_before=standing.letter.reference if standing else "",
        window_closes_on=ahead.window.on if ahead.window and letter.kind in HEARING else None,
    )


def letter_for(measure: Measure, kind: str, *, by: User, at: datetime, supersedes: Letter | None = None) -> CaseLetter:
    """The draft of that kind that waits on a measure; or a new one, about the same decision as the last.

    Raises Refused with `wrong-state` when the kind does not fit the measure or where it stands.
    """
    waiting = measure.case_letters.filter(letter__kind=kind, letter__issued_at=None).last()
    if waiting is None:
        told = last_decision_told_by(measure, kind)
        if told is None:
            raise Refused([Refusal("wrong-state", "This letter does not fit the measure, or where it stands.")])
        waiting = draft_letter(told, kind, by=by, at=at)
    if supersedes is not None:
        waiting.letter.supersedes = supersedes
        waiting.letter.save(update_fields=["supersedes"])
    return waiting


def last_decision_told_by(measure: Measure, kind: str) -> Decision | None:
    """The latest decision about a measure that a letter of this kind tells."""
    if kind not in ladder.LETTER_KINDS:
        return None
    verbs = [v for v in {d.verb for d in measure.decisions.all()} if told_by(measure, v) == kind]
    return measure.decisions.filter(verb__in=verbs).last()


def told_by(measure: Measure, verb: str) -> str | None:
    return ladder.letter_kind(measure.response, verb, measure.opening)


def fits(kind: str, situation: ladder.Situation) -> bool:
    """Whether a letter of this kind may be issued where the measure now stands."""
    _, _, states = ladder.LETTER_KINDS[kind]
    return situation.state in states


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
    """Issue the letter of a kind about a measure, drafting it where none waits. See `issue`."""
    permit(by, measure.case.school, "issue_letter", at)
    measure.case = locked(measure.case)
    case_letter = letter_for(measure, kind, by=by, at=at, supersedes=supersedes)
    if text is not None:
        case_letter.letter.extra = text
        case_letter.letter.save(update_fields=["extra"])
    return issue(case_letter, by=by, at=at, method=method, signed_by=signed_by, sent_at=sent_at)


@transaction.atomic
def issue(
    case_letter: CaseLetter, *, by: User, at: datetime, method: str, signed_by: User, sent_at: datetime | None = None
) -> Letter:
    """Issue a draft: it gets its number and final bytes, and the measure moves on. Raises Refused.

    `sent_at` is when it leaves the school, and is the moment of issue where nothing is said.
    """
    permit(by, case_letter.case.school, "issue_letter", at)
    measure, letter = case_letter.measure, case_letter.letter
    measure.case = locked(case_letter.case)
    letter.refresh_from_db()
    if letter.is_issued:
        raise Refused([Refusal("issued-is-final", f"{letter.reference} is issued already.", "letter")])
    if not fits(letter.kind, read(measure, by=by, at=at)):
        raise Refused([ladder.WRONG_STATE])
    leaves = max(sent_at or at, case_letter.decision.at)  # nothing leaves before it was decided
    facts = facts_of(case_letter, method=method, sent_at=leaves, at=at)
    checked = letter_facts(case_letter, facts, signed_by, method=method, sent_at=leaves, at=at)
    require(measure, "issue_letter", by=by, at=at, attempt=Attempt(letter=checked))
    service.freeze(letter, facts=facts, by=by, signed_by=signed_by, method=method, sent_at=leaves, at=at)
    after_issue(measure, letter, by=by, at=at)
    return letter


def after_issue(measure: Measure, letter: Letter, *, by: User, at: datetime) -> None:
    """What a letter does to its measure: the first one serves it, or opens the ban; each may change when things are due."""
    if State(measure.state) is State.DECIDED:
        measure.served_at = at
        measure.save(update_fields=["served_at"])
        to = ladder.FIRST_STATE.get(letter.kind, State.SERVED)
        move(measure, to, verb="serve", by=by, at=at, letter=letter.reference)
        if letter.kind in HEARING:
            inquiry.report_significant(measure.case, measure.adoption.pack.significant_reports, at=at)
    if measure.response == "site_ban":
        diary.reschedule(measure, at=at)


@transaction.atomic
def record_sent(
    letter: Letter, *, by: User, at: datetime, sent_at: datetime, method: str, proof: str = "", note: str = ""
) -> None:
    """Record how and when an issued letter really left; dates that hang on its receipt move with it."""
    permit(by, letter.school, "post_letter", at)
    case_letter = CaseLetter.objects.select_related("measure", "case").get(letter=letter)
    locked(case_letter.case)
    letter.refresh_from_db()
    if not letter.is_issued:
        raise Refused([Refusal("wrong-state", "Issue the letter first.")])
    if letter.posted_at is not None:
        raise Refused([Refusal("wrong-state", f"It was recorded as sent on {long(local_date(letter.posted_at))}.")])
    service.record_sent(letter, by=by, at=at, sent_at=sent_at, method=method, proof=proof, note=note)
    if case_letter.measure.response == "site_ban":
        diary.reschedule(case_letter.measure, at=at)


@transaction.atomic
def reword(case_letter: CaseLetter, *, by: User, at: datetime, account: str, extra: str) -> None:
    """Word the two passages that are the school's own, before the letter is issued."""
    permit(by, case_letter.case.school, "edit_letter", at)
    locked(case_letter.case)
    case_letter.letter.refresh_from_db()
    if case_letter.letter.is_issued:
        raise Refused(
            [Refusal("issued-is-final", f"{case_letter.letter.reference} is issued: it can be replaced, not changed.")]
        )
    drafting.reword(case_letter.letter, by=by, at=at, account=account, extra=extra)


@transaction.atomic
def redraft(letter: Letter, *, by: User, at: datetime) -> CaseLetter:
    """Draft a corrected letter about the same decision, which says that it replaces this one. Raises Refused.

    A draft that already waits about that decision is used; otherwise it starts with the words of the one it replaces.
    """
    permit(by, letter.school, "issue_letter", at)
    told = CaseLetter.objects.select_related("measure__adoption", "decision").get(letter=letter)
    measure = told.measure
    measure.case = locked(told.case)
    letter.refresh_from_db()
    later = letter.superseded_by.filter(issued_at__isnull=False).first()
    if later is not None:
        raise Refused([Refusal("wrong-state", f"{later.reference} has replaced this letter: replace that one.")])
    if not letter.is_issued or not fits(letter.kind, read(measure, by=by, at=at)):
        raise Refused([ladder.WRONG_STATE])
    waiting = told.decision.case_letters.filter(letter__kind=letter.kind, letter__issued_at=None).last()
    if waiting is None:
        waiting = draft_letter(told.decision, letter.kind, by=by, at=at)
        waiting.letter.account, waiting.letter.extra = letter.account, letter.extra
    waiting.letter.supersedes = letter
    waiting.letter.save(update_fields=["supersedes", "account", "extra"])
    audit.record("redraft_letter", by=by, at=at, school=letter.school, about=letter.reference)
    return waiting
