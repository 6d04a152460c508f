# ruff: noqa: RUF009  (text, day and so on make dataclass fields; ruff knows only `field` itself)
"""The kinds of letter: one frozen dataclass of facts each, and which facts each needs before it may be issued.

Source: rules.md, section 6. A further kind is one dataclass here, one entry in KINDS and one template in
templates/letters/print/ named for its key. What the method of sending needs (a postal address, an email address, a name
or a description) is no matter of `missing`: it is the rule `one-recipient`, answered by `recipient_gap`.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from letters import facts as fact
from letters import placeholders, window
from letters.facts import FactError, Missing, blank, day, flag, items, lines, text, to_json
from letters.packs import ForReview, Pack

__all__ = ["KINDS", "FactError", "Kind", "Missing", "from_json", "missing", "plain_text", "recipient_gap", "to_json"]


def _has_pupils(facts: Any) -> bool:
    return bool(facts.pupils)


# --- small parts of facts


@dataclass(frozen=True)
class Clause:
    """A clause of the code: its id (U05) and its wording."""

    id: str = text("Clause", "case")
    wording: str = text("Wording of the clause", "case")


@dataclass(frozen=True)
class Incident:
    """What happened on a day, in neutral words and without the names of others."""

    on: dt.date | None = day("Date of what happened", "case")
    text: str = text("What happened", "case")


@dataclass(frozen=True)
class Handover:
    """How one child comes to school and goes home."""

    pupil: str = text("Pupil", "person")
    arrangement: str = text("Arrangement for bringing and collecting", "terms")


@dataclass(frozen=True)
class MainPoint:
    """A main point that the person made, and the school's answer to it."""

    point: str = text("Point that was made", "decision")
    answer: str = text("Our answer to it", "decision")


@dataclass(frozen=True)
class PlanWay:
    """One way of getting in touch under a communication plan: what it is for, how, and with whom."""

    purpose: str = text("What it is about", "terms")
    method: str = text("Way to get in touch", "terms")
    staff: str = text("Member of staff", "terms")


