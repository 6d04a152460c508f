"""Several people in one report, and a report for somebody else: who is logged, who is named, who is not."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from conduct.models import AuditRow, Person
from incidents.models import Draft, Incident
from sanctions import contents, inquiry
from sanctions.inquiry import Part
from sanctions.situation import read_case, sole_reporters
from sanctions.standing import Refused
from tests.factories import at

NOW = at("2026-03-02 08:57")


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def jo(world):
    return world.person("Jo Brown", pupils=["Sam Brown"])


def report(world, **more):
    return {
        "token": str(uuid4()),
        "person": world.alex.pk,
        "narrative": "Both came to the counter and shouted.",
        "clauses": ["U03", "U05"],
        "place": "site",
        "occurred_on": "2026-03-02",
        "occurred_time": "08:50",
        **more,
    }


def logged():
    return list(Incident.objects.order_by("pk"))


def errors(response, number=1):
    [form] = [each for each in response.context["form"].also if each.number == number]
    return {field: list(found) for field, found in form.errors.items()}


# --- several people


def test_two_people_in_one_report_are_two_incidents_and_two_cases_of_one_event(world, client_of, jo):
    told = report(world, **{"also-1-person": jo.pk})
    response = client_of(world.olive).post(reverse("log"), told)
    first, second = logged()
    assert [(i.subject, i.clause_ids, i.narrative) for i in (first, second)] == [
        (world.alex, ["U03", "U05"], "Both came to the counter and shouted."),
        (jo, ["U03", "U05"], "Both came to the counter and shouted."),
    ]
    assert str(first.token) == told["token"]
    assert first.event == second.event == first.token
    assert first.in_case.case != second.in_case.case
    assert response.url == reverse("what_next", args=[first.in_case.case.reference, first.reference])
    assert [str(m) for m in response.wsgi_request._messages] == ["I-2026-0001 and I-2026-0002 are saved."]


def test_one_person_alone_is_no_event(world, client_of):
    client_of(world.olive).post(reverse("log"), report(world))
    assert Incident.objects.get().event is None


def test_what_they_are_said_to_have_broken_may_differ(world, client_of, jo):
    others = {"also-1-person": jo.pk, "also-1-clauses": ["U01"], "also-2-who": "not known: red coat"}
    told = report(world, severity="criminal", **others)
    client_of(world.olive).post(reverse("log"), told)
    assert [(i.clause_ids, i.severity) for i in logged()] == [
        (["U03", "U05"], "criminal"),
        (["U01"], "minor"),
        (["U03", "U05"], "criminal"),
    ]


def test_an_exception_to_a_ban_is_each_one_s_own(world, client_of, jo):
    told = report(world, **{"also-1-person": jo.pk, "also-1-within_exception": "on"})
    client_of(world.olive).post(reverse("log"), told)
    assert [i.within_exception for i in logged()] == [False, True]


def test_a_new_and_an_unknown_person_may_be_among_them(world, client_of):
    new = {"also-1-person": "new", "also-1-new_name": "Jo Brown", "also-1-new_pupil": "Sam Brown"}
    unknown = {"also-3-who": "Not known: tall man, red coat"}
    client_of(world.olive).post(reverse("log"), report(world, **new, **unknown))
    assert [str(i.subject) for i in logged()] == ["Alex Marsh", "Jo Brown", "Not known: tall man, red coat"]


@pytest.mark.parametrize(
    "words", ["not known: tall man, red coat", "Not known, tall man, red coat", "UNKNOWN tall man, red coat"]
)
def test_somebody_not_known_is_taken_from_the_typed_words(world, client_of, words):
    client_of(world.olive).post(reverse("log"), report(world, person="", who=words))
    person = Incident.objects.get().subject
    assert (person.name, person.description) == ("", "tall man, red coat")


def test_not_known_without_a_description_asks_for_one(world, client_of):
    response = client_of(world.olive).post(reverse("log"), report(world, person="", who="not known"))
    assert list(response.context["form"].errors) == ["who"]
    assert not Incident.objects.exists()


def test_nobody_is_logged_twice_in_one_report(world, client_of):
    response = client_of(world.olive).post(reverse("log"), report(world, **{"also-1-person": world.alex.pk}))
    assert response.status_code == 422
    words = "Alex Marsh is named above already: choose somebody else, or take them out."
    assert errors(response) == {"who": [words]}
    assert f"Who else was part of it? – {words}" in response.content.decode()
    assert not Incident.objects.exists()


def test_one_written_down_twice_is_one(world, client_of):
    double = world.person("Alec Marsh", identity=world.alex)
    response = client_of(world.olive).post(reverse("log"), report(world, **{"also-1-person": double.pk}))
    assert list(errors(response)) == ["who"]


def test_another_person_left_open_is_asked_about_and_everything_typed_stays(world, client_of):
    told = report(world, **{"also-2-who": "", "also-2-clauses": ["U01"]})
    response = client_of(world.olive).post(reverse("log"), told)
    assert errors(response, 2) == {"who": ["Say who it was: choose somebody, add them, or describe them."]}
    assert response.context["form"].also[0].ticked == ["U01"]
    assert 'href="#id_also-2-who"' in response.content.decode()


def test_a_person_of_another_school_is_none_here(world, make_world, client_of):
    stranger = make_world("oakmoor").alex
    response = client_of(world.olive).post(reverse("log"), report(world, **{"also-1-person": stranger.pk}))
    assert errors(response) == {"who": ["This person is not on the list of the school: choose again."]}


def test_what_one_of_them_said_online_is_asked_about_too(world, client_of, jo):
    told = report(world, **{"also-1-person": jo.pk, "also-1-clauses": ["U21"]})
    response = client_of(world.olive).post(reverse("log"), told)
    assert list(response.context["form"].errors) == ["online_is"]


def test_sent_twice_it_makes_each_incident_and_each_person_once(world, client_of):
    client = client_of(world.olive)
    told = report(world, **{"also-1-person": "new", "also-1-new_name": "Jo Brown", "also-2-who": "not known: red coat"})
    first, second = client.post(reverse("log"), told), client.post(reverse("log"), told)
    assert first.url == second.url
    assert (Incident.objects.count(), Person.objects.count()) == (3, 3)
    assert "saved already, once, as I-2026-0001, I-2026-0002 and I-2026-0003" in str(
        list(second.wsgi_request._messages)[-1]
    )


def test_refused_for_one_it_is_saved_for_nobody(world, jo):
    parts = [Part(world.alex, ("U03",)), Part(jo, ("U99x",))]
    told = {"place": "site", "narrative": "Both shouted."}
    with pytest.raises(Refused):
        inquiry.log_event(by=world.olive, at=NOW, parts=parts, **told)
    assert not Incident.objects.exists()


def test_the_incident_s_page_names_the_others_as_far_as_they_may_be_seen(world, client_of, jo):
    client = client_of(world.olive)
    client.post(reverse("log"), report(world, **{"also-1-person": jo.pk}))
    first, second = logged()
    url = reverse("incident", args=[first.in_case.case.reference, first.reference])
    assert list(client.get(url).context["logged_with"]) == [second]
    first.in_case.case.__class__.objects.update(put_before_chair_at=None)
    inquiry.cases.show_to_chair(first.in_case.case, by=world.hari, at=NOW, why="Look.")
    assert list(client_of(world.cora).get(url).context["logged_with"]) == []


SAVING = {1: 67, 3: 145}  # 39 for each


@pytest.mark.parametrize("people", [1, 3])
def test_saving_asks_the_database_so_often(world, client_of, django_assert_num_queries, people):
    client = client_of(world.olive)
    others = {f"also-{n}-person": world.person(f"Person {n}").pk for n in range(1, people)}
    told = report(world, **others)
    with django_assert_num_queries(SAVING[people]):
        client.post(reverse("log"), told)
    assert Incident.objects.count() == people


# --- for somebody else


def test_the_true_witness_is_kept_and_shown(world, client_of):
    client = client_of(world.olive)
    client.post(reverse("log"), report(world, on_behalf_of=world.sena.pk))
    incident = Incident.objects.get()
    assert (incident.logged_by, incident.on_behalf_of, incident.told_by) == (world.olive, world.sena, "Sena Senior")
    page = client.get(reverse("incident", args=[incident.in_case.case.reference, incident.reference]))
    assert "Sena Senior, for whom Olive Office wrote it down" in page.content.decode()
    assert AuditRow.objects.get(deed="log_incident").changes["on_behalf_of"] == "Sena Senior"


def test_somebody_without_an_account_is_kept_by_name(world, client_of):
    client_of(world.olive).post(reverse("log"), report(world, on_behalf_name=" Dana Dinner "))
    assert Incident.objects.get().told_by == "Dana Dinner"


def test_one_of_the_two_and_nobody_from_elsewhere(world, make_world, client_of):
    client = client_of(world.olive)
    both = client.post(reverse("log"), report(world, on_behalf_of=world.sena.pk, on_behalf_name="Dana Dinner"))
    assert list(both.context["form"].errors) == ["on_behalf_name"]
    stranger = make_world("oakmoor").sena
    assert list(client.post(reverse("log"), report(world, on_behalf_of=stranger.pk)).context["form"].errors) == [
        "on_behalf_of"
    ]
    myself = client.post(reverse("log"), report(world, on_behalf_of=world.olive.pk))
    assert list(myself.context["form"].errors) == ["on_behalf_of"]


def test_both_who_wrote_it_down_and_who_was_there_reported_it(world):
    incident = world.incident(on_behalf_of=world.hari)
    assert sole_reporters([incident]) == {world.olive.pk, world.hari.pk}
    situation = read_case(incident.in_case.case, by=world.hari, at=NOW)
    assert world.hari.pk in situation.sole_reporters


@pytest.mark.parametrize(("by", "alone"), [("olive", True), ("hari", True), ("sena", False)])
def test_only_the_account_of_a_third_frees_them(world, by, alone):
    incident = world.incident(on_behalf_of=world.hari)
    inquiry.record_account(incident, by=getattr(world, by), at=NOW, of="staff", text="I saw it.")
    assert bool(sole_reporters([incident])) is alone


# --- in letters


def barred_names(incident, world):
    """Whom the letter about the incident's case may not name."""
    decision = SimpleNamespace(by=world.hari, terms=None)
    told = SimpleNamespace(case=incident.in_case.case, decision=decision, signs=world.hari)
    return contents.third_parties(told)


