"""What happens next once an incident is logged: each thing done, or one click away."""

import pytest
import time_machine
from django.urls import reverse

from conduct.models import AuditRow
from incidents.models import PLACES, Step
from sanctions import aftercare, amending, duties, inquiry, next_steps, referrals
from sanctions.inquiry import Part
from sanctions.standing import Refused
from tests.factories import at

NOW = at("2026-03-02 09:05")


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


def url(incident, *more):
    return reverse(
        "step_taken" if more else "what_next", args=[incident.in_case.case.reference, incident.reference, *more]
    )


def steps(response, n=0):
    """What the page says of the nth person, then of all: done or not, by key."""
    listed = (*response.context["agendas"][n].steps, *response.context["shared"])
    return {step.key: bool(step.done) for step in listed}


def step(response, key):
    listed = [s for a in response.context["agendas"] for s in a.steps] + list(response.context["shared"])
    return next(s for s in listed if s.key == key)


def test_after_a_serious_incident(world, client_of):
    response = client_of(world.olive).get(url(world.incident()))
    assert steps(response) == {
        "trust_notice": True,
        "chair_notice": True,
        "account": False,
        "own_account": False,
        "head_told": False,
        "recording_kept": False,
        "hurt": False,
    }
    assert step(response, "head_told").title == "Tell the school leader, Hari Head"
    assert step(response, "chair_notice").title == "A notice has gone to the Chair of Governors, Cora Chair"
    assert response.context["left"] == 5


def test_a_minor_incident_asks_for_less(world, client_of):
    response = client_of(world.olive).get(url(world.incident(clauses=["U03"])))
    assert list(steps(response)) == ["account", "own_account", "head_told", "recording_kept", "hurt"]


@pytest.mark.parametrize("told", [{"clauses": ["U06"]}, {"danger": True}, {"clauses": ["U35"]}])
def test_the_police_come_first_where_it_may_be_a_crime(world, client_of, told):
    response = client_of(world.olive).get(url(world.incident(**told)))
    assert next(iter(steps(response))) == "police"
    assert [w.url for w in step(response, "police").ways] == [
        reverse("refer", args=[response.context["case"].reference]) + "?to=police"
    ]


@pytest.mark.parametrize(("told", "shown"), [({"danger": True}, True), ({"clauses": ["U06"]}, True), ({}, False)])
def test_999_stands_above_everything_where_somebody_may_be_in_danger(world, client_of, told, shown):
    page = client_of(world.olive).get(url(world.incident(**told))).content.decode()
    assert ("ring 999 first" in page) is shown


def test_the_head_may_write_down_why_the_police_are_not_told(world, client_of):
    ways = step(client_of(world.hari).get(url(world.incident(clauses=["U06"]))), "police").ways
    assert [w.words for w in ways] == ["Record that they are told", "Write down why not"]


def test_what_is_recorded_elsewhere_shows_as_done(world, client_of):
    incident = world.incident(clauses=["U06"])
    world.heard(incident, "2026-03-02 09:00")
    referrals.refer(world.alex, by=world.olive, at=at("2026-03-02 09:01"), to="police", reference="OCC-1")
    duties.complete_task(incident.in_case.case, "trust_notice", by=world.tess, at=at("2026-03-02 09:02"))
    response = client_of(world.olive).get(url(incident))
    assert steps(response) == {
        "police": True,
        "trust_notice": True,
        "chair_notice": True,
        "account": True,
        "own_account": True,
        "head_told": False,
        "recording_kept": False,
        "hurt": False,
    }
    assert step(response, "police").done == "Told, OCC-1: Monday 2 March 2026 at 09:01, by Olive Office"
    assert step(response, "trust_notice").done == "Read Monday 2 March 2026 at 09:02, by Tess Trust"


