"""What needs somebody today, by their roles at a school; and what lies ahead in its running measures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.text import Truncator

from conduct.calendar import Calendar, local_date, words
from conduct.models import Membership, School, User, title_of
from conduct.roles import Role, may
from incidents import drafts
from incidents.models import CheckIn, Incident, Mark
from letters import kinds
from letters.models import METHODS, Letter, Sending
from sanctions import aftercare, approvals, duties, grounds, outcomes, post
from sanctions.dates import BanRecord, months_away
from sanctions.ladder import PACKS, PLANS
from sanctions.models import Case, Consultation, Measure, Task
from sanctions.situation import finished, plan_of, record_of, state_of, with_history
from sanctions.states import LIMITING, LIVE_BAN, OVER, State

WORDS_SHOWN = 60
MOST = 200  # of each sort: a school has a few dozen at most
RUNNING = LIVE_BAN | LIMITING | {State.SERVED}
HOLDING = (LIVE_BAN | LIMITING | {State.SERVED}) - {State.PROPOSED}
CONSULTED = (Role.CHAIR, Role.TRUST)
METHOD_LABELS = dict(METHODS)
PROOF_AFTER, PROOF_UNTIL = timedelta(days=3), timedelta(days=30)


@dataclass(frozen=True)
class Need:
    """Something that waits for somebody: what to do, about whom, why, since or by when, and where it is done."""

    title: str
    about: str
    why: str
    url: str
    since: date
    by: date | None = None

    def tone(self, today: date) -> str:
        """Stop when it is overdue, wait when it is due today."""
        if self.by is None or self.by > today:
            return "plain"
        return "stop" if self.by < today else "wait"


def needs_of(user: User, school: School, roles: frozenset[Role], visible: QuerySet[Case], at: datetime) -> list[Need]:
    """Everything that needs the user at the school, the most urgent first. `visible` are the cases they may see."""
    found = [*tasks(school, roles, visible), *proposals(school, roles, visible, at)]
    found += [*to_approve(user, school, roles), *letters(school, roles, at)]
    found += begun(user, school, roles)
    if Role.HEAD in roles:
        found += look_again(school, visible, at)
    if may(roles, "see_injuries"):
        found += [*reports_due(school, at), *check_ins(user, school), *to_be_told(school, at)]
    return sorted(found, key=lambda need: (need.by or max(need.since, local_date(at)), need.since, need.title))


def begun(user: User, school: School, roles: frozenset[Role]) -> Iterator[Need]:
    """What the user began to log, and has not saved."""
    if not may(roles, "log_incident"):
        return
    for each in drafts.listed(user, school):
        yield Need(
            title="Finish later: what you began to log",
            about=each.who,
            why=Truncator(each.what).chars(WORDS_SHOWN) or "Nothing written yet",
            url=f"{reverse('log')}?draft={each.draft.token}",
            since=local_date(each.draft.saved_at),
        )


def tasks(school: School, roles: frozenset[Role], visible: QuerySet[Case]) -> Iterator[Need]:
    """Open tasks of the kinds on which one of the roles acts, in cases that the user may see."""
    mine = [kind for kind, wanted in duties.NEEDS.items() if roles & wanted]
    rows = Task.objects.filter(closed_at=None, kind__in=mine, case__school=school, case__in=visible)
    for task in rows.select_related("case__person").order_by("due_on", "pk")[:MOST]:
        yield Need(
            title=duties.KINDS.get(task.kind, task.kind.replace("_", " ").capitalize()),
            about=str(task.case.person),
            why=f"Open in {task.case.reference}",
            url=reverse("case", args=[task.case.reference]),
            since=local_date(task.opened_at),
            by=task.due_on,
        )


def no_head_free(school: School, at: datetime) -> Exists:
    """For a query on measures: every head in office was harmed in the case, so that chair or trust decide."""
    marked = Exists(Mark.objects.filter(incident=OuterRef("incident"), undone_at=None))
    harmed = Incident.harmed.through.objects.filter(~marked, incident__in_case__case=OuterRef(OuterRef("case")))
    heads = Membership.objects.of_school(school).on(local_date(at)).filter(role=Role.HEAD)
    return ~Exists(heads.exclude(user__in=harmed.values("user")))


def proposals(school: School, roles: frozenset[Role], visible: QuerySet[Case], at: datetime) -> Iterator[Need]:
    """Responses that wait for the head's decision, or for the view of chair or trust where the policy asks for it."""
    deciding = may(roles, "decide")
    if not deciding and not roles & set(CONSULTED):
        return
    consulted = Exists(Consultation.objects.filter(measure=OuterRef("pk")))
    rows = Measure.objects.filter(state=State.PROPOSED, case__school=school, case__in=visible)
    rows = rows.select_related("case__person", "adoption").annotate(
        consulted=consulted, no_head=no_head_free(school, at)
    )
    for measure in rows.order_by("proposed_at", "pk")[:MOST]:
        asked = [] if measure.consulted else list(measure.adoption.pack.consult_for(measure.response))
        what = measure.get_response_display().lower()
        if deciding:
            pack = measure.adoption.pack
            titles = " or ".join(title_of(role, pack) for role in asked)
            yield proposal(measure, f"Decide: {what}", f"Proposed; first ask the {titles}" if asked else "Proposed")
        elif measure.no_head:
            yield proposal(measure, f"Decide: {what}", "Proposed; every head was harmed in this case")
        elif roles & set(asked):
            yield proposal(measure, f"Give your view: {what}", "Proposed; the policy asks for your view")


