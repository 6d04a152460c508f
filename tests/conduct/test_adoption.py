"""What a school adopts: the whole policy kept as it stood, numbered, quoted in words, final; and clauses of its own."""

import tomllib
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from conduct import code
from conduct.code import PackError, build_pack
from conduct.models import Adoption
from tests.factories import SchoolFactory, at

SEPTEMBER = date(2026, 9, 1)
DRONE = {
    "id": "S01",
    "kind": "unacceptable",
    "group": "Recording",
    "wording": "Flying a drone over the playground",
    "usual_severity": "criminal",
    "routes": ["legal_advice", "channel_block"],
}
GREETING = {
    "id": "S02",
    "kind": "expectation",
    "group": "Our school",
    "wording": "Greet the crossing patrol",
    "usual_severity": "",
    "routes": [],
}


def with_own(*own, key="sholing"):
    tables = code.shipped(key)
    tables["code"]["own_clauses"] = list(own)
    return tables


def refusal(*own):
    with pytest.raises(PackError) as caught:
        build_pack("sholing", with_own(*own), file="ours")
    return caught.value.key, caught.value.reason


# -- what is kept -------------------------------------------------------------------------------------------------


def test_an_adoption_keeps_the_whole_policy_as_it_is_shipped(db):
    adoption = SchoolFactory().adoptions.create(pack_key="oakmoor", starts_on=SEPTEMBER)
    kept = Adoption.objects.get(pk=adoption.pk)
    assert kept.content == tomllib.loads((code.PACK_DIR / "oakmoor.toml").read_text(encoding="utf-8"))
    assert (kept.version, kept.adjusted, kept.adopted_at, kept.adopted_by) == (1, False, None, None)
    assert kept.pack is code.pack("oakmoor")


def test_a_later_release_of_the_file_changes_nothing_adopted(db, monkeypatch):
    adoption = SchoolFactory().adoptions.create(pack_key="oakmoor", starts_on=SEPTEMBER)
    released = code.shipped("oakmoor")
    released["policy"]["title"] = "A new title"
    monkeypatch.setattr(code, "_tables_of", lambda key: released)
    code.adopted.cache_clear()
    assert Adoption.objects.get(pk=adoption.pk).pack.title == code.pack("oakmoor").title != "A new title"
    code.adopted.cache_clear()


def test_versions_count_for_each_school_by_itself(db):
    one, other = SchoolFactory(), SchoolFactory()
    made = [s.adoptions.create(pack_key="sholing", starts_on=date(2026, m, 1)) for s in (one, one, other) for m in (1, 9)
            if not (s is one and s.adoptions.filter(starts_on=date(2026, m, 1)).exists())]  # fmt: skip
    assert [(a.school, a.version) for a in made] == [(one, 1), (one, 2), (other, 1), (other, 2)]


def test_a_version_stands_once_in_a_school(db):
    school = SchoolFactory()
    school.adoptions.create(pack_key="sholing", starts_on=date(2026, 1, 1), version=4)
    assert school.adoptions.create(pack_key="sholing", starts_on=date(2026, 2, 1)).version == 5
    with pytest.raises(IntegrityError), transaction.atomic():
        school.adoptions.create(pack_key="sholing", starts_on=date(2026, 3, 1), version=4)


def test_the_same_content_is_the_same_pack_and_other_content_another(db):
    tables = with_own(DRONE)
    one = SchoolFactory().adoptions.create(pack_key="sholing", starts_on=SEPTEMBER, content=tables)
    other = SchoolFactory().adoptions.create(pack_key="sholing", starts_on=SEPTEMBER, content=with_own(DRONE))
    third = SchoolFactory().adoptions.create(pack_key="sholing", starts_on=SEPTEMBER, content=with_own(DRONE, GREETING))
    packs = [Adoption.objects.get(pk=a.pk).pack for a in (one, other, third)]
    assert packs[0] is packs[1]
    assert packs[2] is not packs[0]
    assert packs[0] is not code.pack("sholing")


def test_the_order_of_keys_makes_no_other_text():
    tables = code.shipped("sholing")
    assert code.canonical(dict(reversed(tables.items()))) == code.canonical(tables)


