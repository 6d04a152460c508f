"""Corrections stand beside the text; a marked incident stays readable, counts for no rule, and may come back."""

import pytest

from conduct.models import AuditRow
from incidents.models import Incident
from letters.models import Letter
from sanctions import (
    amending,
    bans,
    cases,
    correspondence,
    figures,
    grounds,
    inquiry,
    ladder,
    letter_facts,
    measures,
    referrals,
)
from sanctions.ladder import Attempt
from sanctions.models import CaseLetter
from sanctions.situation import opened_file, read_case
from sanctions.standing import Refused
from sanctions.suggestion import suggest
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")
MARKED = "2026-03-12 09:00"
REASONS = {"severity_reason": "A threat.", "lesser_options": "None would do."}


def rules(excinfo) -> list[str]:
    return [r.rule for r in excinfo.value.refusals]


def marked(world, incident, by=None, when: str = MARKED, kind: str = "wrong") -> None:
    amending.mark(incident, by=by or world.hari, at=at(when), kind=kind, reason="It was another person.")


def situation(world, who=None, when: str = MARKED, **tried):
    return read_case(world.alex.cases.latest("pk"), by=who or world.hari, at=at(when), attempt=Attempt(**tried))


def proposed(world, response: str, when: str = MARKED, **told):
    return measures.propose(world.alex, by=world.olive, at=at(when), response=response, **told)


def served(world, response: str = "warning_letter", kind: str = "warning", when: str = "2026-03-11 09:00"):
    """A response proposed, decided and sent on one day."""
    measure = proposed(world, response, when, severity_reason="Loud.")
    measures.decide(measure, by=world.hari, at=at(when))
    correspondence.issue_kind(measure, kind, by=world.adam, at=at(when), method="post", signed_by=world.hari)
    measure.refresh_from_db()
    return measure


# -- corrections --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["olive", "sena", "hari"])
def test_staff_add_a_correction_and_the_text_stays(world, who):
    incident, by = world.incident(), getattr(world, who)
    amending.correct(incident, by=by, at=at(MARKED), text=" It was the side door. ")
    added = incident.corrections.get()
    assert (added.text, added.by, added.at) == ("It was the side door.", by, at(MARKED))
    assert Incident.objects.get().narrative == "Shouted at the receptionist."
    assert AuditRow.objects.filter(deed="correct_incident", by=by, about=incident.reference).count() == 1


@pytest.mark.parametrize("who", ["cora", "tess", "adam", "gail"])
def test_others_do_not_correct(world, who):
    incident = world.incident()
    with pytest.raises(Refused) as told:
        amending.correct(incident, by=getattr(world, who), at=at(MARKED), text="No.")
    assert rules(told) == ["not-permitted"]


# -- who marks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["sena", "hari"])
def test_senior_staff_and_head_mark_with_a_reason(world, who):
    incident, by = world.incident(), getattr(world, who)
    marked(world, incident, by=by)
    mark = incident.marks.get()
    assert (mark.kind, mark.reason, mark.by, incident.counts) == ("wrong", "It was another person.", by, False)
    row = AuditRow.objects.get(deed="mark_incident")
    assert (row.about, row.changes) == (incident.reference, {"kind": "wrong", "reason": "It was another person."})


@pytest.mark.parametrize("who", ["olive", "cora", "tess", "adam", "gail"])
def test_others_neither_mark_nor_take_a_mark_back(world, who):
    incident = world.incident()
    with pytest.raises(Refused) as told:
        marked(world, incident, by=getattr(world, who))
    assert rules(told) == ["not-permitted"]
    marked(world, incident)
    with pytest.raises(Refused) as told:
        amending.take_back(incident, by=getattr(world, who), at=at(MARKED))
    assert rules(told) == ["not-permitted"]


