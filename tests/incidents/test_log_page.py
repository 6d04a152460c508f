"""The page on which an incident is logged."""

from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError
from django.urls import reverse

from conduct.models import Adoption, AuditRow, Person, Pupil
from incidents.models import Incident
from sanctions import inquiry
from sanctions.views import log
from tests.factories import World, at

NOW = at("2026-03-02 08:57")


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


def answers(**changed):
    """The form as a browser sends it; None takes an answer out."""
    usual = {
        "token": str(uuid4()),
        "narrative": "Came to the counter. Said “I will be waiting for you outside” twice.",
        "clauses": ["U03", "U05"],
        "place": "site",
        "occurred_on": "2026-03-02",
        "occurred_time": "08:50",
        **changed,
    }
    return {name: value for name, value in usual.items() if value is not None}


def next_page(incident):
    return reverse("what_next", args=[incident.in_case.case.reference, incident.reference])


def text(response):
    return response.content.decode()


def errors(response):
    return {field: list(found) for field, found in response.context["form"].errors.items()}


# --- who may


@pytest.mark.parametrize("who", ["olive", "sena", "hari"])
def test_staff_may_log(world, client_of, who):
    assert client_of(getattr(world, who)).get(reverse("log")).status_code == 200


@pytest.mark.parametrize("who", ["cora", "tess", "adam", "gail", "rita", "sid"])
def test_nobody_else_finds_the_page_or_saves_on_it(world, client_of, who):
    client = client_of(getattr(world, who))
    assert client.get(reverse("log")).status_code == 404
    assert client.post(reverse("log"), answers(person=world.alex.pk)).status_code == 404
    assert not Incident.objects.exists()


# --- the four answers


def test_day_time_and_site_are_filled_in_and_the_usual_clauses_come_first(world, client_of):
    form = client_of(world.olive).get(reverse("log")).context["form"]
    assert (str(form["occurred_on"].value()), form["occurred_time"].value(), form["place"].value()) == (
        "2026-03-02",
        "08:57",
        "site",
    )
    assert [box.clause.id for box in form.common_boxes] == list(form.pack.common)
    others = [box.clause.id for _, boxes in form.other_groups for box in boxes]
    assert sorted([*form.pack.common, *others]) == sorted(c.id for c in form.pack.clause_list())


def test_four_answers_make_an_incident_and_lead_to_what_happens_next(world, client_of):
    response = client_of(world.olive).post(reverse("log"), answers(person=world.alex.pk))
    incident = Incident.objects.get()
    assert response.status_code == 302
    assert response.url == next_page(incident)
    assert (incident.subject, incident.logged_by, incident.place, incident.severity) == (
        world.alex,
        world.olive,
        "site",
        "serious",
    )
    assert (incident.occurred_at, incident.logged_at) == (at("2026-03-02 08:50"), NOW)
    assert incident.clause_ids == ["U03", "U05"]


def test_the_message_says_that_it_is_saved(world, client_of):
    client = client_of(world.olive)
    response = client.post(reverse("log"), answers(person=world.alex.pk, clauses=["U06"]))
    assert [str(m) for m in response.wsgi_request._messages] == ["I-2026-0001 is saved."]


def test_what_else_is_known_is_kept_with_the_incident(world, client_of):
    more = {
        "severity": "criminal",
        "ended_interaction": "on",
        "asked_to_leave": "on",
        "danger": "on",
        "within_exception": "on",
        "harmed": [world.sena.pk],
        "witnesses": "Pat Green\n\n  Jo   Brown ",
    }
    client_of(world.olive).post(reverse("log"), answers(person=world.alex.pk, **more))
    incident = Incident.objects.get()
    assert incident.severity == "criminal"
    assert incident.ended_interaction
    assert incident.asked_to_leave
    assert incident.danger
    assert incident.within_exception
    assert list(incident.harmed.all()) == [world.sena]
    assert [w.name for w in incident.witnesses.order_by("pk")] == ["Pat Green", "Jo Brown"]


def test_each_missing_answer_is_asked_for_and_everything_typed_stays(world, client_of):
    typed = answers(narrative="", clauses=None, place="", occurred_on="", occurred_time="", witnesses="Pat Green")
    response = client_of(world.olive).post(reverse("log"), typed)
    assert response.status_code == 422
    assert set(errors(response)) == {"who", "narrative", "clauses", "place", "occurred_on", "occurred_time"}
    assert "Pat Green" in text(response)
    assert not Incident.objects.exists()


