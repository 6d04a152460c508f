"""A ban from its proposal to its end, through the verbs and the database."""

from dataclasses import replace
from datetime import date

import pytest

from sanctions import bans, correspondence, diary, measures
from sanctions.models import Decision, Measure
from sanctions.situation import record_of, with_history
from sanctions.standing import Refused
from sanctions.states import State
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")


def rules(excinfo) -> list[str]:
    return [r.rule for r in excinfo.value.refusals]


def record(ban: Measure):
    fresh = with_history(Measure.objects.filter(pk=ban.pk)).get()
    return record_of(fresh, fresh.case.school.calendar)


def open_tasks(ban: Measure) -> list[str]:
    return sorted(ban.case.tasks.filter(closed_at=None).values_list("kind", flat=True))


def state(ban: Measure) -> str:
    return Measure.objects.get(pk=ban.pk).state


def extended(world, ban: Measure, when: str = "2026-05-07 10:00", issue: bool = True) -> None:
    terms = world.final_terms(ends=date(2026, 5, 29), review_on=date(2026, 5, 27))
    bans.extend(ban, by=world.tess, at=at(when), reasons="Two more incidents.", equality="Asked.", terms=terms)
    if issue:
        correspondence.issue_kind(
            ban, "ban_extended", by=world.adam, at=at("2026-05-07 10:10"), method="hand", signed_by=world.tess
        )


# -- proposed and decided -----------------------------------------------------------------------------------------


def test_a_proposal_needs_an_open_case(world):
    with pytest.raises(Refused) as told:
        measures.propose(world.alex, by=world.olive, at=at("2026-03-02 09:00"), response="meeting")
    assert rules(told) == ["wrong-state"]


@pytest.mark.parametrize("who", ["cora", "tess", "adam", "gail", "rita", "sid"])
def test_who_does_not_propose(world, who):
    world.incident()
    with pytest.raises(Refused) as told:
        world.proposed(by=getattr(world, who))
    assert rules(told) == ["not-permitted"]


def test_a_second_ban_is_refused_while_one_is_proposed(world):
    world.proposed()
    with pytest.raises(Refused) as told:
        world.proposed("2026-03-02 10:00", opening="intent")
    assert rules(told) == ["facts-first", "one-live-ban"]


def test_a_refused_proposal_leaves_nothing_behind(world):
    world.incident()
    with pytest.raises(Refused):
        world.proposed(severity_reason="", lesser_options="")
    assert Measure.objects.count() == 0


def test_a_proposal_keeps_the_policy_of_its_day(world):
    ban = world.proposed()
    world.school.adoptions.create(pack_key="burton_joyce", starts_on=date(2026, 3, 3))
    with pytest.raises(Refused) as told:
        measures.decide(ban, by=world.hari, at=at("2026-03-04 09:00"), terms=world.terms())
    assert rules(told) == ["consult-first"]


def test_a_proposal_of_something_else_opens_no_task_of_a_running_ban(world):
    ban = world.confirmed()
    measures.propose(world.alex, by=world.olive, at=at("2026-05-05 09:00"), response="meeting")
    assert "review_due" not in open_tasks(ban)


def test_after_a_lapse_a_provisional_ban_waits_for_something_new(world):
    world.opened()
    with pytest.raises(Refused) as told:
        world.proposed("2026-04-02 09:00")
    assert rules(told) == ["no-second-provisional"]
    world.incident("2026-04-02 10:00")
    assert world.proposed("2026-04-02 10:30").state == "proposed"


def test_a_declined_proposal_in_between_does_not_open_the_way(world):
    lapsed = world.opened()
    world.found(lapsed.case.incidents.get())
    between = world.proposed("2026-04-02 09:00", opening="intent")
    measures.decline(between, by=world.hari, at=at("2026-04-02 09:30"), reason="No.")
    with pytest.raises(Refused) as told:
        world.proposed("2026-04-02 10:00")
    assert rules(told) == ["no-second-provisional"]


def test_declining_ends_a_proposal(world):
    ban = world.proposed()
    measures.decline(ban, by=world.hari, at=at("2026-03-02 09:30"), reason="A meeting will do.")
    assert state(ban) == "declined"
    assert list(ban.case_letters.all()) == []


def test_a_decision_drafts_its_letter(world):
    assert [cl.letter.kind for cl in world.decided().case_letters.all()] == ["provisional_ban"]


