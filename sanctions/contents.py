"""What a letter may say about a case: facts from the case, the terms, the school and the starters; and whom it must not
name. `sanctions.letter_facts` puts them together."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from conduct import code
from conduct.calendar import deemed_receipt, local_date, window
from conduct.models import Person, School, title_of
from conduct.roles import Role
from incidents.models import Incident, Witness
from letters import covering, wording
from letters.models import Letter
from sanctions import ladder
from sanctions.dates import BanRecord, Receipt, TermsFacts, months_away
from sanctions.models import CLOSABLE, METHODS, Answer, Case, CaseLetter, Decision, Measure, Representation, Terms
from sanctions.situation import incidents_of, read

METHOD_LABELS = code.CONTACT_METHODS | dict(METHODS)
CLOSABLE_LABELS = dict(CLOSABLE)
HEARING = ("provisional_ban", "intent_to_ban")
UNFOUND_ONLY = ("account_request",)  # they ask about what is open
FOUND_ONLY = (  # they tell what was upheld alone
    *("warning", "communication_plan", "channel_block", "vexatious_notice", "ban_confirmed", "ban_varied"),
)
TAKE_DOWN_SCHOOL_DAYS = 5  # after receipt: soon enough to help, long enough to read the letter and ask about it


def plain_facts(known: dict[str, Any]) -> dict[str, Any]:
    """The facts as JSON holds them."""
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in known.items() if v is not None}


def in_texts(known: dict[str, Any], kind: str, school: School, texts: dict[str, str] | None = None) -> dict[str, Any]:
    """The facts, with the school's own texts or the starters where nobody wrote any words for this letter."""
    in_force = wording.texts(school, kind) if texts is None else texts
    wanted = {name: text for name, text in in_force.items() if not known.get(name)}
    return known | wanted | {"worded": sorted(wanted)}


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
        "head_title": pack.title_of("head"),
        "chair_title": pack.title_of("chair"),
        "recording": pack.recording_rule,
        "ask_name": school.contact_name,
        "ask_role": school.contact_role,
        "ask_phone": school.phone,
        "ask_email": school.email,
        "reply_how": [ways(school)[method] for method in ("email", "letter", "telephone")],
        **{name: text for name, text in own.items() if text.strip()},
    }


def of_recipient(letter: Letter) -> dict[str, Any]:
    """To whom it goes: a person, or an authority or a desk, which is written to by its name alone."""
    if letter.recipient is None:
        return {"recipient_name": letter.addressee, "salutation": "Sir or Madam", "pupils": []}
    return of_person(letter.recipient)


def of_person(person: Person) -> dict[str, Any]:
    known = person.whole
    return {
        "recipient_name": known.name or known.description,
        "salutation": "" if known.name else "Sir or Madam",
        "recipient_address": [line.strip() for line in re.split(r"[\n,]", known.address) if line.strip()],
        "recipient_email": known.email,
        "pupils": list(person.every_pupil().values_list("name", flat=True)),
        "large_print": known.large_print,
        "covering_language": covering.language_in(known.language),
    }


def of_conduct(case_letter: CaseLetter) -> dict[str, Any]:
    """What is said to have happened: what was upheld, or, where nothing is found yet, what was logged."""
    told = []
    told_of: set[tuple[str, str]] = set()  # in the words of the policy that was in force when it happened
    kind = case_letter.letter.kind
    chosen = case_letter.chosen.get("incidents")  # by whoever drafted it; none: all of the case
    for incident in incidents_of(case_letter.case):
        finding = incident.finding
        if chosen is not None and incident.pk not in chosen:
            continue
        if (finding and not finding.upheld) or (kind in FOUND_ONLY and not finding):
            continue
        if finding and kind in UNFOUND_ONLY:
            continue
        ids = finding.upheld if finding else incident.clause_ids
        told_of.update((c, incident.adoption.pack.clause(c).wording) for c in ids)
        told.append({"on": local_date(incident.occurred_at).isoformat(), "text": incident.narrative})
    if case_letter.letter.account and told:
        told = [{"on": told[0]["on"], "text": case_letter.letter.account}]
    clauses = [{"id": c, "wording": wording} for c, wording in sorted(told_of)]
    return {"incidents": told, "clauses": clauses}


