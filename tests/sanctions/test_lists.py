"""The lists of incidents, cases and people: who sees which rows, narrowed and in which order, page by page and as a file."""

import csv
import io
from collections.abc import Callable
from datetime import date
from itertools import combinations
from types import SimpleNamespace

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from conduct import people
from conduct.listing import Day, Scope
from conduct.models import AuditRow, Merge, Person
from incidents.models import Incident, Mark
from sanctions import amending, cases, gate, inquiry, person_story
from sanctions.lists import of_cases, of_incidents, of_people
from sanctions.models import Case
from sanctions.situation import plan_of, record_of, state_of, with_history
from tests.factories import World, at
from tests.sanctions.test_plans import running

pytestmark = pytest.mark.usefixtures("quick_letters")
NOW = "2026-04-20 09:00"
PAGES = ["incidents", "cases", "people"]
FROM, TO = date(2026, 3, 2), date(2026, 3, 4)


@pytest.fixture
def now():
    with time_machine.travel(at(NOW), tick=False):
        yield at(NOW)


@pytest.fixture
def desk(make_world, now) -> World:
    """A school at which something of every sort has happened; and another, with an incident of its own."""
    world = make_world("combined")
    alex = world.alex
    walk(world, alex, world.confirmed)
    walk(world, world.person("Bea Long", relation="carer"), lambda: planned(world, "communication_plan"))
    walk(world, world.person("Carl Short"), lambda: planned(world, "channel_block"))
    walk(world, world.person("", description="Tall man, red coat", relation="other"), world.incident)
    walk(world, world.person("Eve East", address_protected=True), world.proposed)
    walk(world, world.person("Fay West", relation="visitor", address=""), world.decided)
    walk(world, world.person("Gus North"), world.opened)  # lapsed on 1 April; nobody has swept
    walk(world, world.person("Hal South"), lambda: dismissed(world))
    walk(world, world.person("Ida Marsh"), world.replied)
    world.person("Jo Brown", relation="relative")
    world.alex = alex
    various(world)
    joined(world)
    other = make_world("combined", trust=world.school.trust)
    other.incident()
    return world


def walk(world: World, person: Person, way: Callable[[], object]) -> None:
    """Somebody else goes the way that the world's methods know."""
    world.alex = person
    way()


def planned(world: World, response: str) -> None:
    world.found(world.incident("2026-03-04 10:00"))
    running(world, response)


def dismissed(world: World) -> None:
    """Nothing upheld, and the case closed."""
    incident = world.incident("2026-03-05 08:50", clauses=["U28"])
    world.heard(incident, "2026-03-06 09:00")
    inquiry.find(incident, by=world.hari, at=at("2026-03-10 10:00"), upheld=[], reason="It was not so.")
    cases.close_case(incident.in_case.case, by=world.hari, at=at("2026-03-11 10:00"), reason="Nothing upheld.")


def various(world: World) -> None:
    """Incidents by other people, in other places, online, found twice, and marked."""
    bea, eve = Person.objects.get(name="Bea Long"), Person.objects.get(name="Eve East")
    world.incident("2026-03-04 23:30", subject=bea, by=world.sena, place="email", clauses=["U16"])
    twice = world.incident("2026-03-05 00:10", subject=bea, by=world.hari, place="telephone", clauses=["U05", "U10"])
    world.heard(twice, "2026-03-06 09:00")
    for day, upheld in (("2026-03-07", []), ("2026-03-08", ["U05"])):
        inquiry.find(twice, by=world.hari, at=at(f"{day} 10:00"), upheld=upheld, reason="As heard.")
    for online_is in ("conduct", "criticism", "unsure"):
        world.incident("2026-03-06 12:00", subject=eve, place="social_media", clauses=["U22"], online_is=online_is)
    marks = [("wrong", None), ("withdrawn", None), ("wrong", world.hari)]
    for incident, (kind, undone_by) in zip(Incident.objects.filter(subject=eve).order_by("pk"), marks, strict=False):
        told = {"kind": kind, "reason": "Another person.", "at": at("2026-03-09 09:00"), "by": world.sena}
        undone_at = at("2026-03-09 10:00") if undone_by else None
        Mark.objects.create(incident=incident, undone_by=undone_by, undone_at=undone_at, **told)
    put = Case.objects.get(person=bea)
    if put.put_before_chair_at is None:
        cases.show_to_chair(put, by=world.hari, at=at("2026-03-09 09:00"), why="Put before the chair.")


