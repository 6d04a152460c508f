"""The page of one incident: both sides beside each other, what was added, and those whom it touched."""

from datetime import date

import pytest
from django.urls import reverse

from conduct import clock
from conduct.models import AuditRow
from incidents.models import CheckIn, Injury
from sanctions import aftercare, amending, inquiry, measures
from tests.factories import World, at

pytestmark = pytest.mark.usefixtures("quick_letters")
NOW = "2026-03-12 09:00"


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    """Every test is on Thursday 12 March 2026, nine o'clock."""
    monkeypatch.setattr(clock, "now", lambda: at(NOW))


def place(incident, name: str = "incident", *more: object) -> str:
    return reverse(name, args=[incident.in_case.case.reference, incident.reference, *more])


def hurt(world: World, incident, **told: object) -> Injury:
    told = {"user": world.sena, "what": "Her wrist was twisted.", "treatment": "doctor", **told}
    return aftercare.record_injury(incident, by=told.pop("by", world.olive), at=at("2026-03-02 10:00"), **told)


# -- the two sides ------------------------------------------------------------------------------------------------


def test_the_two_sides_stand_beside_each_other(world, client_of):
    incident = world.incident()
    inquiry.record_account(incident, by=world.sena, at=at("2026-03-03 09:00"), of="staff", text="He leaned over.")
    inquiry.record_account(incident, by=world.sena, at=at("2026-03-03 09:10"), of="subject", text="I was provoked.")
    amending.correct(incident, by=world.olive, at=at("2026-03-04 09:00"), text="It was the side door.")
    page = client_of(world.hari).get(place(incident)).text
    school, own = page.split('id="own-side"')[0].split('id="school-side"')[1], page.split('id="own-side"')[1]
    for text in ("Shouted at the receptionist.", "He leaned over.", "It was the side door."):
        assert text in school
    assert "I was provoked." not in school
    assert "I was provoked." in own
    assert "He leaned over." not in own


def test_it_says_that_they_were_not_asked_yet_and_when_they_were_tried(world, client_of):
    incident = world.incident()
    assert "Not yet asked." in client_of(world.hari).get(place(incident)).text
    inquiry.record_account(incident, by=world.sena, at=at("2026-03-03 09:10"), of="subject", attempted="Rang twice.")
    page = client_of(world.hari).get(place(incident)).text
    assert "Not yet asked." not in page
    assert "Tried on Tuesday 3 March 2026" in page
    assert "They have not been reached so far." in page


# -- corrections and marks ----------------------------------------------------------------------------------------


def test_the_office_adds_a_correction_by_the_form(world, client_of):
    incident = world.incident()
    office = client_of(world.olive)
    assert office.get(place(incident, "correct_incident")).status_code == 200
    assert office.post(place(incident, "correct_incident"), {"text": " "}).status_code == 422
    response = office.post(place(incident, "correct_incident"), {"text": "It was the side door."})
    assert response.url == place(incident)
    assert incident.corrections.get().text == "It was the side door."


def test_a_correction_stands_in_the_story_of_the_case(world, client_of):
    incident = world.incident()
    amending.correct(incident, by=world.olive, at=at("2026-03-04 09:00"), text="It was the side door.")
    events = client_of(world.hari).get(reverse("case", args=[incident.in_case.case.reference])).context["events"]
    assert [(e.title, e.aside, e.text) for e in events] == [
        (f"Correction of {incident.reference}", "by Olive Office", "It was the side door."),
        ("Incident logged", events[1].aside, "Shouted at the receptionist."),
    ]


def test_the_head_marks_an_incident_and_takes_the_mark_back_by_the_forms(world, client_of):
    incident = world.incident()
    head = client_of(world.hari)
    assert head.post(place(incident, "mark_incident"), {"kind": "wrong", "reason": ""}).status_code == 422
    head.post(place(incident, "mark_incident"), {"kind": "withdrawn", "reason": "She was mistaken."})
    page = head.get(place(incident)).text
    assert "It does not count: withdrawn by whoever reported it" in page
    assert "<s>Shouted at the receptionist.</s>" in page
    head.post(place(incident, "take_back_mark"))
    page = head.get(place(incident)).text
    assert "It does not count" not in page
    assert "the mark taken back by Hari Head" in page


