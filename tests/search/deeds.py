"""Every verb of the program by name, and the answers that a sensible person would give to its form."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from conduct.models import Person, User
from incidents.models import Incident
from letters.models import Letter
from sanctions import bans, cases, correspondence, duties, inquiry, measures, plans, referrals
from sanctions.dates import TermsFacts
from sanctions.models import Measure
from tests.search.plain import LETTERS, MOVES, PLANS, STEPS, Deed, Plain, same_day_of_month
from tests.search.rows import Row

FAR = timedelta(days=1000)


# -- doing them -----------------------------------------------------------------------------------------------------


def perform(deed: Deed, at: datetime) -> object:
    """Try a deed with the program's own verb. Raises Refused."""
    by = User.objects.get(pk=deed.by)
    told = {name: named(name, value) for name, value in deed.told.items()}
    if deed.measure is not None:
        return ON_MEASURES[deed.verb](Measure.objects.get(pk=deed.measure), by=by, at=at, **told)
    if deed.incident is not None:
        return ON_INCIDENTS[deed.verb](Incident.objects.get(pk=deed.incident), by=by, at=at, **told)
    return ON_PEOPLE[deed.verb](Person.objects.get(pk=deed.person), by=by, at=at, **told)


def named(name: str, value: Any) -> Any:
    """Keys of people and letters become people and letters."""
    if name in {"consulted", "signed_by"}:
        return User.objects.get(pk=value)
    if name == "harmed":
        return list(User.objects.filter(pk__in=value))
    if name == "supersedes":
        return Letter.objects.get(pk=value)
    return value


def log_incident(person: Person, **told: Any) -> object:
    return inquiry.log_incident(subject=person, **told)


def issue_letter(measure: Measure, *, kind: str, **told: Any) -> object:
    return correspondence.issue_kind(measure, kind, **told)


def close_case(person: Person, **told: Any) -> None:
    case = person.cases.order_by("opened_at", "pk").last()
    assert case is not None
    cases.close_case(case, **told)


def complete_task(person: Person, *, kind: str, **told: Any) -> None:
    case = person.cases.order_by("opened_at", "pk").last()
    assert case is not None
    duties.complete_task(case, kind, **told)


Verb = Callable[..., object]
ON_MEASURES: dict[str, Verb] = {
    "consult": measures.consult,
    "decide": measures.decide,
    "decline": measures.decline,
    "hold_meeting": measures.hold_meeting,
    "follow": measures.follow,
    "log_contact": plans.log_contact,
    "end": plans.end,
    "issue_letter": issue_letter,
    **{name: getattr(bans, name) for name in ("tell", "represent", "none_received", "answer", "sign_off")},
    **{name: getattr(bans, name) for name in ("confirm", "vary", "not_confirm")},
    **{name: getattr(bans, name) for name in ("keep", "extend", "vary_on_review", "lift", "withdraw")},
}
ON_INCIDENTS: dict[str, Verb] = {
    "record_account": inquiry.record_account,
    "find": inquiry.find,
    "reclassify": inquiry.reclassify,
}
ON_PEOPLE: dict[str, Verb] = {
    "log_incident": log_incident,
    "refer": referrals.refer,
    "do_not_refer": referrals.do_not_refer,
    "propose": measures.propose,
    "close_case": close_case,
    "complete_task": complete_task,
}


# -- whole and right answers ------------------------------------------------------------------------------------------


def route(plain: Plain, m: Row) -> dict[str, Any]:
    """What every set of terms says of a ban: where, whom to ask, how the children are brought."""
    handover = tuple((pupil, "Grandmother brings and collects") for pupil in sorted(plain.pupils(m["person_id"])))
    return {"scope": "The whole site", "contact_who": "The office", "contact_methods": ("email",), "handover": handover}


