"""What the columns of a file are: guessed, said once, remembered; and what one row then says."""

import pytest

from conduct.importing import cells, columns
from conduct.importing.cells import Columns, Problem, Said
from conduct.importing.reading import Row, Table, table_of
from tests.factories import World, at

ARBOR = {
    "Student ID": "child_id",
    "Student Legal Name": "child_name",
    "Year Group": "year",
    "Guardian Title": "",
    "Guardian First Name": "adult_first",
    "Guardian Surname": "adult_last",
    "Relationship to Student": "relation",
    "Has Parental Responsibility": "",
    "Address Line 1": "address",
    "Address Line 2": "address",
    "Postcode": "postcode",
    "Home Phone": "phone",
    "Mobile Phone": "mobile",
    "Work Phone": "work",
    "Email Address": "email",
}
SIMS = {
    "Adno": "child_id",
    "Forename": "child_first",
    "Surname": "child_last",
    "Year": "year",
    "Reg Group": "",
    "Contact Forename": "adult_first",
    "Contact Surname": "adult_last",
    "Contact Priority": "",
    "Relationship": "relation",
    "House Number": "address",
    "Street": "address",
    "Town": "address",
    "Post Code": "postcode",
    "Telephone": "phone",
    "E-mail": "email",
}
OTHERS = {
    "pupil_name": "child_name",
    "pupilUPN": "child_id",
    "ContactID": "adult_id",
    "ContactName": "adult_name",
    "DOB": "",
    "First Language": "",
    "Pupil address": "",
    "Parent email": "email",
    "Can collect?": "collects",
    "Parent of pupil: surname": "adult_last",
}


@pytest.mark.parametrize("told", [ARBOR, SIMS, OTHERS], ids=["arbor", "sims", "others"])
def test_headings_in_common_use_are_guessed(told):
    assert columns.guessed(list(told)) == told


def test_a_bare_name_is_the_adult_s_where_children_are_named_as_such():
    assert columns.guessed(["First name", "Surname", "Pupil"]) == {
        "First name": "adult_first",
        "Surname": "adult_last",
        "Pupil": "child_name",
    }


def test_one_thing_is_guessed_once():
    assert columns.guessed(["Parent 1 name", "Parent 2 name"]) == {"Parent 1 name": "adult_name", "Parent 2 name": ""}


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"a": ""}, ["Say at least which column is the name of the adult, or of the child."]),
        ({"a": "adult_first"}, [
            "Say which column is the adult’s surname.",
            "Say which column tells who the adult is: their ID, their whole name or their surname.",
        ]),
        ({"a": "email", "b": "child_name"}, [
            "Say which column tells who the adult is: their ID, their whole name or their surname."
        ]),
        ({"a": "adult_name", "b": "year"}, [
            "Say which column tells who the child is: their ID, their whole name or their surname."
        ]),
        ({"a": "adult_id", "b": "email"}, []),
        ({"a": "child_first", "b": "child_last"}, []),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(given, wrong):
    assert columns.missing(given) == wrong


def test_two_columns_that_say_the_same_are_found_and_lines_of_an_address_are_not():
    told = {"A": "adult_name", "B": "adult_name", "C": "address", "D": "address", "E": "", "F": ""}
    assert columns.doubled(told) == {"B": "A"}


def test_what_was_said_is_remembered_for_files_of_that_shape_at_that_school(db):
    world, other = World(), World()
    told = {"by": world.olive, "at": at("2026-03-02 09:00")}
    columns.remember(world.school, ["A", "B"], {"A": "adult_name", "B": ""}, **told)
    columns.remember(world.school, ["A", "B"], {"A": "adult_name", "B": "email"}, **told)
    assert columns.remembered(world.school, ["A", "B"]) == {"A": "adult_name", "B": "email"}
    assert columns.remembered(world.school, ["B", "A"]) == {}
    assert columns.remembered(other.school, ["A", "B"]) == {}


def test_two_or_three_values_of_each_column_are_shown():
    table = table_of("A,B\r\n1,\r\n1,\r\n2,\r\n3,\r\n4,\r\n")
    assert columns.samples(table) == [["1", "2", "3"], []]


# --- what one row says


def read(told: dict[str, str]) -> Said | list[Problem]:
    """Read one row whose headings are its fields (with a number after them where there are several)."""
    headings = list(told)
    where = Columns(headings, {heading: heading.rstrip("0123456789") for heading in headings})
    said, wrong = cells.read_row(Row(2, list(told.values())), where)
    assert (said is None) == bool(wrong)
    return said or wrong