# --- groups of facts that several kinds share


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What every sheet holds that leaves the post room, whoever it is for."""

    school_name: str = text("Name of the school", "school")
    date: dt.date | None = day("Date of the letter", "case")
    reference: str = text("Reference", "case")
    recipient_name: str = text("Name of the person, or a description", "person")
    recipient_address: tuple[str, ...] = lines("Postal address of the person", "person", required=False)
    recipient_email: str = text("Email address of the person", "person", required=False)
    method: str = text("Way of sending: post, email or hand", "case")
    pupils: tuple[str, ...] = lines("The person's own children at the school", "person", required=False)
    supersedes: str = text("Reference of the letter that this one replaces", "case", required=False)
    large_print: bool = flag("Large print", "person")
    language: str = text("Language of the letter", "person", required=False, empty="en-GB")
    # What texts name in brackets beside these facts; and which facts are texts, whose brackets the press fills in.
    head_title: str = text("Title of the head", "school", required=False)
    chair_title: str = text("Title of the chair", "school", required=False)
    recording: str = text("The policy's rule about recording", "school", required=False)
    worded: tuple[str, ...] = lines("Facts that are texts of the school", "school", required=False)


@dataclass(frozen=True, kw_only=True)
class Letter(Paper):
    """What every letter to a person holds."""

    school_address: tuple[str, ...] = lines("Address of the school", "school")
    school_phone: str = text("Telephone number of the school", "school")
    school_email: str = text("Email address of the school", "school")
    trust_name: str = text("Name of the trust", "school")
    salutation: str = text("How the person is addressed after “Dear”", "person", required=False)
    policy_title: str = text("Title of the policy", "policy")
    policy_version: str = text("Version of the policy", "policy")
    signatory_name: str = text("Name of who signs", "decision")
    signatory_role: str = text("Title of who signs", "decision")
    ask_name: str = text("Whom to ask", "school")
    ask_role: str = text("Title of whom to ask", "school", required=False)
    ask_phone: str = text("Telephone number of whom to ask", "school")
    ask_email: str = text("Email address of whom to ask", "school")
    complaints: str = text("How to complain", "starter")
    formats: str = text("Other formats and translation", "starter")
    privacy: str = text("Privacy notice", "starter")
    extra: str = text("Extra paragraph", "case", required=False)
    covering_language: str = text("Code of the language of the sentence at the top", "person", required=False)


@dataclass(frozen=True, kw_only=True)
class Conduct:
    """What happened and which clauses it touches."""

    incidents: tuple[Incident, ...] = items(Incident, "What happened, and when", "case")
    clauses: tuple[Clause, ...] = items(Clause, "Clauses of the policy", "case")


@dataclass(frozen=True, kw_only=True)
class Grounds(Conduct):
    """Why a ban is opened. The lesser options are the reason that every proposal has; the other two may be empty."""

    so_far: str = text("That they have not been heard yet", "starter", required=False)
    severity_reason: str = text("Why an earlier step is passed over", "case", required=False)
    smaller_steps: str = text("Before the lesser steps that were weighed", "starter", required=False)
    lesser_options: str = text("Lesser steps weighed, and why they will not do", "case")
    reasons: str = text("Reasons of the decision", "decision", required=False)


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """How the person is heard, and who decides after that."""

    reply_by: dt.date | None = day("Last day to reply", "case")
    reply_how: tuple[str, ...] = lines("Ways to reply to us", "school")
    hearing_help: str = text("Help with a reply", "starter")
    what_happens_next: str = text("Who decides then, and by when", "starter")
    decider: str = text("Who decides", "decision")
    decide_by: dt.date | None = day("Day by which it is decided", "case")


@dataclass(frozen=True, kw_only=True)
class Access:
    """What stays open while a ban is in force."""

    scope: str = text("What the ban covers", "terms")
    exceptions: str = text("Exceptions to the ban", "terms", required=False)
    no_exceptions: str = text("Where there are no exceptions", "starter", required=False)
    contact_who: str = text("Who answers the person's messages", "terms")
    contact_methods: tuple[str, ...] = lines("Ways to reach that person", "terms")
    always_open: str = text("What may always be raised with us", "starter")
    handover: tuple[Handover, ...] = items(
        Handover, "Bringing and collecting each child", "terms", required=True, when=_has_pupils
    )


@dataclass(frozen=True, kw_only=True)
class Duration:
    """How long a ban runs and who looks at it again."""

    ends: dt.date | None = day("Last day of the ban", "terms")
    review_on: dt.date | None = day("Review date", "terms")
    reviewer: str = text("Who reviews the ban", "decision")
    early_review: str = text("How to ask for an early review", "starter")


@dataclass(frozen=True, kw_only=True)
class LookingBack:
    """What a review weighed."""

    reasons: str = text("Reasons of the decision", "decision")
    since: str = text("What has happened since", "decision")
    views: str = text("Views considered", "decision")


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """How the person may say that they do not agree."""

    challenge: str = text("How to challenge the decision", "starter")
    reply_how: tuple[str, ...] = lines("Ways to reply to us", "school")


@dataclass(frozen=True, kw_only=True)
class Restriction(Conduct, Challenge):
    """What a communication plan, a channel block and a vexatious notice have in common."""

    reasons: str = text("Reasons of the decision", "decision")
    closes: tuple[str, ...] = lines("What is closed meanwhile", "terms", required=False)
    always_open: str = text("What may always be raised with us", "starter")
    starts: dt.date | None = day("First day", "terms")
    ends: dt.date | None = day("Last day", "terms")
    review_on: dt.date | None = day("Review date", "terms")
    reviewer: str = text("Who reviews it", "decision")


# --- the kinds


@dataclass(frozen=True, kw_only=True)
class AccountRequest(Letter):
    """Asks for the person's side before anything is found: what is alleged, and no clause that it might breach."""

    not_found: str = text("That nothing has been found", "starter")
    incidents: tuple[Incident, ...] = items(Incident, "What is alleged, and when", "case")
    reply_by: dt.date | None = day("Last day to answer", "case")
    reply_how: tuple[str, ...] = lines("Ways to reply to us", "school")
    hearing_help: str = text("Help with an answer", "starter")
    readers: str = text("Who reads the answer", "starter")