def joined(world: World) -> None:
    """Ida, written down twice."""
    ida = Person.objects.get(name="Ida Marsh")
    twin = world.person("Aida Marsh")
    Merge.objects.create(kept=twin, merged=ida, at=at("2026-03-09 09:00"), by=world.olive)
    Person.objects.filter(pk=ida.pk).update(identity=twin)


# -- each filter, against plain Python over all rows ---------------------------------------------------------------


def clause_group(world: World, clause: str) -> str:
    return world.school.adoption_on(FROM).pack.clause(clause).group


def standing_finding(incident: Incident):
    return max(incident.findings.all(), key=lambda f: (f.at, f.pk), default=None)


def incident_holds(name: str, value, incident: Incident, desk: World) -> bool:
    finding = standing_finding(incident)
    day = timezone.localdate(incident.occurred_at)
    group = value.removeprefix("all:") if name == "clause" else ""
    return {
        "from": lambda: day >= value,
        "to": lambda: day <= value,
        "clause": lambda: any(value == c or group == clause_group(desk, c) for c in incident.clause_ids),
        "place": lambda: incident.place == value,
        "severity": lambda: incident.severity == value,
        "found": lambda: (
            finding is None and incident.counts
            if value == "no"
            else finding is not None and value == ("upheld" if finding.upheld else "nothing")
        ),
        "case": lambda: (incident.in_case.case.closed_at is None) == (value == "open"),
        "by": lambda: incident.logged_by == desk.olive,
        "counts": lambda: any(m.undone_at is None for m in incident.marks.all()) == (value == "no"),
        "online": lambda: incident.online_is == value or (value == "any" and incident.online_is != ""),
    }[name]()


FORCES = {
    "ban": {"site_ban"}, "plan": {"communication_plan"}, "block": {"channel_block", "vexatious_notice"},
    "any": {"site_ban", "communication_plan", "channel_block", "vexatious_notice"},
}  # fmt: skip


def case_holds(name: str, value, case: Case, desk: World) -> bool:
    calendar, opened = desk.school.calendar, timezone.localdate(case.opened_at)
    measures = list(with_history(case.measures.order_by("proposed_at", "pk")))
    forces = {
        m.response
        for m in measures
        if (record_of(m, calendar) if m.response == "site_ban" else plan_of(m)).in_force(at(NOW))
    }
    newest = state_of(measures[-1], calendar, at(NOW)).value if measures else "none"
    tasks = {t.kind for t in case.tasks.all() if t.closed_at is None}
    drafts = [cl for m in measures for cl in m.case_letters.all() if cl.letter.issued_at is None]
    unfound = [i for i in case.incidents.all() if not i.findings.all() and incident_holds("counts", "yes", i, desk)]
    return {
        "show": lambda: value == "all" or (case.closed_at is None) == (value == "open"),
        "force": lambda: not forces if value == "none" else bool(forces & FORCES[value]),
        "newest": lambda: newest == value,
        "waits": lambda: (
            case.closed_at is None
            and {
                "any": bool(tasks),
                "found": bool(unfound),
                "decision": any(m.state == "proposed" for m in measures),
                "letter": bool(drafts),
            }.get(value, value in tasks)
        ),
        "chair": lambda: (case.put_before_chair_at is not None) == (value == "yes"),
        "from": lambda: opened >= value,
        "to": lambda: opened <= value,
    }[name]()


