"""What an import does to the register: who is new, who is meant, what changes, what is left, and what is never guessed."""

from datetime import datetime

import pytest

from conduct import people, register
from conduct.importing import columns, course, reading
from conduct.importing.sample import sample, written
from conduct.models import AuditRow, Import, Link, Person, Pupil
from conduct.register import Child
from tests.factories import World, at

NOW = at("2026-03-02 09:00")
HEADINGS = {"Child": "child_name", "Child ID": "child_id", "Year": "year", "Name": "adult_name", "ID": "adult_id",
            "Relation": "relation", "Address": "address", "Email": "email", "Phone": "phone", "Collects": "collects"}  # fmt: skip


def now() -> datetime:
    return NOW


def uploaded(world: World, *rows: dict[str, str], by=None) -> Import:
    """A file with these rows, checked. The headings are those of HEADINGS that any row has."""
    used = [heading for heading in HEADINGS if any(heading in row for row in rows)]
    used += ["Notes"]
    text = written(used, [[row.get(heading, "") for heading in used] for row in rows])
    made = course.begin(world.school, name="people.csv", text=text, by=by or world.olive, at=NOW)
    known = {heading: HEADINGS.get(heading, "") for heading in used}
    if made.state == "columns":
        assert course.say_columns(made, known, by=by or world.olive, at=NOW)
    assert course.work(made.pk, now=now) == "ready"
    made.refresh_from_db()
    return made


def taken_over(world: World, *rows: dict[str, str]) -> Import:
    """The same, and taken over."""
    made = uploaded(world, *rows)
    assert course.take_over(made, by=world.olive, at=NOW)
    assert course.work(made.pk, now=now) == "done"
    made.refresh_from_db()
    return made


def numbers(made: Import) -> dict[str, int]:
    """The counts that are not nought."""
    return {key: value for key, value in made.counts.items() if value and key != "fields"}


def words(made: Import) -> list[tuple[int, str, str]]:
    return [(p["row"], p["column"], p["words"]) for p in made.problems]


def changes(deed: str) -> dict[str, dict]:
    return {row.about: row.changes for row in AuditRow.objects.filter(deed=deed)}


JO = {"Name": "Jo Brown", "ID": "C1", "Relation": "Mother", "Address": "1 High Street\nTownham", "Email": "jo@example.org",
      "Phone": "07700 900001", "Child": "Sam Brown", "Child ID": "P1", "Year": "4"}  # fmt: skip


# --- who is new, who is the same


def test_a_file_brings_people_and_pupils_with_all_it_says_of_them(world):
    made = taken_over(world, JO)
    jo = Person.objects.get(name="Jo Brown")
    assert (jo.relation, jo.address, jo.email, jo.phone, jo.external_id, jo.folded) == (
        *("parent", "1 High Street\nTownham", "jo@example.org", "07700 900001", "C1", "jo brown"),
    )
    sam = jo.pupils.get()
    assert (sam.name, sam.folded, sam.year, sam.external_id) == ("Sam Brown", "sam brown", "Year 4", "P1")
    assert sam.school == world.school
    assert register.children_of(jo) == [Child("Sam Brown", "Year 4", True)]
    assert numbers(made) == {"people_new": 1, "pupils_new": 1}
    assert (made.state, made.content, made.over_at) == ("done", "", NOW)


def test_nothing_is_written_before_the_word_is_given(world):
    made = uploaded(world, JO)
    assert numbers(made) == {"people_new": 1, "pupils_new": 1}
    assert made.examples["new"] == [[2, "Jo Brown", "Sam Brown, Year 4"]]
    assert list(Person.objects.values_list("name", flat=True)) == ["Alex Marsh"]
    assert Pupil.objects.count() == 1


def test_the_same_file_again_changes_nothing(world):
    taken_over(world, JO)
    rows = AuditRow.objects.filter(deed__in=["import_person", "import_pupil"]).count()
    assert numbers(taken_over(world, JO)) == {"people_same": 1, "pupils_same": 1}
    assert Person.objects.count() == 2
    assert AuditRow.objects.filter(deed__in=["import_person", "import_pupil"]).count() == rows


