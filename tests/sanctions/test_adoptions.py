"""Adopting a policy and withdrawing one: who may, from when, what goes on under the old one, and what the audit keeps."""

from datetime import date

import pytest

from conduct import code
from conduct.code import PackError
from conduct.models import Adoption, AuditRow
from sanctions import adoptions, bans, measures
from sanctions.models import Measure
from sanctions.standing import Refused
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")

NOW = at("2026-03-10 12:00")
TODAY, SEPTEMBER = date(2026, 3, 10), date(2026, 9, 1)


def refused(told) -> list[str]:
    return [r.rule for r in told.value.refusals]


def adopt(world, **told: object) -> adoptions.Adopted:
    usual = {"by": world.tess, "at": NOW, "starts_on": SEPTEMBER, "pack_key": "oakmoor"}
    return adoptions.adopt(world.school, **{**usual, **told})  # type: ignore[arg-type]


def renamed(head: str) -> dict[str, object]:
    """Sholing with another title of the head."""
    tables = code.shipped("sholing")
    tables["policy"]["titles"]["head"] = head
    return tables


# -- adopting -----------------------------------------------------------------------------------------------------


def test_another_policy_is_adopted_as_it_is_shipped_from_a_day_on(world):
    made = adopt(world).adoption
    assert (made.version, made.pack_key, made.starts_on, made.adopted_by, made.adopted_at, made.adjusted) == (
        2,
        "oakmoor",
        SEPTEMBER,
        world.tess,
        NOW,
        False,
    )
    assert world.school.adoption_on(date(2026, 8, 31)).pack_key == "sholing"
    assert world.school.adoption_on(SEPTEMBER) == made


def test_a_policy_is_adopted_with_the_school_s_own_settings(world):
    made = adopt(world, pack_key="sholing", content=renamed("Rector")).adoption
    assert (made.adjusted, made.pack.title_of("head")) == (True, "Rector")
    assert code.pack("sholing").title_of("head") == "school leader"


def test_the_audit_says_what_changed_from_what_to_what(world):
    adopt(world, pack_key="sholing", content=renamed("Rector"))
    row = AuditRow.objects.get(deed="adopt_policy")
    assert (row.by, row.at, row.school, row.about) == (world.tess, NOW, world.school, world.school.name)
    assert row.changes == {
        "version": [1, 2],
        "pack": ["sholing", "sholing"],
        "starts_on": "2026-09-01",
        "The head is called": ["school leader", "Rector"],
        "replaces": None,
    }


@pytest.mark.parametrize("name", ["olive", "sena", "hari", "cora", "adam", "gail", "rita", "sid"])
def test_nobody_but_the_trust_sets_a_policy(world, name):
    with pytest.raises(Refused) as told:
        adopt(world, by=getattr(world, name))
    assert refused(told) == ["not-permitted"]
    assert Adoption.objects.count() == 1


def test_the_trust_of_another_school_sets_none_here(world, make_world):
    with pytest.raises(Refused) as told:
        adopt(world, by=make_world("kingsley").tess)
    assert refused(told) == ["not-permitted"]


def test_a_policy_starts_today_or_later(world):
    with pytest.raises(Refused) as told:
        adopt(world, starts_on=date(2026, 3, 9))
    assert refused(told) == ["dated"]
    assert adopt(world, starts_on=TODAY).adoption.starts_on == TODAY


def test_what_cannot_be_is_no_policy(world):
    tables = renamed("Rector")
    tables["timers"]["provisional_alert_days"] = 45  # type: ignore[index]
    with pytest.raises(PackError, match=r"timers\.provisional_alert_days"):
        adopt(world, pack_key="sholing", content=tables)
    assert Adoption.objects.count() == 1


def test_what_changes_nothing_is_no_new_version(world):
    with pytest.raises(Refused) as told:
        adopt(world, pack_key="sholing")
    assert refused(told) == ["wrong-state"]


