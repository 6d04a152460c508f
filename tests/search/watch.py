"""What must hold after every step, whoever did whatever: told from the rows before, the rows after, and what changed."""

from collections import Counter
from datetime import date, datetime

from conduct.models import Person, School
from sanctions import gate
from sanctions.dates import BanRecord
from sanctions.models import Measure
from sanctions.situation import dates_of, with_history
from tests.search.plain import (
    FINAL,
    FIRST_LETTERS,
    LIVE,
    MOVES,
    NEW_TERMS,
    PLANS,
    PROTECTED,
    REVIEWS,
    Deed,
    Plain,
    received_on,
)
from tests.search.rows import Change, Row, Rows, audited

NEVER_CHANGED = {
    *("terms", "handover", "decision", "consultation", "signoff", "representation", "answer", "telling"),
    *(
        "meetingrecord",
        "contact",
        "follow",
        "account",
        "finding",
        "reclassification",
        "auditrow",
        "document",
        "incidentclause",
        "witness",
    ),
    *("caseincident", "adoption", "incident_harmed"),
}
MAY_CHANGE = {
    "incident": {"severity"},
    "measure": {"state", "state_at", "served_at", "due_on"},
    "case": {"closed_at", "closed_by_id", "close_reason", "put_before_chair_at", "put_before_chair_why"},
    "task": {"closed_at", "closed_by_id", "note", "due_on"},
    "referral": {
        *("acknowledged_at", "acknowledged_by_id", "outcome", "outcome_at", "outcome_by_id"),
    },
}
OF_AN_ISSUED_LETTER = {
    *("sent_at", "method", "posted_at", "posted_by_id", "came_back_on", "sent_again", "printed_at", "printed_by_id"),
}
DIARY_TASKS = {"decision_due", "decision_overdue", "provisional_alert", "review_due", "review_overdue", "plan_review"}


def after_a_deed(deed: Deed, before: Rows, after: Rows, found: list[Change], at: datetime) -> None:
    """A deed has gone through."""
    was, now = Plain(before, at), Plain(after, at)
    nothing_final_changed(found)
    states_moved_as_declared(deed, was, found)
    settled = deed.verb == "follow" and any(c.table == "measure" and "state" in c.columns for c in found)
    every_change_has_its_audit_row(found, "settle" if settled else deed.verb)
    audit_says_who_and_when(found, deed.by, at)
    if deed.measure is not None:
        only_this_person(after, after["measure"][deed.measure]["person_id"], found)
        new_terms_are_whole(now, after["measure"][deed.measure], found)
        duties_of_others_stay(deed, now, found)
    if deed.verb == "log_incident":
        what_a_log_opens(deed, was, now, found)
    if deed.verb == "issue_letter":
        ends_are_told_in_order(now, after["measure"][deed.measure])


def after_a_look(before: Rows, after: Rows, found: list[Change], at: datetime) -> None:
    """The program has done what had fallen due."""
    was, now = Plain(before, at), Plain(after, at)
    assert {c.table for c in found} <= {"measure", "task", "auditrow"}, found
    nothing_final_changed(found)
    for change in found:
        if change.table == "measure" and "state" in change.columns:
            assert change.was is not None
            assert change.now is not None
            assert change.now["state"] == was.state(change.was) in {"lapsed", "ended"}, change
    every_change_has_its_audit_row(found, "tick")
    audit_says_who_and_when(found, None, at)
    for m in after["measure"].values():
        assert m["state"] == now.state(m), f"not seen to: {m}, which has {now.state(m)}"
        open_now = now.tasks(m["case_id"])
        for one_of in now.due(m):
            assert one_of & open_now, f"{sorted(one_of)} should be open for {m} on {now.today}; open: {open_now}"


# -- one by one ---------------------------------------------------------------------------------------------------------


def nothing_final_changed(found: list[Change]) -> None:
    for change in found:
        if change.made:
            continue
        assert change.table not in NEVER_CHANGED, f"it is final: {change}"
        if change.table in MAY_CHANGE:
            assert not change.gone, change
            assert change.columns <= MAY_CHANGE[change.table], change
        if change.table == "letter" and change.was and change.was["issued_at"]:
            assert not change.gone, change
            assert change.columns <= OF_AN_ISSUED_LETTER, change


