"""The settings of a school: calendar, letterhead, staff and roles. They live in sanctions, whose dates the calendar moves."""

import re
from datetime import date

import pytest
from django.core import mail

from conduct import clock
from conduct.models import AuditRow, Membership, SchoolClosure, User
from sanctions import bans, diary
from sanctions.models import Measure, Task
from tests.factories import LONG_AGO, SchoolFactory, at

DETAILS = {
    "address": "1 School Lane\nTownham\nTW1 1AA",
    "phone": "01632 960001",
    "email": "office@school.example",
    "contact_name": "Olive Oak",
    "contact_role": "School office",
    "complaints": "",
    "privacy_notice": "",
    "police_force": "",
}
ROLE = {"email": "new@school.example", "name": "Nia New", "role": "office", "starts_on": "2026-03-02", "ends_on": ""}


@pytest.fixture
def it_is(monkeypatch):
    """Set the clock that the pages read."""

    def set_to(moment: str) -> None:
        monkeypatch.setattr(clock, "now", lambda: at(moment))

    set_to("2026-03-02 11:00")
    return set_to


@pytest.fixture(autouse=True)
def _morning(it_is):
    """Every test is on 2 March 2026, eleven o'clock, unless it says otherwise."""


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


# -- who sees what ------------------------------------------------------------------------------------------------

