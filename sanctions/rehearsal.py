"""A policy played as a story, through the same verbs as the buttons and the same bodies as the scheduled tasks.

It makes a school of its own in whatever database is open: the command opens one that is thrown away.
"""

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction

from conduct.calendar import LONDON, local_date
from conduct.models import Adoption, Membership, Person, School, SchoolClosure, Trust, User
from conduct.roles import Role
from incidents.models import Incident
from letters.models import Letter
from sanctions import (
    bans,
    cases,
    correspondence,
    diary,
    duties,
    figures,
    gate,
    inquiry,
    ladder,
    measures,
    packs,
    plans,
    referrals,
)
from sanctions.dates import TermsFacts
from sanctions.ladder import Refusal
from sanctions.models import Case, Measure, Referral
from sanctions.situation import dates_of, read_case, record_of, state_of, with_history
from sanctions.standing import Refused, permit
from sanctions.states import State
from sanctions.story import Mapped, Story, StoryStep

LONG_AGO = date(2000, 1, 1)
_numbers = itertools.count(1)


class Made(dict[str, Any]):
    """What the steps have made, by name. A step that was refused made nothing: what builds on it is `wrong-state`."""

    def __missing__(self, name: str) -> Any:
        raise Refused([Refusal("wrong-state", f"No step has made {name}.")])


class World:
    """The school of one story, and what its steps have made so far."""

    def __init__(self, story: Story) -> None:
        label = f"rehearsal-{next(_numbers)}"
        trust = Trust.objects.create(name="The Trust", slug=label)
        self.school = School.objects.create(
            trust=trust,
            name="The School",
            slug=label,
            address="1 School Lane\nTownham\nTW1 1AA",
            phone="01632 960001",
            email="office@school.example",
            contact_name="The school office",
        )
        Adoption.objects.create(school=self.school, pack_key=story.pack, starts_on=LONG_AGO)
        SchoolClosure.objects.bulk_create(
            SchoolClosure(school=self.school, first=c.first, last=c.last) for c in story.closures
        )
        self.staff = {key: self.hired(key, roles, label) for key, roles in story.staff.items()}
        self.pupils: dict[str, int] = {}
        self.people = {key: self.known(key, person) for key, person in story.people.items()}
        self.made = Made()

    def hired(self, key: str, roles: tuple[Role, ...], label: str) -> User:
        user = User.objects.create(email=f"{key}@{label}.example", name=key)
        for role in roles:
            at = {"trust": self.school.trust} if role is Role.TRUST else {"school": self.school}
            Membership.objects.create(user=user, role=role, starts_on=LONG_AGO, **at)
        return user

    def known(self, key: str, told: Mapped) -> Person:
        fields = {f: str(told[f]) for f in ("description", "address", "email", "phone") if f in told}
        person = Person.objects.create(
            school=self.school, name=str(told.get("name", key)), relation=told["relation"], **fields
        )
        for name in told.get("pupils") or []:
            pupil, _ = self.school.pupils.get_or_create(name=name)
            self.pupils[name] = pupil.pk
            person.links.create(pupil=pupil)
        return person

    def terms(self, told: Mapped | None) -> TermsFacts | None:
        """The story's terms as the verbs take them."""
        if told is None:
            return None
        contact = told.get("contact") or {}
        handover = tuple((self.pupils[p], str(text)) for p, text in (told.get("handover") or {}).items())
        days = {f: as_day(told.get(f)) for f in ("starts", "ends", "review_on", "latest_decision_on")}
        words = {f: str(told.get(f) or "") for f in ("scope", "exceptions", "when", "where", "attends", "cap")}
        reply_days = told.get("reply_days")
        return TermsFacts(
            **days,
            **words,
            contact_who=str(contact.get("who") or ""),
            contact_methods=tuple(contact.get("methods") or ()),
            closes=tuple(told.get("closes") or ()),
            handover=handover,
            reply_days=int(reply_days) if reply_days is not None else None,
        )


def as_day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value  # type: ignore[return-value]


def as_moment(value: object) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=LONDON, fold=0)  # type: ignore[union-attr]


# -- the verbs ----------------------------------------------------------------------------------------------------

Play = Callable[[World, StoryStep, User], object]


