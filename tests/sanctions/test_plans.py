"""Plans, blocks and notices walked through the verbs; contacts, reviews, what a day brings; side branches to their end."""

from dataclasses import replace
from datetime import date

import pytest

from conduct.models import AuditRow
from sanctions import cases, correspondence, diary, gate, measures, plans
from sanctions.dates import TermsFacts
from sanctions.models import Measure
from sanctions.standing import Refused
from tests.factories import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_letters")]
LETTERS = {
    "communication_plan": "communication_plan",
    "channel_block": "channel_block",
    "vexatious_notice": "vexatious_notice",
    "post_removal": "post_removal_request",
}


@pytest.fixture
def combined(make_world):
    """A school under the combined code, with an incident found in March."""
    world = make_world("combined")
    world.found(world.incident())
    return world


def plan_terms(world, **changed) -> TermsFacts:
    usual = {
        "starts": date(2026, 3, 16),
        "ends": date(2026, 9, 10),
        "review_on": date(2026, 6, 8),
        "scope": "All contact with staff",
        "contact_who": "Sena Senior",
        "contact_methods": ("email",),
        "ways": (("teacher", "email", "Sena Senior"),),
        "deputy": "Olive Office",
        "cap": "one email a week",
        "reply_days": 5,
        "closes": ("telephone",),
        "handover": tuple((p.pk, "As now") for p in world.alex.pupils.all()),
    }
    return TermsFacts(**{**usual, **changed})


def proposed(world, response: str, when: str = "2026-03-11 09:00") -> Measure:
    return measures.propose(
        world.alex, by=world.olive, at=at(when), response=response, severity_reason="Forty messages in a week."
    )


def running(world, response: str = "communication_plan", **terms) -> Measure:
    """Decided by the head on 11 March, its letter issued the same day."""
    measure = proposed(world, response)
    measures.decide(
        measure, by=world.hari, at=at("2026-03-11 09:30"), terms=plan_terms(world, **terms), equality="Asked."
    )
    issue(world, measure, LETTERS[response])
    return measure


def issue(world, measure, kind, when="2026-03-11 10:00", by=None):
    letter = correspondence.issue_kind(
        measure, kind, by=world.adam, at=at(when), method="post", signed_by=by or world.hari
    )
    measure.refresh_from_db()
    return letter


def open_tasks(world) -> list[str]:
    case = world.alex.cases.get()
    return sorted(t.kind for t in case.tasks.filter(closed_at=None) if t.kind not in {"chair_notice", "trust_notice"})


def refused(deed) -> list[str]:
    with pytest.raises(Refused) as caught:
        deed()
    return [r.rule for r in caught.value.refusals]


@pytest.mark.parametrize("response", ["communication_plan", "channel_block", "vexatious_notice"])
def test_its_letter_puts_it_in_force(combined, response):
    measure = running(combined, response)
    assert (measure.state, measure.served_at, measure.due_on) == (
        "in_force",
        at("2026-03-11 10:00"),
        date(2026, 6, 8),
    )


def test_the_letter_of_a_plan_tells_the_ways_the_cap_and_the_promise(combined):
    letter = running(combined).case_letters.get().letter
    wanted = {key: letter.facts[key] for key in ("ways", "deputy", "cap", "reply_days", "closes", "scope", "ends")}
    assert wanted == {
        "ways": [{"purpose": "The child's teacher", "method": "Email", "staff": "Sena Senior"}],
        "deputy": "When the person named is away, Olive Office answers.",
        "cap": "one email a week",
        "reply_days": "5",
        "closes": ["telephone calls"],
        "scope": "All contact with staff",
        "ends": "2026-09-10",
    }
    assert letter.facts["reasons"].startswith("We ")  # nobody wrote any: the starter's


def test_at_the_gate_a_plan_is_a_plan_and_a_ban_comes_first(combined):
    running(combined)
    when = at("2026-03-16 09:00")
    applies = gate.applies_to([combined.alex], combined.school, when)[combined.alex.pk]
    assert (applies.word, applies.until, applies.call) == ("plan", date(2026, 9, 10), "Sena Senior")
    assert [(p.pk, a.word) for p, a in gate.listed(combined.school, when)] == [(combined.alex.pk, "plan")]
    before = gate.applies_to([combined.alex], combined.school, at("2026-03-15 09:00"))[combined.alex.pk]
    assert before.word == "clear"