def test_what_is_shipped_is_handed_out_as_a_copy():
    code.shipped("sholing")["policy"]["title"] = "Changed"
    assert code.shipped("sholing")["policy"]["title"] == code.pack("sholing").title


# -- the words of a version ---------------------------------------------------------------------------------------


def test_a_first_version_as_shipped_reads_as_the_policy_s_own(db):
    adoption = SchoolFactory().adoptions.create(pack_key="oakmoor", starts_on=SEPTEMBER)
    assert adoption.version_words == "October 2023"


def test_an_adjusted_or_later_version_says_when_the_school_adopted_it(db):
    school = SchoolFactory()
    first = school.adoptions.create(
        pack_key="oakmoor", starts_on=date(2026, 1, 5), content=with_own(DRONE, key="oakmoor")
    )
    assert first.version_words == "October 2023, as adopted by this school on 5 January 2026 (version 1)"
    second = school.adoptions.create(pack_key="oakmoor", starts_on=SEPTEMBER)
    assert second.version_words == "October 2023, as adopted by this school on 1 September 2026 (version 2)"


# -- which is in force --------------------------------------------------------------------------------------------


def test_the_version_of_a_day_is_the_latest_begun_that_was_not_withdrawn(world):
    school = world.school
    second = school.adoptions.create(pack_key="oakmoor", starts_on=date(2026, 3, 1))
    withdrawn = school.adoptions.create(
        pack_key="kingsley",
        starts_on=date(2026, 4, 1),
        withdrawn_at=at("2026-03-02 09:00"),
        withdrawn_by=world.tess,
    )
    assert school.adoption_on(date(2026, 2, 28)).version == 1
    assert school.adoption_on(date(2026, 3, 1)) == second
    assert school.adoption_on(date(2026, 5, 1)) == second != withdrawn
    assert school.adoption_on(date(1999, 1, 1)).version == 1


def test_a_school_without_a_policy_says_so(db):
    with pytest.raises(Adoption.DoesNotExist, match="has adopted no policy"):
        SchoolFactory().adoption_on(SEPTEMBER)


# -- it is history ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"content": {}},
        {"pack_key": "oakmoor"},
        {"starts_on": SEPTEMBER},
        {"version": 9},
        {"adjusted": True},
    ],
)
def test_the_database_refuses_to_change_an_adoption(world, change):
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        Adoption.objects.filter(school=world.school).update(**change)


def test_the_database_refuses_to_delete_an_adoption(world):
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        Adoption.objects.filter(school=world.school).delete()


@pytest.mark.parametrize("half", ["adopted_at", "withdrawn_at"])
def test_an_adoption_says_when_and_by_whom_or_neither(world, half):
    with pytest.raises(IntegrityError), transaction.atomic():
        world.school.adoptions.create(pack_key="oakmoor", starts_on=SEPTEMBER, **{half: at("2026-03-02 09:00")})


@pytest.mark.django_db(transaction=True)
def test_what_was_adopted_before_gets_the_policy_that_it_followed():
    executor = MigrationExecutor(connection)
    executor.migrate([("conduct", "0002_audit_is_final")])
    try:
        old = executor.loader.project_state([("conduct", "0002_audit_is_final")]).apps
        trust = old.get_model("conduct", "Trust").objects.create(name="Trust", slug="trust")
        schools = [
            old.get_model("conduct", "School").objects.create(trust=trust, name=name, slug=name) for name in ("a", "b")
        ]
        rows = old.get_model("conduct", "Adoption").objects
        rows.create(school=schools[0], pack_key="kingsley", starts_on=SEPTEMBER)
        rows.create(school=schools[0], pack_key="oakmoor", starts_on=date(2025, 9, 1))
        rows.create(school=schools[1], pack_key="sholing", starts_on=SEPTEMBER)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    found = Adoption.objects.order_by("school__name", "version")
    assert [(a.pack_key, a.version) for a in found] == [("oakmoor", 1), ("kingsley", 2), ("sholing", 1)]
    assert [a.pack for a in found] == [code.pack("oakmoor"), code.pack("kingsley"), code.pack("sholing")]
    assert {a.adjusted for a in found} == {False}


