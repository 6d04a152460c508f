"""The pages of a school's policy: its versions, what the next would change, names, timers and own clauses."""

import re
from datetime import date

import pytest
from django.urls import reverse

from conduct import clock, code
from conduct.code import Timers
from conduct.models import Adoption
from conduct.policy_words import TIMERS
from sanctions import adoptions
from tests.factories import at

NAMES = {
    "title": "Our Code",
    "version": "2026",
    "head": "Rector",
    "chair": "Chair of Governors",
    "trust": "HET",
    "also_above": "Local Authority",
    "police_force": "Hampshire Police",
    "school_app": "",
    "concern_route": "the teacher\n\nthe Rector",
    "reply_promise": "Within two days.",
}
CLAUSE = {
    "kind": "unacceptable",
    "wording": "Flying a drone over the playground",
    "group": "Recording",
    "usual_severity": "serious",
    "routes": ["legal_advice"],
}
SEPTEMBER = {"starts_on": "2026-09-01"}


@pytest.fixture(autouse=True)
def it_is(monkeypatch):
    """Set the clock that the pages read: 10 March 2026, noon, unless a test says otherwise."""

    def set_to(moment: str) -> None:
        monkeypatch.setattr(clock, "now", lambda: at(moment))

    set_to("2026-03-10 12:00")
    return set_to


@pytest.fixture
def trust(world, client_of):
    """The trust's officer at a browser."""
    return client_of(world.tess)


def timers(**changed: object) -> dict[str, object]:
    shipped = {name: getattr(Timers(), name) for name in TIMERS}
    return {**shipped, "review_reminders": "20, 10, 5, 1", **changed}


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def words(response) -> str:
    return " ".join(response.text.split())


def errors(response) -> dict[str, list[str]]:
    return {name: [str(e) for e in found] for name, found in response.context["form"].errors.items()}


def adopted(client, page: str, answers: dict[str, object]):
    """Look at what changes, then adopt it: the page afterwards."""
    looked = client.post(page, {**SEPTEMBER, **answers})
    assert looked.templates[0].name == "conduct/settings_policy_preview.html", errors(looked)
    return client.post(page, {**SEPTEMBER, **answers, "step": "adopt"}, follow=True)


# -- who sees what ------------------------------------------------------------------------------------------------

EVERYBODY = ["olive", "sena", "hari", "cora", "tess", "adam", "gail", "rita", "sid"]
READERS = {"hari", "tess", "adam", "sid"}
CHANGES = ["adopt/", "names/", "timers/", "clauses/new/", "clauses/S01/", "clauses/S01/remove/", "2/withdraw/"]


def with_a_clause(world, **told: object) -> Adoption:
    """Version 2, with a clause of the school's own, from 1 September."""
    tables = code.shipped("sholing")
    row = {**CLAUSE, "id": "S01"}
    tables["code"]["own_clauses"] = [row]
    usual = {"by": world.tess, "at": at("2026-03-10 09:00"), "starts_on": date(2026, 9, 1), "pack_key": "sholing"}
    return adoptions.adopt(world.school, **{"content": tables, **usual, **told}).adoption


@pytest.mark.parametrize("name", EVERYBODY)
def test_the_policy_is_read_by_those_of_the_settings_and_changed_by_the_trust_alone(world, client_of, name):
    with_a_clause(world)
    client = client_of(getattr(world, name))
    for page in ("/school/policy/", "/school/policy/1/"):
        assert client.get(page).status_code == (200 if name in READERS else 404), page
    for page in CHANGES:
        assert client.get(f"/school/policy/{page}").status_code == (200 if name == "tess" else 404), page


def test_only_the_trust_is_offered_changes(world, client_of):
    with_a_clause(world)
    offers = ["Change the policy", "/school/policy/clauses/S01/remove/", "/school/policy/2/withdraw/"]
    for name, offered in (("tess", True), ("hari", False)):
        page = client_of(getattr(world, name)).get("/school/policy/").text
        assert [offer in page for offer in offers] == [offered] * 3, name


def test_a_post_by_somebody_else_changes_nothing(world, client_of):
    answers = {**NAMES, **SEPTEMBER, "step": "adopt"}
    assert client_of(world.hari).post("/school/policy/names/", answers).status_code == 404
    assert Adoption.objects.count() == 1


