"""The pages of the code: everything that a policy says, in words, for whoever reads it."""

from html import unescape

import pytest
from django.urls import reverse

from conduct import code, policy

STAFF = ["olive", "sena", "hari", "cora", "tess", "adam", "gail", "rita", "sid"]


def text(response) -> str:
    """The page with one space between words."""
    return " ".join(unescape(response.content.decode()).split())


def line(response, kind: str, group: str, clause: str):
    lines = {each.name: each.lines for each in response.context[kind]}[group]
    return next(each for each in lines if each.clause.id == clause)


@pytest.mark.parametrize("who", STAFF)
def test_everybody_who_signs_in_may_read_the_code(world, client_of, who):
    client = client_of(getattr(world, who))
    assert client.get(reverse("code")).status_code == 200
    assert client.get(reverse("pack", args=["sholing"])).status_code == 200


def test_a_stranger_is_sent_to_sign_in(client, db):
    assert client.get(reverse("code")).url == f"{reverse('account_login')}?next=/code/"


def test_there_is_no_page_for_a_policy_that_is_none(world, client_of):
    assert client_of(world.olive).get(reverse("pack", args=["nonsense"])).status_code == 404


@pytest.mark.parametrize("key", code.pack_keys())
def test_the_code_opens_on_the_policy_of_ones_own_school(make_world, client_of, key):
    own = make_world(key)
    response = client_of(own.olive).get(reverse("code"))
    assert (response.context["pack"], response.context["of_school"]) == (code.pack(key), own.school)
    assert f'aria-current="page">{own.school.name}</span>' in text(response)


def test_somebody_without_a_school_reads_the_combined_code(world, client_of):
    from tests.factories import UserFactory

    assert client_of(UserFactory()).get(reverse("code")).context["pack"] is code.pack("combined")


@pytest.mark.parametrize("key", code.pack_keys())
def test_each_policy_shows_all_its_clauses_with_their_words(world, client_of, key):
    page = text(client_of(world.olive).get(reverse("pack", args=[key])))
    for kind in code.KINDS:
        for clause in code.pack(key).clause_list(kind):
            assert f'<tr id="{clause.id}">' in page
            assert clause.wording in page
    assert page.count("<tr id=") == len(code.pack(key).clauses)


@pytest.mark.parametrize("key", code.pack_keys())
def test_each_policy_says_everything_that_its_file_says(world, client_of, key):
    pack = code.pack(key)
    page = text(client_of(world.olive).get(reverse("pack", args=[key])))
    said = [
        *(pack.title, pack.version, pack.dates, pack.school, pack.trust, pack.police_force, pack.school_app),
        *(policy.upper(title) for title in pack.titles.values()),
        *(*pack.binds, *pack.where, *pack.linked_policies, *pack.concern_route),
        *(pack.reply_promise, pack.recording_rule, pack.proportion, pack.skipping, pack.decides, pack.ban_review),
        *(practice.text for practice in pack.practice),
        *(words for step in pack.flowchart for words in (step.when, step.then)),
        *(rule.text for rule in pack.special_rules),
        *(code.CONTACT_METHODS[way.method] for way in pack.contact),
        *code.CONTACT_PURPOSES.values(),
        *(code.RESPONSE_LABELS[response] for response in pack.rungs),
    ]
    assert [words for words in said if words not in page] == []


@pytest.mark.parametrize("key", code.pack_keys())
def test_each_policy_shows_its_ladder_level_by_level(world, client_of, key):
    levels = client_of(world.olive).get(reverse("pack", args=[key])).context["levels"]
    shown = [[response.label for response in level.responses] for level in levels]
    assert shown == [[code.RESPONSE_LABELS[response] for response in level] for level in code.pack(key).levels]


def test_a_clause_says_how_grave_it_is_what_it_may_lead_to_and_where_else_it_stands(world, client_of):
    found = line(client_of(world.olive).get(reverse("code")), "unacceptable", "Recording", "U26")
    assert (found.usual, found.steps) == ("Serious", "Any level, up to level 3: ban from the site")
    assert (found.routes, found.also) == (("Restricted communication plan (level 2)",), ("Kingsley",))
    found = line(client_of(world.olive).get(reverse("code")), "unacceptable", "Disruption", "U01")
    assert (found.usual, found.steps) == ("Minor", "Level 1 first: meeting or warning letter")


def test_the_combined_code_says_of_each_clause_which_policies_hold_it(world, client_of):
    response = client_of(world.olive).get(reverse("pack", args=["combined"]))
    assert line(response, "unacceptable", "Recording", "U27").sources == (
        ("All Saints", False),
        ("Burton Joyce", False),
        ("Kingsley", False),
        ("Oakmoor", False),
        ("Sholing", True),
    )
    assert "Also stands in" not in text(response)


def test_a_branch_that_the_policy_does_not_have_is_not_said_to_follow(world, client_of):
    response = client_of(world.olive).get(reverse("code"))
    assert line(response, "unacceptable", "Messages and correspondence", "U16").routes == ("Referral to the police",)


def test_a_clause_that_only_the_program_added_says_so(world, client_of):
    response = client_of(world.olive).get(reverse("pack", args=["kingsley"]))
    assert line(response, "unacceptable", "Site security and law", "U35").note == policy.ADDED_EVERYWHERE
    assert line(response, "unacceptable", "Disruption", "U01").note == ""


def test_a_special_rule_stands_beside_its_clauses_and_each_leads_to_the_other(world, client_of):
    page = text(client_of(world.olive).get(reverse("code")))
    rule = code.pack("sholing").special_rules[0]
    assert page.count(rule.text) == 1 + len(rule.clauses)
    assert page.count('<a href="#rule-1">Rule 1</a>') == len(rule.clauses)
    assert all(f'<a href="#{clause}">{clause}</a>' in page for clause in rule.clauses)


def test_every_policy_is_one_link_away_and_the_one_shown_is_marked(world, client_of):
    page = text(client_of(world.olive).get(reverse("pack", args=["oakmoor"])))
    for address in (reverse("code"), *(reverse("pack", args=[key]) for key in code.pack_keys())):
        assert (f'class="btn btn-secondary" href="{address}"' in page) is (address != "/code/oakmoor/")
    assert 'aria-current="page">Oakmoor' in page


def test_a_school_says_how_to_complain_and_how_to_reach_it(world, client_of):
    world.school.complaints = "Write to the clerk.\nThe clerk answers in ten days."
    world.school.save()
    client = client_of(world.olive)
    own, other = text(client.get(reverse("code"))), text(client.get(reverse("pack", args=["sholing"])))
    assert "Write to the clerk.<br>The clerk answers in ten days." in own
    assert world.school.phone in own
    assert ("Write to the clerk" in other, world.school.phone in other) == (False, False)
