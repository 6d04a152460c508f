"""The audit: written with the deed, gone with a refused one, and final in the database."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from conduct import audit
from conduct.models import AuditRow
from sanctions import bans, cases, correspondence, duties, inquiry, measures, referrals
from sanctions.standing import Refused
from tests.factories import at


@pytest.fixture(autouse=True)
def quick_letters(monkeypatch):
    from letters import press

    monkeypatch.setattr(press, "letter", lambda kind, facts, **more: f"%PDF {kind} {sorted(facts)}".encode())


def deeds_since(last: int) -> list[str]:
    return list(AuditRow.objects.filter(pk__gt=last).order_by("pk").values_list("deed", flat=True))


def now() -> int:
    return AuditRow.objects.order_by("pk").values_list("pk", flat=True).last() or 0


def confirm(w, ban, **told):
    usual = {"reasons": "Established.", "equality": "Asked.", "terms": w.final_terms()}
    return bans.confirm(ban, by=w.cora, at=at("2026-03-19 10:00"), **{**usual, **told})


def later_terms(w):
    return w.final_terms(ends=date(2026, 5, 29), review_on=date(2026, 5, 20))


WHEN = at("2026-05-07 10:00")
AFTERWARDS = {"reasons": "Two more incidents.", "equality": "Asked."}
# what stands before; the deed; the rows that it writes, in order
DEEDS = {
    "log_incident": (
        lambda w: None,
        lambda w, _: w.incident(),
        ["open_case", "log_incident", "open_task", "open_task", "put_before_chair"],
    ),
    "record_account": (
        lambda w: w.incident(),
        lambda w, i: inquiry.record_account(i, by=w.olive, at=WHEN, of="staff", text="Saw it."),
        ["record_account"],
    ),
    "find": (
        lambda w: (lambda i: (w.heard(i), i)[1])(w.incident()),
        lambda w, i: inquiry.find(i, by=w.hari, at=WHEN, upheld=["U03"]),
        ["find"],
    ),
    "reclassify": (
        lambda w: w.incident(),
        lambda w, i: inquiry.reclassify(i, by=w.sena, at=WHEN, severity="minor", reason="Less."),
        ["reclassify"],
    ),
    "refer": (
        lambda w: w.incident(),
        lambda w, i: referrals.refer(w.alex, by=w.olive, at=WHEN, to="legal", reference="T-1"),
        ["refer"],
    ),
    "do_not_refer": (
        lambda w: w.incident(),
        lambda w, i: referrals.do_not_refer(w.alex, by=w.hari, at=WHEN, because="A toy."),
        ["do_not_refer"],
    ),
    "propose": (lambda w: w.incident(), lambda w, i: w.proposed(), ["propose"]),
    "consult": (
        lambda w: w.proposed(),
        lambda w, b: measures.consult(b, by=w.cora, at=WHEN, consulted=w.cora, how="telephone", view="Yes."),
        ["consult"],
    ),
    "decline": (
        lambda w: w.proposed(),
        lambda w, b: measures.decline(b, by=w.hari, at=WHEN, reason="No."),
        ["decline"],
    ),
    "sign_off": (
        lambda w: w.opened(),
        lambda w, b: bans.sign_off(b, by=w.tess, at=at("2026-03-03 09:00"), until=date(2026, 9, 1)),
        ["sign_off"],
    ),
    "issue_letter": (
        lambda w: w.decided(),
        lambda w, b: correspondence.issue_kind(
            b, "provisional_ban", by=w.adam, at=at("2026-03-02 10:00"), method="post", signed_by=w.hari
        ),
        ["approve_letter", "issue_letter", "serve"],
    ),
    "tell": (
        lambda w: w.opened(),
        lambda w, b: bans.tell(b, by=w.olive, at=at("2026-03-03 09:00"), how="At the gate."),
        ["tell"],
    ),
    "represent": (
        lambda w: w.opened(),
        lambda w, b: bans.represent(b, by=w.olive, at=at("2026-03-03 09:00"), text="No."),
        ["represent"],
    ),
    "none_received": (
        lambda w: w.opened(),
        lambda w, b: bans.none_received(b, by=w.olive, at=at("2026-03-19 09:00")),
        ["none_received"],
    ),
    "answer": (
        lambda w: w.opened(),
        lambda w, b: bans.answer(b, by=w.hari, at=at("2026-03-03 09:00"), text="Noted."),
        ["answer"],
    ),
    "confirm": (lambda w: w.replied(), confirm, ["confirm"]),
    "not_confirm": (
        lambda w: w.replied(),
        lambda w, b: bans.not_confirm(b, by=w.cora, at=at("2026-03-19 10:00"), reasons="No."),
        ["not_confirm"],
    ),
    "keep": (lambda w: w.confirmed(), lambda w, b: bans.keep(b, by=w.tess, at=WHEN, reasons="Too soon."), ["keep"]),
    "extend": (
        lambda w: w.confirmed(),
        lambda w, b: bans.extend(b, by=w.tess, at=WHEN, terms=later_terms(w), **AFTERWARDS),
        ["extend"],
    ),
    "vary_on_review": (
        lambda w: w.confirmed(),
        lambda w, b: bans.vary_on_review(b, by=w.tess, at=WHEN, terms=later_terms(w), **AFTERWARDS),
        ["vary_on_review"],
    ),
    "lift": (lambda w: w.confirmed(), lambda w, b: bans.lift(b, by=w.hari, at=WHEN, reasons="Enough."), ["lift"]),
    "withdraw": (
        lambda w: w.opened(),
        lambda w, b: bans.withdraw(b, by=w.hari, at=at("2026-03-03 09:00"), reasons="An error."),
        ["withdraw"],
    ),
    "complete_task": (
        lambda w: w.incident(),
        lambda w, i: duties.complete_task(i.in_case.case, "trust_notice", by=w.tess, at=WHEN),
        ["close_task"],
    ),
    "show_to_chair": (
        lambda w: w.incident(clauses=["U03"]),
        lambda w, i: cases.show_to_chair(i.in_case.case, by=w.hari, at=WHEN, why="Look."),
        ["put_before_chair"],
    ),
    "close_case": (
        lambda w: w.incident(clauses=["U03"]),
        lambda w, i: cases.close_case(i.in_case.case, by=w.hari, at=WHEN, reason="Quiet."),
        ["close_case"],
    ),
}
# the deed again, by somebody who may not, or where it may not be
REFUSED = {
    "log_incident": lambda w: w.incident(clauses=["U07"]),
    "propose": lambda w: (w.incident(), w.proposed(lesser_options="")),
    "find": lambda w: inquiry.find(w.incident(), by=w.hari, at=WHEN, upheld=["U03"]),
    "decide": lambda w: measures.decide(w.proposed(), by=w.hari, at=WHEN, terms=w.terms()),
    "issue_letter": lambda w: correspondence.issue_kind(
        w.decided(), "provisional_ban", by=w.adam, at=WHEN, method="email", signed_by=w.hari
    ),
    "confirm": lambda w: confirm(w, w.replied(), equality=""),
    "lift": lambda w: bans.lift(w.opened(), by=w.hari, at=at("2026-03-03 09:00")),
    "keep": lambda w: bans.keep(w.confirmed(), by=w.cora, at=WHEN, reasons="Too soon."),
    "close_case": lambda w: cases.close_case(w.incident().in_case.case, by=w.hari, at=WHEN, reason="Quiet."),
    "complete_task": lambda w: duties.complete_task(w.incident().in_case.case, "trust_notice", by=w.hari, at=WHEN),
    "refer": lambda w: referrals.refer(w.alex, by=w.olive, at=WHEN, to="police", reference="CR-1"),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_each_deed_writes_its_rows(world, deed):
    before, do, rows = DEEDS[deed]
    made = before(world)
    last = now()
    do(world, made)
    assert deeds_since(last) == rows


@pytest.mark.parametrize("deed", DEEDS)
def test_the_rows_go_with_the_deed_when_the_transaction_does(world, deed):
    before, do, _ = DEEDS[deed]
    made = before(world)
    last = now()
    with transaction.atomic():
        do(world, made)
        transaction.set_rollback(True)
    assert deeds_since(last) == []


@pytest.mark.parametrize("deed", REFUSED)
def test_a_refused_deed_writes_no_row_of_its_own(world, deed):
    with pytest.raises(Refused):
        REFUSED[deed](world)
    assert AuditRow.objects.filter(deed__in=[deed, "close_task"]).exclude(deed="log_incident").count() == 0


@pytest.mark.parametrize("what", ["open_case", "log_incident"])
def test_a_refused_report_leaves_no_row_at_all(world, what):
    with pytest.raises(Refused):
        world.incident(clauses=["U07"])
    assert AuditRow.objects.filter(deed=what).count() == 0


def test_a_row_says_who_when_about_what_and_from_what_to_what(world):
    incident = world.incident()
    inquiry.reclassify(incident, by=world.sena, at=WHEN, severity="criminal", reason="A blade.")
    row = AuditRow.objects.get(deed="reclassify")
    assert (row.by, row.at, row.school, row.about) == (world.sena, WHEN, world.school, incident.reference)
    assert row.changes == {"severity": ["serious", "criminal"], "reason": "A blade."}


def test_a_decision_records_the_state_it_left_and_the_one_it_reached(world):
    world.decided()
    assert AuditRow.objects.get(deed="decide").changes["state"] == ["proposed", "decided"]


def test_values_are_written_as_json_holds_them(world):
    row = audit.record(
        "look", by=None, at=WHEN, school=None, about="x",
        changes={"day": date(2026, 3, 2), "who": world.hari, "many": (1, {"a": date(2026, 3, 3)})},
    )  # fmt: skip
    row.refresh_from_db()
    assert row.changes == {"day": "2026-03-02", "who": "Hari Head", "many": [1, {"a": "2026-03-03"}]}


@pytest.mark.parametrize("field", ["deed", "about", "changes", "at", "by_id", "school_id"])
def test_the_database_refuses_to_change_a_row(world, field):
    world.incident()
    value = {"changes": {}, "at": WHEN, "by_id": world.hari.pk, "school_id": None}.get(field, "another")
    row = AuditRow.objects.earliest("pk")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditRow.objects.filter(pk=row.pk).update(**{field: value})
    row.refresh_from_db()
    assert row.deed == "open_case"


def test_the_database_refuses_to_delete_a_row(world):
    world.incident()
    count = AuditRow.objects.count()
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditRow.objects.all()._raw_delete("default")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM conduct_auditrow")
    assert AuditRow.objects.count() == count