def test_bad_input_comes_back_with_every_answer_still_in_it(world, client_of):
    typed = answers(
        person=world.alex.pk, narrative="He shouted.", occurred_on="2/13/2026", severity="serious", witnesses="Pat Green",
        harmed=[world.sena.pk], asked_to_leave="on", clauses=["U28", "U03"], place="email",
    )  # fmt: skip
    response = client_of(world.olive).post(reverse("log"), typed)
    form, page = response.context["form"], text(response)
    assert errors(response) == {"occurred_on": ["Write the day as 2/3/2026."]}
    assert form.picked_name == "Alex Marsh"
    assert {n: form[n].value() for n in ("narrative", "severity", "witnesses", "place", "occurred_on")} == {
        "narrative": "He shouted.",
        "severity": "serious",
        "witnesses": "Pat Green",
        "place": "email",
        "occurred_on": "2/13/2026",
    }
    assert form.ticked == ["U28", "U03"]
    assert form.others_ticked
    assert 'data-picked="Alex Marsh"' in page
    assert f'<input type="hidden" name="token" value="{typed["token"]}"' in page


def test_what_is_still_to_come_is_refused_at_the_field(world, client_of):
    client = client_of(world.olive)
    later = client.post(reverse("log"), answers(person=world.alex.pk, occurred_time="08:58"))
    tomorrow = client.post(reverse("log"), answers(person=world.alex.pk, occurred_on="2026-03-03"))
    assert errors(later) == {
        "occurred_time": ["This time is still to come. Incidents are logged once they have happened."]
    }
    assert errors(tomorrow) == {
        "occurred_on": ["This day is still to come. Incidents are logged once they have happened."]
    }
    assert client.post(reverse("log"), answers(person=world.alex.pk, occurred_time="08:57")).status_code == 302


def test_a_year_typed_wrongly_is_asked_about(world, client_of):
    response = client_of(world.olive).post(reverse("log"), answers(person=world.alex.pk, occurred_on="0026-03-02"))
    assert errors(response) == {"occurred_on": ["This is too long ago: check the year."]}


def test_the_time_typed_is_london_time(world, client_of):
    with time_machine.travel(at("2026-06-01 12:00"), tick=False):
        typed = answers(person=world.alex.pk, occurred_on="2026-06-01", occurred_time="08:50")
        client_of(world.olive).post(reverse("log"), typed)
    assert Incident.objects.get().occurred_at.isoformat() == "2026-06-01T07:50:00+00:00"


# --- who it was


def test_typed_words_without_a_choice_bring_the_people_they_may_mean(world, client_of):
    world.person("Alec Mars", relation="visitor")
    response = client_of(world.olive).post(reverse("log"), answers(who="Alex Marsh"))
    assert response.status_code == 422
    assert [p.name for p in response.context["form"].candidates] == ["Alex Marsh", "Alec Mars"]
    assert errors(response) == {"who": ["Which of these is it? Choose one, or say that it is somebody else."]}
    assert 'name="which_for"' in text(response)
    assert not Incident.objects.exists()


def test_one_exact_name_is_still_asked_about(world, client_of):
    response = client_of(world.olive).post(reverse("log"), answers(who="alex marsh"))
    assert [p.name for p in response.context["form"].candidates] == ["Alex Marsh"]
    assert not Incident.objects.exists()


def test_the_one_chosen_among_them_is_the_subject(world, client_of):
    typed = answers(who="Alex Marsh", which=world.alex.pk, which_for="Alex Marsh")
    client_of(world.olive).post(reverse("log"), typed)
    assert Incident.objects.get().subject == world.alex


def test_a_choice_made_for_other_words_does_not_count(world, client_of):
    world.person("Jo Brown")
    typed = answers(who="Jo Brown", which=world.alex.pk, which_for="Alex Marsh")
    response = client_of(world.olive).post(reverse("log"), typed)
    assert [p.name for p in response.context["form"].candidates] == ["Jo Brown"]
    assert not Incident.objects.exists()