def test_versions_follow_one_another_by_their_days(world):
    adopt(world)
    with pytest.raises(Refused) as told:
        adopt(world, pack_key="kingsley", starts_on=date(2026, 8, 31))
    assert refused(told) == ["dated"]
    assert "Version 2 starts on Tuesday 1 September 2026" in told.value.refusals[0].text


def test_a_version_to_come_is_replaced_by_one_of_the_same_day(world):
    first = adopt(world).adoption
    second = adopt(world, pack_key="kingsley").adoption
    first.refresh_from_db()
    assert (first.withdrawn_by, first.withdrawn_at) == (world.tess, NOW)
    assert (second.version, world.school.adoption_on(SEPTEMBER)) == (3, second)
    assert AuditRow.objects.filter(deed="adopt_policy").latest("pk").changes["replaces"] == 2


def test_one_that_began_today_is_replaced_until_something_stands_under_it(world):
    adopt(world, starts_on=TODAY)
    third = adopt(world, starts_on=TODAY, pack_key="kingsley").adoption
    assert world.incident("2026-03-10 12:30").adoption == third
    with pytest.raises(Refused) as told:
        adopt(world, starts_on=TODAY, pack_key="combined")
    assert refused(told) == ["dated"]


def test_whoever_had_an_earlier_version_before_them_is_told(world):
    adopt(world)
    with pytest.raises(Refused) as told:
        adopt(world, pack_key="kingsley", starts_on=date(2026, 9, 2), follows=1)
    assert refused(told) == ["wrong-state"]
    assert adopt(world, pack_key="kingsley", starts_on=date(2026, 9, 2), follows=2).adoption.version == 3


# -- what goes on -------------------------------------------------------------------------------------------------


def test_measures_under_way_and_in_force_go_on_under_the_old_policy(world):
    ban = world.opened()
    world.found(ban.case.incidents.get())
    meeting = measures.propose(world.alex, by=world.olive, at=at("2026-03-10 11:00"), response="meeting")
    declined = measures.propose(world.alex, by=world.olive, at=at("2026-03-10 11:10"), response="warning_letter")
    measures.decline(declined, by=world.hari, at=at("2026-03-10 11:20"), reason="A meeting will do.")
    told = adopt(world, starts_on=TODAY)
    assert told.going_on == [ban, meeting]
    assert adoptions.going_on_words(told.going_on) == (
        "2 measures go on under the old policy: C-2026-0001 (ban from the site), C-2026-0001 (meeting)."
    )
    assert {m.adoption.version for m in Measure.objects.all()} == {1}


def test_a_running_ban_keeps_the_timers_and_the_deciders_of_its_policy(world):
    ban = world.replied()
    adopt(world, starts_on=TODAY, pack_key="kingsley")  # where the head confirms
    with pytest.raises(Refused) as told:
        bans.confirm(
            ban, by=world.hari, at=at("2026-03-19 10:00"), reasons="Established.", equality="Asked.",
            terms=world.final_terms(),
        )  # fmt: skip
    assert refused(told) == ["right-decider"]


def test_what_is_proposed_afterwards_comes_under_the_new_policy(world):
    world.incident()
    made = adopt(world, starts_on=TODAY, pack_key="kingsley").adoption
    assert world.proposed("2026-03-11 09:00").adoption == made


def test_with_nothing_under_way_nothing_is_said_to_go_on(world):
    ban = world.opened()
    bans.withdraw(ban, by=world.hari, at=at("2026-03-05 09:00"), reasons="Wrong person.")
    assert adopt(world).going_on == []
    assert adoptions.going_on_words([]) == ""


def test_one_measure_is_told_in_the_singular(world):
    ban = world.proposed()
    assert adoptions.going_on_words(adoptions.going_on(world.school, NOW)) == (
        f"1 measure goes on under the old policy: {ban.case.reference} (ban from the site)."
    )


