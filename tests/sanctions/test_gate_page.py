"""Who is at the desk? What applies today and whom to call, and nothing else."""

import re
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from conduct.models import AuditRow
from sanctions import appointments, gate
from tests.factories import World, at

HTMX = {"HX-Request": "true"}
IN_FORCE = at("2026-04-20 09:00")
LAPSED = at("2026-04-02 09:00")  # the latest decision date was 31 March
SEEN_BY = ["olive", "sena", "hari", "gail"]
HIDDEN_FROM = ["cora", "tess", "adam", "rita", "sid"]


@pytest.fixture
def on():
    """The wall clock stands still at a moment."""

    def stand(moment):
        return time_machine.travel(moment, tick=False)

    return stand


def words(response):
    """What the main part of the page says, without its tags."""
    main = response.content.decode().partition('id="gate-result"')[2] or response.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", main).replace("’", "'").split())


def looks(deed="gate_lookup"):
    return [(row.by.name, row.about, row.changes) for row in AuditRow.objects.filter(deed=deed).order_by("pk")]


@pytest.mark.parametrize("page", ["gate", "gate_list"])
@pytest.mark.parametrize("who", SEEN_BY)
def test_the_desk_and_the_staff_see_it(world, client_of, who, page):
    assert client_of(getattr(world, who)).get(reverse(page)).status_code == 200


@pytest.mark.parametrize("page", ["gate", "gate_list"])
@pytest.mark.parametrize("who", HIDDEN_FROM)
def test_for_nobody_else_is_there_such_a_page(world, client_of, who, page):
    assert client_of(getattr(world, who)).get(reverse(page), {"q": "alex"}).status_code == 404


def test_somebody_to_whom_nothing_applies_is_clear(world, client_of):
    said = words(client_of(world.gail).get(reverse("gate"), {"q": "alex"}))
    assert "Alex Marsh" in said
    assert "Nothing applies today" in said
    assert looks() == []


def test_somebody_banned_shows_where_exceptions_until_when_and_whom_to_call(world, client_of, on):
    world.confirmed(terms=world.final_terms(exceptions="Parents' evening on 5 May"))
    with on(IN_FORCE):
        said = words(client_of(world.gail).get(reverse("gate"), {"q": "alex"}))
    assert "Alex Marsh Banned Where The whole site Exceptions Parents&#x27; evening on 5 May" in said
    assert "Until the end of Friday 22 May 2026" in said
    assert "Call Olive Office, or the school leader (Hari Head), 01632 960001" in said


def test_a_ban_that_lapsed_says_to_call_the_head(world, client_of, on):
    world.opened()
    with on(LAPSED):
        said = words(client_of(world.gail).get(reverse("gate"), {"q": "alex"}))
    assert "Ended, no decision recorded Call the school leader (Hari Head), 01632 960001" in said


def test_the_desk_is_told_no_reason_no_history_and_no_child(world, client_of, on):
    ban = world.confirmed()
    with on(IN_FORCE):
        page = client_of(world.gail).get(reverse("gate"), {"q": "robin"}).content.decode()
        listed = client_of(world.gail).get(reverse("gate_list")).content.decode()
    for secret in (
        "Robin",
        "Shouted",
        "threat",
        ban.case.reference,
        reverse("person", args=[world.alex.pk]),
        "/cases/",
    ):
        assert secret not in page.replace('value="robin"', "")
        assert secret not in listed
    assert "Alex Marsh" in page


def test_staff_may_go_on_to_the_person(world, client_of):
    page = client_of(world.olive).get(reverse("gate"), {"q": "alex"}).content.decode()
    assert reverse("person", args=[world.alex.pk]) in page


def test_a_likeness_is_never_a_verdict(world, client_of):
    client = client_of(world.gail)
    alike = words(client.get(reverse("gate"), {"q": "alix marsh"}))
    assert "1 possible match. Check the name and ask: it may be somebody else. Possibly: Alex Marsh" in alike
    assert "The same name." not in alike
    same = words(client.get(reverse("gate"), {"q": "ALEX marsh"}))
    assert (
        "For “ALEX marsh”: 1 possible match. Check the name and ask: it may be somebody else. Possibly: Alex Marsh"
        in same
    )
    assert "The same name. Others may be called that too: ask." in same


