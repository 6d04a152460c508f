"""Sample facts of every kind of letter, all names invented: a school sees its texts with them before it uses them.

`facts(kind)` is a fresh dict that may be changed.
"""

from dataclasses import fields
from typing import Any

from letters import pack_samples, starters
from letters.kinds import KINDS

BASE: dict[str, Any] = {
    "school_name": "Ashfield Junior School",
    "school_address": ["Ashfield Lane", "Southampton", "SO19 9ZZ"],
    "school_phone": "023 8000 0001",
    "school_email": "office@ashfield.example",
    "trust_name": "Northway Learning Trust",
    "date": "2026-03-02",
    "reference": "ASH-2026-0042",
    "recipient_name": "Alex Marlow",
    "salutation": "Mr Marlow",
    "recipient_address": ["1 High Street", "Southampton", "SO19 1AA"],
    "recipient_email": "alex@marlow.example",
    "method": "post",
    "pupils": ["Robin"],
    "policy_title": "Parent and Visitor Code of Conduct",
    "policy_version": "2026.1",
    "signatory_name": "Harriet Lowe",
    "signatory_role": "School leader",
    "head_title": "school leader",
    "chair_title": "Chair of Governors",
    "recording": "The meeting is recorded only when everyone present has agreed to it.",
    "ask_name": "Olive Trent",
    "ask_role": "Office manager",
    "ask_phone": "023 8000 0002",
    "ask_email": "olive@ashfield.example",
}

CONDUCT: dict[str, Any] = {
    "incidents": [
        {
            "on": "2026-02-23",
            "text": "At about 8:50 in the morning you shouted at a member of staff in the entrance hall.",
        },
        {
            "on": "2026-03-02",
            "text": "You leaned over the reception counter, swore, and told a member of staff that you would be "
            "waiting for her outside. You were asked to leave and did so after some minutes.",
        },
    ],
    "clauses": [
        {"id": "U03", "wording": "Shouting or a display of temper"},
        {"id": "U05", "wording": "Threatening any member of the school community in speech or in writing"},
    ],
}

GROUNDS = {
    **CONDUCT,
    "severity_reason": "Staff told us that they were afraid to go home that day. We think that this was too serious "
    "for a first step such as a meeting.",
    "lesser_options": "A meeting or a letter would have left the member of staff facing you at the gate the next day.",
    "reasons": "We have to keep everyone on the site safe while we find out what happened.",
}

REPLY = {
    "reply_by": "2026-03-18",
    "reply_how": [
        "by email to reply@ashfield.example",
        "by letter to the school office",
        "by telephone on 023 8000 0003",
        "at a meeting away from the site or online",
    ],
}

HEARING = {**REPLY, "decider": "the Chair of Governors", "decide_by": "2026-03-25"}

ACCESS = {
    "scope": "The whole school site: buildings, playground, field and car park.",
    "exceptions": "Parents' evening, if you have agreed a time with us beforehand.",
    "contact_who": "Olive Trent, the office manager,",
    "contact_methods": ["by email at contact@ashfield.example", "by telephone on 023 8000 0004, 9:00 to 16:00"],
    "handover": [{"pupil": "Robin", "arrangement": "Robin's grandmother brings and collects at the main gate."}],
}

DURATION = {"ends": "2026-05-22", "review_on": "2026-05-08", "reviewer": "the Trust's director of schools"}

LOOKING_BACK = {
    "since": "There have been six quiet weeks. You wrote to us on 27 April and apologised.",
    "views": "We considered your letter, and what the staff concerned and the school leader told us.",
    "reasons": "The risk that we saw in March is smaller now than it was then.",
}

POINTS = [
    {
        "point": "You said that you were provoked, because nobody had answered your two earlier messages.",
        "answer": "We should have answered sooner, and we are sorry. That does not make the words to our staff right.",
    },
    {"point": "You said that you are sorry.", "answer": "Thank you. We have taken it into account."},
]