PAGES = {
    "/school/": {"hari", "tess", "adam", "sid"},
    "/school/calendar/": {"hari", "sid"},
    "/school/details/": {"adam", "sid"},
    "/school/roles/": {"sid"},
    "/school/roles/new/": {"sid"},
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", ["olive", "sena", "hari", "cora", "tess", "adam", "gail", "rita", "sid"])
def test_each_page_is_there_for_its_roles_and_for_nobody_else(world, client_of, page, name):
    expected = 200 if name in PAGES[page] else 404
    assert client_of(getattr(world, name)).get(page).status_code == expected


def test_each_card_is_shown_only_to_those_who_may_change_it(world, client_of):
    cards = ["Change the calendar", "Change these details", "See who holds which role", "See the policy"]
    for name, wanted in (("hari", [0, 3]), ("tess", [3]), ("adam", [1, 3]), ("sid", [0, 1, 2, 3])):
        page = client_of(getattr(world, name)).get("/school/").text
        assert [n for n, card in enumerate(cards) if card in page] == wanted, name


def test_the_policy_adopted_is_named_with_a_link_to_its_page(world, client_of):
    page = client_of(world.hari).get("/school/").text
    assert world.school.adoption_on(date(2026, 3, 2)).pack.title in page
    assert 'href="/code/sholing/"' in page


def test_what_belongs_to_another_school_is_not_found(world, make_world, client_of):
    other = make_world("sholing")
    closure = SchoolClosure.objects.create(school=other.school, first=date(2026, 3, 9), last=date(2026, 3, 9))
    role = Membership.objects.get(user=other.olive)
    client = client_of(world.sid)
    assert client.post(f"/school/calendar/{closure.pk}/remove/").status_code == 404
    assert client.post(f"/school/roles/{role.pk}/end/", {"ends_on": "2026-03-02"}).status_code == 404
    assert SchoolClosure.objects.filter(pk=closure.pk).exists()


# -- the calendar -------------------------------------------------------------------------------------------------


def test_a_closure_moves_the_dates_of_a_running_ban_and_says_so(world, client_of):
    ban = world.opened()
    diary.reschedule(ban, at=at("2026-03-02 10:00"))
    due = Measure.objects.get(pk=ban.pk).due_on
    answers = {"first": "2026-03-09", "last": "2026-03-09", "reason": "Snow"}
    response = client_of(world.hari).post("/school/calendar/", answers, follow=True)
    assert said(response) == [
        "C-2026-0001: reply by Wednesday 18 March 2026 → Thursday 19 March 2026",
        "C-2026-0001: decide by Wednesday 25 March 2026 → Thursday 26 March 2026",
        "Letters already sent give the old dates: tell the people concerned.",
        "The closure is in the calendar.",
    ]
    assert (due, Measure.objects.get(pk=ban.pk).due_on) == (date(2026, 3, 19), date(2026, 3, 20))


def test_removing_a_closure_moves_the_dates_back(world, client_of):
    closure = SchoolClosure.objects.create(school=world.school, first=date(2026, 3, 9), last=date(2026, 3, 10))
    ban = world.opened()
    client = client_of(world.sid)
    assert "Monday 9 March 2026 to Tuesday 10 March 2026" in client.get(f"/school/calendar/{closure.pk}/remove/").text
    assert SchoolClosure.objects.exists()
    response = client.post(f"/school/calendar/{closure.pk}/remove/", follow=True)
    assert "C-2026-0001: reply by Friday 20 March 2026 → Wednesday 18 March 2026" in said(response)
    assert not SchoolClosure.objects.exists()
    assert Measure.objects.get(pk=ban.pk).due_on == date(2026, 3, 19)


def test_an_open_task_s_day_moves_with_the_calendar(world, client_of, it_is):
    world.opened()
    it_is("2026-03-19 09:00")
    diary.sweep(at("2026-03-19 08:00"))
    assert Task.objects.get(kind="decision_due").due_on == date(2026, 3, 25)
    client_of(world.hari).post("/school/calendar/", {"first": "2026-03-23", "last": ""})
    assert Task.objects.get(kind="decision_due").due_on == date(2026, 3, 26)


def test_a_closure_says_when_nothing_moved(world, client_of):
    response = client_of(world.hari).post(
        "/school/calendar/", {"first": "2026-07-20", "last": "2026-08-31"}, follow=True
    )
    assert said(response) == ["No date of a running ban moved.", "The closure is in the calendar."]


def test_a_ban_that_is_over_is_left_alone(world, client_of):
    ban = world.opened()
    bans.withdraw(ban, by=world.hari, at=at("2026-03-02 10:30"), reasons="The wrong person.")
    response = client_of(world.hari).post("/school/calendar/", {"first": "2026-03-09"}, follow=True)
    assert said(response)[0] == "No date of a running ban moved."


def test_another_school_s_bans_do_not_move(world, make_world, client_of):
    make_world("sholing").opened()
    response = client_of(world.hari).post("/school/calendar/", {"first": "2026-03-09"}, follow=True)
    assert said(response)[0] == "No date of a running ban moved."


def test_the_audit_keeps_a_closure_and_what_it_moved(world, client_of):
    world.opened()
    client_of(world.hari).post("/school/calendar/", {"first": "2026-03-09", "reason": "Snow"})
    row = AuditRow.objects.get(deed="add_closure")
    assert (row.by, row.school) == (world.hari, world.school)
    assert row.changes == {
        "first": "2026-03-09",
        "last": "2026-03-09",
        "reason": "Snow",
        "moved": [
            ["C-2026-0001", "reply by", "2026-03-18", "2026-03-19"],
            ["C-2026-0001", "decide by", "2026-03-25", "2026-03-26"],
        ],
    }


@pytest.mark.parametrize(
    ("answers", "field", "wrong"),
    [
        ({"first": "2026-03-09", "last": "2026-03-08"}, "last", "The last day is before the first."),
        ({"first": "2026-03-09", "last": "2027-03-09"}, "last", "That is more than three months: check the year."),
        ({"first": "2062-03-09"}, "first", "That is more than three years away: check the year."),
        ({"first": ""}, "first", "This field is required."),
    ],
)
def test_a_closure_that_cannot_be_meant_comes_back(world, client_of, answers, field, wrong):
    response = client_of(world.hari).post("/school/calendar/", {"reason": "Half-term", **answers})
    assert response.status_code == 422
    assert response.context["form"].errors[field] == [wrong]
    assert 'value="Half-term"' in response.text
    assert not SchoolClosure.objects.exists()


# -- letterhead ---------------------------------------------------------------------------------------------------


def test_details_are_changed_and_the_audit_says_from_what_to_what(world, client_of):
    answers = {**DETAILS, "phone": "01632 960999"}
    response = client_of(world.adam).post("/school/details/", answers)
    assert response["Location"] == "/school/"
    world.school.refresh_from_db()
    assert world.school.phone == "01632 960999"
    assert AuditRow.objects.get(deed="change_school").changes == {"phone": ["01632 960001", "01632 960999"]}


def test_details_saved_unchanged_leave_no_trace(world, client_of):
    client_of(world.adam).post("/school/details/", DETAILS)
    assert not AuditRow.objects.filter(deed="change_school").exists()


def test_what_every_letter_needs_cannot_be_emptied(world, client_of):
    response = client_of(world.adam).post("/school/details/", {**DETAILS, "phone": "", "complaints": "Write to us."})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"phone"}
    assert "Write to us." in response.text
    world.school.refresh_from_db()
    assert world.school.phone == "01632 960001"


# -- staff and roles ----------------------------------------------------------------------------------------------