def test_while_typing_only_the_answer_is_sent(world, client_of):
    whole = client_of(world.gail).get(reverse("gate"), {"q": "alex"}).content.decode()
    part = client_of(world.gail).get(reverse("gate"), {"q": "alex"}, headers=HTMX).content.decode()
    assert "<html" in whole
    assert "<html" not in part
    assert "Alex Marsh" in part


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type a name"),
        ("a", "Type at least two letters"),
        ("zebedee", "Nobody found for “zebedee”"),
        ("\x00", "Type"),
    ],
)
def test_a_box_with_nothing_to_find_says_what_to_do(world, client_of, typed, said):
    response = client_of(world.gail).get(reverse("gate"), {"q": typed})
    assert response.status_code == 200
    assert said in words(response)


def test_people_of_another_school_are_not_found(world, client_of):
    other = World("sholing")
    other.person("Zebedee Quux")
    client = client_of(world.gail)
    assert "Nobody found" in words(client.get(reverse("gate"), {"q": "zebedee"}))


def test_each_look_up_of_a_banned_person_is_in_the_audit(world, client_of, on):
    world.confirmed()
    world.person("Alexa Brown")
    with on(IN_FORCE):
        client = client_of(world.gail)
        client.get(reverse("gate"), {"q": "alex"})
        client.get(reverse("gate"), {"q": "alex"})
    assert looks() == [("Gail Gate", f"person {world.alex.pk}", {"shown": "banned"})] * 2


def test_a_name_typed_on_is_one_look_up_and_after_a_minute_another(world, client_of, on):
    world.confirmed()
    client, other = client_of(world.gail), client_of(world.olive)
    for moment in ("2026-04-20 09:00:00", "2026-04-20 09:00:01", "2026-04-20 09:00:59", "2026-04-20 09:01:00"):
        with on(at(moment)):
            client.get(reverse("gate"), {"q": "alex"}, headers=HTMX)
    with on(at("2026-04-20 09:01:00")):
        other.get(reverse("gate"), {"q": "alex"}, headers=HTMX)
    assert [name for name, _, _ in looks()] == ["Gail Gate", "Gail Gate", "Olive Office"]


def test_the_list_holds_everybody_to_whom_something_applies_and_its_last_moment(world, client_of, on):
    world.confirmed()
    world.person("Jo Brown")
    with on(IN_FORCE):
        page = words(client_of(world.gail).get(reverse("gate_list")))
    assert "Valid until the end of Monday 20 April 2026." in page
    assert "Alex Marsh Banned The whole site Friday 22 May 2026 Olive Office" in page
    assert "Jo Brown" not in page
    assert looks("look")[-1] == ("Gail Gate", "gate list", {})


def test_an_empty_list_says_so(world, client_of):
    assert "Nobody is on the list today" in words(client_of(world.gail).get(reverse("gate_list")))


def test_a_ban_of_another_school_is_not_on_the_list(world, client_of, on):
    World("sholing").confirmed()
    with on(IN_FORCE):
        assert "Nobody is on the list today" in words(client_of(world.gail).get(reverse("gate_list")))


def test_a_ban_that_has_ended_by_its_date_is_still_named_until_somebody_decides(world, client_of, on):
    world.confirmed(terms=world.final_terms(ends=date(2026, 5, 22)))
    with on(at("2026-05-26 09:00")):
        assert gate.applies_to([world.alex], world.school, at("2026-05-26 09:00"))[world.alex.pk].word != "banned"
        said = words(client_of(world.gail).get(reverse("gate"), {"q": "alex"}))
    assert "Ended, no decision recorded" in said


def test_the_answer_asks_the_database_the_same_for_one_and_for_three(world, client_of, django_assert_num_queries):
    client = client_of(world.gail)
    with django_assert_num_queries(17):
        client.get(reverse("gate"), {"q": "alex"})
    world.person("Alex Brown")
    world.person("Alex Green")
    with django_assert_num_queries(17):
        client.get(reverse("gate"), {"q": "alex"})


