"""Stretches of the way that several stories share. Each yields the moments at which it goes on; see world.play."""

from collections.abc import Generator
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from conduct.calendar import local_date
from conduct.models import Person
from incidents.models import Incident
from sanctions import aftercare, approvals, bans, cases, correspondence, duties, inquiry, measures, notices, referrals
from sanctions.dates import TermsFacts
from sanctions.demo.days import moment
from sanctions.demo.desk import EQUALITY, PROOFS, Desk
from sanctions.models import CaseLetter, Measure, Referral, Task

Stretch = Generator[datetime, None, Incident]
BanStretch = Generator[datetime, None, Measure]

TO_CONFIRM = 6  # school days from the start to the confirmation, when the reply is said to be complete
TO_CONFIRM_UNHEARD = 14  # the same when nobody replies and the window has to pass
SAID = "I am sorry for the words that I used. I was worried about my child and felt that nobody listened."
ANSWERED = (
    "We have noted the apology and the worry behind it. It does not take back what was said to the member of staff."
)
REASONS = "What happened is established by accounts that agree. Staff need time without fear of meeting the person on the site."


def reported(d: Desk, person: Person, what: str, on: date, *, at: str = "09:05") -> Stretch:
    """Logged by the office."""
    yield moment(on, at)
    return d.log(person, what)


def established(d: Desk, person: Person, what: str, on: date, *, reached: bool = True, at: str = "09:05") -> Stretch:
    """Logged, the accounts taken the same day, and the facts found on the next but one."""
    incident = yield from reported(d, person, what, on, at=at)
    yield moment(on, "14:20")
    d.hear(incident, what, reached=reached)
    yield moment(d.days.after(on, 2), "11:30")
    d.uphold(incident)
    return incident


def served(d: Desk, person: Person, response: str, on: date, method: str = "post", upto: str = "posted") -> BanStretch:
    """A warning proposed, decided and sent in a day."""
    yield moment(on, "09:10")
    measure = d.propose(person, response)
    yield moment(on, "09:40")
    measures.decide(measure, by=d.who("head1"), at=d.at)
    yield from d.send(measure, "warning", d.who("head1"), on=on, method=method, upto=upto)
    return measure


def provisional(
    d: Desk,
    person: Person,
    what: str,
    on: date,
    *,
    until: date | None = None,
    method: str = "post",
    upto: str = "posted",
) -> BanStretch:
    """An incident, and within two hours a provisional ban in force."""
    yield from reported(d, person, what, on, at="08:50")
    yield moment(on, "09:10")
    ban = d.propose(person, "site_ban", "provisional")
    yield moment(on, "09:25")
    d.consult(ban)
    yield moment(on, "09:40")
    latest = until or d.days.latest_decision(on)
    measures.decide(ban, by=d.who("head1"), at=d.at, terms=d.terms(person, starts=on, latest_decision_on=latest))
    yield from d.send(ban, f"{ban.opening}_ban", d.who("head1"), on=on, method=method, upto=upto)
    return ban


def found_since(d: Desk, ban: Measure, what: str, on: date, *, reached: bool = True) -> Generator[datetime, None, None]:
    """The accounts and the finding of what led to a provisional ban."""
    incident = ban.case.incidents.latest("logged_at")
    yield moment(on, "10:30")
    d.hear(incident, what, reached=reached)
    yield moment(d.days.after(on, 1), "13:15")
    d.uphold(incident)


