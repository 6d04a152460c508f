"""What the case page shows: what applies today, the ladder with "you are here", the story, what to do and what is in the way.

Everything that may be done comes from the ladder's table: a line of the pre-flight list is a guard, a button is a move.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from conduct import code
from conduct.calendar import words
from conduct.code import RESPONSE_LABELS, Pack
from conduct.models import Person, Pupil
from incidents.models import Incident
from letters.kinds import KINDS
from sanctions import branches, caps, ladder, standing_links
from sanctions.dates import NEW_TERMS, REVIEWS, BanRecord, TermsFacts, months_away
from sanctions.ladder import Move, Situation
from sanctions.models import CLOSABLE, METHODS, Case, CaseLetter, Measure
from sanctions.plan_dates import PlanRecord
from sanctions.situation import finished, plan_of
from sanctions.states import FINAL, OPENED, OVER, State

METHOD_LABELS, CLOSABLE_LABELS = dict(METHODS), dict(CLOSABLE)
MAIN_MOVE = {  # the decision that a measure waits for
    State.PROPOSED: "decide",
    State.PROVISIONAL: "confirm",
    State.INTENT: "confirm",
    State.CONFIRMED: "keep",
    State.VARIED: "keep",
    State.EXTENDED: "keep",
    State.IN_FORCE: "keep",
}
GRAVE = {"withdraw"}
RARE = {"withdraw", "sign_off", "tell", "vary", "vary_on_review"}  # under "Other steps", out of the way
DAILY = {"log_contact"}  # what the office does while a plan runs; it stands above the review
PERSONAL = {"own-cause", "right-decider", "reviewer-differs", "two-people"}  # told to whoever may decide alone
STATE_WORDS = {
    State.PROVISIONAL: ("Temporarily banned from the site", "stop"),
    State.CONFIRMED: ("Banned from the site", "stop"),
    State.VARIED: ("Banned from the site", "stop"),
    State.EXTENDED: ("Banned from the site", "stop"),
}


@dataclass(frozen=True)
class Event:
    """One line of the story."""

    at: datetime
    title: str
    aside: str = ""
    text: str = ""
    link_url: str = ""
    link_text: str = ""
    void: bool = False  # it stays in the story and does not count


@dataclass(frozen=True)
class Line:
    """One line of a pre-flight list."""

    rule: str
    label: str
    met: bool
    reason: str = ""
    link_url: str = ""
    link_text: str = ""


@dataclass(frozen=True)
class Button:
    label: str
    url: str
    style: str = "secondary"


@dataclass(frozen=True)
class Panel:
    """What one measure asks for: its clocks, the pre-flight list of its next decision, the moves that are open."""

    measure: Measure
    state: State
    title: str
    label: str = ""
    lines: list[str] = field(default_factory=list)  # what a plan in force allows, or how a side branch went on
    daily: list[Button] = field(default_factory=list)
    subtitle: str = ""  # above the pre-flight list, where something else stands before it
    clocks: list[dict[str, str]] = field(default_factory=list)
    items: list[Line] = field(default_factory=list)
    letters: list[Button] = field(default_factory=list)
    main: Button | None = None
    buttons: list[Button] = field(default_factory=list)
    others: list[Button] = field(default_factory=list)
    note: str = ""
    lost: str = ""  # that what it rests on does not count any more


@dataclass(frozen=True)
class Rung:
    label: str
    words: list[str]
    state: str
    tone: str = ""


# -- the ladder picture -------------------------------------------------------------------------------------------


def rungs(measures: list[tuple[Measure, State, BanRecord]], pack: Pack, at: datetime) -> list[Rung]:
    """Each rung of the policy, from the first: done, here, not used, to come; the review after a ban."""
    by_response = {m.response: (m, state, record) for m, state, record in measures if state is not State.WITHDRAWN}
    levels = {r: n for n, level in enumerate(pack.levels, 1) for r in level}
    reached = max(
        (levels.get(r, 0) for r, (_, state, _) in by_response.items() if state is not State.DECLINED), default=0
    )
    found = []
    for response, level in levels.items():
        label = RESPONSE_LABELS[response]
        if response in by_response:
            m, state, record = by_response[response]
            here = state not in finished(response) | {State.SERVED}
            tone = "stop" if response == "site_ban" and record.in_force(at) else "wait" if here else ""
            found.append(Rung(label, measure_words(m, state, record, pack, at), "here" if here else "done", tone))
        elif level < reached:
            found.append(Rung(label, ["Not used"], "unused"))
        else:
            found.append(Rung(label, [], "coming"))
    return found + review_rung(by_response, at)


def review_rung(by_response: dict[str, tuple[Measure, State, BanRecord]], at: datetime) -> list[Rung]:
    if "site_ban" not in by_response:
        return [Rung("Review", ["After a ban is confirmed"], "coming")]
    _, state, record = by_response["site_ban"]
    reviewed = [s for s in record.steps if s.verb in {"keep", "extend", "vary_on_review", "lift"}]
    _, review_on = record.end_and_review(at)
    if reviewed:
        return [Rung("Review", [f"Last reviewed on {words(timezone.localdate(reviewed[-1].at))}"], "done")]
    if state in OVER:
        return [Rung("Review", ["Not used"], "unused")]
    coming = "Once its letter is issued" if state in FINAL else "Once confirmed"
    return [Rung("Review", [f"Due on {words(review_on)}" if review_on else coming], "coming")]


def plan_words(record: PlanRecord, at: datetime) -> list[str]:
    """Until when a plan, block or notice runs."""
    ends, _ = record.end_and_review(at)
    return [f"Until {words(ends)}"] if ends else []


def measure_words(m: Measure, state: State, record: BanRecord, pack: Pack, at: datetime) -> list[str]:
    said = [ladder.label_of(state, m.response)]
    if m.response in ladder.PLANS and state is State.IN_FORCE:
        said += plan_words(plan_of(m), at)
    if state in OPENED:
        deciders = " or ".join(pack.title_of(r) for r in pack.confirmers)
        said.append(f"To be heard, then decided by the {deciders}")
    if m.served_at:
        said.append(f"Letter of {words(timezone.localdate(m.served_at))}")
    return said


# -- what to do ---------------------------------------------------------------------------------------------------


def panel(measure: Measure, s: Situation, prepared: dict[str, ladder.Attempt], pack: Pack) -> Panel:
    """What a measure asks for now, for this user."""
    assert s.state is not None
    assert s.ban is not None
    open_moves = list(ladder.moves_from(s))
    contacts = [(c.method, c.on) for c in measure.contacts.all()]
    shown = Panel(
        measure,
        s.state,
        title_of(measure, s.state),
        label=ladder.label_of(s.state, measure.response),
        clocks=clocks(s, contacts) or follow_clocks(measure, s),
        lines=lines_of(measure, s),
    )
    main = ladder.move(MAIN_MOVE[s.state], measure.response) if s.state in MAIN_MOVE else None
    items: list[Line] = []
    button, barred = None, False
    if main is not None:
        items = preflight(main, replace(s, attempt=prepared[main.verb]), measure)
        if main not in open_moves:
            items = [line for line in items if line.rule not in PERSONAL] if s.state is not State.IN_FORCE else []
        barred = s.plan is not None and any(not i.met and i.rule in PERSONAL for i in items)
        if main in open_moves and not (barred and s.state is State.IN_FORCE):
            style = "secondary" if main.verb == "keep" else "primary"
            button = Button(label_of(main, measure), deed_url(measure, main.verb), style)
    rest = [m for m in open_moves if m is not main and m.verb != "issue_letter" and not waits_for_letter(m, s)]
    if barred:
        rest = [m for m in rest if m.verb not in ladder.REVIEWS]
    return replace(
        shown,
        items=items,
        main=button,
        letters=letters_waiting(measure),
        daily=[b for m in rest if m.verb in DAILY for b in buttons_of(m, measure)],
        subtitle="Review" if main is not None and s.state is State.IN_FORCE else "",
        buttons=[b for m in rest if not rare(m, measure) and m.verb not in DAILY for b in buttons_of(m, measure)],
        others=[b for m in rest if rare(m, measure) for b in buttons_of(m, measure)],
        note=note(s, main, open_moves, pack) or standing_note(measure, s),
    )


def without_ground(shown: Panel) -> Panel:
    """The panel of a measure that rests on nothing that counts any more: it says so, and what is to be done."""
    if shown.measure.response == "warning_letter" and shown.state is State.SERVED:
        text = "The incident that this warning rests on does not count, so the warning does not either. Withdraw it."
        return replace(shown, lost=text, note="")
    if shown.state is State.PROPOSED:
        return replace(shown, lost="The incident that this proposal rests on does not count. Decline it.")
    return replace(shown, lost="The incident that this rests on does not count. Look again: lift, end or withdraw it.")


def rare(move: Move, measure: Measure) -> bool:
    """Whether a move stands under "Other steps": so does a consultation that the policy does not ask for."""
    if move.verb == "consult":
        return not measure.adoption.pack.consult_for(measure.response)
    return move.verb in RARE and not (move.verb == "vary_on_review" and measure.response in ladder.PLANS)


def waits_for_letter(move: Move, s: Situation) -> bool:
    """Whether nothing can come of a move before the letter is issued."""
    return s.state is State.DECIDED and any(g.rule == "letter-first" for g in move.guards)


def buttons_of(move: Move, measure: Measure) -> list[Button]:
    """A move as a button; a reply as two, since that nothing came is an answer too."""
    style = "stop" if move.verb in GRAVE else "secondary"
    found = [Button(move.label, deed_url(measure, move.verb), style)]
    if move.verb == "follow":
        done = [f.step for f in measure.follows.all()]
        found = [Button(follow_label(measure.response, done), deed_url(measure, move.verb))]
        return found if branches.next_steps(measure.response, done) else []
    if move.verb == "represent":
        found.append(Button("Record that nothing came", deed_url(measure, "none_received")))
    return found


APPROVE = {
    "communication_plan": "Approve the plan",
    "channel_block": "Approve the block",
    "vexatious_notice": "Approve the notice",
    "post_removal": "Approve asking for it",
    "no_further_action": "Approve: no further action",
}


def follow_label(response: str, done: list[str]) -> str:
    """What is recorded next of a side branch."""
    if response == "mediation":
        return "Record how it went on"
    return "Record what became of the post" if done else "Record the post"


def title_of(measure: Measure, state: State) -> str:
    if measure.response == "site_ban":
        return {
            State.PROPOSED: "Decide on the proposed ban",
            State.DECIDED: "Issue the letter",
            State.PROVISIONAL: "Confirm the ban",
            State.INTENT: "Confirm the ban",
        }.get(state, "Review the ban" if state in FINAL else "The ban")
    name = measure.get_response_display()
    if state is State.DECIDED and measure.response not in ladder.LETTERLESS:
        return "Issue the letter"
    return f"Decide: {name.lower()}" if state is State.PROPOSED else name


def label_of(move: Move, measure: Measure) -> str:
    if move.verb == "decide" and measure.response != "site_ban":
        return APPROVE.get(measure.response) or f"Approve the {measure.get_response_display().lower()}"
    return move.label


def note(s: Situation, main: Move | None, open_moves: list[Move], pack: Pack) -> str:
    """Who decides, where it is not the one who looks."""
    if main is None or main in open_moves:
        return ""
    if main.verb == "decide":
        return f"The {pack.title_of('head')} decides."
    if s.plan is not None:
        return "Whoever did not decide it reviews it: head, senior staff, chair or trust."
    return "Chair, trust or head: whoever did not make the decision reviews it." if main.verb == "keep" else ""


def clocks(s: Situation, contacts: list[tuple[str, date]]) -> list[dict[str, str]]:
    """The clocks that run: time left to reply, the day to decide by; end and review; what is used of a plan's cap."""
    if s.plan is not None:
        return plan_clocks(s, s.plan, contacts)
    record = s.ban
    if record is None:
        return []
    if s.state in OPENED and record.came_back_on:
        return [
            {"label": "Time left to reply", "value": "Starts again when the letter is sent again", "tone": "stop"},
            *([{"label": "Lapses after", "value": brief(record.lapses_after)}] if record.lapses_after else []),
        ]
    if s.state in OPENED and record.window and record.decision_by:
        left = record.calendar.school_days_between(s.today, record.window.on)
        said = "The time is over" if s.today > record.window.on else plural(left, "school day")
        return [
            {"label": "Time left to reply", "value": "Today" if s.today == record.window.on else said},
            {
                "label": "Decide by",
                "value": brief(record.decision_by),
                "tone": "stop" if s.today > record.decision_by else "",
            },
        ]
    return review_clocks(s, *record.end_and_review(s.at)) if s.state in FINAL else []


