"""The code and its packs: what each policy holds, and that a malformed pack is refused with file, key and reason."""

import copy
import csv
import dataclasses
import tomllib

import pytest

from conduct.code import (
    CONTACT_METHODS,
    CONTACT_PURPOSES,
    EVERY_PACK_HOLDS,
    FLOW_LABELS,
    PACK_DIR,
    PRACTICE_LABELS,
    RESPONSE_LABELS,
    ROUTES,
    RUNGS,
    SIDE_BRANCHES,
    PackError,
    Timers,
    build_pack,
    clauses,
    pack,
    pack_keys,
    packs,
    read_clauses,
    read_tables,
    usual_severity,
)

REFERRALS = {"police", "trust", "legal", "local_authority"}  # made at any time, never offered as a step
KEYS = ("combined", "all_saints", "burton_joyce", "kingsley", "oakmoor", "sholing")
FILES = {key: tomllib.loads((PACK_DIR / f"{key}.toml").read_text(encoding="utf-8")) for key in KEYS}
COLUMN_HEADS = "id,kind,group,wording,usual_severity,routes,sholing"

LEVELS = {
    "sholing": (("meeting", "warning_letter"), ("communication_plan",), ("site_ban",)),
    "kingsley": (("warning_letter", "meeting"), ("channel_block",), ("site_ban",)),
    "burton_joyce": (("meeting",), ("warning_letter",), ("site_ban",)),
    "oakmoor": (("warning_letter", "meeting"), ("communication_plan", "vexatious_notice"), ("site_ban",)),
    "all_saints": (("meeting", "warning_letter"), ("site_ban",)),
    "combined": (
        ("meeting", "warning_letter"),
        ("communication_plan", "channel_block", "vexatious_notice"),
        ("site_ban",),
    ),
}


# --- a way into the file: paths such as ("policy", "titles", "head") or ("practice", 0, "text")


def paths(value, before=()):
    """Every key of a file; of a list of tables, those of its first table."""
    for name, inner in value.items():
        yield (*before, name)
        if isinstance(inner, dict):
            yield from paths(inner, (*before, name))
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            yield from paths(inner[0], (*before, name, 0))


def dotted(path):
    """The path as a PackError gives it: tables by dots, entries of a list counted from 1."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)[1:]


def changed(key, path, change):
    """The file of a pack with one place changed: `change` gets the table or list, and the name in it."""
    data = copy.deepcopy(FILES[key])
    inner = data
    for part in path[:-1]:
        inner = inner[part]
    change(inner, path[-1])
    return data


def with_value(key, path, value):
    return changed(key, path, lambda table, name: table.__setitem__(name, value))


def refusal(data, key="sholing"):
    """The error that these tables cause."""
    with pytest.raises(PackError) as caught:
        build_pack(key, data, file=f"{key}.toml")
    return caught.value


def at(key, path):
    """The value at a place of a pack's file."""
    value = FILES[key]
    for part in path:
        value = value[part]
    return value


def places(wanted=lambda value: True):
    """(pack, path) for every key of every file whose value is wanted."""
    return [
        pytest.param(key, path, id=f"{key}: {dotted(path)}")
        for key in KEYS
        for path in paths(FILES[key])
        if wanted(at(key, path))
    ]


# --- what the packs are