def test_the_sample_taken_over_twice_makes_nobody_twice(world):
    told = {"by": world.olive, "at": NOW}
    for _ in range(2):
        made = course.begin(world.school, name="sample.csv", text=sample(), **told)
        if made.state == "columns":
            course.say_columns(made, columns.guessed(reading.table_of(sample()).headings), **told)
        course.work(made.pk, now=now)
        course.take_over(made, **told)
        course.work(made.pk, now=now)
    made.refresh_from_db()
    assert numbers(made) == {"people_same": 4, "pupils_same": 3}
    assert Person.objects.exclude(pk=world.alex.pk).count() == 4
    jude = Person.objects.get(name="Jude Fielding")
    assert jude.address == "14 Mill Rise\nAshfield\nZE7 4QT"
    assert [str(c) for c in register.children_of(jude)] == ["Rowan Fielding, Year 4", "Wren Fielding, Reception"]
    paul = Person.objects.get(name="Paul Okonjo")
    assert [str(c) for c in register.children_of(paul)] == ["Teddy Okonjo, Year 6 (may not collect)"]


def test_without_ids_the_same_file_again_changes_nothing_either(world):
    rows = [{**JO, "ID": "", "Child ID": ""}, {"Name": "Ann Grey", "Child": "Sam Brown", "Year": "4"}]
    assert numbers(taken_over(world, *rows)) == {"people_new": 2, "pupils_new": 1}
    assert numbers(taken_over(world, *rows)) == {"people_same": 2, "pupils_same": 1}


def test_an_adult_of_two_children_is_one_person_with_or_without_an_id(world):
    second = {**JO, "Child": "Kim Brown", "Child ID": "P2", "Year": "R"}
    taken_over(
        world, JO, second, {**JO, "ID": "", "Name": "Al Brown", "Email": ""}, {**second, "ID": "", "Name": "Al Brown"}
    )
    for name in ("Jo Brown", "Al Brown"):
        person = Person.objects.get(name=name)
        assert [str(c) for c in register.children_of(person)] == ["Kim Brown, Reception", "Sam Brown, Year 4"]


def test_rows_of_a_child_alone_or_an_adult_alone_are_taken_too(world):
    made = taken_over(world, {"Child": "Kim Brown", "Year": "3"}, {"Name": "Vic Visitor", "ID": "C9"})
    assert numbers(made) == {"people_new": 1, "pupils_new": 1}
    assert Person.objects.get(name="Vic Visitor").relation == "other"


# --- what changes


def test_what_the_file_says_otherwise_is_changed_and_audited_from_what_to_what(world):
    taken_over(world, JO)
    made = taken_over(world, {**JO, "Address": "2 New Road", "Phone": "07700 900002", "Year": "5"})
    jo = Person.objects.get(external_id="C1")
    assert (jo.address, jo.phone, jo.email) == ("2 New Road", "07700 900002", "jo@example.org")
    assert numbers(made) == {"people_changed": 1, "pupils_changed": 1}
    assert made.counts["fields"] == {"address": 1, "phone": 1, "child_year": 1}
    assert made.examples["changed"]["address"] == [["Jo Brown", "1 High Street\nTownham", "2 New Road"]]
    last = AuditRow.objects.filter(deed="import_person").latest("pk")
    assert (last.by, last.about, last.changes) == (
        world.olive,
        f"person {jo.pk}",
        {"address": ["1 High Street\nTownham", "2 New Road"], "phone": ["07700 900001", "07700 900002"]},
    )
    pupil = jo.pupils.get()
    assert pupil.year == "Year 5"
    assert list(
        AuditRow.objects.filter(about=f"pupil {pupil.pk}").order_by("pk").values_list("changes", flat=True)
    ) == [
        {"name": "Sam Brown", "year": "Year 4"},
        {"year": ["Year 4", "Year 5"]},
    ]


def test_a_new_name_under_a_known_id_is_a_new_name(world):
    taken_over(world, JO)
    taken_over(world, {**JO, "Name": "Jo Green"})
    jo = Person.objects.get(external_id="C1")
    assert (jo.name, jo.folded) == ("Jo Green", "jo green")


def test_a_new_child_is_joined_and_the_earlier_ones_stay(world):
    taken_over(world, JO)
    made = taken_over(world, {**JO, "Child": "Kim Brown", "Child ID": "P2", "Year": "R"})
    jo = Person.objects.get(external_id="C1")
    assert [c.name for c in register.children_of(jo)] == ["Kim Brown", "Sam Brown"]
    assert numbers(made) == {"people_changed": 1, "pupils_new": 1}
    assert made.examples["changed"] == {"children": [["Jo Brown", "", "Kim Brown"]]}


def test_blank_cells_erase_nothing(world):
    taken_over(world, JO)
    taken_over(world, {**JO, "Address": "", "Email": "", "Phone": "", "Year": "", "Relation": "", "Child": ""})
    jo = Person.objects.get(external_id="C1")
    assert (jo.address, jo.email, jo.phone, jo.relation) == (
        "1 High Street\nTownham",
        "jo@example.org",
        "07700 900001",
        "parent",
    )
    assert (jo.pupils.get().name, jo.pupils.get().year) == ("Sam Brown", "Year 4")


