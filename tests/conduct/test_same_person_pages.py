"""Who a person is: offered while typing, joined and told apart, the family, who lives with whom, a protected address."""

import pytest
from django.urls import reverse

from conduct import duplicates, households, merging, register
from conduct.models import AuditRow, Distinct, Household, Merge, Person
from tests.factories import World, at

NOON = at("2026-03-10 12:00")
HOME = "1 High Street, Southampton SO19 1AA"
ROWS = {"children-TOTAL_FORMS": "4", "children-INITIAL_FORMS": "0"}


def text(response):
    return response.content.decode()


def deeds(*names):
    return [(r.deed, r.by, r.about, r.changes) for r in AuditRow.objects.filter(deed__in=names).order_by("pk")]


@pytest.fixture
def other(world):
    return world.person("Alexander Marsh", pupils=["Robin Marsh"], phone="07700 900111")


# --- possible duplicates


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"name": "Alex Marsh"}, "the same name"),
        ({"name": "Al Marsh"}, "the same name, otherwise written or shortened"),
        ({"name": "Sandy Marsh"}, "the same name, otherwise written or shortened"),
        ({"name": "Alex Marhs"}, "spelled nearly alike"),
        ({"phone": "+44 7700 900222"}, "the same phone"),
        ({"name": "Alex Marsh", "phone": "07700900222"}, "the same name, the same phone"),
    ],
)
def test_who_may_be_written_down_already_is_offered_with_what_they_have_in_common(world, typed, why):
    register.change(world.alex, {"phone": "07700 900222"}, by=world.olive, at=NOON)
    assert [(a.person, a.why) for a in duplicates.alike(world.school, **typed)] == [(world.alex, why)]


@pytest.mark.parametrize(
    "typed",
    [{"name": "Alex"}, {"name": "Alex Mar"}, {"name": "Jo Brown"}, {"name": "Robin Marsh"}, {"phone": "07"}, {}],
)
def test_nobody_is_offered_for_a_first_name_a_child_s_name_or_nothing_in_common(world, typed):
    assert duplicates.alike(world.school, **typed) == []


def test_who_was_said_to_be_somebody_else_is_not_offered_again(world, other):
    assert [a.person for a in duplicates.alike(world.school, name="Alex Marsh", besides=other)] == [world.alex]
    merging.tell_apart(other, world.alex, by=world.olive, at=NOON)
    assert duplicates.alike(world.school, name="Alex Marsh", besides=other) == []


def test_the_form_offers_while_typing_and_saves_all_the_same(world, client_of):
    client = client_of(world.olive)
    answer = text(client.get(reverse("person_like"), {"name": "Alex Marsh"}))
    assert "This is them" in answer
    assert reverse("person", args=[world.alex.pk]) in answer
    assert client.post(reverse("person_new"), {"name": "Alex Marsh", "relation": "visitor", **ROWS}).status_code == 302
    assert Person.objects.filter(name="Alex Marsh").count() == 2


def test_not_the_same_person_is_remembered_once_both_are_there(world, client_of):
    told = {"name": "Alex Marsh", "relation": "visitor", "not_same": [str(world.alex.pk), "x", "999999"], **ROWS}
    client_of(world.olive).post(reverse("person_new"), told)
    new = Person.objects.get(relation="visitor")
    assert [(d.one, d.other, d.by) for d in Distinct.objects.all()] == [(world.alex, new, world.olive)]


def test_what_was_said_is_kept_while_typing_on_and_when_the_form_comes_back(world, client_of):
    client = client_of(world.olive)
    answer = text(client.get(reverse("person_like"), {"name": "Alex Marsh", "not_same": world.alex.pk}))
    kept = f'<input type="hidden" name="not_same" value="{world.alex.pk}" form="person-form">'
    assert kept in answer
    assert "This is them" not in answer
    back = client.post(reverse("person_new"), {"relation": "visitor", "not_same": world.alex.pk, **ROWS})
    assert back.status_code == 422
    assert kept in text(back)