def log_incident(w: World, s: StoryStep, by: User) -> Incident:
    f = s.fields
    flags = {k: bool(f.get(k)) for k in ("danger", "within_exception", "ended_interaction", "asked_to_leave")}
    return inquiry.log_incident(
        by=by,
        at=moment(s),
        subject=w.people[f["subject"]],
        clauses=f["clauses"],
        place=f["place"],
        narrative=str(f["narrative"]),
        severity=f.get("severity", ""),
        occurred_at=as_moment(f["occurred_at"]).astimezone(UTC) if "occurred_at" in f else None,
        harmed=[w.staff[k] for k in f.get("harmed") or []],
        witnesses=f.get("witnesses") or [],
        **flags,
    )


def reclassify(w: World, s: StoryStep, by: User) -> object:
    incident = w.made[s.fields["incident"]]
    incident.refresh_from_db()
    return inquiry.reclassify(incident, by=by, at=moment(s), severity=s.fields["severity"], reason=s.fields["reason"])


def record_account(w: World, s: StoryStep, by: User) -> object:
    f = s.fields
    told = {k: str(f[k]) for k in ("text", "attempted") if k in f}
    return inquiry.record_account(w.made[f["incident"]], by=by, at=moment(s), of=f["of"], **told)


def find(w: World, s: StoryStep, by: User) -> object:
    f = s.fields
    return inquiry.find(w.made[f["incident"]], by=by, at=moment(s), upheld=f["upheld"], reason=f.get("reason") or "")


def refer(w: World, s: StoryStep, by: User) -> Referral:
    f, person = s.fields, w.people[s.fields["subject"]]
    if "not_because" in f:
        return referrals.do_not_refer(person, by=by, at=moment(s), because=f["not_because"])
    return referrals.refer(person, by=by, at=moment(s), to=f["to"], reference=str(f["reference"]))


def propose(w: World, s: StoryStep, by: User) -> Measure:
    f = s.fields
    words = {k: str(f[k]) for k in ("opening", "severity_reason", "lesser_options") if k in f}
    return measures.propose(w.people[f["subject"]], by=by, at=moment(s), response=f["response"], **words)


def consult(w: World, s: StoryStep, by: User) -> object:
    f = s.fields
    return measures.consult(
        measure(w, s), by=by, at=moment(s), consulted=w.staff[f["with"]], how=f["how"], view=f["view"]
    )


def decide(w: World, s: StoryStep, by: User) -> object:
    f = s.fields
    if f["outcome"] == "decline":
        return measures.decline(measure(w, s), by=by, at=moment(s), reason=f.get("reason", ""))
    told = {"reason": f.get("reason", ""), "equality": f.get("equality", ""), "terms": w.terms(f.get("terms"))}
    return measures.decide(measure(w, s), by=by, at=moment(s), **told)


def sign_off(w: World, s: StoryStep, by: User) -> object:
    return bans.sign_off(measure(w, s), by=by, at=moment(s), until=as_day(s.fields["until"]))


def issue_letter(w: World, s: StoryStep, by: User) -> Letter:
    f, about = s.fields, w.made[s.fields["measure"]]
    if isinstance(about, Referral):
        return packs.issue_kind(
            about,
            f["kind"],
            by=by,
            at=moment(s),
            method=f["method"],
            signed_by=w.staff[f["signed_by"]],
            text=f.get("text"),
            sent_at=as_moment(f["sent_at"]).astimezone(UTC) if "sent_at" in f else None,
            supersedes=w.made[f["supersedes"]] if "supersedes" in f else None,
        )
    return correspondence.issue_kind(
        measure(w, s),
        f["kind"],
        by=by,
        at=moment(s),
        method=f["method"],
        signed_by=w.staff[f["signed_by"]],
        text=f.get("text"),
        sent_at=as_moment(f["sent_at"]).astimezone(UTC) if "sent_at" in f else None,
        supersedes=w.made[f["supersedes"]] if "supersedes" in f else None,
    )


def tell(w: World, s: StoryStep, by: User) -> object:
    return bans.tell(measure(w, s), by=by, at=moment(s), how=s.fields["how"])


def represent(w: World, s: StoryStep, by: User) -> object:
    f = s.fields
    if f.get("none_received"):
        return bans.none_received(measure(w, s), by=by, at=moment(s))
    return bans.represent(measure(w, s), by=by, at=moment(s), text=f["text"], complete=bool(f.get("complete")))


def answer(w: World, s: StoryStep, by: User) -> object:
    return bans.answer(measure(w, s), by=by, at=moment(s), text=s.fields["text"])