def test_a_letter_to_one_does_not_name_the_others(world, jo):
    parts = [Part(world.alex, ("U03",)), Part(jo, ("U03",))]
    first, second = inquiry.log_event(by=world.olive, at=NOW, parts=parts, place="site", narrative="Both shouted.")
    assert barred_names(first, world) == {"Jo Brown", "Sam Brown"}
    assert barred_names(second, world) == {"Alex Marsh", "Robin Marsh"}


def test_a_person_s_other_row_is_no_third_party(world):
    parts = [Part(world.alex, ("U03",)), Part(world.person("Alec Marsh", identity=world.alex), ("U03",))]
    first, second = inquiry.log_event(by=world.olive, at=NOW, parts=parts, place="site", narrative="Shouted.")
    assert (barred_names(first, world), barred_names(second, world)) == (set(), set())


def test_a_letter_does_not_name_somebody_of_another_event(world, jo):
    first = world.incident()
    world.incident(subject=jo)
    assert barred_names(first, world) == {"Sam Brown"}


def test_a_letter_does_not_name_those_who_reported_it(world):
    incident = world.incident(on_behalf_of=world.sena)
    assert barred_names(incident, world) == {"Sena Senior"}
    world.incident(on_behalf_name="Dana Dinner")
    assert barred_names(incident, world) == {"Sena Senior", "Dana Dinner"}


def test_whoever_signs_may_be_named_though_they_reported_it(world):
    assert barred_names(world.incident(on_behalf_of=world.hari), world) == set()


def test_a_draft_of_several_goes_with_all_of_them(world, client_of, jo):
    client = client_of(world.olive)
    told = report(world, **{"also-1-person": jo.pk})
    client.post(reverse("log_draft"), told)
    client.post(reverse("log"), told)
    assert (Incident.objects.count(), Draft.objects.count()) == (2, 0)
