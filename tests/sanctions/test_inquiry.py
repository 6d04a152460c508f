"""From the first report to the facts as found: what is refused, and what each step opens."""

from datetime import timedelta
from uuid import uuid4

import pytest

from conduct.models import Adoption
from incidents.models import Incident
from sanctions import bans, cases, correspondence, duties, inquiry, measures, referrals
from sanctions.models import Case
from sanctions.standing import Refused
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")


def refused(excinfo) -> list[str]:
    return [r.rule for r in excinfo.value.refusals]


def open_tasks(person) -> list[str]:
    return sorted(person.cases.latest("opened_at", "pk").tasks.filter(closed_at=None).values_list("kind", flat=True))


def warned(world, when: str = "2026-01-20 09:00"):
    """A warning served on Alex on 20 January 2026."""
    first = world.incident("2026-01-19 09:00", clauses=["U02"])
    world.found(first, "2026-01-19 12:00")
    warning = measures.propose(
        world.alex, by=world.olive, at=at("2026-01-19 13:00"), response="warning_letter", severity_reason="Loud."
    )
    measures.decide(warning, by=world.hari, at=at("2026-01-19 14:00"))
    correspondence.issue_kind(warning, "warning", by=world.adam, at=at(when), method="post", signed_by=world.hari)
    return warning


# -- logging ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["cora", "tess", "adam", "gail", "rita", "sid"])
def test_only_staff_log_an_incident(world, who):
    with pytest.raises(Refused) as told:
        world.incident(by=getattr(world, who))
    assert refused(told) == ["not-permitted"]
    assert Incident.objects.count() == 0


def test_staff_of_another_school_do_not_log_here(world, make_world):
    with pytest.raises(Refused) as told:
        world.incident(by=make_world("kingsley").olive)
    assert refused(told) == ["not-permitted"]


def test_a_clause_that_the_policy_does_not_hold_is_refused(world):
    with pytest.raises(Refused) as told:
        world.incident(clauses=["U03", "U07"])
    assert refused(told) == ["not-in-pack"]
    assert Case.objects.count() == 0


def test_the_policy_is_the_one_in_force_when_it_happened(world):
    Adoption.objects.create(school=world.school, pack_key="oakmoor", starts_on=at("2026-03-01 09:00").date())
    now = world.incident("2026-03-02 08:50", clauses=["U07"])  # oakmoor holds it
    assert now.adoption.pack_key == "oakmoor"
    with pytest.raises(Refused) as told:
        world.incident("2026-03-02 08:55", clauses=["U07"], occurred_at=at("2026-02-27 09:00"))
    assert refused(told) == ["not-in-pack"]


@pytest.mark.parametrize(("given", "kept"), [("", "serious"), ("serious", "serious"), ("criminal", "criminal")])
def test_whoever_logs_may_raise_the_severity(world, given, kept):
    assert world.incident(severity=given).severity == kept


def test_whoever_logs_may_not_lower_it(world):
    with pytest.raises(Refused) as told:
        world.incident(severity="minor")
    assert refused(told) == ["not-permitted"]


def test_the_same_form_sent_twice_is_one_incident(world):
    token = uuid4()
    assert world.incident(token=token) == world.incident(token=token)
    assert Incident.objects.count() == 1


def test_a_second_incident_joins_the_open_case(world):
    one, other = world.incident(), world.incident("2026-03-03 08:50")
    assert one.in_case.case == other.in_case.case
    assert Case.objects.count() == 1


# -- prompts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pack", "told", "opens"),
    [
        ("sholing", {"clauses": ["U03"]}, []),
        ("sholing", {"clauses": ["U05"]}, ["chair_notice", "trust_notice"]),
        ("sholing", {"clauses": ["U15"]}, ["chair_notice", "trust_notice"]),
        ("sholing", {"clauses": ["U06"]}, ["chair_notice", "police", "trust_notice"]),
        ("sholing", {"clauses": ["U03"], "danger": True}, ["police"]),
        ("sholing", {"clauses": ["U03"], "severity": "criminal"}, ["chair_notice", "police", "trust_notice"]),
        ("sholing", {"clauses": ["U21"]}, ["chair_notice", "legal", "trust_notice"]),
        ("sholing", {"clauses": ["U35"]}, ["chair_notice", "legal", "police", "trust_notice"]),
        ("burton_joyce", {"clauses": ["U05"]}, []),
        ("burton_joyce", {"clauses": ["U06"]}, ["police"]),
        ("burton_joyce", {"clauses": ["U37"]}, ["legal"]),
        ("burton_joyce", {"clauses": ["U35"]}, ["legal", "police"]),
        ("combined", {"clauses": ["U05"]}, ["chair_notice", "trust_notice"]),
        ("oakmoor", {"clauses": ["U15"]}, []),
    ],
)
def test_what_an_incident_opens(make_world, pack, told, opens):
    world = make_world(pack)
    world.incident(**told)
    assert open_tasks(world.alex) == opens