def conclude(w: World, s: StoryStep, by: User) -> object:
    f = s.fields
    verb = {"confirm": bans.confirm, "vary": bans.vary, "not_confirm": bans.not_confirm}[s.verb]
    told = {"reasons": f["reasons"], "terms": w.terms(f.get("terms")), "equality": f.get("equality", "")}
    return verb(measure(w, s), by=by, at=moment(s), **told)


def review(w: World, s: StoryStep, by: User) -> object:
    f, told = s.fields, {"by": by, "at": moment(s), "reasons": s.fields.get("reasons", "")}
    terms = f.get("terms") or {}
    if f["outcome"] == "lift":
        return bans.lift(measure(w, s), **told)
    if f["outcome"] == "keep":
        kept = {"review_on": as_day(terms.get("review_on")), "run_out": bool(terms.get("run_out"))}
        return bans.keep(measure(w, s), **told, **kept)
    if f["outcome"] == "end":
        return plans.end(measure(w, s), **told)
    verb = {"extend": bans.extend, "vary": bans.vary_on_review}[f["outcome"]]
    return verb(measure(w, s), **told, terms=w.terms(f.get("terms")), equality=f.get("equality", ""))


def withdraw(w: World, s: StoryStep, by: User) -> object:
    return bans.withdraw(measure(w, s), by=by, at=moment(s), reasons=s.fields["reasons"])


def hold_meeting(w: World, s: StoryStep, by: User) -> object:
    f = s.fields
    told = {"outcome": f["outcome"], "notes": f.get("notes", ""), "mediation": bool(f.get("mediation"))}
    return measures.hold_meeting(measure(w, s), by=by, at=moment(s), **told)


def log_contact(w: World, s: StoryStep, by: User) -> object:
    f = s.fields
    return plans.log_contact(measure(w, s), by=by, at=moment(s), method=f["method"], text=f.get("text", ""))


def complete_task(w: World, s: StoryStep, by: User) -> None:
    case = latest_case(w.people[s.fields["subject"]])
    if case is None:
        mine = by.roles_at(w.school, local_date(moment(s)))
        might = mine & duties.tickable_by(s.fields["task"], State.LAPSED, s.fields.get("note", ""))
        raise Refused([ladder.WRONG_STATE if might else ladder.NOT_PERMITTED])
    duties.complete_task(case, s.fields["task"], by=by, at=moment(s), note=s.fields.get("note", ""))


def close_case(w: World, s: StoryStep, by: User) -> None:
    case = latest_case(w.people[s.fields["subject"]])
    if case is None:
        permit(by, w.school, "close_case", moment(s))
        raise Refused([ladder.WRONG_STATE])
    cases.close_case(case, by=by, at=moment(s), reason=s.fields["reason"])


PLAYS: dict[str, Play] = {
    "log_incident": log_incident,
    "reclassify": reclassify,
    "record_account": record_account,
    "find": find,
    "refer": refer,
    "propose": propose,
    "consult": consult,
    "decide": decide,
    "sign_off": sign_off,
    "issue_letter": issue_letter,
    "tell": tell,
    "represent": represent,
    "answer": answer,
    "confirm": conclude,
    "vary": conclude,
    "not_confirm": conclude,
    "review": review,
    "withdraw": withdraw,
    "hold_meeting": hold_meeting,
    "log_contact": log_contact,
    "complete_task": complete_task,
    "close_case": close_case,
}


def moment(s: StoryStep) -> datetime:
    """When a step happens. Steps of one minute happen in the order of the story: each is a hair later than the last."""
    return s.at.astimezone(UTC) + timedelta(microseconds=s.n)


def measure(w: World, s: StoryStep) -> Measure:
    found: Measure = w.made[s.fields["measure"]]
    found.refresh_from_db()
    return found


def latest_case(person: Person) -> Case | None:
    return person.cases.order_by("opened_at", "pk").last()


# -- what is expected ---------------------------------------------------------------------------------------------


def seen(w: World, s: StoryStep) -> dict[str, Any]:
    """What the program shows, for everything the step asks about."""
    at, f = moment(s), s.fields
    found: dict[str, Any] = {}
    for name in f.get("measure") or {}:
        found.setdefault("measure", {})[name] = measure_seen(w.made[name], at)
    for check, see in PEOPLE_CHECKS.items():
        for key in f.get(check) or {}:
            found.setdefault(check, {})[key] = see(w, w.people[key], at)
    if "figures" in f:
        found["figures"] = figures.of_school(w.school, at)
    return found


