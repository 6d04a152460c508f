"""People: the list, the picker, a person's page, and changing what is written there."""

import pytest
import time_machine
from django.urls import reverse

from conduct import register
from conduct.models import AuditRow, Person, Pupil
from conduct.register import Child
from tests.factories import World, at

STAFF = ["olive", "sena", "hari"]
OTHERS = ["cora", "tess", "gail", "rita", "sid"]


def text(response):
    return response.content.decode()


def told(deed):
    return [(row.by, row.about, row.changes) for row in AuditRow.objects.filter(deed=deed).order_by("pk")]


def rows(*children):
    """The rows of children as a browser sends them: (name, year, may collect)."""
    sent = {"children-TOTAL_FORMS": "4", "children-INITIAL_FORMS": "0"}
    for n, (name, year, collects) in enumerate(children):
        sent |= {f"children-{n}-name": name, f"children-{n}-year": year}
        sent |= {f"children-{n}-may_collect": "on"} if collects else {}
    return sent


def address_of(page, world):
    return reverse(page, args=[world.alex.pk]) if page in {"person", "person_edit"} else reverse(page)


# --- who may


@pytest.mark.parametrize("page", ["people", "person_pick", "person_new", "person", "person_edit"])
@pytest.mark.parametrize("who", STAFF)
def test_staff_see_people(world, client_of, who, page):
    assert client_of(getattr(world, who)).get(address_of(page, world)).status_code == 200


@pytest.mark.parametrize("page", ["people", "person_pick", "person_new", "person", "person_edit"])
@pytest.mark.parametrize("who", OTHERS)
def test_others_find_no_such_page(world, client_of, who, page):
    client = client_of(getattr(world, who))
    assert client.get(address_of(page, world)).status_code == 404
    if page in {"person_new", "person_edit"}:
        assert client.post(address_of(page, world), {"name": "X", **rows()}).status_code == 404
    assert list(Person.objects.values_list("name", flat=True)) == ["Alex Marsh"]


@pytest.mark.parametrize("page", ["people", "person_pick", "person_new", "person"])
def test_whoever_keeps_the_addresses_sees_no_more_of_people(world, client_of, page):
    assert client_of(world.adam).get(address_of(page, world)).status_code == 404


@pytest.mark.parametrize("page", ["person", "person_edit"])
def test_a_person_of_another_school_is_not_there(world, client_of, page):
    other = World("sholing")
    client = client_of(world.olive)
    assert client.get(reverse(page, args=[other.alex.pk])).status_code == 404
    assert client.get(reverse(page, args=[999999])).status_code == 404
    assert client.post(reverse("person_edit", args=[other.alex.pk]), {"name": "X", **rows()}).status_code == 404
    assert told("look") == []


# --- the list


def test_the_list_says_who_whose_parent_and_what_applies_today(world, client_of):
    world.confirmed()
    world.person("Jo Brown", relation="visitor")
    with time_machine.travel(at("2026-04-20 09:00"), tick=False):
        response = client_of(world.olive).get(reverse("people"))
    listed = [(p.name, p.get_relation_display(), a.word) for p, a in response.context["rows"]]
    assert listed == [("Alex Marsh", "Parent", "banned"), ("Jo Brown", "Visitor", "clear")]
    assert "Robin Marsh, Year 4" in text(response)


def test_the_list_is_shown_by_25(world, client_of):
    for n in range(25):
        world.person(f"Person {n:02}")
    client = client_of(world.olive)
    first, second = client.get(reverse("people")), client.get(reverse("people"), {"page": "2"})
    assert [len(r.context["rows"]) for r in (first, second)] == [25, 1]
    assert second.context["rows"][0][0].name == "Person 24"
    assert client.get(reverse("people"), {"page": "x"}).status_code == 200


def test_the_list_is_searched_by_name_phone_and_child(world, client_of):
    jo = world.person("Jo Brown", phone="01632 960222", nicknames="Jojo")
    client = client_of(world.olive)
    for question, found in [
        ("brown", [jo]),
        ("jojo", [jo]),
        ("01632960222", [jo]),
        ("01632 960222", [jo]),
        ("robin", [world.alex]),
    ]:
        assert [p for p, _ in client.get(reverse("people"), {"q": question}).context["rows"]] == found


def test_people_of_another_school_are_not_listed(world, client_of):
    World("sholing").person("Zebedee Quux")
    assert "Zebedee" not in text(client_of(world.olive).get(reverse("people")))
    assert client_of(world.olive).get(reverse("people"), {"q": "zebedee"}).context["rows"] == []