def proposal(measure: Measure, title: str, why: str) -> Need:
    case = measure.case
    return Need(
        title, str(case.person), f"{why} ({case.reference})", reverse("case", args=[case.reference]),
        local_date(measure.proposed_at),
    )  # fmt: skip


def to_approve(user: User, school: School, roles: frozenset[Role]) -> Iterator[Need]:
    """Drafts that go out in the user's name and that they have not approved as they stand."""
    if not may(roles, "approve_letter"):
        return
    for letter in approvals.to_approve(post.letters_in(post.BY_KEY["to-issue"], school), user)[:MOST]:
        why = "It has changed since you approved it" if letter.approval_asked_at else "It goes out in your name"
        yield letter_need(letter, "Approve", why, local_date(letter.drafted_at))


def letters(school: School, roles: frozenset[Role], at: datetime) -> Iterator[Need]:
    """Drafts to issue, and issued letters that are not marked as sent."""
    if may(roles, "issue_letter"):
        for letter in post.letters_in(post.DRAFTS, school).filter(Q(approved=True) | post.PARKED)[:MOST]:
            todo = ("Put right", f"Its PDF could not be made. {letter.parked_why}")
            verb, why = todo if letter.parked_at else ("Issue", "Approved by its signatory")
            yield letter_need(letter, verb, why, local_date(letter.drafted_at))
    if may(roles, "post_letter"):
        rows = Letter.objects.filter(post.UNSENT | post.BACK, school=school).annotate(email_stage=post.EMAIL_STAGE)
        rows = rows.select_related("recipient", "case_letter__measure").defer("facts")
        for letter in rows.order_by("issued_at", "pk")[:MOST]:
            if letter.email_stage not in {"waiting", "going"}:  # these need nobody
                yield to_send(letter)
        yield from unproved(school, at)


def to_send(letter: Letter) -> Need:
    """A letter that is not marked as sent, came back, or whose email went wrong."""
    assert letter.issued_at is not None
    assert letter.sent_at is not None
    back = letter.came_back_on
    if letter.email_stage == "doubt":
        why = f"{letter.reference}: its email may have been sent, and nobody knows"
        return letter_need(letter, "Find out", why, local_date(letter.issued_at), by=local_date(letter.issued_at))
    if back is not None:
        why = f"{letter.reference} {'came back' if letter.posted_at else 'could not be emailed'}: it counts as not received"
        return letter_need(letter, "Send again", why, back, by=back)
    why = f"{letter.reference}, {METHOD_LABELS[letter.method].lower()}; not marked as sent"
    return letter_need(letter, "Send", why, local_date(letter.issued_at), by=local_date(letter.sent_at))


def unproved(school: School, at: datetime) -> Iterator[Need]:
    """What went by post some days ago and of which no proof is kept: asked for a month, and not urgent."""
    rows = Sending.objects.exclude(letter__kind__in=sorted(PACKS)).filter(
        letter__school=school, method="post", stage="left", proof__in=["", "none"], scan=None, came_back_on=None,
        sent_at__lt=at - PROOF_AFTER, sent_at__gt=at - PROOF_UNTIL,
    )  # fmt: skip
    for sending in rows.select_related("letter__recipient").defer("letter__facts").order_by("sent_at", "pk")[:MOST]:
        assert sending.sent_at is not None
        why = f"{sending.letter.reference} went by post, and no proof of it is kept"
        yield letter_need(sending.letter, "Keep the proof", why, local_date(sending.sent_at))