def test_the_log_offers_to_pick_them(world, client_of):
    answer = text(client_of(world.olive).get(reverse("person_like"), {"also-0-new_name": "Alex Marsh", "picks": "1"}))
    assert f'data-value="{world.alex.pk}"' in answer
    assert "not_same" not in answer


def test_people_of_another_school_are_not_offered(world, client_of):
    stranger = World("sholing").person("Zebedee Quux")
    answer = client_of(world.olive).get(reverse("person_like"), {"name": "Zebedee Quux", "besides": stranger.pk})
    assert "Zebedee" not in text(answer)


# --- joining and telling apart


def test_two_entries_are_compared_joined_and_told_apart_again(world, client_of, other):
    client = client_of(world.olive)
    world.incident()
    world.incident("2026-03-03 09:00", subject=other)
    preview = client.get(reverse("person_merge", args=[world.alex.pk, other.pk]))
    assert "Both have an open case: C-2026-0001 and C-2026-0002." in text(preview)
    assert not Merge.objects.exists()
    client.post(reverse("person_merge", args=[world.alex.pk, other.pk]), {"reason": "She says so."})
    page = client.get(reverse("person", args=[world.alex.pk]))
    assert "Alexander Marsh" in text(page)
    assert {c.reference for c in page.context["cases"]} == {"C-2026-0001", "C-2026-0002"}
    assert client.get(reverse("person", args=[other.pk])).url == reverse("person", args=[world.alex.pk])
    client.post(reverse("person_merge_undo", args=[Merge.objects.get().pk]))
    assert client.get(reverse("person", args=[other.pk])).status_code == 200


def test_two_bans_under_way_are_said_before_joining(world, client_of, other):
    from sanctions import measures

    world.proposed()
    world.incident("2026-03-03 09:00", subject=other)
    told = {"severity_reason": "A threat.", "lesser_options": "No."}
    measures.propose(
        other, by=world.olive, at=at("2026-03-03 10:00"), response="site_ban", opening="provisional", **told
    )
    preview = client_of(world.olive).get(reverse("person_merge", args=[world.alex.pk, other.pk]))
    assert "A ban is under way in both: proposed (C-2026-0001) and proposed (C-2026-0002)." in text(preview)


def test_what_cannot_be_joined_comes_back_with_the_reason(world, client_of, other):
    merging.tell_apart(world.alex, other, by=world.sena, at=NOON)
    response = client_of(world.olive).post(reverse("person_merge", args=[world.alex.pk, other.pk]), {"reason": "Sure."})
    assert response.status_code == 422
    assert "Sena Senior said that these are not the same person" in text(response)
    assert 'value="Sure."' in text(response)


def test_somebody_known_by_a_description_is_identified(world, client_of):
    tall = Person.objects.create(school=world.school, description="Tall man, red coat")
    incident = world.incident(subject=tall)
    client = client_of(world.olive)
    assert "Say who this is" in text(client.get(reverse("person", args=[tall.pk])))
    found = client.get(reverse("person_same", args=[tall.pk]), {"q": "marsh"})
    assert reverse("person_merge", args=[tall.pk, world.alex.pk]) in text(found)
    client.post(reverse("person_merge", args=[world.alex.pk, tall.pk]))
    assert incident.reference in text(client.get(reverse("person", args=[world.alex.pk])))


def test_that_two_are_different_people_is_said_and_taken_back(world, client_of, other):
    client = client_of(world.olive)
    client.post(reverse("person_apart", args=[world.alex.pk, other.pk]))
    assert "Not the same person as" in text(client.get(reverse("person", args=[world.alex.pk])))
    client.post(reverse("person_apart_back", args=[world.alex.pk, Distinct.objects.get().pk]))
    assert not Distinct.objects.exists()