def test_written_differently_is_not_different(world):
    taken_over(world, JO)
    made = taken_over(
        world,
        {
            **JO,
            "Name": "JO BROWN",
            "Address": "1 High Street, Townham",
            "Email": "Jo@Example.org",
            "Phone": "07700900001",
        },
    )
    assert numbers(made) == {"people_same": 1, "pupils_same": 1}


def test_those_whom_the_file_does_not_name_stay(world):
    taken_over(world, JO)
    assert register.children_of(world.alex) == [Child("Robin Marsh", "Year 4", True)]


def test_who_came_or_changed_by_an_import_is_found_by_the_search(world):
    def found(words: str) -> list[str]:
        return [person.name for person in people.search(world.school, words)]

    taken_over(world, JO, {"Child": "Robin Marsh", "Year": "4", "Name": "Pat Reed"})
    assert found("jo brown") == found("jo@example.org") == found("07700 900001") == found("sam brown") == ["Jo Brown"]
    taken_over(world, {**JO, "Name": "Jo Green", "Child": "Samuel Green", "Phone": "07700 900222"})
    assert found("jo green") == found("900222") == found("samuel") == ["Jo Green"]
    assert found("07700 900001") == []


# --- who is meant


def test_somebody_typed_in_by_hand_is_adopted_by_name_and_a_shared_child(world):
    made = taken_over(world, {**JO, "Name": "ALEX  Marsh", "Child": "Robin Marsh"})
    world.alex.refresh_from_db()
    assert (world.alex.external_id, world.alex.email) == ("C1", "jo@example.org")
    assert world.alex.pupils.get().external_id == "P1"
    assert numbers(made) == {"people_changed": 1, "pupils_changed": 1}
    assert Person.objects.count() == 1


def test_somebody_typed_in_by_hand_is_adopted_by_name_and_email(world):
    world.person("Jo Brown", email="JO@example.org")
    assert numbers(taken_over(world, JO)) == {"people_changed": 1, "pupils_new": 1}


def test_a_namesake_without_a_shared_child_or_email_is_somebody_else(world):
    world.person("Jo Brown", email="other@example.org", pupils=["Kim Brown"])
    assert numbers(taken_over(world, JO)) == {"people_new": 1, "pupils_new": 1}
    assert Person.objects.filter(name="Jo Brown").count() == 2


def test_somebody_known_by_another_id_is_somebody_else(world):
    taken_over(world, JO)
    assert numbers(taken_over(world, {**JO, "ID": "C2", "Email": "jo2@example.org"})) == {
        "people_new": 1,
        "pupils_same": 1,
    }


def test_a_child_of_the_same_name_in_another_year_is_another_child_unless_an_adult_is_the_same(world):
    assert numbers(taken_over(world, {"Name": "Pat Reed", "Child": "Robin Marsh", "Year": "6"})) == {
        "people_new": 1,
        "pupils_new": 1,
    }
    made = taken_over(world, {"Name": "Alex Marsh", "Child": "Robin Marsh", "Year": "5"})
    assert numbers(made) == {"people_same": 1, "pupils_changed": 1}
    assert [str(c) for c in register.children_of(world.alex)] == ["Robin Marsh, Year 5"]


def test_people_of_another_school_are_neither_meant_nor_changed(world):
    other = World()
    made = taken_over(world, {**JO, "Name": "Alex Marsh", "Child": "Robin Marsh", "Child ID": "", "ID": "C5"})
    assert numbers(made) == {"people_changed": 1, "pupils_same": 1}
    other.alex.refresh_from_db()
    assert (other.alex.external_id, other.alex.email) == ("", "")
    taken = uploaded(other, {**JO, "Name": "Alex Marsh", "Child": "Robin Marsh", "Child ID": "", "ID": "C5"})
    assert numbers(taken) == {"people_changed": 1, "pupils_same": 1}


def test_one_of_a_joined_pair_is_changed_in_their_own_row(world):
    twin = world.person("Alexandra Marsh", external_id="C1", identity=world.alex)
    taken_over(world, {"ID": "C1", "Name": "Alexandra Marsh", "Phone": "07700 900009"})
    twin.refresh_from_db()
    world.alex.refresh_from_db()
    assert (twin.phone, twin.identity, world.alex.phone) == ("07700 900009", world.alex, "")


