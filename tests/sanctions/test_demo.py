"""The demonstration world: every promised stage stands in it whatever the day, and it is built once, whole, and only there."""

import io
from datetime import date, datetime, timedelta

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from conduct.calendar import Calendar, local_date
from conduct.code import Pack
from conduct.models import AuditRow, Membership, Person, Pupil, School, User
from incidents.models import Incident
from letters import press, wording
from letters.models import Document, Letter, Sending
from sanctions import caps, diary, gate
from sanctions.demo import password, world
from sanctions.demo.days import Days, moment
from sanctions.demo.year import closures_around, closures_of
from sanctions.ladder import LETTER_KINDS, PACKS, PLANS
from sanctions.models import Case, Contact, Decision, Measure, Referral, Task
from sanctions.situation import plan_of, record_of, with_history

ROLES = {"office", "senior", "head", "chair", "admin", "gate", "records", "sysadmin"}
BAN_STATES = {
    *("proposed", "decided", "provisional", "intent", "confirmed", "varied"),
    *("lapsed", "lifted", "not_confirmed", "withdrawn", "ended"),
}


def tiny_pdf(kind: str, facts: dict, **_how: object) -> bytes:
    """A real PDF of one empty page that differs from letter to letter."""
    pdf, out = pikepdf.new(), io.BytesIO()
    pdf.add_blank_page()
    pdf.docinfo["/Title"] = f"{kind} {facts['reference']}"
    pdf.save(out)
    return out.getvalue()


class Built:
    """One school, built at a moment."""

    def __init__(self, slug: str, now: datetime) -> None:
        self.now = now
        self.school = School.objects.get(slug=slug)

    @property
    def today(self) -> date:
        return local_date(self.now)

    @property
    def pack(self) -> Pack:
        return self.school.adoption_on(self.today).pack

    @property
    def kinds(self) -> set[str]:
        """The kinds of letters that can be written under the school's policy."""
        return {kind for kind, tells in LETTER_KINDS.items() if any(self.pack.offers(r) for r in tells.responses)}

    def states(self, response: str) -> set[str]:
        return set(Measure.objects.filter(response=response).values_list("state", flat=True))

    def bans(self, state: str) -> list[Measure]:
        found = Measure.objects.filter(case__school=self.school, response="site_ban", state=state)
        return list(with_history(found).select_related("person"))

    def record(self, ban: Measure):
        return record_of(ban, self.school.calendar)


WORLDS = [  # the school, the day, and whether its letters are really rendered
    ("ashfield", "2026-03-02 08:50", True),
    ("brookside", "2026-12-24 11:00", False),
    ("cliff", "2026-08-10 09:30", False),
]


@pytest.fixture(scope="class", params=WORLDS, ids=["on a Monday in term", "on Christmas Eve", "in August"])
def built(request, django_db_setup, django_db_blocker):
    slug, when, really = request.param
    day, clock = when.split()
    now = moment(date.fromisoformat(day), clock)
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        if not really:
            patch.setattr(press, "letter", tiny_pdf)
        with transaction.atomic():
            world.build(now, "a password of the test", only=[slug])
            yield Built(slug, now)
            transaction.set_rollback(True)


