"""Who may do what: the table of roles, as one readable module.

Two halves. `MAY` says which roles may try a deed at all (the rule `not-permitted`); whether it is theirs in *this* case
is said by the ladder's guards (`right-decider`, `own-cause`, `reviewer-differs`). Roles are held in one school, or, by
the trust and a system administrator, in every school of a trust.
"""

from enum import StrEnum


class Role(StrEnum):
    OFFICE = "office"
    SENIOR = "senior"
    HEAD = "head"
    CHAIR = "chair"
    TRUST = "trust"
    ADMIN = "admin"
    GATE = "gate"
    RECORDS = "records"
    SYSADMIN = "sysadmin"


LABELS: dict[str, str] = {
    Role.OFFICE: "Office",
    Role.SENIOR: "Senior staff",
    Role.HEAD: "Headteacher",
    Role.CHAIR: "Chair of governors",
    Role.TRUST: "Trust",
    Role.ADMIN: "Letters and addresses",
    Role.GATE: "Reception (gate list)",
    Role.RECORDS: "Records officer",
    Role.SYSADMIN: "System administrator",
}

STAFF = frozenset({Role.OFFICE, Role.SENIOR, Role.HEAD})
DECIDERS = frozenset({Role.HEAD, Role.CHAIR, Role.TRUST})
ABOVE_THE_SCHOOL = frozenset({Role.CHAIR, Role.TRUST})

MAY: dict[str, frozenset[Role]] = {
    # the story
    "log_incident": STAFF,
    "reclassify": frozenset({Role.SENIOR, Role.HEAD}),
    "record_account": STAFF,
    "correct_incident": STAFF,
    "mark_incident": frozenset({Role.SENIOR, Role.HEAD}),
    "add_evidence": STAFF,
    "withdraw_evidence": frozenset({Role.SENIOR, Role.HEAD}),
    "record_injury": STAFF,
    "see_injuries": frozenset({Role.SENIOR, Role.HEAD}),  # health: beside whoever recorded it
    "check_in": STAFF,
    "tell_outcome": STAFF,
    "here_now": STAFF | {Role.GATE},  # reception says who came in; it reads nothing of what follows
    "find": frozenset({Role.SENIOR, Role.HEAD}),
    "refer": STAFF | {Role.TRUST},
    "refer_not_because": frozenset({Role.HEAD}),
    "follow_referral": STAFF | {Role.TRUST},
    # the ladder
    "propose": STAFF,
    "consult": frozenset({Role.HEAD, Role.CHAIR, Role.TRUST}),
    "decide": frozenset({Role.HEAD}),
    "sign_off": ABOVE_THE_SCHOOL,
    "tell": STAFF,
    "represent": STAFF,
    "answer": frozenset({Role.HEAD}),
    "confirm": DECIDERS,
    "vary": DECIDERS,
    "not_confirm": DECIDERS,
    "review": DECIDERS,
    "review_plan": DECIDERS | {Role.SENIOR},
    "log_contact": STAFF,
    "follow_branch": STAFF,
    "withdraw": frozenset({Role.HEAD, Role.TRUST}),
    "hold_meeting": frozenset({Role.SENIOR, Role.HEAD}),
    "close_case": frozenset({Role.HEAD}),
    "complete_task": DECIDERS,
    "put_before_chair": frozenset({Role.HEAD}),
    "prepare": STAFF | DECIDERS,
    # the post room
    "edit_letter": frozenset({Role.HEAD, Role.CHAIR, Role.TRUST}),
    "issue_letter": frozenset({Role.ADMIN, Role.HEAD}),
    "post_letter": frozenset({Role.ADMIN, Role.HEAD}),
    "see_letters": frozenset({Role.ADMIN, Role.HEAD}),
    "approve_letter": DECIDERS | {Role.SENIOR},  # their own: whoever signs it
    "ask_account": frozenset({Role.SENIOR, Role.HEAD}),
    "ask_views": DECIDERS,
    "tell_breach": DECIDERS,
    "make_gate_notice": STAFF,
    "make_pack": STAFF | DECIDERS,  # the referral packs, and what whoever reviews is given to read
    "edit_letterhead": frozenset({Role.ADMIN, Role.HEAD}),
    "edit_wording": frozenset({Role.ADMIN, Role.HEAD}),
    # what may be looked at
    "see_cases": STAFF | {Role.TRUST},
    "see_cases_put_before_them": frozenset({Role.CHAIR}),
    "see_gate": STAFF | {Role.GATE},
    "see_people": STAFF,
    "edit_people": STAFF | {Role.ADMIN},
    "merge_people": STAFF,
    "protect_address": frozenset({Role.SENIOR, Role.HEAD}),
    "see_protected_address": frozenset({Role.SENIOR, Role.HEAD, Role.ADMIN}),
    "import_people": STAFF | {Role.ADMIN},
    "export_lists": STAFF | {Role.TRUST},
    "arrange_appointment": STAFF,
    # the house
    "edit_calendar": frozenset({Role.HEAD, Role.SYSADMIN}),
    "edit_school": frozenset({Role.ADMIN, Role.SYSADMIN}),
    "give_roles": frozenset({Role.SYSADMIN}),
    "rehearse": frozenset({Role.TRUST}),
    "set_pack": frozenset({Role.TRUST}),
}


def may(roles: frozenset[Role], deed: str) -> bool:
    """Whether somebody who holds these roles at a school may try the deed there."""
    return bool(roles & MAY[deed])