def test_a_block_is_nothing_to_the_gate(combined):
    running(combined, "channel_block")
    assert gate.listed(combined.school, at("2026-03-16 09:00")) == []


def test_contacts_are_logged_whatever_the_cap_says(combined):
    plan = running(combined)
    for text in ("About a trip.", "About the trip again."):
        plans.log_contact(plan, by=combined.olive, at=at("2026-03-17 09:00"), method="email", text=text)
    assert [(c.method, c.on, c.text) for c in plan.contacts.all()] == [
        ("email", date(2026, 3, 17), "About a trip."),
        ("email", date(2026, 3, 17), "About the trip again."),
    ]
    assert AuditRow.objects.filter(deed="log_contact").count() == 2
    assert plan.case.measures.count() == 1


def test_no_contact_is_logged_before_the_letter_or_after_the_end(combined):
    plan = proposed(combined, "communication_plan")
    measures.decide(plan, by=combined.hari, at=at("2026-03-11 09:30"), terms=plan_terms(combined), equality="Asked.")
    log = lambda when: plans.log_contact(plan, by=combined.olive, at=at(when), method="email")  # noqa: E731
    assert refused(lambda: log("2026-03-11 09:40")) == ["letter-first"]
    issue(combined, plan, "communication_plan")
    assert refused(lambda: log("2026-09-11 09:00")) == ["wrong-state"]  # ended, though nothing has swept it


def test_the_review_is_asked_for_on_its_day_and_closed_by_it(combined):
    plan = running(combined)
    diary.sweep(at("2026-06-07 09:00"))
    assert open_tasks(combined) == []
    diary.sweep(at("2026-06-08 09:00"))
    assert open_tasks(combined) == ["plan_review"]
    plans.keep(plan, by=combined.sena, at=at("2026-06-09 09:00"), reasons="It helps.", review_on=date(2026, 8, 3))
    plan.refresh_from_db()
    assert (open_tasks(combined), plan.state, plan.due_on) == ([], "in_force", date(2026, 8, 3))
    assert [cl.letter.kind for cl in plan.case_letters.filter(letter__issued_at=None)] == ["plan_outcome"]


def test_a_plan_and_a_block_each_keep_their_review(combined):
    plan, block = running(combined), running(combined, "channel_block")
    diary.sweep(at("2026-06-08 09:00"))
    plans.keep(plan, by=combined.sena, at=at("2026-06-08 10:00"), reasons="It helps.", review_on=date(2026, 8, 3))
    diary.sweep(at("2026-06-09 09:00"))
    assert open_tasks(combined) == ["plan_review"]  # the block's, once the plan's no longer stood in its way
    assert block.tasks.get(closed_at=None).due_on == date(2026, 6, 8)
    plans.end(block, by=combined.cora, at=at("2026-06-09 10:00"), reasons="No longer needed.")
    assert open_tasks(combined) == []


def test_an_early_review_of_a_plan_leaves_the_review_that_a_block_waits_for(combined):
    plan, block = running(combined, review_on=date(2026, 6, 10)), running(combined, "channel_block")
    diary.sweep(at("2026-06-08 09:00"))
    plans.keep(plan, by=combined.sena, at=at("2026-06-08 10:00"), reasons="It helps.", review_on=date(2026, 8, 3))
    assert [t.measure_id for t in combined.alex.cases.get().tasks.filter(kind="plan_review", closed_at=None)] == [
        block.pk
    ]


def test_whoever_decided_it_does_not_review_it(combined):
    plan = running(combined)
    end = lambda by: plans.end(plan, by=by, at=at("2026-06-09 09:00"), reasons="It worked.")  # noqa: E731
    assert refused(lambda: end(combined.hari)) == ["reviewer-differs"]
    end(combined.sena)
    plan.refresh_from_db()
    assert plan.state == "ended"


def test_changed_terms_wait_for_their_letter(combined):
    plan = running(combined)
    terms = replace(plan_terms(combined), cap="two emails a week", review_on=date(2026, 8, 3))
    plans.vary_on_review(
        plan, by=combined.sena, at=at("2026-06-09 09:00"), reasons="Better.", terms=terms, equality="Asked."
    )
    plan.refresh_from_db()
    assert (plan.state, plan.due_on) == ("in_force", date(2026, 9, 11))
    letter = issue(combined, plan, "plan_outcome", "2026-06-09 10:00", by=combined.sena)
    assert {k: letter.facts[k] for k in ("outcome", "cap", "review_on", "measure_name")} == {
        "outcome": "varied",
        "cap": "two emails a week",
        "review_on": "2026-08-03",
        "measure_name": "restricted communication plan",
    }
    plan.refresh_from_db()
    assert plan.due_on == date(2026, 8, 3)