def test_whoever_was_harmed_in_it_neither_marks_it_nor_brings_it_back(world):
    incident = world.incident(harmed=[world.hari])
    with pytest.raises(Refused) as told:
        marked(world, incident, by=world.hari)
    assert rules(told) == ["own-cause"]
    marked(world, incident, by=world.sena)
    with pytest.raises(Refused) as told:
        amending.take_back(incident, by=world.hari, at=at(MARKED))
    assert rules(told) == ["own-cause"]


def test_where_all_who_mark_were_harmed_the_trust_does(world):
    incident = world.incident(harmed=[world.hari, world.sena])
    marked(world, incident, by=world.tess)
    assert incident.counts is False


def test_a_mark_is_made_once_and_taken_back_once(world):
    incident = world.incident()
    marked(world, incident)
    with pytest.raises(Refused) as told:
        marked(world, incident, by=world.sena)
    assert rules(told) == ["wrong-state"]
    amending.take_back(incident, by=world.sena, at=at("2026-03-12 10:00"))
    with pytest.raises(Refused) as told:
        amending.take_back(incident, by=world.sena, at=at("2026-03-12 11:00"))
    assert rules(told) == ["wrong-state"]
    mark = incident.marks.get()
    assert (mark.undone_by, mark.undone_at) == (world.sena, at("2026-03-12 10:00"))


def test_what_does_not_count_is_neither_found_nor_reclassified(world):
    incident = world.incident()
    world.heard(incident)
    marked(world, incident)
    with pytest.raises(Refused) as told:
        inquiry.find(incident, by=world.hari, at=at(MARKED), upheld=["U05"])
    assert rules(told) == ["wrong-state"]
    with pytest.raises(Refused) as told:
        inquiry.reclassify(incident, by=world.hari, at=at(MARKED), severity="minor", reason="No.")
    assert rules(told) == ["wrong-state"]
    amending.take_back(incident, by=world.hari, at=at("2026-03-12 10:00"))
    assert inquiry.find(incident, by=world.hari, at=at("2026-03-12 11:00"), upheld=["U05"]).upheld == ["U05"]


# -- each rule, and the marked incident that does not count for it --------------------------------------------------


def test_facts_first_does_not_ask_for_accounts_of_it(world):
    world.found(world.incident())
    unheard = world.incident("2026-03-09 09:00")
    with pytest.raises(Refused) as told:
        proposed(world, "warning_letter")
    assert rules(told) == ["facts-first"]
    marked(world, unheard)
    assert proposed(world, "warning_letter").state == "proposed"


def test_nothing_upheld_does_not_look_at_what_was_upheld_of_it(world):
    world.found(upheld := world.incident())
    world.heard(other := world.incident("2026-03-09 09:00"))
    inquiry.find(other, by=world.hari, at=at("2026-03-10 10:00"), upheld=[], reason="Nobody saw it.")
    assert ladder.nothing_upheld.check(situation(world)) is None
    marked(world, upheld)
    assert "No clause has been upheld yet" in ladder.nothing_upheld.check(situation(world))


def test_a_ban_is_not_confirmed_on_what_was_marked_since(world):
    ban = world.replied()
    world.incident("2026-03-18 09:00", clauses=["U03"])  # something else counts, and nothing of it is upheld
    marked(world, ban.case.incidents.earliest("logged_at"), when="2026-03-19 09:40")
    with pytest.raises(Refused) as told:
        bans.confirm(
            ban, by=world.cora, at=at("2026-03-19 10:00"), reasons="Established.", equality="Asked.",
            terms=world.final_terms(),
        )  # fmt: skip
    assert rules(told) == ["nothing-upheld"]


def test_police_first_does_not_wait_for_it(world):
    world.found(world.incident())
    crime = world.incident("2026-03-09 09:00", severity="criminal")
    world.heard(crime)
    with pytest.raises(Refused) as told:
        proposed(world, "warning_letter")
    assert rules(told) == ["police-first"]
    marked(world, crime)
    assert proposed(world, "warning_letter").state == "proposed"


