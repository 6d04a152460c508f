"""What a letter still lacks is named, with where it is filled in: a link for whoever may, words for everybody else."""

from dataclasses import fields
from types import SimpleNamespace

import pytest
from django.urls import reverse

from letters import facts as fact
from letters import kinds, samples
from sanctions.ladder import Attempt, LetterFacts
from sanctions.ladder import letter_complete as guard
from sanctions.models import CaseLetter
from sanctions.views.post_room.letter import gap_item, places
from tests.factories import World, at
from tests.sanctions.situations import issuing

EMPTY = {"text": "", "lines": [], "day": None, "items": []}
# Of each place somebody who may fill it in, and somebody who may not but sees the letter.
FILLS_IN = {
    "case": ("hari", "adam"),
    "terms": ("cora", "adam"),
    "decision": ("hari", "adam"),
    "school": ("adam", "hari"),
    "policy": ("tess", "hari"),
    "person": ("adam", "cora"),
    "starter": ("hari", "olive"),
}


@pytest.fixture
def draft(world) -> CaseLetter:
    world.decided()
    return CaseLetter.objects.select_related("letter", "case").get()


def links_of(world: World, draft: CaseLetter, name: str):
    user = getattr(world, name)
    when = at("2026-03-02 10:00")
    return places(SimpleNamespace(user=user, at=when, roles=user.roles_at(world.school, when.date())), draft)


@pytest.mark.parametrize("kind", samples.ALL)
def test_every_required_fact_of_every_kind_is_named_with_its_place(world, draft, kind):
    links = {name: links_of(world, draft, name) for name in {n for pair in FILLS_IN.values() for n in pair}}
    whole = kinds.from_json(kind, samples.facts(kind))
    required = [field for field in fields(whole) if fact.needed(field, whole)]
    assert required
    for field in required:
        lacking = {**samples.facts(kind), field.name: EMPTY[field.metadata["shape"]]}
        [gap] = kinds.missing(kind, lacking)
        assert gap.label == field.metadata["label"]
        for_them, for_others = (gap_item(gap, links[name]) for name in FILLS_IN[gap.where])
        assert for_them["label"] == gap.label
        assert for_them["link_url"], (field.name, gap.where)
        assert for_them["link_text"]
        assert for_others["link_url"] == ""
        assert "ask " in for_others["reason"].lower(), (field.name, gap.where)
        told = guard.check(issuing(attempt=Attempt(letter=LetterFacts(kind=kind, missing=(gap.label,)))))
        assert told == f"The letter still lacks: {gap.label}. Fill it in, then issue the letter."


def test_terms_that_were_decided_say_that_they_are_decided_anew(world, draft):
    gap = kinds.Missing("scope", "What the ban covers", "terms")
    item = gap_item(gap, links_of(world, draft, "hari"))
    assert "A letter cannot change what was decided." in item["reason"]
    assert item["link_url"] == reverse("case", args=[draft.case.reference])


def test_a_refused_issue_leads_to_the_list_of_what_is_missing(world, draft, client_of):
    world.school.contact_name = ""
    world.school.save()
    client = client_of(world.adam)
    response = client.post(
        reverse("letter_issue", args=[draft.letter_id]), {"method": "post", "sent_at": "2099-01-01T10:00"}
    )
    assert response.status_code == 422
    shown = client.get(reverse("letter", args=[draft.letter_id])).text
    assert 'id="issue"' in shown
    assert f'href="{reverse("school_details")}"' in shown
    assert guard.place == "gaps"
    assert links_of(world, draft, "adam")("gaps")[0] == "#issue"


def test_every_place_is_tried_above():
    assert set(FILLS_IN) == set(fact.PLACES)