def test_names_and_lines_of_the_address_are_joined():
    said = read({
        "adult_first": "Jude", "adult_last": "Marsh", "address1": "14", "address2": "Mill Rise", "address3": "",
        "address4": "Townham", "postcode": "tw1 1aa", "child_first": "Robin", "child_last": "Marsh",
    })  # fmt: skip
    assert said == Said(2, adult="Jude Marsh", address="14 Mill Rise\nTownham\nTW1 1AA", child="Robin Marsh")


def test_a_whole_address_keeps_its_lines_and_its_postcode_is_not_said_twice():
    assert (
        read({"adult_name": "Jo", "address": "1 High St\nTW1 1AA", "postcode": "TW11AA"}).address
        == "1 High St\nTW1 1AA"
    )


def test_a_surname_that_stands_first_is_turned_round():
    assert read({"adult_name": "Marsh, Alex"}).adult == "Alex Marsh"


def test_of_several_numbers_the_mobile_is_kept():
    numbers = {"adult_name": "Jo", "phone": "01632 960001", "work": "01632 960002"}
    assert read({**numbers, "mobile": "07700 900003"}).phone == "07700 900003"
    assert read({**numbers, "mobile": ""}).phone == "01632 960001"
    assert read({**numbers, "mobile": "", "phone": ""}).phone == "01632 960002"


@pytest.mark.parametrize(
    ("word", "relation"),
    [
        *(("Mother", "parent"), ("Step-father", "parent"), ("Dad", "parent"), ("Foster mother", "carer")),
        *(("Legal guardian", "carer"), ("Grandmother", "relative"), ("Aunt", "relative"), ("Childminder", "relative")),
        *(("Social worker", "other"), ("", "")),
    ],
)
def test_the_words_for_a_relationship_are_known(word, relation):
    assert read({"adult_name": "Jo", "relation": word}).relation == relation


@pytest.mark.parametrize(
    ("word", "year"),
    [("4", "Year 4"), ("Yr 4", "Year 4"), ("Y4", "Year 4"), ("Year 4", "Year 4"), ("year 04", "Year 4"), ("10", "Year 10"),
     ("R", "Reception"), ("Reception", "Reception"), ("Year R", "Reception"), ("N", "Nursery"), ("Oak class", "Oak class")],
)  # fmt: skip
def test_the_words_for_a_year_are_known(word, year):
    assert read({"child_name": "Robin", "year": word}).year == year


@pytest.mark.parametrize(("word", "collects"), [("Yes", True), ("N", False), ("", None)])
def test_yes_and_no_are_read(word, collects):
    assert read({"adult_name": "Jo", "collects": word}).collects is collects


@pytest.mark.parametrize(
    ("told", "column", "words"),
    [
        ({"adult_name": "Jo", "email": "jo@"}, "email", "“jo@” is no email address. Correct it, or empty the cell."),
        ({"adult_name": "Jo", "work": "ext 12"}, "work", "“ext 12” is no telephone number. Correct it, or empty the cell."),
        ({"adult_name": "Jo", "collects": "maybe"}, "collects",
         "“maybe” is neither yes nor no. Write yes or no, or empty the cell."),
        ({"adult_name": "x" * 121}, "adult_name", f"“{'x' * 40}…” has 121 characters: 120 at most can be kept. Shorten it."),
        ({"adult_first": "Jo", "adult_last": ""}, "adult_last", "There is a first name without a surname. Give the surname."),
        ({"adult_name": "", "email": "jo@example.org"}, "adult_name",
         "The row tells how to reach somebody, but not who it is. Give the name."),
        ({"adult_name": "Jo", "child_name": "", "year": "4"}, "child_name",
         "The row gives a year, but not whose it is. Give the child’s name."),
        ({"adult_name": "", "relation": "Mother"}, "",
         "The row names nobody whom the columns chosen could tell. Give a name, or take the row out."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_row_column_and_the_way_to_put_it_right(told, column, words):
    assert read(told) == [Problem(2, column, words)]


def test_everything_that_is_wrong_in_a_row_is_said_at_once():
    assert [p.column for p in read({"adult_name": "Jo", "email": "x", "mobile": "y"})] == ["email", "mobile"]


def test_a_row_with_another_number_of_cells_is_not_taken_and_the_reader_says_how_far_it_is():
    table = Table(["Name", "Email"], [Row(2, ["Jo"]), Row(3, ["Jo", "", "x"]), Row(4, ["Jo", "", ""])])
    where, seen = Columns(table.headings, {"Name": "adult_name"}), []
    said, wrong = cells.read_rows(table, where, seen.append)
    assert [one.row for one in said] == [4]
    assert [(p.row, p.column, p.words[:42]) for p in wrong] == [
        (2, "", "The row has 1 cell, the headings are 2. A "),
        (3, "", "The row has 3 cells, the headings are 2. A"),
    ]
    assert seen == [3]
