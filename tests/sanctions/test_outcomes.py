"""What came of an incident reaches whoever reported it, once, in plain words, and no more than they may see."""

import pytest
from django.urls import reverse

from conduct import clock
from conduct.models import AuditRow
from incidents.models import Incident, OutcomeTold
from sanctions import amending, bans, cases, correspondence, inquiry, measures, needs, outcomes
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")
LATER = "2026-03-12 09:00"
UPHELD = "It was found that this happened: "


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    """Every test is on Thursday 12 March 2026, nine o'clock."""
    monkeypatch.setattr(clock, "now", lambda: at(LATER))


def now(incident) -> Incident:
    """The incident as it stands in the database."""
    return Incident.objects.get(pk=incident.pk)


def dismissed(world, incident) -> None:
    world.heard(incident)
    inquiry.find(incident, by=world.hari, at=at("2026-03-10 10:00"), upheld=[], reason="Nobody saw it.")


def warned(world) -> measures.Measure:
    warning = measures.propose(
        world.alex, by=world.sena, at=at("2026-03-11 09:00"), response="warning_letter", severity_reason="Loud."
    )
    measures.decide(warning, by=world.hari, at=at("2026-03-11 09:10"))
    return warning


def waiting(world, user, when: str = LATER) -> list[str]:
    return [i.reference for i in outcomes.waiting_for(user, world.school, at(when))]


# -- when there is an outcome -------------------------------------------------------------------------------------


def test_there_is_none_before_the_facts_are_found(world):
    incident = world.incident()
    assert outcomes.words_of(now(incident)) == ""
    world.heard(incident)
    assert (outcomes.words_of(now(incident)), waiting(world, world.olive)) == ("", [])


def test_nothing_upheld_is_an_outcome_at_once(world):
    dismissed(world, incident := world.incident())
    said = "The facts were looked into on Tuesday 10 March 2026, and nothing was upheld."
    assert outcomes.words_of(now(incident)) == said
    assert waiting(world, world.olive) == [incident.reference]


def test_what_is_upheld_has_its_outcome_once_the_response_went_out(world):
    world.found(incident := world.incident(clauses=["U03"]))
    assert outcomes.words_of(now(incident)) == ""
    warning = warned(world)
    assert outcomes.words_of(now(incident)) == ""
    correspondence.issue_kind(
        warning, "warning", by=world.adam, at=at("2026-03-11 10:00"), method="post", signed_by=world.hari
    )
    told = outcomes.words_of(now(incident))
    assert told.startswith(UPHELD)
    assert told.endswith("What followed: warning letter (letter issued, Wednesday 11 March 2026).")


def test_a_response_that_was_declined_is_an_outcome_too(world):
    world.found(incident := world.incident())
    told = {"response": "meeting", "by": world.sena, "at": at("2026-03-11 09:00")}
    measures.decline(measures.propose(world.alex, **told), by=world.hari, at=at("2026-03-11 10:00"), reason="No need.")
    assert outcomes.words_of(now(incident)).endswith("meeting (declined, Wednesday 11 March 2026).")


def test_a_closed_case_is_an_outcome_without_any_response(make_world):
    world = make_world("burton_joyce")
    world.found(incident := world.incident(clauses=["U03"]))
    cases.close_case(incident.in_case.case, by=world.hari, at=at("2026-03-11 10:00"), reason="Spoken to.")
    assert outcomes.words_of(now(incident)).endswith("The case was closed on Wednesday 11 March 2026.")


def test_a_case_closed_without_a_finding_is_an_outcome_as_well(world):
    incident = world.incident(clauses=["U03"], on_behalf_name="Mrs Oak")
    case = incident.in_case.case
    case.tasks.update(closed_at=at(LATER), closed_by=world.hari)
    cases.close_case(case, by=world.hari, at=at("2026-03-11 10:00"), reason="Nobody would say more.")
    said = "It was not decided what happened. The case was closed on Wednesday 11 March 2026."
    assert outcomes.words_of(now(incident)) == said
    assert waiting(world, world.olive) == [incident.reference]
    assert [i.pk for i in outcomes.nobody_told(world.school, at(LATER))] == [incident.pk]
    assert outcomes.for_anybody(now(incident)).startswith(outcomes.NOTHING)


def test_a_ban_has_no_outcome_before_the_person_was_heard_and_it_was_decided(world):
    ban = world.replied()
    incident = ban.case.incidents.get()
    assert outcomes.words_of(now(incident)) == ""
    bans.not_confirm(ban, by=world.cora, at=at("2026-03-19 10:00"), reasons="An apology.")
    assert "ban from the site (not confirmed" in outcomes.words_of(now(incident))


def test_an_error_that_was_withdrawn_is_no_response(world):
    world.found(incident := world.incident())
    warning = warned(world)
    measures_before = outcomes.responses_to(now(incident))
    assert [m.pk for m in measures_before] == [warning.pk]
    bans.withdraw(warning, by=world.hari, at=at("2026-03-11 11:00"), reasons="Another person.")
    assert outcomes.responses_to(now(incident)) == []