def test_there_are_the_combined_code_and_five_policies():
    assert tuple(packs()) == KEYS
    assert pack_keys() == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_a_pack_holds_the_clauses_of_its_column_and_the_two_of_every_pack(key):
    with (PACK_DIR / "clauses.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    expected = [r["id"] for r in rows if key == "combined" or r[key] == "1" or r["id"] in {"U35", "U36"}]
    assert sorted(pack(key).clauses) == sorted(expected)


def test_the_combined_code_holds_every_clause():
    assert pack("combined").clauses == tuple(clauses())
    assert len(clauses()) == 67


@pytest.mark.parametrize("key", KEYS)
def test_the_levels_are_those_of_the_policy(key):
    assert pack(key).levels == LEVELS[key]


@pytest.mark.parametrize(
    ("key", "before_a_ban", "before_a_letter"),
    [
        ("sholing", ("chair", "trust"), ()),
        ("kingsley", ("chair",), ("chair",)),
        ("burton_joyce", (), ()),
        ("oakmoor", (), ()),
        ("all_saints", ("chair",), ()),
        ("combined", ("chair", "trust"), ()),
    ],
)
def test_who_is_consulted_before_a_ban_and_before_another_response(key, before_a_ban, before_a_letter):
    assert pack(key).consult_for("site_ban") == before_a_ban
    assert pack(key).consult_for("warning_letter") == before_a_letter


@pytest.mark.parametrize("branch", SIDE_BRANCHES)
def test_nobody_need_be_consulted_before_a_side_branch(branch):
    assert pack("kingsley").consult_for(branch) == ()


@pytest.mark.parametrize(
    ("key", "confirmers", "limit", "reports", "significant"),
    [
        ("sholing", ("chair", "trust"), None, ("trust", "chair"), ("U15",)),
        ("kingsley", ("head",), None, (), ()),
        ("burton_joyce", ("head",), 90, (), ()),
        ("oakmoor", ("head",), 90, (), ()),
        ("all_saints", ("head",), None, (), ()),
        ("combined", ("chair", "trust"), 90, ("trust", "chair"), ("U15",)),
    ],
)
def test_who_confirms_a_ban_how_long_the_first_may_be_and_who_hears_of_incidents(
    key, confirmers, limit, reports, significant
):
    made = pack(key)
    assert made.confirmers == confirmers
    assert made.first_ban_limit_days == limit
    assert made.significant_reports == reports
    assert made.significant_clauses == significant


@pytest.mark.parametrize(
    ("key", "titles"),
    [
        ("sholing", ("school leader", "Chair of Governors", "HET")),
        ("kingsley", ("Headteacher", "Chair of Governors", "InMAT")),
        ("burton_joyce", ("Headteacher", "Chair of Governors", "trust board")),
        ("oakmoor", ("Headteacher", "Chair of Governors", "trust")),
        ("all_saints", ("Head of School", "Chair of the Local Academy Board", "Chair of Trustees")),
        ("combined", ("headteacher", "chair of governors", "trust")),
    ],
)
def test_titles_are_those_of_the_policy(key, titles):
    assert tuple(pack(key).title_of(role) for role in ("head", "chair", "trust")) == titles
    assert pack(key).title_of("office") == "office"


def test_above_the_chair_of_oakmoor_stands_the_local_authority_too():
    assert {key: made.also_above for key, made in packs().items() if made.also_above} == {"oakmoor": "Local Authority"}


# What the policies say of themselves: the trust; whom a concern goes to first; dates; the force, the app, the promise.
SAID = {
    "sholing": ("Hamwic (HET)", "the school", "Reviewed regularly.", "", "", False),
    "kingsley": ("InMAT", "the member of staff who can deal with it", "", "", "ClassDojo", False),
    "burton_joyce": (
        *("", "the class teacher", "To the board on 10 July 2024; review in the summer term of 2028."),
        *("Nottinghamshire Police", "Arbor App", False),
    ),
    "oakmoor": (
        *("", "the child's mentor or head of year group (APL)"),
        *("Ratified in October 2023; review in October 2025.", "", "", True),
    ),
    "all_saints": ("All Saints MAT", "the class teacher", "", "", "", False),
    "combined": ("", "the member of staff who can deal with it", "", "", "", False),
}


@pytest.mark.parametrize("key", KEYS)
def test_what_a_policy_says_of_itself(key):
    made = pack(key)
    said = (made.trust, made.concern_route[0], made.dates, made.police_force, made.school_app, bool(made.reply_promise))
    assert said == SAID[key]


# What each policy says something of, in its own order.
SPOKEN_OF = {
    "sholing": (
        "facts interaction_ended meeting warning_letter police trust legal communication_plan site_ban post_removal"
    ),
    "kingsley": "facts interaction_ended warning_letter meeting police legal channel_block site_ban",
    "burton_joyce": "meeting warning_letter mediation police legal site_ban",
    "oakmoor": (
        "facts interaction_ended meeting warning_letter police legal local_authority communication_plan "
        "vexatious_notice site_ban post_removal"
    ),
    "all_saints": "facts meeting warning_letter police legal site_ban post_removal",
}


@pytest.mark.parametrize("key", SPOKEN_OF)
def test_a_policy_speaks_of_its_responses_in_its_own_order(key):
    assert " ".join(entry.about for entry in pack(key).practice) == SPOKEN_OF[key]


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("serious bullying", "sholing oakmoor all_saints combined"),
        ("may be an assault", "burton_joyce all_saints combined"),
        ("not accepted as evidence", "kingsley combined"),
        ("consent in writing", "sholing combined"),
        ("immediate ban", "sholing combined"),
        ("how communication with the school goes on", "sholing combined"),
        ("Department for Education", "sholing combined"),
    ],
)
def test_a_special_rule_stands_in_the_policies_that_have_it(said, keys):
    having = {key for key, made in packs().items() if any(said in rule.text for rule in made.special_rules)}
    assert having == set(keys.split())