# -- heard --------------------------------------------------------------------------------------------------------


def test_nothing_is_recorded_of_a_reply_before_the_letter(world):
    ban = world.decided()
    for verb, told in [
        (bans.represent, {"by": world.olive, "text": "No."}),
        (bans.answer, {"by": world.hari, "text": "Yes."}),
        (bans.tell, {"by": world.olive, "how": "At the gate."}),
    ]:
        with pytest.raises(Refused) as excinfo:
            verb(ban, at=at("2026-03-02 09:50"), **told)
        assert rules(excinfo) == ["letter-first"]


def test_none_received_before_the_letter_is_two_refusals(world):
    with pytest.raises(Refused) as told:
        bans.none_received(world.decided(), by=world.olive, at=at("2026-03-02 09:50"))
    assert rules(told) == ["hear-first", "letter-first"]


def confirm(world, ban, when: str, **told) -> Decision:
    usual = {"by": world.cora, "reasons": "Established.", "equality": "Asked.", "terms": world.final_terms()}
    return bans.confirm(ban, at=at(when), **{**usual, **told})


def test_a_reply_after_none_received_undoes_it(world):
    ban = world.opened()
    world.found(ban.case.incidents.get())
    bans.none_received(ban, by=world.olive, at=at("2026-03-19 09:00"))
    bans.represent(ban, by=world.olive, at=at("2026-03-19 09:10"), text="I was away.")
    with pytest.raises(Refused) as told:
        confirm(world, ban, "2026-03-19 10:00")
    assert rules(told) == ["hear-first"]
    bans.answer(ban, by=world.hari, at=at("2026-03-19 10:30"), text="Noted.")
    assert confirm(world, ban, "2026-03-19 11:00").verb == "confirm"


def test_none_received_does_not_cover_a_reply_that_nobody_answered(world):
    ban = world.opened()
    world.found(ban.case.incidents.get())
    bans.represent(ban, by=world.olive, at=at("2026-03-18 09:10"), text="I was away.")
    bans.none_received(ban, by=world.olive, at=at("2026-03-19 09:00"))
    with pytest.raises(Refused) as told:
        confirm(world, ban, "2026-03-19 10:00")
    assert rules(told) == ["hear-first"]


def test_none_received_does_not_outlive_a_letter_sent_again(world):
    ban = world.opened()
    world.found(ban.case.incidents.get())
    bans.none_received(ban, by=world.olive, at=at("2026-03-19 09:00"))
    first = ban.case_letters.get().letter
    correspondence.issue_kind(
        ban, "provisional_ban", by=world.adam, at=at("2026-03-19 09:30"), method="hand", signed_by=world.hari,
        supersedes=first,
    )  # fmt: skip
    assert record(ban).window.on == date(2026, 3, 31)
    with pytest.raises(Refused) as told:
        confirm(world, ban, "2026-03-19 10:00")
    assert rules(told) == ["hear-first"]


def test_a_second_reply_must_be_answered_too(world):
    ban = world.replied()
    bans.represent(ban, by=world.olive, at=at("2026-03-19 09:40"), text="And another thing.", complete=True)
    with pytest.raises(Refused) as told:
        confirm(world, ban, "2026-03-19 10:00")
    assert rules(told) == ["hear-first"]


def test_a_confirmation_without_terms_keeps_those_of_the_decision(make_world):
    world = make_world("burton_joyce")
    incident = world.incident(clauses=["U03"])
    world.found(incident)
    ban = world.proposed("2026-03-11 09:00", opening="intent")
    terms = world.terms(
        starts=date(2026, 4, 13), ends=date(2026, 5, 22), review_on=date(2026, 5, 8), latest_decision_on=None
    )
    measures.decide(ban, by=world.hari, at=at("2026-03-11 10:00"), terms=terms)
    correspondence.issue_kind(
        ban, "intent_to_ban", by=world.adam, at=at("2026-03-11 11:00"), method="hand", signed_by=world.hari
    )
    assert state(ban) == "intent"
    bans.none_received(ban, by=world.hari, at=at("2026-04-10 09:00"))
    decision = bans.confirm(ban, by=world.hari, at=at("2026-04-10 09:05"), reasons="Established.", equality="Asked.")
    assert (decision.terms.starts, decision.terms.ends) == (date(2026, 4, 13), date(2026, 5, 22))


