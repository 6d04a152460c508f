"""What Today asks of senior staff and head for those whom an incident touched, and of the head where a ground is gone."""

from datetime import date

import pytest
from django.urls import reverse

from conduct import clock
from sanctions import aftercare, amending, bans, correspondence, measures
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")


@pytest.fixture
def it_is(monkeypatch):
    def set_to(moment: str) -> None:
        monkeypatch.setattr(clock, "now", lambda: at(moment))

    set_to("2026-03-12 09:00")
    return set_to


@pytest.fixture
def todays(client_of, it_is):
    """What Today lists for somebody: title, by when, tone."""

    def listed(user, word: str) -> list[tuple[str, str, str]]:
        rows = client_of(user).get("/").context["rows"]
        return [(r["need"].title, r["when"], r["tone"]) for r in rows if word in r["need"].title]

    return listed


def hurt(world, incident, **told):
    told = {"user": world.olive, "what": "A wrist.", "treatment": "doctor", "away_from": date(2026, 3, 3), **told}
    return aftercare.record_injury(incident, by=world.olive, at=at("2026-03-02 10:00"), **told)


# -- injuries -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "asked"), [("sena", True), ("hari", True), ("olive", False), ("cora", False)])
def test_a_report_is_asked_of_senior_staff_and_head(world, todays, name, asked):
    hurt(world, world.incident())
    rows = todays(getattr(world, name), "Report an injury")
    assert rows == ([("Report an injury", "By", "plain")] if asked else [])


def test_it_is_asked_from_the_eighth_day_on_and_overdue_after_the_fifteenth(world, todays, it_is):
    hurt(world, world.incident())
    found = {}
    for day in ("2026-03-09", "2026-03-10", "2026-03-17", "2026-03-18"):
        it_is(f"{day} 09:00")
        found[day] = todays(world.hari, "Report an injury")
    assert found == {
        "2026-03-09": [],
        "2026-03-10": [("Report an injury", "By", "plain")],
        "2026-03-17": [("Report an injury", "Due today,", "wait")],
        "2026-03-18": [("Report an injury", "Overdue since", "stop")],
    }


def test_once_reported_or_back_in_time_it_is_asked_no_more(world, todays):
    one, other = hurt(world, world.incident()), hurt(world, world.incident("2026-03-02 09:00"))
    assert len(todays(world.hari, "Report an injury")) == 2
    aftercare.report_injury(one, by=world.sena, at=at("2026-03-12 08:00"), reported_on=date(2026, 3, 12))
    assert len(todays(world.hari, "Report an injury")) == 1
    aftercare.change_injury(other, by=world.olive, at=at("2026-03-12 08:30"), back_on=date(2026, 3, 10))
    assert todays(world.hari, "Report an injury") == []


def test_what_was_hurt_and_who_does_not_stand_on_today(world, client_of, it_is):
    hurt(world, world.incident(), user=None, name="Mrs Oak", what="Her wrist.")
    page = client_of(world.hari).get("/").text
    assert "Report an injury" in page
    assert "Mrs Oak" not in page
    assert "Her wrist." not in page


# -- talks --------------------------------------------------------------------------------------------------------


def test_a_talk_waits_for_senior_staff_and_head_and_is_announced_to_whom_it_is_with(world, todays, client_of):
    incident = world.incident(harmed=[world.olive])
    told = {"user": world.olive, "due_on": date(2026, 3, 9)}
    talk = aftercare.arrange_check_in(incident, by=world.sena, at=at("2026-03-02 10:00"), **told)
    for user in (world.sena, world.hari):
        assert todays(user, "Check in") == [("Check in with Olive Office", "Overdue since", "stop")]
    assert todays(world.olive, "Check in") == []
    notices = client_of(world.olive).get("/").context["notices"]
    assert [n.title for n in notices] == ["A check-in with you is arranged for Monday 9 March 2026"]
    aftercare.hold_check_in(talk, by=world.sena, at=at("2026-03-12 08:00"), note="She is well.")
    assert todays(world.hari, "Check in") == []
    assert list(client_of(world.olive).get("/").context["notices"]) == []


def test_a_talk_with_the_head_is_somebody_else_s_to_hold(world, todays, client_of):
    incident = world.incident(harmed=[world.hari])
    told = {"user": world.hari, "due_on": date(2026, 3, 16)}
    aftercare.arrange_check_in(incident, by=world.sena, at=at("2026-03-02 10:00"), **told)
    assert todays(world.hari, "Check in") == []
    assert todays(world.sena, "Check in") == [("Check in with Hari Head", "By", "plain")]
    assert len(client_of(world.hari).get("/").context["notices"]) == 1


def test_nothing_of_another_school_is_asked_for(world, make_world, todays, client_of):
    other = make_world("kingsley")
    incident = other.incident(harmed=[other.olive])
    hurt(other, incident)
    told = {"user": other.olive, "due_on": date(2026, 3, 9)}
    aftercare.arrange_check_in(incident, by=other.sena, at=at("2026-03-02 10:00"), **told)
    assert client_of(world.hari).get("/").context["rows"] == []


# -- what has lost its ground -------------------------------------------------------------------------------------

LOOK = "Look again"


def mark(world, incident, when: str = "2026-03-12 08:00") -> None:
    amending.mark(incident, by=world.sena, at=at(when), kind="wrong", reason="Another person.")