def test_an_empty_list_says_what_to_do(world, client_of):
    world.alex.links.all().delete()
    world.alex.delete()
    assert "Nobody is written down yet" in text(client_of(world.olive).get(reverse("people")))


def test_the_list_asks_the_database_the_same_for_one_and_for_three(world, client_of, django_assert_num_queries):
    client = client_of(world.olive)
    with django_assert_num_queries(13):
        client.get(reverse("people"))
    world.person("Jo Brown", pupils=["Sam Brown"])
    world.person("Ann Green")
    with django_assert_num_queries(13):
        client.get(reverse("people"))


# --- the picker


def test_the_picker_says_whose_parent_what_went_before_and_what_is_only_alike(world, client_of):
    world.incident()
    world.incident("2026-03-03 08:50")
    alec = world.person("Alec Mars", relation="visitor")
    options = client_of(world.olive).get(reverse("person_pick"), {"q": "alex mars"}).context["options"]
    assert options == [
        {
            "value": world.alex.pk,
            "name": "Alex Marsh",
            "detail": "parent of Robin Marsh, Year 4",
            "aside": "2 earlier incidents",
        },
        {"value": alec.pk, "name": "Alec Mars", "detail": "visitor", "aside": "another form of the name"},
        {"value": "new", "name": "Not on this list: add them"},
        {"value": "unknown", "name": "Not known: describe them"},
    ]


def test_whom_a_child_or_a_number_found_is_not_called_alike(world, client_of):
    world.alex.phone = "01632 960 333"
    world.alex.save()
    for question in ("robin", "01632 960 333"):
        options = client_of(world.olive).get(reverse("person_pick"), {"q": question}).context["options"]
        assert [(o["name"], o["aside"]) for o in options[:-2]] == [("Alex Marsh", "")]


def test_a_name_in_the_picker_cannot_carry_a_script(world, client_of):
    world.person("<script>alert(1)</script> Brown")
    page = text(client_of(world.olive).get(reverse("person_pick"), {"q": "brown"}))
    assert "<script" not in page
    assert "&lt;script" in page


def test_the_picker_asks_the_database_the_same_for_one_and_for_three(world, client_of, django_assert_num_queries):
    client = client_of(world.olive)
    with django_assert_num_queries(11):
        client.get(reverse("person_pick"), {"q": "alex"})
    world.incident(subject=world.person("Alex Brown"))
    world.incident(subject=world.person("Alex Green", pupils=["Sam Green"]))
    with django_assert_num_queries(11):
        client.get(reverse("person_pick"), {"q": "alex"})


# --- a person's page


def test_a_person_s_page_shows_what_applies_contact_children_needs_and_story(world, client_of):
    ban = world.confirmed()
    register.change(
        world.alex, {"email": "alex@example.org", "phone": "01632 960444", "large_print": True, "language": "Polish"},
        by=world.olive, at=at("2026-03-20 09:00"),
    )  # fmt: skip
    with time_machine.travel(at("2026-04-20 09:00"), tick=False):
        response = client_of(world.olive).get(reverse("person", args=[world.alex.pk]))
    page = text(response)
    assert response.context["applies"].word == "banned"
    for shown in (
        *("Friday 22 May 2026", "1 High Street, Southampton SO19 1AA", "alex@example.org", "01632 960444"),
        *("Robin Marsh", "may collect", "Letters in large print", "Language or interpreter: Polish"),
        *(reverse("case", args=[ban.case.reference]), "I-2026-0001", "Monday 2 March 2026 at 08:50", "Upheld"),
    ):
        assert shown in page


def test_a_person_s_page_tells_nobody_else_s_story(world, client_of):
    incident = world.incident(subject=world.person("Jo Brown"))
    response = client_of(world.olive).get(reverse("person", args=[world.alex.pk]))
    assert list(response.context["cases"]) == []
    assert incident.reference not in text(response)
    assert "Nothing has been logged about them at this school." in text(response)


def test_a_look_at_a_person_is_in_the_audit(world, client_of):
    client_of(world.sena).get(reverse("person", args=[world.alex.pk]))
    assert told("look") == [(world.sena, f"person {world.alex.pk}", {})]


def test_a_person_s_page_asks_the_database_the_same_for_one_and_for_three(world, client_of, django_assert_num_queries):
    world.incident()
    client = client_of(world.olive)
    with django_assert_num_queries(27):
        client.get(reverse("person", args=[world.alex.pk]))
    world.incident("2026-03-03 08:50")
    world.incident("2026-03-04 08:50")
    with django_assert_num_queries(27):
        client.get(reverse("person", args=[world.alex.pk]))