def states_moved_as_declared(deed: Deed, was: Plain, found: list[Change]) -> None:
    """A state only by the verb that leads there, from where it leads; or by a date that has passed."""
    for change in found:
        if change.table != "measure" or "state" not in change.columns or change.now is None:
            continue
        if change.was is None:
            assert (deed.verb, change.now["state"]) == ("propose", "proposed"), change
            continue
        state = change.now["state"]
        if deed.measure != change.now["id"]:  # another measure, whose day had passed
            assert was.state(change.was) == state in {"lapsed", "ended"}, change
        elif deed.verb == "issue_letter":
            assert (change.was["state"], state) == ("decided", FIRST_LETTERS.get(deed.told["kind"], "served")), change
        else:
            sources, targets = MOVES[change.now["response"]][deed.verb]
            assert was.state(change.was) in sources, change
            assert targets is not None, change
            assert state in targets, change
            assert change.now["response"] != "meeting" or deed.verb != "hold_meeting" or state == deed.told["outcome"]


DEED_OF = {
    "incident": "log_incident",
    "account": "record_account",
    "finding": "find",
    "reclassification": "reclassify",
    "consultation": "consult",
    "signoff": "sign_off",
    "answer": "answer",
    "telling": "tell",
    "contact": "log_contact",
    "meetingrecord": "hold_meeting",
    "approval": "approve_letter",
}
# Deeds that leave their row even where they find everything as they want it.
SERVED = {"record as sent", "came back"}
IN_ANY_CASE = {"redraft": ["redraft_letter"], "reword": ["reword_letter"], "prepare": ["prepare"]}


def every_change_has_its_audit_row(found: list[Change], verb: str) -> None:
    """Exactly one audit row for each thing that was done, and none for anything else."""
    wanted: Counter[str] = Counter()
    for change in found:
        wanted.update(told_by(change, verb))
    wanted.update(IN_ANY_CASE.get(verb, []))
    told = audited(found)
    if verb in SERVED:  # which dates moved with it is told as well; `the_program_agrees` holds the dates themselves
        assert told.pop("dates_moved", 0) <= 1
    assert told == wanted, f"{verb}: audit {told}, done {wanted}"


def told_by(change: Change, verb: str) -> list[str]:
    """The audit rows that one changed row asks for."""
    now, table = change.now, change.table
    if now is None:
        return ["remove_closure"] if table == "schoolclosure" else []
    if change.made and table in DEED_OF:
        return [DEED_OF[table]]
    if table == "decision":
        return [now["verb"]]
    if table == "representation":
        return ["none_received" if now["none_received"] else "represent"]
    if table == "follow":
        if verb == "issue_letter":
            return []  # the letter that asks for it is told already
        return ["settle" if verb == "settle" else "follow"]
    if table == "referral":
        return ["do_not_refer" if now["not_because"] else "refer"]
    if table == "measure":
        return of_a_measure(change, now, verb)
    if table == "case":
        columns = change.columns
        done = {"opened_at": "open_case", "put_before_chair_at": "put_before_chair", "closed_at": "close_case"}
        return [deed for column, deed in done.items() if column in columns and now[column]]
    if table == "task":
        opened = ["open_task"] if change.made else []
        return opened + (["close_task"] if "closed_at" in change.columns and now["closed_at"] else [])
    if table == "letter":
        done = {"issued_at": "issue_letter", "posted_at": "post_letter"}
        return [deed for column, deed in done.items() if column in change.columns and now[column]]
    if table == "sending":
        return ["letter_came_back"] if "returned_at" in change.columns and now["returned_at"] else []
    if table == "schoolclosure":
        return ["add_closure"]
    if table == "membership":
        return ["give_role" if change.made else "end_role"]
    return []


def of_a_measure(change: Change, now: Row, verb: str) -> list[str]:
    if change.made:
        return ["propose"]
    if "state" not in change.columns:
        return []
    if now["state"] in {"lapsed", "ended"} and verb not in {"end", "settle"}:
        return [now["state"]]
    return ["serve"] if verb == "issue_letter" else []


def audit_says_who_and_when(found: list[Change], by: int | None, at: datetime) -> None:
    signed = {c.now["by_id"] for c in found if c.table == "approval" and c.now}  # as it is issued, by who signs it
    for change in found:
        if change.table == "auditrow" and change.now:
            assert change.now["by_id"] in {by, None} | (signed if change.now["deed"] == "approve_letter" else set()), (
                change
            )
            assert change.now["at"] == at, change
            assert change.now["school_id"] is not None, change
    if by is not None:
        assert any(c.now["by_id"] == by for c in found if c.table == "auditrow" and c.now), "nobody is named"


OWNERS = {
    **dict.fromkeys(
        (
            *("decision", "terms", "consultation", "signoff", "representation", "answer", "telling", "meetingrecord"),
            *("contact", "follow"),
        ),
        ("measure", "measure_id"),
    ),
    "task": ("case", "case_id"),
    "caseletter": ("case", "case_id"),
}


