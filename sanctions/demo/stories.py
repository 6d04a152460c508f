"""The stories of bans, meetings and warnings, one for each stage, each with a person of its own; and who has which.

A story is a generator. It yields the moment at which it goes on and then calls the verbs; what it returns is of no use.
All days are counted from the present. `of_pack` names those of a school; cast.toml gives some of
their parts to somebody.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from conduct.code import Pack
from conduct.models import Person
from sanctions import amending, appointments, approvals, bans, measures, packs, referrals
from sanctions.demo import milder, walks
from sanctions.demo.days import moment
from sanctions.demo.desk import EQUALITY, Desk, Walk
from sanctions.models import Measure


def today(d: Desk, p: Person) -> Walk:
    """Logged in the last hour: the accounts are still missing."""
    midnight = moment(d.days.today, "00:00")
    yield max(d.days.now - timedelta(minutes=40), midnight)
    d.log(p, "rude_email", occurred_at=max(d.at - timedelta(minutes=30), midnight))


def proposed(d: Desk, p: Person) -> Walk:
    """A ban proposed with a notice of intent; chair or trust are still to be consulted."""
    yield from walks.established(d, p, "threat", d.days.ago(5))
    yield moment(d.days.ago(2), "10:15")
    d.propose(p, "site_ban", "intent")


def ban_waiting(d: Desk, p: Person) -> Walk:
    """A ban decided yesterday by a notice of intent whose letter is still a draft."""
    yield from walks.established(d, p, "threat", d.days.ago(6))
    yield moment(d.days.ago(3), "10:00")
    ban = d.propose(p, "site_ban", "intent")
    yield moment(d.days.ago(2), "12:30")
    d.consult(ban)
    yield moment(d.days.ago(1), "15:10")
    start = d.days.after(d.days.today, 18)
    terms = d.terms(p, starts=start, ends=start + timedelta(days=60))
    measures.decide(ban, by=d.who("head1"), at=d.at, terms=terms)


def warning_waiting(d: Desk, p: Person) -> Walk:
    """A warning decided, its letter approved and waiting to be issued."""
    yield from walks.established(d, p, "swearing", d.days.ago(7))
    yield moment(d.days.ago(2), "09:30")
    warning = d.propose(p, "warning_letter")
    yield moment(d.days.ago(1), "14:00")
    measures.decide(warning, by=d.who("head1"), at=d.at)
    yield moment(d.days.ago(1), "14:05")
    draft = warning.case_letters.get()
    approvals.approve(draft, by=d.who("head1"), at=d.at, digest=approvals.digest_now(draft, d.at))


def window(d: Desk, p: Person) -> Walk:
    """A provisional ban whose window for a reply closes this week."""
    on, method = d.days.closing_soon()
    ban = yield from walks.provisional(d, p, "threat_email", on, method=method)
    yield moment(on, "16:05")
    bans.tell(ban, by=d.who("senior1"), at=d.at, how="By telephone; the letter was read out.")
    later = d.days.business(on + timedelta(days=1))
    yield moment(later, "10:30")
    d.hear(ban.case.incidents.get(), "threat_email", reached=False)
    yield moment(d.days.business(later + timedelta(days=1)), "11:00")
    d.uphold(ban.case.incidents.get())


def intent(d: Desk, p: Person) -> Walk:
    """A notice of intent, sent again in place of one with a wrong page; a reply has come and waits for its answer."""
    yield from walks.established(d, p, "threat", d.days.ago(10))
    yield moment(d.days.ago(7), "09:20")
    ban = d.propose(p, "site_ban", "intent")
    yield moment(d.days.ago(7), "13:00")
    d.consult(ban)
    yield moment(d.days.ago(6), "09:30")
    start = d.days.after(d.days.today, 14)
    measures.decide(ban, by=d.who("head1"), at=d.at, terms=d.terms(p, starts=start, ends=start + timedelta(days=55)))
    first = yield from d.send(ban, "intent_to_ban", d.who("head1"), on=d.days.ago(6))
    yield from d.send(
        ban,
        "intent_to_ban",
        d.who("head1"),
        on=d.days.ago(4),
        method="hand",
        supersedes=first,
        text="This letter takes the place of our last one, in which a page was missing. The time for your reply starts again.",
    )
    yield moment(d.days.ago(2), "12:10")
    bans.represent(
        ban, by=d.who("office1"), at=d.at, text=f"{walks.SAID} I will write again when I have thought about it."
    )


def confirmed(d: Desk, p: Person) -> Walk:
    """A confirmed ban with its review in 12 school days; a breach of it, with the police told and legal advice not asked; and
    its letter has come back."""
    start, review, ends = d.days.review_ahead(12, walks.TO_CONFIRM)
    ban = yield from walks.provisional(d, p, "threat", start, method="hand")
    yield from walks.found_since(d, ban, "threat", d.days.after(start, 1))
    on = d.days.after(start, walks.TO_CONFIRM)
    yield from walks.confirmed(d, ban, on, ends, review)
    breach = d.days.ago(3)
    if breach <= on:
        return
    incident = yield from walks.reported(d, p, "breach", breach, at="15:25")
    yield moment(breach, "15:50")
    walks.told(d, p)
    yield moment(d.days.ago(2), "09:00")
    d.hear(incident, "breach")
    walks.talk_arranged(d, incident, "office2")
    yield moment(d.days.ago(1), "14:20")
    come_today(d, ban)
    yield moment(d.days.ago(1), "14:30")
    walks.handed_to_the_desk(d, ban)
    pack = packs.draft_for_review(ban, by=d.who("head1"), at=d.at)
    packs.issue(pack, by=d.who("head1"), at=d.at, digest=approvals.digest_now(pack, d.at))
    yield moment(d.days.ago(1), "15:05")
    d.comes_back(ban.case_letters.get(letter__kind="ban_confirmed").letter, "Return to sender: addressee gone away")


def come_today(d: Desk, ban: Measure) -> None:
    """Somebody banned may come this afternoon: the gate expects them."""
    appointments.arrange(
        ban.case,
        by=d.who("office1"),
        at=d.at,
        begins=moment(d.days.today, "15:30"),
        until=moment(d.days.today, "16:15"),
        place="the meeting room by the main door",
        with_whom=d.who("senior1").name,
    )


def lapsed(d: Desk, p: Person) -> Walk:
    """A provisional ban that nobody decided in time."""
    start, latest = d.days.lapsed_lately()
    ban = yield from walks.provisional(d, p, "threat_telephone", start, until=latest)
    yield moment(d.days.business(start + timedelta(days=1)), "11:00")
    d.hear(ban.case.incidents.get(), "threat_telephone", reached=False)


def lifted(d: Desk, p: Person) -> Walk:
    """A ban confirmed with no reply, lifted early by the vice-chair, and the case closed."""
    ban, on, _, _ = yield from walks.final_ban(d, p, "threat", d.days.ago(120), replied=False)
    lift = d.days.after(on, 8)
    yield moment(lift, "09:30")
    by = d.who("chair2")
    bans.lift(ban, by=by, at=d.at, reasons="Quiet weeks, and a letter of apology to the member of staff.")
    yield from d.send(ban, "ban_lifted", by, on=lift)
    yield from walks.closed(d, p, d.days.after(lift, 4), "The ban is lifted and nothing is open.")


def not_confirmed(d: Desk, p: Person) -> Walk:
    """A provisional ban that was not confirmed once the person had been heard."""
    start = d.days.start_from(d.days.ago(60), walks.TO_CONFIRM)
    ban = yield from walks.provisional(d, p, "threat", start)
    yield moment(d.days.after(start, 1), "10:00")
    d.hear(ban.case.incidents.get(), "threat")
    yield moment(d.days.after(start, 4), "10:00")
    bans.represent(
        ban, by=d.who("office2"), at=d.at, text="I was talking to my own child about waiting outside.", complete=True
    )
    yield moment(d.days.after(start, 5), "10:00")
    d.uphold(ban.case.incidents.get(), upheld=[])
    on = d.days.after(start, 6)
    yield moment(on, "09:00")
    bans.not_confirm(ban, by=d.confirmer, at=d.at, reasons="The words may well have been meant for somebody else.")
    yield from d.send(ban, "ban_not_confirmed", d.confirmer, on=on, method="email")
    yield from walks.closed(d, p, d.days.after(on, 6), "Nothing was found against the person.")


def withdrawn(d: Desk, p: Person) -> Walk:
    """A provisional ban against the wrong person, withdrawn the next day."""
    start = d.days.ago(35)
    ban = yield from walks.provisional(d, p, "threat", start, method="hand")
    on = d.days.after(start, 1)
    yield moment(on, "08:40")
    bans.withdraw(ban, by=d.who("head1"), at=d.at, reasons="It was somebody else: the person was at work that morning.")
    yield from d.send(ban, "ban_withdrawn", d.who("head1"), on=on, method="hand")


def extended(d: Desk, p: Person) -> Walk:
    """A ban extended on review, then kept to run out; it has ended and the case is closed."""
    ban, _, review, _ = yield from walks.final_ban(d, p, "threat", d.days.ago(160))
    on = d.days.before(review, 2)
    ends = on + timedelta(days=70)
    yield moment(on, "08:45")
    bans.sign_off(ban, by=d.who("chair2"), at=d.at, until=ends)
    yield moment(on, "09:15")
    by, second = d.who("trust1"), d.days.before(ends, 10)
    bans.extend(
        ban,
        by=by,
        at=d.at,
        reasons="The two sides have not met yet, and the member of staff still works at the main gate.",
        equality=EQUALITY,
        terms=d.terms(p, starts=None, ends=ends, review_on=second),
    )
    yield from d.send(ban, "ban_extended", by, on=on)
    keep = d.days.before(second, 1)
    yield moment(keep, "09:00")
    bans.keep(ban, by=d.who("chair2"), at=d.at, reasons="Quiet since, and the end is near.", run_out=True)
    yield from d.send(ban, "ban_kept", d.who("chair2"), on=keep)
    yield from walks.closed(d, p, d.days.after(ends, 3), "The ban has run out and was quiet to its end.")


def varied(d: Desk, p: Person) -> Walk:
    """A ban that followed a notice of intent, made final on milder terms, and in force."""
    on = d.days.from_(d.days.today - timedelta(days=50))
    ends = d.days.business(d.days.today + timedelta(days=30))
    given = d.days.before(on, 8)
    yield from walks.established(d, p, "threat", d.days.before(on, 12))
    yield moment(d.days.before(given, 1), "09:30")
    ban = d.propose(p, "site_ban", "intent")
    yield moment(d.days.before(given, 1), "13:00")
    d.consult(ban)
    yield moment(given, "09:00")
    terms = d.terms(p, starts=on, ends=ends + timedelta(days=14))
    measures.decide(ban, by=d.who("head1"), at=d.at, terms=terms)
    yield from d.send(ban, "intent_to_ban", d.who("head1"), on=given)
    yield moment(d.days.before(on, 3), "12:00")
    bans.represent(ban, by=d.who("office2"), at=d.at, text=walks.SAID, complete=True)
    yield moment(d.days.before(on, 2), "15:00")
    bans.answer(ban, by=d.who("head1"), at=d.at, text=walks.ANSWERED)
    yield moment(on, "09:20")
    final = d.terms(p, starts=on, ends=ends, review_on=d.days.business(d.days.today + timedelta(days=20)))
    bans.vary(ban, by=d.confirmer, at=d.at, reasons=walks.REASONS, equality=EQUALITY, terms=final)
    yield from d.send(ban, "ban_varied", d.confirmer, on=on)


def invited(d: Desk, p: Person) -> Walk:
    """A meeting to come; its invitation waits to be printed. The office logged the message twice, and put one thing right."""
    incident = yield from walks.established(d, p, "rude_message", d.days.ago(6))
    yield moment(d.days.ago(3), "10:20")
    again = d.log(p, "rude_message", by=d.who("office2"), occurred_at=incident.occurred_at)
    yield moment(d.days.ago(3), "11:40")
    why = f"The same message as in {incident.reference}, logged a second time."
    amending.mark(again, by=d.who("senior1"), at=d.at, kind="wrong", reason=why)
    amending.correct(incident, by=d.who("office1"), at=d.at, text="The message came the evening before.")
    yield from walks.met(d, p, d.days.ago(1), d.days.after(d.days.today, 7), upto="issued")


def held(d: Desk, p: Person) -> Walk:
    """A meeting held, its notes agreed, and the case closed."""
    yield from walks.established(d, p, "disruption", d.days.ago(70))
    on = d.days.after(d.days.ago(70), 3)
    meeting = yield from walks.met(d, p, on, d.days.after(on, 8))
    yield moment(d.days.after(on, 8), "16:30")
    measures.hold_meeting(
        meeting,
        by=d.who("senior1"),
        at=d.at,
        outcome="held",
        notes="We agreed that forgotten things are left at the office, and that the teacher rings back the same day.",
        notes_are="agreed",
        mediation=True,
    )
    yield from walks.closed(d, p, d.days.after(on, 20), "Met, agreed, and quiet since.")


def missed(d: Desk, p: Person) -> Walk:
    """Nobody came to the meeting."""
    yield from walks.established(d, p, "shouting", d.days.ago(18))
    on = d.days.ago(15)
    meeting = yield from walks.met(d, p, on, d.days.after(on, 8), upto="printed")
    yield moment(d.days.after(on, 8), "16:20")
    measures.hold_meeting(meeting, by=d.who("senior1"), at=d.at, outcome="missed", notes="Nobody came and nobody rang.")


def repeat(d: Desk, p: Person) -> Walk:
    """A further incident while a warning counts: chair or trust are to review it."""
    d.left_open.add(p.pk)
    yield from walks.established(d, p, "gate_argument", d.days.ago(90))
    yield from walks.served(d, p, "warning_letter", d.days.after(d.days.ago(90), 4))
    yield from walks.established(d, p, "shouting", d.days.ago(4), reached=False)


def police_made(d: Desk, p: Person) -> Walk:
    """Possibly a crime: the police were told and got a pack, and a warning followed. A member of staff was hurt, and is well."""
    on = d.days.ago(30)
    incident = yield from walks.reported(d, p, "pushed", on)
    walks.hurt(d, incident, "office2", on)
    yield moment(on, "09:35")
    referral = walks.told(d, p)
    yield moment(on, "14:00")
    d.hear(incident, "pushed")
    yield moment(on, "15:10")
    pack = packs.draft(referral, by=d.who("office1"), at=d.at)
    packs.issue(pack, by=d.who("office1"), at=d.at, digest=approvals.digest_now(pack, d.at))
    yield moment(d.days.after(on, 2), "09:50")
    referrals.acknowledge(referral, by=d.who("office1"), at=d.at)
    yield moment(d.days.after(on, 3), "11:00")
    walks.talked(d, incident)
    d.uphold(incident, upheld=["U03"])
    yield from walks.served(d, p, "warning_letter", d.days.after(on, 5), method="hand")
    yield moment(d.days.after(on, 15), "13:00")
    referrals.conclude(referral, by=d.who("office1"), at=d.at, outcome="Words of advice were given by the police.")


def police_missing(d: Desk, p: Person) -> Walk:
    """Possibly a crime, and the police have not been told yet."""
    incident = yield from walks.reported(d, p, "damage", d.days.ago(1), at="15:35")
    yield moment(d.days.ago(1), "16:15")
    d.hear(incident, "damage", reached=False)
    yield moment(d.days.ago(1), "16:30")
    walks.asked_for_their_side(d, incident)


def not_told(d: Desk, p: Person) -> Walk:
    """Possibly a crime; the head wrote down why the police were not told."""
    on = d.days.ago(100)
    incident = yield from walks.reported(d, p, "damage", on)
    yield moment(on, "12:00")
    because = "The damage is small, it was paid for the same day, and the person came in to say so."
    referrals.do_not_refer(p, by=d.who("head1"), at=d.at, because=because)
    yield moment(d.days.after(on, 1), "10:00")
    d.hear(incident, "damage")
    yield moment(d.days.after(on, 2), "10:00")
    d.uphold(incident)
    yield from walks.closed(d, p, d.days.after(on, 12), "Paid for, and settled between the two sides.")


def described(d: Desk, p: Person) -> Walk:
    """Somebody whom nobody knows by name yet."""
    yield from walks.established(d, p, "dog", d.days.ago(8), reached=False)


def declined(d: Desk, p: Person) -> Walk:
    """The office proposed a warning; the head thought a word enough."""
    yield from walks.established(d, p, "smoking", d.days.ago(45))
    yield moment(d.days.ago(41), "09:00")
    warning = d.propose(p, "warning_letter", by="office1")
    yield moment(d.days.ago(40), "09:00")
    measures.decline(warning, by=d.who("head1"), at=d.at, reason="A first occasion: a word at the gate will do.")
    yield from walks.closed(d, p, d.days.ago(30), "A word at the gate, and no further occasion.")


def raised(d: Desk, p: Person) -> Walk:
    """Thought minor at first, and raised once the accounts were in; a warning that no longer counts."""
    on = d.days.ago(260)
    incident = yield from walks.established(d, p, "disruption_event", on)
    yield moment(d.days.after(on, 2), "15:00")
    walks.reclassified(d, incident, "serious", "Several families with small children left in fear.")
    yield from walks.served(d, p, "warning_letter", d.days.after(on, 4))
    yield from walks.closed(d, p, d.days.after(on, 30), "Warned, and quiet since.")


Story = Callable[[Desk, Person], Walk]
STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        *(today, proposed, ban_waiting, warning_waiting, window, intent, confirmed, lapsed, lifted, not_confirmed),
        *(withdrawn, extended, varied, invited, held, missed, repeat, police_made, police_missing, not_told),
        *(described, declined, raised, milder.post_down, milder.post_waiting, milder.mediated, milder.no_action),
        *(milder.plan, milder.plan_varied, milder.channel_block, milder.vexatious),
    )
}
WANTED = {  # the response that a policy must offer for a story
    "plan": "communication_plan",
    "plan_varied": "communication_plan",
    "channel_block": "channel_block",
    "vexatious": "vexatious_notice",
}
TWICE = frozenset({"confirmed", "invited", "repeat", "plan"})  # with a second incident


def of_pack(pack: Pack) -> dict[str, Story]:
    """The stories that a school has under its policy."""
    return {key: story for key, story in STORIES.items() if key not in WANTED or pack.offers(WANTED[key])}


def incidents_in(stories: Iterable[str]) -> int:
    """How many incidents these stories tell of."""
    return sum(2 if key in TWICE else 1 for key in stories)


def goes_on(at: datetime, before: datetime) -> datetime:
    """The moment itself; ValueError when a story goes back in time."""
    if at < before:
        raise ValueError(f"a story goes back from {before} to {at}")
    return at
