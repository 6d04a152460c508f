"""Small situations built by hand, in which all is well: a test spoils one thing and looks at what refuses."""

from dataclasses import replace
from datetime import date

from conduct import code
from conduct.calendar import Calendar, deemed_receipt
from conduct.code import Timers
from conduct.roles import Role
from sanctions.dates import BanRecord, Receipt, Step, TermsFacts
from sanctions.ladder import (
    Attempt,
    ConsultationFacts,
    EarlierBan,
    IncidentFacts,
    LetterFacts,
    Move,
    Officer,
    Served,
    Situation,
    move,
)
from sanctions.states import State
from tests.factories import at

OLIVE, SENA, HARI, CORA, TESS, ADAM = range(1, 7)
ROLE_OF = {
    OLIVE: Role.OFFICE,
    SENA: Role.SENIOR,
    HARI: Role.HEAD,
    CORA: Role.CHAIR,
    TESS: Role.TRUST,
    ADAM: Role.ADMIN,
}
OFFICERS = tuple(Officer(who, frozenset({ROLE_OF[who]})) for who in (SENA, HARI, CORA, TESS))

LOGGED, PROPOSED, ISSUED = at("2026-03-02 08:50"), at("2026-03-02 09:12"), at("2026-03-02 10:00")
FOUND, DECIDED, CONFIRMED = at("2026-03-10 10:00"), at("2026-03-02 09:40"), at("2026-03-19 10:00")
REVIEWED = at("2026-05-07 10:00")

INCIDENT = IncidentFacts(
    id=1,
    severity="serious",
    logged_at=LOGGED,
    found_at=(FOUND,),
    upheld=True,
    staff_or_witness_account=True,
    subject_heard=True,
)
UNHEARD = replace(INCIDENT, found_at=(), upheld=False, subject_heard=False)
OPENING = TermsFacts(
    starts=date(2026, 3, 2),
    latest_decision_on=date(2026, 3, 31),
    scope="The whole site",
    contact_who="Olive Office",
    contact_methods=("email",),
    handover=((11, "Grandmother brings and collects"),),
)
FINAL = replace(OPENING, latest_decision_on=None, ends=date(2026, 5, 22), review_on=date(2026, 5, 8))
RENEWED = replace(FINAL, ends=date(2026, 5, 30), review_on=date(2026, 5, 20))
DECIDE = Step("decide", DECIDED, HARI, OPENING, ISSUED)
CONFIRM = Step("confirm", CONFIRMED, CORA, FINAL, CONFIRMED)
IN_PERSON = ConsultationFacts(CORA, frozenset({Role.CHAIR}), in_person=True)


def record(state: State, *later: Step, opening: str = "provisional", terms: TermsFacts = OPENING, **told) -> BanRecord:
    """A ban opened by letter, first class, on Monday 2 March 2026."""
    usual = {
        "steps": (replace(DECIDE, terms=terms), *later),
        "opening_letters": (Receipt(ISSUED, deemed_receipt("post", ISSUED)),),
        "opening_terms": terms,
        "calendar": Calendar(),
        "timers": Timers(),
    }
    return BanRecord(opening=opening, state=state, **{**usual, **told})


def situation(who: int = HARI, pack: str = "sholing", **told) -> Situation:
    """A case with one serious incident, found and upheld, of a parent with one child."""
    usual = {
        "at": CONFIRMED,
        "pack": code.pack(pack),
        "actor": who,
        "roles": frozenset({ROLE_OF[who]}),
        "incidents": (INCIDENT,),
        "officers": OFFICERS,
        "children": ((11, "Robin Marsh"),),
        "last_logged_at": LOGGED,
        "proposed_at": PROPOSED,
        "proposed_by": OLIVE,
        "in_force_letter_issued": True,
    }
    return Situation(**{**usual, **told})


def proposing(who: int = OLIVE, **told) -> Situation:
    """A provisional ban about to be proposed, with its reasons."""
    attempt = {
        "response": "site_ban",
        "opening": "provisional",
        "severity_reason": "A threat.",
        "lesser_options": "None would do.",
    }
    attempt |= {k: told.pop(k) for k in list(told) if k in attempt}
    return situation(who, attempt=Attempt(**attempt), **told)


def deciding(who: int = HARI, terms: TermsFacts | None = OPENING, **told) -> Situation:
    """A proposed provisional ban on which the chair was consulted in person."""
    never_issued = {"steps": (), "opening_letters": (), "opening_terms": TermsFacts()}
    opening = told.pop("opening", "provisional")
    usual = {
        "response": "site_ban",
        "state": State.PROPOSED,
        "in_force_letter_issued": True,
        "consultations": (IN_PERSON,),
        "attempt": Attempt(terms=terms or TermsFacts()),
        "ban": record(State.PROPOSED, opening=opening, **never_issued),
    }
    return situation(who, **{**usual, **told})