def plan_terms(plain: Plain, m: Row, starts: date) -> TermsFacts:
    """Terms of a plan, block or notice: four months, looked at again after two."""
    today = plain.today
    ends = min(today + timedelta(days=120), same_day_of_month(starts, 6))
    review_on = min(today + timedelta(days=60), ends - timedelta(days=1))
    said = route(plain, m) if m["response"] == "communication_plan" else {}
    return TermsFacts(starts=starts, ends=ends, review_on=review_on, **{"closes": ("social_media",), **said})


def opening_terms(plain: Plain, m: Row) -> TermsFacts:
    if m["response"] == "meeting":
        return TermsFacts(when="Monday 16 March 2026 at 15:30", where="The school", attends="The headteacher")
    today, said = plain.today, route(plain, m)
    if m["response"] in PLANS:
        return plan_terms(plain, m, today)
    if m["opening"] == "provisional":
        return TermsFacts(starts=today, latest_decision_on=today + timedelta(days=45), **said)
    return TermsFacts(
        starts=today + timedelta(days=30),
        ends=today + timedelta(days=115),
        review_on=today + timedelta(days=100),
        **said,
    )


def final_terms(plain: Plain, m: Row) -> TermsFacts:
    """Terms of a confirmation: as long as a first ban may be, and not beyond what a notice proposed."""
    was, today, said = plain.terms_of(plain.opening(m)), plain.today, route(plain, m)
    starts = was.starts or today
    ends = max(today + timedelta(days=4), min(today + timedelta(days=50), starts + timedelta(days=80)))
    if m["opening"] == "intent" and was.ends:
        ends = min(max(ends, starts + timedelta(days=60)), was.ends)
    review_on = max(today + timedelta(days=1), min(ends - timedelta(days=14), today + timedelta(days=80)))
    return TermsFacts(starts=starts, ends=ends, review_on=review_on, **said)