@dataclass(frozen=True, kw_only=True)
class MeetingInvitation(Letter):
    purpose: str = text("Purpose of the meeting", "starter")
    so_far: str = text("That they have not been heard yet", "starter", required=False)
    incidents: tuple[Incident, ...] = items(Incident, "What happened, and when", "case")
    clauses: tuple[Clause, ...] = items(Clause, "Clauses of the policy", "case", required=False)
    meeting_when: str = text("Day and time of the meeting", "terms")
    meeting_where: str = text("Place of the meeting", "terms")
    attends: str = text("Who attends", "terms")
    companion: str = text("Bringing a companion", "starter")
    interpreter: str = text("Asking for an interpreter", "starter")
    rearrange: str = text("How to rearrange", "starter")
    recording_rule: str = text("Rule about recording", "starter")
    mediation: str = text("Offer of mediation", "starter", required=False)
    looking_forward: str = text("Last sentence", "starter", required=False)


@dataclass(frozen=True, kw_only=True)
class WarningLetter(Conduct, Letter):
    severity_reason: str = text("Why an earlier step is passed over", "case", required=False)
    expected: str = text("What we ask of the person", "starter")
    what_may_follow: str = text("What may follow", "starter")
    right_to_reply: str = text("Right to reply", "starter")
    reply_by: dt.date | None = day("Last day to reply", "case")
    reply_how: tuple[str, ...] = lines("Ways to reply to us", "school")
    counts_until: dt.date | None = day("Day until which the warning counts", "case", required=False)


@dataclass(frozen=True, kw_only=True)
class IntentToBan(Grounds, Hearing, Letter):
    proposed_scope: str = text("What the ban would cover", "terms")
    exceptions: str = text("Exceptions to the ban", "terms", required=False)
    proposed_start: dt.date | None = day("First day of the proposed ban", "terms")
    proposed_end: dt.date | None = day("Last day of the proposed ban", "terms")
    contact_who: str = text("Who would answer the person's messages", "terms", required=False)
    contact_methods: tuple[str, ...] = lines("Ways to reach that person", "terms", required=False)
    handover: tuple[Handover, ...] = items(Handover, "Bringing and collecting each child", "terms", required=False)


@dataclass(frozen=True, kw_only=True)
class ProvisionalBan(Grounds, Access, Hearing, Letter):
    in_force_from: dt.date | None = day("First day of the provisional ban", "terms")
    latest_decision_on: dt.date | None = day("Latest decision date", "terms")
    law: str = text("What the law says", "starter")


@dataclass(frozen=True, kw_only=True)
class BanConfirmed(Access, Duration, Letter):
    """`after_intent`: no ban was in force before this letter; otherwise a provisional one goes on without a gap."""

    after_intent: bool = flag("The ban was opened by a notice of intent", "case")
    how_decided: str = text("How we decided what happened", "starter", when=lambda facts: bool(facts.incidents))
    incidents: tuple[Incident, ...] = items(Incident, "What happened, and when", "case", required=False)
    clauses: tuple[Clause, ...] = items(Clause, "Clauses of the policy", "case", required=False)
    none_received: bool = flag("No reply was received", "case")
    main_points: tuple[MainPoint, ...] = items(
        MainPoint, "Answer to each main point", "decision", when=lambda facts: not facts.none_received
    )
    reasons: str = text("Reasons of the decision", "decision")
    starts: dt.date | None = day("First day of the ban", "terms")
    reports: str = text("School reports and parents' evenings", "starter", when=_has_pupils)
    law: str = text("What the law says", "starter")


@dataclass(frozen=True, kw_only=True)
class BanVaried(BanConfirmed):
    """Varied after the person was heard, or — `on_review` — at a review, which gives a fresh chance to respond."""

    on_review: bool = flag("The ban was varied on a review", "decision")
    changes: str = text("What has changed", "decision", required=False)
    main_points: tuple[MainPoint, ...] = items(
        MainPoint,
        "Answer to each main point",
        "decision",
        when=lambda facts: not facts.none_received and not facts.on_review,
    )
    since: str = text("What has happened since", "decision", when=lambda facts: facts.on_review)
    views: str = text("Views considered", "decision", when=lambda facts: facts.on_review)
    reply_by: dt.date | None = day("Last day to reply", "case", when=lambda facts: facts.on_review)
    reply_how: tuple[str, ...] = lines("Ways to reply to us", "school", when=lambda facts: facts.on_review)
    reply_promise: str = text("What becomes of a reply", "starter", when=lambda facts: facts.on_review)


