"""What one letter says: every fact of its kind, gathered afresh until it is issued; and the digest of what it says."""

import hashlib
import json
from dataclasses import fields
from datetime import datetime
from typing import Any

from conduct.calendar import local_date
from conduct.code import Pack
from letters import kinds, letterhead, rendering
from sanctions import contents, undecided
from sanctions.dates import TermsFacts
from sanctions.models import CaseLetter, Decision, Measure
from sanctions.situation import record_of, terms_facts, with_history

# What follows from the day and the way on which a letter leaves. It is no part of what its signatory approves: a letter
# approved on Monday and posted on Tuesday gives a day more to reply, and need not be approved again.
OF_SENDING = frozenset({"date", "reference", "method", "reply_by", "decide_by", "take_down_by", "counts_until"})


def facts_of(
    case_letter: CaseLetter, *, method: str, sent_at: datetime, at: datetime, texts: dict[str, str] | None = None
) -> dict[str, Any]:
    """Everything that a letter says, as JSON, if it left at `sent_at` in that way; `texts` as they are in force."""
    letter, case = case_letter.letter, case_letter.case
    adoption = case_letter.measure.adoption if case_letter.measure else case.school.adoption_on(local_date(at))
    pack = adoption.pack
    leaving = {"method": method, "sent_at": sent_at, "at": at}
    known = {
        **contents.of_school(case.school, pack),
        "policy_version": adoption.version_words,
        **contents.of_recipient(letter),
        **contents.of_conduct(case_letter),
        **(told(case_letter, case_letter.decision, pack, **leaving) if case_letter.decision else {}),
        **(undecided.facts(case_letter, pack, **leaving) if not case_letter.decision else {}),
        **contents.of_signatory(case_letter, pack, at),
        "date": local_date(at),
        "reference": letter.reference or "to be given",
        "method": method,
        "extra": letter.extra,
        "supersedes": letter.supersedes.reference if letter.supersedes else "",
    }
    known = contents.in_texts(known, letter.kind, case.school, texts)
    wanted = {f.name for f in fields(kinds.KINDS[letter.kind].facts)}
    return contents.plain_facts({name: value for name, value in known.items() if name in wanted})


def told(
    case_letter: CaseLetter, decision: Decision, pack: Pack, *, method: str, sent_at: datetime, at: datetime
) -> dict[str, Any]:
    """What a letter tells of a decision: its terms, its reasons, how the person is heard, when it is looked at again."""
    letter, school = case_letter.letter, case_letter.case.school
    measure = with_history(Measure.objects.filter(pk=decision.measure_id)).get()
    record = record_of(measure, school.calendar)
    terms = terms_facts(decision.terms) or TermsFacts()
    known = {
        **contents.of_terms(terms, measure.person),
        **contents.of_plan(terms, measure, decision, pack),
        **contents.of_decision(decision),
        **contents.of_hearing(measure, record, terms, pack, letter.kind, method=method, sent_at=sent_at, at=at),
        **contents.of_review(measure, decision, record, pack),
        "severity_reason": measure.severity_reason,
        "lesser_options": measure.lesser_options,
        "after_intent": measure.opening == "intent",
    }
    if letter.kind == "ban_extended":
        known["starts"] = local_date(at)  # the new term counts from this letter
    return known


def digest_of(case_letter: CaseLetter, facts: dict[str, Any], look: dict[str, str]) -> str:
    """The digest of what a letter says and how it looks: what its signatory approves. See OF_SENDING for what is not in it.

    How many school days they have to answer is in it, though the day on which these end is not.
    """
    apart = OF_SENDING | ({"starts"} if case_letter.letter.kind == "ban_extended" else frozenset())
    said = {name: value for name, value in facts.items() if name not in apart}
    whole = [case_letter.letter.kind, said, case_letter.chosen.get("days"), look, rendering.TEMPLATE_VERSION]
    return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def look_of(case_letter: CaseLetter) -> dict[str, str]:
    """The letterhead and signature that the letter would be issued with now."""
    return letterhead.current(case_letter.case.school, case_letter.signs)