POSTS = ["person_merge", "person_apart", "person_lives_with"]


@pytest.mark.parametrize("page", POSTS)
def test_only_people_of_ones_own_school_are_joined_or_told_apart(world, client_of, page):
    stranger = World("sholing").alex
    for pair in ([world.alex.pk, stranger.pk], [stranger.pk, world.alex.pk], [world.alex.pk, 999999]):
        assert client_of(world.olive).post(reverse(page, args=pair)).status_code == 404
    assert [model.objects.count() for model in (Merge, Distinct, Household)] == [0, 0, 0]


@pytest.mark.parametrize("who", ["adam", "cora", "gail", "rita", "sid"])
def test_others_than_staff_find_no_such_page(world, client_of, other, who):
    client = client_of(getattr(world, who))
    merged = merging.merge(world.alex, world.person("Al Marsh"), by=world.olive, at=NOON)
    pair = [world.alex.pk, other.pk]
    for address in (
        *(reverse(page, args=pair) for page in POSTS),
        reverse("person_merge_undo", args=[merged.pk]),
        reverse("person_lives_alone", args=[world.alex.pk]),
        reverse("person_protect", args=[world.alex.pk]),
    ):
        assert client.post(address).status_code == 404
    assert client.get(reverse("person_like"), {"name": "Alex Marsh"}).status_code == 404
    assert client.get(reverse("person_same", args=[world.alex.pk])).status_code == 404


# --- the family and the household


def test_the_page_names_the_other_adults_of_the_same_children_and_not_where_they_live(world, client_of, other):
    register.change(other, {"address": "9 Hidden Lane", "email": "al@post.example"}, by=world.olive, at=NOON)
    page = text(client_of(world.olive).get(reverse("person", args=[world.alex.pk])))
    assert "Alexander Marsh" in page
    for told in ("9 Hidden Lane", "al@post.example", "07700 900111"):
        assert told not in page


def test_living_together_is_said_by_somebody_shows_nobody_s_address_and_ends_in_one_click(world, client_of, other):
    register.change(other, {"address": "9 Hidden Lane"}, by=world.olive, at=NOON)
    client = client_of(world.olive)
    client.post(reverse("person_lives_with", args=[world.alex.pk, other.pk]))
    assert households.lives_with(world.alex, all_told=False) == [other]
    assert "9 Hidden Lane" not in text(client.get(reverse("person", args=[world.alex.pk])))
    client.post(reverse("person_lives_alone", args=[world.alex.pk]))
    assert not Household.objects.exists()
    assert deeds("join_household", "leave_household") == [
        ("join_household", world.olive, f"person {world.alex.pk}", {"lives_with": f"person {other.pk}"}),
        ("leave_household", world.olive, f"person {world.alex.pk}", {}),
    ]


def test_living_together_is_said_of_a_person_under_whichever_entry(world, other):
    entry, again = world.person("Al Marsh"), world.person("Alec Marsh")
    households.live_together(entry, other, by=world.olive, at=NOON)
    merging.merge(world.alex, entry, by=world.olive, at=NOON)
    merging.merge(again, other, by=world.olive, at=NOON)
    world.alex.refresh_from_db()
    assert households.lives_with(world.alex, all_told=True) == [again]
    households.live_together(world.alex, again, by=world.olive, at=NOON)
    assert len(deeds("join_household")) == 1
    households.leave(world.alex, by=world.olive, at=NOON)
    assert households.lives_with(world.alex, all_told=True) == []
    assert not Household.objects.exists()


def test_moving_in_takes_every_entry_out_of_the_home_before(world, other):
    entry, before = world.person("Al Marsh"), world.person("Bea Marsh")
    households.live_together(entry, before, by=world.olive, at=NOON)
    merging.merge(world.alex, entry, by=world.olive, at=NOON)
    households.live_together(world.alex, other, by=world.olive, at=NOON)
    assert households.lives_with(world.alex, all_told=True) == [other]
    assert households.lives_with(before, all_told=True) == []