def renewed_terms(plain: Plain, m: Row) -> list[TermsFacts]:
    """Terms of an extension or a change on review: thirty days more, or as long as needs no signing off."""
    if m["response"] in PLANS:
        return [plan_terms(plain, m, plain.terms_so_far(m).starts or plain.today)]
    today, first = plain.today, plain.first_day(m) or plain.today
    longer = max(plain.terms_so_far(m).ends or today, today) + timedelta(days=30)
    last_days = [longer, max(first + timedelta(days=89), today + timedelta(days=4))]
    return [
        TermsFacts(
            ends=ends,
            review_on=min(today + timedelta(days=85), ends - timedelta(days=min(10, (ends - today).days // 2))),
            **route(plain, m),
        )
        for ends in last_days
    ]


def kept_until(plain: Plain, m: Row) -> date:
    """The next review of a ban that is kept: before its end, where there is time for one."""
    ends = plain.terms_so_far(m).ends or plain.today
    return max(plain.today + timedelta(days=1), min(ends - timedelta(days=2), plain.today + timedelta(days=80)))


def answers(plain: Plain, m: Row, verb: str, by: int) -> list[dict[str, Any]]:
    """The right answers to the form of a verb on a measure; several where there is a choice. None: it makes no sense."""
    why = {"reasons": "The facts are established.", "equality": "Asked; no adjustments are needed."}
    if verb == "decide":
        dated = m["response"] in {"site_ban", "meeting", *PLANS}
        told = {"terms": opening_terms(plain, m)} if dated else {}
        return [{"reason": "It is needed.", "equality": why["equality"], **told}]
    if verb == "follow":
        return following(plain, m)
    if verb in {"confirm", "vary"}:
        return [{**why, "terms": final_terms(plain, m)}]
    if verb in {"extend", "vary_on_review"}:
        return [{**why, "terms": terms} for terms in renewed_terms(plain, m)]
    if verb == "keep":
        return [{"reasons": "It is still needed.", "review_on": kept_until(plain, m)}]
    if verb == "consult":
        consulted = [by, *(u for u in plain.holders("chair", "trust") if u != by)]
        return [{"consulted": u, "how": "telephone", "view": "Agreed."} for u in consulted]
    if verb == "issue_letter":
        return [letter for kind in waiting_kinds(plain, m) for letter in letters(plain, m, kind)]
    fixed: dict[str, list[dict[str, Any]]] = {
        "decline": [{"reason": "Not now."}],
        "sign_off": [{"until": plain.today + FAR}],
        "tell": [{"how": "By the head at the gate."}],
        "represent": [{"text": "I was provoked.", "complete": True}],
        "none_received": [{}],
        "answer": [{"text": "We have noted it.", "points": "That they were provoked."}],
        "not_confirm": [{"reasons": "It was not established."}],
        "lift": [{"reasons": "It is no longer needed."}],
        "withdraw": [{"reasons": "It was an error."}],
        "end": [{"reasons": "It is no longer needed."}],
        "log_contact": [{"method": "email", "text": "About a trip."}],
        "hold_meeting": [{"outcome": outcome} for outcome in ("held", "missed", "turned_down")],
    }
    return fixed[verb]


def first_answer(plain: Plain, m: Row, verb: str, by: int) -> dict[str, Any]:
    """One answer to a verb's form, whether or not it makes sense where the measure stands."""
    told = answers(plain, m, verb, by)
    if verb == "issue_letter" and not told:
        kinds = [kind for kind, (responses, _) in LETTERS.items() if m["response"] in responses]
        told = [letter for kind in kinds or ["warning"] for letter in letters(plain, m, kind)]
    if verb == "follow" and not told:
        told = [{"step": "captured"}]
    return told[0]


def following(plain: Plain, m: Row) -> list[dict[str, Any]]:
    """The steps of a side branch that have not been recorded yet."""
    done = {f["step"] for f in plain.rows.of("follow", measure_id=m["id"])}
    where = {"where": "https://social.example/p/1"} if m["response"] == "post_removal" else {}
    return [{"step": step, **where} for step in STEPS.get(m["response"], {}) if step not in done]


def waiting_kinds(plain: Plain, m: Row) -> list[str]:
    """The kinds of letter that wait on a measure as drafts and may be issued where it stands."""
    waiting = [(plain.rows["decision"][r["decision_id"]]["verb"], x["kind"]) for r, x in plain.drafts(m)]
    return list(dict.fromkeys(kind for verb, kind in waiting if plain.state(m) in LETTERS[kind][1][verb]))


def letters(plain: Plain, m: Row, kind: str) -> list[dict[str, Any]]:
    """A letter of that kind, sent in each way that the person can be reached, signed by whoever decided."""
    person = plain.rows["person"][m["person_id"]]
    reached = {"post": person["address"], "hand": True, "email": person["email"]}
    decision = plain.decision_told(m, kind)
    signed_by = decision["by_id"] if decision else m["proposed_by_id"]
    return [{"kind": kind, "method": way, "signed_by": signed_by} for way, able in reached.items() if able]


def about_incident(plain: Plain, incident: int, verb: str) -> list[dict[str, Any]]:
    """The right answers to the form of a verb on an incident."""
    logged = [c["clause"] for c in plain.rows.of("incidentclause", incident_id=incident)]
    if verb == "find":
        return [{"upheld": logged, "reason": "Two accounts agree."}]
    if verb == "record_account":
        of = {a["of"] for a in plain.rows.of("account", incident_id=incident)}
        mine = [{"of": "staff", "text": "They shouted."}, {"of": "subject", "attempted": "Rang twice."}]
        return [a for a in mine if a["of"] not in of] or [{"of": "witness", "text": "I saw it."}]
    return [{"severity": "serious", "reason": "On reflection."}]


def about_person(plain: Plain, verb: str, **told: Any) -> list[dict[str, Any]]:
    """The right answers to the form of a verb on a person or their case."""
    fixed: dict[str, list[dict[str, Any]]] = {
        "log_incident": [{"clauses": ["U03"], "place": "site", "narrative": "Shouted at the office.", **told}],
        "refer": [{"to": to, "reference": "none given"} for to in ("police", "legal")],
        "do_not_refer": [{"because": "The person harmed asked for it."}],
        "close_case": [{"reason": "Everything has come to its end."}],
        "complete_task": [
            {"kind": kind, "note": "Seen."}
            for kind in ("trust_notice", "chair_notice", "repeat_review", "decision_overdue", "review_overdue")
        ],
        "propose": [
            {"response": "site_ban", "opening": opening, **WEIGHED} for opening in ("provisional", "intent")
        ] + [{"response": response, **WEIGHED} for response in sorted(MOVES) if response != "site_ban"],
    }  # fmt: skip
    return fixed[verb]


WEIGHED = {"severity_reason": "A threat of violence.", "lesser_options": "A letter would not keep staff safe."}


# -- and broken ones --------------------------------------------------------------------------------------------------

BLANKS = ("reasons", "equality", "severity_reason", "lesser_options", "note", "reason")
TERM_BREAKS: dict[str, Callable[[TermsFacts, date], TermsFacts]] = {
    "no start": lambda t, day: replace(t, starts=None),
    "started long ago": lambda t, day: replace(t, starts=day - timedelta(days=40)),
    "starts later": lambda t, day: replace(t, starts=day + timedelta(days=3)),
    "no end": lambda t, day: replace(t, ends=None),
    "ends before": lambda t, day: replace(t, ends=(t.starts or day) - timedelta(days=1)),
    "ends late": lambda t, day: replace(t, ends=day + timedelta(days=130)),
    "ends in ninety days": lambda t, day: replace(t, ends=(t.starts or day) + timedelta(days=89)),
    "no review": lambda t, day: replace(t, review_on=None),
    "review today": lambda t, day: replace(t, review_on=day),
    "review at the end": lambda t, day: replace(t, review_on=t.ends),
    "review in ninety days": lambda t, day: replace(t, review_on=day + timedelta(days=90)),
    "review later than that": lambda t, day: replace(t, review_on=day + timedelta(days=91)),
    "no latest decision": lambda t, day: replace(t, latest_decision_on=None),
    "decided soon": lambda t, day: replace(t, latest_decision_on=(t.starts or day) + timedelta(days=16)),
    "decided too late": lambda t, day: replace(t, latest_decision_on=(t.starts or day) + timedelta(days=46)),
    "no contact": lambda t, day: replace(t, contact_who=" "),
    "no way to contact": lambda t, day: replace(t, contact_methods=()),
    "cut off": lambda t, day: replace(t, closes=("email", "Medical")),
    "six months": lambda t, day: replace(t, ends=same_day_of_month(t.starts or day, 6)),
    "longer than six months": lambda t, day: replace(t, ends=same_day_of_month(t.starts or day, 6) + timedelta(days=1)),
    "review in three months": lambda t, day: replace(t, review_on=same_day_of_month(t.starts or day, 3)),
    "review later than three months": lambda t, day: replace(
        t, review_on=same_day_of_month(t.starts or day, 3) + timedelta(days=1)
    ),
    "closes email": lambda t, day: replace(t, closes=("email",)),
    "no handover": lambda t, day: replace(t, handover=()),
}


def broken(told: dict[str, Any], how: str, today: date) -> dict[str, Any]:
    """The same answers with one thing spoiled; as they were where it does not apply."""
    terms = told.get("terms")
    if how in TERM_BREAKS:
        if not isinstance(terms, TermsFacts) or terms.when:
            return told
        return {**told, "terms": TERM_BREAKS[how](terms, today)}
    if how == "no terms" and "terms" in told:
        return {**told, "terms": None}
    if how in BLANKS and how in told:
        return {**told, how: "  "}
    return told


BREAKS = (*TERM_BREAKS, "no terms", *BLANKS)
