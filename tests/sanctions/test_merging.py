"""One adult, written down twice: everything asked about them is asked of both rows, and undoing a join loses nothing."""

import pytest
from django.apps import apps
from django.db.models import Q
from django.urls import reverse

from conduct import duplicates, merging, people, register
from conduct.merging import NotPossible
from conduct.models import AuditRow, Distinct, Merge, Person
from letters.models import Document
from sanctions import cases, contents, gate, inquiry, measures
from sanctions.models import Case, Measure
from sanctions.situation import opened_file, read_case
from sanctions.standing import Refused
from tests.factories import World, at

pytestmark = pytest.mark.usefixtures("quick_letters")
NOON = at("2026-03-10 12:00")


def joined(world, kept, merged, reason=""):
    row = merging.merge(kept, merged, by=world.olive, at=NOON, reason=reason)
    for person in (kept, merged):
        person.refresh_from_db()
    return row


def everything():
    """Every row of every table but the audit and the joins themselves."""
    ours = [m for m in apps.get_models() if m._meta.app_label in {"conduct", "incidents", "sanctions", "letters"}]
    return {
        model.__name__: sorted(map(repr, model.objects.order_by("pk").values()))
        for model in ours
        if model not in {AuditRow, Merge, Document}  # a document holds bytes, which are never changed
    }


def test_the_row_kept_stands_for_both(world):
    other = world.person("Alexander Marsh")
    joined(world, world.alex, other)
    assert other.identity == world.alex
    assert world.alex.identity is None
    assert set(world.alex.rows()) == set(other.rows()) == {world.alex, other}


@pytest.mark.parametrize("named_first", [True, False])
def test_of_a_name_and_a_description_the_name_stands_for_both(world, named_first):
    described = Person.objects.create(school=world.school, description="tall man, red coat")
    joined(world, *((world.alex, described) if named_first else (described, world.alex)))
    assert (described.identity, world.alex.identity) == (world.alex, None)


def test_a_join_protects_what_leads_to_an_address_under_each_row_and_undoing_gives_it_back(world):
    found, hidden = (
        world.person("Bea Marsh", phone="07700 900777"),
        world.person("Beatrice Marsh", address_protected=True),
    )
    assert people.search(world.school, "07700 900777") == [found]
    row = joined(world, hidden, found)
    assert people.search(world.school, "07700 900777") == []
    found.save()
    assert people.search(world.school, "07700 900777") == []
    merging.undo(row, by=world.olive, at=NOON)
    assert people.search(world.school, "07700 900777") == [found]


def test_lifting_the_protection_lifts_it_for_every_row(world):
    found, hidden = (
        world.person("Bea Marsh", phone="07700 900777"),
        world.person("Beatrice Marsh", address_protected=True),
    )
    joined(world, found, hidden)
    register.protect_address(found, False, by=world.sena, at=NOON)
    assert people.search(world.school, "07700 900777") == [found]


def test_who_was_said_to_be_somebody_else_is_left_out_though_another_row_stands_for_them_since(world):
    ann, other, stands = world.person("Ann Pike"), world.person("Ann Pike"), world.person("Anne Pike")
    merging.tell_apart(ann, other, by=world.olive, at=NOON)
    joined(world, stands, other)
    assert merging.apart_ids(ann) == {other.pk, stands.pk}
    assert duplicates.alike(world.school, name="Ann Pike", besides=ann) == []


TOLD = {"address": "5 New Road, Southampton", "email": "bert@stone.example", "large_print": True, "language": "Polish"}


@pytest.mark.parametrize("under", ["the row that stands", "the other row"])
def test_a_letter_and_the_pages_of_a_case_know_the_person_as_a_whole(world, client_of, under):
    described = Person.objects.create(school=world.school, description="tall man, red coat")
    incident = world.incident(subject=described)
    case = incident.in_case.case
    named = world.person("Bert Stone", **(TOLD if under == "the row that stands" else {"address": ""}))
    joined(world, named, described)
    if under == "the other row":
        Person.objects.filter(pk=described.pk).update(**TOLD)
    case.person.refresh_from_db()
    facts = contents.of_person(case.person)
    assert facts == {
        "recipient_name": "Bert Stone",
        "salutation": "",
        "recipient_address": ["5 New Road", "Southampton"],
        "recipient_email": "bert@stone.example",
        "pupils": [],
        "large_print": True,
        "covering_language": "pl",
    }
    assert contents.of_person(named) == facts
    for page in (
        reverse("case", args=[case.reference]),
        reverse("what_next", args=[case.reference, incident.reference]),
    ):
        shown = client_of(world.olive).get(page).content.decode()
        assert ("Bert Stone" in shown, "Letters in large print · Language or interpreter: Polish" in shown) == (
            True,
            True,
        )
        assert "Find out who it was" not in shown
    shown = client_of(world.olive).get(reverse("person", args=[named.pk])).content.decode()
    assert all(words in shown for words in ("5 New Road", "bert@stone.example", "Language or interpreter: Polish"))