def test_own_cause_does_not_bar_whoever_was_harmed_in_it_alone(world):
    world.found(world.incident())
    other = world.incident("2026-03-09 09:00", harmed=[world.hari])
    assert ladder.own_cause.check(situation(world)) is not None
    marked(world, other, by=world.sena)
    assert ladder.own_cause.check(situation(world)) is None


def test_own_cause_does_not_bar_its_only_reporter(world):
    incident = world.incident(by=world.hari)
    assert situation(world).sole_reporters == {world.hari.pk}
    marked(world, incident)
    assert situation(world).sole_reporters == frozenset()


def test_severity_and_all_else_that_the_rules_know_of_it_is_gone(world):
    incident = world.incident(severity="criminal")
    assert [i.severity for i in situation(world).incidents] == ["criminal"]
    marked(world, incident)
    assert (situation(world).incidents, situation(world).last_logged_at) == ((), None)
    amending.take_back(incident, by=world.hari, at=at("2026-03-12 10:00"))
    assert [i.severity for i in situation(world).incidents] == ["criminal"]


def test_a_warning_that_rests_on_it_alone_is_no_history(world):
    world.found(incident := world.incident())
    served(world)
    assert [s.response for s in situation(world).served] == ["warning_letter"]
    assert ladder.skipped_steps("communication_plan", situation(world)) == ()
    assert ladder.suggested(situation(world)) == ("communication_plan",)
    marked(world, incident)
    assert situation(world).served == ()
    assert ladder.skipped_steps("communication_plan", situation(world)) != ()
    assert ladder.suggested(situation(world)) == ("meeting", "warning_letter")


def test_a_warning_of_an_earlier_case_that_rests_on_it_is_no_history_either(world):
    world.found(first := world.incident(clauses=["U28"]))
    served(world)
    cases.close_case(first.in_case.case, by=world.hari, at=at("2026-03-11 10:00"), reason="Settled.")
    world.incident("2026-03-11 11:00")
    assert len(situation(world).served) == 1
    marked(world, first)
    assert situation(world).served == ()


def test_a_warning_that_rests_on_something_else_too_is_history_still(world):
    world.found(world.incident())
    world.found(other := world.incident("2026-03-09 09:00"))
    served(world)
    marked(world, other)
    assert len(situation(world).served) == 1


def test_what_was_logged_after_a_warning_does_not_carry_it(world):
    world.found(incident := world.incident())
    warning = served(world)
    world.found(world.incident("2026-03-11 12:00"), "2026-03-11 16:00")
    marked(world, incident)
    assert opened_file(warning.case).lost(warning) is True


def test_the_third_upheld_in_a_year_is_no_third_without_it(make_world):
    world = make_world("burton_joyce")
    for when in ("2026-01-12 09:00", "2026-02-09 09:00"):
        world.found(first := world.incident(when, clauses=["U03"]), when.replace("09:00", "16:00"))
    marked(world, first, when="2026-02-10 09:00")
    world.found(world.incident("2026-03-02 09:00", clauses=["U03"]), "2026-03-02 16:00")
    assert inquiry.upheld_in_a_year(world.alex, 12) == 2
    assert not world.alex.cases.get().tasks.filter(kind="repeat_review").exists()


def test_a_further_incident_asks_for_no_review_while_only_a_groundless_warning_counts(make_world):
    world = make_world("burton_joyce")
    world.found(incident := world.incident(clauses=["U03"]))
    served(world)
    assert inquiry.warning_counts(world.alex, at(MARKED)) is True
    marked(world, incident)
    assert inquiry.warning_counts(world.alex, at(MARKED)) is False
    world.incident("2026-03-12 10:00", clauses=["U03"])
    assert not world.alex.cases.get().tasks.filter(kind="repeat_review").exists()