def test_two_rows_of_one_person_are_no_doubt_and_the_one_that_stands_for_both_is_meant(world):
    twin = world.person("Alex Marsh", pupils=["Robin Marsh"], identity=world.alex)
    made = taken_over(world, {"ID": "C1", "Name": "Alex Marsh", "Child": "Robin Marsh", "Year": "4"})
    world.alex.refresh_from_db()
    twin.refresh_from_db()
    assert (numbers(made)["people_changed"], world.alex.external_id, twin.external_id) == (1, "C1", "")


@pytest.mark.parametrize("known", [{"Child": "Wren Stone", "Year": "4"}, {"Email": "Bob@Stone.example"}])
def test_a_person_is_known_by_the_child_and_the_email_of_every_row_of_theirs(world, known):
    bob = world.person("Bob Stone")
    world.person("Robert Stone", pupils=["Wren Stone"], email="bob@stone.example", identity=bob)
    made = taken_over(world, {"ID": "C9", "Name": "Bob Stone", **known})
    bob.refresh_from_db()
    assert (numbers(made).get("people_new", 0), bob.external_id) == (0, "C9")


# --- what is never guessed


def test_two_people_who_fit_are_reported_and_nobody_is_changed(world):
    world.person("Alex Marsh", pupils=["Robin Marsh"])
    made = taken_over(world, {"ID": "C1", "Name": "Alex Marsh", "Child": "Robin Marsh", "Year": "4"})
    assert numbers(made) == {"not_taken": 1, "problems": 1}
    assert words(made) == [
        (
            2,
            "Name",
            "2 people called Alex Marsh fit. If they are one, say so on the page of one of them under People, and check again.",
        )
    ]
    assert not Person.objects.filter(external_id="C1").exists()


def test_two_children_who_fit_are_reported(world):
    for year in ("Year 1", "Year 2"):
        Pupil.objects.create(school=world.school, name="Kim Brown", year=year)
    made = uploaded(world, {"Name": "Jo Brown", "Child": "Kim Brown", "Child ID": "P1"})
    assert words(made) == [
        (2, "Child", "2 children called Kim Brown are written down here. Give IDs, or the year of each.")
    ]
    assert numbers(made) == {"not_taken": 1, "problems": 1}


def test_somebody_of_whom_nothing_but_the_name_is_told_is_not_taken_for_a_namesake(world):
    made = uploaded(world, {"Name": "Alex Marsh", "Phone": "07700 900001"})
    assert [(row, column) for row, column, _ in words(made)] == [(2, "Name")]
    assert "no ID, email or child that tells" in words(made)[0][2]


def test_an_id_that_nobody_has_and_no_name_is_reported(world):
    made = uploaded(world, {"ID": "C7", "Phone": "07700 900001"}, {"ID": "C8", "Name": "Jo Brown"})
    assert words(made) == [(2, "Name", "Nobody has the ID C7 here, and the row has no name. Give the name.")]


def test_rows_that_contradict_each_other_are_reported_and_the_first_stands(world):
    made = taken_over(world, JO, {**JO, "Child": "Kim Brown", "Child ID": "P2", "Email": "else@example.org"})
    assert words(made) == [
        (
            3,
            "Email",
            "“else@example.org” stands here, and “jo@example.org” in row 2 for the same adult. Make them the same.",
        )
    ]
    assert Person.objects.get(external_id="C1").email == "jo@example.org"
    assert not Pupil.objects.filter(external_id="P2").exists()


def test_two_of_a_file_that_would_be_the_same_person_are_reported(world):
    rows = [
        {"Name": "Alex Marsh", "Child": "Robin Marsh", "Year": "4", "Email": "a@example.org"},
        {"Name": "Alex Marsh", "Child": "Robin Marsh", "Year": "4", "Email": "b@example.org"},
    ]
    world.alex.email = "a@example.org"
    world.alex.save()
    made = uploaded(world, *rows)
    assert [(row, column) for row, column, _ in words(made)] == [(3, "Email")]


@pytest.mark.parametrize("turned", [False, True])
def test_a_row_without_the_id_that_another_has_is_of_the_same_person(world, turned):
    rows = [JO, {**JO, "ID": "", "Child": "Kim Brown", "Child ID": "P2"}]
    assert numbers(taken_over(world, *(rows[::-1] if turned else rows))) == {"people_new": 1, "pupils_new": 2}
    assert Person.objects.get(external_id="C1").pupils.count() == 2


def test_a_row_that_fits_two_of_the_file_is_reported(world):
    made = uploaded(world, JO, {**JO, "ID": "C2", "Email": "other@example.org"}, {**JO, "ID": "", "Email": ""})
    assert words(made) == [
        (4, "Name", "Jo Brown may be the one of row 2 and 3: give each of them an ID, or the same email.")
    ]