def test_nobody_lives_together_because_two_addresses_are_the_same(world):
    twin = world.person("Sam Marsh", pupils=["Robin Marsh"], address=HOME)
    assert households.lives_with(world.alex, all_told=True) == []
    assert twin.household is None


def test_moving_house_is_written_down_for_those_who_moved_too_and_for_nobody_else(world, client_of, other):
    third = world.person("Jo Marsh", address=HOME)
    for member in (other, third):
        households.live_together(member, world.alex, by=world.olive, at=NOON)
    told = {"name": "Alex Marsh", "relation": "parent", "address": "2 New Street", "also_for": [str(other.pk)], **ROWS}
    client_of(world.olive).post(reverse("person_edit", args=[world.alex.pk]), told)
    assert dict(Person.objects.values_list("name", "address")) == {
        "Alex Marsh": "2 New Street",
        "Alexander Marsh": "2 New Street",
        "Jo Marsh": HOME,
    }


def test_nobody_moves_house_while_the_address_stays(world, client_of, other):
    households.live_together(other, world.alex, by=world.olive, at=NOON)
    register.change(other, {"address": "9 Other Lane"}, by=world.olive, at=NOON)
    told = {"name": "Alex Marsh", "relation": "parent", "address": HOME, "also_for": [str(other.pk)], **ROWS}
    client_of(world.olive).post(reverse("person_edit", args=[world.alex.pk]), told)
    assert Person.objects.get(pk=other.pk).address == "9 Other Lane"


# --- a protected address


@pytest.fixture
def hidden(world):
    register.protect_address(world.alex, True, by=world.hari, at=NOON)
    world.alex.refresh_from_db()
    return world.alex


@pytest.mark.parametrize(("who", "sees"), [("olive", False), ("sena", True), ("hari", True)])
def test_a_protected_address_is_shown_to_those_alone_who_may_see_it(world, client_of, hidden, who, sees):
    client = client_of(getattr(world, who))
    pages = [text(client.get(reverse(page, args=[hidden.pk]))) for page in ("person", "person_edit")]
    assert [HOME in page for page in pages] == [sees, sees]
    assert ("Protected. Ask the" in pages[0]) is not sees


def test_saving_the_form_without_the_address_leaves_it_as_it_is(world, client_of, hidden):
    told = {"name": "Alex Marsh", "relation": "carer", "address": "3 Found You Road", **ROWS}
    client_of(world.olive).post(reverse("person_edit", args=[hidden.pk]), told)
    hidden.refresh_from_db()
    assert (hidden.relation, hidden.address) == ("carer", HOME)


def test_whoever_sends_the_letters_still_sees_and_changes_it_and_the_audit_does_not_say_it(world, client_of, hidden):
    client = client_of(world.adam)
    address = reverse("person_edit", args=[hidden.pk])
    assert HOME in text(client.get(address))
    client.post(address, {"address": "4 Safe Street"})
    hidden.refresh_from_db()
    assert hidden.address == "4 Safe Street"
    assert deeds("change_person") == [("change_person", world.adam, f"person {hidden.pk}", {"address": "changed"})]


@pytest.mark.parametrize(("who", "status"), [("olive", 404), ("adam", 404), ("sena", 302), ("hari", 302)])
def test_senior_staff_and_the_head_protect_an_address_and_lift_it(world, client_of, who, status):
    client, address = client_of(getattr(world, who)), reverse("person_protect", args=[world.alex.pk])
    assert client.post(address, {"protected": "yes"}).status_code == status
    world.alex.refresh_from_db()
    assert world.alex.address_protected is (status == 302)
    client.post(address, {"protected": "no"})
    world.alex.refresh_from_db()
    assert world.alex.address_protected is False
    if status == 302:
        told = [changes for _, _, _, changes in deeds("protect_address")]
        assert told == [{"address_protected": [False, True]}, {"address_protected": [True, False]}]