@dataclass(frozen=True, kw_only=True)
class BanNotConfirmed(Letter):
    after_intent: bool = flag("The ban was opened by a notice of intent", "case")
    decision: str = text("The decision", "starter")
    access_from: dt.date | None = day("Day from which access is restored", "decision")
    reasons: str = text("Reasons of the decision", "decision", required=False)
    thanks: str = text("Last sentence", "starter", required=False)


@dataclass(frozen=True, kw_only=True)
class BanWithdrawn(BanNotConfirmed):
    pass


@dataclass(frozen=True, kw_only=True)
class ReviewNotice(Letter):
    """Asks for the person's views before a ban is reviewed. It decides nothing."""

    review_on: dt.date | None = day("Review date", "decision")
    ends: dt.date | None = day("Last day of the ban", "decision")
    reviewer: str = text("Who reviews the ban", "decision")
    looked_at: str = text("What the review looks at", "starter")
    send_views: str = text("How to send views", "starter")
    reply_by: dt.date | None = day("Day by which views should reach us", "case")
    reply_how: tuple[str, ...] = lines("Ways to reply to us", "school")
    until_then: str = text("The position until the review", "starter")


@dataclass(frozen=True, kw_only=True)
class BanBreachNotice(Conduct, Challenge, Letter):
    """The person came on to the site during the ban. What the ban says stays as it was decided."""

    changes: str = text("What changes for the person", "starter")
    scope: str = text("What the ban covers", "terms")
    exceptions: str = text("Exceptions to the ban", "terms", required=False)
    starts: dt.date | None = day("First day of the ban", "decision")
    ends: dt.date | None = day("Last day of the ban", "decision")
    law: str = text("What the law says", "starter")


@dataclass(frozen=True, kw_only=True)
class BanLifted(LookingBack, Letter):
    access_from: dt.date | None = day("Day from which access is restored", "decision")
    welcome: str = text("What we ask of the person", "starter", required=False)


@dataclass(frozen=True, kw_only=True)
class BanExtended(LookingBack, Access, Duration, Letter):
    scope: str = text("What the ban covers", "terms", required=False)
    starts: dt.date | None = day("First day of the extended term", "terms", required=False)
    reply_by: dt.date | None = day("Last day to reply", "case")
    reply_how: tuple[str, ...] = lines("Ways to reply to us", "school")
    reply_promise: str = text("What becomes of a reply", "starter")
    reports: str = text("School reports and parents' evenings", "starter", when=_has_pupils)
    law: str = text("What the law says", "starter")


@dataclass(frozen=True, kw_only=True)
class BanKept(LookingBack, Letter):
    """`run_out`: the ban ends on its last day with no further review."""

    ends: dt.date | None = day("Last day of the ban", "terms")
    run_out: bool = flag("The ban is kept to run out", "decision")
    review_on: dt.date | None = day("Next review date", "terms", when=lambda facts: not facts.run_out)
    reviewer: str = text("Who reviews the ban", "decision", when=lambda facts: not facts.run_out)
    early_review: str = text("How to ask for an early review", "starter")


@dataclass(frozen=True, kw_only=True)
class CommunicationPlan(Restriction, Letter):
    scope: str = text("What the plan covers", "terms", required=False)
    ways_are: str = text("Before the ways to get in touch", "starter")
    ways: tuple[PlanWay, ...] = items(PlanWay, "Ways to get in touch, for what and with whom", "terms")
    deputy: str = text("Who answers when that member of staff is away", "starter")
    cap: str = text("How often the person may get in touch", "terms", required=False)
    reply_days: str = text("School days within which we answer", "terms", required=False)
    handover: tuple[Handover, ...] = items(Handover, "Bringing and collecting each child", "terms", when=_has_pupils)


@dataclass(frozen=True, kw_only=True)
class ChannelBlock(Restriction, Letter):
    channel: str = text("Name of the school app or channel", "school", required=False)
    changes: str = text("What changes for the person", "starter")


@dataclass(frozen=True, kw_only=True)
class VexatiousNotice(Restriction, Letter):
    changes: str = text("What changes for the person", "starter")


@dataclass(frozen=True, kw_only=True)
class PostRemovalRequest(Conduct, Challenge, Letter):
    changes: str = text("What we ask of the person", "starter")
    posts: tuple[str, ...] = lines("Addresses of the posts", "case", required=False)
    take_down_by: dt.date | None = day("Day by which we ask for it to be taken down", "case")
    what_may_follow: str = text("What may follow", "starter")


