"""Today, which says what needs somebody by their roles; and the diary of what lies ahead."""

from datetime import date

import pytest
from django.test import Client

from conduct import clock
from conduct.models import User
from sanctions import correspondence, diary, measures
from sanctions.models import CaseLetter
from tests.factories import LONG_AGO, World, at, signed

EVERYBODY = ("olive", "sena", "hari", "cora", "tess", "adam", "gail", "rita", "sid")


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


@pytest.fixture
def todays(client_of):
    """What the page Today lists for somebody: title, about whom, by when in words, tone."""

    def listed(user: User) -> list[tuple[str, str, str, str]]:
        rows = client_of(user).get("/").context["rows"]
        return [(r["need"].title, r["need"].about, r["when"], r["tone"]) for r in rows]

    return listed


def another(world: World, name: str, upto: str = "proposed") -> measures.Measure:
    """A ban of another person: proposed; decided, so that its letter waits; or opened by its letter."""
    person = world.person(name)
    world.incident(subject=person)
    words = {"severity_reason": "A threat.", "lesser_options": "Would not do."}
    ban = measures.propose(
        person, by=world.olive, at=at("2026-03-02 09:12"), response="site_ban", opening="provisional", **words
    )
    if upto == "proposed":
        return ban
    measures.consult(ban, by=world.cora, at=at("2026-03-02 09:30"), consulted=world.cora, how="telephone", view="Yes.")
    measures.decide(ban, by=world.hari, at=at("2026-03-02 09:40"), terms=world.terms(handover=()))
    if upto == "opened":
        draft = CaseLetter.objects.get(measure=ban)
        correspondence.issue(
            signed(draft), by=world.adam, at=at("2026-03-02 10:00"), method="post", signed_by=world.hari
        )
    return ban


# -- Today --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_has_a_today_and_an_empty_one_says_so(world, client_of, name):
    response = client_of(getattr(world, name)).get("/")
    assert response.status_code == 200
    assert "Nothing needs you today" in response.text


def test_nobody_sees_today_without_signing_in(world):
    assert Client().get("/").url == "/account/login/?next=/"


def test_somebody_without_any_role_is_told_whom_to_ask(world, client_of):
    stranger = world.hire("office", starts_on=LONG_AGO, ends_on=date(2020, 1, 1))
    response = client_of(stranger).get("/")
    assert response.status_code == 200
    assert "You hold no role at a school" in response.text


def test_a_proposal_waits_for_the_head_and_for_those_whom_the_policy_asks(world, todays):
    world.proposed()
    since = ("Alex Marsh", "Waiting since", "plain")
    assert ("Decide: ban from the site", *since) in todays(world.hari)
    assert ("Give your view: ban from the site", *since) in todays(world.cora)
    assert ("Give your view: ban from the site", *since) in todays(world.tess)
    assert not any("ban from the site" in title for title, *_ in todays(world.olive))


def test_where_every_head_was_harmed_the_decision_waits_for_chair_and_trust(world, todays):
    world.incident(harmed=[world.hari])
    world.proposed()
    since = ("Alex Marsh", "Waiting since", "plain")
    assert ("Decide: ban from the site", *since) in todays(world.cora)
    assert ("Decide: ban from the site", *since) in todays(world.tess)


def test_once_the_chair_was_consulted_their_view_is_asked_no_more(world, todays):
    ban = world.proposed()
    measures.consult(ban, by=world.cora, at=at("2026-03-02 09:30"), consulted=world.cora, how="telephone", view="Yes.")
    assert not any(title.startswith("Give your view") for title, *_ in todays(world.cora))
    assert any(title == "Decide: ban from the site" for title, *_ in todays(world.hari))


def test_a_decided_ban_waits_for_its_letter_at_the_head_and_the_post_room(world, todays):
    draft = world.decided().case_letters.get()
    asks = ("Approve: provisional ban", "Alex Marsh", "Waiting since", "plain")
    assert todays(world.adam) == []
    assert asks in todays(world.hari)
    signed(draft)
    waiting = ("Issue: provisional ban", "Alex Marsh", "Waiting since", "plain")
    assert todays(world.adam) == [waiting]
    assert waiting in todays(world.hari)
    assert asks not in todays(world.hari)
    for name in ("olive", "cora", "tess", "gail", "rita", "sid"):
        assert waiting not in todays(getattr(world, name)), name


def test_an_issued_letter_waits_to_be_sent_and_is_overdue_the_day_after(world, todays, it_is):
    world.opened()
    assert todays(world.adam) == [("Send: provisional ban", "Alex Marsh", "Due today,", "wait")]
    it_is("2026-03-03 08:00")
    assert todays(world.adam) == [("Send: provisional ban", "Alex Marsh", "Overdue since", "stop")]


def test_tasks_reach_those_who_act_on_them_in_the_order_of_their_days(world, todays, it_is):
    world.opened()
    it_is("2026-03-19 08:00")
    diary.sweep(at("2026-03-19 07:00"))
    chair = todays(world.cora)
    assert ("Decide on the ban", "Alex Marsh", "By", "plain") in chair
    assert ("Read this significant incident (chair)", "Alex Marsh", "Overdue since", "stop") in chair
    assert [tone for *_, tone in chair] == sorted((tone for *_, tone in chair), key=["stop", "wait", "plain"].index)
    assert not any(title == "Decide on the ban" for title, *_ in todays(world.olive))