def follow_lines(measure: Measure) -> list[str]:
    """How a side branch has gone on so far, a line a step."""
    return [
        ": ".join(filter(None, [f"{brief(timezone.localdate(f.at))}, {step_words(f)}", f.where]))
        for f in measure.follows.all()
    ]


def step_words(follow: Any) -> str:
    """A step of a side branch as it is told in the story."""
    noun = "post" if follow.measure.response == "post_removal" else "mediation"
    return STEP_TITLES.get(follow.step) or f"{noun} {follow.get_step_display().lower()}"


STEP_TITLES = {"asked": "author asked to take the post down"}


def follow_clocks(measure: Measure, s: Situation) -> list[dict[str, str]]:
    """Until when a post is to be taken down, while nobody has said what became of it."""
    if measure.response != "post_removal" or branches.OUTCOMES & {f.step for f in measure.follows.all()}:
        return []
    days = [cl.letter.facts.get("take_down_by") for cl in measure.case_letters.all() if cl.letter.is_issued]
    if not days or not days[-1]:
        return []
    by = date.fromisoformat(days[-1])
    return [{"label": "To be taken down by", "value": brief(by), "tone": "stop" if s.today > by else ""}]


def standing_note(measure: Measure, s: Situation) -> str:
    """What holds for a measure of which nothing more is asked."""
    if measure.response == "warning_letter" and s.state is State.SERVED and measure.served_at:
        counts = months_away(timezone.localdate(measure.served_at), s.pack.timers.warning_counts_months)
        return f"It counts until {words(counts)}."
    if measure.response == "no_further_action" and s.state is State.DECIDED:
        return "Nothing more is asked for: the case can be closed once nothing else in it is open."
    return ""