def test_an_address_that_is_protected_under_one_row_is_protected_under_the_other(world, client_of, hidden, other):
    register.change(other, {"address": "9 Hidden Lane"}, by=world.hari, at=NOON)
    merging.merge(other, hidden, by=world.hari, at=NOON)
    for page in ("person", "person_edit"):
        assert "9 Hidden Lane" not in text(client_of(world.olive).get(reverse(page, args=[other.pk])))


def test_the_comparison_does_not_show_a_protected_address_either(world, client_of, hidden, other):
    Person.objects.filter(pk=other.pk).update(address="")
    page = reverse("person_merge", args=[hidden.pk, other.pk])
    assert HOME not in text(client_of(world.olive).get(page))
    assert HOME in text(client_of(world.sena).get(page))


def test_of_a_household_with_a_protected_address_others_are_told_nothing(world, client_of, hidden, other):
    register.change(other, {"address": HOME}, by=world.olive, at=NOON)
    households.live_together(hidden, other, by=world.sena, at=NOON)
    for person in (hidden, other):
        assert "Lives with" not in text(client_of(world.olive).get(reverse("person", args=[person.pk])))
        assert "Lives with" in text(client_of(world.sena).get(reverse("person", args=[person.pk])))
    assert households.also_move(other) == []


def test_of_a_household_the_unprotected_entry_of_somebody_protected_is_not_shown_either(world, hidden, other):
    guest = world.person("Bea Brown")
    households.live_together(guest, other, by=world.sena, at=NOON)
    merging.merge(hidden, other, by=world.sena, at=NOON)
    assert households.lives_with(guest, all_told=True) == [hidden]
    assert households.lives_with(guest, all_told=False) == households.also_move(guest) == []


def test_senior_staff_lift_the_protection_of_another_entry(world, client_of, hidden, other):
    merging.merge(other, hidden, by=world.sena, at=NOON)
    page = text(client_of(world.sena).get(reverse("person", args=[other.pk])))
    assert ("Lift the protection" in page, "Protect the address" in page, "tag tone-stop" in page) == (
        True,
        False,
        True,
    )
    client_of(world.sena).post(reverse("person_protect", args=[other.pk]), {"protected": "no"})
    assert not Person.objects.filter(address_protected=True).exists()


def test_the_office_is_not_offered_a_household_with_somebody_whose_other_entry_is_protected(
    world, client_of, hidden, other
):
    kin = world.person("Kim Marsh", pupils=["Robin Marsh"])

    def offered():
        return client_of(world.olive).get(reverse("person", args=[kin.pk])).context["may_join"]

    assert other in offered()
    merging.merge(other, hidden, by=world.sena, at=NOON)
    assert other not in offered()


def test_the_office_does_not_put_somebody_protected_into_a_household(world, client_of, hidden, other):
    client_of(world.olive).post(reverse("person_lives_with", args=[other.pk, hidden.pk]))
    assert not Household.objects.exists()


# --- how much is asked


def test_a_person_s_page_asks_the_same_for_one_and_for_three_of_everything(world, client_of, django_assert_num_queries):
    def more(n):
        kin = world.person(f"Kin{n} Marsh", pupils=["Robin Marsh"])
        households.live_together(kin, world.alex, by=world.olive, at=NOON)
        merging.merge(world.alex, world.person(f"Again{n} Marsh"), by=world.olive, at=NOON)
        merging.tell_apart(world.alex, world.person(f"Other{n} Marsh"), by=world.olive, at=NOON)
        world.incident(f"2026-03-0{n} 08:50")

    client = client_of(world.hari)
    more(2)
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(reverse("person", args=[world.alex.pk]))
    more(3)
    more(4)
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(reverse("person", args=[world.alex.pk]))


PAGE_QUERIES = 26