def owner(rows: Rows, change: Change) -> int | None:
    """The person whom a row is about; None for what is about nobody."""
    row = change.now or change.was or {}
    if change.table in {"measure", "case"}:
        return row["person_id"]  # type: ignore[no-any-return]
    if change.table == "letter":
        return row["recipient_id"]  # type: ignore[no-any-return]
    if change.table in OWNERS:
        table, column = OWNERS[change.table]
        return rows[table][row[column]]["person_id"]  # type: ignore[no-any-return]
    return None


def only_this_person(after: Rows, person: int, found: list[Change]) -> None:
    """A deed about one person touches nobody else's records: a ban on one parent never touches the other."""
    for change in found:
        assert owner(after, change) in {None, person}, f"this is not about person {person}: {change}"


def new_terms_are_whole(now: Plain, m: Row, found: list[Change]) -> None:
    """No plan without an end and a review; of a ban more."""
    if m["response"] == "site_ban":
        new_terms_of_a_ban_are_whole(now, m, found)
    for change in found:
        d = change.now
        if change.table == "decision" and d and m["response"] in PLANS and d["verb"] in {"decide", *REVIEWS}:
            terms = now.terms_of(d)
            assert terms.ends, d
            assert d["run_out"] or (terms.review_on and terms.review_on < terms.ends), d
            assert not {c.lower() for c in terms.closes} & PROTECTED, d
            assert d["by_id"] not in now.harmed(m["case_id"]), d
            if d["verb"] in REVIEWS:
                assert d["by_id"] != now.opening(m)["by_id"], f"reviews their own decision: {d}"  # type: ignore[index]


def new_terms_of_a_ban_are_whole(now: Plain, m: Row, found: list[Change]) -> None:
    """No final ban without an end, a review, a way to the school and a plan for each child; none unheard."""
    for change in found:
        d = change.now
        if change.table != "decision" or d is None or d["verb"] not in NEW_TERMS | REVIEWS:
            continue
        terms = now.terms_of(d)
        assert terms.ends, d
        assert d["run_out"] or terms.review_on, d
        assert d["run_out"] or now.today < terms.review_on < terms.ends, d  # type: ignore[operator]
        assert terms.contact_who.strip(), d
        assert terms.contact_methods, d
        assert not {c.lower() for c in terms.closes} & PROTECTED, d
        assert d["verb"] == "keep" or now.pupils(m["person_id"]) <= terms.handover, d
        assert not now.unheard(m), d
        assert d["by_id"] not in now.harmed(m["case_id"]), d
        before = [x for x in now.decisions(m, *NEW_TERMS, *REVIEWS) if x["id"] != d["id"]]
        assert not before or before[-1]["by_id"] != d["by_id"], f"reviews their own decision: {d}"


def duties_of_others_stay(deed: Deed, now: Plain, found: list[Change]) -> None:
    """An act closes what its own measure asks for, and nothing that another running one does."""
    for change in found:
        t = change.now
        if change.table != "task" or t is None or "closed_at" not in change.columns or not t["closed_at"]:
            continue
        if t["kind"] in DIARY_TASKS and t["measure_id"] not in {None, deed.measure}:
            other = now.rows["measure"][t["measure_id"]]
            assert now.state(other) not in LIVE, f"{deed.verb} on measure {deed.measure} closed {t} of {other}"


def what_a_log_opens(deed: Deed, was: Plain, now: Plain, found: list[Change]) -> None:
    """A breach of a ban is seen by itself; police, legal advice and notices are asked for."""
    from conduct.code import clauses

    (incident,) = [c.now for c in found if c.table == "incident" and c.now]
    logged = {c["clause"] for c in now.rows.of("incidentclause", incident_id=incident["id"])}
    added = {c["clause"] for c in now.rows.of("incidentclause", incident_id=incident["id"], by_program=True)}
    breach = incident["place"] == "site" and not incident["within_exception"] and knew(was, incident)
    assert added == ({"U35"} if breach and "U35" not in deed.told["clauses"] else set()), (added, incident)
    case = now.case_of(incident["id"])
    open_now, pack = now.tasks(case["id"]), now.rows["adoption"][incident["adoption_id"]]["pack_key"]
    if incident["severity"] == "criminal" or incident["danger"] or "U35" in logged:
        assert "police" in open_now, incident
    if "U35" in logged or any("legal_advice" in clauses()[c].routes for c in logged):
        assert "legal" in open_now, incident
    if pack in {"sholing", "combined"} and (incident["severity"] != "minor" or "U15" in logged):
        assert {"trust_notice", "chair_notice"} <= open_now, incident
        assert case["put_before_chair_at"], case