def test_measures_of_another_school_are_not_spoken_of(world, make_world):
    make_world("sholing").proposed()
    assert adopt(world).going_on == []


# -- withdrawing --------------------------------------------------------------------------------------------------


def test_a_version_to_come_is_withdrawn_and_the_one_before_goes_on(world):
    made = adopt(world).adoption
    adoptions.withdraw_adoption(made, by=world.tess, at=at("2026-03-11 09:00"))
    assert world.school.adoption_on(SEPTEMBER).version == 1
    row = AuditRow.objects.get(deed="withdraw_policy")
    assert row.changes == {"version": 2, "pack": "oakmoor", "starts_on": "2026-09-01"}
    assert adopt(world).adoption.version == 3  # a number is not given twice


@pytest.mark.parametrize("name", ["olive", "sena", "hari", "cora", "adam", "gail", "rita", "sid"])
def test_nobody_but_the_trust_withdraws_one(world, name):
    made = adopt(world).adoption
    with pytest.raises(Refused) as told:
        adoptions.withdraw_adoption(made, by=getattr(world, name), at=NOW)
    assert refused(told) == ["not-permitted"]


def test_what_has_begun_before_today_is_history(world):
    adopt(world, starts_on=TODAY)
    made = world.school.adoption_on(TODAY)
    with pytest.raises(Refused) as told:
        adoptions.withdraw_adoption(made, by=world.tess, at=at("2026-03-11 00:01"))
    assert refused(told) == ["wrong-state"]


def test_what_something_was_judged_by_is_history(world):
    made = adopt(world, starts_on=TODAY).adoption
    world.incident("2026-03-10 12:30", clauses=["U03"])
    with pytest.raises(Refused) as told:
        adoptions.withdraw_adoption(made, by=world.tess, at=at("2026-03-10 13:00"))
    assert refused(told) == ["wrong-state"]


def test_a_measure_alone_makes_a_version_history(world):
    world.incident()
    made = adopt(world, starts_on=TODAY).adoption
    world.proposed("2026-03-10 12:30")
    with pytest.raises(Refused) as told:
        adoptions.withdraw_adoption(made, by=world.tess, at=at("2026-03-10 13:00"))
    assert refused(told) == ["wrong-state"]


def test_one_is_withdrawn_once(world):
    made = adopt(world).adoption
    adoptions.withdraw_adoption(made, by=world.tess, at=NOW)
    with pytest.raises(Refused) as told:
        adoptions.withdraw_adoption(made, by=world.tess, at=NOW)
    assert refused(told) == ["wrong-state"]


def test_a_school_is_never_left_without_a_policy(make_world):
    world = make_world("sholing")
    alone = make_world("sholing", trust=world.school.trust).school
    alone.adoptions.update(withdrawn_at=NOW, withdrawn_by=world.tess)
    only = alone.adoptions.create(pack_key="oakmoor", starts_on=SEPTEMBER)
    with pytest.raises(Refused) as told:
        adoptions.withdraw_adoption(only, by=world.tess, at=NOW)
    assert refused(told) == ["wrong-state"]
    assert alone.adoption_on(TODAY) == only


def test_the_number_of_an_own_clause_is_not_given_twice(world):
    assert adoptions.next_own_id(world.school) == "S01"
    tables = code.shipped("sholing")
    clause = {"kind": "expectation", "group": "Ours", "wording": "Greet us", "usual_severity": "", "routes": []}
    tables["code"]["own_clauses"] = [{"id": "S01", **clause}, {"id": "S02", **clause}]
    adopt(world, pack_key="sholing", content=tables)
    adopt(world, pack_key="kingsley", starts_on=date(2026, 9, 2))
    assert adoptions.next_own_id(world.school) == "S03"
    tables["code"]["own_clauses"] = [{"id": "S99", **clause}]
    adopt(world, pack_key="sholing", content=tables, starts_on=date(2026, 9, 3))
    assert adoptions.next_own_id(world.school) == ""
