"""What somebody has begun to log: theirs alone, at one school, until it is saved or thrown away."""

from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from conduct.models import AuditRow, KeptFile, Membership
from incidents import drafts
from incidents.models import Draft, DraftFile, Incident
from tests.factories import World, at

NOW = at("2026-03-02 08:57")
SEEN = "Came to the counter and would not go."


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


def typed(**more):
    return {"token": str(uuid4()), "narrative": SEEN, "who": "alex", "place": "site", **more}


def keep(client, **more):
    answers = typed(**more)
    return client.post(reverse("log_draft"), answers), answers


def test_what_is_typed_is_kept_and_the_answer_says_when(world, client_of):
    response, answers = keep(client_of(world.olive), clauses=["U03", "U05"], csrfmiddlewaretoken="x", strange="y")
    draft = Draft.objects.get()
    assert response.json() == {"kept": "08:57"}
    assert (draft.by, draft.school, str(draft.token), draft.saved_at) == (
        world.olive,
        world.school,
        answers["token"],
        NOW,
    )
    assert draft.answers == {
        "token": [answers["token"]],
        "narrative": [SEEN],
        "who": ["alex"],
        "place": ["site"],
        "clauses": ["U03", "U05"],
    }


def test_kept_again_it_is_the_same_draft(world, client_of):
    client = client_of(world.olive)
    _, answers = keep(client)
    keep(client, token=answers["token"], narrative="More.")
    assert [d.answers["narrative"] for d in Draft.objects.all()] == [["More."]]


def test_an_empty_form_leaves_no_draft_but_emptying_one_is_kept(world, client_of):
    client = client_of(world.olive)
    response, answers = keep(client, narrative=" ", who="")
    assert (response.json(), Draft.objects.count()) == ({"kept": ""}, 0)
    keep(client, token=answers["token"])
    keep(client, token=answers["token"], narrative="", who="")
    assert Draft.objects.get().answers["narrative"] == [""]


def test_going_on_brings_back_every_answer(world, client_of):
    client = client_of(world.olive)
    more = {
        "person": world.alex.pk,
        "clauses": ["U28", "U03"],
        "occurred_on": "2026-02-27",
        "occurred_time": "15:20",
        "place": "email",
        "severity": "serious",
        "danger": "on",
        "harmed": [world.sena.pk],
        "witnesses": "Pat Green",
        "on_behalf_of": world.sena.pk,
        "also-2-description": "Tall man, red coat",
        "also-2-clauses": ["U01"],
    }
    _, answers = keep(client, **more)
    response = client.get(reverse("log"), {"draft": answers["token"]})
    form = response.context["form"]
    assert (str(form["token"].value()), form.picked_name) == (answers["token"], "Alex Marsh")
    shown = {name: form[name].value() for name in ("narrative", "occurred_on", "occurred_time", "place", "severity")}
    assert shown == {
        "narrative": SEEN,
        "occurred_on": "2026-02-27",
        "occurred_time": "15:20",
        "place": "email",
        "severity": "serious",
    }
    assert (form.ticked, form["harmed"].value(), form["witnesses"].value()) == (
        ["U28", "U03"],
        [str(world.sena.pk)],
        "Pat Green",
    )
    assert (form["danger"].value(), bool(form["asked_to_leave"].value())) == ("on", False)
    [other] = form.also
    assert (other.number, other["description"].value(), other.ticked) == (2, "Tall man, red coat", ["U01"])
    assert "Saved as a draft 08:57" in response.content.decode()


def test_a_draft_is_nobody_else_s(world, client_of):
    _, answers = keep(client_of(world.olive))
    other = client_of(world.sena)
    assert keep(other, token=answers["token"])[0].status_code == 404
    assert SEEN not in other.get(reverse("log"), {"draft": answers["token"]}).content.decode()
    assert SEEN not in other.get("/").content.decode()
    assert other.post(reverse("log_discard", args=[answers["token"]])).status_code == 404
    told = typed(person=world.alex.pk, clauses=["U03"], token=answers["token"])
    told |= {"occurred_on": "2026-03-02", "occurred_time": "08:50"}
    assert other.post(reverse("log"), told).status_code == 404
    assert (Draft.objects.get().by, Incident.objects.count()) == (world.olive, 0)


