"""A school at work, driven by Hypothesis: anybody tries anything, in any order, and time moves forward.

Each rule is one step: a deed that is right, a deed that may be broken, those who may not trying all the same, a look at
what is due, days or months gone by, something in the house. After each step everything in `watch` must hold, and each
refusal must be the one that the plain rules foresee.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from conduct.code import clauses, pack, pack_keys
from conduct.models import Membership, SchoolClosure, User
from letters.models import Letter
from sanctions import correspondence, house, measures, serving
from sanctions.models import CaseLetter, Measure
from tests.factories import World, at
from tests.search import deeds, finder, watch
from tests.search.plain import ALONE, CASE_DEEDS, LETTERS, LIVE, LONDON, MOVES, RULES, Deed, Plain, day_of
from tests.search.rows import Row, Rows, changes
from tests.search.tally import TALLY
from tests.search.trying import Trying, refusal

STARTS = (
    "2026-03-02 08:50",  # a Monday in term
    "2026-03-27 23:30",  # the clocks go forward on Sunday
    "2026-10-23 16:25",  # half-term begins, and the clocks go back on Sunday
    "2026-12-31 23:30",
    "2028-02-28 12:00",  # a leap year
    "2026-07-20 15:00",  # the last days before the summer
    "2026-12-16 09:00",
)
HOLIDAYS = (
    *(("2026-02-16", "2026-02-20"), ("2026-03-30", "2026-04-10"), ("2026-05-25", "2026-05-29")),
    *(("2026-07-23", "2026-09-01"), ("2026-10-26", "2026-10-30"), ("2026-12-21", "2027-01-04")),
    *(("2027-02-15", "2027-02-19"), ("2027-03-26", "2027-04-09"), ("2027-05-31", "2027-06-04")),
    *(("2027-07-22", "2027-09-01"), ("2027-10-25", "2027-10-29"), ("2027-12-20", "2028-01-03")),
    *(("2028-02-14", "2028-02-18"), ("2028-04-10", "2028-04-21"), ("2028-05-29", "2028-06-02")),
    *(("2028-07-24", "2028-09-01"), ("2028-10-23", "2028-10-27"), ("2028-12-20", "2029-01-03")),
)
CAST = {
    "olive": "office",
    "sena": "senior",
    "hari": "head",
    "cora": "chair",
    "tess": "trust",
    "adam": "admin",
    "gail": "gate",
    "rita": "records",
    "sid": "sysadmin",
}
MORE = {
    "a second head": ("heather", "head"),
    "a vice-chair": ("carl", "chair"),
    "a second officer of the trust": ("tom", "trust"),
    "a clerk who posts letters": ("olive", "admin"),
    "a head who posts letters": ("hari", "admin"),
    "a senior who stands in for the head": ("sena", "head"),
}
# How far a case has come before anybody may do anything: by the shortest ways that the finder knows.
COME = (finder.decided("decide"), finder.ISSUED)
STAGES: dict[str, tuple[finder.Goal, ...] | None] = {
    "nothing": None,
    "logged": (),
    "proposed": (finder.proposed("site_ban", "provisional"),),
    "provisional": (finder.proposed("site_ban", "provisional"), *COME),
    "intent": (finder.proposed("site_ban", "intent"), *COME),
    "confirmed": (finder.proposed("site_ban", "provisional"), *COME, finder.decided("confirm"), finder.ISSUED),
    "confirmed after intent": (finder.proposed("site_ban", "intent"), *COME, finder.decided("confirm")),
    "kept": (
        *(finder.proposed("site_ban", "provisional"), *COME, finder.decided("confirm"), finder.ISSUED),
        finder.decided("keep"),
    ),
    "lapsed": (finder.proposed("site_ban", "provisional"), *COME, finder.LAPSED),
    "plan": (finder.proposed("communication_plan"), *COME),
    "notice": (finder.proposed("vexatious_notice"), *COME),
    "warned": (finder.proposed("warning_letter"), *COME),
    "invited": (finder.proposed("meeting"), *COME),
    "post": (finder.proposed("post_removal"), finder.decided("decide")),
}
NEEDS_RUNG = {"plan": "communication_plan", "notice": "vexatious_notice"}

hours = st.integers(min_value=1, max_value=72)
some_days = st.integers(min_value=1, max_value=60)
many_days = st.integers(min_value=61, max_value=400)
clock_times = st.sampled_from([(0, 1), (9, 0), (12, 0), (16, 29), (16, 30), (23, 30), (23, 59)])
breaks = st.sampled_from(["", "", *deeds.BREAKS])


def on_day(day: date, time: tuple[int, int]) -> datetime:
    return datetime(day.year, day.month, day.day, *time, tzinfo=LONDON)


class SchoolAtWork(Trying, RuleBasedStateMachine):
    """One school from a day on. Everything happens in a transaction that is taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        TALLY.runs += 1

    def check_invariants(self, *args: Any, **kwargs: Any) -> None:
        TALLY.steps += 1
        super().check_invariants(*args, **kwargs)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        super().teardown()

    # -- how it begins ----------------------------------------------------------------------------------------------------

    @initialize(data=st.data())
    def open_the_school(self, data: st.DataObject) -> None:
        draw = data.draw
        self.at = at(draw(st.sampled_from(STARTS), label="begins"))
        self.pack = draw(st.sampled_from(pack_keys()), label="pack")
        self.world = World(self.pack, staff=CAST)
        for name in draw(st.lists(st.sampled_from(sorted(MORE)), unique=True, max_size=2), label="also"):
            key, role = MORE[name]
            if hasattr(self.world, key):
                self.world.give(getattr(self.world, key), role)
            else:
                setattr(self.world, key, self.world.hire(role, key.capitalize() + " " + role.capitalize()))
        self.bo = self.world.person(
            "Bo Marsh", pupils=["Robin Marsh", "Sam Marsh"], address="", email="bo@home.example"
        )
        self.stranger = self.world.person("", description="Tall man, red coat", address="", relation="visitor")
        if draw(st.booleans(), label="holidays"):
            for first, last in HOLIDAYS:
                days = {"first": date.fromisoformat(first), "last": date.fromisoformat(last)}
                SchoolClosure.objects.create(school=self.world.school, **days)
        self.people = [self.world.alex.pk, self.bo.pk, self.stranger.pk]
        self.staff = sorted(User.objects.values_list("pk", flat=True))
        self.begin(self.at)
        self.come_so_far(draw)

    def come_so_far(self, draw: Any) -> None:
        """Walk a first case to some stage, so that what lies late in a case is not reached by luck alone."""
        stages = [s for s in STAGES if s not in NEEDS_RUNG or NEEDS_RUNG[s] in pack(self.pack).rungs]
        stage = STAGES[draw(st.sampled_from([*stages[1:], *stages]), label="stage")]
        if stage is None:
            return
        told = self.an_incident(draw, Plain(self.rows, self.at))
        self.attempt(Deed("log_incident", self.world.olive.pk, person=self.world.alex.pk, told=told))
        way = finder.Finder(self.world.alex.pk, self.at)
        way.reach(stage)
        self.elapse(way.at)

    # -- steps ------------------------------------------------------------------------------------------------------------

    @rule(data=st.data())
    def somebody_does_what_is_right_with_a_measure(self, data: st.DataObject) -> None:
        plain = Plain(self.rows, self.at)
        m = self.some_measure(data.draw, plain, live=True)
        if m is None:
            return self.somebody_does_what_is_right_with_a_case(data)
        verbs = [*MOVES[m["response"]], "issue_letter"]
        first = data.draw(st.integers(min_value=0, max_value=len(verbs) - 1), label="verb")
        for verb in [*verbs[first:], *verbs[:first]]:
            if right := list(self.right(plain, m, verb)):
                return self.attempt(data.draw(st.sampled_from(right), label="deed"))
        return None

    @rule(data=st.data(), steps=st.integers(min_value=1, max_value=4))
    def a_measure_goes_on(self, data: st.DataObject, steps: int) -> None:
        """The steps that lead on and not away: views, letters, replies, decisions, reviews."""
        m = self.some_measure(data.draw, Plain(self.rows, self.at), live=True)
        if m is None:
            return self.somebody_does_what_is_right_with_a_case(data)
        away = {"decline", "withdraw", "not_confirm", "lift", "end", "sign_off"}
        verbs = [v for v in (*MOVES[m["response"]], "issue_letter") if v not in away]
        for _ in range(steps):
            plain = Plain(self.rows, self.at)
            right = [d for verb in verbs for d in self.right(plain, plain.rows["measure"][m["id"]], verb)]
            if right:
                self.attempt(data.draw(st.sampled_from(right), label="deed"))
        return None

    @rule(data=st.data(), steps=st.integers(min_value=1, max_value=4))
    def work_goes_on(self, data: st.DataObject, steps: int) -> None:
        """The same again: without it most runs would stop short of the later states."""
        self.a_measure_goes_on(data, steps)

    @rule(data=st.data())
    def somebody_does_what_is_right_with_a_case(self, data: st.DataObject) -> None:
        plain, person = Plain(self.rows, self.at), data.draw(st.sampled_from(self.people), label="person")
        case = plain.open_case(person)
        if case is None:
            told = self.an_incident(data.draw, plain)
            return self.attempt(Deed("log_incident", self.anybody(data.draw), person=person, told=told))
        search = finder.Finder(person, self.at)
        right = [d for d in search.preparing(plain) if not plain.refused(d)]
        for verb in ("propose", "close_case"):
            right += [d for d in search.with_person(plain, verb) if not plain.refused(d)][:40]
        if right:
            self.attempt(data.draw(st.sampled_from(right), label="deed"))
        return None

    @rule(data=st.data(), how=breaks)
    def anybody_tries_anything_with_a_measure(self, data: st.DataObject, how: str) -> None:
        plain = Plain(self.rows, self.at)
        m = self.some_measure(data.draw, plain)
        if m is None:
            return
        verbs = sorted({verb for moves in MOVES.values() for verb in moves} | {"issue_letter"})
        verb, by = data.draw(st.sampled_from(verbs), label="verb"), self.anybody(data.draw)
        told = deeds.broken(self.answers(data.draw, plain, m, verb, by), how, plain.today)
        self.attempt(Deed(verb, by, m["id"], told=told))

    @rule(data=st.data(), steps=st.integers(min_value=1, max_value=3))
    def somebody_slips(self, data: st.DataObject, steps: int) -> None:
        """Somebody who may, where it may be tried, and yet a rule stands in the way: an answer broken, or a step too early."""
        m = self.some_measure(data.draw, Plain(self.rows, self.at), live=True)
        if m is None:
            return
        verbs = [*MOVES[m["response"]], "issue_letter"]
        first = data.draw(st.integers(min_value=0, max_value=len(verbs) - 1), label="verb")
        for _ in range(steps):
            plain = Plain(self.rows, self.at)
            found = (self.slips(plain, plain.rows["measure"][m["id"]], v) for v in [*verbs[first:], *verbs[:first]])
            if slips := next(filter(None, found), None):
                name = data.draw(st.sampled_from(sorted(slips)), label="rule")
                self.attempt(data.draw(st.sampled_from(slips[name]), label="deed"))

    def slips(self, plain: Plain, m: Row, verb: str) -> dict[str, list[Deed]]:
        """The deeds with this verb that a rule alone refuses, by the rule."""
        found: dict[str, list[Deed]] = {}
        for by in self.staff:
            told = self.first(plain, m, verb, by)
            rules = plain.refused(Deed(verb, by, m["id"], told=told))
            if rules & ALONE:
                continue
            for how in ("", *deeds.BREAKS):
                spoiled = deeds.broken(told, how, plain.today) if how else told
                if how and spoiled == told:
                    continue
                deed = Deed(verb, by, m["id"], told=spoiled)
                for name in plain.refused(deed):
                    found.setdefault(name, []).append(deed)
        return found

    def first(self, plain: Plain, m: Row, verb: str, by: int) -> dict[str, Any]:
        return deeds.first_answer(plain, m, verb, by)

    @rule(data=st.data(), how=breaks)
    def anybody_tries_anything_with_a_case(self, data: st.DataObject, how: str) -> None:
        draw, plain = data.draw, Plain(self.rows, self.at)
        person, verb = draw(st.sampled_from(self.people)), draw(st.sampled_from(sorted(CASE_DEEDS)), label="verb")
        incidents = plain.rows.of("incident", subject_id=person)
        if verb in deeds.ON_INCIDENTS:
            if incidents:
                incident = draw(st.sampled_from([i["id"] for i in incidents]), label="incident")
                told = self.about_an_incident(draw, plain, incident, verb)
                self.attempt(Deed(verb, self.anybody(draw), incident=incident, told=told))
            return
        if verb in {"close_case", "complete_task"} and plain.latest_case(person) is None:
            return
        told = self.about_a_person(draw, plain, verb)
        told = deeds.broken(told, how, plain.today) if verb != "do_not_refer" else told
        self.attempt(Deed(verb, self.anybody(draw), person=person, told=told))

    @rule(data=st.data())
    def those_who_may_not_try(self, data: st.DataObject) -> None:
        """A whole row of the table of roles at once: everybody whom role or state forbids tries the same verb."""
        plain = Plain(self.rows, self.at)
        m = self.some_measure(data.draw, plain)
        if m is None:
            return
        verb = data.draw(st.sampled_from([*MOVES[m["response"]], "issue_letter"]), label="verb")
        for by in self.staff:
            deed = Deed(verb, by, m["id"], told=self.first(plain, m, verb, by))
            if plain.refused(deed) & ALONE:
                self.attempt(deed, look=False)
        self.after_nothing()

    @rule(data=st.data(), what=st.sampled_from(["the house", "the post room", "the same form twice", "the house"]))
    def something_else(self, data: st.DataObject, what: str) -> None:
        if what == "the house":
            self.something_in_the_house(data)
        elif what == "the post room":
            self.something_in_the_post_room(data)
        else:
            self.the_same_form_twice(data)

    def the_same_form_twice(self, data: st.DataObject) -> None:
        """A form that was sent already is sent again: nothing new comes of it."""
        if not self.tokens:
            return
        deed = data.draw(st.sampled_from(self.tokens), label="form")
        rules = refusal(lambda: deeds.perform(deed, self.at))
        assert rules in ([], ["not-permitted"]), rules
        self.after_nothing()

    @rule(data=st.data(), looks=st.sampled_from(["none", "one", "one", "one, as good as one a day"]))
    def time_passes(self, data: st.DataObject, looks: str) -> None:
        if looks == "one, as good as one a day":
            return self.one_look_late_or_one_a_day(data.draw(st.integers(min_value=2, max_value=40), label="days"))
        self.elapse(max(self.at, self.some_moment(data.draw)))
        return self.look_at_what_is_due() if looks == "one" else None

    def some_moment(self, draw: Any) -> datetime:
        """Hours, days or months on; the next noon or midnight; or about a day on which something changes for a measure."""
        kind = draw(st.sampled_from(["hours", "days", "months", "clock", "a day that matters"]), label="time passes")
        if kind == "hours":
            return self.at + timedelta(hours=draw(hours))
        if kind == "days":
            return self.at + timedelta(days=draw(some_days))
        if kind == "months":
            return self.at + timedelta(days=draw(many_days))
        time, today = draw(clock_times, label="time"), day_of(self.at)
        if kind == "clock":
            when = datetime(today.year, today.month, today.day, *time, tzinfo=LONDON)
            return when if when > self.at else on_day(today + timedelta(days=1), time)
        plain, search = Plain(self.rows, self.at), finder.Finder(0, self.at)
        around = timedelta(days=draw(st.integers(min_value=-1, max_value=1)))
        days = {d + around for m in plain.measures() for d in search.days(plain, m)}
        ahead = sorted(d for d in days if d > today) or [today + timedelta(days=1)]
        return on_day(draw(st.sampled_from(ahead), label="day"), time)

    def something_in_the_house(self, data: st.DataObject) -> None:
        draw, by = data.draw, User.objects.get(pk=self.anybody(data.draw))
        what = draw(st.sampled_from(["close days", "open days", "end a role", "give a role"]), label="what")
        roles, today = Plain(self.rows, self.at).roles(by.pk), day_of(self.at)
        if what == "close days":
            first = today + timedelta(days=draw(st.integers(min_value=-5, max_value=60)))
            last = first + timedelta(days=draw(st.integers(min_value=0, max_value=10)))
            deed = lambda: house.add_closure(self.world.school, by=by, at=self.at, first=first, last=last)  # noqa: E731
        elif what == "open days":
            rows = list(SchoolClosure.objects.order_by("first", "pk"))
            if not rows:
                return
            closure = draw(st.sampled_from(rows))
            deed = lambda: house.remove_closure(closure, by=by, at=self.at)  # noqa: E731
        elif what == "end a role":
            membership = draw(st.sampled_from(list(Membership.objects.filter(ends_on=None).order_by("pk"))))
            if membership.role == "sysadmin" or membership.user_id == by.pk:
                return
            on = {"ends_on": max(today - timedelta(days=1), membership.starts_on)}
            deed = lambda: house.end_role(membership, self.world.school, by=by, at=self.at, **on)  # noqa: E731
        else:
            user, role = User.objects.get(pk=self.anybody(draw)), draw(st.sampled_from(sorted(set(CAST.values()))))
            if role in Plain(self.rows, self.at).roles(user.pk) | {"sysadmin"} or user.pk == by.pk:
                return
            told = {"email": user.email, "name": user.name, "role": role, "starts_on": today, "ends_on": None}
            deed = lambda: house.give_role(self.world.school, by=by, at=self.at, **told)  # noqa: E731
        may = {"head", "sysadmin"} if "days" in what else {"sysadmin"}
        self.in_the_house(what, deed, by.pk, allowed=bool(roles & may))

    def something_in_the_post_room(self, data: st.DataObject) -> None:
        draw, by = data.draw, User.objects.get(pk=self.anybody(data.draw))
        letters = list(Letter.objects.order_by("pk"))
        if not letters:
            return
        letter, roles = draw(st.sampled_from(letters), label="letter"), Plain(self.rows, self.at).roles(by.pk)
        what = draw(st.sampled_from(["record as sent", "came back", "redraft", "reword", "prepare"]), label="what")
        if what == "came back" and letter.sendings.exists():
            sending = draw(st.sampled_from(list(letter.sendings.order_by("pk"))), label="sending")
            told = {"on": day_of(self.at), "why": "Gone away"}
            deed = lambda: serving.came_back(sending, by=by, at=self.at, **told)  # noqa: E731
            allowed = bool(roles & {"admin", "head"}) and sending.came_back_on is None
        elif what == "record as sent" and letter.issued_at:
            back = draw(st.integers(min_value=0, max_value=72))
            told = {"sent_at": max(letter.issued_at, self.at - timedelta(hours=back)), "proof": "none"}
            told["method"] = draw(st.sampled_from(["post", "hand", "email"]))
            verb = serving.send_again if letter.posted_at else serving.record_sent
            deed = lambda: verb(letter, by=by, at=self.at, **told)  # noqa: E731
            again = letter.superseded_by.filter(issued_at__isnull=False)
            twice = letter.sendings.filter(method=told["method"], sent_at=told["sent_at"])
            replaced = letter.posted_at is not None and (again.exists() or twice.exists())
            allowed = bool(roles & {"admin", "head"}) and not replaced
        elif what == "redraft":
            deed = lambda: correspondence.redraft(letter, by=by, at=self.at)  # noqa: E731
            allowed = None
        elif what == "reword":
            about = CaseLetter.objects.get(letter=letter)
            told = {"account": "", "extra": "We are glad to talk."}
            deed = lambda: correspondence.reword(about, by=by, at=self.at, **told)  # noqa: E731
            allowed = bool(roles & {"head", "chair", "trust"}) and letter.issued_at is None
        elif what == "prepare":
            measure = Measure.objects.get(case_letters__letter=letter)
            told = {"verb": "confirm", "data": {"reasons": ["Being written"]}}
            deed = lambda: measures.prepare(measure, by=by, at=self.at, **told)  # noqa: E731
            allowed = bool(roles & {"office", "senior", "head", "chair", "trust"})
        else:
            return
        self.in_the_house(what, deed, by.pk, allowed=allowed)

    @rule(data=st.data(), looked_for=st.sampled_from([True, False, False]))
    def every_case_has_a_way_to_its_end(self, data: st.DataObject, looked_for: bool) -> None:
        """From here, whatever happened before, somebody in this school can close the case: looked for, then taken back."""
        plain = Plain(self.rows, self.at)
        people = [p for p in self.people if plain.open_case(p)]
        if not people or not looked_for or not self.has_everybody(plain):
            return
        person = data.draw(st.sampled_from(people), label="person")
        mark, way = transaction.savepoint(), finder.Finder(person, self.at, closing=True)
        found = way.reach((finder.CLOSED,))
        told = "\n".join(f"{s.at:%Y-%m-%d %H:%M} {s.by} {s.what}" for s in way.path)
        transaction.savepoint_rollback(mark)
        assert found, f"no way to the end of the case; nearest: {way.stuck}\n{told}"
        TALLY.finished += 1

    def in_the_house(self, what: str, deed: Any, by: int, *, allowed: bool | None) -> None:
        """A deed of the settings or the post room: allowed or not by the role; its changes and its one audit row."""
        self.at += timedelta(minutes=1)
        if rules := refusal(deed):
            assert not allowed, f"{what}: {rules}"
            assert set(rules) <= RULES
            self.after_nothing()
            return
        assert allowed in {True, None}, f"{what} went through"
        after = Rows()
        found = changes(self.rows, after)
        watch.nothing_final_changed(found)
        watch.every_change_has_its_audit_row(found, "redraft" if what == "redraft" else what)
        watch.audit_says_who_and_when(found, by, self.at)
        self.rows = after
        watch.always(self.rows, self.at)

    # -- drawing ----------------------------------------------------------------------------------------------------------

    def anybody(self, draw: Any) -> int:
        return int(draw(st.sampled_from(self.staff), label="by"))

    def some_measure(self, draw: Any, plain: Plain, *, live: bool = False) -> Row | None:
        found = plain.measures()
        if live:
            found = [m for m in found if plain.state(m) in LIVE | {"served"}] or found
        return (
            plain.rows["measure"][draw(st.sampled_from([m["id"] for m in found]), label="measure")] if found else None
        )

    def right(self, plain: Plain, m: Row, verb: str) -> Iterator[Deed]:
        """The deeds with this verb that would go through, by whoever may."""
        for by in self.staff:
            for told in deeds.answers(plain, m, verb, by):
                deed = Deed(verb, by, m["id"], told=told)
                if not plain.refused(deed):
                    yield deed

    def answers(self, draw: Any, plain: Plain, m: Row, verb: str, by: int) -> dict[str, Any]:
        if verb == "issue_letter":
            return self.a_letter(draw, plain, m)
        found = deeds.answers(plain, m, verb, by)
        if verb == "follow":
            found = [{"step": step} for step in ("captured", "removed", "offered", "agreed")]
        return dict(draw(st.sampled_from(found), label="answers"))

    def a_letter(self, draw: Any, plain: Plain, m: Row) -> dict[str, Any]:
        """A letter of some kind, sent some way, signed by somebody, perhaps in place of another."""
        kinds = sorted(k for k, (responses, _) in LETTERS.items() if m["response"] in responses) or sorted(LETTERS)
        kind = draw(st.sampled_from(kinds), label="kind")
        decision = plain.decision_told(m, kind)
        signers = [decision["by_id"]] * 3 if decision else []
        told = {
            "kind": kind,
            "method": draw(st.sampled_from(["hand", "post", "email"]), label="method"),
            "signed_by": draw(st.sampled_from([*signers, *self.staff]), label="signed by"),
        }
        issued = [x["id"] for d in plain.decisions(m) for x in plain.issued(d)]
        if issued and draw(st.booleans(), label="supersedes"):
            told["supersedes"] = draw(st.sampled_from(issued))
        if draw(st.booleans(), label="leaves later"):
            told["sent_at"] = self.at + timedelta(hours=draw(hours))
        return told

    def an_incident(self, draw: Any, plain: Plain) -> dict[str, Any]:
        held = pack(plain.pack_on(plain.today)).clause_list()
        common = [c.id for c in held]
        harmed = draw(st.sampled_from([[], [], [], *([u] for u in self.staff)]), label="harmed")
        ticked = draw(st.lists(st.sampled_from(common), min_size=1, max_size=3, unique=True), label="clauses")
        usual = max(["minor", "serious", "criminal"].index(clauses()[c].usual_severity) for c in ticked)
        severity = draw(st.sampled_from(["", *["minor", "serious", "criminal"][usual:]]), label="severity")
        back = draw(st.sampled_from([0, 0, 0, 3, 24 * 3, 24 * 40]), label="hours ago")
        witness = draw(st.booleans(), label="witness named")
        return {
            "clauses": ticked,
            "place": draw(st.sampled_from(["site", "site", "email", "social_media"]), label="place"),
            "severity": severity,
            "narrative": "Shouted at Pat Green." if witness else "Shouted at the office.",
            "witnesses": ["Pat Green"] if draw(st.integers(0, 9)) == 0 else [],
            "harmed": harmed,
            "danger": draw(st.integers(0, 5)) == 0,
            "within_exception": draw(st.integers(0, 5)) == 0,
            "occurred_at": self.at - timedelta(hours=back),
        }

    def about_an_incident(self, draw: Any, plain: Plain, incident: int, verb: str) -> dict[str, Any]:
        logged = [c["clause"] for c in plain.rows.of("incidentclause", incident_id=incident)]
        if verb == "find":
            upheld = draw(st.sampled_from([logged, logged[:1], [], ["U36", "E01"]]), label="upheld")
            return {"upheld": upheld, "reason": "As both accounts say."}
        if verb == "record_account":
            of = draw(st.sampled_from(["staff", "witness", "subject"]), label="of")
            return {"of": of, "text": "It was so."} if draw(st.booleans()) else {"of": "subject", "attempted": "Rang."}
        return {"severity": draw(st.sampled_from(["minor", "serious", "criminal"])), "reason": "On reflection."}

    def about_a_person(self, draw: Any, plain: Plain, verb: str) -> dict[str, Any]:
        if verb == "log_incident":
            told = self.an_incident(draw, plain)
            if draw(st.integers(0, 9)) == 0:
                told["clauses"] = [draw(st.sampled_from(["U24", "U27", "U04", "U35", "U15"]))]
            return told
        found = deeds.about_person(plain, verb)
        if verb == "complete_task":
            found = [*found, {"kind": "review_due", "note": "Seen."}, {"kind": "police", "note": "Seen."}]
        return dict(draw(st.sampled_from(found), label="answers"))

    def has_everybody(self, plain: Plain) -> bool:
        """Whether the school has a head, a chair, a clerk and an officer of the trust, not all of them harmed."""
        if not all(plain.holders(role) for role in ("head", "chair", "office", "trust")):
            return False
        open_cases = [c for c in (plain.open_case(p) for p in self.people) if c]
        return all(len(plain.harmed(c["id"]) & set(plain.holders("head", "chair", "trust"))) <= 1 for c in open_cases)