def test_it_brings_no_new_provisional_ban_after_one_that_fell_away(world):
    ban = world.replied()
    bans.not_confirm(ban, by=world.cora, at=at("2026-03-19 10:00"), reasons="An apology.")
    later = world.incident("2026-03-20 09:00")
    told = {"response": "site_ban", "opening": "provisional"}
    when = "2026-03-20 10:00"
    assert ladder.no_second_provisional.check(situation(world, when=when, **told)) is None
    marked(world, later, when=when)
    assert "nothing new has been logged since" in ladder.no_second_provisional.check(
        situation(world, when=when, **told)
    )


def test_a_confirmed_ban_that_rested_on_it_was_no_first_ban(world):
    ban = world.confirmed()
    bans.lift(ban, by=world.tess, at=at("2026-05-07 10:00"), reasons="An apology.")
    assert [b.was_confirmed for b in situation(world, when="2026-05-08 09:00").bans] == [True]
    marked(world, ban.case.incidents.get(), when="2026-05-08 09:00")
    assert [b.was_confirmed for b in situation(world, when="2026-05-08 10:00").bans] == [False]


def test_the_suggestion_does_not_point_to_its_clauses(world):
    world.incident(clauses=["U28"])
    other = world.incident("2026-03-09 09:00", clauses=["U21"], place="social_media")
    file = opened_file(other.in_case.case)
    assert "U21" in [p.clause.id for p in suggest(situation(world), file.incidents).pointers]
    marked(world, other)
    file = opened_file(other.in_case.case)
    assert "U21" not in [p.clause.id for p in suggest(situation(world), file.incidents).pointers]


def test_figures_leave_it_out(world):
    for day in range(2, 8):
        last = world.incident(f"2026-03-0{day} 09:00", clauses=["U28"])
    assert figures.of_school(world.school, at(MARKED))["incidents"] == 6
    marked(world, last)
    assert figures.of_school(world.school, at("2026-03-12 10:00"))["incidents"] == 5


def test_a_letter_drafted_afterwards_says_nothing_of_it(world):
    world.found(world.incident(narrative="Shouted at the desk."))
    world.found(other := world.incident("2026-03-09 09:00", clauses=["U28"], narrative="Parked across the gate."))
    warning = proposed(world, "warning_letter", "2026-03-11 09:00", severity_reason="Loud.")
    measures.decide(warning, by=world.hari, at=at("2026-03-11 10:00"))
    marked(world, other)
    facts = letter_facts.facts_of(
        CaseLetter.objects.get(measure=warning), method="post", sent_at=at(MARKED), at=at("2026-03-12 10:00")
    )
    assert [i["text"] for i in facts["incidents"]] == ["Shouted at the desk."]
    assert [c["id"] for c in facts["clauses"]] == ["U03", "U05"]


def test_a_letter_that_would_rest_on_nothing_is_not_issued(world):
    ban = world.decided()
    marked(world, ban.case.incidents.get(), when="2026-03-02 09:50")
    with pytest.raises(Refused) as told:
        correspondence.issue_kind(
            ban, "provisional_ban", by=world.adam, at=at("2026-03-02 10:00"), method="post", signed_by=world.hari
        )
    assert "letter-complete" in rules(told)
    assert not Letter.objects.filter(issued_at__isnull=False).exists()


# -- where nothing is left ----------------------------------------------------------------------------------------


def test_where_nothing_is_left_nothing_is_proposed_or_decided(world):
    ban = world.proposed()
    measures.consult(ban, by=world.cora, at=at("2026-03-02 09:30"), consulted=world.cora, how="telephone", view="Yes.")
    marked(world, ban.case.incidents.get(), when="2026-03-02 09:35")
    with pytest.raises(Refused) as told:
        measures.decide(ban, by=world.hari, at=at("2026-03-02 09:40"), terms=world.terms())
    assert rules(told) == ["wrong-state"]
    measures.decline(ban, by=world.hari, at=at("2026-03-02 09:45"))
    with pytest.raises(Refused) as told:
        proposed(world, "no_further_action", "2026-03-02 09:50")
    assert rules(told) == ["wrong-state"]