def test_a_mark_is_an_outcome_with_its_reason(world):
    incident = world.incident()
    amending.mark(incident, by=world.hari, at=at("2026-03-11 10:00"), kind="wrong", reason="Another person.")
    said = "It was marked as logged wrongly, and does not count. The reason: Another person."
    assert outcomes.words_of(now(incident)) == said
    assert waiting(world, world.olive) == [incident.reference]


# -- who is told, and of what -------------------------------------------------------------------------------------


def test_today_tells_the_reporter_until_they_have_read_it(world, client_of):
    dismissed(world, incident := world.incident())
    office = client_of(world.olive)
    notices = office.get("/").context["notices"]
    assert [(n.title, n.text) for n in notices] == [
        (f"What came of {incident.reference}, logged on Monday 2 March 2026", outcomes.words_of(now(incident)))
    ]
    response = office.post(reverse("read_outcome", args=[incident.reference]))
    assert response.url == "/"
    told = OutcomeTold.objects.get()
    assert (told.user, told.by, told.what) == (world.olive, world.olive, outcomes.words_of(now(incident)))
    assert list(office.get("/").context["notices"]) == []
    assert AuditRow.objects.filter(deed="read_outcome", about=incident.reference).count() == 1


def test_five_are_shown_at_once_and_the_rest_come_up_as_they_are_read(world, client_of):
    for day in range(2, 9):
        dismissed(world, world.incident(f"2026-03-0{day} 09:00", clauses=["U28"]))
    context = client_of(world.olive).get("/").context
    assert (len(context["notices"]), context["more_notices"]) == (5, 2)
    client_of(world.olive).post(context["notices"][0].read_url)
    context = client_of(world.olive).get("/").context
    assert (len(context["notices"]), context["more_notices"]) == (5, 1)


def test_read_twice_it_is_noted_once(world, client_of):
    dismissed(world, incident := world.incident())
    for _ in range(2):
        client_of(world.olive).post(reverse("read_outcome", args=[incident.reference]))
    assert OutcomeTold.objects.count() == 1


def test_it_is_read_by_post_and_by_whoever_reported_it_alone(world, client_of):
    dismissed(world, incident := world.incident())
    address = reverse("read_outcome", args=[incident.reference])
    assert client_of(world.olive).get(address).status_code == 405
    assert client_of(world.hari).post(address).status_code == 404
    assert OutcomeTold.objects.count() == 0


def test_the_colleague_for_whom_it_was_logged_is_told_as_well(world):
    gail = world.gail
    dismissed(world, incident := world.incident(on_behalf_of=gail))
    assert waiting(world, gail) == waiting(world, world.olive) == [incident.reference]
    outcomes.read(incident, by=gail, at=at(LATER))
    assert (waiting(world, gail), waiting(world, world.olive)) == ([], [incident.reference])


def test_whoever_sees_no_cases_is_told_that_it_was_dealt_with_and_no_more(world, client_of):
    world.found(incident := world.incident(on_behalf_of=world.gail))
    warning = warned(world)
    correspondence.issue_kind(
        warning, "warning", by=world.adam, at=at("2026-03-11 10:00"), method="post", signed_by=world.hari
    )
    notice = client_of(world.gail).get("/").context["notices"][0]
    plain = (
        "We have looked into what you reported and dealt with it. What was decided about somebody else we may not tell."
    )
    assert notice.text == plain
    client_of(world.gail).post(notice.read_url)
    assert OutcomeTold.objects.get(user=world.gail).what == plain
    assert "warning" not in outcomes.for_anybody(now(incident))


def test_nothing_upheld_or_marked_is_told_them_without_saying_which(world):
    dismissed(world, one := world.incident())
    other = world.incident("2026-03-09 09:00")
    amending.mark(other, by=world.hari, at=at("2026-03-11 10:00"), kind="wrong", reason="Alex was not there.")
    told = {outcomes.for_anybody(now(i)) for i in (one, other)}
    assert told == {
        "We have looked into what you reported. Nothing follows from it. What was decided about somebody else we may not tell."
    }


def test_whoever_decided_it_themselves_is_not_told(world):
    dismissed(world, world.incident(by=world.hari))
    assert waiting(world, world.hari) == []


def test_a_mark_that_follows_is_told_although_the_finding_was_read(world):
    dismissed(world, incident := world.incident())
    outcomes.read(incident, by=world.olive, at=at("2026-03-10 12:00"))
    assert waiting(world, world.olive) == []
    amending.mark(incident, by=world.hari, at=at("2026-03-11 10:00"), kind="wrong", reason="Another person.")
    assert waiting(world, world.olive) == [incident.reference]
    outcomes.read(incident, by=world.olive, at=at("2026-03-11 12:00"))
    assert waiting(world, world.olive) == []