def person_holds(name: str, value, person: Person, desk: World) -> bool:
    group = [person, *person.aliases.all()]
    words = [gate.applies_to([p], desk.school, at(NOW))[p.pk].word for p in group]
    word = min(words, key=gate.WORDS.index)
    return {
        "applies": lambda: word == value or (value == "any" and word != "clear"),
        "case": lambda: any(p.cases.filter(closed_at=None).exists() for p in group) == (value == "yes"),
        "relation": lambda: person.relation == value,
        "named": lambda: bool(person.name) == (value == "yes"),
        "address": lambda: any(p.address for p in group) == (value == "yes"),
        "protected": lambda: any(p.address_protected for p in group) == (value == "yes"),
    }[name]()


SORTS = {
    ("incidents", "when"): lambda i: (i.occurred_at, i.pk),
    ("incidents", "logged"): lambda i: (i.logged_at, i.pk),
    ("incidents", "person"): lambda i: (i.subject.folded, i.pk),
    ("cases", "opened"): lambda c: (c.opened_at, c.pk),
    ("cases", "person"): lambda c: (c.person.folded, c.pk),
    ("people", "name"): lambda p: (p.folded, p.pk),
    ("people", "relation"): lambda p: (p.relation, p.folded, p.pk),
}


def kind_of(page: str, desk: World) -> SimpleNamespace:
    """A list with all rows of the school, and the plain words of what each filter means."""
    rows = {"incidents": desk.school.incidents, "cases": desk.school.cases, "people": desk.school.people}[page]
    every = list(rows.filter(identity=None) if page == "people" else rows.all())
    table = {"incidents": of_incidents, "cases": of_cases, "people": of_people}[page].TABLE
    holds = {"incidents": incident_holds, "cases": case_holds, "people": person_holds}[page]
    return SimpleNamespace(table=table, rows=every, holds=holds)


def values_of(each, scope: Scope) -> list:
    return [FROM, TO, date(2026, 3, 5)] if isinstance(each, Day) else list(each.labels(scope))


def answer(kind, told: dict, scope: Scope, order: str = "") -> list[int]:
    listing = kind.table.listing
    written = {name: str(value) for name, value in told.items()}
    state = listing.read({**written, "order": order}, scope)
    assert state.remarks == ()
    return list(kind.table.asked(state)[0].values_list("pk", flat=True))


@pytest.mark.parametrize("page", PAGES)
def test_each_filter_and_each_two_of_them_give_what_plain_python_gives(desk, page):
    kind, scope = kind_of(page, desk), Scope(desk.school, desk.olive, at(NOW))
    filters = kind.table.listing.filters
    usual = kind.table.listing.usual
    truth = {
        (f.name, value): {row.pk for row in kind.rows if kind.holds(f.name, value, row, desk)}
        for f in filters
        for value in values_of(f, scope)
    }
    whole = {row.pk for row in kind.rows}
    dull = [f.name for f in filters if all(found in (set(), whole) for key, found in truth.items() if key[0] == f.name)]
    assert dull == []  # each filter tells rows apart here, or this would prove nothing
    # Of each filter every value by itself, and the one that parts the rows most evenly beside that of every other filter.
    even = [
        min((k for k in truth if k[0] == f.name), key=lambda k: abs(2 * len(truth[k]) - len(whole))) for f in filters
    ]
    for asked in [(), *((key,) for key in truth), *combinations(even, 2)]:
        told = dict(asked)
        if told.get("to", TO) < told.get("from", FROM):
            continue  # an end before its beginning: the list leaves it out
        wanted = set(whole)
        for key in {**usual, **told}.items():
            wanted &= truth[key]
        assert set(answer(kind, told, scope)) == wanted, told