def test_what_is_not_there_is_not_found(world, trust):
    for page in ("3/", "3/withdraw/", "clauses/S01/", "clauses/U01/remove/"):
        assert trust.get(f"/school/policy/{page}").status_code == 404, page


def test_the_settings_lead_the_trust_to_the_policy(world, trust):
    page = trust.get("/school/").text
    assert 'href="/school/policy/"' in page
    assert "Change the calendar" not in page


# -- the list of versions -----------------------------------------------------------------------------------------


def test_versions_before_in_force_and_to_come_are_listed_with_their_dates(world, trust, it_is):
    with_a_clause(world)
    it_is("2026-09-02 09:00")
    adoptions.adopt(
        world.school, by=world.tess, at=at("2026-09-02 09:00"), starts_on=date(2027, 1, 4), pack_key="kingsley"
    )
    rows = trust.get("/school/policy/").context["page_obj"].object_list
    assert [(r.adoption.version, r.state, r.until and r.until.version, r.may_withdraw) for r in rows] == [
        (3, "to come", None, True),
        (2, "in force", 3, False),
        (1, "over", 2, False),
    ]
    page = words(trust.get("/school/policy/"))
    assert "From Saturday 1 January 2000 <br> until version 2 starts, on Tuesday 1 September 2026" in page
    assert "Own clause S01: – → Flying a drone over the playground (usually serious; Recording" in page
    assert "In force since Tuesday 1 September 2026." in page
    assert "Adopted by Tess Trust, Tuesday 10 March 2026" in page


def test_a_withdrawn_version_stays_on_the_list(world, trust):
    with_a_clause(world)
    assert "Version 2 is withdrawn." in said(trust.post("/school/policy/2/withdraw/", follow=True))
    assert world.school.adoption_on(date(2026, 9, 1)).version == 1
    page = words(trust.get("/school/policy/"))
    assert "Was to start on Tuesday 1 September 2026" in page
    assert "Withdrawn by Tess Trust, Tuesday 10 March 2026" in page
    assert "/school/policy/2/withdraw/" not in page


def test_the_page_asks_before_it_withdraws(world, trust):
    with_a_clause(world)
    assert "Withdraw version 2?" in trust.get("/school/policy/2/withdraw/").text
    assert world.school.adoption_on(date(2026, 9, 1)).version == 2


def test_what_is_history_is_not_withdrawn_by_hand(world, trust, it_is):
    with_a_clause(world)
    it_is("2026-09-02 09:00")
    response = trust.post("/school/policy/2/withdraw/")
    assert response.status_code == 422
    assert [r.rule for r in response.context["refusals"]] == ["wrong-state"]


def test_the_list_asks_the_database_the_same_for_one_and_for_three(world, trust, django_assert_num_queries):
    trust.get("/school/policy/")
    with django_assert_num_queries(QUERIES):
        trust.get("/school/policy/")
    with_a_clause(world)
    with_a_clause(world, starts_on=date(2026, 9, 2), pack_key="kingsley", content=code.shipped("kingsley"))
    with django_assert_num_queries(QUERIES):
        assert len(trust.get("/school/policy/").context["page_obj"].object_list) == 3


QUERIES = 6


def test_a_long_list_is_paged(world, trust):
    for n in range(26):
        world.school.adoptions.create(pack_key="oakmoor", starts_on=date(2026, 4, n + 1))
    assert len(trust.get("/school/policy/").context["page_obj"].object_list) == 25
    assert len(trust.get("/school/policy/?page=2").context["page_obj"].object_list) == 2


def test_a_version_is_read_whole(world, trust):
    with_a_clause(world)
    page = words(trust.get("/school/policy/2/"))
    assert "as adopted by this school on 1 September 2026 (version 2)" in page
    assert "Flying a drone over the playground (S01)" in page
    assert 'Time to decide</dt> <dd> <span class="summary-value">5 school days' in page
    assert "Flying a drone" not in trust.get("/school/policy/1/").text


# -- another policy -----------------------------------------------------------------------------------------------


