"""The policy's flowchart with the way of a case: what lights a step, and what does not."""

import pytest
import time_machine
from django.urls import reverse

from conduct import code
from sanctions import bans, flowchart, inquiry, measures, referrals
from sanctions.situation import opened_file
from tests.factories import at

SHOLING = code.pack("sholing")
POLICE, ENDED, FACTS, MINOR, SERIOUS, REPEATED, LEGAL, BREACH = range(8)


def lit(case, pack=SHOLING) -> dict[int, tuple[str, ...]]:
    """The steps that the case has been through, by their place, and by what."""
    found = flowchart.steps(pack, flowchart.marks(opened_file(case), pack))
    return {n: step.by for n, step in enumerate(found) if step.lit}


@pytest.mark.parametrize("key", code.pack_keys())
def test_a_case_that_has_been_through_nothing_lights_nothing(key):
    found = flowchart.steps(code.pack(key), {})
    assert [(step.when, step.then) for step in found] == [(f.when, f.then) for f in code.pack(key).flowchart]
    assert not any(step.lit or step.passed for step in found)


@pytest.mark.parametrize("key", code.pack_keys())
def test_every_step_is_lit_by_each_of_its_marks(key):
    for n, box in enumerate(code.pack(key).flowchart):
        for label in box.lit_by:
            step = flowchart.steps(code.pack(key), {label: "So it was"})[n]
            assert (step.lit, step.by) == (True, ("So it was",))


def test_the_way_goes_on_from_the_first_lit_step_to_the_last():
    found = flowchart.steps(SHOLING, {"interaction_ended": "a", "warning_letter": "b"})
    assert [n for n, step in enumerate(found) if step.passed] == [ENDED, FACTS]


def test_a_serious_incident_is_reported_at_once_and_nothing_else_has_happened(world):
    case = world.incident().in_case.case
    assert lit(case) == {
        FACTS: ("Reported to HET on Monday 2 March 2026",),
    }


def test_a_report_that_was_read_stays_lit(world):
    from sanctions import duties

    case = world.incident().in_case.case
    for who, kind in ((world.tess, "trust_notice"), (world.cora, "chair_notice")):
        duties.complete_task(case, kind, by=who, at=at("2026-03-03 09:00"))
    assert FACTS in lit(case)


def test_an_ended_interaction_and_the_first_account_light_their_steps(world):
    incident = world.incident(clauses=["U28"], ended_interaction=True, asked_to_leave=True)
    world.heard(incident)
    assert lit(incident.in_case.case) == {
        ENDED: ("The interaction was ended on Monday 2 March 2026",),
        FACTS: ("The first account was taken on Tuesday 3 March 2026",),
    }


def test_a_referral_lights_the_police_and_a_reason_for_none_does_not(world):
    case = world.incident(clauses=["U06"]).in_case.case
    referrals.do_not_refer(world.alex, by=world.hari, at=at("2026-03-02 09:00"), because="A push; no injury.")
    assert POLICE not in lit(case)
    referrals.refer(world.alex, by=world.olive, at=at("2026-03-02 10:00"), to="police", reference="CR-1")
    assert lit(case)[POLICE] == ("Police told on Monday 2 March 2026",)


def test_legal_advice_lights_its_own_step_alone(world):
    case = world.incident(clauses=["U28"]).in_case.case
    referrals.refer(world.alex, by=world.olive, at=at("2026-03-02 10:00"), to="legal", reference="none given")
    assert lit(case) == {LEGAL: ("Legal advice asked for on Monday 2 March 2026",)}


def test_a_proposal_lights_no_response_and_a_decision_does(world):
    ban = world.proposed()
    assert SERIOUS not in lit(ban.case)
    measures.consult(ban, by=world.cora, at=at("2026-03-02 09:30"), consulted=world.cora, how="telephone", view="Yes.")
    measures.decide(ban, by=world.hari, at=at("2026-03-02 09:40"), terms=world.terms())
    assert lit(ban.case)[SERIOUS] == ("Ban from the site: decided on Monday 2 March 2026",)


def test_a_declined_and_a_withdrawn_ban_leave_no_light(world):
    ban = world.proposed()
    measures.decline(ban, by=world.hari, at=at("2026-03-02 10:00"), reason="Too much.")
    assert SERIOUS not in lit(ban.case)
    other = world.decided()
    bans.withdraw(other, by=world.hari, at=at("2026-03-02 10:00"), reasons="An error.")
    assert SERIOUS not in lit(ban.case)


def test_a_confirmed_ban_lights_the_review_by_chair_or_trust(world, quick_letters):
    ban = world.confirmed()
    found = lit(ban.case)
    assert found[SERIOUS] == ("Ban from the site: letter issued on Monday 2 March 2026",)
    assert found[REPEATED] == ("Ban confirmed on Thursday 19 March 2026",)
    assert (MINOR in found, BREACH in found) == (False, False)


def test_on_the_site_while_banned_lights_the_last_step_unless_it_is_not_upheld(world, quick_letters):
    ban = world.confirmed()
    incident = world.incident("2026-04-01 15:00", clauses=["U01"])
    assert lit(ban.case)[BREACH] == ("On the site while banned on Wednesday 1 April 2026",)
    world.heard(incident, "2026-04-02 09:00")
    inquiry.find(incident, by=world.hari, at=at("2026-04-02 10:00"), upheld=["U01"], reason="It was his brother.")
    assert BREACH not in lit(ban.case)


def test_who_was_consulted_lights_the_step_of_a_policy_that_asks_for_it(make_world):
    kingsley = make_world("kingsley")
    ban = kingsley.decided()
    found = lit(ban.case, code.pack("kingsley"))
    assert found[1] == ("Cora Chair was consulted on Monday 2 March 2026",)


def test_the_case_page_shows_the_way_of_its_case(world, client_of):
    with time_machine.travel(at("2026-03-02 11:00"), tick=False):
        case = world.incident(ended_interaction=True).in_case.case
        response = client_of(world.hari).get(reverse("case", args=[case.reference]))
    assert [n for n, step in enumerate(response.context["flow"]) if step.lit] == [ENDED, FACTS]
    page = " ".join(response.content.decode().split())
    assert "<strong>In this case:</strong> The interaction was ended on Monday 2 March 2026." in page
    assert page.count("Not in this case so far.") == len(SHOLING.flowchart) - 2


def test_the_page_of_the_code_lights_nothing(world, client_of):
    page = client_of(world.olive).get(reverse("code")).content.decode()
    assert page.count('class="flow-when"') == len(SHOLING.flowchart)
    assert ("In this case" in page, "Not in this case" in page) == (False, False)
