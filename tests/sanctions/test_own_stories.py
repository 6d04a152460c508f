"""The project's own stories: each holds, and together they refuse and meet every rule under every pack that has it.

What a rule needs before it can refuse at all, and which verbs check it, stands here as data, from rules.md and
rehearsal.md. Each file lies in the folder of its pack and is named for what it is about.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

import pytest

from conduct import code
from sanctions import ladder, rehearsal, story

STORIES = Path(__file__).parents[1] / "stories"
FILES = sorted(STORIES.glob("*/*.yaml"))
PACKS = ("sholing", "kingsley", "burton_joyce", "oakmoor", "all_saints", "combined")

# -- which rules there are, which verbs check them, and which packs have them -------------------------------------

EVERY_VERB = frozenset(story.VERBS) - story.NOBODY_DOES
BAN_TERMS = frozenset({"decide", "confirm", "vary", "review"})
CHECKED_BY: dict[str, frozenset[str]] = {
    "not-permitted": EVERY_VERB,
    "wrong-state": EVERY_VERB,
    "not-in-pack": frozenset({"log_incident"}),
    "not-offered": frozenset({"propose"}),
    "police-first": frozenset({"propose", "decide"}),
    "facts-first": frozenset({"propose", "find"}),
    "skip-needs-reason": frozenset({"propose"}),
    "lesser-options": frozenset({"propose"}),
    "one-live-ban": frozenset({"propose"}),
    "no-second-provisional": frozenset({"propose"}),
    "consult-first": frozenset({"decide"}),
    "two-people": frozenset({"decide"}),
    "nothing-upheld": frozenset({"decide", "confirm", "vary"}),
    "own-cause": frozenset(
        {"consult", "decide", "sign_off", "find", "answer", "confirm", "vary", "not_confirm", "review"}
    ),
    "letter-first": frozenset(
        {"tell", "represent", "answer", "confirm", "vary", "not_confirm", "hold_meeting", "log_contact"}
    ),
    "hear-first": frozenset({"represent", "confirm", "vary"}),
    "dated": BAN_TERMS | {"issue_letter"},
    "first-ban-limited": frozenset({"confirm", "vary"}),
    "long-ban-sign-off": frozenset({"confirm", "vary", "review"}),
    "contact-route": BAN_TERMS,
    "never-cut-off": BAN_TERMS,
    "child-plan": BAN_TERMS,
    "equality-considered": BAN_TERMS,
    "right-decider": frozenset({"confirm", "vary", "not_confirm"}),
    "reviewer-differs": frozenset({"review"}),
    "review-in-time": frozenset({"review"}),
    "extension-reasons": frozenset({"review"}),
    "close-needs-end": frozenset({"close_case"}),
    "letter-complete": frozenset({"issue_letter"}),
    "one-recipient": frozenset({"issue_letter"}),
    "no-third-parties": frozenset({"issue_letter"}),
    "signer-allowed": frozenset({"issue_letter"}),
    "issued-is-final": frozenset({"issue_letter"}),
}
# The packs under which a rule can never refuse, and why.
NEVER_UNDER: dict[str, dict[str, str]] = {
    "not-in-pack": {"combined": "the combined code holds every clause"},
    "not-offered": {"combined": "its ladder has every formal response"},
    "consult-first": {
        "burton_joyce": "its policy names nobody to consult",
        "oakmoor": "its policy names nobody to consult",
    },
    "first-ban-limited": {
        "sholing": "a first ban has no limit of its own",
        "kingsley": "a first ban has no limit of its own",
        "all_saints": "a first ban has no limit of its own",
    },
}
# What a response that is no ban adds: the rules that its decision and its review must show under each pack that has it.
RULES_OF_RESPONSES: dict[str, frozenset[str]] = {
    "communication_plan": frozenset(
        {
            *("skip-needs-reason", "nothing-upheld", "contact-route", "child-plan", "never-cut-off", "dated"),
            *("equality-considered", "letter-first", "reviewer-differs"),
        }
    ),
    "channel_block": frozenset({"skip-needs-reason", "nothing-upheld", "never-cut-off", "dated", "reviewer-differs"}),
    "vexatious_notice": frozenset({"nothing-upheld", "never-cut-off", "dated", "reviewer-differs"}),
    "meeting": frozenset({"letter-first", "letter-complete"}),
}
# The tasks that an act or a tick opens, under the packs that have them.
NOTICES = {"trust_notice", "chair_notice"}
TASKS_OF_EVERY_PACK = {
    *("police", "legal", "repeat_review"),
    *("decision_due", "decision_overdue", "provisional_alert", "review_due"),
}
TASKS_OF: dict[str, set[str]] = {
    pack: TASKS_OF_EVERY_PACK
    | (NOTICES if code.pack(pack).significant_reports else set())
    | ({"plan_review"} if {"communication_plan", "channel_block"} & set(code.pack(pack).rungs) else set())
    for pack in PACKS
}


def rules_of(pack: str) -> list[str]:
    return sorted(rule for rule in CHECKED_BY if pack not in NEVER_UNDER.get(rule, {}))


# -- each holds ---------------------------------------------------------------------------------------------------


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@cache
def read(path: Path) -> story.Story:
    return story.read(path)


@pytest.mark.django_db
@pytest.mark.usefixtures("quick_letters")
@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_story_of_the_projects_own_holds(path):
    told = rehearsal.play(read(path))
    assert [step for step in told["steps"] if not step["holds"]] == []
    assert told["holds"] is True


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_story_lies_in_the_folder_of_its_pack(path):
    assert read(path).pack == path.parent.name


# -- every rule, under every pack that has it ---------------------------------------------------------------------


@lru_cache(maxsize=1)
def stories_of() -> dict[str, list[story.Story]]:
    """Every story by its pack. That each step turns out as it says is what the test above holds them to."""
    found = defaultdict(list)
    for path in FILES:
        found[read(path).pack].append(read(path))
    return found


def about(told: story.Story) -> Iterator[tuple[story.StoryStep, set[str], str]]:
    """Each step with what it is about — its measure or incident, and the person — and the response that is at stake."""
    person: dict[str, str] = {}
    response: dict[str, str] = {}
    for step in told.steps:
        of = next((step.fields[key] for key in ("measure", "incident") if key in step.fields), None)
        if step.verb in story.NOBODY_DOES:
            continue
        whom = step.fields["subject"] if "subject" in step.fields else person[of]
        if "as" in step.fields:
            person[step.fields["as"]] = whom
            response[step.fields["as"]] = step.fields.get("response", "")
        what = step.fields.get("response") or response.get(of or "", "")
        yield step, {f"person {whom}", f"made {of or step.fields.get('as')}"}, what


def shown(pack: str, response: str | None = None) -> set[str]:
    """The rules that refuse a step and that a later one, about the same measure or person, has met."""
    found = set()
    for told in stories_of()[pack]:
        refused: dict[str, set[str]] = defaultdict(set)
        for step, concerned, at_stake in about(told):
            if response is not None and at_stake != response:
                continue
            if step.refused:
                for rule in step.refused:
                    refused[rule] |= concerned
                continue
            found |= {rule for rule, whom in refused.items() if step.verb in CHECKED_BY[rule] and whom & concerned}
    return found


@pytest.mark.parametrize("pack", PACKS)
def test_every_rule_that_a_pack_has_is_refused_once_and_met_once(pack):
    assert sorted(shown(pack)) == rules_of(pack)


OFFERED = [(pack, response) for pack in PACKS for response in RULES_OF_RESPONSES if response in code.pack(pack).rungs]


@pytest.mark.parametrize(("pack", "response"), OFFERED)
def test_the_rules_of_a_response_are_refused_and_met_under_every_pack_that_offers_it(pack, response):
    assert RULES_OF_RESPONSES[response] - shown(pack, response) == set()


@pytest.mark.parametrize("pack", PACKS)
def test_the_stories_refuse_by_no_rule_that_a_pack_cannot_have(pack):
    refused = {rule for told in stories_of()[pack] for step in told.steps for rule in step.refused}
    assert refused - set(rules_of(pack)) == set()


@pytest.mark.parametrize("pack", PACKS)
def test_every_prompt_that_a_pack_has_is_expected_once(pack):
    expected = {
        task
        for told in stories_of()[pack]
        for step in told.steps
        if step.verb == "expect"
        for tasks in (step.fields.get("open_tasks") or {}).values()
        for task in tasks
    }
    assert TASKS_OF[pack] - expected == set()
    assert expected & NOTICES == TASKS_OF[pack] & NOTICES


@pytest.mark.parametrize("pack", PACKS)
def test_every_pack_plays_a_breach_of_a_ban(pack):
    """Logged on the site with another clause, and the police and legal tasks are open after it."""
    assert any(
        {"police", "legal"} <= set(tasks)
        for told in stories_of()[pack]
        if any(step.verb == "tell" for step in told.steps)
        for step in told.steps
        if step.verb == "expect"
        for tasks in (step.fields.get("open_tasks") or {}).values()
    )


def test_the_rules_named_here_are_those_of_the_ladder():
    known = {guard.rule for guard in ladder.GUARDS.values()} | {"not-permitted", "wrong-state", "not-in-pack"}
    of_screens = {"approved-as-it-stands"}  # in a story whoever signs a letter does so as it is issued
    assert set(CHECKED_BY) | of_screens == known