def test_a_chair_sees_nothing_of_cases_not_put_before_them(world, make_world, todays):
    other = make_world("burton_joyce")
    other.incident(clauses=["U03"])
    assert todays(other.cora) == []


def test_another_school_s_tasks_are_not_shown(world, make_world, todays):
    world.opened()
    assert todays(make_world("sholing").hari) == []


def test_a_row_leads_to_where_it_is_done(world, client_of):
    ban = world.proposed()
    page = client_of(world.hari).get("/").text
    assert f'<a href="/cases/{ban.case.reference}/">Decide: ban from the site</a>' in page


def test_the_gate_has_a_way_to_its_list_and_nothing_else(world, client_of):
    world.opened()
    page = client_of(world.gail).get("/")
    assert page.context["quick"] == [("Open the gate list", "/gate/list/")]
    assert page.context["rows"] == []
    assert "Alex" not in page.text


def test_those_who_may_log_have_the_button(world, client_of):
    assert 'href="/log/">Log an incident</a>' in client_of(world.olive).get("/").text
    assert client_of(world.cora).get("/").context["quick"] == []


def test_today_is_read_in_a_fixed_number_of_queries(world, client_of, django_assert_num_queries):
    client = client_of(world.hari)
    another(world, "One P")
    another(world, "One D", "decided")
    another(world, "One O", "opened")
    with django_assert_num_queries(19):
        client.get("/")
    for n in range(2):
        another(world, f"More P{n}")
        another(world, f"More D{n}", "decided")
        another(world, f"More O{n}", "opened")
    with django_assert_num_queries(19):
        client.get("/")


# -- the diary ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("olive", 200), ("sena", 200), ("hari", 200), ("cora", 200), ("tess", 200), ("adam", 404), ("gail", 404),
        ("rita", 404), ("sid", 404),
    ],
)  # fmt: skip
def test_the_diary_is_for_those_who_see_cases(world, client_of, name, expected):
    assert client_of(getattr(world, name)).get("/diary/").status_code == expected


def dates(client) -> list[tuple[str, str]]:
    months = client.get("/diary/").context["months"]
    return [(entry.on.isoformat(), entry.what) for _, entries in months for entry in entries]


def test_an_opened_ban_shows_its_window_its_decision_and_its_lapse(world, client_of):
    world.opened()
    assert dates(client_of(world.hari)) == [
        ("2026-03-18", "Last day for a reply"),
        ("2026-03-22", "Provisional ban: look again if it is still undecided"),
        ("2026-03-25", "Decide on the ban"),
        ("2026-03-31", "Last day: it lapses unless it is decided or reviewed"),
    ]


def test_a_confirmed_ban_shows_its_review_and_its_end(world, client_of, it_is):
    world.confirmed()
    it_is("2026-03-20 09:00")
    assert dates(client_of(world.cora)) == [
        ("2026-05-08", "Review the ban"),
        ("2026-05-22", "Last day: it lapses unless it is decided or reviewed"),
    ]


def test_a_date_that_passed_stands_apart_until_the_ban_is_over(world, client_of, it_is):
    world.opened()
    it_is("2026-03-27 09:00")
    page = client_of(world.hari).get("/diary/").context
    assert [(e.on.isoformat(), e.what) for e in page["passed"]] == [
        ("2026-03-18", "Last day for a reply"),
        ("2026-03-22", "Provisional ban: look again if it is still undecided"),
        ("2026-03-25", "Decide on the ban"),
    ]
    it_is("2026-04-01 09:00")
    page = client_of(world.hari).get("/diary/")
    assert page.context["passed"] == []
    assert "No dates ahead" in page.text


def test_an_empty_diary_says_what_comes_there(world, client_of):
    assert "No dates ahead" in client_of(world.hari).get("/diary/").text


def test_a_meeting_is_listed_in_the_school_s_own_words(world, client_of):
    incident = world.incident()
    world.found(incident, "2026-03-02 09:00")
    meeting = measures.propose(world.alex, by=world.olive, at=at("2026-03-02 09:12"), response="meeting")
    terms = world.terms(when="Tuesday 10 March, 15:30", where="The head's room")
    measures.decide(meeting, by=world.hari, at=at("2026-03-02 09:40"), terms=terms)
    found = client_of(world.hari).get("/diary/").context["meetings"]
    assert [(m.when, m.where, m.about) for m in found] == [("Tuesday 10 March, 15:30", "The head's room", "Alex Marsh")]


def test_another_school_s_dates_are_not_in_the_diary(world, make_world, client_of):
    world.opened()
    assert dates(client_of(make_world("sholing").hari)) == []


def test_the_diary_is_read_in_a_fixed_number_of_queries(world, client_of, django_assert_num_queries):
    client = client_of(world.hari)
    another(world, "One", "opened")
    with django_assert_num_queries(12):
        client.get("/diary/")
    another(world, "Two", "opened")
    another(world, "Three", "opened")
    with django_assert_num_queries(12):
        client.get("/diary/")