def test_the_one_picked_wins_over_the_words(world, client_of):
    jo = world.person("Jo Brown")
    client_of(world.olive).post(reverse("log"), answers(who="Alex Marsh", person=jo.pk))
    assert Incident.objects.get().subject == jo


def test_somebody_new_is_added_with_their_child(world, client_of):
    new = {"new_name": "  Jo  Brown ", "new_relation": "carer", "new_pupil": "robin marsh", "new_year": "Year 4"}
    client_of(world.olive).post(reverse("log"), answers(person="new", who="Jo", **new))
    person = Incident.objects.get().subject
    assert (person.name, person.relation, person.school) == ("Jo Brown", "carer", world.school)
    assert [p.name for p in person.pupils.all()] == ["Robin Marsh"]
    assert Pupil.objects.count() == 1
    assert AuditRow.objects.filter(deed="add_person", about=f"person {person.pk}", by=world.olive).count() == 1


def test_without_script_filling_in_a_new_name_is_enough(world, client_of):
    client_of(world.olive).post(reverse("log"), answers(new_name="Jo Brown", new_relation="visitor"))
    assert Incident.objects.get().subject.name == "Jo Brown"


def test_a_new_name_beside_words_that_mean_somebody_is_asked_about(world, client_of):
    response = client_of(world.olive).post(reverse("log"), answers(who="Alex", new_name="Alex Marshall"))
    assert [p.name for p in response.context["form"].candidates] == ["Alex Marsh"]
    assert Person.objects.count() == 1


def test_somebody_unknown_is_described(world, client_of):
    client_of(world.olive).post(reverse("log"), answers(person="unknown", description="Tall man, red coat"))
    person = Incident.objects.get().subject
    assert (person.name, person.description, str(person)) == ("", "Tall man, red coat", "Not known: Tall man, red coat")


@pytest.mark.parametrize(
    ("choice", "field", "words"),
    [("new", "new_name", "Give their name."), ("unknown", "description", "Describe them.")],
)
def test_a_new_or_unknown_person_is_named_or_described(world, client_of, choice, field, words):
    response = client_of(world.olive).post(reverse("log"), answers(person=choice))
    assert errors(response) == {field: [words]}
    assert Person.objects.count() == 1


def test_words_that_mean_nobody_say_what_to_do(world, client_of):
    response = client_of(world.olive).post(reverse("log"), answers(who="Zebedee Quux"))
    assert errors(response) == {"who": ["Nobody on the list is called that. Add them, or describe them."]}


@pytest.mark.parametrize("strange", ["999999", "x", "٣", "-1"])
def test_a_person_who_is_not_of_the_school_is_chosen_again(world, client_of, strange):
    response = client_of(world.olive).post(reverse("log"), answers(person=strange))
    assert errors(response) == {"who": ["This person is not on the list of the school: choose again."]}
    assert response.context["form"].picked == ""


def test_a_person_of_another_school_cannot_be_logged_about(world, make_world, client_of):
    other = World("sholing")
    response = client_of(world.olive).post(reverse("log"), answers(person=other.alex.pk))
    assert errors(response) == {"who": ["This person is not on the list of the school: choose again."]}
    assert "Alex Marsh" not in text(client_of(world.olive).get(reverse("log"), {"person": other.alex.pk}))
    assert not Incident.objects.exists()


def test_a_person_s_page_can_name_them_beforehand(world, client_of):
    form = client_of(world.olive).get(reverse("log"), {"person": world.alex.pk}).context["form"]
    assert (form.picked, form.picked_name) == (str(world.alex.pk), "Alex Marsh")


# --- once


def test_the_same_form_sent_twice_makes_one_incident_and_one_person(world, client_of):
    client, typed = client_of(world.olive), answers(person="new", new_name="Jo Brown")
    first, second = client.post(reverse("log"), typed), client.post(reverse("log"), typed)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.url == second.url
    assert (Incident.objects.count(), Person.objects.filter(name="Jo Brown").count()) == (1, 1)
    assert "saved already, once, as I-2026-0001" in str(list(second.wsgi_request._messages)[-1])


def test_a_sending_that_loses_the_race_leads_to_what_the_other_made(world, client_of, monkeypatch):
    typed = answers(person=world.alex.pk)

    def too_late():
        world.incident("2026-03-02 08:50", token=typed["token"])
        raise IntegrityError

    monkeypatch.setattr(log, "transaction", SimpleNamespace(atomic=too_late))
    response = client_of(world.olive).post(reverse("log"), typed)
    assert response.url == next_page(Incident.objects.get())