def test_its_tasks_close_by_their_own_act_and_then_the_case_closes(make_world):
    world = make_world("burton_joyce")
    incident = world.incident(clauses=["U03"], danger=True)
    marked(world, incident)
    case = incident.in_case.case
    told = {"by": world.hari, "at": at("2026-03-12 10:00")}
    with pytest.raises(Refused) as refusal:
        cases.close_case(case, reason="Nothing is left.", **told)
    assert rules(refusal) == ["close-needs-end"]
    referrals.do_not_refer(world.alex, because="It was logged wrongly.", **told)
    cases.close_case(case, reason="Nothing is left.", **told)
    case.refresh_from_db()
    assert case.is_open is False


def test_a_mark_taken_back_asks_again_about_the_police_whom_nobody_told_meanwhile(make_world):
    world = make_world("burton_joyce")
    incident = world.incident(clauses=["U03"], danger=True)
    marked(world, incident)
    referrals.do_not_refer(world.alex, by=world.hari, at=at("2026-03-12 10:00"), because="It was logged wrongly.")
    amending.take_back(incident, by=world.hari, at=at("2026-03-12 11:00"))
    tasks = incident.in_case.case.tasks.filter(closed_at=None)
    assert [t.kind for t in tasks] == ["police"]


def test_a_mark_taken_back_does_not_ask_again_about_the_police_who_were_told(make_world):
    world = make_world("burton_joyce")
    incident = world.incident(clauses=["U03"], danger=True)
    referrals.refer(world.alex, by=world.olive, at=at("2026-03-11 10:00"), to="police", reference="CR-1")
    marked(world, incident)
    amending.take_back(incident, by=world.hari, at=at("2026-03-12 11:00"))
    assert not incident.in_case.case.tasks.filter(closed_at=None, kind="police").exists()


def test_a_mark_is_taken_back_in_a_closed_case_and_opens_nothing_there(make_world):
    world = make_world("burton_joyce")
    incident = world.incident(clauses=["U03"], danger=True)
    marked(world, incident)
    told = {"by": world.hari, "at": at("2026-03-12 10:00")}
    referrals.do_not_refer(world.alex, because="It was logged wrongly.", **told)
    cases.close_case(incident.in_case.case, reason="Nothing is left.", **told)
    amending.take_back(incident, by=world.hari, at=at("2026-03-12 11:00"))
    assert not incident.in_case.case.tasks.filter(closed_at=None).exists()


# -- what rests on what -------------------------------------------------------------------------------------------


def test_a_provisional_ban_rests_on_what_is_not_found_yet_and_a_confirmed_one_on_what_is_upheld(world):
    ban = world.opened()
    first, file = ban.case.incidents.get(), opened_file(ban.case)
    assert grounds.carries(file.logged[0], file.own[0]) is True
    assert [m.pk for m in grounds.resting_alone_on(first, file.own, file.logged)] == [ban.pk]
    assert grounds.lost(file.own[0], file.logged) is False
    marked(world, first)
    file = opened_file(ban.case)
    assert grounds.lost(file.own[0], file.logged) is True


def test_what_is_not_upheld_does_not_carry_a_confirmed_ban(world):
    ban = world.confirmed(issue=False)
    other = world.incident("2026-03-19 09:30", clauses=["U28"])
    file = opened_file(ban.case)
    confirmed = file.own[0]
    loose = next(i for i in file.logged if i.pk == other.pk)
    assert grounds.carries(loose, confirmed) is False
    marked(world, ban.case.incidents.earliest("logged_at"), when="2026-03-19 11:00")
    assert opened_file(ban.case).lost(confirmed) is True


def test_lifting_does_not_put_later_incidents_beneath_a_ban(world):
    ban = world.confirmed()
    world.found(world.incident("2026-05-06 09:00"), "2026-05-06 16:00")
    bans.lift(ban, by=world.tess, at=at("2026-05-07 10:00"), reasons="An apology.")
    file = opened_file(ban.case)
    assert grounds.decided_last(file.own[0]) == at("2026-03-19 10:00")