def _banned(facts: Any) -> bool:
    return bool(facts.banned)


def _not_banned(facts: Any) -> bool:
    return not facts.banned


@dataclass(frozen=True, kw_only=True)
class GateNotice(Paper):
    """What the desk must know of one person, and nothing else: no reasons, no history, nobody's children."""

    name: str = text("Name of the person, or a description", "person")
    banned: bool = flag("The person is banned", "decision")
    what_applies: str = text("What applies to the person today", "decision")
    scope: str = text("Where it applies", "terms", required=False)
    exceptions: str = text("Exceptions", "terms", required=False)
    what_to_do: str = text("What the desk does when somebody banned comes", "starter", when=_banned)
    what_to_do_plan: str = text("What the desk does when somebody with a plan comes", "starter", when=_not_banned)
    call: str = text("Whom the desk calls", "terms", required=False)
    valid_until: dt.date | None = day("Day until which the notice is valid", "decision")


@dataclass(frozen=True, kw_only=True)
class ReferralPack(Pack, Letter):
    """A case put before an authority: the police, the trust, lawyers."""


@dataclass(frozen=True, kw_only=True)
class ReviewPack(ForReview, Letter):
    """A ban put before whoever reviews it."""


# What a plan, block or notice can come to, and where in the letter that leaves it.
GOES_ON = frozenset({"kept", "varied"})
IS_OVER = frozenset({"ended", "withdrawn"})


def _reviewed(facts: Any) -> bool:
    return facts.outcome in GOES_ON or facts.outcome == "ended"


def _goes_on(facts: Any) -> bool:
    return facts.outcome in GOES_ON


def _reviewed_again(facts: Any) -> bool:
    return facts.outcome in GOES_ON and not facts.run_out


def _over(facts: Any) -> bool:
    return facts.outcome in IS_OVER


@dataclass(frozen=True, kw_only=True)
class PlanOutcome(Challenge, Letter):
    """What became of a plan, block or notice. `run_out`: it ends on its last day with no further review.

    The new terms — from `ways` on — are told only when the outcome is "varied".
    """

    measure_name: str = text("Name of the measure", "case")
    outcome: str = text("Outcome: kept, varied, ended or withdrawn", "decision")
    reasons: str = text("Reasons of the decision", "decision")
    since: str = text("What has happened since", "decision", when=_reviewed)
    views: str = text("Views considered", "decision", when=_reviewed)
    run_out: bool = flag("It is kept to run out", "decision")
    ends: dt.date | None = day("Last day", "terms", when=_goes_on)
    review_on: dt.date | None = day("Next review date", "terms", when=_reviewed_again)
    reviewer: str = text("Who reviews it", "decision", when=_reviewed_again)
    ended_on: dt.date | None = day("Day on which it ended", "decision", when=_over)
    ways: tuple[PlanWay, ...] = items(PlanWay, "Ways to get in touch, for what and with whom", "terms", required=False)
    deputy: str = text("Who answers when that member of staff is away", "terms", required=False)
    cap: str = text("How often the person may get in touch", "terms", required=False)
    reply_days: str = text("School days within which we answer", "terms", required=False)
    closes: tuple[str, ...] = lines("What is closed meanwhile", "terms", required=False)
    handover: tuple[Handover, ...] = items(Handover, "Bringing and collecting each child", "terms", required=False)

    def __post_init__(self) -> None:
        """An outcome that the letter has no words for is refused; none at all is only missing."""
        if not blank(self.outcome) and self.outcome not in GOES_ON | IS_OVER:
            raise FactError("outcome", "is none of kept, varied, ended, withdrawn")


@dataclass(frozen=True)
class Kind:
    """A kind of letter. `title` is its subject line, `heading` the one thing to know, `short` its name in a list."""

    key: str
    short: str
    title: str
    heading: str
    facts: type[Paper]


