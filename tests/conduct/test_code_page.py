"""The pages of the code: every clause in words, with the policies that hold it, and the ladder."""

import pytest
from django.urls import reverse

from conduct import code


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("who", ["olive", "sena", "hari", "cora", "tess", "adam", "gail", "rita", "sid"])
def test_everybody_who_signs_in_may_read_the_code(world, client_of, who):
    client = client_of(getattr(world, who))
    assert client.get(reverse("code")).status_code == 200
    assert client.get(reverse("pack", args=["sholing"])).status_code == 200


def test_a_stranger_is_sent_to_sign_in(client, db):
    assert client.get(reverse("code")).url == f"{reverse('account_login')}?next=/code/"


def test_there_is_no_page_for_a_policy_that_is_none(world, client_of):
    assert client_of(world.olive).get(reverse("pack", args=["nonsense"])).status_code == 404


@pytest.mark.parametrize("key", code.pack_keys())
def test_each_policy_shows_all_its_clauses_and_its_levels(world, client_of, key):
    response = client_of(world.olive).get(reverse("pack", args=[key]))
    groups = [*response.context["unacceptable"], *response.context["expectations"]]
    assert sorted(line.clause.id for _, lines in groups for line in lines) == sorted(code.pack(key).clauses)
    assert len(response.context["levels"]) == len(code.pack(key).levels)
    assert text(response).count("<h3>Level ") == len(code.pack(key).levels)


def test_a_clause_says_how_grave_it_is_what_it_may_lead_to_and_who_holds_it(world, client_of):
    groups = dict(client_of(world.olive).get(reverse("code")).context["unacceptable"])
    line = next(line for line in groups["Recording"] if line.clause.id == "U27")
    assert (line.usual, line.routes) == ("Serious", ("Ban from the site", "Referral to the police"))
    assert [(source.short, held) for source, held in line.sources] == [
        ("All Saints", False),
        ("Burton Joyce", False),
        ("Kingsley", False),
        ("Oakmoor", False),
        ("Sholing", True),
    ]


def test_a_branch_that_the_policy_does_not_have_is_not_said_to_follow(world, client_of):
    groups = dict(client_of(world.olive).get(reverse("pack", args=["sholing"])).context["unacceptable"])
    line = next(line for line in groups["Messages and correspondence"] if line.clause.id == "U16")
    assert line.routes == ("Referral to the police",)


def test_every_policy_is_one_link_away_and_the_one_shown_is_marked(world, client_of):
    page = text(client_of(world.olive).get(reverse("pack", args=["oakmoor"])))
    for key in code.pack_keys():
        address = reverse("code") if key == "combined" else reverse("pack", args=[key])
        assert (f'class="btn btn-secondary" href="{address}"' in page) is (key != "oakmoor")
    assert 'aria-current="page">Oakmoor' in page