@pytest.mark.parametrize("page", PAGES)
def test_each_order_is_that_of_plain_python_both_ways_and_the_same_each_time(desk, page):
    kind, scope = kind_of(page, desk), Scope(desk.school, desk.olive, at(NOW))
    told = {"show": "all"} if page == "cases" else {}
    for name in kind.table.listing.orders:
        upwards = [row.pk for row in sorted(kind.rows, key=SORTS[page, name])]
        assert len(upwards) >= 9
        assert answer(kind, told, scope, name) == upwards
        assert answer(kind, told, scope, f"-{name}") == upwards[::-1]


# -- who sees what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        *((name, ["incidents", "cases", "people"]) for name in ("olive", "sena", "hari")),
        *((name, ["incidents", "cases"]) for name in ("tess", "cora")),
        *((name, []) for name in ("adam", "gail", "rita", "sid")),
    ],
)
def test_a_list_is_there_for_whom_it_concerns(world, client_of, who, seen):
    client = client_of(getattr(world, who))
    assert [page for page in PAGES if client.get(reverse(page)).status_code == 200] == seen
    places = [place.label for place in client.get("/").context["nav"]]
    assert [page for page in PAGES if page.capitalize() in places] == seen


def test_the_chair_sees_what_was_put_before_them_and_nothing_else(desk, client_of):
    put = Case.objects.filter(school=desk.school, put_before_chair_at__isnull=False)
    not_put = Case.objects.filter(school=desk.school, put_before_chair_at=None)
    assert put.exists()
    assert not_put.exists()
    client = client_of(desk.cora)
    shown = {row.case for row in client.get("/cases/?show=all").context["rows"]}
    assert shown == set(put)
    told = {row.incident for row in client.get("/incidents/").context["rows"]}
    assert told == set(Incident.objects.filter(in_case__case__in=put))
    hidden = not_put.first()
    for query in (hidden.reference, hidden.person.name or "tall man"):
        assert client.get("/cases/", {"q": query, "show": "all"}).context["rows"] == []
        found = {row.incident.in_case.case for row in client.get("/incidents/", {"q": query}).context["rows"]}
        assert hidden not in found


def test_the_trust_sees_one_school_at_a_time(desk, client_of):
    client = client_of(desk.tess)
    assert {row.incident.school for row in client.get("/incidents/").context["rows"]} == {desk.school}
    other = desk.school.trust.schools.exclude(pk=desk.school.pk).get()
    client.post(reverse("switch_school"), {"school": other.slug, "next": "/"})
    assert {row.incident.school for row in client.get("/incidents/").context["rows"]} == {other}


def test_a_person_written_down_twice_stands_there_once(desk, client_of):
    names = [str(p) for p, _ in client_of(desk.olive).get("/people/").context["rows"]]
    assert "Ida Marsh" not in names
    assert "Aida Marsh" in names


# -- the pages ----------------------------------------------------------------------------------------------------


def test_an_incident_is_found_by_person_by_its_reference_and_by_that_of_its_case(desk, client_of):
    client = client_of(desk.olive)
    one = Incident.objects.filter(subject__name="Hal South").get()
    for query in ("hal south", one.reference.lower(), one.in_case.case.reference):
        assert [row.incident for row in client.get("/incidents/", {"q": query}).context["rows"]] == [one]
        assert [row.case for row in client.get("/cases/", {"q": query, "show": "all"}).context["rows"]] == (
            [one.in_case.case] if query != one.reference.lower() else []
        )


def test_whoever_is_written_down_twice_is_found_with_all_their_cases(desk, client_of):
    shown = client_of(desk.olive).get("/cases/", {"q": "aida marsh"}).context["rows"]
    assert "Ida Marsh" in {str(row.case.person) for row in shown}


def test_too_few_letters_are_answered_with_a_word(desk, client_of):
    response = client_of(desk.olive).get("/incidents/", {"q": "x"})
    assert response.context["state"].remarks == ("Type at least two letters to search.",)
    assert response.context["rows"] == []