_ALL = (
    Kind(
        "account_request",
        "Request for an account",
        "We would like to hear your side",
        "Something has been reported to us. Nothing has been decided, and we want to hear from you first.",
        AccountRequest,
    ),
    Kind(
        "meeting_invitation",
        "Meeting invitation",
        "An invitation to meet us",
        "We would like to talk with you, hear your side and agree a way forward.",
        MeetingInvitation,
    ),
    Kind(
        "warning",
        "Warning letter",
        "A warning about conduct towards our school",
        "This letter says what concerned us, what we ask of you, and how you can reply.",
        WarningLetter,
    ),
    Kind(
        "intent_to_ban",
        "Notice of intent to ban",
        "Notice that we are thinking of banning you from the school site",
        "You are not banned. Nothing has been decided, and we want to hear from you first.",
        IntentToBan,
    ),
    Kind(
        "provisional_ban",
        "Provisional ban",
        "Notice of a provisional ban from the school site",
        "For now, please stay away from the school site. This is not the final decision: we want to hear from you.",
        ProvisionalBan,
    ),
    Kind(
        "ban_confirmed",
        "Ban confirmed",
        "Our decision about a ban from the school site",
        "We have decided that you may not come on to the school site for a limited time.",
        BanConfirmed,
    ),
    Kind(
        "ban_varied",
        "Ban varied",
        "Our decision about a ban from the school site: changed terms",
        "We have decided that a ban is needed for a limited time, but on changed terms.",
        BanVaried,
    ),
    Kind(
        "ban_not_confirmed",
        "Ban not confirmed",
        "Our decision: you are not banned from the school site",
        "You are welcome on the school site, as other parents and visitors are.",
        BanNotConfirmed,
    ),
    Kind(
        "ban_withdrawn",
        "Ban withdrawn",
        "We have withdrawn our notice of a ban",
        "Our notice should not stand, and we are sorry. You are not banned from the school site.",
        BanWithdrawn,
    ),
    Kind(
        "review_notice",
        "Notice of a review",
        "We will soon review the ban from the school site",
        "We would like to know what you think before we decide how to go on.",
        ReviewNotice,
    ),
    Kind(
        "ban_lifted",
        "Ban lifted",
        "The ban from the school site is lifted",
        "You may come on to the school site again, as other parents and visitors may.",
        BanLifted,
    ),
    Kind(
        "ban_extended",
        "Ban extended",
        "The ban from the school site goes on for longer",
        "We have reviewed the ban and given it a new last day. You can tell us if you do not agree.",
        BanExtended,
    ),
    Kind(
        "ban_kept",
        "Ban kept as it is",
        "We have reviewed the ban from the school site",
        "The ban stays as it is. Its last day does not change.",
        BanKept,
    ),
    Kind(
        "communication_plan",
        "Communication plan",
        "A restricted communication plan: how we keep in touch",
        "We want to keep in touch with you. This plan says how, about what and with whom.",
        CommunicationPlan,
    ),
    Kind(
        "plan_outcome",
        "Outcome of a plan, block or notice",
        "Our decision about how we keep in touch",
        "This letter says what we have decided, why, and what it means for you.",
        PlanOutcome,
    ),
    Kind(
        "channel_block",
        "Block from the school app or social media",
        "A block from the school app or social media for a limited time",
        "The block is about that one way of getting in touch. We still want to hear from you in other ways.",
        ChannelBlock,
    ),
    Kind(
        "vexatious_notice",
        "Notice that communications are vexatious",
        "Notice that we treat some of your messages as vexatious",
        "This is about the messages, and for a limited time. You can still raise anything new with us.",
        VexatiousNotice,
    ),
    Kind(
        "post_removal_request",
        "Request to take a post down",
        "A request to take down something that you posted online",
        "You are free to disagree with us and to say so. This is about conduct, not about criticism.",
        PostRemovalRequest,
    ),
    Kind(
        "ban_breach_notice",
        "Notice about coming on to the site",
        "Coming on to the school site while the ban is in force",
        "The ban is still in force. Please stay away from the school site, and ask us first if you need to come in.",
        BanBreachNotice,
    ),
    Kind(
        "gate_notice",
        "Notice for the desk",
        "For the desk",
        "Keep this where visitors cannot see it. Destroy it when it is no longer valid.",
        GateNotice,
    ),
    Kind(
        "police_referral",
        "Referral to the police",
        "Referral to the police",
        "We refer to you what is set out here, and ask for your help. Nothing in it is stated as a proven crime.",
        ReferralPack,
    ),
    Kind(
        "trust_referral",
        "Referral to the trust",
        "Referral to the trust",
        "We put this case before you, with what we have done so far.",
        ReferralPack,
    ),
    Kind(
        "legal_referral",
        "Referral for legal advice",
        "Request for legal advice",
        "We ask for your advice on this case. It is confidential, and written so that you can advise us.",
        ReferralPack,
    ),
    Kind(
        "review_pack",
        "Pack for the review of a ban",
        "The review of a ban from the school site",
        "Everything that the review needs to know of this ban: how it came about, what was said, and what has happened since.",
        ReviewPack,
    ),
)
KINDS: dict[str, Kind] = {kind.key: kind for kind in _ALL}