@pytest.mark.parametrize(("name", "asked"), [("hari", True), ("sena", False), ("olive", False), ("cora", False)])
def test_the_head_is_asked_to_look_again_at_a_ban(world, todays, name, asked):
    ban = world.opened()
    assert todays(world.hari, LOOK) == []
    mark(world, ban.case.incidents.get())
    rows = todays(getattr(world, name), LOOK)
    assert rows == ([("Look again: ban from the site", "Waiting since", "plain")] if asked else [])


def test_the_head_is_asked_no_more_once_the_mark_is_taken_back(world, todays):
    ban = world.opened()
    incident = ban.case.incidents.get()
    mark(world, incident)
    amending.take_back(incident, by=world.sena, at=at("2026-03-12 08:30"))
    assert todays(world.hari, LOOK) == []


def test_the_head_is_asked_no_more_once_it_is_withdrawn(world, todays):
    ban = world.opened()
    mark(world, ban.case.incidents.get())
    bans.withdraw(ban, by=world.hari, at=at("2026-03-12 08:30"), reasons="Another person.")
    assert todays(world.hari, LOOK) == []


def test_the_head_is_asked_no_more_once_a_confirmed_ban_is_lifted_or_its_last_day_has_passed(world, todays, it_is):
    ban = world.confirmed()
    mark(world, ban.case.incidents.get(), "2026-04-01 08:00")
    found = []
    for day in ("2026-04-01", "2026-05-22", "2026-05-23"):
        it_is(f"{day} 09:00")
        found.append(len(todays(world.hari, LOOK)))
    assert found == [1, 1, 0]
    it_is("2026-04-02 09:00")
    bans.lift(ban, by=world.tess, at=at("2026-04-02 08:00"), reasons="Another person.")
    assert todays(world.hari, LOOK) == []


def test_the_head_is_not_asked_where_something_else_carries_it(world, todays):
    ban = world.opened()
    world.incident("2026-03-02 09:45")
    other = ban.case.incidents.latest("logged_at")
    mark(world, other)
    assert todays(world.hari, LOOK) == []


def test_the_head_looks_again_at_a_warning_for_as_long_as_it_would_count(world, todays, it_is):
    world.found(incident := world.incident())
    told = {"response": "warning_letter", "by": world.olive, "at": at("2026-03-11 09:00")}
    warning = measures.propose(world.alex, severity_reason="Loud.", **told)
    measures.decide(warning, by=world.hari, at=at("2026-03-11 09:10"))
    correspondence.issue_kind(
        warning, "warning", by=world.adam, at=at("2026-03-11 10:00"), method="post", signed_by=world.hari
    )
    mark(world, incident)
    assert todays(world.hari, LOOK) == [("Look again: warning letter", "Waiting since", "plain")]
    it_is("2027-03-12 09:00")
    assert todays(world.hari, LOOK) == []


def test_own_cause_of_a_marked_incident_leaves_the_decision_with_the_head(world, todays):
    world.incident()
    other = world.incident("2026-03-02 09:00", harmed=[world.hari])
    world.proposed()
    assert todays(world.hari, "Decide") == [("Decide: ban from the site", "Waiting since", "plain")]
    assert todays(world.tess, "Decide") == [("Decide: ban from the site", "Waiting since", "plain")]
    mark(world, other)
    assert todays(world.tess, "Decide") == []


def test_today_asks_the_database_the_same_for_one_of_each_and_for_three(
    world, client_of, it_is, django_assert_num_queries
):
    def more(name: str) -> None:
        person = world.person(name)
        incident = world.incident(subject=person, on_behalf_name="Mrs Oak", harmed=[world.olive])
        world.found(incident)
        hurt(world, incident)
        told = {"due_on": date(2026, 3, 16)}
        for whom in ({"name": "Mrs Oak"}, {"user": world.hari}):
            aftercare.arrange_check_in(incident, by=world.sena, at=at("2026-03-02 10:00"), **whom, **told)
        warning = measures.propose(
            person, by=world.olive, at=at("2026-03-11 09:00"), response="warning_letter", severity_reason="Loud."
        )
        measures.decide(warning, by=world.hari, at=at("2026-03-11 09:10"))
        correspondence.issue_kind(
            warning, "warning", by=world.adam, at=at("2026-03-11 10:00"), method="post", signed_by=world.hari
        )
        mark(world, incident)

    more("Ann One")
    client = client_of(world.hari)
    client.get("/")
    with django_assert_num_queries(QUERIES):
        client.get("/")
    more("Bea Two")
    more("Cy Three")
    with django_assert_num_queries(QUERIES):
        client.get("/")
    titles = [r["need"].title for r in client.get("/").context["rows"]]
    counted = {word: sum(word in t for t in titles) for word in ("Look again", "Report", "Check in", "Tell")}
    assert counted == {"Look again": 3, "Report": 3, "Check in": 3, "Tell": 3}


QUERIES = 29


def test_a_row_leads_to_where_it_is_done(world, client_of, it_is):
    incident = world.incident()
    hurt(world, incident)
    rows = client_of(world.hari).get("/").context["rows"]
    address = reverse("incident", args=[incident.in_case.case.reference, incident.reference])
    assert [r["need"].url for r in rows if r["need"].title == "Report an injury"] == [address]