def test_a_very_common_name_is_looked_for_up_to_a_bound_and_says_so(desk, client_of, monkeypatch):
    monkeypatch.setattr("sanctions.lists.table.FOUND_AT_MOST", 1)
    state = client_of(desk.olive).get("/people/", {"q": "marsh"}).context["state"]
    assert "Type more of the name." in state.remarks[0]


def test_the_likeliest_person_stands_first_unless_an_order_is_asked_for(world, client_of):
    world.person("Alexander Marsham")
    world.person("Aaron Marsh")
    client = client_of(world.olive)
    page = client.get("/people/", {"q": "marsh"})
    found = [p.pk for p in people.search(world.school, "marsh", limit=100)]
    assert len(found) == 3
    assert [p.pk for p, _ in page.context["rows"]] == found
    assert "aria-sort" not in page.content.decode()
    up = client.get("/people/", {"q": "marsh", "order": "name"})
    assert [str(p) for p, _ in up.context["rows"]] == ["Aaron Marsh", "Alex Marsh", "Alexander Marsham"]
    assert 'aria-sort="ascending"' in up.content.decode()
    assert '<input type="hidden" name="order" value="name">' in up.content.decode()
    assert up.context["state"].query() == "q=marsh&order=name"


def test_the_list_of_incidents_says_who_what_where_and_what_came_of_it(desk, client_of):
    page = client_of(desk.olive).get("/incidents/", {"q": "hal south"})
    (row,) = page.context["rows"]
    assert (row.facts, row.counts, row.further) == ("Nothing upheld", True, 0)
    text = page.content.decode()
    for shown in (
        "Hal South",
        row.incident.reference,
        "Thursday 5 March 2026",
        "On the school site",
        "Olive Office",
        row.what,
    ):
        assert shown in text
    assert row.incident.narrative not in text
    assert reverse("incident", args=[row.incident.in_case.case.reference, row.incident.reference]) in text


def test_the_day_of_logging_stands_there_where_it_is_another(world, client_of):
    world.incident("2026-03-03 00:10", occurred_at=at("2026-03-02 23:50"))
    page = client_of(world.olive).get("/incidents/")
    assert [row.same_day for row in page.context["rows"]] == [False]
    assert "Tuesday 3 March 2026" in page.content.decode()
    assert "Same day" not in page.content.decode()


def test_an_incident_that_does_not_count_says_so(desk, client_of):
    page = client_of(desk.olive).get("/incidents/", {"counts": "no"})
    assert {row.counts for row in page.context["rows"]} == {False}
    assert "Does not count</span>" in page.content.decode()


def test_the_list_of_cases_says_what_is_in_force_and_what_waits(desk, client_of):
    rows = client_of(desk.olive).get("/cases/").context["rows"]
    tags = {str(row.case.person): row.tags for row in rows if row.tags}
    assert tags == {
        "Alex Marsh": [("Banned", "stop")], "Bea Long": [("Plan", "wait")], "Carl Short": [("Block", "wait")],
    }  # fmt: skip
    newest = {str(row.case.person): row.newest for row in rows}
    assert newest["Gus North"] == "Ban from the site: lapsed: no decision in time"
    assert newest["Not known: Tall man, red coat"] == "Nothing proposed yet"
    waiting = {str(row.case.person): (row.waits, row.overdue) for row in rows}
    assert waiting["Not known: Tall man, red coat"][1] is True


def test_each_state_of_a_list_is_an_address(desk, client_of):
    client = client_of(desk.olive)
    page = client.get("/incidents/?severity=serious&place=email&from=2026-03-01")
    text = page.content.decode()
    assert [c.words for c in page.context["state"].chips] == ["Sunday 1 March 2026", "Email", "Serious"]
    assert 'href="/incidents/?place=email&amp;severity=serious"' in text
    assert '<option value="email" selected>' in text
    assert 'href="?order=person&amp;from=2026-03-01&amp;place=email&amp;severity=serious"' in text