class TestTheWorld:
    def test_bans_stand_at_every_stage(self, built):
        held = Measure.objects.filter(response="site_ban").values_list("state", flat=True)
        assert set(held) == BAN_STATES

    def test_meetings_are_invited_held_and_missed_and_warnings_served_declined_and_waiting(self, built):
        assert built.states("meeting") == {"served", "held", "missed"}
        assert built.states("warning_letter") == {"served", "declined", "decided"}

    def test_side_branches_are_decided_and_posts_asked_down_or_settled(self, built):
        assert built.states("mediation") == {"decided"}
        assert built.states("no_further_action") == {"decided"}
        assert built.states("post_removal") == {"served"}
        done = [[f.step for f in m.follows.all()] for m in Measure.objects.filter(response="post_removal")]
        assert sorted(done) == [["captured", "asked"], ["captured", "asked", "removed"]]
        (mediation,) = Measure.objects.filter(response="mediation")
        assert [f.step for f in mediation.follows.all()] == ["offered", "accepted", "agreed"]
        assert Referral.objects.filter(to="local_authority", outcome_at__isnull=False).count() == 1

    def test_plans_blocks_and_notices_that_the_policy_offers_are_in_force(self, built):
        offered = [r for r in sorted(PLANS) if built.pack.offers(r)]
        running = Measure.objects.filter(response__in=PLANS).order_by("response").values_list("response", "state")
        assert list(running) == [(r, "in_force") for r in offered for _ in range(2 if r == "communication_plan" else 1)]
        assert all(plan_of(m).in_force(built.now) for m in with_history(Measure.objects.filter(response__in=PLANS)))

    def test_a_plan_has_its_cap_gone_over_once_gone_round_once_and_its_review_near(self, built):
        if not built.pack.offers("communication_plan"):
            assert not Contact.objects.exists()
            return
        plan = with_history(Measure.objects.filter(response="communication_plan", contacts__method="talk")).get()
        terms, contacts = plan_of(plan).terms_at(built.now), [(c.method, c.on) for c in plan.contacts.all()]
        cap = caps.read(terms.cap)
        assert [caps.over(cap, contacts, n) for n in range(4)] == [False, True, False, False]
        assert [caps.among(method, terms.contact_methods) for method, _ in contacts] == [True, True, False, True]
        assert (bool(terms.deputy), len(terms.ways), terms.reply_days) == (True, 3, 3)
        assert built.school.calendar.school_days_between(built.today, terms.review_on) == 4

    def test_a_plan_was_made_milder_on_review_by_somebody_else(self, built):
        decisions = Decision.objects.filter(measure__response="communication_plan", verb="vary_on_review")
        assert decisions.count() == int(built.pack.offers("communication_plan"))
        for decision in decisions:
            plan = with_history(Measure.objects.filter(pk=decision.measure_id)).get()
            assert decision.by != plan.decisions.get(verb="decide").by
            assert plan_of(plan).terms_at(built.now).cap == "three emails a week"

    def test_a_provisional_ban_is_in_force_and_its_window_closes_this_week_or_as_soon_after_as_can_be(self, built):
        (ban,) = built.bans("provisional")
        record = built.record(ban)
        sunday = built.today + timedelta(days=6 - built.today.weekday())
        # On Christmas Eve the school days of the window have run out, and the next window closes in January.
        latest = sunday if built.today.month != 12 else date(2027, 1, 5)
        assert record.in_force(built.now)
        assert built.today <= record.window.on <= latest

    def test_a_confirmed_ban_is_in_force_and_its_review_is_due_in_12_school_days(self, built):
        (ban,) = built.bans("confirmed")
        record = built.record(ban)
        _, review_on = record.end_and_review(built.now)
        assert record.in_force(built.now)
        assert built.school.calendar.school_days_between(built.today, review_on) == 12
        assert Task.objects.filter(case=ban.case, kind="review_due", due_on=review_on, closed_at=None).count() == 1

    def test_a_lapsed_ban_still_sends_the_gate_to_the_head(self, built):
        (ban,) = built.bans("lapsed")
        assert gate.applies_to([ban.person], built.school, built.now)[ban.person_id].word == "ended_no_decision"

    def test_somebody_banned_has_an_appointment_this_afternoon(self, built):
        found = {applies.word for _, applies in gate.listed(built.school, built.now) if applies.visits}
        assert found == {"banned"}

    def test_the_gate_knows_exactly_whose_ban_is_in_force(self, built):
        banned = {p.pk for p, applies in gate.listed(built.school, built.now) if applies.word == "banned"}
        expected = {b.person_id for state in ("provisional", "confirmed", "varied") for b in built.bans(state)}
        assert banned == expected

    def test_a_notice_of_intent_was_issued_again_and_its_reply_waits_for_an_answer(self, built):
        (ban,) = built.bans("intent")
        second = Letter.objects.get(case_letter__measure=ban, supersedes__isnull=False)
        assert second.supersedes.recipient == second.recipient == ban.person
        assert built.record(ban).window.on >= built.today
        assert (ban.representations.count(), ban.answers.count()) == (1, 0)

    def test_a_file_was_taken_over_and_a_newer_one_waits_with_a_slip_in_it(self, built):
        waits, taken = built.school.imports.all()
        assert (waits.state, waits.counts["people_new"], waits.counts["not_taken"]) == ("ready", 1, 1)
        assert (taken.state, taken.counts["people_new"], taken.counts["not_taken"]) == ("done", 0, 0)

    def test_an_incident_of_today_has_no_accounts_yet(self, built):
        latest = Incident.objects.latest("logged_at")
        assert local_date(latest.logged_at) == built.today
        assert not latest.accounts.exists()

    def test_police_were_told_once_and_are_still_to_be_told_once(self, built):
        open_kinds = list(Task.objects.filter(closed_at=None).values_list("kind", flat=True))
        assert {k: open_kinds.count(k) for k in ("police", "legal", "repeat_review")} == {
            "police": 1,
            "legal": 1,
            "repeat_review": 1,
        }
        (breach,) = Incident.objects.filter(clauses__clause="U35", clauses__by_program=True)
        assert breach.in_case.case.referrals.filter(to="police").count() == 1
        assert Case.objects.filter(referrals__to="police", referrals__outcome_at__isnull=False).count() == 1

    def test_cases_are_open_and_closed(self, built):
        closed = Case.objects.filter(closed_at__isnull=False).count()
        assert 15 <= closed <= 40
        assert 15 <= Case.objects.filter(closed_at=None).count() <= 40

    def test_letters_of_every_kind_are_issued_and_some_wait_at_each_step_of_the_post_room(self, built):
        letters = Letter.objects.all()
        undecided = {"account_request", "gate_notice", "police_referral", "review_pack"}
        assert set(letters.filter(issued_at__isnull=False).values_list("kind", flat=True)) == built.kinds | undecided
        waiting = set(letters.filter(issued_at=None).values_list("kind", flat=True))
        assert waiting - {"review_notice"} == {"warning", "intent_to_ban"}
        letters = letters.exclude(kind__in=PACKS)
        assert letters.filter(issued_at__isnull=False, printed_at=None).count() == 1
        assert letters.filter(printed_at__isnull=False, posted_at=None).count() == 1
        sendings = Sending.objects.filter(letter__in=letters)
        assert not sendings.filter(stage="left", proof="").exists()
        assert sendings.filter(proof="accepted").exists()
        assert letters.filter(came_back_on__isnull=False).count() == 1
        assert all(bytes(d.content).startswith(b"%PDF") for d in Document.objects.filter(letters__isnull=False))

    def test_a_letter_is_approved_and_waits_to_be_issued_and_another_waits_for_approval(self, built):
        waits = Letter.objects.filter(issued_at=None)
        assert [x.kind for x in waits if x.approvals.exists()] == ["warning"]
        assert {x.kind for x in waits if not x.approvals.exists()} >= {"intent_to_ban"}

    def test_letters_have_a_look_of_their_own_and_a_text_that_somebody_looked_at(self, built):
        assert built.school.letterhead.logo is not None
        assert [s.user.email.split("@")[0] for s in built.school.signatures.all()] == ["head1"]
        assert set(wording.all_in_force(built.school)) == set(wording.checks(built.school)) == {"warning"}

    def test_forty_people_and_sixty_incidents_over_two_years(self, built):
        assert (Person.objects.count(), Incident.objects.count()) == (40, 60)
        assert Pupil.objects.count() >= 38
        first = Incident.objects.earliest("logged_at")
        assert timedelta(days=600) < built.now - first.logged_at < timedelta(days=760)

    def test_people_differ_as_they_do(self, built):
        people = Person.objects.all()
        assert people.filter(name="").count() == 1
        assert people.filter(large_print=True).count() == 1
        assert people.exclude(language="").exists()
        assert people.filter(address="").exclude(name="").exists()
        assert any(not name.isascii() for name in people.values_list("name", flat=True))
        both_parents = [p for p in Pupil.objects.all() if p.adults.count() == 2]
        assert len(both_parents) >= 4

    def test_there_are_two_accounts_of_each_role_and_the_second_head_acts_for_a_fortnight(self, built):
        at_school = Membership.objects.filter(school=built.school)
        emails = {f"{role}{n}@{built.school.slug}.example" for role in ROLES for n in (1, 2)}
        trust = {f"trust{n}@{built.school.trust.slug}.example" for n in (1, 2)}
        assert set(User.objects.values_list("email", flat=True)) == emails | trust
        acting = at_school.get(user__email__startswith="head2@", role="head")
        assert (acting.ends_on - acting.starts_on).days == 13

    def test_one_password_opens_every_account(self, built):
        assert len(set(User.objects.values_list("password", flat=True))) == 1
        assert User.objects.first().check_password("a password of the test")

    def test_everything_was_done_in_order_of_time_and_nothing_after_the_present(self, built):
        moments = list(AuditRow.objects.order_by("pk").values_list("at", flat=True))
        assert moments == sorted(moments)
        assert moments[-1] <= built.now

    def test_the_diary_has_nothing_left_to_do(self, built):
        assert diary.due_measures(built.now) == []