def letter_need(letter: Letter, verb: str, why: str, since: date, by: date | None = None) -> Need:
    title = f"{verb}: {kinds.KINDS[letter.kind].short.lower()}"
    return Need(title, letter.to, why, reverse("letter", args=[letter.pk]), since, by)


# -- what was marked, and those whom it touched ---------------------------------------------------------------------


def look_again(school: School, visible: QuerySet[Case], at: datetime) -> Iterator[Need]:
    """What holds and rests on an incident that does not count any more: for the head, until it ends or the mark goes."""
    marked = Mark.objects.filter(undone_at=None, incident__in_case__case=OuterRef("case"))
    rows = Measure.objects.filter(Exists(marked), case__school=school, case__in=visible, state__in=HOLDING)
    rows = with_history(rows).select_related("case__person").order_by("proposed_at", "pk")
    logged = Incident.objects.select_related("in_case").prefetch_related("findings", "marks")
    calendar = school.calendar
    for measure in rows.prefetch_related(Prefetch("case__incidents", logged))[:MOST]:
        incidents = list(measure.case.incidents.all())
        if not still_holds(measure, calendar, at) or not grounds.lost(measure, incidents):
            continue
        mark = max((i.mark for i in incidents if i.mark), key=lambda m: m.at)
        what = measure.get_response_display().lower()
        why = f"The incident it rests on does not count ({measure.case.reference})"
        url = reverse("case", args=[measure.case.reference])
        yield Need(f"Look again: {what}", str(measure.case.person), why, url, local_date(mark.at))


def still_holds(measure: Measure, calendar: Calendar, at: datetime) -> bool:
    """Whether a measure runs on the day; a warning, whether it would still count."""
    if measure.response == "warning_letter":
        months = measure.adoption.pack.timers.warning_counts_months
        return bool(measure.served_at) and months_away(local_date(measure.served_at), months) >= local_date(at)
    return state_of(measure, calendar, at) not in finished(measure.response)


def of_incident(incident: Incident) -> tuple[str, str]:
    """Whom a need about an incident is about, and its page."""
    case = incident.in_case.case
    return str(case.person), reverse("incident", args=[case.reference, incident.reference])


def reports_due(school: School, at: datetime) -> Iterator[Need]:
    """Reports that the injury rules ask for. Who was hurt stands on the page, not here."""
    rows = aftercare.unreported(school).select_related("incident__in_case__case__person")[:MOST]
    for injury, report in aftercare.reports_due(rows, local_date(at)):
        why = f"Somebody was hurt in {injury.incident.reference}; the injury rules (RIDDOR) ask for it"
        about, url = of_incident(injury.incident)
        yield Need("Report an injury", about, why, url, local_date(injury.at), report.by)


def check_ins(user: User, school: School) -> Iterator[Need]:
    """Talks arranged and not held yet; one with the user themselves is somebody else's to hold."""
    rows = CheckIn.objects.filter(Q(user=None) | ~Q(user=user), incident__school=school, done_at=None)
    for talk in rows.select_related("user", "incident__in_case__case__person").order_by("due_on", "pk")[:MOST]:
        about, url = of_incident(talk.incident)
        why = f"A check-in after {talk.incident.reference}"
        yield Need(f"Check in with {talk.user or talk.name}", about, why, url, local_date(talk.at), talk.due_on)


def to_be_told(school: School, at: datetime) -> Iterator[Need]:
    """Those without an account for whom an incident was logged, and who do not know yet what came of it."""
    for incident in outcomes.nobody_told(school, at):
        case = incident.in_case.case
        url = reverse("tell_outcome", args=[case.reference, incident.reference])
        why = f"{incident.reference} was logged for them, and they have no account here"
        title = f"Tell {incident.on_behalf_name} what came of it"
        yield Need(title, str(case.person), why, url, local_date(incident.logged_at))