def test_a_finding_after_the_mark_was_taken_back_is_told_although_the_mark_was_read(world):
    incident = world.incident(on_behalf_name="Mrs Oak")
    amending.mark(incident, by=world.hari, at=at("2026-03-09 10:00"), kind="wrong", reason="Another person.")
    outcomes.read(incident, by=world.olive, at=at("2026-03-09 11:00"))
    outcomes.tell(incident, by=world.sena, at=at("2026-03-09 11:00"), what="Nothing follows.", how="By telephone")
    amending.take_back(now(incident), by=world.hari, at=at("2026-03-09 12:00"))
    assert waiting(world, world.olive) == []
    dismissed(world, now(incident))
    assert waiting(world, world.olive) == [incident.reference]
    assert [title for title, _ in named(world)] == ["Tell Mrs Oak what came of it"]
    outcomes.read(incident, by=world.olive, at=at("2026-03-10 12:00"))
    assert waiting(world, world.olive) == []


def test_a_mark_that_is_taken_back_leaves_the_finding_to_be_told_again(world):
    dismissed(world, incident := world.incident())
    amending.mark(incident, by=world.hari, at=at("2026-03-10 11:00"), kind="wrong", reason="Another person.")
    outcomes.read(incident, by=world.olive, at=at("2026-03-10 12:00"))
    amending.take_back(now(incident), by=world.hari, at=at("2026-03-10 13:00"))
    assert waiting(world, world.olive) == [incident.reference]


def test_what_somebody_decided_themselves_does_not_stand_before_what_they_wait_for(world, monkeypatch):
    monkeypatch.setattr(outcomes, "MOST", 1)
    theirs = world.incident(by=world.hari)
    for each in (theirs, world.incident("2026-03-03 09:00", by=world.hari)):
        world.heard(each)
    inquiry.find(theirs, by=world.sena, at=at("2026-03-10 10:00"), upheld=[], reason="Nobody saw it.")
    newer = Incident.objects.exclude(pk=theirs.pk).get()
    inquiry.find(newer, by=world.hari, at=at("2026-03-10 10:00"), upheld=[], reason="Nobody saw it.")
    assert waiting(world, world.hari) == [theirs.reference]


def test_of_what_has_no_outcome_yet_the_oldest_is_left_out_first(world, monkeypatch):
    monkeypatch.setattr(outcomes, "MOST", 1)
    world.found(world.incident(clauses=["U03"]))
    dismissed(world, newer := world.incident("2026-03-03 09:00"))
    assert waiting(world, world.olive) == [newer.reference]


def test_what_happened_more_than_a_year_ago_is_no_news(world):
    dismissed(world, incident := world.incident())
    assert waiting(world, world.olive, "2027-03-02 08:00") == [incident.reference]
    assert waiting(world, world.olive, "2027-03-02 09:00") == []


# -- somebody without an account ----------------------------------------------------------------------------------


def named(world) -> list[tuple[str, str]]:
    return [(n.title, n.url) for n in needs.to_be_told(world.school, at(LATER))]


def test_whoever_has_no_account_is_told_by_senior_staff_or_head(world, client_of):
    dismissed(world, incident := world.incident(on_behalf_name="Mrs Oak"))
    address = reverse("tell_outcome", args=[incident.in_case.case.reference, incident.reference])
    assert named(world) == [("Tell Mrs Oak what came of it", address)]
    for name, shown in (("sena", True), ("hari", True), ("olive", False)):
        titles = [r["need"].title for r in client_of(getattr(world, name)).get("/").context["rows"]]
        assert ("Tell Mrs Oak what came of it" in titles) is shown
    senior = client_of(world.sena)
    form = senior.get(address).context["form"]
    assert form.initial["what"] == outcomes.for_anybody(now(incident))
    assert senior.post(address, {"what": "Dealt with.", "how": ""}).status_code == 422
    senior.post(address, {"what": "Dealt with.", "how": "By telephone"})
    told = OutcomeTold.objects.get()
    assert (told.name, told.user, told.what, told.how, told.by) == (
        "Mrs Oak", None, "Dealt with.", "By telephone", world.sena,
    )  # fmt: skip
    assert named(world) == []


def test_told_twice_it_is_kept_once_and_the_second_is_told_so(world, client_of):
    dismissed(world, incident := world.incident(on_behalf_name="Mrs Oak"))
    told = {"what": "Dealt with.", "how": "By telephone"}
    address = reverse("tell_outcome", args=[incident.in_case.case.reference, incident.reference])
    client = client_of(world.sena)
    page = reverse("incident", args=[incident.in_case.case.reference, incident.reference])
    assert "Tell Mrs Oak what came of it" in client.get(page).text
    client.post(address, told)
    again = client.post(address, told)
    assert (again.status_code, [r.rule for r in again.context["refusals"]]) == (422, ["wrong-state"])
    assert OutcomeTold.objects.count() == 1
    shown = client.get(page).text
    assert "Tell Mrs Oak what came of it" not in shown
    assert "Mrs Oak, Thursday 12 March 2026 at 09:00 (By telephone, by Sena Senior)." in shown


def test_nobody_is_told_before_there_is_an_outcome_or_where_there_is_nobody_to_tell(world, client_of):
    for incident in (world.incident(on_behalf_name="Mrs Oak"), world.incident("2026-03-09 09:00")):
        address = reverse("tell_outcome", args=[incident.in_case.case.reference, incident.reference])
        assert client_of(world.sena).get(address).status_code == 404
    assert named(world) == []