def test_on_every_day_of_a_year_the_days_that_the_stories_need_can_be_found():
    for n in range(0, 366, 9):
        today = date(2026, 7, 1) + timedelta(days=n)
        days = Days(Calendar(tuple(closures_around(today, "january"))), moment(today, "09:00"))
        issued, method = days.closing_soon()
        started, lapsed_on = days.lapsed_lately()
        start, review, end = days.review_ahead(12, 6)
        assert issued < today <= days.window_after(issued, method)
        assert days.window_after(started, "post") <= lapsed_on < today <= days.after(lapsed_on, 10)
        assert start < today < review < end < start + timedelta(days=90)


def test_a_school_year_has_about_190_school_days():
    for second_inset in ("january", "june", "november"):
        calendar = Calendar(tuple(closures_of(2026, second_inset)))
        assert 185 <= calendar.school_days_between(date(2026, 9, 1), date(2027, 8, 31)) <= 195


@pytest.fixture
def demonstration(db, settings, monkeypatch):
    """The command with its schools and people, and without their past."""
    settings.DEMO = True
    monkeypatch.delenv("CONDUCT_DEMO_PASSWORD", raising=False)
    monkeypatch.setattr(world, "play", lambda desks, now: None)

    def run() -> str:
        out = io.StringIO()
        call_command("demo", stdout=out)
        return out.getvalue()

    return run