def test_a_draft_belongs_to_one_school(world, client_of):
    other = World("oakmoor", trust=world.school.trust)
    Membership.objects.create(user=world.olive, role="office", school=other.school, starts_on="2000-01-01")
    client = client_of(world.olive)
    _, answers = keep(client)
    elsewhere = other.school if client.get("/").wsgi_request.school == world.school else world.school
    client.post(reverse("switch_school"), {"school": elsewhere.slug})
    assert keep(client, token=answers["token"])[0].status_code == 404
    assert client.get(reverse("log")).context["drafts"] == []


@pytest.mark.parametrize("who", ["cora", "adam", "gail"])
def test_only_who_may_log_keeps_drafts(world, client_of, who):
    assert keep(client_of(getattr(world, who)))[0].status_code == 404
    assert not Draft.objects.exists()


def test_a_token_that_is_none_is_not_found(world, client_of):
    assert keep(client_of(world.olive), token="x")[0].status_code == 404


def test_too_much_is_said_to_be_too_much(world, client_of):
    response, _ = keep(client_of(world.olive), narrative="x" * drafts.LONGEST)
    assert (response.status_code, Draft.objects.count()) == (413, 0)


def test_a_form_opened_by_another_user_of_the_computer_is_neither_kept_nor_saved(world, client_of):
    client = client_of(world.sena)
    mine = {"as_user": world.olive.pk}
    assert keep(client, **mine)[0].status_code == 409
    response = client.post(reverse("log"), typed(person=world.alex.pk, clauses=["U03"], **mine))
    assert response.status_code == 409
    assert (Draft.objects.count(), Incident.objects.count()) == (0, 0)


def test_a_form_whose_session_has_ended_leads_to_signing_in_and_back(world, client):
    told = typed(at_school=world.school.slug)
    response = client.post(f"{reverse('log')}?draft={told['token']}", told)
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))
    assert told["token"] in response.url


# --- saved


def saved(client, world, **more):
    told = typed(person=world.alex.pk, occurred_on="2026-03-02", occurred_time="08:50", **{"clauses": ["U03"], **more})
    return client.post(reverse("log"), told), told


def test_saving_the_incident_ends_its_draft_alone(world, client_of):
    client = client_of(world.olive)
    _, mine = keep(client)
    keep(client)
    response, _ = saved(client, world, token=mine["token"])
    assert response.status_code == 302
    assert (Incident.objects.count(), Draft.objects.count()) == (1, 1)
    assert not Draft.objects.filter(token=mine["token"]).exists()


def test_an_incident_that_is_refused_keeps_its_draft(world, client_of):
    client = client_of(world.olive)
    _, mine = keep(client)
    response, _ = saved(client, world, token=mine["token"], clauses=["U05"], severity="minor")
    assert response.status_code == 422
    assert Draft.objects.filter(token=mine["token"]).exists()


def test_what_comes_late_makes_no_draft_of_a_saved_incident(world, client_of):
    client = client_of(world.olive)
    response, told = saved(client, world)
    assert keep(client, token=told["token"])[0].json() == {"saved": response.url}
    assert not Draft.objects.exists()


def test_the_form_of_a_saved_incident_leads_to_it(world, client_of):
    client = client_of(world.olive)
    response, told = saved(client, world)
    assert client.get(reverse("log"), {"draft": told["token"]}).url == response.url


# --- later, thrown away