@pytest.mark.parametrize("name", ["mark_incident", "take_back_mark"])
def test_the_office_reaches_no_form_that_marks(world, client_of, name):
    incident = world.incident()
    assert client_of(world.olive).get(place(incident, name)).status_code == 404
    assert client_of(world.olive).post(place(incident, name), {"kind": "wrong", "reason": "No."}).status_code == 404
    assert not incident.marks.exists()


def test_a_refused_mark_comes_back_with_what_was_typed(world, client_of):
    incident = world.incident(harmed=[world.hari])
    told = {"kind": "wrong", "reason": "It was another person."}
    response = client_of(world.hari).post(place(incident, "mark_incident"), told)
    assert response.status_code == 422
    assert [r.rule for r in response.context["refusals"]] == ["own-cause"]
    assert "It was another person." in response.text


def test_before_and_after_the_page_says_what_rests_on_it_alone(world, client_of):
    ban = world.opened()
    incident, head = ban.case.incidents.get(), client_of(world.hari)
    assert "The ban from the site rests on this incident alone." in head.get(place(incident, "mark_incident")).text
    amending.mark(incident, by=world.hari, at=at("2026-03-12 08:00"), kind="wrong", reason="Another person.")
    said = "Look again: the ban from the site rested on this incident alone."
    assert said in head.get(place(incident)).text
    case = head.get(reverse("case", args=[ban.case.reference])).text
    assert "The incident that this rests on does not count. Look again: lift, end or withdraw it." in case
    assert "No incident of this case counts any more" in case


def test_a_proposal_that_lost_its_ground_says_that_it_is_to_be_declined(world, client_of):
    ban = world.proposed()
    amending.mark(ban.case.incidents.get(), by=world.hari, at=at("2026-03-12 08:00"), kind="wrong", reason="Another.")
    page = client_of(world.hari).get(reverse("case", args=[ban.case.reference])).text
    assert "The incident that this proposal rests on does not count. Decline it." in page


def test_nothing_is_said_where_something_else_carries_the_ban(world, client_of):
    ban = world.opened()
    world.incident("2026-03-02 09:00")
    other = ban.case.incidents.latest("logged_at")
    measures.prepare(ban, by=world.hari, at=at(NOW), verb="confirm", data={})
    page = client_of(world.hari).get(place(other, "mark_incident")).text
    assert "rests on this incident alone" not in page


def test_on_the_case_it_is_struck_through_and_no_longer_asked_about(world, client_of):
    incident = world.incident()
    client, address = client_of(world.hari), reverse("case", args=[incident.in_case.case.reference])
    assert f"{incident.reference}</a> still lacks" in client.get(address).text
    amending.mark(incident, by=world.hari, at=at("2026-03-12 08:00"), kind="wrong", reason="Another person.")
    response = client.get(address)
    assert f"{incident.reference}</a> still lacks" not in response.text
    assert [e.title for e in response.context["events"] if e.void] == ["Incident logged"]
    assert f"{incident.reference} does not count: logged wrongly" in [e.title for e in response.context["events"]]


def test_the_person_s_page_says_that_it_does_not_count(world, client_of):
    incident = world.incident()
    amending.mark(incident, by=world.hari, at=at("2026-03-12 08:00"), kind="wrong", reason="Another person.")
    assert "Does not count" in client_of(world.hari).get(reverse("person", args=[world.alex.pk])).text


# -- injuries -----------------------------------------------------------------------------------------------------


def test_the_office_records_an_injury_by_the_form(world, client_of):
    incident = world.incident(harmed=[world.sena])
    office = client_of(world.olive)
    assert office.get(place(incident, "record_injury")).context["form"].initial["user"] == world.sena
    told = {"user": world.sena.pk, "what": "A twisted wrist.", "treatment": "doctor", "away_from": "2026-03-03"}
    office.post(place(incident, "record_injury"), told)
    injury = incident.injuries.get()
    assert (injury.user, injury.away_from, injury.by) == (world.sena, date(2026, 3, 3), world.olive)
    assert AuditRow.objects.get(deed="record_injury").changes == {}


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"user": ""}, ["user"]),
        ({"name": "Mrs Oak"}, ["user"]),
        ({"treatment": ""}, ["treatment"]),
        ({"away_from": "2026-03-01"}, ["away_from"]),
        ({"back_on": "2026-03-05"}, ["away_from"]),
        ({"away_from": "2026-03-03", "back_on": "2026-03-03"}, ["back_on"]),
        ({"away_from": "2026-03-03", "back_on": "2026-03-13"}, ["back_on"]),
    ],
)
def test_an_injury_with_days_that_cannot_be_comes_back(world, client_of, told, wrong):
    incident = world.incident()
    whole = {"user": world.sena.pk, "what": "A twisted wrist.", "treatment": "doctor"}
    response = client_of(world.olive).post(place(incident, "record_injury"), whole | told)
    assert (response.status_code, sorted(response.context["form"].errors)) == (422, wrong)
    assert "A twisted wrist." in response.text