# --- adding and changing


def test_somebody_is_added_with_children_and_a_child_of_that_name_and_year_is_not_made_twice(world, client_of):
    typed = {"name": " Jo  Brown ", "relation": "carer", "language": "Polish", "large_print": "on"}
    children = rows(("robin marsh", "year 4", False), ("Sam Brown", "Year 2", True))
    response = client_of(world.olive).post(reverse("person_new"), {**typed, **children})
    person = Person.objects.get(name="Jo Brown")
    assert response.url == reverse("person", args=[person.pk])
    assert register.children_of(person) == [Child("Robin Marsh", "Year 4", False), Child("Sam Brown", "Year 2", True)]
    assert Pupil.objects.count() == 2
    assert told("add_person") == [
        (
            world.olive,
            f"person {person.pk}",
            {
                "name": "Jo Brown",
                "relation": "carer",
                "large_print": True,
                "language": "Polish",
                "children": ["Robin Marsh, Year 4 (may not collect)", "Sam Brown, Year 2"],
            },
        )
    ]


def test_a_change_is_audited_from_what_to_what(world, client_of):
    typed = {"name": "Alex Marsh", "relation": "parent", "address": "2 New Street", "phone": "01632 960555"}
    client_of(world.olive).post(
        reverse("person_edit", args=[world.alex.pk]), {**typed, **rows(("Robin Marsh", "Year 4", False))}
    )
    assert told("change_person") == [
        (
            world.olive,
            f"person {world.alex.pk}",
            {
                "address": ["1 High Street, Southampton SO19 1AA", "2 New Street"],
                "phone": ["", "01632 960555"],
                "children": [["Robin Marsh, Year 4"], ["Robin Marsh, Year 4 (may not collect)"]],
            },
        )
    ]


def test_saving_the_same_again_changes_and_audits_nothing(world, client_of):
    typed = {"name": "Alex Marsh", "relation": "parent", "address": world.alex.address}
    typed |= rows(("Robin Marsh", "Year 4", True))
    assert client_of(world.olive).post(reverse("person_edit", args=[world.alex.pk]), typed).status_code == 302
    assert told("change_person") == []


def test_a_new_name_is_found_by_the_search(world, client_of):
    typed = {"name": "Álex O’Marsh", "relation": "parent", **rows()}
    client_of(world.olive).post(reverse("person_edit", args=[world.alex.pk]), typed)
    assert Person.objects.get().folded == "alex o’marsh"


def test_a_child_who_moves_up_a_year_stays_the_same_child_for_every_adult(world, client_of):
    other = world.person("Jo Brown", pupils=["Robin Marsh"])
    typed = {"name": "Alex Marsh", "relation": "parent", **rows(("Robin Marsh", "Year 5", True))}
    client_of(world.olive).post(reverse("person_edit", args=[world.alex.pk]), typed)
    assert [str(c) for c in register.children_of(other)] == ["Robin Marsh, Year 5"]
    assert Pupil.objects.count() == 1


def test_a_name_typed_over_is_another_child_and_the_first_is_not_renamed(world, client_of):
    other = world.person("Jo Brown", pupils=["Robin Marsh"])
    typed = {"name": "Alex Marsh", "relation": "parent", **rows(("Sam Marsh", "Year 4", True))}
    client_of(world.olive).post(reverse("person_edit", args=[world.alex.pk]), typed)
    assert [str(c) for c in register.children_of(world.alex)] == ["Sam Marsh, Year 4"]
    assert [str(c) for c in register.children_of(other)] == ["Robin Marsh, Year 4"]


def test_a_child_of_another_school_is_not_linked(world, client_of):
    elsewhere = World("sholing")
    typed = {"name": "Jo Brown", "relation": "parent", **rows(("Robin Marsh", "Year 4", True))}
    world.alex.links.all().delete()
    world.school.pupils.all().delete()
    client_of(world.olive).post(reverse("person_new"), typed)
    assert Person.objects.get(name="Jo Brown").pupils.get().school == world.school
    assert elsewhere.alex.pupils.get().adults.count() == 1


def test_neither_name_nor_description_brings_the_form_back_with_all_that_was_typed(world, client_of):
    typed = {"name": "", "relation": "visitor", "phone": "01632 960666", **rows(("Sam Brown", "Year 2", True))}
    response = client_of(world.olive).post(reverse("person_new"), typed)
    page = text(response)
    assert response.status_code == 422
    assert dict(response.context["form"].errors) == {
        "name": ["Give a name, or describe the person below until they are identified."]
    }
    assert "01632 960666" in page
    assert "Sam Brown" in page
    assert Person.objects.count() == 1