def test_a_letter_is_drafted_to_the_row_that_stands(world):
    other = world.person("Alexander Marsh")
    ban = world.decided()
    joined(world, other, world.alex)
    decision = Measure.objects.get(pk=ban.pk).decisions.get()
    assert measures.draft_letter(decision, "provisional_ban", by=world.hari, at=NOON).letter.recipient == other


def test_the_children_of_every_row_are_shown_each_once(world):
    other = world.person("Alexander Marsh", pupils=["Robin Marsh", "Wren Marsh"])
    joined(world, world.alex, other)
    (found,) = people.search(world.school, "Alex Marsh")
    assert [child.name for child in found.children] == ["Robin Marsh", "Wren Marsh"]


def test_a_join_and_its_undoing_are_in_the_audit(world):
    other = world.person("Alexander Marsh")
    row = joined(world, world.alex, other, "Same phone, and she says so.")
    merging.undo(row, by=world.sena, at=NOON)
    told = AuditRow.objects.filter(deed__in=["merge_people", "undo_merge"]).order_by("pk")
    assert [(r.deed, r.by, r.about, r.changes) for r in told] == [
        (
            "merge_people",
            world.olive,
            f"person {world.alex.pk}",
            {"same_as": f"person {other.pk}", "reason": "Same phone, and she says so."},
        ),
        ("undo_merge", world.sena, f"person {world.alex.pk}", {"same_as": f"person {other.pk}"}),
    ]


def test_undoing_gives_exactly_the_former_state(world):
    other = world.person("Alexander Marsh", pupils=["Wren Marsh"], phone="07700 900111")
    world.opened()
    world.incident("2026-03-03 09:00", subject=other)
    before = everything()
    row = joined(world, world.alex, other)
    assert everything() != before
    merging.undo(row, by=world.olive, at=NOON)
    assert everything() == before


def test_undoing_leaves_what_happened_in_between_with_the_row_it_was_written_under(world):
    other = world.person("Alexander Marsh")
    world.incident("2026-03-02 08:50", subject=other)
    before = everything()
    row = joined(world, world.alex, other)
    between = world.incident("2026-03-04 08:50", subject=world.alex)
    merging.undo(row, by=world.olive, at=NOON)
    assert between.subject == other == between.in_case.case.person
    after = everything()
    assert all(set(before[table]) <= set(after[table]) for table in before if table not in {"Counter", "Case", "Task"})
    assert after["Person"] == before["Person"]
    assert after["PersonKey"] == before["PersonKey"]


def test_three_rows_are_joined_one_after_the_other_and_told_apart_in_any_order(world):
    b, c = world.person("B Marsh"), world.person("C Marsh")
    first = joined(world, b, c)
    second = joined(world, world.alex, b)
    assert set(Person.objects.filter(identity=world.alex)) == {b, c}
    merging.undo(first, by=world.olive, at=NOON)
    assert list(Person.objects.filter(identity=world.alex)) == [b]
    merging.undo(second, by=world.olive, at=NOON)
    assert not Person.objects.exclude(identity=None).exists()


def test_joining_a_row_that_stands_for_others_takes_them_along_and_undoing_gives_them_back(world):
    b, c = world.person("B Marsh"), world.person("C Marsh")
    joined(world, b, c)
    second = joined(world, world.alex, c)  # c is b by now: so b is joined
    assert (second.kept, second.merged) == (world.alex, b)
    merging.undo(second, by=world.olive, at=NOON)
    assert dict(Person.objects.values_list("name", "identity")) == {
        "Alex Marsh": None,
        "B Marsh": None,
        "C Marsh": b.pk,
    }


def test_what_cannot_be_joined_is_refused_in_words(world):
    other = world.person("Alexander Marsh")
    stranger = World("sholing").alex
    joined(world, world.alex, other)
    for one, two, words in [
        (world.alex, world.alex, "one person already"),
        (other, world.alex, "one person already"),
        (world.alex, stranger, "belongs to one school"),
    ]:
        with pytest.raises(NotPossible, match=words):
            merging.merge(one, two, by=world.olive, at=NOON)
    assert Merge.objects.count() == 1


def test_a_join_is_undone_once(world):
    row = joined(world, world.alex, world.person("Alexander Marsh"))
    merging.undo(row, by=world.olive, at=NOON)
    with pytest.raises(NotPossible, match="taken back already, by Olive Office"):
        merging.undo(row, by=world.sena, at=NOON)