def test_the_head_of_the_column_says_the_order(desk, client_of):
    text = client_of(desk.olive).get("/incidents/?order=logged").content.decode()
    assert text.count("aria-sort=") == 1
    assert 'aria-sort="ascending"' in text


@pytest.mark.parametrize(
    ("address", "remark"),
    [
        ("/incidents/?place=moon", "“moon” cannot be chosen under “Where”: it is left out."),
        ("/incidents/?clause=U99", "“U99” cannot be chosen under “Part of the code”: it is left out."),
        ("/cases/?show=mine", "“mine” cannot be chosen under “Cases”: it is left out."),
        ("/cases/?from=31.12.2026", "“31.12.2026” cannot be chosen under “Opened from”: it is left out."),
        ("/people/?relation=%00'", "“&#x27;” cannot be chosen under “Relation”: it is left out."),
        ("/people/?order=address", "This list has no order “address”."),
        ("/people/?address__contains=High", "This list has no filter “address__contains”."),
    ],
)
def test_a_bad_parameter_is_left_out_with_a_word(world, client_of, address, remark):
    world.incident()
    response = client_of(world.olive).get(address)
    assert response.status_code == 200
    assert remark in response.content.decode()
    assert len(response.context["rows"]) == 1


@pytest.mark.parametrize("page", ["0", "-1", "x", "999", "1e9", "%00"])
def test_a_page_that_is_not_there_is_answered_with_one_that_is(world, client_of, page):
    world.incident()
    assert len(client_of(world.olive).get(f"/incidents/?page={page}").context["rows"]) == 1


def test_pages_keep_what_is_asked(world, client_of):
    for n in range(26):
        world.person(f"Person {n:02}", relation="carer")
    response = client_of(world.olive).get("/people/?relation=carer&order=-name")
    assert len(response.context["rows"]) == 25
    assert 'href="?order=-name&amp;relation=carer&amp;page=2"' in response.content.decode()
    second = client_of(world.olive).get("/people/?order=-name&relation=carer&page=2")
    assert [str(p) for p, _ in second.context["rows"]] == ["Person 00"]


def test_a_list_longer_than_the_count_says_so(world, client_of, monkeypatch):
    monkeypatch.setattr("conduct.listing.COUNTED_TO", 2)
    for name in ("Bea Long", "Carl Short"):
        world.person(name)
    text = " ".join(client_of(world.olive).get("/people/").content.decode().split())
    assert "More than 2 people: narrow the list to reach the last of them" in text


# -- nothing there ------------------------------------------------------------------------------------------------


def test_a_list_with_nothing_yet_says_what_to_do_first(world, client_of):
    for page in ("/incidents/", "/cases/"):
        text = client_of(world.olive).get(page).content.decode()
        assert "yet</h2>" in text
        assert f'<a class="btn btn-primary" href="{reverse("log")}">Log an incident</a>' in text
        assert 'href="/log/">Log an incident</a>' not in client_of(world.tess).get(page).content.decode()


def test_where_every_case_is_closed_the_closed_ones_are_one_click_away(world, client_of):
    dismissed(world)
    text = client_of(world.olive).get("/cases/").content.decode()
    assert "No case is open" in text
    assert 'href="?show=all"' in text


def test_where_nothing_fits_each_filter_is_taken_off_with_one_click(world, client_of):
    world.incident()
    page = client_of(world.olive).get("/incidents/?place=letter&severity=criminal")
    text = page.content.decode()
    assert "Nothing fits these filters" in text
    assert 'href="/incidents/?severity=criminal"' in text
    assert 'href="/incidents/?place=letter"' in text
    assert "Nothing found for “zebedee”" in client_of(world.olive).get("/people/?q=zebedee").content.decode()


# -- as many queries whatever the number of rows -------------------------------------------------------------------

LIST_QUERIES = {"incidents": 12, "cases": 17, "people": 18}
EXPORT_QUERIES = {"incidents": 10, "cases": 17, "people": 18}


