"""The fairness certificate: each rule, whether it was met, when and by whom; honest about what was not."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pikepdf
import pytest
import time_machine
from django.urls import reverse

from sanctions import bans, certificates, correspondence, measures, referrals
from sanctions.fairness import LookedBack, Verdict, certificate, digest
from sanctions.hindsight import look_back
from sanctions.models import Answer, Consultation, Decision, Handover, Measure, Representation, SignOff, Terms
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")
AFTER = "2026-03-20 10:00"


def lines(ban: Measure, when: str = AFTER) -> dict[str, tuple[str, str]]:
    """By what is asked: the verdict in words, and how it was met."""
    return {line.asks: (line.verdict.label, line.how) for line in certificate(look_back(ban, at(when)))}


def of_rule(ban: Measure, rule: str, when: str = AFTER) -> set[Verdict]:
    return {line.verdict for line in certificate(look_back(ban, at(when))) if line.rule == rule}


def decision(ban: Measure, verb: str):
    return Decision.objects.filter(measure=ban, verb=verb)


# -- a ban that was fair ------------------------------------------------------------------------------------------


def test_a_ban_walked_through_fairly_says_of_each_rule_when_and_by_whom_it_was_met(world):
    found = lines(world.confirmed())
    decided = "Approved, 2 Mar 2026, Hari Head; Confirmed, 19 Mar 2026, Cora Chair."
    assert found == {
        "Where it may have been a crime, the police were told first, or it is written why not": (
            "Did not apply", "Because no incident of the case was criminal.",
        ),
        "Accounts were taken, and the person was heard or tried, before the facts were found": (
            "Met",
            "Account of a member of staff, 3 Mar 2026, Sena Senior (I-2026-0001); The person was tried and not reached, "
            "3 Mar 2026, Sena Senior (I-2026-0001).",
        ),
        "An earlier step was used first, or it is written why not": (
            "Met", "The severity that asks for it is written down, 2 Mar 2026, Olive Office.",
        ),
        "Lesser responses were weighed": (
            "Met", "Weighed, and written down why they will not do, 2 Mar 2026, Olive Office.",
        ),
        "Those whom the policy names were consulted before the decision": (
            "Met", "Their view, entered in person, 2 Mar 2026, Cora Chair.",
        ),
        "A second person put their name to it": (
            "Met", "Proposed, 2 Mar 2026, Olive Office; Their view, entered in person, 2 Mar 2026, Cora Chair.",
        ),
        "Nobody judged their own cause": (
            "Met", "Approved, 2 Mar 2026, Hari Head; Facts found, 10 Mar 2026, Hari Head; Confirmed, 19 Mar 2026, Cora Chair.",
        ),
        "What it rests on was found to have happened, on the balance of probabilities": (
            "Met", "Upheld: U03, U05, 10 Mar 2026, Hari Head (I-2026-0001).",
        ),
        "It was opened in writing, by a letter to the person alone, before anything was asked of them": (
            "Met", "Letter issued, 2 Mar 2026, Hari Head (L-2026-0001). Taken as received on Wednesday 4 March 2026.",
        ),
        "The person was heard before it was confirmed": ("Met", "Reply recorded, 18 Mar 2026, Olive Office."),
        "Every main point that they made was answered in writing": (
            "Met", "Answered in writing, 19 Mar 2026, Hari Head.",
        ),
        "It was decided in time once the person had been heard": (
            "Met", "Decided 19 Mar 2026, Cora Chair; it was due by Wednesday 25 March 2026.",
        ),
        "It was decided by whom the policy names": ("Met", "Confirmed, 19 Mar 2026, Cora Chair."),
        "It has a start, an end and a review date within the limits": ("Met", decided),
        "It says how the person keeps in touch with the school": ("Met", decided),
        "It closes nothing that must stay open, such as reporting an absence, or complaints": ("Met", decided),
        "It is written how each child is brought and collected": ("Met", decided),
        "Disability, language and adjustments were considered": ("Met", "Confirmed, 19 Mar 2026, Cora Chair."),
        "A first ban is kept within the policy’s limit": (
            "Did not apply", "Because the policy sets no limit of its own to a first ban.",
        ),
        "A long ban was signed off by somebody else": (
            "Did not apply", "Because it runs 82 days in all, and 90 need none.",
        ),
        "It was reviewed by somebody else than decided it": ("Not yet", "No review has been made."),
        "Each review was made by its day": ("Not yet", "It is due by Friday 8 May 2026."),
        "It went on only for fresh reasons, with new dates": (
            "Did not apply", "Because it has not been extended or varied.",
        ),
        "It was not extended or varied too early": ("Did not apply", "Because it has not been extended or varied."),
    }  # fmt: skip


def test_a_ban_extended_on_review_says_who_reviewed_it_and_who_signed_off_its_length(world):
    ban = world.confirmed()
    bans.sign_off(ban, by=world.cora, at=at("2026-05-06 09:00"), until=date(2026, 6, 30))
    terms = world.final_terms(ends=date(2026, 6, 30), review_on=date(2026, 6, 15))
    bans.extend(ban, by=world.tess, at=at("2026-05-07 10:00"), reasons="Two more.", equality="Asked.", terms=terms)
    found = lines(ban, "2026-05-08 10:00")
    reviewed = ("Met", "Reviewed, 7 May 2026, Tess Trust.")
    assert found["It was reviewed by somebody else than decided it"] == reviewed
    assert found["Each review was made by its day"] == reviewed
    assert found["It went on only for fresh reasons, with new dates"] == reviewed
    assert found["It was not extended or varied too early"] == reviewed
    assert found["A long ban was signed off by somebody else"] == ("Met", "Length signed off, 6 May 2026, Cora Chair.")


def test_a_criminal_incident_says_when_the_police_were_told(world):
    world.incident(severity="criminal")
    referrals.refer(world.alex, by=world.olive, at=at("2026-03-02 09:00"), to="police", reference="44260")
    found = lines(world.opened())
    asks = "Where it may have been a crime, the police were told first, or it is written why not"
    assert found[asks] == ("Met", "Police told, reference 44260, 2 Mar 2026, Olive Office.")


# -- what is still to come, and what never will be ----------------------------------------------------------------


def test_of_a_proposal_the_later_rules_are_still_to_come(world):
    ban = world.proposed()
    assert of_rule(ban, "consult-first") == {Verdict.NOT_YET}
    assert of_rule(ban, "letter-first") == {Verdict.NOT_YET}
    assert of_rule(ban, "hear-first") == {Verdict.NOT_YET}
    assert of_rule(ban, "lesser-options") == {Verdict.MET}


def test_of_a_declined_proposal_they_do_not_apply(world):
    ban = world.proposed()
    measures.decline(ban, by=world.hari, at=at("2026-03-02 09:30"), reason="A meeting will do.")
    found = lines(ban)
    assert found["The person was heard before it was confirmed"] == (
        "Did not apply", "Because the proposal was declined.",
    )  # fmt: skip
    assert of_rule(ban, "letter-first") == {Verdict.NO_NEED}


def test_where_no_reply_came_there_was_nothing_to_answer(world):
    ban = world.opened()
    world.found(ban.case.incidents.get())
    bans.none_received(ban, by=world.olive, at=at("2026-03-19 09:00"))
    bans.confirm(
        ban, by=world.cora, at=at("2026-03-19 10:00"), reasons="Established.", equality="Asked.", terms=world.final_terms()
    )  # fmt: skip
    found = lines(ban)
    assert found["The person was heard before it was confirmed"] == (
        "Met",
        "No reply had come, 19 Mar 2026, Olive Office.",
    )
    assert found["Every main point that they made was answered in writing"] == (
        "Did not apply", "Because no reply had come by the deadline.",
    )  # fmt: skip


def test_what_came_later_does_not_make_good_what_was_missing_then(world):
    ban = world.confirmed()
    assert of_rule(ban, "consult-first") == {Verdict.MET}
    Consultation.objects.update(at=at("2026-03-12 09:00"))  # after the ban was decided
    assert of_rule(ban, "consult-first") == {Verdict.NOT_MET}


def without(told: LookedBack, verb: str, **changed: object) -> dict[str, Verdict]:
    """The verdicts, if every incident had stood otherwise at that decision. Accounts and findings cannot be taken away."""

    def other(j):
        incidents = tuple(replace(i, **changed) for i in j.situation.incidents)
        return replace(j, situation=replace(j.situation, incidents=incidents)) if j.verb == verb else j

    return {x.rule: x.verdict for x in certificate(replace(told, judged=tuple(map(other, told.judged))))}


def test_facts_found_before_the_person_was_tried_are_said(world):
    told = look_back(world.confirmed(), at(AFTER))
    assert without(told, "find", subject_heard=False)["facts-first"] == Verdict.NOT_MET
    assert without(told, "find", staff_or_witness_account=False)["facts-first"] == Verdict.NOT_MET


def test_a_ban_confirmed_with_nothing_upheld_is_said(world):
    told = look_back(world.confirmed(), at(AFTER))
    assert without(told, "confirm", upheld=False)["nothing-upheld"] == Verdict.NOT_MET


# -- what was not met ---------------------------------------------------------------------------------------------


def no_handover(ban):
    Handover.objects.all().delete()


MISSED = {
    "skip-needs-reason": lambda ban: Measure.objects.update(severity_reason=""),
    "lesser-options": lambda ban: Measure.objects.update(lesser_options=""),
    "consult-first": lambda ban: Consultation.objects.all().delete(),
    "two-people": lambda ban: (
        Measure.objects.update(proposed_by=ban.case.school.memberships.get(role="head").user),
        Consultation.objects.update(by=ban.case.school.memberships.get(role="head").user),
    ),
    "own-cause": lambda ban: ban.case.incidents.get().harmed.add(ban.case.school.memberships.get(role="chair").user),
    "hear-first": lambda ban: (
        Representation.objects.update(complete=False),
        Answer.objects.update(at=at("2026-03-18 15:20")),
        decision(ban, "confirm").update(at=at("2026-03-18 15:30")),
    ),
    "right-decider": lambda ban: decision(ban, "confirm").update(
        by=ban.case.school.memberships.get(role="head").user
    ),
    "dated": lambda ban: Terms.objects.update(review_on=None),
    "contact-route": lambda ban: Terms.objects.update(contact_who=""),
    "never-cut-off": lambda ban: Terms.objects.update(closes=["medical"]),
    "child-plan": no_handover,
    "equality-considered": lambda ban: decision(ban, "confirm").update(equality=""),
    "long-ban-sign-off": lambda ban: Terms.objects.filter(ends__isnull=False).update(ends=date(2026, 8, 28)),
    "letter-first": lambda ban: decision(ban, "confirm").update(at=at("2026-03-02 09:50")),
}  # fmt: skip


@pytest.mark.parametrize("rule", MISSED)
def test_a_ban_that_missed_a_rule_says_so(world, rule):
    ban = world.confirmed()
    assert Verdict.NOT_MET not in of_rule(ban, rule)
    MISSED[rule](ban)
    assert Verdict.NOT_MET in of_rule(Measure.objects.get(pk=ban.pk), rule)


def test_an_unanswered_reply_is_said_to_have_stood_unanswered(world):
    ban = world.confirmed()
    Answer.objects.all().delete()
    assert lines(ban)["Every main point that they made was answered in writing"] == (
        "Not met", "A reply stood unanswered when it was confirmed.",
    )  # fmt: skip


def test_a_criminal_incident_of_which_nobody_told_the_police_is_said(world):
    ban = world.confirmed()
    ban.case.incidents.update(severity="criminal")
    assert of_rule(ban, "police-first") == {Verdict.NOT_MET}


def test_a_first_ban_over_the_limit_of_the_policy_is_said(make_world):
    world = make_world("combined")
    ban = world.confirmed()
    assert of_rule(ban, "first-ban-limited") == {Verdict.MET}
    Terms.objects.filter(ends__isnull=False).update(ends=date(2026, 8, 28))
    assert of_rule(ban, "first-ban-limited") == {Verdict.NOT_MET}


def test_a_review_by_whoever_confirmed_it_without_reasons_and_too_early_is_said(world):
    ban = world.confirmed()
    SignOff.objects.create(measure=ban, until=date(2026, 6, 30), at=at("2026-04-01 09:00"), by=world.tess)
    terms = Terms.objects.create(
        measure=ban, starts=date(2026, 3, 2), ends=date(2026, 5, 29), review_on=date(2026, 5, 27)
    )
    decision_at = at("2026-04-02 09:00")
    Decision.objects.create(measure=ban, verb="extend", at=decision_at, by=world.cora, terms=terms)
    for rule in ("reviewer-differs", "extension-reasons", "review-in-time", "equality-considered"):
        assert Verdict.NOT_MET in of_rule(ban, rule, "2026-04-03 09:00"), rule


def test_a_review_that_nobody_made_by_its_day_is_said(world):
    ban = world.confirmed()
    asks = "Each review was made by its day"
    assert lines(ban, "2026-05-08 17:00")[asks] == ("Not yet", "It is due by Friday 8 May 2026.")
    assert lines(ban, "2026-05-09 09:00")[asks] == ("Not met", "It was due by Friday 8 May 2026, not made.")


def test_a_ban_that_nobody_decided_says_so(world):
    ban = world.opened()
    found = lines(ban, "2026-04-02 09:00")
    assert found["It was decided in time once the person had been heard"] == (
        "Not met", "Nobody had decided by Wednesday 25 March 2026.",
    )  # fmt: skip
    assert found["The person was heard before it was confirmed"] == (
        "Did not apply", "Because the ban lapsed before it was decided.",
    )  # fmt: skip


def test_a_late_decision_says_when_it_was_due(world):
    ban = world.confirmed()
    decision(ban, "confirm").update(at=at("2026-03-27 10:00"))
    asks = "It was decided in time once the person had been heard"
    assert lines(ban, "2026-03-28 10:00")[asks] == (
        "Not met", "Decided 27 Mar 2026, Cora Chair; it was due by Wednesday 25 March 2026.",
    )  # fmt: skip


# -- the page and the paper ---------------------------------------------------------------------------------------


def address(ban: Measure, name: str = "fairness") -> str:
    return reverse(name, args=[ban.case.reference, ban.pk])


@pytest.fixture
def on_the_day():
    with time_machine.travel(at(AFTER), tick=False):
        yield


@pytest.mark.usefixtures("on_the_day")
def test_whoever_sees_the_case_reads_the_certificate(world, client_of):
    ban = world.confirmed()
    seen = {who: client_of(getattr(world, who)).get(address(ban)).status_code for who in
            ("olive", "sena", "hari", "cora", "tess", "adam", "gail", "rita", "sid")}  # fmt: skip
    assert seen == {
        "olive": 200, "sena": 200, "hari": 200, "cora": 200, "tess": 200, "adam": 404, "gail": 404, "rita": 404, "sid": 404,
    }  # fmt: skip


@pytest.mark.usefixtures("on_the_day")
def test_another_school_sees_neither_page_nor_paper(world, make_world, client_of):
    ban, other = world.confirmed(), make_world()
    assert client_of(other.hari).get(address(ban)).status_code == 404
    assert client_of(other.hari).get(address(ban, "fairness_pdf")).status_code == 404


@pytest.mark.usefixtures("on_the_day")
def test_the_paper_is_one_side(world, client_of):
    ban = world.confirmed()
    answer = client_of(world.cora).get(address(ban, "fairness_pdf"))
    assert answer["Content-Type"] == "application/pdf"
    with pikepdf.open(BytesIO(answer.content)) as pdf:
        assert len(pdf.pages) == 1


@pytest.mark.usefixtures("on_the_day")
def test_the_certificate_asks_as_many_queries_for_three_incidents_as_for_one(
    world, client_of, django_assert_num_queries
):
    ban = world.confirmed()
    with django_assert_num_queries(20):
        look_back(Measure.objects.select_related("case__school", "case__person").get(pk=ban.pk), at(AFTER))
    for hour in ("11", "12"):
        world.found(world.incident(f"2026-03-19 {hour}:00"), f"2026-03-19 {hour}:30")
    with django_assert_num_queries(20):
        look_back(Measure.objects.select_related("case__school", "case__person").get(pk=ban.pk), at(AFTER))


def test_the_digest_is_that_of_the_lines(world):
    ban = world.confirmed()
    first = certificates.certified(ban, at(AFTER))["digest"]
    assert first == digest(certificate(look_back(ban, at("2026-03-21 10:00"))))  # nothing has happened since
    correspondence.issue_kind(
        ban, "ban_confirmed", by=world.adam, at=at("2026-03-21 10:00"), method="hand", signed_by=world.cora,
        supersedes=ban.case_letters.get(letter__kind="ban_confirmed").letter,
    )  # fmt: skip
    decision(ban, "confirm").update(equality="")
    assert first != digest(certificate(look_back(ban, at("2026-03-21 10:00"))))