def test_the_combined_code_holds_wherever_one_of_the_policies_does():
    together = " ".join(pack("combined").where)
    for place in (
        *("on the site", "in person", "by telephone", "by email, text or letter", "in messages"),
        *("on social media, public or private", "on other sites", "in any other setting"),
    ):
        assert place in together


@pytest.mark.parametrize("key", KEYS)
def test_six_common_clauses_come_first_in_the_log_of_every_pack(key):
    assert pack(key).common == ("U05", "U03", "U02", "U01", "U16", "U13")


@pytest.mark.parametrize("key", KEYS)
def test_the_timers_of_every_pack_are_the_defaults(key):
    assert pack(key).timers == Timers()


def test_the_defaults_of_the_timers_are_the_numbers_agreed():
    assert dataclasses.asdict(Timers()) == {
        "representations_school_days": 10,
        "representations_business_days": 20,
        "decision_school_days": 5,
        "provisional_alert_days": 20,
        "provisional_max_days": 45,
        "intent_lapse_school_days": 20,
        "review_suggested_school_days": 10,
        "review_max_days": 90,
        "review_reminders": (20, 10, 5, 1),
        "review_early_school_days": 20,
        "ended_notice_school_days": 10,
        "warning_counts_months": 12,
        "history_months": 12,
        "repeat_incidents": 3,
        "meeting_notice_school_days": 5,
        "plan_max_months": 6,
        "plan_review_months": 3,
        "long_ban_days": 90,
        "subject_access_months": 1,
        "subject_access_extra_months": 2,
        "data_complaint_days": 30,
    }


def test_the_combined_code_adopts_the_flowchart_of_sholing():
    assert pack("combined").flowchart == pack("sholing").flowchart
    assert len(pack("sholing").flowchart) == 8


def test_a_policy_speaks_of_each_response_that_it_offers():
    for made in packs().values():
        spoken_of = {entry.about for entry in made.practice}
        assert [rung for rung in made.rungs if rung not in spoken_of] == []


def test_only_burton_joyce_and_the_combined_code_ask_parents_to_agree():
    assert [key for key, made in packs().items() if made.agreement_asked] == ["combined", "burton_joyce"]


def test_a_letter_after_the_hearing_is_signed_by_chair_or_trust_where_they_confirm():
    assert pack("sholing").signers_of("ban_confirmed") == ("chair", "trust")
    assert pack("sholing").signers_of("ban_varied") == ("head", "chair", "trust")
    assert pack("oakmoor").signers_of("ban_confirmed") == ("head", "chair", "trust")
    assert pack("oakmoor").signers_of("plan_outcome") == ("senior", "head", "chair", "trust")


# --- questions that a pack answers


