"""What the verbs themselves say when they refuse: where it stands, since when, and what to do next."""

import pytest

from conduct.models import School
from sanctions import bans, branches, cases, correspondence, duties, house, inquiry, measures, referrals
from sanctions.standing import Refused, permit
from tests.factories import SchoolFactory, at


def said(verb, *args, **told) -> str:
    with pytest.raises(Refused) as refused:
        verb(*args, **told)
    return " ".join(r.text for r in refused.value.refusals)


def test_a_role_that_may_not_is_told_who_may_by_the_titles_of_the_policy(world):
    told = {"by": world.olive, "at": at("2026-03-02 09:00")}
    assert said(permit, world.olive, world.school, "close_case", told["at"]).endswith("Ask the school leader.")
    assert said(permit, world.hari, world.school, "set_pack", told["at"]).endswith("Ask HET.")
    assert said(permit, world.olive, world.school, "give_roles", told["at"]).endswith("Ask a system administrator.")


def test_a_school_without_a_policy_names_them_in_plain_words(world):
    school: School = SchoolFactory()
    assert said(permit, world.olive, school, "close_case", at("2026-03-02 09:00")).endswith("Ask the head.")


def test_a_clause_that_the_policy_does_not_hold_is_named_with_its_day_and_the_way_out(world):
    text = said(world.incident, clauses=["U07"], occurred_at=at("2026-02-27 08:50"))
    assert "as in force on Friday 27 February 2026, does not hold U07" in text
    assert "U36 is for conduct that no other clause names" in text


def test_a_severity_below_the_usual_one_is_to_be_logged_as_usual_first(world):
    assert said(world.incident, severity="minor") == (
        "These clauses are usually serious: log it so. Senior staff may lower it afterwards, with a reason."
    )


def test_only_the_head_lowers_what_may_be_a_crime(world):
    incident = world.incident(clauses=["U06"])
    told = {"by": world.sena, "at": at("2026-03-02 10:00"), "severity": "minor", "reason": "A push."}
    assert said(inquiry.reclassify, incident, **told).endswith("Ask the school leader.")


def test_facts_are_found_by_whom_it_says(world):
    text = said(inquiry.find, world.incident(), by=world.olive, at=at("2026-03-03 10:00"), upheld=["U03"])
    assert text.endswith("Ask the school leader or a senior member of staff.")


def test_a_closed_case_says_since_when_and_by_whom(world):
    incident = world.incident(clauses=["U03"])
    world.heard(incident)
    told = {"by": world.hari, "at": at("2026-03-10 10:00")}
    cases.close_case(incident.in_case.case, **told, reason="A misunderstanding.")
    assert said(cases.close_case, incident.in_case.case, **told, reason="Again.") == (
        "The case was closed on Tuesday 10 March 2026 by Hari Head: nothing is left to do."
    )
    assert "closed on Tuesday 10 March 2026. Log what is new" in said(inquiry.find, incident, **told, upheld=["U03"])
    assert said(measures.propose, world.alex, **told, response="meeting") == (
        "This person has no open case. Log an incident first: that opens one."
    )


def test_a_case_that_cannot_be_closed_says_what_still_runs(world):
    ban = world.proposed()
    text = said(cases.close_case, ban.case, by=world.hari, at=at("2026-03-02 10:00"), reason="Done.")
    assert "Something has not come to its end: ban from the site, proposed." in text


@pytest.mark.parametrize(
    ("task", "by", "text"),
    [
        ("trust_notice", "hari", "Your role at this school does not allow this. Ask HET."),
        ("repeat_review", "olive", "Your role at this school does not allow this. Ask the Chair of Governors or HET."),
        (
            "police",
            "hari",
            "This task is not ticked off: it closes by what it asks for. Tell the police, or write down",
        ),
        ("review_overdue", "hari", "Only the overdue task of a ban that has lapsed is ticked off by hand, with a note"),
        ("repeat_review", "tess", "This task is not open: somebody has dealt with it, or it is not asked for."),
    ],
)
def test_a_task_that_is_not_ticked_off_says_by_whom_or_by_what_it_closes(world, task, by, text):
    case = world.incident().in_case.case
    told = {"by": getattr(world, by), "at": at("2026-03-02 10:00")}
    assert said(duties.complete_task, case, task, **told).startswith(text)


def test_a_referral_that_goes_no_further_says_why(world):
    world.incident(clauses=["U06"])
    told = {"by": world.hari, "at": at("2026-03-02 10:00")}
    untold = referrals.do_not_refer(world.alex, **told, because="They were there.")
    assert "why they are not told: there is nothing to follow" in said(referrals.acknowledge, untold, **told)
    referral = referrals.refer(world.alex, **told, to="police", reference="none given")
    referrals.acknowledge(referral, **told)
    again = said(referrals.acknowledge, referral, **told)
    assert again.startswith("It was recorded as acknowledged on Monday 2 March 2026 by Hari Head.")
    referrals.conclude(referral, **told, outcome="A warning.")
    for verb, more in ((referrals.acknowledge, {}), (referrals.conclude, {"outcome": "Another."})):
        assert "outcome was recorded on Monday 2 March 2026 by Hari Head" in said(verb, referral, **told, **more)


def test_a_step_of_a_side_branch_says_which_come_first():
    assert branches.out_of_order("post_removal", "removed", []) == "Record first that it was: captured."
    assert branches.out_of_order("mediation", "removed", []).startswith(
        "This step does not belong here: it is offered or accepted"
    )
    assert branches.out_of_order("meeting", "removed", []).endswith("nothing more is recorded of it.")


def test_a_letter_that_tells_nothing_decided_says_where_the_measure_stands(world, quick_letters):
    told = {"by": world.adam, "at": at("2026-03-02 10:00"), "method": "post", "signed_by": world.hari}
    text = said(correspondence.issue_kind, world.proposed(), "provisional_ban", **told)
    assert "“Ban from the site” stands at “Proposed” now: decide first, then its letter follows." in text
    assert said(correspondence.issue_kind, world.alex.measures.get(), "no_such", **told).startswith("This letter tells")


def test_a_draft_that_no_longer_fits_says_where_the_measure_stands(world, quick_letters):
    ban = world.decided()
    bans.withdraw(ban, by=world.hari, at=at("2026-03-02 09:50"), reasons="The wrong person.")
    told = {"by": world.adam, "at": at("2026-03-02 10:00"), "method": "post", "signed_by": world.hari}
    draft = ban.case_letters.get()
    assert "stands at “Withdrawn” now" in said(correspondence.issue, draft, **told)
    told = {"by": world.adam, "at": at("2026-03-02 10:00"), "sent_at": at("2026-03-02 11:00"), "method": "post"}
    assert said(correspondence.record_sent, draft.letter, **told) == (
        "The letter is not issued yet: the school leader or whoever looks after letters and addresses issues it first."
    )


def test_a_role_that_ends_before_it_began_says_from_which_day(world):
    admin = world.hire("sysadmin")
    row = world.olive.memberships.get()
    told = {"by": admin, "at": at("2026-03-02 10:00"), "ends_on": row.starts_on.replace(year=1999)}
    text = said(house.end_role, row, world.school, **told)
    assert text.startswith("The last day is before the first, ")
    assert text.endswith("choose that day or a later one.")