def test_who_is_not_the_same_person_is_remembered_and_can_be_taken_back(world):
    other = world.person("Alexander Marsh")
    row = merging.tell_apart(other, world.alex, by=world.olive, at=NOON)
    assert merging.tell_apart(world.alex, other, by=world.sena, at=NOON) == row
    assert (row.one, row.other) == (world.alex, other)
    with pytest.raises(NotPossible, match="Olive Office said that these are not the same person"):
        merging.merge(world.alex, other, by=world.sena, at=NOON)
    merging.take_back(row, by=world.sena, at=NOON)
    assert not Distinct.objects.exists()
    joined(world, world.alex, other)
    assert [r.deed for r in AuditRow.objects.filter(Q(deed__contains="apart")).order_by("pk")] == [
        "tell_people_apart",
        "take_back_apart",
    ]


def test_joined_rows_are_not_told_apart(world):
    other = world.person("Alexander Marsh")
    joined(world, world.alex, other)
    with pytest.raises(NotPossible, match="joined as one person"):
        merging.tell_apart(world.alex, other, by=world.olive, at=NOON)


# --- what is asked about the person is asked about both rows


def test_the_gate_says_of_either_row_that_the_person_is_banned(world):
    other = world.person("Alexander Marsh")
    world.opened()
    assert gate.applies_to([other], world.school, NOON)[other.pk].word == "clear"
    joined(world, other, world.alex)
    found = gate.applies_to([other, world.alex], world.school, NOON)
    assert [found[p.pk].word for p in (other, world.alex)] == ["banned", "banned"]
    assert [(p, a.word) for p, a in gate.listed(world.school, NOON)] == [(other, "banned")]


def test_the_search_finds_by_either_name_the_one_that_stands_for_both(world):
    other = world.person("Alexandra Brown")
    joined(world, world.alex, other)
    assert people.search(world.school, "brown") == people.search(world.school, "alex marsh") == [world.alex]


def test_an_incident_goes_into_the_open_case_of_either_row(world):
    other = world.person("Alexander Marsh")
    first = world.incident(subject=other)
    joined(world, world.alex, other)
    second = world.incident("2026-03-05 09:00", subject=world.alex)
    assert second.in_case.case == first.in_case.case
    assert second.subject == other
    assert Case.objects.count() == 1


def test_with_no_open_case_a_new_one_is_opened_for_the_row_that_stands_for_both(world):
    other = world.person("Alexander Marsh")
    joined(world, world.alex, other)
    incident = world.incident(subject=other)
    assert incident.subject == incident.in_case.case.person == world.alex


def test_two_open_cases_both_stay_and_each_is_found_from_its_own_row(world):
    other = world.person("Alexander Marsh")
    own, theirs = world.incident(), world.incident("2026-03-03 09:00", subject=other)
    joined(world, world.alex, other)
    assert cases.open_case_of(world.alex) == own.in_case.case
    assert cases.open_case_of(other) == theirs.in_case.case


def test_a_second_ban_is_refused_across_the_rows(world):
    other = world.person("Alexander Marsh")
    world.proposed()
    world.incident("2026-03-03 09:00", subject=other)
    joined(world, world.alex, other)
    told = {"severity_reason": "A threat.", "lesser_options": "No."}
    with pytest.raises(Refused) as refused:
        measures.propose(other, by=world.olive, at=NOON, response="site_ban", opening="provisional", **told)
    assert [r.rule for r in refused.value.refusals] == ["one-live-ban"]
    assert Measure.objects.count() == 1


def test_coming_on_site_under_the_other_name_breaks_the_ban(world):
    other = world.person("Alexander Marsh")
    world.opened(method="hand")
    joined(world, other, world.alex)
    again = world.incident("2026-03-09 09:00", subject=other)
    assert inquiry.BREACH_OF_BAN in again.clause_ids


def test_the_ladder_counts_what_was_upheld_and_served_under_either_row(world):
    other = world.person("Alexander Marsh")
    ban = world.opened()
    world.found(ban.case.incidents.get())
    incident = world.incident("2026-03-05 09:00", subject=other)
    assert inquiry.upheld_in_a_year(other, 12) == 0
    joined(world, other, world.alex)
    assert inquiry.upheld_in_a_year(other, 12) == 1
    case = incident.in_case.case
    situation = read_case(case, by=world.hari, at=NOON)
    assert [m.pk for m in opened_file(case).measures] == [ban.pk]
    assert [s.response for s in situation.served] == ["site_ban"]
    assert situation.last_logged_at == at("2026-03-05 09:00")
    assert [name for _, name in situation.children] == ["Robin Marsh"]


def test_a_letter_may_name_the_children_of_either_row_and_not_the_other_parent(world):
    from sanctions.contents import third_parties

    other = world.person("Alexander Marsh", pupils=["Wren Marsh"])
    world.person("Sam Brown", pupils=["Wren Marsh"])
    ban = world.decided()
    letter = ban.case_letters.get()
    assert {"Wren Marsh"} <= third_parties(letter)
    joined(world, world.alex, other)
    letter = Measure.objects.get().case_letters.get()
    assert third_parties(letter) == {"Sam Brown"}