def test_adopting_another_policy_shows_how_it_differs_and_what_goes_on_first(world, trust):
    ban = world.opened()
    answers = {"pack_key": "kingsley", **SEPTEMBER}
    page = trust.post("/school/policy/adopt/", answers)
    assert page.status_code == 200
    told = {d.what: (d.was, d.now) for d in page.context["differences"]}
    assert told["Confirms a ban once the person was heard"] == ("Chair of Governors or HET", "Headteacher")
    assert told["Ladder, level 2"] == ("Restricted communication plan", "Block from the school app or social media")
    assert page.context["going_on"] == [ban]
    assert f'1 measure goes on under the old policy:</p> <ul> <li> <a href="/cases/{ban.case.reference}/">' in words(
        page
    )
    assert "Nothing is adopted yet" in page.text
    assert Adoption.objects.count() == 1
    done = trust.post("/school/policy/adopt/", {**answers, "step": "adopt"}, follow=True)
    assert said(done) == [
        "Version 2 is adopted, in force from Tuesday 1 September 2026.",
        "1 measure goes on under the old policy: C-2026-0001 (ban from the site).",
    ]
    assert world.school.adoption_on(date(2026, 9, 1)).pack is code.pack("kingsley")


def test_with_nothing_under_way_the_page_says_so(world, trust):
    page = trust.post("/school/policy/adopt/", {"pack_key": "kingsley", **SEPTEMBER})
    assert "nothing goes on under the old policy" in page.text
    done = adopted(trust, "/school/policy/adopt/", {"pack_key": "kingsley"})
    assert said(done) == ["Version 2 is adopted, in force from Tuesday 1 September 2026."]


def test_own_clauses_come_along_when_asked(world, trust):
    with_a_clause(world)
    for answers, kept in (({"keep_own": "on"}, ["S01"]), ({"keep_own": "False"}, [])):
        adopted(trust, "/school/policy/adopt/", {"pack_key": "kingsley", **answers})
        pack = world.school.adoption_on(date(2026, 9, 1)).pack
        assert (pack.key, [c.id for c in pack.own_clauses]) == ("kingsley", kept)


def test_a_school_without_own_clauses_is_not_asked_to_keep_them(trust):
    assert "keep_own" not in trust.get("/school/policy/adopt/").context["form"].fields


def test_the_answers_come_back_to_be_changed(world, trust):
    page = trust.post("/school/policy/adopt/", {"pack_key": "kingsley", **SEPTEMBER, "step": "back"})
    assert page.status_code == 200
    assert re.search(r'value="kingsley"[^>]*checked', page.text)
    assert 'value="2026-09-01"' in page.text
    assert Adoption.objects.count() == 1


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("2026-03-09", "This day is past. A policy starts today or later."),
        ("2036-03-09", "That is more than three years away: check the year."),
        ("", "Give the day."),
        ("soon", "Write the day as 2/3/2026."),
    ],
)
def test_a_day_that_cannot_be_is_said_at_its_field(world, trust, day, message):
    response = trust.post("/school/policy/adopt/", {"pack_key": "kingsley", "starts_on": day})
    assert response.status_code == 422
    assert errors(response) == {"starts_on": [message]}


def test_the_policy_that_is_followed_already_is_refused(world, trust):
    response = trust.post("/school/policy/adopt/", {"pack_key": "sholing", **SEPTEMBER})
    assert response.status_code == 422
    assert [r.rule for r in response.context["refusals"]] == ["wrong-state"]


def test_a_day_before_the_version_to_come_is_refused_with_everything_kept(world, trust):
    with_a_clause(world)
    response = trust.post("/school/policy/names/", {**NAMES, "starts_on": "2026-08-01"})
    assert [r.rule for r in response.context["refusals"]] == ["dated"]
    assert 'value="Rector"' in response.text


def test_somebody_who_was_overtaken_is_told(world, trust):
    with_a_clause(world)
    response = trust.post(
        "/school/policy/names/", {**NAMES, "starts_on": "2026-09-02", "follows": "1", "step": "adopt"}
    )
    assert [r.rule for r in response.context["refusals"]] == ["wrong-state"]
    assert "in the meantime" in response.text
    assert Adoption.objects.count() == 2


# -- names --------------------------------------------------------------------------------------------------------