TELLS_OF_A_BAN = {"provisional_ban", "ban_confirmed", "ban_varied", "ban_extended", "ban_kept"}


def knew(was: Plain, incident: Row) -> bool:
    """Whether a ban was in force when it happened, and the person had been told of it by then."""
    when = incident["occurred_at"]
    day = Plain(was.rows, when).today
    for m in was.measures(person_id=incident["subject_id"], response="site_ban"):
        if not was.banned(m, when):
            continue
        ids = [r["letter_id"] for r in was.rows.of("caseletter", measure_id=m["id"])]
        letters = [was.rows["letter"][i] for i in ids]
        sent = [x for x in letters if x["issued_at"] and x["kind"] in TELLS_OF_A_BAN]
        received = any(on <= day for x in sent for on in receipts(was, x))
        if received or any(t["at"] <= when for t in was.rows.of("telling", measure_id=m["id"])):
            return True
    return False


def receipts(was: Plain, letter: Row) -> list[date]:
    """Each day on which a letter counts as received: of every time that it left and did not come back."""
    sent = was.sent(letter)
    if not sent:
        return [received_on(letter["method"], letter["sent_at"])]
    return [received_on(s["method"], s["sent_at"]) for s in sent if not s["came_back_on"]]


def ends_are_told_in_order(now: Plain, m: Row) -> None:
    """The terms that count are those of the latest decision that a letter has told, never those of one it replaced."""
    verbs = {"decide", "vary_on_review"} if m["response"] in PLANS else NEW_TERMS
    told = [d for d in now.decisions(m, *verbs) if now.issued(d)]
    step = now.in_effect(m, now.at)
    if told and step is not None and step["verb"] != "keep":
        assert step["id"] == told[-1]["id"], f"{step} counts, though {told[-1]} came later and was told"


# -- whatever happened ----------------------------------------------------------------------------------------------------


def always(rows: Rows, at: datetime) -> None:
    """What holds at every moment; the program's own dates and gate list agree with the plain rows."""
    plain = Plain(rows, at)
    live = Counter(m["person_id"] for m in plain.measures(response="site_ban") if plain.state(m) in LIVE)
    assert all(n == 1 for n in live.values()), f"more than one running ban: {live}"
    tasks = Counter((t["case_id"], t["kind"]) for t in rows.of("task", closed_at=None))
    assert all(n == 1 for n in tasks.values()), tasks
    closed = [c["id"] for c in rows["case"].values() if c["closed_at"]]
    assert not [key for key in tasks if key[0] in closed], f"a duty nobody can do: {tasks}"
    for m in rows["measure"].values():
        assert m["case_id"] not in closed or plain.state(m) not in LIVE, f"runs on in a closed case: {m}"
    the_program_agrees(plain)


def the_program_agrees(plain: Plain) -> None:
    """The program's own dates, and its gate list, say what the plain rows say."""
    school = School.objects.get()
    calendar, at = school.calendar, plain.at
    for measure in with_history(Measure.objects.filter(response__in=["site_ban", *PLANS])):
        m, record = plain.rows["measure"][measure.pk], dates_of(measure, calendar)
        state, banned = plain.state(m), plain.banned(m)
        assert record.state_on(at) == state, f"{record.state_on(at)}, plainly {state}: {m}"
        assert record.in_force(at) == banned, f"in force {record.in_force(at)}, plainly {banned}: {m}"
        terms = plain.terms_of(plain.in_effect(m, at))
        assert record.end_and_review(at) == (terms.ends, terms.review_on), m
        assert not banned or state in FINAL | {"provisional", "in_force"}, f"{state} and in force: {m}"
        if isinstance(record, BanRecord):
            assert (record.window.on if record.window else None) == plain.window(m), m
            assert record.decision_by == plain.decide_by(m), m
    people = list(Person.objects.order_by("pk"))
    shown = {key: applies.word for key, applies in gate.applies_to(people, school, at).items()}
    assert shown == {p.pk: plain.at_the_gate(p.pk) for p in people}
    listed = {person.pk: applies.word for person, applies in gate.listed(school, at)}
    assert listed == {key: word for key, word in shown.items() if word != "clear"}


def ends(rows: Rows, at: datetime) -> dict[int, object]:
    """The last day in force of each ban, as its decisions and letters stand."""
    plain = Plain(rows, at)
    found = {m["id"]: plain.last_day(m) for m in plain.measures(response="site_ban")}
    limited = [m for m in plain.measures() if m["response"] in PLANS]
    return found | {m["id"]: plain.terms_of(plain.in_effect(m, at)).ends for m in limited}