def deciding_a_warning(who: int = HARI, **told) -> Situation:
    """A proposed warning under kingsley, where the chair is consulted on everything."""
    usual = {"response": "warning_letter", "state": State.PROPOSED, "consultations": (IN_PERSON,)}
    return situation(who, **{"pack": "kingsley", **usual, **told})


PLAN = TermsFacts(
    starts=date(2026, 3, 23),
    ends=date(2026, 8, 30),
    review_on=date(2026, 6, 15),
    contact_who="Olive Office",
    contact_methods=("email",),
    handover=((11, "As now"),),
    cap="one email a week",
)
CHANGED_PLAN = replace(PLAN, review_on=date(2026, 8, 3), cap="two emails a week")


def deciding_a_plan(who: int = HARI, **told) -> Situation:
    """A communication plan proposed under kingsley's rule of consulting the chair, all well."""
    attempt = {"terms": PLAN, "equality": "Asked; none needed."}
    attempt |= {k: told.pop(k) for k in list(told) if k in attempt}
    usual = {
        "response": "communication_plan",
        "state": State.PROPOSED,
        "consultations": (IN_PERSON,),
        "attempt": Attempt(**attempt),
    }
    return situation(who, **{"pack": "kingsley", **usual, **told})


def reviewing_a_plan(who: int = SENA, **told) -> Situation:
    """A communication plan decided by the head, in force, before its review."""
    attempt = {"terms": CHANGED_PLAN, "equality": "Asked.", "reasons": "It helps.", "run_out": False}
    attempt |= {k: told.pop(k) for k in list(told) if k in attempt}
    usual = {
        "at": at("2026-06-01 10:00"),
        "response": "communication_plan",
        "state": State.IN_FORCE,
        "decided_by": HARI,
        "attempt": Attempt(**attempt),
    }
    return situation(who, **{**usual, **told})


def confirming(who: int = CORA, **told) -> Situation:
    """A provisional ban, replied to and answered, to be confirmed on 19 March 2026."""
    attempt = {"terms": FINAL, "equality": "Asked; none needed.", "reasons": "Established."}
    attempt |= {k: told.pop(k) for k in list(told) if k in attempt}
    usual = {
        "response": "site_ban",
        "state": State.PROVISIONAL,
        "decided_by": HARI,
        "replies": 1,
        "last_reply_complete": True,
        "attempt": Attempt(**attempt),
        "ban": record(State.PROVISIONAL),
    }
    return situation(who, **{**usual, **told})


def reviewing(who: int = TESS, **told) -> Situation:
    """A ban opened by the head and confirmed by the chair, on the day before its review."""
    attempt = {"terms": RENEWED, "equality": "Asked.", "reasons": "Two more incidents.", "run_out": False}
    attempt |= {k: told.pop(k) for k in list(told) if k in attempt}
    usual = {
        "at": REVIEWED,
        "response": "site_ban",
        "state": State.CONFIRMED,
        "decided_by": HARI,
        "attempt": Attempt(**attempt),
        "ban": record(State.CONFIRMED, CONFIRM),
    }
    return situation(who, **{**usual, **told})


def issuing(who: int = ADAM, **told) -> Situation:
    """A provisional ban decided by the head, its letter about to be issued."""
    letter = {"kind": "provisional_ban", "signer_roles": frozenset({Role.HEAD}), "window_closes_on": date(2026, 3, 18)}
    letter |= {k: told.pop(k) for k in list(told) if k in LetterFacts.__dataclass_fields__}
    usual = {
        "response": "site_ban",
        "state": State.DECIDED,
        "in_force_letter_issued": False,
        "attempt": Attempt(letter=LetterFacts(**letter)),
        "ban": record(State.DECIDED, opening_letters=()),
    }
    return situation(who, **{**usual, **told})


def opened(who: int, *, none_received: bool = False, **told) -> Situation:
    """A provisional ban while the person may reply."""
    usual = {
        "at": at("2026-03-16 10:00"),
        "response": "site_ban",
        "state": State.PROVISIONAL,
        "decided_by": HARI,
        "attempt": Attempt(none_received=none_received),
        "ban": record(State.PROVISIONAL),
    }
    return situation(who, **{**usual, **told})


def of_ban(verb: str) -> Move:
    found = move(verb, "site_ban")
    assert found is not None
    return found


def of_warning(verb: str) -> Move:
    found = move(verb, "warning_letter")
    assert found is not None
    return found


LAPSED = EarlierBan(State.LAPSED, over_at=at("2026-03-01 00:00"), letter_issued=True)
MEETING_IN_JANUARY = Served("meeting", at("2026-01-12 09:00"))