def confirmed(
    d: Desk, ban: Measure, on: date, ends: date, review_on: date, *, replied: bool = True, upto: str = "posted"
) -> Generator[datetime, None, None]:
    """Heard and answered, or not heard of; then confirmed by whom the policy names, and the letter sent."""
    if replied:
        yield moment(d.days.before(on, 2), "12:00")
        bans.represent(ban, by=d.who("office2"), at=d.at, text=SAID, complete=True)
        yield moment(d.days.before(on, 1), "15:00")
        bans.answer(ban, by=d.who("head1"), at=d.at, text=ANSWERED)
    else:
        yield moment(on, "08:30")
        bans.none_received(ban, by=d.who("office2"), at=d.at)
    yield moment(on, "09:30")
    bans.confirm(
        ban,
        by=d.confirmer,
        at=d.at,
        reasons=REASONS,
        equality=EQUALITY,
        terms=d.terms(ban.person, starts=None, ends=ends, review_on=review_on),
    )
    yield from d.send(ban, "ban_confirmed", d.confirmer, on=on, upto=upto)


def final_ban(
    d: Desk, person: Person, what: str, since: date, *, days: int = 80, replied: bool = True
) -> Generator[datetime, None, tuple[Measure, date, date, date]]:
    """A provisional ban and its confirmation. Returns it with the days of its confirmation, review and end."""
    needed = TO_CONFIRM if replied else TO_CONFIRM_UNHEARD
    start = d.days.start_from(since, needed)
    on, ends = d.days.after(start, needed), start + timedelta(days=days)
    review = d.days.before(ends, d.pack.timers.review_suggested_school_days)
    ban = yield from provisional(d, person, what, start)
    yield from found_since(d, ban, what, d.days.after(start, 1), reached=replied)
    yield from confirmed(d, ban, on, ends, review, replied=replied)
    return ban, on, review, ends


def met(d: Desk, person: Person, on: date, meeting_on: date, clock: str = "15:45", upto: str = "posted") -> BanStretch:
    """A meeting proposed and decided, and its invitation sent."""
    yield moment(on, "09:15")
    measure = d.propose(person, "meeting")
    yield moment(on, "09:45")
    terms = replace(
        d.terms(person),
        when=f"{meeting_on:%A} {meeting_on.day} {meeting_on:%B %Y} at {clock}",
        where=f"{d.school.name}, the meeting room beside the office",
        attends=f"{d.who('head1').name} and {d.who('senior1').name}",
    )
    measures.decide(measure, by=d.who("head1"), at=d.at, terms=terms)
    method = "post" if person.address else "email"
    yield from d.send(measure, "meeting_invitation", d.who("head1"), on=on, method=method, upto=upto)
    return measure


def limited(
    d: Desk, person: Person, response: str, on: date, terms: TermsFacts, why: str, method: str = "post"
) -> BanStretch:
    """A plan, a block or a notice proposed, decided and sent in a day; it applies from its start."""
    yield moment(on, "09:05")
    measure = d.propose(person, response)
    yield moment(on, "09:35")
    measures.decide(measure, by=d.who("head1"), at=d.at, reason=why, terms=terms, equality=EQUALITY)
    yield from d.send(measure, response, d.who("head1"), on=on, method=method)
    return measure


def asked_down(d: Desk, person: Person, on: date, where: str, method: str = "post") -> BanStretch:
    """A post kept as a picture, and its author asked to take it down; legal advice is asked as well."""
    yield moment(on, "09:05")
    tell_all(d, person)
    measure = d.propose(person, "post_removal")
    yield moment(on, "09:20")
    kept = "Two pictures of the page, kept as evidence."
    measures.follow(measure, by=d.who("office2"), at=d.at, step="captured", where=where, note=kept)
    yield moment(on, "09:40")
    measures.decide(measure, by=d.who("head1"), at=d.at, reason="It names the school, and most of it is not so.")
    yield from d.send(measure, "post_removal_request", d.who("head1"), on=on, method=method)
    return measure


REFERENCES = {"police": "CR-", "legal": "ADV-", "local_authority": "LA-"}
ASKED_FOR = ["police", "legal"]  # by tasks


def told(d: Desk, person: Person, to: str = "police") -> Referral:
    """A referral with a reference of the right look."""
    number = f"{REFERENCES[to]}{d.rng.randint(1000, 9999)}"
    return referrals.refer(person, by=d.who("office1"), at=d.at, to=to, reference=number)