@pytest.mark.parametrize(
    ("name", "reads"), [("sena", True), ("hari", True), ("olive", True), ("otto", False), ("cora", False)]
)
def test_an_injury_is_read_by_senior_staff_head_and_whoever_recorded_it(world, client_of, name, reads):
    world.otto = world.hire("office", "Otto Office")
    incident = world.incident()
    hurt(world, incident)
    page = client_of(getattr(world, name)).get(place(incident)).text
    assert ("Her wrist was twisted." in page) is reads
    assert ("An injury is recorded." in page) is not reads
    assert AuditRow.objects.filter(deed="look_injury").count() == (1 if reads else 0)


@pytest.mark.parametrize(("name", "status"), [("olive", 200), ("sena", 200), ("otto", 404), ("cora", 404)])
def test_the_days_away_are_changed_by_whoever_may_read_them(world, client_of, name, status):
    world.otto = world.hire("office", "Otto Office")
    incident = world.incident()
    injury = hurt(world, incident)
    assert client_of(getattr(world, name)).get(place(incident, "change_injury", injury.pk)).status_code == status


def test_the_day_back_is_added_later_and_the_audit_keeps_what_was(world, client_of):
    incident = world.incident()
    injury = hurt(world, incident, away_from=date(2026, 3, 3))
    assert "If they are still away" not in client_of(world.sena).get(place(incident)).text
    told = {"treatment": "doctor", "away_from": "2026-03-03", "back_on": "2026-03-10"}
    client_of(world.olive).post(place(incident, "change_injury", injury.pk), told)
    assert "They were away for 7 days" in client_of(world.sena).get(place(incident)).text
    assert AuditRow.objects.get(deed="change_injury").changes == {"back_on": [None, "2026-03-10"]}


def test_a_report_is_recorded_by_senior_staff_alone(world, client_of):
    incident = world.incident()
    injury = hurt(world, incident, away_from=date(2026, 3, 3))
    address, told = place(incident, "report_injury", injury.pk), {"reported_on": "2026-03-12", "report_reference": "R1"}
    assert client_of(world.olive).post(address, told).status_code == 404
    assert client_of(world.sena).post(address, told | {"reported_on": "2026-03-13"}).status_code == 422
    client_of(world.sena).post(address, told)
    page = client_of(world.sena).get(place(incident)).text
    assert "Reported under the injury rules on Thursday 12 March 2026, reference R1." in page


def test_that_nobody_was_hurt_is_one_click_and_an_injury_can_still_be_recorded(world, client_of):
    incident = world.incident()
    office = client_of(world.olive)
    assert "Not answered yet." in office.get(place(incident)).text
    office.post(place(incident, "nobody_hurt"))
    page = office.get(place(incident)).text
    assert "Nobody was hurt, as Olive Office wrote down on Thursday 12 March 2026 at 09:00." in page
    assert place(incident, "record_injury") in page
    assert client_of(world.cora).post(place(incident, "nobody_hurt")).status_code == 404


def test_an_injury_of_another_incident_is_404(world, client_of):
    one, other = world.incident(), world.incident("2026-03-03 09:00")
    injury = hurt(world, other)
    assert client_of(world.hari).get(place(one, "change_injury", injury.pk)).status_code == 404


# -- talks --------------------------------------------------------------------------------------------------------


def test_a_talk_with_whoever_was_harmed_is_arranged_in_one_click(world, client_of):
    incident = world.incident(harmed=[world.sena])
    office = client_of(world.olive)
    page = office.get(place(incident)).text
    assert "Arrange a check-in with Sena Senior for Thursday 19 March 2026" in page
    office.post(place(incident, "check_in"), {"who": f"u{world.sena.pk}", "due_on": "2026-03-19"})
    talk = incident.check_ins.get()
    assert (talk.user, talk.due_on, talk.by) == (world.sena, date(2026, 3, 19), world.olive)
    assert "Arrange a check-in with Sena" not in office.get(place(incident)).text