def test_another_error_of_the_database_is_not_taken_for_a_second_sending(world, client_of, monkeypatch):
    def broken(**told):
        raise IntegrityError

    monkeypatch.setattr(inquiry, "log_incident", broken)
    with pytest.raises(IntegrityError):
        client_of(world.olive).post(reverse("log"), answers(person="new", new_name="Jo Brown"))
    assert not Person.objects.filter(name="Jo Brown").exists()


def test_a_spoilt_token_is_replaced(world, client_of):
    assert client_of(world.olive).post(reverse("log"), answers(person=world.alex.pk, token="x")).status_code == 302
    assert Incident.objects.get().token is not None


# --- refusals


def test_a_severity_below_the_usual_is_refused_and_nobody_is_added(world, client_of):
    typed = answers(person="new", new_name="Jo Brown", severity="minor")
    response = client_of(world.olive).post(reverse("log"), typed)
    assert response.status_code == 422
    assert [r.rule for r in response.context["refusals"]] == ["not-permitted"]
    assert "These clauses are usually serious" in text(response)
    assert "Jo Brown" in text(response)
    assert (Person.objects.count(), Incident.objects.count()) == (1, 0)


def test_a_clause_that_the_policy_of_that_day_does_not_hold_is_refused_and_can_be_unticked(world, client_of):
    Adoption.objects.create(school=world.school, pack_key="oakmoor", starts_on=date(2026, 3, 1))
    typed = answers(person=world.alex.pk, clauses=["U07"], occurred_on="2026-02-27")
    response = client_of(world.olive).post(reverse("log"), typed)
    assert [r.rule for r in response.context["refusals"]] == ["not-in-pack"]
    form = response.context["form"]
    assert form.pack.key == "sholing"
    assert [box.clause.id for box in form.common_boxes if box.ticked] == ["U07"]


def test_a_clause_that_is_none_is_a_mistake_at_the_field(world, client_of):
    response = client_of(world.olive).post(reverse("log"), answers(person=world.alex.pk, clauses=["U99"]))
    assert errors(response) == {"clauses": ["One of these is no part of the code: tick again."]}


def test_only_those_who_work_at_the_school_can_be_harmed(world, client_of):
    stranger = World("sholing").sena
    response = client_of(world.olive).post(reverse("log"), answers(person=world.alex.pk, harmed=[stranger.pk]))
    assert errors(response) == {"harmed": ["One of these does not work at the school: choose again."]}


def test_the_program_says_that_it_added_the_breach_of_the_ban(world, client_of):
    world.confirmed()
    with time_machine.travel(at("2026-04-20 09:00"), tick=False):
        typed = answers(person=world.alex.pk, clauses=["U03"], occurred_on="2026-04-20", occurred_time="08:50")
        response = client_of(world.olive).post(reverse("log"), typed)
    said = str(list(response.wsgi_request._messages)[-1])
    assert said.endswith("is saved. They were on the site while banned: U35 was added.")


def test_a_name_too_long_among_the_witnesses_is_pointed_out(world, client_of):
    response = client_of(world.olive).post(reverse("log"), answers(person=world.alex.pk, witnesses="x" * 121))
    assert list(errors(response)) == ["witnesses"]


def test_the_page_asks_the_database_the_same_whatever_the_school_holds(world, client_of, django_assert_num_queries):
    client = client_of(world.olive)
    with django_assert_num_queries(9):
        client.get(reverse("log"))
    for name in ("Ann", "Ben", "Cid"):
        world.person(name)
        world.hire("office", name)
    with django_assert_num_queries(9):
        client.get(reverse("log"))


# --- what was said online


def test_a_post_asks_whether_it_is_only_criticism_and_keeps_what_was_typed(world, client_of):
    client, told = client_of(world.olive), answers(person=world.alex.pk, clauses=["U21"], place="social_media")
    response = client.post(reverse("log"), told)
    assert (response.status_code, list(errors(response))) == (422, ["online_is"])
    assert response.context["form"]["narrative"].value() == told["narrative"]
    client.post(reverse("log"), told | {"online_is": "criticism"})
    assert Incident.objects.get().online_is == "criticism"