@dataclass(frozen=True)
class Notice:
    """Something that somebody is told and need not do: what came of a report of theirs; a talk arranged with them."""

    title: str
    text: str
    read_url: str = ""  # where they say that they have read it


def notices_of(user: User, school: School, roles: frozenset[Role], at: datetime) -> list[Notice]:
    """What the user is told at the school today."""
    talks = CheckIn.objects.filter(user=user, incident__school=school, done_at=None).select_related("incident", "by")
    arranged = [
        Notice(
            f"A check-in with you is arranged for {words(talk.due_on)}",
            f"About how you are after what happened on {words(local_date(talk.incident.occurred_at))}. Ask {talk.by} if "
            "another day suits you better.",
        )
        for talk in talks.order_by("due_on", "pk")[:MOST]
    ]
    return arranged + [
        Notice(
            f"What came of {i.reference}, logged on {words(local_date(i.logged_at))}",
            outcomes.words_for(i, roles),
            reverse("read_outcome", args=[i.reference]),
        )
        for i in outcomes.waiting_for(user, school, at)
    ]


# -- the diary ----------------------------------------------------------------------------------------------------

DUE_LABELS = {
    "decision_due": "Decide on the ban",
    "provisional_alert": "Provisional ban: look again if it is still undecided",
    "review_due": "Review the ban",
    "plan_review": "Review",
    "lapse": "Last day: it lapses unless it is decided or reviewed",
    "end": "Last day",
}


@dataclass(frozen=True)
class Entry:
    """A date ahead in a running measure."""

    on: date
    what: str
    about: str
    reference: str
    url: str


@dataclass(frozen=True)
class Arranged:
    """A meeting, at a time in the school's own words."""

    when: str
    where: str
    about: str
    reference: str
    url: str


def running(school: School, visible: QuerySet[Case]) -> list[Measure]:
    """The live measures of the school in cases that the user may see, with their history; bounded."""
    rows = Measure.objects.filter(case__school=school, case__in=visible, case__closed_at=None, state__in=RUNNING)
    rows = rows.filter(response__in=["site_ban", "meeting", *PLANS])
    return list(with_history(rows).select_related("case__person").order_by("due_on", "pk")[:MOST])


def dates_of(record: BanRecord, at: datetime) -> Iterator[tuple[date, str]]:
    """The dates of a ban that has been opened: window, decision, review, end."""
    if record.state_on(at) in OVER or not record.opening_letters:
        return
    if record.window and not record.confirmation:
        yield record.window.on, "Last day for a reply"
    ends, review_on = record.end_and_review(at)
    due = {each.kind: each.by for each in record.agenda(at) if each.kind in DUE_LABELS}
    if ends and not {"lapse", "end"} & due.keys():
        yield ends, "Last day on the terms so far"
    if review_on and "review_due" not in due:
        yield review_on, "Review the ban"
    for kind, by in due.items():
        yield by, DUE_LABELS[kind]


def dates_of_plan(measure: Measure, at: datetime) -> Iterator[tuple[date, str]]:
    """Review and last day of a plan, block or notice in force."""
    what = measure.get_response_display().lower()
    for due in plan_of(measure).agenda(at):
        yield due.by, f"{DUE_LABELS[due.kind]}: {what}"


def diary_of(school: School, visible: QuerySet[Case], at: datetime) -> tuple[list[Entry], list[Arranged]]:
    """The dates of every running ban in order, and the meetings arranged."""
    calendar = school.calendar
    entries: list[Entry] = []
    arranged: list[Arranged] = []
    for measure in running(school, visible):
        where = (str(measure.case.person), measure.case.reference, reverse("case", args=[measure.case.reference]))
        if measure.response == "site_ban":
            entries += [Entry(on, what, *where) for on, what in dates_of(record_of(measure, calendar), at)]
        elif measure.response in PLANS:
            entries += [Entry(on, what, *where) for on, what in dates_of_plan(measure, at)]
        elif measure.response == "meeting":
            arranged += meeting_of(measure, where)
    return sorted(entries, key=lambda e: (e.on, e.about, e.what)), arranged


def meeting_of(measure: Measure, where: tuple[str, str, str]) -> Iterable[Arranged]:
    """The meeting as its terms say; nothing while no time is set."""
    terms = next((d.terms for d in measure.decisions.all() if d.verb == "decide"), None)
    return [Arranged(terms.when, terms.where, *where)] if terms and terms.when else []