def test_a_notice_is_due_the_same_day(world):
    world.incident()
    assert {t.due_on.isoformat() for t in world.alex.cases.get().tasks.all()} == {"2026-03-02"}


def test_one_task_of_a_kind_is_open_at_a_time(world):
    world.incident()
    world.incident("2026-03-03 08:50")
    assert open_tasks(world.alex) == ["chair_notice", "trust_notice"]


def test_a_police_referral_tells_trust_and_chair(world):
    world.incident(clauses=["U03"])
    referrals.refer(world.alex, by=world.olive, at=at("2026-03-02 09:00"), to="police", reference="CR-1")
    assert open_tasks(world.alex) == ["chair_notice", "trust_notice"]


def test_the_heads_reason_tells_nobody_and_closes_the_task(world):
    world.incident(clauses=["U03"], danger=True)
    referrals.do_not_refer(world.alex, by=world.hari, at=at("2026-03-02 09:00"), because="It was a toy.")
    assert open_tasks(world.alex) == []


@pytest.mark.parametrize(("to", "left"), [("police", ["legal"]), ("legal", ["police"]), ("trust", ["legal", "police"])])
def test_a_referral_closes_the_task_that_asked_for_it(make_world, to, left):
    world = make_world("burton_joyce")
    world.incident(clauses=["U35"])
    referrals.refer(world.alex, by=world.tess, at=at("2026-03-02 09:00"), to=to, reference="none given")
    assert open_tasks(world.alex) == left


def test_nobody_is_referred_without_an_open_case(world):
    with pytest.raises(Refused) as told:
        referrals.refer(world.alex, by=world.olive, at=at("2026-03-02 09:00"), to="police", reference="CR-1")
    assert refused(told) == ["wrong-state"]


@pytest.mark.parametrize("who", ["olive", "sena", "cora", "tess"])
def test_only_the_head_says_why_the_police_are_not_told(world, who):
    world.incident()
    with pytest.raises(Refused) as told:
        referrals.do_not_refer(world.alex, by=getattr(world, who), at=at("2026-03-02 09:00"), because="No.")
    assert refused(told) == ["not-permitted"]


def test_the_opening_of_a_ban_tells_trust_and_chair(world):
    world.incident(clauses=["U03"])
    ban = world.decided()
    assert open_tasks(world.alex) == []
    correspondence.issue_kind(
        ban, "provisional_ban", by=world.adam, at=at("2026-03-02 10:00"), method="hand", signed_by=world.hari
    )
    assert open_tasks(world.alex) == ["chair_notice", "trust_notice"]


# -- on the site while banned -------------------------------------------------------------------------------------


def clauses_logged(world, when: str, **told) -> list[str]:
    return world.incident(when, **{"clauses": ["U01"], **told}).clause_ids


@pytest.mark.parametrize(
    ("when", "clauses"),
    [
        ("2026-03-03 23:59", ["U01"]),  # posted on Monday the 2nd: received on Wednesday
        ("2026-03-04 00:00", ["U01", "U35"]),
        ("2026-03-31 23:59", ["U01", "U35"]),
        ("2026-04-01 00:00", ["U01"]),
    ],
)
def test_coming_on_to_the_site_counts_from_the_day_of_deemed_receipt(world, when, clauses):
    world.opened()
    assert clauses_logged(world, when) == clauses


