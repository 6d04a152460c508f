"""A clause of the school's own: logged, found, told in letters and stories, in the words of the version then in force."""

from datetime import date

import pytest
from django.urls import reverse

from conduct import clock, code
from incidents.models import Incident
from letters.models import Letter
from sanctions import correspondence, measures
from sanctions.standing import Refused
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")

DRONE = {
    "id": "S01",
    "kind": "unacceptable",
    "group": "Recording",
    "wording": "Flying a drone over the playground",
    "usual_severity": "serious",
    "routes": ["legal_advice", "site_ban"],
}


@pytest.fixture
def it_is(monkeypatch):
    """Set the clock that the pages read."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: at(moment))


def adopted(world, starts_on: date, **changed: object):
    """A version of sholing with the drone clause, from a day on."""
    tables = code.shipped("sholing")
    tables["code"]["own_clauses"] = [{**DRONE, **changed}]
    return world.school.adoptions.create(pack_key="sholing", starts_on=starts_on, content=tables)


@pytest.fixture
def drones(world):
    """The drone clause stands in the policy from 2 March 2026."""
    return adopted(world, date(2026, 3, 2))


def drone_on(day: str, world) -> dict[str, object]:
    """The answers of the page on which an incident is logged."""
    told = {"person": world.alex.pk, "narrative": "A drone.", "clauses": ["S01"], "place": "site"}
    return {**told, "occurred_on": day, "occurred_time": "08:50"}


def warned(world, incident) -> Letter:
    """The warning letter about an incident that was upheld."""
    world.found(incident)
    warning = measures.propose(
        world.alex, by=world.olive, at=at("2026-03-11 09:00"), response="warning_letter", severity_reason="A drone."
    )
    measures.decide(warning, by=world.hari, at=at("2026-03-11 10:00"))
    return correspondence.issue_kind(
        warning, "warning", by=world.adam, at=at("2026-03-11 11:00"), method="post", signed_by=world.hari
    )


def test_it_is_logged_at_its_usual_severity_and_opens_its_legal_task(world, drones):
    incident = world.incident(clauses=["S01"])
    assert (incident.severity, incident.adoption) == ("serious", drones)
    assert "legal" in incident.in_case.case.tasks.values_list("kind", flat=True)


def test_it_is_refused_for_a_day_before_it_was_in_force(world, drones):
    with pytest.raises(Refused) as told:
        world.incident(clauses=["S01"], occurred_at=at("2026-03-01 09:00"))
    assert [r.rule for r in told.value.refusals] == ["not-in-pack"]


def test_it_suggests_its_branches_as_far_as_the_policy_has_them(drones):
    assert drones.pack.routes_of(["S01"]) == ("legal_advice", "site_ban")


def test_a_letter_quotes_it_and_the_version(world, drones):
    facts = warned(world, world.incident(clauses=["S01", "U03"])).facts
    assert facts["clauses"][0] == {"id": "S01", "wording": "Flying a drone over the playground"}
    assert [c["id"] for c in facts["clauses"]] == ["S01", "U03"]
    assert facts["policy_version"].endswith(", as adopted by this school on 2 March 2026 (version 2)")


def test_a_letter_quotes_each_incident_in_the_words_of_its_own_version(world):
    adopted(world, date(2026, 2, 1), wording="Flying a drone")
    before = world.incident("2026-02-10 08:50", clauses=["S01"])
    adopted(world, date(2026, 3, 2))
    world.found(world.incident(clauses=["S01"]))
    facts = warned(world, before).facts
    assert facts["clauses"] == [
        {"id": "S01", "wording": "Flying a drone"},
        {"id": "S01", "wording": "Flying a drone over the playground"},
    ]


def test_the_letter_of_a_first_version_quotes_the_policy_s_own_words(world):
    letter = warned(world, world.incident(clauses=["U03"]))
    assert letter.facts["policy_version"] == code.pack("sholing").version


def test_the_pages_show_it_offer_it_to_be_found_and_tell_it_in_the_story(world, drones, client_of, it_is):
    it_is("2026-03-11 09:00")
    incident = world.incident(clauses=["S01"])
    case = incident.in_case.case
    client = client_of(world.hari)
    address = reverse("incident", args=[case.reference, incident.reference])
    page = client.get(address).text
    assert "Flying a drone over the playground (S01)" in page
    assert "as adopted by this school on 2 March 2026 (version 2), in force when it happened" in page
    form = client.get(reverse("incident_deed", args=[case.reference, incident.reference, "find"])).context["form"]
    assert form.fields["upheld"].choices == [("S01", "S01 Flying a drone over the playground")]
    world.found(incident)
    assert "Upheld: Flying a drone over the playground (S01)" in client.get(address).text
    story = client.get(reverse("case", args=[case.reference])).context["events"]
    assert [e.text for e in story if e.title == "Facts found"] == ["Flying a drone over the playground (S01)."]


def test_the_page_on_which_an_incident_is_logged_offers_it(world, client_of, it_is):
    it_is("2026-03-02 11:00")
    adopted(world, date(2025, 9, 1))
    form = client_of(world.olive).get(reverse("log")).context["form"]
    boxes = {box.clause.id for _, boxes in form.other_groups for box in boxes}
    assert "S01" in boxes
    assert form.how_many == len(code.pack("sholing").clause_list()) + 1
    answers = drone_on("2026-03-02", world)
    client_of(world.olive).post(reverse("log"), answers)
    assert Incident.objects.get().clause_ids == ["S01"]


def test_one_that_the_version_of_that_day_lacks_is_refused_and_can_be_unticked(world, client_of, it_is):
    it_is("2026-03-02 11:00")
    adopted(world, date(2025, 9, 1))
    answers = drone_on("2025-08-30", world)
    response = client_of(world.olive).post(reverse("log"), answers)
    assert [r.rule for r in response.context["refusals"]] == ["not-in-pack"]
    assert [box.clause.id for box in response.context["form"].common_boxes if box.ticked] == ["S01"]


def test_a_measure_under_an_earlier_version_says_so_on_its_panel(world, client_of, it_is):
    it_is("2026-03-04 09:00")
    ban = world.proposed()
    address = reverse("case", args=[ban.case.reference])
    client = client_of(world.hari)
    under = "which was in force when this was proposed"
    assert under not in client.get(address).text
    adopted(world, date(2026, 3, 3))
    page = " ".join(client.get(address).text.split())
    title, version = code.pack("sholing").title, code.pack("sholing").version
    assert f"Under {title}, version {version}, {under}." in page
    assert f"Under {title}, version {version}, as adopted by this school on 3 March 2026 (version 2)." in page


@pytest.mark.parametrize("name", ["code", "code_website"])
def test_the_code_of_the_school_holds_it_and_quotes_the_version(world, client_of, drones, it_is, name):
    it_is("2026-03-03 09:00")
    page = " ".join(client_of(world.olive).get(reverse(name)).content.decode().split())
    assert "Flying a drone over the playground" in page
    assert f"Version {drones.version_words}" in page
    it_is("2026-03-01 09:00")
    assert "drone" not in client_of(world.olive).get(reverse(name)).content.decode()