def test_a_year_without_a_name_and_a_bad_email_are_both_pointed_out(world, client_of):
    typed = {"name": "Alex Marsh", "relation": "parent", "email": "alex@", **rows(("", "Year 2", True))}
    response = client_of(world.olive).post(reverse("person_edit", args=[world.alex.pk]), typed)
    page = text(response)
    assert response.status_code == 422
    assert 'href="#id_email"' in page
    assert "Child 1: Child’s name – Give the child’s name, or empty the year." in page
    assert "Alex Marsh" in page
    assert (Person.objects.get().email, told("change_person")) == ("", [])


def test_rows_that_are_not_of_the_form_are_refused(world, client_of):
    typed = {"name": "Jo Brown", "relation": "parent", "children-TOTAL_FORMS": "x"}
    assert client_of(world.olive).post(reverse("person_new"), typed).status_code == 422
    assert not Person.objects.filter(name="Jo Brown").exists()


def test_the_heading_keeps_the_name_that_stands_while_a_new_one_is_refused(world, client_of):
    typed = {"name": "Somebody Else", "relation": "nonsense", **rows()}
    response = client_of(world.olive).post(reverse("person_edit", args=[world.alex.pk]), typed)
    assert response.context["person"].name == "Alex Marsh"


# --- whoever keeps the addresses


def test_whoever_keeps_the_addresses_changes_them_and_nothing_else(world, client_of):
    client = client_of(world.adam)
    page = client.get(reverse("person_edit", args=[world.alex.pk]))
    typed = {"address": "2 New Street", "name": "Renamed", "language": "Polish", **rows()}
    response = client.post(reverse("person_edit", args=[world.alex.pk]), typed)
    alex = Person.objects.get()
    assert list(page.context["form"].fields) == ["address", "email", "phone"]
    assert "Robin" not in text(page)
    assert (alex.name, alex.address, alex.language) == ("Alex Marsh", "2 New Street", "")
    assert alex.pupils.count() == 1
    assert response.url == reverse("letters")
    assert told("change_person")[0][2] == {"address": ["1 High Street, Southampton SO19 1AA", "2 New Street"]}


def test_they_come_back_to_the_letter_that_sent_them_and_nowhere_else(world, client_of):
    client, address = client_of(world.adam), reverse("person_edit", args=[world.alex.pk])
    assert client.post(f"{address}?next=/letters/7/", {"address": "2 New Street"}).url == "/letters/7/"
    assert client.post(f"{address}?next=https://evil.example/", {"address": "3 New Street"}).url == "/"


def test_a_look_at_the_addresses_is_in_the_audit(world, client_of):
    client_of(world.adam).get(reverse("person_edit", args=[world.alex.pk]))
    assert told("look") == [(world.adam, f"person {world.alex.pk}", {})]


@pytest.mark.parametrize(("name", "year"), [("ZOË ÖRN", "year 4"), ("zoë örn", "YEAR 4"), ("Zoe Orn", "Year 4")])
def test_the_same_child_is_one_pupil_whatever_the_case_and_accents(world, name, year):
    world.person("Anna Örn", pupils=["Zoë Örn"])
    register.add(world.school, {"name": "Carl Örn"}, [Child(name, year)], by=world.olive, at=at("2026-03-02 09:00"))
    assert [p.name for p in world.school.pupils.filter(folded="zoe orn")] == ["Zoë Örn"]


def test_a_pupil_who_is_renamed_is_found_by_the_new_name(world):
    pupil = world.school.pupils.get(name="Robin Marsh")
    pupil.name = "Élodie Brun"
    pupil.save()
    assert register.pupils_named(world.school, ["elodie brun"]) == ["Élodie Brun"]
    assert register.pupils_named(world.school, ["robin marsh"]) == []


def test_the_form_offers_the_languages_that_letters_can_begin_in_and_takes_any_words(world, client_of):
    client = client_of(world.olive)
    page = client.get(reverse("person_edit", args=[world.alex.pk])).content.decode()
    assert '<option value="Polish">polski</option>' in page
    assert 'list="languages"' in page
    typed = {
        "name": "Alex Marsh",
        "relation": "parent",
        "language": "Polish at home, Silesian with her mother",
        **rows(),
    }
    client.post(reverse("person_edit", args=[world.alex.pk]), typed)
    world.alex.refresh_from_db()
    assert world.alex.language == "Polish at home, Silesian with her mother"