def tell_all(d: Desk, person: Person) -> None:
    """Police and legal advice, as far as tasks ask for them."""
    wanted = person.cases.get(closed_at=None).tasks.filter(closed_at=None, kind__in=ASKED_FOR)
    for kind in list(wanted.values_list("kind", flat=True)):
        told(d, person, to=kind)


def asked_for_their_side(d: Desk, incident: Incident) -> None:
    """A letter asks the person for their account, and goes with the last post."""
    senior = d.who("senior1")
    without_a_decision(d, notices.ask_account(incident.in_case.case, by=senior, at=d.at), "post")


def handed_to_the_desk(d: Desk, ban: Measure) -> None:
    """A notice tells the desk what applies."""
    without_a_decision(d, notices.make_gate_notice(ban, by=d.who("senior1"), at=d.at), "hand")


def without_a_decision(d: Desk, made: CaseLetter, method: str) -> None:
    """A letter that tells no decision: signed, issued, printed and sent at once."""
    approvals.sign(made, by=made.signs, at=d.at)
    letter = correspondence.issue(made, by=d.who("admin1"), at=d.at, method=method, signed_by=made.signs)
    d.print(letter)
    proof, note = PROOFS[method]
    told = {"sent_at": d.at, "method": method, "proof": proof, "note": note}
    correspondence.record_sent(letter, by=d.who("admin2"), at=d.at, **told)


def closed(d: Desk, person: Person, on: date, reason: str) -> Generator[datetime, None, None]:
    """The head closes the case, once nothing in it is left to do."""
    yield moment(on, "16:10")
    case = person.cases.get(closed_at=None)
    read_notices(d, case.tasks.filter(closed_at=None, kind__in=NOTICES))
    cases.close_case(case, by=d.who("head1"), at=d.at, reason=reason)


NOTICES = {"chair_notice": "chair1", "trust_notice": "trust1", "repeat_review": "chair1"}


def read_notices(d: Desk, tasks: QuerySet[Task]) -> None:
    """Chair and trust tick off what they have read."""
    for task in tasks.select_related("case"):
        duties.complete_task(task.case, task.kind, by=d.who(NOTICES[task.kind]), at=d.at, note="Read")


def reclassified(d: Desk, incident: Incident, severity: str, reason: str) -> None:
    incident.refresh_from_db()
    inquiry.reclassify(incident, by=d.who("senior1"), at=d.at, severity=severity, reason=reason)


def hurt(d: Desk, incident: Incident, who: str, on: date) -> None:
    """A bruise, and two days away from work; a talk is arranged."""
    days = {"away_from": on + timedelta(days=1), "back_on": None}
    what = "A bruised shoulder, from the door."
    told = {"user": d.who(who), "what": what, "treatment": "first_aid", **days}
    aftercare.record_injury(incident, by=d.who("office1"), at=d.at, **told)
    talk_arranged(d, incident, who)


def talk_arranged(d: Desk, incident: Incident, who: str) -> None:
    """A talk with somebody whom an incident touched, on the day that the program offers."""
    day = aftercare.offered_day(d.school, d.at)
    aftercare.arrange_check_in(incident, by=d.who("senior1"), at=d.at, user=d.who(who), due_on=day)


def talked(d: Desk, incident: Incident) -> None:
    """Back at work the day before; the talk held, a little early."""
    injury, talk = incident.injuries.get(), incident.check_ins.get()
    back_on = max(local_date(d.at) - timedelta(days=1), injury.away_from + timedelta(days=1))
    aftercare.change_injury(injury, by=d.who("office1"), at=d.at, back_on=back_on)
    note = "The bruise is healing. She would rather not be alone at the desk in the morning: two of us are there now."
    aftercare.hold_check_in(talk, by=d.who("senior1"), at=d.at, note=note)