def measure_seen(made: Measure, at: datetime) -> dict[str, Any]:
    fresh = with_history(Measure.objects.filter(pk=made.pk)).select_related("case__school").get()
    calendar = fresh.case.school.calendar
    record, dated = record_of(fresh, calendar), dates_of(fresh, calendar)
    ends, review_on = dated.end_and_review(at)
    return {
        "state": state_of(fresh, calendar, at).value,
        "in_force": fresh.response in {"site_ban", *ladder.PLANS} and dated.in_force(at),
        "representations_until": record.window.on if record.window and fresh.opening else None,
        "decision_by": record.decision_by if fresh.opening else None,
        "ends": ends,
        "review_on": review_on,
    }


def gate_seen(w: World, person: Person, at: datetime) -> str:
    return gate.applies_to([person], w.school, at)[person.pk].word


def tasks_seen(w: World, person: Person, at: datetime) -> list[str]:
    case = latest_case(person)
    return sorted(case.tasks.filter(closed_at=None).values_list("kind", flat=True)) if case else []


def suggests_seen(w: World, person: Person, at: datetime) -> list[str]:
    case = latest_case(person)
    anybody = next(iter(w.staff.values()))
    if case is None:  # nothing was ever served on somebody without a case
        return sorted(w.school.adoption_on(local_date(at)).pack.responses_at(1))
    return list(ladder.suggested(read_case(case, by=anybody, at=at)))


def letters_seen(w: World, person: Person, at: datetime) -> list[str]:
    issued = Letter.objects.filter(recipient=person, issued_at__isnull=False)
    return list(issued.order_by("issued_at", "pk").values_list("kind", flat=True))


def case_seen(w: World, person: Person, at: datetime) -> str:
    case = latest_case(person)
    return "none" if case is None else "open" if case.is_open else "closed"


PEOPLE_CHECKS: dict[str, Callable[[World, Person, datetime], Any]] = {
    "gate": gate_seen,
    "open_tasks": tasks_seen,
    "suggests": suggests_seen,
    "letters": letters_seen,
    "case": case_seen,
}


def differences(expected: Any, found: Any, where: str = "") -> list[str]:
    """Where what is shown differs from what was expected, in words."""
    if isinstance(expected, dict):
        return [d for k, v in expected.items() for d in differences(v, found[k], f"{where}{k} ")]
    if isinstance(found, date) and isinstance(expected, str):
        found = found.isoformat()
    return [] if expected == found else [f"{where.strip()}: expected {expected}, is {found}"]


# -- playing ------------------------------------------------------------------------------------------------------


def play(story: Story) -> dict[str, Any]:
    """Play a story in the open database; what happened, step by step, as JSON values."""
    world = World(story)
    steps = [play_step(world, step) for step in story.steps]
    return {"story": story.name, "holds": all(step["holds"] for step in steps), "steps": steps}


def play_step(world: World, step: StoryStep) -> dict[str, Any]:
    told = {"n": step.n, "verb": step.verb, "outcome": "ok", "rules": [], "holds": True, "detail": ""}
    if step.verb == "tick":
        diary.sweep(moment(step))
    elif step.verb == "expect":
        try:
            wrong = differences(step.fields, seen(world, step))
        except Refused as refused:
            wrong = [r.text for r in refused.refusals]
        told |= {"holds": not wrong, "detail": "; ".join(wrong)}
    else:
        told |= attempt(world, step)
    return told


def attempt(world: World, step: StoryStep) -> dict[str, Any]:
    """Try one step; it holds when exactly the expected rules refuse it."""
    refusals: list[Refusal] = []
    try:
        with transaction.atomic():
            made = PLAYS[step.verb](world, step, world.staff[step.by])
    except Refused as refused:
        refusals = refused.refusals
    else:
        if "as" in step.fields:
            world.made[step.fields["as"]] = made
    rules = sorted({r.rule for r in refusals})
    holds = rules == list(step.refused)
    detail = " ".join(f"{r.rule}: {r.text}" for r in refusals)
    if not holds and step.refused:
        detail = f"expected {', '.join(step.refused)}. {detail}".strip()
    return {"outcome": "refused" if rules else "ok", "rules": rules, "holds": holds, "detail": detail}