def test_somebody_new_gets_an_account_without_a_password_and_a_link_that_sets_one(world, client_of, client):
    response = client_of(world.sid).post("/school/roles/new/", ROLE)
    assert response["Location"] == "/school/roles/"
    new = User.objects.get(email="new@school.example")
    assert (new.name, new.has_usable_password()) == ("Nia New", False)
    held = new.memberships.get()
    assert (held.role, held.school, held.starts_on, held.ends_on) == ("office", world.school, date(2026, 3, 2), None)
    assert mail.outbox[0].to == ["new@school.example"]
    link = re.search(r"http://testserver(/account/password/reset/key/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    password = {"password1": "a long and quiet river", "password2": "a long and quiet river"}
    client.post(form.request["PATH_INFO"], password)
    new.refresh_from_db()
    assert new.check_password("a long and quiet river")
    assert AuditRow.objects.get(deed="give_role").changes["new_account"] is True


def test_somebody_known_gets_the_role_and_no_email(world, client_of):
    client_of(world.sid).post("/school/roles/new/", {**ROLE, "email": world.olive.email.upper(), "role": "senior"})
    assert set(world.olive.memberships.values_list("role", flat=True)) == {"office", "senior"}
    assert mail.outbox == []


def test_a_role_of_the_trust_is_held_in_the_trust(world, client_of):
    client_of(world.sid).post("/school/roles/new/", {**ROLE, "role": "trust"})
    held = Membership.objects.get(user__email="new@school.example")
    assert (held.trust, held.school) == (world.school.trust, None)


def test_a_role_of_the_trust_takes_an_administrator_of_all_its_schools(world, client_of):
    SchoolFactory(trust=world.school.trust)
    response = client_of(world.sid).post("/school/roles/new/", {**ROLE, "role": "trust"})
    assert response.status_code == 422
    assert not User.objects.filter(email="new@school.example").exists()
    tess = Membership.objects.get(user=world.tess)
    assert client_of(world.sid).post(f"/school/roles/{tess.pk}/end/", {"ends_on": "2026-03-02"}).status_code == 422


def test_nobody_gives_themselves_a_role(world, client_of):
    response = client_of(world.sid).post("/school/roles/new/", {**ROLE, "email": world.sid.email, "role": "head"})
    assert response.status_code == 422
    assert [r.rule for r in response.context["refusals"]] == ["not-permitted"]
    assert set(world.sid.memberships.values_list("role", flat=True)) == {"sysadmin"}


def test_the_same_role_for_the_same_days_is_refused(world, client_of):
    response = client_of(world.sid).post("/school/roles/new/", {**ROLE, "email": world.olive.email})
    assert response.status_code == 422
    assert "Olive Office holds that role in those days already." in response.text
    assert world.olive.memberships.count() == 1


def test_a_role_that_ends_before_it_starts_comes_back(world, client_of):
    response = client_of(world.sid).post("/school/roles/new/", {**ROLE, "ends_on": "2026-03-01"})
    assert response.status_code == 422
    assert response.context["form"].errors == {"ends_on": ["The last day is before the first."]}
    assert 'value="Nia New"' in response.text


def test_ending_a_role_sets_its_last_day_and_the_list_follows(world, client_of, it_is):
    olive = Membership.objects.get(user=world.olive)
    client = client_of(world.sid)
    client.post(f"/school/roles/{olive.pk}/end/", {"ends_on": "2026-03-02"})
    olive.refresh_from_db()
    assert olive.ends_on == date(2026, 3, 2)
    assert AuditRow.objects.get(deed="end_role").changes["to"] == [None, "2026-03-02"]
    assert "Olive Office" in client.get("/school/roles/").text
    it_is("2026-03-03 09:00")
    assert "Olive Office" not in client.get("/school/roles/").text
    assert "Olive Office" in client.get("/school/roles/?show=ended").text


def test_a_role_does_not_end_before_it_began(world, client_of):
    olive = Membership.objects.get(user=world.olive)
    response = client_of(world.sid).post(f"/school/roles/{olive.pk}/end/", {"ends_on": "1999-01-01"})
    assert response.status_code == 422
    assert response.context["form"].errors == {"ends_on": ["That is before the role began."]}


def test_nobody_ends_their_own_role(world, client_of):
    own = Membership.objects.get(user=world.sid)
    assert client_of(world.sid).post(f"/school/roles/{own.pk}/end/", {"ends_on": "2026-03-02"}).status_code == 422
    own.refresh_from_db()
    assert own.ends_on is None


@pytest.mark.parametrize("name", ["hari", "adam", "olive", "tess"])
def test_roles_are_given_by_administrators_alone(world, client_of, name):
    client = client_of(getattr(world, name))
    assert client.post("/school/roles/new/", ROLE).status_code == 404
    olive = Membership.objects.get(user=world.olive)
    assert client.post(f"/school/roles/{olive.pk}/end/", {"ends_on": "2026-03-02"}).status_code == 404
    assert not User.objects.filter(email="new@school.example").exists()


def test_a_school_with_one_person_above_it_and_no_proposer_is_warned(make_world, client_of):
    lone = make_world("sholing", staff={"hari": "head", "cora": "chair", "sid": "sysadmin"})
    gaps = client_of(lone.sid).get("/school/").context["gaps"]
    assert [gap[:24] for gap in gaps] == ["Fewer than two people ho", "Nobody but the head coul"]
    lone.give(lone.hire("trust"), "trust", starts_on=LONG_AGO)
    lone.hire("office")
    assert client_of(lone.sid).get("/school/").context["gaps"] == []


def test_the_list_of_roles_is_read_in_a_fixed_number_of_queries(world, client_of, django_assert_num_queries):
    client = client_of(world.sid)
    with django_assert_num_queries(8):
        client.get("/school/roles/")
    for n in range(3):
        world.hire("office", f"Another {n}")
    with django_assert_num_queries(8):
        client.get("/school/roles/")