def test_the_command_makes_all_accounts_and_keeps_their_random_password_for_its_owner_alone(demonstration, settings):
    said = demonstration()
    kept = settings.VAR / "demo-password"
    word = kept.read_text().strip()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(word) >= 16
    assert word in said
    assert User.objects.get(email="trust2@harbour.example").check_password(word)
    assert User.objects.count() == 3 * 16 + 2 * 2
    packs = {a.school.slug: a.pack_key for s in School.objects.all() for a in s.adoptions.all()}
    assert packs == {"ashfield": "sholing", "brookside": "all_saints", "cliff": "combined"}


def test_two_random_passwords_differ():
    assert password.made() != password.made()


def test_the_environment_sets_the_password_instead(demonstration, settings, monkeypatch):
    monkeypatch.setenv("CONDUCT_DEMO_PASSWORD", "chosen by whoever starts it")
    demonstration()
    assert User.objects.get(email="gate1@cliff.example").check_password("chosen by whoever starts it")
    assert (settings.VAR / "demo-password").read_text().strip() == "chosen by whoever starts it"


def test_a_second_run_says_so_and_changes_nothing(demonstration, settings):
    demonstration()
    before = (settings.VAR / "demo-password").read_text(), list(User.objects.values_list("pk", "password"))
    said = demonstration()
    assert said == "The demonstration world is there already: nothing was changed.\n"
    assert ((settings.VAR / "demo-password").read_text(), list(User.objects.values_list("pk", "password"))) == before


def test_outside_the_demonstration_it_is_refused(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="CONDUCT_DEMO=1"):
        call_command("demo")
    assert not School.objects.exists()


def test_a_database_that_holds_something_else_is_left_alone(demonstration):
    User.objects.create(email="somebody@school.example", name="Somebody")
    with pytest.raises(CommandError, match="holds something else"):
        demonstration()
    assert not School.objects.exists()


def test_a_build_that_is_cut_off_leaves_neither_half_a_world_nor_a_password(demonstration, settings, monkeypatch):
    def cut_off(desks, now):
        raise KeyboardInterrupt

    monkeypatch.setattr(world, "play", cut_off)
    with pytest.raises(KeyboardInterrupt):
        demonstration()
    assert (School.objects.count(), User.objects.count()) == (0, 0)
    assert not (settings.VAR / "demo-password").exists()


def test_a_password_that_cannot_be_kept_leaves_no_world_behind(demonstration, monkeypatch):
    def full(word, folder):
        raise OSError("No space left on device")

    monkeypatch.setattr(password, "keep", full)
    with pytest.raises(OSError, match="No space left"):
        demonstration()
    assert not School.objects.exists()