def test_the_level_of_a_response_is_counted_from_one():
    made = pack("kingsley")
    assert [made.level_of(r) for r in ("meeting", "channel_block", "site_ban")] == [1, 2, 3]
    assert made.level_of("communication_plan") is None
    assert made.level_of("mediation") is None


def test_above_the_top_level_the_top_stays():
    assert pack("all_saints").responses_at(1) == ("meeting", "warning_letter")
    assert pack("all_saints").responses_at(2) == ("site_ban",)
    assert pack("all_saints").responses_at(3) == ("site_ban",)


@pytest.mark.parametrize("key", KEYS)
def test_a_pack_offers_its_rungs_and_every_side_branch_and_no_more(key):
    expected = {response for level in LEVELS[key] for response in level} | set(SIDE_BRANCHES)
    assert {r for r in (*RUNGS, *SIDE_BRANCHES, *REFERRALS, "detention") if pack(key).offers(r)} == expected


def test_every_name_has_a_plain_label():
    assert set(RESPONSE_LABELS) == {*RUNGS, *SIDE_BRANCHES, *REFERRALS}
    assert set(ROUTES.values()) <= set(RESPONSE_LABELS)
    assert RESPONSE_LABELS["communication_plan"] == "Restricted communication plan"
    assert pack("sholing").practice[0].label == "Gather information and speak to the person"


def test_clauses_are_listed_by_kind_and_by_group():
    made = pack("kingsley")
    assert [c.id for c in made.clause_list("expectation")] == ["E01", "E02", "E03", "E04", "E06", "E07", "E16"]
    groups = dict(made.clause_groups())
    assert [c.id for c in groups["Alcohol and drugs and smoking"]] == ["U28", "U29", "U30", "U42"]
    assert sum(len(listed) for listed in groups.values()) == len(made.clause_list())


def test_a_clause_keeps_its_row():
    clause = clauses()["U16"]
    assert (clause.kind, clause.group, clause.usual_severity) == (
        "unacceptable",
        "Messages and correspondence",
        "serious",
    )
    assert clause.routes == ("police_referral", "channel_block")
    assert clause.sources == ("sholing", "kingsley", "burton_joyce", "oakmoor", "all_saints")
    assert clauses()["U14"].sources == ("kingsley", "burton_joyce", "all_saints")


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ((), "minor"),
        (("E01",), "minor"),
        (("U01",), "minor"),
        (("U01", "U05"), "serious"),
        (("U06", "U05"), "criminal"),
    ],
)
def test_the_usual_severity_of_several_clauses_is_the_highest(ids, expected):
    assert usual_severity(ids) == expected
    assert pack("combined").usual_severity(ids) == expected


def test_the_severity_of_an_unknown_clause_is_an_error():
    with pytest.raises(KeyError):
        usual_severity(["U99"])


def test_clauses_suggest_routes_as_far_as_the_pack_offers_them():
    assert pack("kingsley").routes_of(["U16"]) == ("police_referral", "channel_block")
    assert pack("sholing").routes_of(["U16", "U05", "U22"]) == ("police_referral", "legal_advice", "post_removal")


# --- reading


def test_a_pack_is_read_once():
    assert pack("sholing") is pack("sholing")
    assert packs()["sholing"] is pack("sholing")


def test_a_pack_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        pack("sholing").decider = "chair"
    with pytest.raises(TypeError):
        pack("sholing").titles["head"] = "Rector"


@pytest.mark.parametrize("key", ["hogwarts", "../settings", ""])
def test_a_pack_that_does_not_exist_is_refused_with_those_that_do(key):
    with pytest.raises(PackError, match="there is no such pack") as caught:
        pack(key)
    assert caught.value.file == f"{key}.toml"
    assert caught.value.reason.endswith("(there are combined, all_saints, burton_joyce, kingsley, oakmoor, sholing)")


def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path):
    (tmp_path / "ours.toml").write_text("[policy\n", encoding="utf-8")
    with pytest.raises(PackError, match=r"^ours\.toml: cannot be read \("):
        read_tables(tmp_path / "ours.toml")