@pytest.mark.django_db(transaction=True)
def test_what_was_adopted_before_a_setting_was_known_gets_it_empty_and_stays_final():
    executor = MigrationExecutor(connection)
    executor.migrate([("conduct", "0003_adoption_keeps_the_policy")])
    try:
        old = executor.loader.project_state([("conduct", "0003_adoption_keeps_the_policy")]).apps
        trust = old.get_model("conduct", "Trust").objects.create(name="Trust", slug="trust")
        school = old.get_model("conduct", "School").objects.create(trust=trust, name="a", slug="a")
        content = code.shipped("oakmoor")
        del content["policy"]["also_above"]
        row = {"school": school, "pack_key": "oakmoor", "starts_on": SEPTEMBER, "version": 1, "content": content}
        old.get_model("conduct", "Adoption").objects.create(**row)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    kept = Adoption.objects.get()
    assert kept.content == {**content, "policy": {**content["policy"], "also_above": ""}}
    assert (kept.pack.title_of("trust"), kept.pack.also_above) == ("trust", "")
    with pytest.raises(DatabaseError), transaction.atomic():
        Adoption.objects.update(content={})


# -- a school's own clauses ---------------------------------------------------------------------------------------


def test_every_question_about_clauses_knows_a_school_s_own():
    made = build_pack("sholing", with_own(DRONE, GREETING), file="ours")
    assert made.clause("S01").wording == "Flying a drone over the playground"
    assert made.clause("U01") is code.clauses()["U01"]
    assert [made.holds(c) for c in ("S01", "U03", "U07", "S03")] == [True, True, False, False]
    assert made.clause_list()[-1].id == "S01"
    assert made.clause_list("expectation")[-1].id == "S02"
    assert dict(made.clause_groups())["Recording"][-1].id == "S01"
    assert made.usual_severity(["U01", "S01"]) == "criminal"
    assert made.usual_severity(["S02"]) == "minor"
    assert made.routes_of(["S01"]) == ("legal_advice",)  # sholing has no channel block
    assert made.clause("S01").sources == ()


def test_a_clause_that_nobody_knows_is_an_error():
    with pytest.raises(KeyError):
        code.pack("sholing").clause("S01")


@pytest.mark.parametrize("key", code.pack_keys())
def test_a_pack_as_shipped_holds_no_clauses_of_a_school_s_own(key):
    assert code.pack(key).own_clauses == ()


@pytest.mark.parametrize(
    ("change", "key", "reason"),
    [
        ({"id": "U01"}, "id", "'U01' is no id of a school's own clause (they are S01, S02 … S99)"),
        ({"id": "S1"}, "id", "'S1' is no id of a school's own clause (they are S01, S02 … S99)"),
        ({"id": 1}, "id", "1 is no id of a school's own clause (they are S01, S02 … S99)"),
        ({"kind": "rule"}, "kind", "'rule' is not a known kind of clause (there are unacceptable, expectation)"),
        ({"group": ""}, "group", "must be a text, and not an empty one"),
        ({"wording": " "}, "wording", "must be a text, and not an empty one"),
        ({"usual_severity": ""}, "usual_severity", "must be given for unacceptable conduct, and for nothing else"),
        (
            {"kind": "expectation", "routes": []},
            "usual_severity",
            "must be given for unacceptable conduct, and for nothing else",
        ),
        (
            {"usual_severity": "grave"},
            "usual_severity",
            "'grave' is not a known severity (there are , minor, serious, criminal)",
        ),
        ({"kind": "expectation", "usual_severity": ""}, "routes", "are for unacceptable conduct alone"),
        ({"routes": ["legal_advice", "legal_advice"]}, "routes[2]", "'legal_advice' stands there twice"),
        ({"colour": "red"}, "colour", "is not a known key"),
    ],
)
def test_an_own_clause_that_cannot_be_is_refused_with_its_reason(change, key, reason):
    assert refusal({**DRONE, **change}) == (f"code.own_clauses[1].{key}", reason)


@pytest.mark.parametrize("missing", DRONE)
def test_an_own_clause_lacks_none_of_its_keys(missing):
    told = {k: v for k, v in DRONE.items() if k != missing}
    assert refusal(told) == (f"code.own_clauses[1].{missing}", "is missing")


def test_two_own_clauses_do_not_share_an_id():
    assert refusal(DRONE, {**GREETING, "id": "S01"}) == ("code.own_clauses", "names S01 more than once")