DECIDED = {
    **ACCESS,
    **DURATION,
    **CONDUCT,
    "main_points": POINTS,
    "starts": "2026-03-02",
    "reasons": "Two accounts agree with each other about the words that were said. We think that staff need this time.",
}

RESTRICTION: dict[str, Any] = {
    **CONDUCT,
    "starts": "2026-03-09",
    "ends": "2026-07-17",
    "review_on": "2026-05-22",
    "reviewer": "the Chair of Governors",
    "reply_how": REPLY["reply_how"],
}

WAYS = [
    {"purpose": "Robin's teacher", "method": "by email to class4@ashfield.example", "staff": "Pia Adeyemi"},
    {"purpose": "Robin's teacher", "method": "at a meeting that you arrange with the office", "staff": "Pia Adeyemi"},
    {
        "purpose": "The office (absence, payments, trips)",
        "method": "by telephone on 023 8000 0004",
        "staff": "Olive Trent, office manager",
    },
    {"purpose": "A question about policy", "method": "by email", "staff": "Harriet Lowe, school leader"},
]


def default_reasons(kind: str) -> str:
    """The reasons that a letter of that kind gives where nobody wrote any."""
    return starters.texts()[f"{kind}.reasons"]


OF_KIND: dict[str, dict[str, Any]] = {
    "account_request": {"incidents": CONDUCT["incidents"], **REPLY, "reply_by": "2026-03-11"},
    "review_notice": {**DURATION, **REPLY, "reply_by": "2026-04-29"},
    "ban_breach_notice": {
        "incidents": [
            {"on": "2026-03-09", "text": "At about 15:20 you were in the playground and spoke to parents there."}
        ],
        "clauses": [{"id": "U35", "wording": "Entering the site while banned from it"}],
        "scope": ACCESS["scope"],
        "exceptions": ACCESS["exceptions"],
        "starts": "2026-03-02",
        "ends": "2026-05-22",
        "reply_how": REPLY["reply_how"],
    },
    "meeting_invitation": {
        **CONDUCT,
        "meeting_when": "Thursday 12 March 2026 at 15:30",
        "meeting_where": "The school library (please come to reception)",
        "attends": "Harriet Lowe, school leader, and the class teacher",
    },
    "warning": {
        **CONDUCT,
        **REPLY,
        "counts_until": "2027-03-01",
        "severity_reason": "It has happened twice in a week.",
    },
    "intent_to_ban": {
        **GROUNDS,
        **HEARING,
        "proposed_scope": ACCESS["scope"],
        "exceptions": ACCESS["exceptions"],
        "proposed_start": "2026-04-13",
        "proposed_end": "2026-06-12",
        "contact_who": "Olive Trent, the office manager",
        "contact_methods": ACCESS["contact_methods"],
        "handover": ACCESS["handover"],
    },
    "provisional_ban": {
        **GROUNDS,
        **HEARING,
        **ACCESS,
        "in_force_from": "2026-03-02",
        "latest_decision_on": "2026-03-31",
    },
    "ban_confirmed": DECIDED,
    "ban_varied": {**DECIDED, "changes": "You may now come to assemblies and to the summer fair."},
    "ban_not_confirmed": {
        "access_from": "2026-03-20",
        "reasons": "The accounts differ, and we could not say what had happened.",
    },
    "ban_withdrawn": {"access_from": "2026-03-04", "reasons": "It was sent to you by mistake for someone else."},
    "ban_lifted": {**LOOKING_BACK, "access_from": "2026-05-07"},
    "ban_extended": {
        **LOOKING_BACK,
        **ACCESS,
        **DURATION,
        **REPLY,
        "since": "On 24 April you came into the playground and shouted at staff there.",
        "reasons": "The risk that we saw in March is still there, and a shorter ban has not been enough.",
        "starts": "2026-05-08",
        "ends": "2026-07-17",
        "review_on": "2026-07-03",
        "reply_by": "2026-05-22",
    },
    "ban_kept": {**LOOKING_BACK, **DURATION, "reasons": "Six weeks are not yet enough. We think that the time helps."},
    "communication_plan": {
        **RESTRICTION,
        "reasons": default_reasons("communication_plan"),
        "scope": "Everything about Robin's time at our school.",
        "ways": WAYS,
        "cap": "one email a week",
        "reply_days": "5",
        "closes": ["messages in the school app", "talks at the classroom door"],
        "handover": [{"pupil": "Robin", "arrangement": "You bring and collect Robin at the main gate, as before."}],
    },
    "plan_outcome": {
        **LOOKING_BACK,
        "measure_name": "restricted communication plan",
        "outcome": "kept",
        "reasons": "The plan works well, and we would like to go on with it a little longer.",
        "ends": "2026-07-17",
        "review_on": "2026-06-26",
        "reviewer": "the Chair of Governors",
        "reply_how": REPLY["reply_how"],
    },
    "channel_block": {
        **RESTRICTION,
        "reasons": default_reasons("channel_block"),
        "channel": "ClassDojo",
        "closes": ["messages in the school app", "comments on our social media pages"],
    },
    "vexatious_notice": {
        **RESTRICTION,
        "reasons": default_reasons("vexatious_notice"),
        "closes": ["messages about the class list of last year"],
    },
    "post_removal_request": {
        **CONDUCT,
        "incidents": [{"on": "2026-02-23", "text": "You posted that a teacher, whom you named, is a liar."}],
        "clauses": [{"id": "U16", "wording": "Insulting a member of staff on social media"}],
        "posts": ["https://social.example/groups/ashfield-parents/posts/1234567890"],
        "take_down_by": "2026-03-09",
        "reply_how": REPLY["reply_how"],
    },
    **pack_samples.OF_KIND,
}