def review_clocks(s: Situation, ends: date | None, review_on: date | None) -> list[dict[str, str]]:
    found = []
    if review_on:
        late = s.today > review_on
        found.append({"label": "Review by", "value": brief(review_on), "tone": "stop" if late else ""})
    if ends:
        found.append({"label": "Last day", "value": brief(ends)})
    return found


def plan_clocks(s: Situation, plan: PlanRecord, contacts: list[tuple[str, date]]) -> list[dict[str, str]]:
    """End and review of a plan in force, and how much of its cap is used."""
    if s.state is not State.IN_FORCE:
        return []
    found, cap = review_clocks(s, *plan.end_and_review(s.at)), caps.read(plan.terms_at(s.at).cap)
    if cap is not None:
        used, period = cap.used(contacts, s.today), "today" if cap.period == "day" else f"this {cap.period}"
        tone = "stop" if used > cap.most else ""
        found.append({"label": f"Contacts {period}", "value": f"{used} of {cap.most}", "tone": tone})
    return found


def lines_of(measure: Measure, s: Situation) -> list[str]:
    """What a plan allows and closes, decided or in force; how a side branch has gone on."""
    if s.plan is None:
        return follow_lines(measure)
    if s.state is State.IN_FORCE:
        return plan_lines(s.plan.terms_at(s.at))
    if s.state is not State.DECIDED:
        return []
    terms = s.terms_so_far
    days = [("From", terms.starts), ("until", terms.ends), ("review on", terms.review_on)]
    return [", ".join(f"{word} {brief(on)} {on.year}" for word, on in days if on), *plan_lines(terms)]