def test_coming_on_to_the_site_counts_from_a_telling(world):
    ban = world.opened()
    bans.tell(ban, by=world.olive, at=at("2026-03-03 08:30"), how="At the gate.")
    assert clauses_logged(world, "2026-03-03 08:45", occurred_at=at("2026-03-03 08:29")) == ["U01"]
    assert clauses_logged(world, "2026-03-03 08:46", occurred_at=at("2026-03-03 08:30")) == ["U01", "U35"]


@pytest.mark.parametrize("told", [{"within_exception": True}, {"place": "telephone"}, {"place": "other"}])
def test_an_exception_or_another_place_is_no_breach_of_the_ban(world, told):
    world.opened()
    assert clauses_logged(world, "2026-03-09 08:45", **told) == ["U01"]


def test_a_ban_on_one_parent_never_touches_the_other(world):
    world.opened()
    other = world.person("Sam Marsh", pupils=["Robin Marsh"])
    assert world.incident("2026-03-09 08:45", subject=other, clauses=["U01"]).clause_ids == ["U01"]


def test_nobody_breaks_a_ban_that_was_lifted(world):
    ban = world.confirmed()
    bans.lift(ban, by=world.tess, at=at("2026-05-07 10:05"), reasons="An apology.")
    assert clauses_logged(world, "2026-05-07 11:00") == ["U01"]
    assert clauses_logged(world, "2026-05-07 11:05", occurred_at=at("2026-05-07 10:00")) == ["U01", "U35"]


def test_withdrawing_a_lifted_ban_does_not_bring_it_back_for_the_days_between(world):
    ban = world.confirmed()
    bans.lift(ban, by=world.tess, at=at("2026-05-07 10:05"), reasons="An apology.")
    bans.withdraw(ban, by=world.cora, at=at("2026-05-11 10:00"), reasons="It was somebody else.")
    assert clauses_logged(world, "2026-05-12 09:00", occurred_at=at("2026-05-08 09:00")) == ["U01"]


def test_a_breach_raises_the_severity_and_opens_police_and_legal(make_world):
    world = make_world("burton_joyce")
    world.incident(clauses=["U03"])
    ban = world.proposed()
    measures.decide(ban, by=world.hari, at=at("2026-03-02 09:40"), terms=world.terms())
    correspondence.issue_kind(
        ban, "provisional_ban", by=world.adam, at=at("2026-03-02 10:00"), method="hand", signed_by=world.hari
    )
    breach = world.incident("2026-03-09 08:45", clauses=["U01"], severity="minor")
    assert breach.severity == "serious"
    assert [c.clause for c in breach.clauses.filter(by_program=True)] == ["U35"]
    assert open_tasks(world.alex) == ["legal", "police"]


def test_a_breach_ticked_by_hand_is_not_added_twice(world):
    world.opened()
    incident = world.incident("2026-03-09 08:45", clauses=["U35"])
    assert [(c.clause, c.by_program) for c in incident.clauses.all()] == [("U35", False)]


# -- severity afterwards ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "was", "now", "rule"),
    [
        ("olive", "serious", "minor", "not-permitted"),
        ("sena", "serious", "minor", None),
        ("sena", "criminal", "serious", "not-permitted"),
        ("hari", "criminal", "serious", None),
        ("sena", "serious", "criminal", None),
        ("cora", "serious", "minor", "not-permitted"),
    ],
)
def test_who_changes_a_severity(world, who, was, now, rule):
    incident = world.incident(severity=was)
    told = {"by": getattr(world, who), "at": at("2026-03-02 10:00"), "severity": now, "reason": "On reflection."}
    if rule is None:
        inquiry.reclassify(incident, **told)
    else:
        with pytest.raises(Refused) as excinfo:
            inquiry.reclassify(incident, **told)
        assert refused(excinfo) == [rule]
    incident.refresh_from_db()
    assert incident.severity == (was if rule else now)


def test_raising_opens_what_logging_would_have_opened_and_lowering_closes_nothing(world):
    incident = world.incident(clauses=["U03"])
    inquiry.reclassify(incident, by=world.sena, at=at("2026-03-02 10:00"), severity="criminal", reason="A blade.")
    assert open_tasks(world.alex) == ["chair_notice", "police", "trust_notice"]
    inquiry.reclassify(incident, by=world.hari, at=at("2026-03-02 11:00"), severity="minor", reason="A ruler.")
    assert open_tasks(world.alex) == ["chair_notice", "police", "trust_notice"]


