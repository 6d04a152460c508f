"""Which step comes next, and why: in sentences that decide nothing."""

from types import SimpleNamespace

import pytest
import time_machine
from django.urls import reverse

from conduct import code
from sanctions import correspondence, inquiry, ladder, measures
from sanctions.ladder import Served
from sanctions.suggestion import CLOSING, suggest
from tests.factories import at
from tests.sanctions.situations import situation

NOW = "2026-10-01 09:00"


def at_school(key: str, *served: tuple[str, str]):
    return situation(pack=key, at=at(NOW), served=tuple(Served(r, at(when)) for r, when in served))


def alleged(*clauses: str):
    return SimpleNamespace(finding=None, clause_ids=list(clauses))


def found(upheld: list[str], *clauses: str):
    return SimpleNamespace(finding=SimpleNamespace(upheld=upheld), clause_ids=list(clauses))


@pytest.mark.parametrize("key", code.pack_keys())
def test_where_nothing_was_done_the_first_level_comes_next(key):
    told = suggest(at_school(key), [])
    assert told.history == "No formal step was put to this person in the last 12 months."
    assert told.level == f"The first level of {code.pack(key).title} is:"


def test_a_warning_that_counts_leads_to_the_next_level_and_says_until_when():
    told = suggest(at_school("kingsley", ("warning_letter", "2026-09-08 10:00")), [])
    assert told.history == (
        "A warning letter was sent on Tuesday 8 September 2026; it counts until Wednesday 8 September 2027."
    )
    assert told.level == "The next level of Parent Code of Conduct is level 2:"
    assert told.steps == "block from the school app or social media"


def test_what_is_older_than_the_history_no_longer_counts():
    told = suggest(at_school("kingsley", ("warning_letter", "2025-09-08 10:00")), [])
    assert told.history == (
        "No formal step was put to this person in the last 12 months (the last one, of Monday 8 September 2025, no longer "
        "counts)."
    )
    assert told.steps == "warning letter or meeting"


def test_at_the_top_it_says_so():
    told = suggest(at_school("burton_joyce", ("meeting", "2026-08-03 10:00"), ("site_ban", "2026-09-08 10:00")), [])
    assert told.history.startswith("The first letter of a ban from the site was sent on Tuesday 8 September 2026;")
    assert told.level == "That is the top level of Parent Code of Conduct already:"
    assert told.steps == "ban from the site"


def test_the_highest_step_counts_and_of_two_alike_the_later():
    steps = [
        ("warning_letter", "2026-09-20 10:00"),
        ("communication_plan", "2026-03-02 10:00"),
        ("communication_plan", "2026-05-05 10:00"),
    ]
    assert suggest(at_school("oakmoor", *steps), []).history.startswith(
        "A restricted communication plan was put in place on Tuesday 5 May 2026;"
    )


@pytest.mark.parametrize("key", code.pack_keys())
@pytest.mark.parametrize("served", [None, *code.RUNGS])
def test_the_steps_are_those_of_the_ladder(key, served):
    s = at_school(key, *([(served, "2026-09-08 10:00")] if served else []))
    wanted = [r for r in s.pack.rungs if r in ladder.suggested(s)]
    said = suggest(s, []).steps
    assert all(code.RESPONSE_LABELS[r].lower() in said for r in wanted)
    assert len(said.split(" or ")) >= len(wanted)


def test_a_clause_says_to_what_the_policy_points():
    (pointer,) = suggest(at_school("kingsley"), [alleged("U16", "U03")]).pointers
    assert pointer.clause.id == "U16"
    assert pointer.to == "a referral to the police and a block from the school app or social media"


def test_a_clause_points_only_to_what_the_policy_has():
    (pointer,) = suggest(at_school("sholing"), [alleged("U16")]).pointers
    assert pointer.to == "a referral to the police"


def test_once_facts_are_found_only_what_is_upheld_points_anywhere():
    told = suggest(at_school("sholing"), [found(["U05"], "U05", "U16"), found([], "U06")])
    assert [pointer.clause.id for pointer in told.pointers] == ["U05"]


def test_a_clause_that_the_policy_does_not_hold_points_nowhere():
    assert suggest(at_school("all_saints"), [alleged("U27", "S01")]).pointers == ()


@pytest.fixture
def warned(world, quick_letters):
    """A case with a warning letter issued, and threatening messages since."""
    world.found(world.incident())
    letter = measures.propose(world.alex, by=world.olive, at=at("2026-03-11 09:00"), response="warning_letter")
    measures.decide(letter, by=world.hari, at=at("2026-03-11 09:10"))
    issue = {"method": "post", "signed_by": world.hari}
    correspondence.issue_kind(letter, "warning", by=world.adam, at=at("2026-03-11 09:20"), **issue)
    inquiry.log_incident(
        by=world.olive, at=at("2026-03-12 09:00"), subject=world.alex, clauses=["U16"], place="email", narrative="Rude."
    )
    with time_machine.travel(at("2026-03-19 10:00"), tick=False):
        yield letter.case


@pytest.mark.parametrize("name", ["case", "propose"])
def test_the_case_and_the_proposal_say_what_comes_next_and_why(world, client_of, warned, name):
    page = " ".join(client_of(world.hari).get(reverse(name, args=[warned.reference])).content.decode().split())
    assert "A warning letter was sent on Wednesday 11 March 2026; it counts until Thursday 11 March 2027." in page
    assert "is level 2: <strong>restricted communication plan</strong>." in page
    assert '<a href="/code/#U16">U16</a> Abusive, rude or threatening messages' in page
    assert "the policy points to a referral to the police." in page
    assert CLOSING in page


def test_whoever_may_not_propose_is_told_no_next_step(world, client_of, warned):
    assert CLOSING not in client_of(world.tess).get(reverse("case", args=[warned.reference])).content.decode()


def test_a_proposal_asks_the_database_no_more_for_it(world, client_of, warned, django_assert_num_queries):
    client, address = client_of(world.hari), reverse("propose", args=[warned.reference])
    client.get(address)
    with django_assert_num_queries(PROPOSE_QUERIES):
        client.get(address)


PROPOSE_QUERIES = 27
