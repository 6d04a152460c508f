"""The stories short of a ban: a plan, a block and a notice in force, posts to take down, mediation, no further action.

A school has those that its policy offers: see `stories.of_pack`. As there, a story yields the moment at which it goes on.
"""

from dataclasses import replace
from datetime import date, timedelta

from conduct.models import Person
from sanctions import measures, plans, referrals
from sanctions.dates import TermsFacts
from sanctions.demo import walks
from sanctions.demo.days import moment
from sanctions.demo.desk import EQUALITY, Desk, Walk
from sanctions.models import Measure

REVIEW_AFTER = timedelta(days=80)  # within three months of the start, whatever the months
LONGEST = timedelta(days=175)  # within six

TOO_MANY = "Answering took several hours of each week, and the answers were followed by the same questions."
COVERT = "Staff need to know when they are recorded, and who speaks with them about what."
ABUSIVE = "The messages were abusive, and the class page is read by other families."


def plan(d: Desk, p: Person) -> Walk:
    """A plan in force after a warning: its cap has been used, once gone over and once gone round; its review is near."""
    review = d.days.after(d.days.today, 4)
    start = d.days.from_(review - REVIEW_AFTER)
    yield from walks.established(d, p, "rude_email", d.days.before(start, 16))
    yield from walks.served(d, p, "warning_letter", d.days.before(start, 12))
    yield from walks.established(d, p, "needless", d.days.before(start, 5))
    terms = plan_terms(d, p, starts=start, ends=start + LONGEST, review_on=review)
    measure = yield from walks.limited(d, p, "communication_plan", d.days.before(start, 1), terms, TOO_MANY)
    first, second = two_days_of_a_week(d)
    yield from got_in_touch(d, measure, first, "email", "Asked when the swimming lessons begin.")
    yield from got_in_touch(d, measure, second, "email", "Asked the same again, as no answer had come in the night.")
    yield from got_in_touch(
        d, measure, d.days.ago(2), "talk", "Stopped the class teacher in the playground about homework."
    )
    yield from got_in_touch(d, measure, d.days.ago(1), "email", "Thanked the office for the new reading record.")


def plan_varied(d: Desk, p: Person) -> Walk:
    """A plan that was reviewed by somebody else and made milder; in force."""
    start, on = d.days.ago(55), d.days.ago(15)
    yield from walks.established(d, p, "covert", d.days.before(start, 6))
    first = plan_terms(d, p, starts=start, ends=start + LONGEST, review_on=min(on, start + REVIEW_AFTER))
    measure = yield from walks.limited(d, p, "communication_plan", d.days.before(start, 1), first, COVERT)
    yield from got_in_touch(d, measure, d.days.after(start, 6), "email", "Asked about a place in the breakfast club.")
    yield moment(on, "09:20")
    by, review = d.who("senior2"), d.days.business(d.days.today + timedelta(days=20))
    plans.vary_on_review(
        measure,
        by=by,
        at=d.at,
        reasons="One short email in eight weeks, and two calm meetings. The limit can be wider.",
        equality=EQUALITY,
        terms=replace(first, review_on=review, cap="three emails a week", closes=()),
    )
    yield from d.send(measure, "plan_outcome", by, on=on)


def channel_block(d: Desk, p: Person) -> Walk:
    """The messages of the school app are closed for a term."""
    start = d.days.ago(24)
    yield from walks.established(d, p, "rude_message", d.days.before(start, 6))
    terms = TermsFacts(starts=start, ends=start + LONGEST, review_on=start + REVIEW_AFTER, closes=("app",))
    yield from walks.limited(d, p, "channel_block", d.days.before(start, 1), terms, ABUSIVE, method="hand")


def vexatious(d: Desk, p: Person) -> Walk:
    """Emails about a matter already answered are read and no longer answered one by one."""
    start = d.days.ago(9)
    yield from walks.established(d, p, "needless", d.days.before(start, 6))
    terms = TermsFacts(starts=start, ends=start + LONGEST, review_on=start + REVIEW_AFTER)
    yield from walks.limited(d, p, "vexatious_notice", d.days.before(start, 1), terms, TOO_MANY)


def post_down(d: Desk, p: Person) -> Walk:
    """A post captured, asked about and taken down; the case is closed."""
    on = d.days.ago(48)
    yield from walks.established(d, p, "post", on)
    measure = yield from walks.asked_down(d, p, d.days.after(on, 3), "https://social.example/posts/48151")
    removed = d.days.after(on, 8)
    yield moment(removed, "12:15")
    measures.follow(measure, by=d.who("office2"), at=d.at, step="removed", note="Looked again: the page is gone.")
    yield from walks.closed(d, p, d.days.after(on, 14), "The post is down, and nothing further was written.")