def test_a_page_left_open_does_not_let_senior_staff_lower_what_became_criminal(world):
    seen = world.incident()
    raised = Incident.objects.get(pk=seen.pk)
    inquiry.reclassify(raised, by=world.hari, at=at("2026-03-02 10:00"), severity="criminal", reason="A blade.")
    with pytest.raises(Refused) as told:
        inquiry.reclassify(seen, by=world.sena, at=at("2026-03-02 11:00"), severity="minor", reason="Nothing.")
    assert refused(told) == ["not-permitted"]


def test_whoever_may_not_lower_it_is_not_told_that_the_case_is_closed(world):
    incident = world.incident(severity="criminal")
    world.alex.cases.update(closed_at=at("2026-03-09 10:00"), closed_by=world.hari, close_reason="Settled.")
    for by, rule in ((world.sena, "not-permitted"), (world.hari, "wrong-state")):
        with pytest.raises(Refused) as told:
            inquiry.reclassify(incident, by=by, at=at("2026-03-10 10:00"), severity="minor", reason="A ruler.")
        assert refused(told) == [rule]


# -- finding ------------------------------------------------------------------------------------------------------


def test_facts_come_first(world):
    incident = world.incident()
    told = {"by": world.hari, "at": at("2026-03-03 10:00"), "upheld": ["U05"]}
    with pytest.raises(Refused) as excinfo:
        inquiry.find(incident, **told)
    assert refused(excinfo) == ["facts-first"]
    inquiry.record_account(incident, by=world.olive, at=at("2026-03-03 10:01"), of="witness", text="Saw it.")
    with pytest.raises(Refused):
        inquiry.find(incident, **told)
    inquiry.record_account(incident, by=world.olive, at=at("2026-03-03 10:02"), of="subject", attempted="Rang.")
    assert inquiry.find(incident, **told).upheld == ["U05"]


@pytest.mark.parametrize("who", ["olive", "cora", "tess", "adam"])
def test_who_does_not_find(world, who):
    incident = world.incident()
    world.heard(incident)
    with pytest.raises(Refused) as told:
        inquiry.find(incident, by=getattr(world, who), at=at("2026-03-04 10:00"), upheld=["U05"])
    assert refused(told) == ["not-permitted"]


def test_whoever_was_harmed_does_not_find(world):
    incident = world.incident(harmed=[world.sena])
    world.heard(incident)
    with pytest.raises(Refused) as told:
        inquiry.find(incident, by=world.sena, at=at("2026-03-04 10:00"), upheld=["U05"])
    assert refused(told) == ["own-cause"]


def test_the_third_incident_upheld_in_a_year_asks_for_a_review(make_world):
    world = make_world("burton_joyce")
    for n, when in enumerate(["2026-01-12 09:00", "2026-02-09 09:00", "2026-03-02 09:00"]):
        world.found(world.incident(when, clauses=["U03"]), when.replace("09:00", "16:00"))
        assert open_tasks(world.alex) == (["repeat_review"] if n == 2 else [])
    assert world.alex.cases.get().put_before_chair_at is not None


def test_what_was_dismissed_or_long_ago_does_not_count(make_world):
    world = make_world("burton_joyce")
    world.found(world.incident("2025-03-01 09:00", clauses=["U03"]), "2025-03-05 16:00")
    for when in ["2026-01-12 09:00", "2026-03-02 09:00"]:
        world.found(world.incident(when, clauses=["U03"]), when.replace("09:00", "16:00"))
    dismissed = world.incident("2026-03-03 09:00", clauses=["U03"])
    world.heard(dismissed)
    inquiry.find(dismissed, by=world.hari, at=at("2026-03-04 10:00"), upheld=[], reason="Mistaken identity.")
    assert open_tasks(world.alex) == []


@pytest.mark.parametrize(("when", "opens"), [("2027-01-20 08:00", ["repeat_review"]), ("2027-01-21 08:00", [])])
def test_a_further_incident_while_a_warning_counts_asks_for_a_review(make_world, when, opens):
    world = make_world("burton_joyce")
    warned(world)
    world.incident(when, clauses=["U03"])
    assert open_tasks(world.alex) == opens