def of_terms(terms: TermsFacts, person: Person) -> dict[str, Any]:
    names = dict(person.every_pupil().values_list("pk", "name"))
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


def closed_words(what: str) -> str:
    return CLOSABLE_LABELS.get(what, what.replace("_", " ")).lower()


def scope_of(terms: TermsFacts) -> str:
    """Where the ban applies, and what else it closes: the person is told of everything that is closed to them."""
    if not terms.closes:
        return terms.scope
    closed = ", ".join(closed_words(c) for c in terms.closes)
    return f"{terms.scope}\n\nFor as long as it lasts, these are closed as well: {closed}."


def of_plan(terms: TermsFacts, measure: Measure, decision: Decision, pack: code.Pack) -> dict[str, Any]:
    """What a plan, a block or a notice allows and closes; what became of it; which posts are to come down."""
    own_scope = {"scope": terms.scope} if measure.response in ladder.PLANS else {}  # what it closes has its own list
    return own_scope | {
        "ways": plan_ways(terms),
        "deputy": f"When the person named is away, {terms.deputy} answers." if terms.deputy else "",
        "cap": terms.cap,
        "reply_days": str(terms.reply_days or ""),
        "closes": [closed_words(c) for c in terms.closes],
        "channel": pack.school_app,
        "posts": [f.where for f in measure.follows.all() if f.where],
        "measure_name": MEASURE_NAMES.get(measure.response, ""),
        "outcome": OUTCOMES.get(decision.verb, ""),
        "ended_on": local_date(decision.at),
    }


MEASURE_NAMES = {
    "communication_plan": "restricted communication plan",
    "channel_block": "block from the school app or social media",
    "vexatious_notice": "notice that communications are vexatious",
}
OUTCOMES = {"keep": "kept", "vary_on_review": "varied", "end": "ended", "withdraw": "withdrawn"}


def plan_ways(terms: TermsFacts) -> list[dict[str, str]]:
    """For which purpose, how and to whom the person may turn; where only a name and methods were given, for anything."""
    if terms.ways:
        return [
            {"purpose": code.CONTACT_PURPOSES.get(p, p), "method": METHOD_LABELS.get(m, m), "staff": who}
            for p, m, who in terms.ways
        ]
    anything = "Anything to do with your child or the school"
    return [
        {"purpose": anything, "method": METHOD_LABELS.get(m, m), "staff": terms.contact_who}
        for m in terms.contact_methods
    ]


def ways(school: School) -> dict[str, str]:
    """How a person reaches the school, by method, as a letter says it."""
    return {
        "email": f"by email to {school.email}",
        "telephone": f"by telephone on {school.phone}",
        "letter": f"by letter to {school.name}, at the address above",
        "meeting": "at a meeting that you arrange through the school office",
        "app": "by message in the school app",
    }


def of_decision(decision: Decision) -> dict[str, Any]:
    """The reasons, and what follows from which decision it was."""
    return {
        "reasons": decision.reasons,
        "run_out": decision.run_out,
        "on_review": decision.verb == "vary_on_review",
        "access_from": local_date(decision.at),
    }


def capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]


def of_signatory(case_letter: CaseLetter, pack: code.Pack, at: datetime) -> dict[str, Any]:
    """Who signs: whoever took the decision, by the title that the policy gives the office in which they took it."""
    decision, signs = case_letter.decision, case_letter.signs
    held = signs.roles_at(case_letter.case.school, local_date(decision.at if decision else at))
    role = next((r for r in SIGNING if r in held), "")
    title = SIGNED_AS.get(role) or title_of(role, pack) if role else ""
    return {"signatory_name": signs.name, "signatory_role": capitalised(title)}