def test_a_start_left_out_is_the_one_last_set(world):
    ban = world.replied()
    decision = confirm(world, ban, "2026-03-19 10:00", terms=world.final_terms(starts=None))
    assert decision.terms.starts == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("verb", "kind", "to"), [(bans.confirm, "ban_confirmed", "confirmed"), (bans.vary, "ban_varied", "varied")]
)
def test_a_final_decision_drafts_its_letter_and_closes_what_asked_for_it(world, verb, kind, to):
    ban = world.replied()
    diary.sweep(at("2026-03-23 08:00"))
    assert {"decision_due", "provisional_alert"} <= set(open_tasks(ban))
    verb(
        ban,
        by=world.cora,
        at=at("2026-03-23 10:00"),
        reasons="Established.",
        equality="Asked.",
        terms=world.final_terms(),
    )
    assert state(ban) == to
    assert open_tasks(ban) == ["chair_notice", "trust_notice"]
    assert [cl.letter.kind for cl in ban.case_letters.filter(letter__issued_at=None)] == [kind]


def test_not_confirming_ends_the_ban_at_once(world):
    ban = world.opened()
    bans.not_confirm(ban, by=world.cora, at=at("2026-03-03 09:00"), reasons="Mistaken identity.")
    assert state(ban) == "not_confirmed"
    assert record(ban).in_force(at("2026-03-03 08:59")) is True
    assert record(ban).in_force(at("2026-03-03 09:00")) is False


def test_a_signed_off_length_lets_a_long_ban_through(world):
    ban = world.replied()
    long = world.final_terms(ends=date(2026, 7, 10))
    bans.sign_off(ban, by=world.cora, at=at("2026-03-19 09:50"), until=date(2026, 7, 10))
    with pytest.raises(Refused) as told:
        confirm(world, ban, "2026-03-19 10:00", terms=long)
    assert rules(told) == ["long-ban-sign-off"]
    bans.sign_off(ban, by=world.tess, at=at("2026-03-19 10:10"), until=date(2026, 7, 10))
    assert confirm(world, ban, "2026-03-19 10:20", terms=long).terms.ends == date(2026, 7, 10)


# -- reviewed -----------------------------------------------------------------------------------------------------


def test_keeping_leaves_the_state_and_sets_the_review(world):
    ban = world.confirmed()
    bans.keep(ban, by=world.tess, at=at("2026-05-07 10:00"), reasons="Too soon.", review_on=date(2026, 5, 20))
    assert state(ban) == "confirmed"
    assert record(ban).end_and_review(at("2026-05-07 10:00")) == (date(2026, 5, 22), date(2026, 5, 20))


def test_keeping_without_terms_keeps_the_review_in_force(world):
    ban = world.confirmed()
    bans.keep(ban, by=world.tess, at=at("2026-05-07 10:00"), reasons="Too soon.")
    assert record(ban).end_and_review(at("2026-05-07 10:00")) == (date(2026, 5, 22), date(2026, 5, 8))


def test_keeping_keeps_the_terms_in_force_and_not_those_that_no_letter_told(world):
    ban = world.confirmed()
    extended(world, ban, issue=False)
    bans.keep(ban, by=world.hari, at=at("2026-05-07 11:00"), reasons="Too soon.", review_on=date(2026, 5, 20))
    assert record(ban).end_and_review(at("2026-05-07 12:00")) == (date(2026, 5, 22), date(2026, 5, 20))


def test_a_ban_kept_to_run_out_ends(world):
    ban = world.confirmed()
    bans.keep(ban, by=world.tess, at=at("2026-05-07 10:00"), reasons="To its end.", run_out=True)
    diary.sweep(at("2026-05-22 08:00"))
    assert state(ban) == "confirmed"
    diary.sweep(at("2026-05-23 08:00"))
    assert state(ban) == "ended"


def test_an_extension_closes_the_review_and_does_not_ask_for_it_again(world):
    ban = world.confirmed()
    diary.sweep(at("2026-05-07 08:00"))
    assert "review_due" in open_tasks(ban)
    extended(world, ban, issue=False)
    assert "review_due" not in open_tasks(ban)
    diary.sweep(at("2026-05-12 08:00"))
    assert {"review_due", "review_overdue"} & set(open_tasks(ban)) == set()


