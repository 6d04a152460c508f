"""The search: what ranks before what, what is kept up to date, what it does not give away, and how little it reads."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from conduct import people, register
from conduct.models import Person, PersonKey, Pupil, Spelling
from conduct.people import Why
from conduct.register import Child
from tests.factories import World, at


def names_found(world, typed):
    return [p.name for p in people.search(world.school, typed)]


def test_the_reason_ranks_name_beginning_number_nickname_child_sound_and_slip(world):
    world.person("Robert Marsh")
    world.person("Rob Green")
    world.person("Robson Green")
    world.person("Bobby Green")
    world.person("Ann Green", pupils=["Rob Green"])
    found = [(f.person.name, f.why) for f in people.find(world.school, "rob")]
    assert found == [
        ("Rob Green", Why.NAME),
        ("Robert Marsh", Why.BEGINNING),
        ("Robson Green", Why.BEGINNING),
        ("Bobby Green", Why.NICKNAME),
        ("Ann Green", Why.CHILD),
        ("Alex Marsh", Why.CHILD),
    ]


def test_of_fewer_than_two_letters_nobody_is_found_and_nothing_is_asked(world, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert [people.search(world.school, typed) for typed in ("", " ", "a", "’")] == [[], [], [], []]


def test_people_of_another_school_are_not_found(world):
    other = World("sholing")
    other.person("Zebedee Quux", phone="07700 900999", email="z@post.example")
    for typed in ("zebedee", "zebede", "07700900999", "z@post"):
        assert people.search(world.school, typed) == []
        assert [p.name for p in people.search(other.school, typed)] == ["Zebedee Quux"]


def test_what_is_typed_is_never_taken_for_a_pattern(world):
    for typed in ("%%", "__", "al%", "alex' OR '1'='1", "100%s", "\\", "\x00ab"):
        assert people.search(world.school, typed) in ([], [world.alex])
    assert people.search(world.school, "%%") == []


def test_a_changed_name_is_found_and_the_former_one_is_not(world):
    register.change(world.alex, {"name": "Sam Brown"}, by=world.olive, at=at("2026-03-02 09:00"))
    assert names_found(world, "brown") == ["Sam Brown"]
    assert people.search(world.school, "alex") == []


def test_a_child_of_another_name_is_found_and_one_taken_off_is_not(world):
    robin = Pupil.objects.get()
    robin.name = "Wren Marsh"
    robin.save()
    assert names_found(world, "wren") == ["Alex Marsh"]
    assert names_found(world, "robin") == []
    register.change(world.alex, {}, [Child("Jay Marsh")], by=world.olive, at=at("2026-03-02 09:00"))
    assert names_found(world, "jay") == ["Alex Marsh"]
    assert names_found(world, "wren") == []


def test_somebody_known_by_a_description_alone_is_found_by_any_word_of_it(world):
    Person.objects.create(school=world.school, description="Tall man, red coat, about 40")
    for typed in ("tall", "red coat", "coat", "about 40"):
        assert [str(p) for p in people.search(world.school, typed)] == ["Not known: Tall man, red coat, about 40"]


def test_a_protected_person_is_found_by_name_and_not_by_phone_or_email(world):
    hidden = world.person("Jo Hidden", phone="07700 900555", email="jo@post.example", address_protected=True)
    assert people.search(world.school, "jo hidden") == [hidden]
    assert [people.search(world.school, typed) for typed in ("07700900555", "900555", "jo@post.example")] == [
        [],
        [],
        [],
    ]


def test_of_rows_that_are_one_person_the_one_that_stands_for_them_is_found_by_either_name(world):
    other = world.person("Alexandra Brown", identity=world.alex)
    found = people.find(world.school, "brown")
    assert [(f.person, f.also) for f in found] == [(world.alex, other)]
    assert [(f.person, f.also) for f in people.find(world.school, "alex")] == [(world.alex, None)]


def test_rekeying_finds_what_was_written_past_the_register_and_forgets_names_nobody_bears(world):
    Person.objects.filter(pk=world.alex.pk).update(name="Sam Łukowski", folded="")
    assert names_found(world, "lukowski") == []
    call_command("rekey_people", stdout=StringIO())
    assert names_found(world, "lukowski") == ["Sam Łukowski"]
    assert Person.objects.get().folded == "sam lukowski"
    assert not Spelling.objects.filter(word="alex").exists()


def test_saving_the_same_again_leaves_the_same_keys(world):
    before = sorted(PersonKey.objects.values_list("kind", "key"))
    world.alex.save()
    assert sorted(PersonKey.objects.values_list("kind", "key")) == before


def test_keys_fit_where_they_are_kept(world):
    long = "Wolfeschlegelsteinhausenbergerdorff" * 3
    person = world.person(f"{long} {long[:14]}"[:120], nicknames="x" * 200, email="a" * 200 + "@post.example")
    assert people.search(world.school, long[:30]) == [person]


# --- among many


@pytest.fixture
def crowd(world):
    """Five hundred Smiths, so that no look-up may read them all."""
    rows = [Person(school=world.school, name=f"John Smith{n:03}", folded="") for n in range(250)]
    rows += [Person(school=world.school, name=f"Jon Smith {chr(97 + n % 26)}{n}", folded="") for n in range(250)]
    PersonKey.objects.renew(Person.objects.bulk_create(rows))
    return world


def test_among_many_of_a_name_the_one_meant_is_still_first(crowd):
    world = crowd
    meant = world.person("Zoltan Smith")
    assert people.search(world.school, "zoltan smith")[0] == meant
    assert people.search(world.school, "smith zoltan")[0] == meant
    assert people.search(world.school, "zolten smith")[0] == meant
    assert people.search(world.school, "zo smi")[0] == meant


@pytest.mark.parametrize("typed", ["smith", "jhon smiht", "john smith", "mohammed khan", "al mar", "07700900123"])
def test_no_look_up_goes_through_a_table(world, typed):
    """Each part of the search is a range or a set of one index, on either database."""
    asked = []

    def watch(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        people.find(world.school, typed)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        for sql, params in asked[:2]:
            explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
            cursor.execute(explain + sql, params)
            plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
            assert not any(word in plan for word in ("SCAN conduct_", "Seq Scan", "TEMP B-TREE FOR ORDER")), plan
            assert plan.count("INDEX") + plan.count("Index") >= 1