def test_the_list_asks_the_database_the_same_for_one_and_for_three(
    make_world, client_of, on, django_assert_num_queries
):
    world = make_world("sholing")
    world.confirmed()
    client = client_of(world.gail)
    with on(IN_FORCE):
        with django_assert_num_queries(19):
            client.get(reverse("gate_list"))
        for name in ("Ann Brown", "Ben Green"):
            world.alex = world.person(name)
            with on(at("2026-03-02 08:00")):
                world.confirmed(terms=world.final_terms(handover=()))
        with django_assert_num_queries(19):
            assert words(client.get(reverse("gate_list"))).count("Banned") == 3


# -- the list on paper ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", HIDDEN_FROM)
def test_for_nobody_else_is_there_a_sheet(world, client_of, who):
    assert client_of(getattr(world, who)).get(reverse("gate_sheet")).status_code == 404


def test_a_printed_list_says_who_printed_it_and_until_when_it_is_valid_and_is_written_down(world, client_of, on):
    world.confirmed()
    with on(IN_FORCE):
        page = words(client_of(world.gail).get(reverse("gate_sheet")))
    assert "Valid until 23:59 on Monday 20 April 2026; destroy afterwards." in page
    assert "Printed by Gail Gate, Monday 20 April 2026 at 09:00." in page
    assert "Alex Marsh Banned The whole site Friday 22 May 2026 Olive Office" in page
    assert looks("print") == [("Gail Gate", "gate list", {"page": 1, "people": 1})]


def test_what_is_only_looked_at_is_not_written_down_as_printed(world, client_of):
    client_of(world.gail).get(reverse("gate_list"))
    assert looks("print") == []


def test_a_long_list_comes_in_parts(world, client_of, on, monkeypatch):
    monkeypatch.setattr("sanctions.views.gate.A_PAGE", 1)
    world.confirmed()
    world.alex = world.person("Zed Brown")
    world.confirmed(terms=world.final_terms(handover=()))
    with on(IN_FORCE):
        client = client_of(world.gail)
        first, second = (words(client.get(reverse("gate_sheet"), {"page": n})) for n in (1, 2))
    assert ("Alex Marsh" in first, "Zed Brown" in first, "Part 1 of 2." in first) == (True, False, True)
    assert ("Alex Marsh" in second, "Zed Brown" in second, "Part 2 of 2." in second) == (False, True, True)


def test_a_printed_list_calls_nobody_expected_now(world, client_of, on):
    case = world.confirmed().case
    appointments.arrange(
        case, by=world.olive, at=at("2026-04-17 09:00"), begins=IN_FORCE, until=at("2026-04-20 09:30"),
        place="Meeting room", with_whom="Hari Head",
    )  # fmt: skip
    with on(IN_FORCE):
        client = client_of(world.gail)
        sheet, screen = (words(client.get(reverse(name))) for name in ("gate_sheet", "gate_list"))
    assert "Expected today: 09:00 to 09:30 in Meeting room, with Hari Head" in sheet
    assert "Expected now: 09:00 to 09:30 in Meeting room, with Hari Head" in screen


def test_namesakes_are_both_shown_with_what_tells_them_apart(world, client_of):
    world.person("Alex Marsh", relation="visitor")
    said = words(client_of(world.gail).get(reverse("gate"), {"q": "alex marsh"}))
    assert said.count("Possibly: Alex Marsh") == 2
    assert "Possibly: Alex Marsh Visitor Nothing applies today" in said
    assert "Possibly: Alex Marsh Parent Nothing applies today" in said


def test_a_ban_that_lapsed_stays_in_sight_beside_a_plan(world, client_of, monkeypatch):
    both = gate.Applies("plan", date(2026, 9, 10), "All contact", call="Sena Senior", undecided=True)
    monkeypatch.setattr(gate, "applies_to", lambda people, school, when: {p.pk: both for p in people})
    said = words(client_of(world.gail).get(reverse("gate"), {"q": "alex"}))
    assert "Communication plan: may come in A ban ended, no decision recorded" in said
    assert "Call Sena Senior, or the school leader (Hari Head), 01632 960001" in said