def test_somebody_hurt_is_offered_a_talk_to_those_alone_who_may_know_of_it(world, client_of):
    world.otto = world.hire("office", "Otto Office")
    incident = world.incident()
    hurt(world, incident, user=None, name="Mrs Oak")
    assert "Arrange a check-in with Mrs Oak" in client_of(world.sena).get(place(incident)).text
    assert "Mrs Oak" not in client_of(world.otto).get(place(incident)).text


def test_arranged_again_a_talk_moves_to_the_other_day(world, client_of):
    incident = world.incident(harmed=[world.sena])
    office, told = client_of(world.olive), {"who": f"u{world.sena.pk}"}
    office.post(place(incident, "check_in"), told | {"due_on": "2026-03-19"})
    office.post(place(incident, "check_in"), told | {"due_on": "2026-03-20"})
    assert incident.check_ins.get().due_on == date(2026, 3, 20)
    assert AuditRow.objects.get(deed="move_check_in").changes["due_on"] == ["2026-03-19", "2026-03-20"]


@pytest.mark.parametrize("told", [{"who": "u0"}, {"due_on": "2026-03-11"}, {"due_on": ""}])
def test_a_talk_with_a_stranger_or_in_the_past_is_refused(world, client_of, told):
    incident = world.incident(harmed=[world.sena])
    whole = {"who": f"u{world.sena.pk}", "due_on": "2026-03-19"}
    assert client_of(world.olive).post(place(incident, "check_in"), whole | told).status_code == 422
    assert CheckIn.objects.count() == 0


def test_a_talk_is_held_and_its_note_read_by_few(world, client_of):
    world.otto = world.hire("office", "Otto Office")
    incident = world.incident(harmed=[world.sena])
    told = {"user": world.sena, "due_on": date(2026, 3, 9)}
    talk = aftercare.arrange_check_in(incident, by=world.olive, at=at("2026-03-02 10:00"), **told)
    client_of(world.olive).post(place(incident, "hold_check_in", talk.pk), {"note": "She sleeps badly."})
    talk.refresh_from_db()
    assert (talk.done_by, talk.note) == (world.olive, "She sleeps badly.")
    for name, reads in (("hari", True), ("olive", True), ("otto", False)):
        page = client_of(getattr(world, name)).get(place(incident)).text
        assert ("She sleeps badly." in page) is reads
        assert "Held on Thursday 12 March 2026" in page
    again = client_of(world.sena).post(place(incident, "hold_check_in", talk.pk), {"note": "Again."})
    assert (again.status_code, [r.rule for r in again.context["refusals"]]) == (422, ["wrong-state"])


# -- who sees the page --------------------------------------------------------------------------------------------

FORMS = ["correct_incident", "mark_incident", "take_back_mark", "record_injury", "check_in", "tell_outcome"]


@pytest.mark.parametrize("name", ["incident", *FORMS])
def test_an_incident_of_another_school_is_404(world, make_world, client_of, name):
    incident = make_world("kingsley").incident()
    assert client_of(world.hari).get(place(incident, name)).status_code == 404


@pytest.mark.parametrize("name", FORMS)
def test_a_chair_who_sees_the_case_reaches_none_of_the_forms(world, client_of, name):
    incident = world.incident()
    assert client_of(world.cora).get(place(incident)).status_code == 200
    assert client_of(world.cora).get(place(incident, name)).status_code == 404


def test_the_page_takes_as_many_queries_with_three_of_everything_as_with_one(
    world, client_of, django_assert_num_queries
):
    incident = world.incident(harmed=[world.sena])

    def more(n: int) -> None:
        world.heard(incident)
        amending.correct(incident, by=world.olive, at=at(NOW), text="The side door.")
        hurt(world, incident, user=None, name=f"Mrs Oak {n}", away_from=date(2026, 3, 3))
        told = {"name": f"Mrs Oak {n}", "due_on": date(2026, 3, 19)}
        aftercare.arrange_check_in(incident, by=world.olive, at=at(NOW), **told)

    more(1)
    client = client_of(world.hari)
    client.get(place(incident))
    with django_assert_num_queries(QUERIES):
        client.get(place(incident))
    more(2)
    more(3)
    world.incident("2026-03-03 09:00")
    with django_assert_num_queries(QUERIES):
        client.get(place(incident))


QUERIES = 23