def test_the_head_s_reason_is_as_good_as_a_referral_and_an_earlier_one_is_none(world, client_of):
    world.incident(clauses=["U06"])
    referrals.refer(world.alex, by=world.olive, at=at("2026-03-02 08:55"), to="police", reference="OCC-1")
    later = world.incident("2026-03-02 08:58", clauses=["U06"])
    assert steps(client_of(world.hari).get(url(later)))["police"] is False
    referrals.do_not_refer(world.alex, by=world.hari, at=at("2026-03-02 09:01"), because="She asks for none.")
    assert step(client_of(world.hari).get(url(later)), "police").done.startswith("Not told, with a reason: Monday")


def test_told_and_kept_are_one_click_and_stay_done_on_return(world, client_of):
    incident, client = world.incident(), client_of(world.olive)
    for kind in ("head_told", "recording_kept"):
        assert client.post(url(incident, kind)).url == url(incident)
        client.post(url(incident, kind))
    response = client.get(url(incident))
    assert (steps(response)["head_told"], steps(response)["recording_kept"]) == (True, True)
    assert step(response, "head_told").done == ("The head has been told: Monday 2 March 2026 at 09:05, by Olive Office")
    assert Step.objects.count() == 2
    assert AuditRow.objects.filter(deed="take_step", about=incident.reference, by=world.olive).count() == 2


def test_it_asks_whether_anybody_was_hurt_until_that_is_answered(world, client_of):
    incident, client = world.incident(), client_of(world.olive)
    assert [way.words for way in step(client.get(url(incident)), "hurt").ways] == [
        "Nobody was hurt",
        "Somebody was hurt",
    ]
    client.post(url(incident, "nobody_hurt"))
    assert step(client.get(url(incident)), "hurt").done.startswith("Nobody was hurt: Monday 2 March 2026")
    told = {"name": "Mrs Oak", "what": "A wrist.", "treatment": "first_aid"}
    aftercare.record_injury(incident, by=world.olive, at=NOW, **told)
    assert step(client.get(url(incident)), "hurt").done == "An injury is recorded"


def test_it_offers_a_check_in_with_whoever_was_harmed(world, client_of):
    assert "check_in" not in steps(client_of(world.olive).get(url(world.incident())))
    incident = world.incident("2026-03-02 08:55", harmed=[world.sena])
    offered = step(client_of(world.olive).get(url(incident)), "check_in")
    assert (offered.title, offered.done) == ("Arrange a check-in with Sena Senior", "")
    day = aftercare.offered_day(world.school, NOW)
    aftercare.arrange_check_in(incident, by=world.olive, at=NOW, due_on=day, user=world.sena)
    assert step(client_of(world.olive).get(url(incident)), "check_in").done == "Arranged for Monday 9 March 2026"


def test_a_head_who_logged_it_or_was_there_is_not_told(world, client_of):
    client = client_of(world.olive)
    assert "head_told" not in steps(client.get(url(world.incident(by=world.hari))))
    assert "head_told" not in steps(client.get(url(world.incident(on_behalf_of=world.hari))))


@pytest.mark.parametrize("place", [key for key, _ in PLACES])
def test_what_to_keep_fits_the_place(world, client_of, place):
    response = client_of(world.olive).get(url(world.incident(place=place, clauses=["U03"])))
    assert step(response, "recording_kept").why == next_steps.RECORDINGS[place]


def test_who_was_there_is_named_for_the_account(world, client_of):
    incident = world.incident(on_behalf_of=world.sena, witnesses=["Pat Green"])
    account = step(client_of(world.olive).get(url(incident)), "account")
    assert account.why == "From Sena Senior or Pat Green, in their own words."


def test_somebody_not_known_is_to_be_found_out(world, client_of):
    stranger = world.person("", description="Tall man, red coat")
    response = client_of(world.olive).get(url(world.incident(subject=stranger)))
    assert [w.url for w in step(response, "identify").ways] == [reverse("person", args=[stranger.pk])]
    assert step(response, "own_account").title == "Speak to them, once it is known who it was"


# --- several people


