"""A policy in sentences: who decides, who is asked, how a person is heard, with every number of its timers."""

from dataclasses import fields, replace

import pytest

from conduct import code, policy


def sentences(pack) -> str:
    rows = [*policy.hearing(pack), *policy.for_staff(pack)]
    return " ".join([*policy.deciding(pack), *(f"{name}: {said}" for name, said in rows)])


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("sholing", "Before a ban the Chair of Governors or HET is consulted. Before any other response nobody need"),
        ("kingsley", "Before every formal response the Chair of Governors is consulted."),
        ("burton_joyce", "The policy names nobody who must be consulted before a response."),
        ("all_saints", "Before a ban the Chair of the Local Academy Board is consulted."),
    ],
)
def test_it_says_who_is_consulted(key, said):
    assert said in sentences(code.pack(key))


@pytest.mark.parametrize(
    ("key", "who"),
    [
        ("sholing", "the Chair of Governors or HET"),
        ("oakmoor", "the Headteacher"),
        ("combined", "the chair of governors or trust"),
    ],
)
def test_it_says_who_confirms_a_ban(key, who):
    assert f"{who} confirms a ban, changes it or does not confirm it." in sentences(code.pack(key))


def test_significant_incidents_are_said_to_be_reported_only_where_the_policy_asks_for_it():
    told = "Every significant incident (a serious or possibly criminal one or U15, discriminatory conduct or language)"
    assert told in sentences(code.pack("sholing"))
    assert "significant incident" not in sentences(code.pack("oakmoor"))


def test_a_first_ban_has_a_limit_only_where_the_policy_sets_one():
    assert "A first ban: At most 90 days." in sentences(code.pack("burton_joyce"))
    assert "A first ban" not in sentences(code.pack("sholing"))


def test_a_plan_is_spoken_of_only_where_the_ladder_has_one():
    assert "Block from the school app or social media: At most 6 months" in sentences(code.pack("kingsley"))
    assert "At most 6 months" not in sentences(code.pack("burton_joyce"))


ODD = {
    "representations_school_days": 11, "representations_business_days": 23, "decision_school_days": 7,
    "provisional_alert_days": 31, "provisional_max_days": 61, "intent_lapse_school_days": 29,
    "review_suggested_school_days": 13, "review_max_days": 83, "review_reminders": (37, 3), "review_early_school_days": 19,
    "ended_notice_school_days": 17, "warning_counts_months": 18, "history_months": 14, "repeat_incidents": 41,
    "meeting_notice_school_days": 8, "plan_max_months": 9, "plan_review_months": 4, "long_ban_days": 71,
    "subject_access_months": 21, "subject_access_extra_months": 22, "data_complaint_days": 33,
}  # fmt: skip


@pytest.mark.parametrize("field", [field.name for field in fields(code.Timers)])
def test_every_number_of_the_timers_is_said(field):
    said = sentences(replace(code.pack("combined"), timers=code.Timers(**ODD)))
    number = policy.listed(map(str, ODD[field]), "and") if isinstance(ODD[field], tuple) else str(ODD[field])
    assert f" {number} " in f" {said} "


def test_one_is_said_as_one():
    assert (policy.count(1, "month"), policy.count(2, "month")) == ("1 month", "2 months")


def test_a_school_without_a_ban_in_its_ladder_is_told_nothing_of_bans():
    pack = replace(code.pack("kingsley"), levels=(("meeting", "warning_letter"),))
    assert " ban " not in sentences(pack)


def test_a_clause_of_the_schools_own_is_read_like_any_other():
    pack = code.pack("sholing")
    own = replace(pack.clause_list()[0], id="S01", wording="Parking on the zigzag lines", routes=(), sources=())
    read = policy.line(pack, own)
    assert (read.note, read.also, read.steps) == (policy.OWN, (), "Level 1 first: meeting or warning letter")


def test_who_stands_above_the_chair_beside_the_trust_is_named():
    assert ("Above the chair", "Trust and Local Authority") in policy.names(code.pack("oakmoor"))
    assert ("Above the chair", "Trust board") in policy.names(code.pack("burton_joyce"))


def test_advice_from_the_trust_is_said_where_the_policy_offers_it():
    assert "referral to the trust" not in policy.unsaid(code.pack("sholing"))
    assert "referral to the trust" in policy.unsaid(code.pack("kingsley"))