def grow(world: World) -> None:
    """Alex is banned; then two more, banned and with a task, as many rows of each sort behind each."""
    for name in ("Bea Long", "Carl Short"):
        world.alex = world.person(name, pupils=["Robin Marsh"])
        world.confirmed()


@pytest.mark.parametrize("page", PAGES)
def test_a_list_takes_as_many_queries_with_three_rows_as_with_one(
    world, client_of, now, django_assert_num_queries, page
):
    world.confirmed()
    client = client_of(world.olive)
    client.get(reverse(page))
    for rows in (1, 3):
        with django_assert_num_queries(LIST_QUERIES[page]):
            assert len(client.get(reverse(page)).context["rows"]) == rows
        if rows == 1:
            grow(world)


@pytest.mark.parametrize("page", PAGES)
def test_a_file_takes_as_many_queries_with_three_rows_as_with_one(
    world, client_of, now, django_assert_num_queries, page
):
    world.confirmed()
    client = client_of(world.olive)
    client.get(reverse(page))
    for rows in (1, 3):
        with django_assert_num_queries(EXPORT_QUERIES[page]):
            assert len(exported(client, page)) == rows + 1
        if rows == 1:
            grow(world)


# -- as a file ----------------------------------------------------------------------------------------------------


def exported(client, page: str, query: str = "") -> list[list[str]]:
    response = client.post(reverse("list_export", args=[page]) + query)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    whole = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(whole.removeprefix("\ufeff"), newline="")))


def test_the_page_before_the_file_says_how_many_rows_which_filters_and_which_columns(desk, client_of):
    page = client_of(desk.olive).get(reverse("list_export", args=["incidents"]) + "?severity=serious&place=email")
    text = " ".join(page.content.decode().split())
    assert page.context["number"] == len(
        client_of(desk.olive).get("/incidents/?severity=serious&place=email").context["rows"]
    )
    for shown in (
        "Where: Email<br> Severity: Serious",
        "Incident, Case, Person, Happened",
        "Addresses, telephone numbers",
    ):
        assert shown in text
    assert not AuditRow.objects.filter(deed="export_list").exists()


def test_the_file_holds_what_the_filters_show_in_the_order_asked(desk, client_of):
    head, *rows = exported(client_of(desk.olive), "incidents", "?severity=serious&order=person")
    shown = client_of(desk.olive).get("/incidents/?severity=serious&order=person").context["rows"]
    assert head == list(of_incidents.TABLE.columns)
    assert [row[0] for row in rows] == [row.incident.reference for row in shown]
    hal = exported(client_of(desk.olive), "incidents", "?q=hal+south")[1]
    one = Incident.objects.get(subject__name="Hal South")
    assert hal == [
        one.reference, one.in_case.case.reference, "Hal South", "2026-03-05 08:50", "2026-03-05 08:50", "Olive Office",
        "On the school site", "Minor", "U28", "Nothing upheld", "yes",
    ]  # fmt: skip


def test_the_file_of_cases_says_what_is_in_force_and_what_waits(desk, client_of):
    head, *rows = exported(client_of(desk.tess), "cases", "?show=all")
    told = {row[1]: dict(zip(head, row, strict=True)) for row in rows}
    assert len(told) == Case.objects.filter(school=desk.school).count()
    assert (told["Alex Marsh"]["In force today"], told["Alex Marsh"]["Newest step"]) == (
        "Banned",
        "Ban from the site: confirmed",
    )
    assert (told["Hal South"]["Closed"], told["Hal South"]["Incidents"]) == ("2026-03-11 10:00", "1")
    assert told["Bea Long"]["Incidents"] == "3"
    assert told["Bea Long"]["Before the chair"] == "yes"