def test_a_file_that_is_not_there_or_not_text_is_refused_by_name(tmp_path):
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    for name in ("absent", "bytes"):
        with pytest.raises(PackError, match=rf"^{name}\.toml: cannot be read \("):
            read_tables(tmp_path / f"{name}.toml")


def test_a_new_file_with_the_right_keys_is_a_pack():
    made = build_pack("ours", read_tables(PACK_DIR / "oakmoor.toml"), file="ours.toml")
    assert (made.key, made.levels) == ("ours", LEVELS["oakmoor"])


# --- every key in turn


@pytest.mark.parametrize(("key", "path"), places())
def test_a_pack_without_one_of_its_keys_is_refused(key, path):
    error = refusal(changed(key, path, lambda table, name: table.pop(name)), key)
    assert (error.file, error.key, error.reason) == (f"{key}.toml", dotted(path), "is missing")


@pytest.mark.parametrize(("key", "path"), places())
def test_a_pack_with_a_value_of_the_wrong_type_is_refused(key, path):
    error = refusal(with_value(key, path, 1.5), key)
    assert (error.file, error.key) == (f"{key}.toml", dotted(path))


@pytest.mark.parametrize(("key", "path"), places(lambda value: isinstance(value, list)))
def test_a_text_in_place_of_a_list_is_refused(key, path):
    error = refusal(with_value(key, path, "head"), key)
    assert error.key == dotted(path)
    assert error.reason.startswith("must be a list")


@pytest.mark.parametrize(("key", "path"), places(lambda value: isinstance(value, list) and value))
def test_a_list_with_an_entry_of_the_wrong_type_or_one_entry_twice_is_refused(key, path):
    error = refusal(changed(key, path, lambda table, name: table[name].append(1.5)), key)
    assert error.key.startswith(f"{dotted(path)}[")
    twice = refusal(changed(key, path, lambda table, name: table[name].append(table[name][0])), key)
    assert twice.key.startswith(f"{dotted(path)}[")
    assert twice.reason.endswith("stands there twice")


@pytest.mark.parametrize(("key", "path"), places(lambda value: isinstance(value, dict)))
def test_a_key_that_the_program_does_not_know_is_refused(key, path):
    error = refusal(with_value(key, (*path, "colour"), "red"), key)
    assert (error.key, error.reason) == (f"{dotted(path)}.colour", "is not a known key")


@pytest.mark.parametrize(("key", "path"), places(lambda value: isinstance(value, int) and not isinstance(value, bool)))
def test_a_negative_number_or_a_yes_in_place_of_a_number_is_refused(key, path):
    for value in (-1, True, "10"):
        error = refusal(with_value(key, path, value), key)
        assert error.key == dotted(path)
        assert error.reason.startswith("must be a whole number of at least ")


def test_a_table_that_the_program_does_not_know_is_refused():
    error = refusal({**FILES["sholing"], "colours": {}})
    assert (error.key, error.reason) == ("colours", "is not a known key")


# --- values that no pack can have