def post_waiting(d: Desk, p: Person) -> Walk:
    """The author has been asked to take a post down; the time for it is running."""
    yield from walks.established(d, p, "post", d.days.ago(6))
    yield from walks.asked_down(d, p, d.days.ago(3), "https://social.example/groups/1618/posts/33", method="email")


def mediated(d: Desk, p: Person) -> Walk:
    """Mediation offered, accepted and agreed, with the Local Authority's help."""
    on = d.days.ago(80)
    yield from walks.established(d, p, "approached", on)
    yield moment(d.days.after(on, 3), "09:15")
    measure = d.propose(p, "mediation")
    yield moment(d.days.after(on, 3), "14:30")
    by = d.who("senior1")
    measures.decide(measure, by=d.who("head1"), at=d.at, reason="Both families will be at the school for years.")
    yield moment(d.days.after(on, 4), "10:00")
    measures.follow(measure, by=by, at=d.at, step="offered", note="By telephone, to both families.")
    yield moment(d.days.after(on, 5), "11:00")
    referral = walks.told(d, p, to="local_authority")
    yield moment(d.days.after(on, 7), "10:10")
    referrals.acknowledge(referral, by=d.who("office1"), at=d.at)
    yield moment(d.days.after(on, 8), "09:30")
    measures.follow(measure, by=by, at=d.at, step="accepted", note="Both will come, each with one companion.")
    yield moment(d.days.after(on, 16), "16:45")
    measures.follow(
        measure,
        by=by,
        at=d.at,
        step="agreed",
        note="Each speaks to the class teacher first, never to the other's child.",
    )
    yield moment(d.days.after(on, 17), "09:00")
    referrals.conclude(
        referral, by=d.who("office1"), at=d.at, outcome="Their mediator led the meeting. Nothing further."
    )
    yield from walks.closed(d, p, d.days.after(on, 25), "Agreed between the two families, and quiet since.")


def no_action(d: Desk, p: Person) -> Walk:
    """Looked into and left at that, with a reason; the case is closed."""
    on = d.days.ago(33)
    yield from walks.established(d, p, "dog", on)
    yield moment(d.days.after(on, 3), "09:00")
    measure = d.propose(p, "no_further_action")
    yield moment(d.days.after(on, 3), "12:00")
    because = "The dog is being trained as an assistance dog, which we had not been told."
    measures.decide(measure, by=d.who("head1"), at=d.at, reason=because)
    yield from walks.closed(d, p, d.days.after(on, 6), "No further action; the family was thanked for explaining.")


def plan_terms(d: Desk, p: Person, *, starts: date, ends: date, review_on: date) -> TermsFacts:
    """One email a week to the office, meetings by arrangement, a deputy, and a promise to answer."""
    office, senior = d.who("office1").name, d.who("senior1").name
    held = {(w.method, purpose) for w in d.pack.contact for purpose in w.serves}
    wanted = [("office", "email", office), ("teacher", "meeting", senior), ("senior", "meeting", senior)]
    ways = tuple(way for way in wanted if (way[1], way[0]) in held)
    return replace(
        d.terms(p, starts=starts, ends=ends, review_on=review_on),
        scope="Messages, calls and visits to the office, the class teacher and the senior team",
        exceptions="",
        ways=ways,
        contact_who=office,
        contact_methods=tuple(dict.fromkeys(method for _, method, _ in ways)),
        closes=("telephone", "app"),
        deputy=d.who("office2").name,
        cap="one email a week",
        reply_days=3,
    )


def two_days_of_a_week(d: Desk) -> tuple[date, date]:
    """The latest two school days in a row of one week that lie a week back or more."""
    for n in range(6, 40):
        first, second = d.days.ago(n + 1), d.days.ago(n)
        if first.isocalendar()[:2] == second.isocalendar()[:2]:
            return first, second
    raise ValueError(f"no two school days of a week before {d.days.today}")


def got_in_touch(d: Desk, measure: Measure, on: date, method: str, text: str) -> Walk:
    """A contact under a plan, logged by the office the same day."""
    yield moment(on, "13:05")
    plans.log_contact(measure, by=d.who("office2"), at=d.at, method=method, text=text, on=on)