# In which office somebody signs: the first of these that they hold; two have no title of their own in a policy.
SIGNING = (Role.HEAD, Role.CHAIR, Role.TRUST, Role.SENIOR, Role.OFFICE)
SIGNED_AS: dict[str, str] = {Role.SENIOR: "senior member of staff", Role.OFFICE: "school office"}


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
    take_down_by = record.calendar.school_day_after(received.on, TAKE_DOWN_SCHOOL_DAYS)
    return facts | {"reply_by": until.on, "counts_until": counts, "take_down_by": take_down_by}


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
    logged = Incident.objects.filter(subject__in=measure.person.rows()).counting()
    further = logged.filter(logged_at__gt=since, logged_at__lte=decision.at).count()
    so_far = "Nothing further has been recorded" if not further else f"{further} further incident(s) have been recorded"
    later = [r for r in measure.representations.all() if r.at > since]
    heard = "We considered what you told us before the ban was decided. You have sent us nothing further."
    if measure.response in ladder.PLANS:
        heard = f"You have not told us what you think of the {MEASURE_NAMES[measure.response]} since it began."
    views = "What you have told us since then was considered." if later else heard
    return {
        "since": f"{so_far} since {long(local_date(since))}.",
        "views": views,
        "reviewer": f"{reviewers(pack, measure.case.school)}, whichever did not make this decision",
    }


def reviewers(pack: code.Pack, school: School) -> str:
    """The offices whose holders may review."""
    return " or ".join(office(r, pack, school) for r in ("chair", "trust", "head"))


def long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


# -- whom a letter must not name ----------------------------------------------------------------------------------


def third_parties(case_letter: CaseLetter) -> set[str]:
    """Full names that must not stand in a letter: witnesses and those for whom somebody logged it, other pupils, other
    parents and carers of the children, and whoever else was part of it."""
    case, person = case_letter.case, case_letter.case.person
    # Whoever signs, or is the one to ask, stands in the letter by their office, even if they also saw it happen.
    in_office = {case_letter.signs.name, case.school.contact_name, *answering(case_letter)}
    rows = person.rows()
    own = {*person.every_pupil().values_list("name", flat=True), *rows.values_list("name", flat=True)} | in_office
    witnesses = Witness.objects.filter(incident__in_case__case=case).values_list("name", flat=True)
    pupils = case.school.pupils.exclude(adults__in=rows).values_list("name", flat=True)
    others = Person.objects.filter(pupils__adults__in=rows).exclude(pk__in=rows).values_list("name", flat=True)
    names = {*witnesses, *reported_for(case), *pupils, *others, *co_subjects(case, person)}
    return {name for name in names if name} - own


def reported_for(case: Case) -> set[str]:
    """Those who were there when somebody else logged it: witnesses, whether they have an account or not."""
    rows = case.incidents.values_list("on_behalf_of__name", "on_behalf_name")
    return {name for row in rows for name in row if name}


def co_subjects(case: Case, person: Person) -> set[str]:
    """The others of whom the same report told: what is alleged of them is nothing for this person's letter."""
    events = case.incidents.exclude(event=None).values("event")
    others = Person.objects.filter(incidents__event__in=events, school=case.school_id)
    same = {person.pk, person.identity_id} - {None}  # written down twice, they are still the same
    return set(others.exclude(pk__in=same).exclude(identity__in=same).values_list("name", flat=True))


def answering(case_letter: CaseLetter) -> set[str]:
    """Those whom the terms that a letter tells name as the ones to turn to; without a decision, those of its measure."""
    told: Iterable[Terms | None] = [case_letter.decision.terms] if case_letter.decision else []
    if case_letter.decision is None and case_letter.measure is not None:
        told = case_letter.measure.terms.all()
    return {name for t in told if t for name in (t.contact_who, t.deputy, *(staff for _, _, staff in t.ways))}


def plain_words(text: str) -> str:
    """Text as names are compared in it: one case, one form of each letter, straight apostrophes, nothing invisible."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("ʼ", "'")
    return " ".join("".join(c for c in folded if unicodedata.category(c) != "Cf").split())


def named_in(text: str, names: set[str]) -> tuple[str, ...]:
    """Which of the names stand in the text as whole words, whatever their case."""
    low = plain_words(text)
    # A school has thousands of names, and a letter holds few of them: an expression is made for those alone.
    there = [(name, plain) for name in names if (plain := plain_words(name)) in low]
    return tuple(sorted(name for name, plain in there if re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", low)))