@pytest.mark.parametrize(
    ("place", "value", "key", "reason"),
    [
        ("policy.title", " ", "policy.title", "must be a text, and not an empty one"),
        ("reach.agreement_asked", "yes", "reach.agreement_asked", "must be true or false"),
        ("code.common", ["U05", "U99"], "code.common[2]", "'U99' is not a clause of the combined code"),
        ("code.common", ["U05", "U07"], "code.common", "holds U07, no unacceptable conduct here"),
        ("code.common", ["E01"], "code.common", "holds E01, no unacceptable conduct here"),
        ("code.significant_clauses", ["U14"], "code.significant_clauses", "names U14, which the pack does not hold"),
        (
            "ladder.levels",
            [["meeting", "detention"]],
            "ladder.levels[1][2]",
            "'detention' is not a known formal response (there are meeting, warning_letter, communication_plan, "
            "channel_block, vexatious_notice, site_ban)",
        ),
        ("ladder.levels", [["meeting"], []], "ladder.levels[2]", "must be a list of at least 1"),
        ("ladder.levels", [["meeting", "meeting"]], "ladder.levels[1][2]", "'meeting' stands there twice"),
        (
            "ladder.levels",
            [["meeting", "warning_letter"], ["communication_plan", "meeting"], ["site_ban"]],
            "ladder.levels",
            "names meeting more than once",
        ),
        (
            "decision.confirmers",
            ["governor"],
            "decision.confirmers[1]",
            "'governor' is not a known role that decides (there are head, chair, trust)",
        ),
        ("decision.confirmers", [], "decision.confirmers", "must be a list of at least 1"),
        ("decision.confirmers", ["head"], "decision.confirmers", "head may not sign a confirmation"),
        (
            "decision.decider",
            "chair",
            "decision.decider",
            "'chair' is not a known role that decides a response (there are head)",
        ),
        (
            "decision.signing_exceptions",
            [{"letters": ["ban_not_confirmed"], "roles": ["head", "chair"]}],
            "decision.confirmers",
            "trust may not sign a confirmation",
        ),
        (
            "decision.signing_exceptions",
            [{"letters": ["ban_varied"], "roles": ["head", "trust"]}],
            "decision.confirmers",
            "chair may not sign a confirmation",
        ),
        (
            "decision.consult_ban",
            ["head"],
            "decision.consult_ban[1]",
            "'head' is not a known role that can be consulted (there are chair, trust)",
        ),
        (
            "decision.significant_reports",
            [],
            "decision.significant_reports",
            "names nobody, though some clauses are always significant",
        ),
        ("decision.signers", ["chair"], "decision.signers", "leaves out head, who decides"),
        (
            "decision.signing_exceptions",
            [{"letters": ["warning"], "roles": ["head"]}, {"letters": ["warning"], "roles": ["chair"]}],
            "decision.signing_exceptions",
            "names warning more than once",
        ),
        ("timers.decision_school_days", 0, "timers.decision_school_days", "must be a whole number of at least 1"),
        (
            "timers.provisional_alert_days",
            45,
            "timers.provisional_alert_days",
            "must be less than provisional_max_days, or the alert comes after the ban has lapsed",
        ),
        (
            "timers.review_reminders",
            [1, 20],
            "timers.review_reminders",
            "must run from the earliest reminder to the last",
        ),
        (
            "timers.plan_review_months",
            7,
            "timers.plan_review_months",
            "must not be more than plan_max_months, or a plan ends before its review",
        ),
        (
            "timers.representations_business_days",
            33,
            "timers.representations_business_days",
            "must fit into provisional_max_days (five a week), or a ban lapses before the person is heard",
        ),
        (
            "practice",
            [{"about": "channel_block", "text": "Blocked."}],
            "practice",
            "names channel_block, which the ladder does not have",
        ),
        (
            "practice",
            [{"about": "meeting", "text": "One."}, {"about": "meeting", "text": "Two."}],
            "practice",
            "names meeting more than once",
        ),
        (
            "flowchart",
            [{"when": "Always", "then": "Nothing", "lit_by": ["vexatious_notice"]}],
            "flowchart",
            "names vexatious_notice, which the ladder does not have",
        ),
        (
            "special_rules",
            [{"text": "Of another policy", "clauses": ["U14"]}],
            "special_rules",
            "names U14, which the pack does not hold",
        ),
        (
            "contact",
            [{"method": "email", "serves": ["office"]}, {"method": "email", "serves": ["senior"]}],
            "contact",
            "names email more than once",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_its_reason(place, value, key, reason):
    error = refusal(with_value("sholing", tuple(place.split(".")), value))
    assert (error.file, error.key, error.reason) == ("sholing.toml", key, reason)
    assert str(error) == f"sholing.toml: {key}: {reason}"


@pytest.mark.parametrize("clause_id", EVERY_PACK_HOLDS)
def test_a_pack_without_a_clause_that_every_pack_holds_is_refused(clause_id):
    data = changed("sholing", ("code", "clauses"), lambda table, name: table[name].remove(clause_id))
    error = refusal(data)
    assert (error.key, error.reason) == ("code.clauses", f"lacks {clause_id}, which every pack holds")


@pytest.mark.parametrize("place", ["consult_ban", "first_ban_limit_days"])
def test_a_setting_about_a_ban_needs_a_ban_in_the_ladder(place):
    data = with_value("sholing", ("ladder", "levels"), [["meeting", "warning_letter"], ["communication_plan"]])
    data["decision"] |= {"consult_ban": [], "first_ban_limit_days": 0}
    data["decision"][place] = FILES["combined"]["decision"][place]
    error = refusal(data)
    assert (error.key, error.reason) == (f"decision.{place}", "is about a ban, which the ladder does not have")


@pytest.mark.parametrize(
    ("path", "known"),
    [
        (("practice", 0, "about"), PRACTICE_LABELS),
        (("flowchart", 0, "lit_by", 0), FLOW_LABELS),
        (("contact", 0, "method"), CONTACT_METHODS),
        (("contact", 0, "serves", 0), CONTACT_PURPOSES),
    ],
)
def test_an_unknown_name_is_refused_with_the_names_that_there_are(path, known):
    error = refusal(with_value("sholing", path, "pigeon"))
    assert error.key == dotted(path)
    assert error.reason.endswith(f"(there are {', '.join(known)})")


def test_timers_that_a_school_sets_are_checked_like_those_of_a_pack():
    assert dataclasses.replace(Timers(), decision_school_days=7).decision_school_days == 7
    with pytest.raises(ValueError, match="decision_school_days: must be a whole number of at least 1"):
        dataclasses.replace(Timers(), decision_school_days=-1)
    with pytest.raises(ValueError, match="plan_review_months: must not be more than plan_max_months"):
        dataclasses.replace(Timers(), plan_review_months=9)


# --- the file of clauses


@pytest.mark.parametrize(
    ("row", "key", "reason"),
    [
        (",unacceptable,Online,Words,minor,,1", "line 2, id", "must be a text, and not an empty one"),
        ("U01,rule,Online,Words,minor,,1", "line 2, kind", "'rule' is not a known kind of clause"),
        ("U01,unacceptable,Online,Words,grave,,1", "line 2, usual_severity", "'grave' is not a known severity"),
        ("U01,unacceptable,Online,Words,,,1", "line 2, usual_severity", "must be given for unacceptable conduct"),
        ("E01,expectation,Values,Words,minor,,1", "line 2, usual_severity", "must be given for unacceptable conduct"),
        ("U01,unacceptable,Online,Words,minor,prison,1", "line 2, routes[1]", "'prison' is not a known route"),
        ("U01,unacceptable,Online,Words,minor,,yes", "line 2, sholing", "'yes' is not a known mark"),
        ("U01,unacceptable,Online", "line 2, sholing", "None is not a known mark"),
        ("U01,unacceptable,Online,Words,minor,,1,1", "line 2, one column too many", "is not a known key"),
        ("U01,unacceptable,A,B,minor,,1\nU01,unacceptable,A,B,minor,,1", "line 3, id", "U01 stands there twice"),
    ],
)
def test_a_malformed_clause_is_refused_with_its_line(tmp_path, row, key, reason):
    (tmp_path / "clauses.csv").write_text(f"{COLUMN_HEADS}\n{row}\n", encoding="utf-8")
    with pytest.raises(PackError) as caught:
        read_clauses(tmp_path / "clauses.csv")
    assert (caught.value.file, caught.value.key) == ("clauses.csv", key)
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize("heads", ["", "id,kind,wording", "kind,id,group,wording,usual_severity,routes,sholing"])
def test_a_file_of_clauses_with_other_columns_is_refused(tmp_path, heads):
    (tmp_path / "clauses.csv").write_text(f"{heads}\n", encoding="utf-8")
    with pytest.raises(PackError, match="must begin with the columns id, kind, group, wording, usual_severity, routes"):
        read_clauses(tmp_path / "clauses.csv")