@pytest.fixture
def two(world):
    parts = [Part(world.alex, ("U03",)), Part(world.person("Jo Brown"), ("U06",))]
    return inquiry.log_event(by=world.olive, at=NOW, parts=parts, place="site", narrative="Both shouted.")


def test_the_page_covers_each_and_what_is_done_once_holds_for_all(world, client_of, two):
    client = client_of(world.olive)
    response = client.get(url(two[0]))
    assert [str(a.incident.subject) for a in response.context["agendas"]] == ["Alex Marsh", "Jo Brown"]
    assert ("police" in steps(response, 0), "police" in steps(response, 1)) == (False, True)
    client.post(url(two[0], "head_told"))
    assert steps(client.get(url(two[1])))["head_told"] is True
    assert [s.incident for s in Step.objects.order_by("pk")] == two


def test_a_chair_sees_those_alone_that_were_put_before_them(world, client_of, two):
    response = client_of(world.cora).get(url(two[1]))
    assert [str(a.incident.subject) for a in response.context["agendas"]] == ["Jo Brown"]
    assert step(response, "head_told").ways == ()
    assert client_of(world.cora).get(url(two[0])).status_code == 404


def test_the_page_is_read_in_as_many_queries_for_one_as_for_three(world, client_of, django_assert_num_queries):
    client, one = client_of(world.olive), world.incident()
    with django_assert_num_queries(22):
        client.get(url(one))
    parts = [Part(world.person(f"Person {n}"), ("U03", "U05")) for n in range(3)]
    three = inquiry.log_event(by=world.olive, at=NOW, parts=parts, place="site", narrative="All shouted.")
    with django_assert_num_queries(24):  # an audit row more for each
        client.get(url(three[0]))


# --- what does not count


def test_nothing_is_to_be_done_about_an_incident_that_was_marked(world, client_of):
    incident = world.incident(clauses=["U06"], danger=True)
    amending.mark(incident, by=world.hari, at=NOW, kind="wrong", reason="Another person.")
    response = client_of(world.olive).get(url(incident))
    page = " ".join(response.content.decode().split())
    assert (steps(response), response.context["urgent"], response.context["left"]) == ({}, False, 0)
    assert "It does not count: logged wrongly. Nothing is to be done about it. The reason: Another person." in page
    assert ("ring 999 first" in page, 'id="shared"' in page) == (False, False)


def test_what_is_done_once_stays_to_be_done_for_the_others(world, client_of, two):
    amending.mark(two[0], by=world.hari, at=NOW, kind="wrong", reason="Another person.")
    response = client_of(world.olive).get(url(two[0]))
    assert [bool(a.steps) for a in response.context["agendas"]] == [False, True]
    assert step(response, "recording_kept").ways[-1].url == reverse(
        "evidence_add", args=[two[1].in_case.case.reference, two[1].reference]
    )


# --- who may


@pytest.mark.parametrize("who", ["cora", "adam", "gail", "rita", "sid", "tess"])
def test_nobody_but_staff_says_that_something_is_done(world, client_of, who):
    incident = world.incident(clauses=["U05"])
    assert client_of(getattr(world, who)).post(url(incident, "head_told")).status_code == 404
    with pytest.raises(Refused):
        inquiry.take_step(incident, by=getattr(world, who), at=NOW, kind="head_told")
    assert not Step.objects.exists()


def test_an_unknown_step_and_an_incident_elsewhere_are_not_found(world, make_world, client_of):
    incident = world.incident()
    assert client_of(world.olive).post(url(incident, "nothing")).status_code == 404
    assert client_of(make_world("oakmoor").olive).get(url(incident)).status_code == 404


def test_a_look_at_it_is_in_the_audit(world, client_of, two):
    client_of(world.olive).get(url(two[0]))
    looks = AuditRow.objects.filter(deed="look", by=world.olive).values_list("about", flat=True)
    assert {i.reference for i in two} <= set(looks)