def test_names_are_adjusted_in_a_new_version(world, trust):
    adopted(trust, "/school/policy/names/", NAMES)
    made = world.school.adoption_on(date(2026, 9, 1))
    pack = made.pack
    assert (made.adjusted, made.version, made.adopted_by) == (True, 2, world.tess)
    assert [pack.title_of(role) for role in ("head", "chair", "trust")] == ["Rector", "Chair of Governors", "HET"]
    assert (pack.title, pack.police_force, pack.school_app) == ("Our Code", "Hampshire Police", "")
    assert pack.also_above == "Local Authority"
    assert (pack.concern_route, pack.reply_promise) == (("the teacher", "the Rector"), "Within two days.")
    assert made.version_words == "2026, as adopted by this school on 1 September 2026 (version 2)"
    assert pack.timers == Timers()
    assert world.school.adoption_on(date(2026, 8, 31)).pack is code.pack("sholing")


def test_the_page_of_names_begins_with_those_that_there_are(trust):
    form = trust.get("/school/policy/names/").context["form"]
    assert form["head"].value() == "school leader"
    assert form["concern_route"].value() == "the school\nthe complaints procedure"
    assert form["follows"].value() == 1
    assert form["starts_on"].value() == date(2026, 3, 11)


def test_a_name_left_empty_and_a_step_named_twice_are_said_at_their_fields(world, trust):
    response = trust.post("/school/policy/names/", {**NAMES, **SEPTEMBER, "head": " "})
    assert errors(response) == {"head": ["Write something here."]}
    response = trust.post("/school/policy/names/", {**NAMES, **SEPTEMBER, "concern_route": "the head\nthe head"})
    assert errors(response) == {"concern_route": ["'the head' stands there twice."]}
    assert 'value="Our Code"' in response.text


def test_a_change_on_the_day_of_a_version_to_come_builds_on_it_and_replaces_it(world, trust):
    with_a_clause(world)
    form = trust.get("/school/policy/names/").context["form"]
    assert form["starts_on"].value() == date(2026, 9, 1)
    page = trust.post("/school/policy/names/", {**NAMES, **SEPTEMBER, "follows": "2"})
    assert "Version 2, which was to start on that day, is withdrawn and replaced." in page.text
    adopted(trust, "/school/policy/names/", {**NAMES, "follows": "2"})
    made = world.school.adoption_on(date(2026, 9, 1))
    assert (made.version, made.pack.title, [c.id for c in made.pack.own_clauses]) == (3, "Our Code", ["S01"])


# -- timers -------------------------------------------------------------------------------------------------------


def test_a_timer_is_adjusted_in_a_new_version(world, trust):
    adopted(trust, "/school/policy/timers/", timers(decision_school_days=7, review_reminders="10, 3"))
    found = world.school.adoption_on(date(2026, 9, 1)).pack.timers
    assert (found.decision_school_days, found.review_reminders) == (7, (10, 3))


def test_each_timer_says_what_it_means_and_what_is_usual(trust):
    form = trust.get("/school/policy/timers/").context["form"]
    assert [name for name in TIMERS if not form.fields[name].help_text.startswith(TIMERS[name].meaning)] == []
    assert form.fields["decision_school_days"].help_text.endswith("Usual: 5 school days.")
    assert form.fields["review_reminders"].help_text.endswith("Usual: 20, 10, 5, 1 school days.")


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        (
            {"provisional_alert_days": 45},
            "provisional_alert_days",
            "This must be less than “Longest provisional ban”, or the alert comes after the ban has lapsed.",
        ),
        (
            {"plan_review_months": 7},
            "plan_review_months",
            "This must not be more than “Longest plan”, or a plan ends before its review.",
        ),
        ({"review_reminders": "1, 5"}, "review_reminders", "This must run from the earliest reminder to the last."),
        ({"review_reminders": "5, 0"}, "review_reminders", "This must be a whole number of at least 1."),
        (
            {"review_reminders": "five"},
            "review_reminders",
            "Write whole numbers with commas between them: 20, 10, 5, 1.",
        ),
        ({"decision_school_days": 0}, "decision_school_days", "Write a whole number from 1 to 999."),
        ({"decision_school_days": "1000"}, "decision_school_days", "Write a whole number from 1 to 999."),
        ({"decision_school_days": "x"}, "decision_school_days", "Write a whole number from 1 to 999."),
    ],
)
def test_timers_that_contradict_each_other_are_refused_at_the_field_with_everything_kept(trust, change, field, message):
    response = trust.post("/school/policy/timers/", {**timers(long_ban_days=60, **change), **SEPTEMBER})
    assert response.status_code == 422
    assert errors(response) == {field: [message]}
    assert response.context["form"]["long_ban_days"].value() == "60"
    assert Adoption.objects.count() == 1