def from_json(kind: str, data: Mapping[str, Any]) -> Paper:
    """The facts of a letter of that kind. KeyError for an unknown kind, FactError for an unknown or ill-typed fact."""
    facts: Paper = fact.build(KINDS[kind].facts, data)
    return facts


def missing(kind: str, data: Mapping[str, Any]) -> list[Missing]:
    """The required facts that are empty, in the order of the letter's fields (the rule `letter-complete`)."""
    facts = from_json(kind, data)
    empty = [
        Missing(field.name, field.metadata["label"], field.metadata["where"])
        for field in fields(facts)
        if fact.needed(field, facts) and blank(getattr(facts, field.name))
    ]
    known = {gap.field for gap in empty}
    return empty + list(_pupils_without_handover(facts, known)) + list(_named_in_texts(facts, known))


def _pupils_without_handover(facts: Paper, known: set[str]) -> Iterator[Missing]:
    """A child who is named in the letter but left out of the arrangements, where the kind asks for them."""
    handover = next((field for field in fields(facts) if field.name == "handover"), None)
    if handover is None or "handover" in known or not fact.needed(handover, facts):
        return
    arranged = {each.pupil for each in facts.handover}  # type: ignore[attr-defined]
    for pupil in facts.pupils:
        if pupil not in arranged:
            yield Missing("handover", f"Bringing and collecting {pupil}", "terms")


def texts_in(facts: Letter) -> dict[str, str]:
    """The facts of a letter that are texts of the school or starters, in which placeholders are filled in."""
    return {name: getattr(facts, name) for name in facts.worded}


def _named_in_texts(facts: Letter, known: set[str]) -> Iterator[Missing]:
    """A fact that the letter could do without, but for a text that names it in brackets."""
    for field in placeholders.missing_in(texts_in(facts), facts, blank):
        if field.name not in known:
            label = field.metadata["label"]
            yield Missing(field.name, f"{label} (a text of this letter names it)", field.metadata["where"])


TOO_LONG = "Postal address of fewer or shorter lines: the window of an envelope shows eight with the name"


def recipient_gap(data: Mapping[str, Any]) -> Missing | None:
    """What the method of sending still needs from the person, or nothing (the rule `one-recipient`)."""
    needs = {
        "post": Missing("recipient_address", "Postal address of the person", "person"),
        "email": Missing("recipient_email", "Email address of the person", "person"),
        "hand": Missing("recipient_name", "Name of the person, or a description", "person"),
    }
    gap = needs.get(data.get("method", ""))
    if gap is None:
        return Missing("method", "Way of sending: post, email or hand", "case")
    value = data.get(gap.field)
    if gap.field == "recipient_address" and value and not window.size_of([data.get("recipient_name", ""), *value]):
        return Missing(gap.field, TOO_LONG, "person")
    return gap if blank(tuple(value) if isinstance(value, list) else value) else None


def plain_text(kind: str, data: Mapping[str, Any]) -> str:
    """All the words that the facts bring to a letter, one fact a line, spaces and line ends of a fact made single.

    For finding names that must not stand in it. A list is one line, so that a name broken over two lines is found.
    The template's own words hold no names, and are left out but for the title and the heading.
    """
    facts = from_json(kind, data)
    words = [KINDS[kind].title, KINDS[kind].heading]
    told = (field.name for field in fields(facts) if field.name != "worded")
    words += (" ".join(" ".join(_words(getattr(facts, name))).split()) for name in told)
    return "\n".join(line for line in words if line)


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _words(part)
    elif hasattr(value, "__dataclass_fields__"):
        for part in fields(value):
            yield from _words(getattr(value, part.name))