def plan_lines(terms: TermsFacts) -> list[str]:
    """What a plan allows, in lines: by purpose, how and with whom; its limit and its promise; what is closed."""
    lines = [
        f"{code.CONTACT_PURPOSES.get(purpose, purpose)}: {code.CONTACT_METHODS.get(method, method).lower()}, {staff}"
        for purpose, method, staff in terms.ways
    ]
    if terms.contact_who and not terms.ways:
        methods = [lowered(METHOD_LABELS.get(m, m)) for m in terms.contact_methods]
        lines.append(f"{terms.contact_who}: {', '.join(methods)}")
    if terms.deputy:
        lines.append(f"When they are away: {terms.deputy}")
    if terms.cap:
        lines.append(f"At most {terms.cap}")
    if terms.reply_days:
        lines.append(f"We answer within {plural(terms.reply_days, 'school day')}")
    if terms.closes:
        lines.append(f"Closed: {', '.join(lowered(CLOSABLE_LABELS.get(c, c)) for c in terms.closes)}")
    return lines


def plural(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def brief(on: date) -> str:
    return f"{on:%a} {on.day} {on:%B}"


def preflight(move: Move, s: Situation, measure: Measure) -> list[Line]:
    """Every rule of a move with a tick, or the reason and the one link to where it is met. One line a rule."""
    found: dict[str, Line] = {}
    for guard in move.guards:
        text = guard.check(s)
        if guard.rule in found and not text:
            continue
        url, link = standing_links.for_measure(measure, guard.place, move.verb, s) if text else ("", "")
        found[guard.rule] = Line(guard.rule, guard.label, not text, text or "", url, link)
    return list(found.values())


def packs_offered(
    referrals: Iterable[Any], bans: Iterable[tuple[Measure, State]], made: Iterable[Any], may_make: dict[str, bool]
) -> list[dict[str, str]]:
    """The packs of documents of a case: those that stand, and those that this user may make."""
    rows, found, waiting = list(made), [], set()
    for row in rows:
        letter, args = row.letter, [row.case.reference, row.letter_id]
        short = KINDS[letter.kind].short
        text = f"{short}, {letter.reference}" if letter.is_issued else f"{short}: open the draft"
        found.append({"text": text, "url": reverse("pack_of_documents", args=args)})
        if not letter.is_issued:
            waiting.add((letter.kind, row.referral_id or row.measure_id))
    for referral in referrals:
        kind = f"{referral.to}_referral"
        if may_make.get(kind) and not referral.not_because and (kind, referral.pk) not in waiting:
            url = reverse("referral_pack", args=[referral.case.reference, referral.pk])
            to = referral.get_to_display().lower()
            found.append({"text": f"Make the pack for the referral to: {to}, {referral.reference}", "url": url})
    for ban, state in bans:
        if may_make["review_pack"] and state in FINAL and ("review_pack", ban.pk) not in waiting:
            url = reverse("review_pack", args=[ban.case.reference, ban.pk])
            found.append({"text": "Make the pack for the review of the ban", "url": url})
    return found


def letters_waiting(measure: Measure) -> list[Button]:
    """The drafts of a measure that wait to be issued, and may still be. What tells a decision comes first."""
    drafts = [cl for cl in measure.case_letters.all() if not cl.letter.is_issued and fits(cl, measure)]
    drafts = [cl for cl in drafts if cl.letter.kind not in ladder.PACKS]
    return [
        Button(
            f"Open the draft letter: {KINDS[cl.letter.kind].short.lower()}",
            reverse("letter", args=[cl.letter_id]),
            "primary" if cl.decision_id else "secondary",
        )
        for cl in sorted(drafts, key=lambda cl: cl.decision_id is None)
    ]


def fits(about: CaseLetter, measure: Measure) -> bool:
    """Whether a draft may still be issued where its measure stands. Uses what was prefetched."""
    if overtaken(about, measure):
        return False
    if about.decision_id is None:
        return measure.state in ladder.UNDECIDED[about.letter.kind].states
    verb = next(d.verb for d in measure.decisions.all() if d.pk == about.decision_id)
    return measure.state in ladder.LETTER_KINDS[about.letter.kind].verbs[verb]


def overtaken(about: CaseLetter, measure: Measure) -> bool:
    """As `correspondence.overtaken`, of what was prefetched."""
    decisions = list(measure.decisions.all())
    if about.decision_id is None:
        held = any(d.verb in REVIEWS and d.at > about.letter.drafted_at for d in decisions)
        return about.letter.kind == "review_notice" and held
    told = {cl.decision_id for cl in measure.case_letters.all() if cl.letter.is_issued}
    return any(d.pk > about.decision_id and d.verb in NEW_TERMS and d.pk in told for d in decisions)


def deed_url(measure: Measure, verb: str) -> str:
    return reverse("deed", args=[measure.case.reference, measure.pk, verb])


# -- the top ------------------------------------------------------------------------------------------------------


def tags(measures: list[tuple[Measure, State, BanRecord]], at: datetime) -> list[dict[str, str]]:
    """What applies today of the bans, and what clock runs."""
    found = []
    for _, state, record in measures:
        if record.in_force(at):
            word, tone = STATE_WORDS[state]
            found.append({"word": word, "tone": tone})
        elif state is State.INTENT:
            found.append({"word": "Notice of intent given: not banned", "tone": "wait"})
        elif state in FINAL:
            found.append({"word": "Ban decided, not in force yet", "tone": "wait"})
        if state in OPENED and record.came_back_on:
            found.append({"word": "The letter came back: send it again", "tone": "stop"})
        if state in OPENED and record.window:
            found.append({"word": f"Reply due by {brief(record.window.on)}", "tone": "wait"})
    if not found:
        found.append({"word": "No ban today", "tone": "go"})
    return found


def plan_tags(measures: Iterable[Measure], at: datetime) -> list[dict[str, str]]:
    """The plans, blocks and notices that apply today."""
    running = [m for m in measures if m.response in ladder.PLANS and plan_of(m).in_force(at)]
    return [{"word": f"{m.get_response_display()} in force", "tone": "wait"} for m in running]


def family(person: Person, children: Iterable[Pupil]) -> list[dict[str, str]]:
    """Whose parent, or what else, the person is."""
    pupils = [f"{p.name}, {p.year}" if p.year else p.name for p in children]
    relation = person.get_relation_display().split(" or ")[0]
    return [{"word": f"{relation} of {' and '.join(pupils)}" if pupils else relation, "tone": "plain"}]


# -- the story ----------------------------------------------------------------------------------------------------


def story(
    case: Case, measures: Iterable[Measure], incidents: Iterable[Incident], packs: Iterable[Any] = ()
) -> list[Event]:
    """Everything that happened in the case, the newest first; what does not count any more stays, and says so."""
    events: list[Event] = []
    for incident in incidents:
        events += incident_events(case, incident)
    for measure in measures:
        events += measure_events(measure)
    for referral in case.referrals.all():
        events += referral_events(referral)
    events += [pack_event(row) for row in packs if row.letter.is_issued]
    for appointment in case.appointments.all():
        events += appointment_events(appointment)
    for about in case.case_letters.all():
        of_the_case = about.measure_id is None and about.letter.kind not in ladder.PACKS
        events += letter_events(about.letter) if of_the_case else []
    if case.closed_at and case.closed_by:
        events.append(Event(case.closed_at, "Case closed", f"by {case.closed_by}", case.close_reason))
    return sorted(events, key=lambda e: e.at, reverse=True)


def appointment_events(appointment: Any) -> list[Event]:
    """When somebody was let come, and whether it was called off."""
    begins, until = timezone.localtime(appointment.begins), timezone.localtime(appointment.until)
    when = f"{words(begins.date())}, {begins:%H:%M} to {until:%H:%M}"
    text = f"{when}, {appointment.place}, with {appointment.with_whom}."
    found = [Event(appointment.at, "Appointment arranged", f"by {appointment.by}", text)]
    if appointment.cancelled_at:
        off = Event(appointment.cancelled_at, "Appointment called off", f"by {appointment.cancelled_by}", f"{when}.")
        found.append(off)
    return found


def incident_events(case: Case, incident: Incident) -> list[Event]:
    url = reverse("incident", args=[case.reference, incident.reference])
    ticked = ", ".join(c.clause + (" (added by the program)" if c.by_program else "") for c in incident.clauses.all())
    done = [
        w
        for w, is_so in (
            ("Interaction ended.", incident.ended_interaction),
            ("Asked to leave.", incident.asked_to_leave),
        )
        if is_so
    ]
    found = [
        Event(
            incident.logged_at,
            "Incident logged",
            f"{incident.get_place_display().lower()}, {incident.get_severity_display().lower()}, {ticked}",
            " ".join([incident.narrative, *done]),
            url,
            f"Open {incident.reference}",
            void=not incident.counts,
        )
    ]
    for account in incident.accounts.all():
        what = "How we tried to reach them" if account.attempted else f"Account: {account.get_of_display().lower()}"
        found.append(Event(account.at, what, f"recorded by {account.by}", account.text or account.attempted))
    for finding in incident.findings.all():
        clause = incident.adoption.pack.clause
        upheld = "; ".join(f"{clause(c).wording} ({c})" for c in finding.upheld) or "Nothing upheld"
        found.append(Event(finding.at, "Facts found", f"by {finding.by}", f"{upheld}. {finding.reason}".strip()))
    for change in incident.reclassifications.all():
        moved = f"From {change.get_was_display().lower()} to {change.get_now_display().lower()}. {change.reason}"
        found.append(Event(change.at, "Severity changed", f"by {change.by}", moved))
    return found + amendment_events(incident) + evidence_events(incident, url)


def amendment_events(incident: Incident) -> list[Event]:
    """What was added to an incident after it was logged, and the marks that took it out of what counts."""
    reference = incident.reference
    found = [Event(c.at, f"Correction of {reference}", f"by {c.by}", c.text) for c in incident.corrections.all()]
    for mark in incident.marks.all():
        title = f"{reference} does not count: {mark.said}"
        found.append(Event(mark.at, title, f"marked by {mark.by}", mark.reason))
        if mark.undone_at:
            found.append(Event(mark.undone_at, f"{reference} counts again", f"the mark taken back by {mark.undone_by}"))
    return found


def evidence_events(incident: Any, url: str) -> list[Event]:
    """Files given as evidence, and taken out: whose story it is may be read by many, so of these it says no more."""
    found = []
    for row in incident.evidence.all():
        link = (f"{url}#evidence-{row.pk}", "See it there")
        if row.withdrawn_at:
            found.append(Event(row.at, "Evidence kept", f"by {row.by}", "A file that was taken out later."))
            found.append(Event(row.withdrawn_at, "Evidence taken out", f"by {row.withdrawn_by}", "", *link))
        else:
            found.append(Event(row.at, "Evidence kept", f"by {row.by}", row.note or row.file.name, *link))
    return found


DECISION_TITLES = {
    "decide": "Approved",
    "decline": "Declined",
    "confirm": "Ban confirmed",
    "vary": "Ban confirmed with changes",
    "not_confirm": "Ban not confirmed",
    "keep": "Reviewed: kept",
    "extend": "Reviewed: extended",
    "vary_on_review": "Reviewed: terms changed",
    "lift": "Ban lifted",
    "end": "Reviewed: ended",
    "withdraw": "Withdrawn",
}


def measure_events(m: Measure) -> list[Event]:
    name = m.get_response_display()
    why = " ".join(filter(None, [m.severity_reason, m.lesser_options]))
    opening = f", {m.get_opening_display().lower()}" if m.opening else ""
    found = [Event(m.proposed_at, f"Proposed: {name.lower()}{opening}", f"by {m.proposed_by}", why)]
    for c in m.consultations.all():
        found.append(Event(c.at, f"{c.consulted} consulted", c.how, c.view))
    for d in m.decisions.all():
        title = DECISION_TITLES[d.verb]
        equality = f"Disability, language and adjustments: {d.equality}" if d.equality else ""
        about = d.verb in {"decide", "decline", "withdraw"} or m.response in ladder.PLANS
        title = f"{title}: {name.lower()}" if about else title
        found.append(Event(d.at, title, f"by {d.by}", " ".join(filter(None, [d.reasons, equality]))))
    for row in m.sign_offs.all():
        found.append(Event(row.at, "Length signed off", f"by {row.by}", f"Up to {words(row.until)}."))
    for told in m.tellings.all():
        found.append(Event(told.at, "Told in words", f"recorded by {told.by}", told.how))
    for r in m.representations.all():
        title = "No reply came by the deadline" if r.none_received else "Reply received"
        text = f"{r.text} They said that this is all." if r.complete else r.text
        found.append(Event(r.at, title, f"recorded by {r.by}", text))
    for a in m.answers.all():
        found.append(Event(a.at, "Answered in writing", f"by {a.by}", a.text))
    if hasattr(m, "meeting_record"):
        record = m.meeting_record
        found.append(
            Event(record.at, f"Meeting {record.outcome.replace('_', ' ')}", f"recorded by {record.by}", record.notes)
        )
    found += contact_events(m)
    for f in m.follows.all():
        title = step_words(f)
        title = f"{title[:1].upper()}{title[1:]}"
        found.append(Event(f.at, title, f"recorded by {f.by}", " · ".join(filter(None, [f.where, f.note]))))
    return found + [
        e for cl in m.case_letters.all() if cl.letter.kind not in ladder.PACKS for e in letter_events(cl.letter)
    ]


def pack_event(row: Any) -> Event:
    """A pack of documents, and with which referral it went."""
    letter = row.letter
    went = f" It went with the referral, reference {row.referral.reference}." if row.referral else ""
    url = reverse("pack_of_documents", args=[row.case.reference, letter.pk])
    title = f"Pack of documents issued: {lowered(KINDS[letter.kind].short)}"
    return Event(
        letter.issued_at,
        title,
        f"{letter.reference}, by {row.signatory}",
        f"To: {letter.to}.{went}",
        url,
        "Open the pack",
    )


def contact_events(m: Measure) -> list[Event]:
    """The contacts under a plan, each with whether it went over the cap or beside the ways that the plan allows."""
    contacts = list(m.contacts.all())
    pairs, plan = [(c.method, c.on) for c in contacts], plan_of(m)
    found = []
    for n, c in enumerate(contacts):
        terms = plan.terms_on(c.on)
        remarks = []
        if caps.over(caps.read(terms.cap), pairs, n):
            remarks.append("over the limit of the plan")
        if terms.contact_methods and not caps.among(c.method, terms.contact_methods):
            remarks.append("not a way that the plan allows")
        title = ", ".join([f"They got in touch: {lowered(c.get_method_display())}", *remarks])
        when = [f"on {words(c.on)}"] if c.on != timezone.localdate(c.at) else []
        found.append(Event(c.at, title, ", ".join([*when, f"logged by {c.by}"]), c.text))
    return found


def lowered(label: str) -> str:
    return label[:1].lower() + label[1:]


def letter_events(letter: Any) -> list[Event]:
    if not letter.is_issued:
        return []
    short, url = KINDS[letter.kind].short, reverse("letter", args=[letter.pk])
    found = [
        Event(
            letter.issued_at,
            f"Letter issued: {short.lower()}",
            letter.reference,
            letter.due_there.how,
            url,
            "Open the letter",
        )
    ]
    return found + [event for sending in letter.sendings.all() for event in sending_events(letter, sending, url)]


def sending_events(letter: Any, sending: Any, url: str) -> list[Event]:
    """A line each time that a letter left, came back, or could not be emailed."""
    link = (url, "Open the letter")
    aside = f"{letter.reference}, {sending.get_method_display().lower()}"
    if sending.stage == "failed":
        return [Event(sending.claimed_at or sending.at, "Letter could not be emailed", aside, sending.outcome, *link)]
    if sending.sent_at is None:
        return []
    proof = ". ".join(filter(None, [sending.get_proof_display(), sending.proof_note]))
    found = [Event(sending.at, "Letter sent", aside, proof)]
    if sending.came_back_on:
        back = f"On {words(sending.came_back_on)}. {sending.came_back_why}"
        found.append(Event(sending.returned_at, "Letter came back", aside, back, *link))
    return found


def referral_events(referral: Any) -> list[Event]:
    to = referral.get_to_display()
    to = to if referral.to == "local_authority" else to.lower()
    if referral.not_because:
        return [Event(referral.at, "Police not told", f"by {referral.by}", referral.not_because)]
    url = reverse("referral_outcome", args=[referral.case.reference, referral.pk])
    link = ("", "") if referral.outcome_at else (url, "Record the outcome")
    found = [Event(referral.at, f"Referred: {to}", f"by {referral.by}", f"Reference: {referral.reference}.", *link)]
    if referral.acknowledged_at:
        found.append(
            Event(referral.acknowledged_at, f"Referral acknowledged: {to}", f"recorded by {referral.acknowledged_by}")
        )
    if referral.outcome_at:
        found.append(
            Event(
                referral.outcome_at,
                f"Outcome of the referral: {to}",
                f"recorded by {referral.outcome_by}",
                referral.outcome,
            )
        )
    return found