# -- clauses of the school's own ----------------------------------------------------------------------------------


def test_a_clause_is_added_changed_and_taken_out_each_in_a_version_of_its_own(world, trust):
    adopted(trust, "/school/policy/clauses/new/", CLAUSE)
    assert world.school.adoption_on(date(2026, 9, 1)).pack.clause("S01").wording == CLAUSE["wording"]
    answers = {**CLAUSE, "wording": "Flying a drone", "group": "", "new_group": "In the air", "starts_on": "2026-10-01"}
    adopted(trust, "/school/policy/clauses/S01/", answers)
    changed = world.school.adoption_on(date(2026, 10, 1)).pack.clause("S01")
    assert (changed.wording, changed.group, changed.routes) == ("Flying a drone", "In the air", ("legal_advice",))
    adopted(trust, "/school/policy/clauses/S01/remove/", {"starts_on": "2026-11-02"})
    assert world.school.adoption_on(date(2026, 11, 2)).pack.own_clauses == ()
    assert [a.version for a in world.school.adoptions.order_by("starts_on")] == [1, 2, 3, 4]
    assert "Add a clause: S02" in trust.get("/school/policy/clauses/new/").text


def test_what_is_expected_has_no_severity_and_leads_to_nothing(world, trust):
    adopted(trust, "/school/policy/clauses/new/", {**CLAUSE, "kind": "expectation"})
    clause = world.school.adoption_on(date(2026, 9, 1)).pack.clause("S01")
    assert (clause.kind, clause.usual_severity, clause.routes) == ("expectation", "", ())
    form = trust.get("/school/policy/clauses/S01/").context["form"]
    assert [name for name in ("kind", "usual_severity", "routes") if name in form.fields] == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"kind": ""}, {"kind": ["Choose one."]}),
        ({"wording": ""}, {"wording": ["Write something here."]}),
        ({"group": ""}, {"new_group": ["Choose a heading, or name a new one."]}),
        ({"usual_severity": ""}, {"usual_severity": ["Say how serious it usually is."]}),
    ],
)
def test_what_a_clause_lacks_is_said_at_its_field(world, trust, change, expected):
    response = trust.post("/school/policy/clauses/new/", {**CLAUSE, **SEPTEMBER, **change})
    assert response.status_code == 422
    assert errors(response) == expected


def test_a_change_begins_with_the_clause_as_it_is(world, trust):
    with_a_clause(world)
    form = trust.get("/school/policy/clauses/S01/").context["form"]
    assert {name: form[name].value() for name in ("wording", "group", "usual_severity", "routes")} == {
        name: CLAUSE[name] for name in ("wording", "group", "usual_severity", "routes")
    }
    assert "kind" not in form.fields


def test_after_ninety_nine_clauses_none_can_be_added(world, trust):
    with_a_clause(world)
    tables = code.shipped("sholing")
    tables["code"]["own_clauses"] = [{**CLAUSE, "id": "S99"}]
    with_a_clause(world, content=tables)
    assert trust.get("/school/policy/clauses/new/").status_code == 404


def test_the_preview_sends_on_every_answer(world, trust):
    page = trust.post("/school/policy/clauses/new/", {**CLAUSE, **SEPTEMBER, "routes": ["legal_advice", "site_ban"]})
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    sent = [(name, value) for name, value in hidden if name not in {"csrfmiddlewaretoken", "at_school"}]
    assert sorted(sent) == sorted(
        [
            ("kind", "unacceptable"),
            ("wording", "Flying a drone over the playground"),
            ("group", "Recording"),
            ("usual_severity", "serious"),
            ("routes", "legal_advice"),
            ("routes", "site_ban"),
            ("starts_on", "2026-09-01"),
        ]
    )
    assert reverse("school_policy") in page.text