OF_KIND["gate_notice"] = {
    "recipient_name": "Reception",
    "recipient_address": [],
    "recipient_email": "",
    "method": "hand",
    "pupils": [],
    "name": "Alex Marlow",
    "banned": True,
    "what_applies": "Banned from the school site",
    "scope": ACCESS["scope"],
    "exceptions": ACCESS["exceptions"],
    "call": "Harriet Lowe, school leader",
    "valid_until": "2026-05-22",
}


def facts(kind: str, **changed: Any) -> dict[str, Any]:
    """Complete facts of that kind, with those given put in place of the sample's."""
    texts = starters.texts_of(kind)
    wanted = {field.name for field in fields(KINDS[kind].facts)}
    base = {name: value for name, value in BASE.items() if name in wanted}
    return {**texts, **base, "worded": sorted(texts), **OF_KIND[kind], **changed}


def on_review() -> dict[str, Any]:
    """Facts of a ban varied on a review."""
    return facts(
        "ban_varied",
        on_review=True,
        main_points=[],
        incidents=[],
        clauses=[],
        since=LOOKING_BACK["since"],
        views=LOOKING_BACK["views"],
        **REPLY,
    )


def plan_outcome(outcome: str, **changed: Any) -> dict[str, Any]:
    """Facts of the letter after a plan was varied, ended or withdrawn; nothing that its outcome has no use for."""
    goes_on = {"since", "views", "run_out", "ends", "review_on", "reviewer"}
    unused = {"varied": set(), "ended": goes_on - {"since", "views"}, "withdrawn": goes_on}[outcome]
    new_terms = {
        "ways": WAYS[:2],
        "deputy": "The school office answers when Pia Adeyemi is away.",
        "cap": "two emails a week",
        "reply_days": "3",
        "closes": ["messages in the school app"],
        "handover": [{"pupil": "Robin", "arrangement": "Robin's grandmother collects on Fridays."}],
    }
    more = new_terms if outcome == "varied" else {"ended_on": "2026-05-22"}
    kept = {name: value for name, value in facts("plan_outcome").items() if name not in unused}
    return {**kept, "outcome": outcome, **more, **changed}


PACKS = tuple(pack_samples.OF_KIND)
ALL = tuple(kind for kind in KINDS if kind not in PACKS)  # the letters of a page or two