def test_a_warning_that_was_withdrawn_does_not_count(make_world):
    world = make_world("burton_joyce")
    bans.withdraw(warned(world), by=world.hari, at=at("2026-01-21 09:00"), reasons="The wrong person.")
    world.incident("2026-02-02 08:00", clauses=["U03"])
    assert open_tasks(world.alex) == []


# -- tasks ticked off by hand -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "kind", "rule"),
    [
        ("tess", "trust_notice", None),
        ("cora", "trust_notice", "not-permitted"),
        ("cora", "chair_notice", None),
        ("tess", "chair_notice", "not-permitted"),
        ("hari", "chair_notice", "not-permitted"),
        ("cora", "repeat_review", "wrong-state"),
        ("hari", "repeat_review", "not-permitted"),
        ("hari", "police", "not-permitted"),
        ("tess", "review_due", "not-permitted"),
        ("hari", "decision_overdue", "wrong-state"),
        ("olive", "decision_overdue", "not-permitted"),
    ],
)
def test_who_ticks_off_what(world, who, kind, rule):
    world.incident()
    case = world.alex.cases.get()
    told = {"by": getattr(world, who), "at": at("2026-03-03 09:00"), "note": "Read."}
    if rule is None:
        duties.complete_task(case, kind, **told)
        assert case.tasks.get(kind=kind).closed_by == told["by"]
        return
    with pytest.raises(Refused) as excinfo:
        duties.complete_task(case, kind, **told)
    assert refused(excinfo) == [rule]


def test_the_moment_of_a_second_incident_is_its_own(world):
    one, other = world.incident(), world.incident("2026-03-03 08:50")
    assert other.logged_at - one.logged_at == timedelta(days=1)


def test_only_what_was_logged_can_be_upheld(world):
    incident = world.incident(clauses=["U03"])
    world.heard(incident)
    with pytest.raises(Refused, match="wrong-state"):
        inquiry.find(incident, by=world.hari, at=at("2026-03-10 10:00"), upheld=["U05"])


def test_a_closed_case_takes_no_finding_and_no_other_severity(world):
    incident = world.incident(clauses=["U28"])
    world.heard(incident)
    cases.close_case(incident.in_case.case, by=world.hari, at=at("2026-03-04 10:00"), reason="Settled.")
    with pytest.raises(Refused, match="wrong-state"):
        inquiry.find(incident, by=world.hari, at=at("2026-03-10 10:00"), upheld=["U28"])
    with pytest.raises(Refused, match="wrong-state"):
        inquiry.reclassify(incident, by=world.hari, at=at("2026-03-10 10:00"), severity="criminal", reason="New.")
    assert not incident.in_case.case.tasks.filter(closed_at=None).exists()


# -- conduct, or only criticism? ----------------------------------------------------------------------------------


def test_of_criticism_alone_no_post_is_upheld(world):
    incident = world.incident(clauses=["U21", "U03"], place="social_media")
    world.heard(incident)
    told = {"by": world.hari, "at": at("2026-03-10 10:00"), "online_is": "criticism"}
    with pytest.raises(Refused) as refused:
        inquiry.find(incident, upheld=["U21"], **told)
    assert [r.rule for r in refused.value.refusals] == ["wrong-state"]
    finding = inquiry.find(incident, upheld=["U03"], reason="The post is an opinion.", **told)
    assert (finding.upheld, finding.online_is) == (["U03"], "criticism")


def test_what_the_office_took_a_post_for_is_kept(world):
    incident = world.incident(clauses=["U21"], place="social_media", online_is="unsure")
    incident.refresh_from_db()
    assert incident.online_is == "unsure"


def test_three_within_a_year_bring_a_review_however_late_the_third_is_found(world):
    for when in ("2026-01-12 08:50", "2026-06-15 08:50", "2026-12-14 08:50"):
        incident = world.incident(when, place="telephone")
        world.heard(incident, "2026-12-15 09:00")
        if when < "2026-12":
            inquiry.find(incident, by=world.hari, at=at("2026-12-15 10:00"), upheld=["U03"])
    assert "repeat_review" not in open_tasks(world.alex)
    inquiry.find(incident, by=world.hari, at=at("2027-02-01 10:00"), upheld=["U03"])
    assert "repeat_review" in open_tasks(world.alex)
