"""Writing letters that tell no decision, in the browser: what the case page offers to whom, and where each leads."""

import pytest
import time_machine
from django.urls import reverse

from letters.models import Letter
from sanctions import correspondence, diary, inquiry
from sanctions.models import CaseLetter
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")


@pytest.fixture
def it_is():
    """Set the clock that the pages read."""
    with time_machine.travel(at("2026-03-02 11:00"), tick=False) as clock:
        yield lambda moment: clock.move_to(at(moment))


def page(case) -> str:
    return reverse("case", args=[case.reference])


def write(ban, kind: str) -> str:
    return reverse("write_about", args=[ban.case.reference, ban.pk, kind])


def issue(draft: CaseLetter, world, when: str) -> Letter:
    correspondence.approvals.sign(draft, by=draft.signs, at=at(when))
    return correspondence.issue(draft, by=world.adam, at=at(when), method="post", signed_by=draft.signs)


def answers(incident, world, **changed: object) -> dict[str, object]:
    return {"incidents": [incident.pk], "days": 5, "readers": "", "signs": world.sena.pk, **changed}


@pytest.mark.parametrize(
    ("name", "status"),
    [("sena", 200), ("hari", 200), ("olive", 404), ("cora", 404), ("tess", 404), ("adam", 404), ("gail", 404)],
)
def test_the_page_that_asks_for_an_account_is_for_senior_staff_and_the_head(world, client_of, it_is, name, status):
    case = world.incident().in_case.case
    client = client_of(getattr(world, name))
    assert client.get(reverse("ask_account", args=[case.reference])).status_code == status
    if name in {"sena", "hari", "olive", "tess"}:
        assert ("Ask for their account" in client.get(page(case)).text) == (status == 200)


def test_asked_issued_and_answered_the_case_shows_each(world, client_of, it_is):
    incident = world.incident()
    case, client = incident.in_case.case, client_of(world.sena)
    response = client.post(reverse("ask_account", args=[case.reference]), answers(incident, world, signs=world.hari.pk))
    draft = CaseLetter.objects.get()
    assert response["Location"] == reverse("letter", args=[draft.letter_id])
    assert (draft.signs, draft.chosen) == (world.hari, {"incidents": [incident.pk], "days": 5, "readers": ""})
    assert "The letter that asks for their account waits to be issued." in client.get(page(case)).text
    issue(draft, world, "2026-03-02 12:00")
    it_is("2026-03-11 18:00")
    shown = client.get(page(case)).text
    assert "Asked for their account (L-2026-0001): answer by Wed 11 March." in shown
    assert "Letter issued: request for an account" in shown
    assert "record the attempt" not in shown
    inquiry.record_account(incident, by=world.sena, at=at("2026-03-11 18:10"), of="subject", text="I was provoked.")
    assert "Asked for their account" not in client.get(page(case)).text


def test_once_the_day_has_passed_the_attempt_is_offered_with_its_words(world, client_of, it_is):
    incident = world.incident()
    case, client = incident.in_case.case, client_of(world.olive)
    draft = correspondence.notices.ask_account(case, by=world.sena, at=at("2026-03-02 11:00"))
    issue(draft, world, "2026-03-02 12:00")
    it_is("2026-03-12 08:00")
    url = reverse("incident_deed", args=[case.reference, incident.reference, "account"])
    link = f"{url}?of=subject&unanswered=2026-03-11"
    assert link.replace("&", "&amp;") in client.get(page(case)).text
    assert "Asked by letter to answer by Wednesday 11 March 2026; no answer came." in client.get(link).text
    assert client.get(f"{url}?of=subject&unanswered=never").status_code == 200
    assert not incident.accounts.exists()  # nothing counts as tried before somebody has recorded it


def test_a_form_that_asks_about_nothing_comes_back(world, client_of, it_is):
    incident = world.incident()
    url = reverse("ask_account", args=[incident.in_case.case.reference])
    response = client_of(world.sena).post(url, answers(incident, world, incidents=[]))
    assert response.status_code == 422
    assert "Choose at least one." in response.text
    other = world.incident(subject=world.person("Jo Hill"))
    assert client_of(world.sena).post(url, answers(incident, world, incidents=[other.pk])).status_code == 422
    assert not CaseLetter.objects.exists()


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        ("review_notice", {"hari", "cora", "tess"}),
        ("ban_breach_notice", {"hari", "cora", "tess"}),
        ("gate_notice", {"olive", "sena", "hari"}),
    ],
)
def test_each_letter_about_a_ban_is_offered_to_those_who_may_have_it_written(world, client_of, it_is, kind, allowed):
    ban = world.confirmed()
    world.incident("2026-04-13 15:20", clauses=["U35"])
    it_is("2026-04-13 16:00")
    for name in ("olive", "sena", "hari", "cora", "tess"):
        client = client_of(getattr(world, name))
        offered = write(ban, kind) in client.get(page(ban.case)).text
        assert (offered, client.get(write(ban, kind)).status_code) == ((True, 200) if name in allowed else (False, 404))


@pytest.mark.parametrize("kind", ["review_notice", "ban_breach_notice", "gate_notice"])
def test_its_button_leads_to_the_draft_and_then_it_is_not_offered_again(world, client_of, it_is, kind):
    ban = world.confirmed()
    breach = world.incident("2026-04-13 15:20", clauses=["U35"])
    it_is("2026-04-13 16:00")
    client = client_of(world.hari)
    response = client.post(write(ban, kind), {"incidents": [breach.pk]})
    draft = CaseLetter.objects.get(letter__kind=kind)
    assert response["Location"] == reverse("letter", args=[draft.letter_id])
    assert client.get(response["Location"]).status_code == 200
    shown = client.get(page(ban.case)).text
    assert write(ban, kind) not in shown
    assert response["Location"] in shown
    assert client_of(world.adam).get("/letters/").status_code == 200
    assert client.get("/").status_code == 200


def test_without_a_breach_none_is_offered_and_an_unknown_kind_is_no_page(world, client_of, it_is):
    ban = world.confirmed()
    it_is("2026-04-13 16:00")
    client = client_of(world.hari)
    assert write(ban, "ban_breach_notice") not in client.get(page(ban.case)).text
    assert client.get(write(ban, "warning")).status_code == 404
    stranger = world.person("Jo Hill")
    other = world.incident(subject=stranger).in_case.case
    assert client.get(reverse("write_about", args=[other.reference, ban.pk, "gate_notice"])).status_code == 404


def test_the_notice_that_the_diary_drafted_is_shown_at_the_ban(world, client_of, it_is):
    ban = world.confirmed()
    diary.sweep(at("2026-04-20 06:00"))
    it_is("2026-04-20 09:00")
    assert "Open the draft letter: notice of a review" in client_of(world.tess).get(page(ban.case)).text
