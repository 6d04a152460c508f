"""The pages of an import: who may, choosing a file, saying the columns, the preview, the word, and the list."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from conduct import clock
from conduct.importing import columns, course, reading
from conduct.importing.sample import sample, written
from conduct.models import AuditRow, Import, Person
from tests.factories import World

MAY = ["olive", "sena", "hari", "adam"]
MAY_NOT = ["cora", "tess", "gail", "rita", "sid"]
PAGES = ["imports", "import_sample", "import", "import_columns", "import_progress", "import_problems"]
DEEDS = ["import_columns", "import_check", "import_take", "import_drop"]
NAMES = columns.guessed(reading.table_of(sample()).headings)


def text(response):
    return response.content.decode()


def address(page: str, row: Import) -> str:
    return reverse(page) if page in {"imports", "import_sample"} else reverse(page, args=[row.pk])


def begun(world: World, content: str | None = None, by=None) -> Import:
    return course.begin(world.school, name="people.csv", text=content or sample(), by=by or world.olive, at=clock.now())


def checked(world: World, content: str | None = None) -> Import:
    row = begun(world, content)
    if row.state == "columns":
        known = columns.guessed(reading.table_of(row.content).headings)
        course.say_columns(row, known, by=world.olive, at=clock.now())
    assert course.work(row.pk, now=clock.now) == "ready"
    row.refresh_from_db()
    return row


def faulty(wrong: int, sound: int = 1) -> str:
    """A file with so many rows that cannot be taken, and so many that can."""
    rows = [(f"Parent {n}", f"p{n}@", f"Child {n}") for n in range(wrong)]
    rows += [(f"Sound {n}", f"s{n}@example.org", f"Little {n}") for n in range(sound)]
    return written(("Contact name", "Email", "Pupil name"), rows)


def upload(content: bytes, name: str = "people.csv") -> dict:
    return {"file": SimpleUploadedFile(name, content)}


# --- who may


@pytest.mark.parametrize("who", MAY)
def test_whoever_may_import_sees_the_pages(world, client_of, who):
    row, client = checked(world), client_of(getattr(world, who))
    assert [client.get(address(page, row)).status_code for page in PAGES] == [200] * len(PAGES)


@pytest.mark.parametrize("who", MAY_NOT)
def test_others_find_no_such_page(world, client_of, who):
    row, client = checked(world), client_of(getattr(world, who))
    assert [client.get(address(page, row)).status_code for page in PAGES] == [404] * len(PAGES)
    assert [client.post(address(page, row)).status_code for page in [*DEEDS, "imports"]] == [404] * 5
    row.refresh_from_db()
    assert row.state == "ready"


def test_an_import_of_another_school_is_not_there(world, client_of):
    row, client = checked(World()), client_of(world.olive)
    of_one = [page for page in PAGES if page not in {"imports", "import_sample"}]
    assert [client.get(address(page, row)).status_code for page in of_one] == [404] * 4
    assert [client.post(address(page, row)).status_code for page in DEEDS] == [404] * 4
    assert client.get(reverse("import", args=[999_999])).status_code == 404
    assert "people.csv" not in text(client.get(reverse("imports")))
    row.refresh_from_db()
    assert (row.state, AuditRow.objects.filter(deed="look").count()) == ("ready", 0)


def test_whoever_sees_no_people_is_offered_no_way_to_them(world, client_of):
    row = checked(world)
    assert reverse("people") + '"' not in text(client_of(world.adam).get(reverse("import", args=[row.pk])))
    assert reverse("people") + '"' in text(client_of(world.olive).get(reverse("import", args=[row.pk])))


@pytest.mark.parametrize("page", ["import_check", "import_take", "import_drop"])
def test_a_look_does_nothing(world, client_of, page):
    row = checked(world)
    assert client_of(world.olive).get(address(page, row)).status_code == 405
    row.refresh_from_db()
    assert row.state == "ready"


@pytest.mark.parametrize("who", ["olive", "hari", "adam"])
def test_the_way_to_it_stands_where_they_look_for_it(world, client_of, who):
    page = "school_settings" if who == "adam" else "people"
    assert reverse("imports") in text(client_of(getattr(world, who)).get(reverse(page)))


# --- the file


def test_a_file_is_read_and_its_columns_asked(world, client_of):
    client = client_of(world.olive)
    response = client.post(reverse("imports"), upload(sample().encode("utf-8-sig")))
    row = Import.objects.get()
    assert response.url == reverse("import_columns", args=[row.pk])
    assert (row.name, row.rows, row.by, row.state) == ("people.csv", 5, world.olive, "columns")
    assert client.get(reverse("import", args=[row.pk])).url == response.url


def test_a_file_whose_columns_are_known_is_checked_at_once(world, client_of):
    columns.remember(world.school, list(NAMES), NAMES, by=world.olive, at=clock.now())
    response = client_of(world.olive).post(reverse("imports"), upload(sample().encode()))
    row = Import.objects.get()
    assert (row.state, response.url) == ("checking", reverse("import", args=[row.pk]))


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, "Choose a file first."),
        (upload(b"%PDF-1.7"), "is a PDF, whatever its name says"),
        (upload(b""), "“people.csv” is empty."),
        (upload(b"A,B\r\n1,2\r\n", "people.xlsx"), "its name must end in .csv"),
    ],
)
def test_what_is_no_csv_comes_back_with_what_is_wrong(world, client_of, sent, wrong):
    response = client_of(world.olive).post(reverse("imports"), sent)
    page = text(response)
    assert response.status_code == 422
    assert wrong in page
    assert 'href="#id_file"' in page
    assert not Import.objects.exists()


# --- the columns


def test_each_heading_is_shown_with_values_and_what_it_seems_to_be(world, client_of):
    row = begun(world)
    response = client_of(world.olive).get(reverse("import_columns", args=[row.pk]))
    asked = response.context["form"].rows()
    assert {each["field"].label: each["field"].initial for each in asked} == NAMES
    assert asked[1]["samples"] == ["Rowan Fielding", "Wren Fielding", "Teddy Okonjo"]


def test_the_columns_as_said_are_kept_and_the_check_is_asked(world, client_of):
    row = begun(world)
    said = {f"column-{n}": field for n, field in enumerate(NAMES.values())} | {"column-0": ""}
    response = client_of(world.sena).post(reverse("import_columns", args=[row.pk]), said)
    row.refresh_from_db()
    assert response.url == reverse("import", args=[row.pk])
    assert (row.state, row.columns, row.asked_by) == ("checking", {**NAMES, "Pupil ID": ""}, world.sena)
    assert columns.remembered(world.school, list(NAMES)) == row.columns


def test_columns_that_tell_nobody_come_back_with_what_is_missing_and_all_that_was_chosen(world, client_of):
    row = begun(world)
    response = client_of(world.olive).post(reverse("import_columns", args=[row.pk]), {"column-13": "email"})
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [
        "Say which column tells who the adult is: their ID, their whole name or their surname."
    ]
    assert '<option value="email" selected>' in text(response)
    row.refresh_from_db()
    assert row.state == "columns"


def test_two_columns_that_say_the_same_are_pointed_out_at_the_second(world, client_of):
    row = begun(world)
    said = {"column-1": "adult_name", "column-4": "adult_name"}
    response = client_of(world.olive).post(reverse("import_columns", args=[row.pk]), said)
    assert dict(response.context["form"].errors) == {
        "column-4": ["“Pupil name” is said to be that already. Leave one of them out."]
    }
    assert 'href="#id_column-4"' in text(response)


def test_columns_can_be_changed_after_the_check_and_not_while_it_is_taken_over(world, client_of):
    row, client = checked(world), client_of(world.olive)
    said = {f"column-{n}": field for n, field in enumerate(NAMES.values())}
    client.post(reverse("import_columns", args=[row.pk]), said)
    row.refresh_from_db()
    assert row.state == "checking"
    Import.objects.update(state="running")
    assert client.post(reverse("import_columns", args=[row.pk]), said).url == reverse("import", args=[row.pk])
    row.refresh_from_db()
    assert row.state == "running"


# --- progress


def test_progress_says_how_far_it_is_and_asks_again(world, client_of):
    row, client = checked(world), client_of(world.olive)
    Import.objects.update(state="running", rows=10_000, rows_seen=2_500, claimed_at=clock.now())
    for page in ("import", "import_progress"):
        response = client.get(reverse(page, args=[row.pk]))
        assert "2,500 of 10,000 rows read" in text(response)
        assert 'hx-trigger="every 1s"' in text(response)
        assert "HX-Refresh" not in response.headers
    Import.objects.update(state="done", over_at=clock.now())
    assert client.get(reverse("import_progress", args=[row.pk])).headers["HX-Refresh"] == "true"


def test_a_worker_that_does_not_begin_is_said(world, client_of):
    row, client = checked(world), client_of(world.olive)
    course.take_over(row, by=world.olive, at=clock.now())
    page = reverse("import", args=[row.pk])
    assert "It waits for the part of Conduct that works in the background" not in text(client.get(page))
    Import.objects.update(asked_at=clock.now() - timedelta(minutes=2))
    assert "It waits for the part of Conduct that works in the background" in text(client.get(page))


def test_while_the_search_is_brought_up_to_date_the_page_says_that_all_is_taken_over(world, client_of):
    row, client = checked(world), client_of(world.olive)
    Import.objects.update(state="indexing", over_at=clock.now(), claimed_at=clock.now() - timedelta(minutes=3))
    page = text(client.get(reverse("import", args=[row.pk])))
    assert "Everything is taken over. The search is being told of it" in page
    assert "Nothing was taken over" not in page


def test_a_worker_that_died_is_said_and_it_can_be_begun_again(world, client_of):
    row, client = checked(world), client_of(world.olive)
    course.take_over(row, by=world.olive, at=clock.now())
    Import.objects.update(claimed_at=clock.now() - timedelta(minutes=3))
    assert client.get(reverse("import_progress", args=[row.pk])).headers["HX-Refresh"] == "true"
    assert "Nothing was taken over: the register is as it was before." in text(
        client.get(reverse("import", args=[row.pk]))
    )
    client.post(reverse("import_check", args=[row.pk]))
    row.refresh_from_db()
    assert (row.state, row.claimed_at) == ("checking", None)


# --- the preview and the word


def test_the_preview_says_what_would_change_from_what_to_what(world, client_of):
    world.alex.external_id = "C2002"
    world.alex.save()
    row = checked(world)
    page = text(client_of(world.sena).get(reverse("import", args=[row.pk])))
    for shown in (
        "What would be taken over",
        "Take over all 5 rows",
        "Alex Marsh",
        "Morgan Fielding",
        "New adults: 3",
        "Row",
    ):
        assert shown in page
    assert "1 High Street, Southampton SO19 1AA" in page
    assert "Address: 1 change" in page
    assert "Wren Fielding, Reception" in page


def test_a_look_at_the_preview_is_in_the_audit(world, client_of):
    row = checked(world)
    client_of(world.sena).get(reverse("import", args=[row.pk]))
    assert [(r.by, r.about) for r in AuditRow.objects.filter(deed="look")] == [(world.sena, f"import {row.pk}")]


def test_the_word_is_given_once(world, client_of):
    row, client = checked(world), client_of(world.olive)
    first, second = (client.post(reverse("import_take", args=[row.pk])) for _ in range(2))
    assert first.url == second.url == reverse("import", args=[row.pk])
    row.refresh_from_db()
    assert row.state == "running"
    assert "Somebody else was quicker" in text(client.get(first.url))
    course.work(row.pk, now=clock.now)
    page = text(client.get(first.url))
    assert "What was taken over" in page
    assert "at the word of Olive Office" in page
    assert Person.objects.count() == 5


def test_rows_that_cannot_be_taken_are_listed_by_25_and_the_sound_ones_offered(world, client_of):
    row, client = checked(world, faulty(26, sound=2)), client_of(world.olive)
    first = text(client.get(reverse("import", args=[row.pk])))
    assert "Take over the 2 sound rows" in first
    assert "“p0@” is no email address. Correct it, or empty the cell." in first
    assert "Page 1 of 2" in first
    second = client.get(reverse("import", args=[row.pk]), {"page": "2"})
    assert [p["row"] for p in second.context["page_obj"]] == [27]


def test_a_file_that_changes_nothing_or_of_which_nothing_can_be_taken_is_not_offered(world, client_of):
    client, wrong = client_of(world.olive), checked(world, faulty(1, sound=0))
    page = text(client.get(reverse("import", args=[wrong.pk])))
    assert "No row can be taken like this." in page
    assert reverse("import_take", args=[wrong.pk]) not in page
    done = checked(world)
    course.take_over(done, by=world.olive, at=clock.now())
    course.work(done.pk, now=clock.now)
    again = checked(world)
    page = text(client.get(reverse("import", args=[again.pk])))
    assert "Everything that can be taken is in the register already: there is nothing to do." in page
    assert reverse("import_take", args=[again.pk]) not in page


def test_the_rows_not_taken_are_downloaded_safe_against_formulas(world, client_of):
    content = written(("Contact name", "Email", "Pupil name"), [("Jo", "x", "Kim")]).replace("x", "=HYPERLINK(1)@")
    content = content.replace("Email", "=cmd|' /C calc'!A0")
    row = begun(world, content)
    known = {"Contact name": "adult_name", "=cmd|' /C calc'!A0": "email", "Pupil name": "child_name"}
    course.say_columns(row, known, by=world.olive, at=clock.now())
    course.work(row.pk, now=clock.now)
    response = client_of(world.olive).get(reverse("import_problems", args=[row.pk]))
    told = list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert told == [
        ["Row", "Column", "What is wrong"],
        ["2", "'=cmd|' /C calc'!A0", "“=HYPERLINK(1)@” is no email address. Correct it, or empty the cell."],
    ]
    assert response.headers["Content-Disposition"] == 'attachment; filename="peoplecsv-rows-not-taken.csv"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_what_a_file_says_is_shown_as_text_and_not_run(world, client_of):
    content = written(("Contact name", "Pupil name"), [("<script>alert(1)</script>", "<b>Kim</b>")])
    row = begun(world, content)
    client = client_of(world.olive)
    pages = [text(client.get(reverse("import_columns", args=[row.pk])))]
    course.say_columns(row, {"Contact name": "adult_name", "Pupil name": "child_name"}, by=world.olive, at=clock.now())
    course.work(row.pk, now=clock.now)
    pages.append(text(client.get(reverse("import", args=[row.pk]))))
    assert ["<script>alert" in page or "<b>Kim" in page for page in pages] == [False, False]
    assert "&lt;script&gt;alert(1)" in pages[1]


def test_a_dropped_file_says_so(world, client_of):
    row, client = checked(world), client_of(world.olive)
    assert client.post(reverse("import_drop", args=[row.pk])).url == reverse("import", args=[row.pk])
    assert "Nothing was taken over, and the file is thrown away." in text(client.get(reverse("import", args=[row.pk])))


def test_the_sample_is_one_that_can_be_taken_over(world, client_of):
    response = client_of(world.olive).get(reverse("import_sample"))
    assert reading.text_of(response.getvalue()) == sample()
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"


# --- the list, and how often the database is asked


def test_earlier_imports_are_listed_with_who_when_and_counts(world, client_of):
    checked(world, faulty(3, sound=2))
    response = client_of(world.sena).get(reverse("imports"))
    page = text(response)
    assert [each["row"].name for each in response.context["rows"]] == ["people.csv"]
    assert "Olive Office" in page
    assert [response.context["rows"][0]["row"].counts[key] for key in ("people_new", "not_taken")] == [2, 3]


def test_an_empty_list_says_what_comes_here(world, client_of):
    assert "No imports yet" in text(client_of(world.olive).get(reverse("imports")))


def test_the_list_asks_the_database_the_same_for_one_and_for_three(world, client_of, django_assert_num_queries):
    client = client_of(world.olive)
    checked(world)
    with django_assert_num_queries(7):
        client.get(reverse("imports"))
    checked(world)
    begun(world, by=world.sena)
    with django_assert_num_queries(7):
        client.get(reverse("imports"))


def test_the_page_asks_the_database_the_same_for_one_row_and_for_three(world, client_of, django_assert_num_queries):
    client = client_of(world.olive)
    one, three = checked(world, faulty(1, 1)), checked(world, faulty(3, 3))
    for row in (one, three):
        with django_assert_num_queries(7):
            client.get(reverse("import", args=[row.pk]))
        with django_assert_num_queries(6):
            client.get(reverse("import_progress", args=[row.pk]))


def test_checking_and_taking_over_ask_the_database_the_same_for_one_row_and_for_three(django_assert_num_queries, db):
    for count in (1, 3):
        world = World()
        row = begun(world, faulty(0, count))
        known = columns.guessed(reading.table_of(row.content).headings)
        course.say_columns(row, known, by=world.olive, at=clock.now())
        with django_assert_num_queries(9):
            course.work(row.pk, now=clock.now)
        course.take_over(row, by=world.olive, at=clock.now())
        with django_assert_num_queries(33):
            course.work(row.pk, now=clock.now)