def test_finish_later_keeps_it_and_today_and_the_log_page_list_it(world, client_of):
    client = client_of(world.olive)
    told = typed(person=world.alex.pk, later="1")
    assert client.post(reverse("log"), told).url == "/"
    needs = [row["need"] for row in client.get("/").context["rows"]]
    assert [(n.title, n.about, n.why, n.url) for n in needs] == [
        ("Finish later: what you began to log", "Alex Marsh", SEEN, f"/log/?draft={told['token']}")
    ]
    assert [(d.who, d.what) for d in client.get(reverse("log")).context["drafts"]] == [("Alex Marsh", SEEN)]


def test_drafts_are_listed_with_the_same_queries_however_many_there_are(world, client_of, django_assert_num_queries):
    client = client_of(world.olive)
    keep(client, person=world.alex.pk)
    with django_assert_num_queries(10):
        client.get(reverse("log"))
    for name in ("Ann", "Ben"):
        keep(client, person=world.person(name).pk)
    with django_assert_num_queries(10):
        client.get(reverse("log"))


def test_throwing_away_takes_its_files_too(world, client_of):
    client = client_of(world.olive)
    _, mine = keep(client)
    kept = KeptFile.objects.create(
        school=world.school, name="a.txt", sort="text", content_type="text/plain", size=1, sha256="0", at=NOW, by=world.olive
    )  # fmt: skip
    DraftFile.objects.create(draft=Draft.objects.get(), file=kept)
    assert client.post(reverse("log_discard", args=[mine["token"]])).url == reverse("log")
    assert (Draft.objects.count(), DraftFile.objects.count(), KeptFile.objects.count()) == (0, 0, 0)


def test_a_draft_leaves_no_row_in_the_audit(world, client_of):
    client = client_of(world.olive)
    _, mine = keep(client)
    client.post(reverse("log_discard", args=[mine["token"]]))
    assert not AuditRow.objects.exists()


# --- without script


def test_without_script_somebody_else_is_asked_about_and_taken_out_again(world, client_of):
    client = client_of(world.olive)
    told = typed(another="1")
    page = client.get(client.post(reverse("log"), told).url)
    assert [each.number for each in page.context["form"].also] == [1]
    assert page.context["form"]["narrative"].value() == SEEN
    again = typed(token=told["token"], without="1", **{"also-1-who": "jo"})
    page = client.get(client.post(reverse("log"), again).url)
    assert page.context["form"].also == []


def test_a_sixth_other_is_not_asked_about(world, client_of):
    client = client_of(world.olive)
    told = typed(another="1", **{f"also-{n}-who": "x" for n in range(1, 6)})
    form = client.get(client.post(reverse("log"), told).url).context["form"]
    assert ([each.number for each in form.also], form.may_add) == ([1, 2, 3, 4, 5], False)


def test_without_script_a_button_checks_the_wording(world, client_of):
    client = client_of(world.olive)
    told = typed(check="1", narrative="He was aggressive.")
    page = client.get(client.post(reverse("log"), told).url)
    assert [r.words for r in page.context["remarks"]] == ["aggressive"]
    assert not Incident.objects.exists()


@pytest.mark.parametrize("digits", ["9" * 19, "9" * 30, "9" * 5000])
def test_a_number_that_no_database_holds_is_nobody_and_does_no_harm(world, client_of, digits):
    client = client_of(world.olive)
    keep(client, person=digits, who="", new_name="Somebody new")
    assert [d.who for d in drafts.listed(world.olive, world.school)] == ["Somebody new"]
    pages = (
        client.get(reverse("today")),
        client.get(reverse("log")),
        client.get(reverse("log"), {"draft": str(Draft.objects.get().token)}),
        client.get(reverse("log"), {"person": digits}),
        client.post(reverse("wording"), {"text": SEEN, "about": digits}),
        client.get(reverse("person_like"), {"name": "Ann Pike", "besides": digits, "not_same": digits}),
    )
    assert [page.status_code for page in pages] == [200] * len(pages)
    assert client.post(reverse("log"), typed(person=digits)).status_code == 422