def test_a_ban_extended_once_is_extended_again(world):
    ban = world.confirmed()
    extended(world, ban)
    assert state(ban) == "extended"
    terms = world.final_terms(ends=date(2026, 5, 30), review_on=date(2026, 5, 29))
    bans.vary_on_review(ban, by=world.hari, at=at("2026-05-26 10:00"), reasons="Less.", equality="Asked.", terms=terms)
    assert state(ban) == "varied"


def test_lifting_closes_the_review_and_works_at_once(world):
    ban = world.confirmed()
    diary.sweep(at("2026-05-07 08:00"))
    bans.lift(ban, by=world.hari, at=at("2026-05-07 10:05"), reasons="An apology.")
    assert state(ban) == "lifted"
    assert "review_due" not in open_tasks(ban)
    with pytest.raises(Refused) as told:
        bans.lift(ban, by=world.tess, at=at("2026-05-07 10:06"))
    assert rules(told) == ["wrong-state"]


def test_a_provisional_ban_is_not_lifted(world):
    with pytest.raises(Refused) as told:
        bans.lift(world.opened(), by=world.hari, at=at("2026-03-03 09:00"))
    assert rules(told) == ["wrong-state"]


def test_withdrawing_is_open_to_whoever_may_confirm_once_confirmed(world):
    ban = world.confirmed()
    with pytest.raises(Refused) as told:
        bans.withdraw(ban, by=world.hari, at=at("2026-04-01 09:00"), reasons="An error.")
    assert rules(told) == ["not-permitted"]
    bans.withdraw(ban, by=world.tess, at=at("2026-04-01 09:05"), reasons="An error.")
    assert state(ban) == "withdrawn"
    assert record(ban).in_force(at("2026-04-01 09:05")) is False


def test_a_passed_date_stops_a_decision_whether_or_not_it_was_swept(world):
    ban = world.replied()
    with pytest.raises(Refused) as told:
        confirm(world, ban, "2026-04-01 00:00")
    assert rules(told) == ["wrong-state"]
    assert state(ban) == "provisional"


def test_a_letter_issued_late_puts_the_ban_back_in_force(world):
    ban = world.confirmed(issue=False)
    assert record(ban).in_force(at("2026-04-10 09:00")) is False
    correspondence.issue_kind(
        ban, "ban_confirmed", by=world.adam, at=at("2026-04-10 10:00"), method="hand", signed_by=world.cora
    )
    assert record(ban).in_force(at("2026-04-10 10:00")) is True
    assert record(ban).end_and_review(at("2026-04-10 10:00")) == (date(2026, 5, 22), date(2026, 5, 8))


def test_the_verb_reads_the_measure_afresh(world):
    ban = world.opened()
    stale = Measure.objects.get(pk=ban.pk)
    bans.withdraw(ban, by=world.hari, at=at("2026-03-03 09:00"), reasons="An error.")
    with pytest.raises(Refused) as told:
        bans.represent(stale, by=world.olive, at=at("2026-03-03 10:00"), text="No.")
    assert rules(told) == ["wrong-state"]


def test_the_database_holds_one_live_ban_a_person(world):
    from django.db import IntegrityError, transaction

    ban = world.proposed()
    fields = {f.attname: getattr(ban, f.attname) for f in Measure._meta.concrete_fields if not f.primary_key}
    with pytest.raises(IntegrityError), transaction.atomic():
        Measure.objects.create(**fields)
    assert State(ban.state) is State.PROPOSED


def test_terms_are_kept_as_they_were_set(world):
    ban = world.decided()
    terms = world.terms(closes=("telephone",), exceptions="Parents' evening, by appointment")
    kept = ban.decisions.get().terms
    assert (kept.scope, kept.contact_methods) == (terms.scope, ["email", "telephone"])
    assert [h.arrangement for h in kept.handovers.all()] == ["Grandmother brings and collects"]
    assert replace(terms, closes=()).closes == ()


def test_an_answer_answers_what_was_said_before_it_even_in_the_same_minute(world):
    ban, now = world.opened(), at("2026-03-19 09:00")
    world.found(ban.case.incidents.get())
    bans.represent(ban, by=world.olive, at=now, text="I was provoked.", complete=True)
    bans.answer(ban, by=world.hari, at=now, text="That is no excuse.")
    bans.represent(ban, by=world.olive, at=now, text="And I am sorry.", complete=True)
    with pytest.raises(Refused, match="hear-first"):
        bans.confirm(ban, by=world.cora, at=now, reasons="Established.", equality="Asked.", terms=world.final_terms())