def test_a_row_that_would_be_somebody_whom_another_row_names_by_id_is_reported(world):
    taken_over(world, JO)
    made = uploaded(world, {"ID": "C1", "Child": "Kim Brown"}, {**JO, "ID": ""})
    assert words(made) == [
        (3, "Name", "This may be the same as in row 2, or not: Jo Brown is written down once. Give IDs.")
    ]


def test_the_sound_rows_are_taken_and_the_others_said(world):
    made = taken_over(world, JO, {**JO, "ID": "C2", "Name": "Al Brown", "Email": "al@"})
    assert words(made) == [(3, "Email", "“al@” is no email address. Correct it, or empty the cell.")]
    assert numbers(made) == {"people_new": 1, "pupils_new": 1, "not_taken": 1, "problems": 1}
    assert not Person.objects.filter(name="Al Brown").exists()


# --- what a person of the school set


def test_a_protected_address_is_never_overwritten_and_never_told(world):
    world.alex.address, world.alex.address_protected = "Refuge", True
    world.alex.save()
    row = {"ID": "C1", "Name": "Alex Marsh", "Child": "Robin Marsh", "Year": "4"}
    for address in ("9 Old Street", "Refuge"):  # the answer does not tell whether it was the right one
        made = taken_over(world, {**row, "Address": address})
        world.alex.refresh_from_db()
        assert world.alex.address == "Refuge"
        assert made.examples["left"] == [
            {"row": 2, "name": "Alex Marsh", "words": "The address is protected: it is left as it is."}
        ]
        assert "address" not in made.counts["fields"]
    assert "Refuge" not in str([made.examples, made.problems, changes("import_person")])


def test_the_address_of_a_row_joined_to_a_protected_one_is_left_too(world):
    world.alex.address_protected = True
    world.alex.save()
    twin = world.person("Alexandra Marsh", external_id="C1", identity=world.alex, address="")
    taken_over(world, {"ID": "C1", "Name": "Alexandra Marsh", "Address": "9 Old Street"})
    twin.refresh_from_db()
    assert twin.address == ""


def test_a_namesake_of_somebody_with_a_protected_address_is_not_written_down_unseen(world):
    world.person("Jo Brown", address_protected=True)
    made = uploaded(world, JO)
    assert numbers(made) == {"not_taken": 1, "problems": 1}
    assert words(made)[0][2].startswith("Somebody called Jo Brown has a protected address.")


def test_nicknames_needs_and_description_are_left_and_stay_found(world):
    world.alex.nicknames, world.alex.language, world.alex.large_print = "Lexi", "Polish", True
    world.alex.save()
    taken_over(world, {"ID": "C1", "Name": "Alex Marsh", "Child": "Robin Marsh", "Year": "4", "Email": "a@example.org"})
    world.alex.refresh_from_db()
    assert (world.alex.nicknames, world.alex.language, world.alex.large_print) == ("Lexi", "Polish", True)
    assert world.alex.folded == "alex marsh lexi"


def test_a_relation_that_an_import_set_an_import_changes_and_one_that_somebody_chose_it_leaves(world):
    taken_over(world, JO)
    taken_over(world, {**JO, "Relation": "Foster carer"})
    jo = Person.objects.get(external_id="C1")
    assert jo.relation == "carer"
    register.change(jo, {"relation": "relative"}, by=world.olive, at=NOW)
    made = taken_over(world, JO)
    jo.refresh_from_db()
    assert jo.relation == "relative"
    assert [each["words"] for each in made.examples["left"]] == [
        "“Relative or childminder who collects” is what the school has: it is left as it is."
    ]


def test_the_right_to_collect_is_taken_away_by_a_file_and_never_given_back(world):
    taken_over(world, {**JO, "Collects": "Yes"})
    made = taken_over(world, {**JO, "Collects": "No"})
    assert made.examples["changed"] == {"may_collect": [["Jo Brown", "Sam Brown", ""]]}
    assert Link.objects.get(person__external_id="C1").may_collect is False
    made = taken_over(world, {**JO, "Collects": "Yes"})
    assert Link.objects.get(person__external_id="C1").may_collect is False
    assert [each["words"] for each in made.examples["left"]] == [
        "The school says that they may not collect Sam Brown: it is left as it is."
    ]


@pytest.mark.parametrize("second", ["Yes", "No"])
def test_a_row_that_stands_twice_is_one_and_a_no_counts(world, second):
    made = taken_over(world, {**JO, "Collects": "Yes"}, {**JO, "Collects": second})
    assert numbers(made) == {"people_new": 1, "pupils_new": 1}
    assert Link.objects.get(person__external_id="C1").may_collect is (second == "Yes")