def test_what_does_not_count_waits_for_no_finding_and_is_counted_nowhere(world, client_of, now):
    incident, other = world.incident(), world.incident("2026-03-04 09:00")
    amending.mark(incident, by=world.hari, at=at("2026-03-05 09:00"), kind="wrong", reason="Another person.")
    head = client_of(world.hari)
    page = head.get(reverse("incidents"), {"found": "no"})
    assert [row.incident for row in page.context["rows"]] == [other]
    facts = {row.incident: row.facts for row in head.get(reverse("incidents")).context["rows"]}
    assert facts == {incident: "Does not count", other: "Not found yet"}
    listed = [dict(zip(rows[0], row, strict=True)) for rows in [exported(head, "incidents")] for row in rows[1:]]
    assert {row["Incident"]: row["Facts"] for row in listed} == {i.reference: f for i, f in facts.items()}
    assert exported(head, "cases")[1][4] == "1"
    assert person_story.counts_of(world.alex)["incidents"] == 1


def test_the_file_of_people_holds_no_address_no_number_and_no_email(desk, client_of):
    Person.objects.update(address="7 Secret Street", phone="01632 960999", email="secret@example.org")
    rows = exported(client_of(desk.hari), "people")
    told = {row[0]: row[1:] for row in rows}
    assert told["Alex Marsh"] == ["", "Parent", "Robin Marsh, Year 4", "Banned", desk.alex.cases.get().reference]
    assert told["Aida Marsh"][-1] == Case.objects.get(person__name="Ida Marsh").reference
    assert told["Jo Brown"] == ["", "Relative or childminder who collects", "", "", ""]
    assert not any(secret in str(rows) for secret in ("Secret", "960999", "secret@"))


def test_no_name_in_a_file_is_run_as_a_formula(world, client_of):
    world.alex.name = '=HYPERLINK("http://x.example";"y")'
    world.alex.save()
    world.incident()
    for page, column in (("people", 0), ("cases", 1), ("incidents", 2)):
        assert exported(client_of(world.olive), page)[1][column] == '\'=HYPERLINK("http://x.example";"y")'


def test_a_file_is_in_the_audit_with_what_was_asked_and_how_many_rows(world, client_of):
    world.incident()
    exported(client_of(world.olive), "incidents", "?severity=serious&from=2026-03-01")
    (row,) = AuditRow.objects.filter(deed="export_list")
    assert (row.by, row.school, row.about) == (world.olive, world.school, "list of incidents")
    assert row.changes == {"asked": ["Happened from: Sunday 1 March 2026", "Severity: Serious"], "rows": 1}


def test_a_list_too_long_for_one_file_is_refused_with_the_way_out(world, client_of, monkeypatch):
    monkeypatch.setattr("conduct.exporting.MOST_ROWS", 1)
    world.person("Bea Long")
    client, address = client_of(world.olive), reverse("list_export", args=["people"])
    for response in (client.get(address), client.post(address)):
        assert "The list is too long for one file" in response.content.decode()
    assert response.status_code == 422
    assert not AuditRow.objects.filter(deed="export_list").exists()
    assert len(exported(client, "people", "?q=bea")) == 2


def test_a_long_file_is_made_some_rows_at_a_time_and_complete(world, client_of, monkeypatch):
    monkeypatch.setattr("sanctions.lists.table.CHUNK", 2)
    for name in ("Bea Long", "Carl Short", "Dee East"):
        world.person(name)
    assert [row[0] for row in exported(client_of(world.olive), "people")] == [
        "Name", "Alex Marsh", "Bea Long", "Carl Short", "Dee East",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "page"),
    [
        *(("cora", "cases"), ("cora", "incidents"), ("tess", "people")),
        *(("adam", "people"), ("gail", "people"), ("olive", "letters")),
    ],
)
def test_whoever_may_not_export_a_list_finds_no_such_page(world, client_of, who, page):
    client = client_of(getattr(world, who))
    address = reverse("list_export", args=[page])
    assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)
    if who == "cora":
        assert "Export as a file" not in client.get(reverse(page)).content.decode()