def test_it_ends_by_itself_and_takes_its_task_along(combined):
    plan = running(combined)
    diary.sweep(at("2026-09-10 23:00"))
    assert open_tasks(combined) == ["plan_review"]
    diary.sweep(at("2026-09-11 00:30"))
    plan.refresh_from_db()
    assert (plan.state, plan.due_on, open_tasks(combined)) == ("ended", None, [])


def test_ten_silent_days_leave_what_daily_sweeps_would_have_left(combined):
    plan = running(combined)
    diary.sweep(at("2026-10-01 09:00"))
    plan.refresh_from_db()
    assert (plan.state, open_tasks(combined)) == ("ended", [])


def test_a_withdrawn_plan_is_over_and_its_letter_says_so(combined):
    plan = running(combined)
    measures_before = plan.case_letters.count()
    from sanctions import bans

    bans.withdraw(plan, by=combined.tess, at=at("2026-04-01 09:00"), reasons="It was meant for somebody else.")
    plan.refresh_from_db()
    assert (plan.state, plan.case_letters.count()) == ("withdrawn", measures_before + 1)
    letter = issue(combined, plan, "plan_outcome", "2026-04-01 10:00", by=combined.tess)
    assert letter.facts["outcome"] == "withdrawn"


# -- side branches ------------------------------------------------------------------------------------------------


def decided(world, response: str) -> Measure:
    measure = measures.propose(world.alex, by=world.olive, at=at("2026-03-11 09:00"), response=response)
    measures.decide(measure, by=world.hari, at=at("2026-03-11 09:30"))
    return measure


def follow(world, measure, step, when="2026-03-12 09:00", **told):
    return measures.follow(measure, by=world.olive, at=at(when), step=step, **told)


@pytest.mark.parametrize("response", ["mediation", "no_further_action"])
def test_a_decided_side_branch_does_not_hold_its_case_open(combined, response):
    measure = decided(combined, response)
    assert measure.case_letters.count() == 0
    close = lambda: cases.close_case(measure.case, by=combined.hari, at=at("2026-03-12 09:00"), reason="Done.")  # noqa: E731
    assert refused(close) == ["close-needs-end"]  # the notices to chair and trust are still open
    measure.case.tasks.update(closed_at=at("2026-03-12 08:00"))
    close()
    measure.case.refresh_from_db()
    assert measure.case.is_open is False


def test_mediation_goes_on_from_its_offer(combined):
    measure = decided(combined, "mediation")
    assert refused(lambda: follow(combined, measure, "agreed")) == ["wrong-state"]
    for step in ("offered", "accepted", "agreed"):
        follow(combined, measure, step)
    assert [f.step for f in measure.follows.all()] == ["offered", "accepted", "agreed"]


def test_a_post_is_captured_then_asked_about_then_taken_down(combined):
    measure = decided(combined, "post_removal")
    assert refused(lambda: follow(combined, measure, "removed")) == ["wrong-state"]
    follow(combined, measure, "captured", where="https://social.example/p/1")
    letter = issue(combined, measure, "post_removal_request", "2026-03-12 10:00")
    assert letter.facts["posts"] == ["https://social.example/p/1"]
    assert (measure.state, [f.step for f in measure.follows.all()]) == ("served", ["captured", "asked"])
    follow(combined, measure, "removed", "2026-03-13 09:00")
    measure.refresh_from_db()
    assert measure.state == "served"


def test_a_post_taken_down_before_any_letter_is_settled(combined):
    measure = decided(combined, "post_removal")
    follow(combined, measure, "captured", where="https://social.example/p/1")
    follow(combined, measure, "reported", "2026-03-13 09:00")
    measure.refresh_from_db()
    assert measure.state == "ended"
    follow(combined, measure, "removed", "2026-03-14 09:00")
    letter = lambda: issue(combined, measure, "post_removal_request", "2026-03-14 10:00")  # noqa: E731
    assert refused(letter) == ["wrong-state"]
