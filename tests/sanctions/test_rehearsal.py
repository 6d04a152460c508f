"""Rehearsals: the stories hold, a story that does not is told so, and a malformed one names its file, line and field."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sanctions import rehearsal, story

ROOT = Path(__file__).parents[2]
STORIES = ROOT / "sanctions" / "rehearsals"
HOLDING = [
    "sholing-serious-on-site",
    "combined-on-site-while-banned",
    "burton-joyce-three-steps",
    "all-saints-head-is-the-victim",
]
HEAD = """story: A story
pack: sholing
closures: ["2026-02-16/2026-02-20"]
people:
  alex: {relation: parent, address: "1 High Street", pupils: [robin]}
staff: {olive: [office], hari: [head], cora: [chair], tess: [trust], adam: [admin]}
steps:
"""
LOG = (
    "  - {at: 2026-03-02 08:50, by: olive, log_incident: {as: i1, subject: alex, clauses: [U03], place: site, "
    'narrative: "Shouted."}}\n'
)
PROPOSE = "  - {at: 2026-03-02 09:00, by: olive, propose: {as: ban, subject: alex, response: site_ban, opening: provisional}}\n"


def played(text: str) -> dict:
    return rehearsal.play(story.parse(text, "story.yaml"))


@pytest.mark.django_db
@pytest.mark.usefixtures("quick_letters")
@pytest.mark.parametrize("name", HOLDING)
def test_a_story_of_the_trust_holds(name):
    told = rehearsal.play(story.read(STORIES / f"{name}.yaml"))
    assert [step for step in told["steps"] if not step["holds"]] == []
    assert told["holds"] is True


# -- stories that do not hold -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_refusal_that_was_not_expected_does_not_hold():
    told = played(HEAD + LOG + PROPOSE)
    assert told["holds"] is False
    assert told["steps"][1] == {
        "n": 2,
        "verb": "propose",
        "outcome": "refused",
        "rules": ["lesser-options", "skip-needs-reason"],
        "holds": False,
        "detail": told["steps"][1]["detail"],
    }


@pytest.mark.django_db
def test_an_expected_refusal_that_does_not_come_does_not_hold():
    told = played(HEAD + LOG.replace("}}\n", "}, refused: [not-in-pack]}\n"))
    assert (told["holds"], told["steps"][0]["outcome"]) == (False, "ok")


@pytest.mark.django_db
def test_refused_is_exact():
    told = played(HEAD + LOG + PROPOSE.replace("}}\n", "}, refused: [lesser-options]}\n"))
    assert told["steps"][1]["holds"] is False


@pytest.mark.django_db
def test_a_step_about_what_was_never_made_does_not_hold_and_the_story_goes_on():
    decide = "  - {at: 2026-03-02 09:10, by: hari, decide: {measure: ban, outcome: approve}}\n"
    expect = "  - {at: 2026-03-02 09:20, expect: {measure: {ban: {state: decided}}}}\n"
    quiet = "  - {at: 2026-03-02 09:30, expect: {case: {alex: open}}}\n"
    told = played(HEAD + LOG + PROPOSE + decide + expect + quiet)
    assert [s["holds"] for s in told["steps"]] == [True, False, False, False, True]
    assert told["steps"][2]["rules"] == ["wrong-state"]


@pytest.mark.django_db
def test_what_is_expected_is_compared_and_told():
    told = played(HEAD + LOG + "  - {at: 2026-03-02 09:00, expect: {case: {alex: closed}, gate: {alex: clear}}}\n")
    assert told["steps"][1]["detail"] == "case alex: expected closed, is open"


@pytest.mark.django_db
def test_a_refused_step_changes_nothing():
    told = played(
        HEAD + LOG + PROPOSE + "  - {at: 2026-03-02 09:30, expect: {open_tasks: {alex: []}, letters: {alex: []}}}\n"
    )
    assert told["steps"][2]["holds"] is True


# -- malformed stories --------------------------------------------------------------------------------------------

STEP = "  - {at: 2026-03-02 09:00, by: olive, "
MALFORMED = {
    "no mapping": ("- a list", 1, "story"),
    "no YAML": ("story: [", 1, "YAML"),
    "a key given twice": ("story: A\nstory: B\n", 2, "YAML"),
    "a key that is a list": ("story: A\n? [a]\n: b\n", 2, "YAML"),
    "a number without end": (HEAD.replace("story: ", "story: 0x" + "f" * 5000 + " #") + LOG, 1, "story"),
    "an unknown key": (HEAD.replace("story:", "title: x\nstory:") + LOG, 1, "title"),
    "no pack": (HEAD.replace("pack: sholing\n", "") + LOG, 1, "pack"),
    "an unknown pack": (HEAD.replace("sholing", "shoaling") + LOG, 2, "pack"),
    "a pack that is a list": (HEAD.replace("pack: sholing", "pack: [sholing]") + LOG, 2, "pack"),
    "a closure that is no interval": (HEAD.replace("2026-02-16/2026-02-20", "2026-02-16") + LOG, 3, "closures"),
    "an unknown relation": (HEAD.replace("parent", "neighbour") + LOG, 5, "relation"),
    "a relation that is a list": (HEAD.replace("relation: parent", "relation: [parent]") + LOG, 5, "relation"),
    "an unknown role": (HEAD.replace("[office]", "[janitor]") + LOG, 6, "olive"),
    "steps that are no list": (HEAD.replace("steps:\n", "steps: {}\n"), 7, "steps"),
    "an unknown verb": (HEAD + STEP + "shout: {}}\n", 8, "shout"),
    "no verb": (HEAD + "  - {at: 2026-03-02 09:00, by: olive}\n", 8, "at"),
    "two verbs": (HEAD + STEP + "tell: {measure: x, how: y}, answer: {}}\n", 8, "answer"),
    "an unknown field": (HEAD + LOG.replace("narrative:", "colour: red, narrative:"), 8, "colour"),
    "a missing field": (HEAD + LOG.replace("place: site, ", ""), 8, "place"),
    "an unknown clause": (HEAD + LOG.replace("U03", "U99"), 8, "clauses"),
    "clauses left empty": (HEAD + LOG.replace("clauses: [U03]", "clauses: "), 8, "clauses"),
    "an unknown place": (HEAD + LOG.replace("site", "moon"), 8, "place"),
    "a place that is a list": (HEAD + LOG.replace("place: site", "place: [site]"), 8, "place"),
    "a subject that is nobody": (HEAD + LOG.replace("subject: alex", "subject: max"), 8, "subject"),
    "a subject that is a list": (HEAD + LOG.replace("subject: alex", "subject: [alex]"), 8, "subject"),
    "somebody who is no staff": (HEAD + LOG.replace("by: olive", "by: nobody"), 8, "by"),
    "a list of staff": (HEAD + LOG.replace("by: olive", "by: [olive]"), 8, "by"),
    "nobody who acts": (HEAD + LOG.replace("by: olive, ", ""), 8, "by"),
    "somebody who ticks": (HEAD + STEP + "tick: {}}\n", 8, "by"),
    "no time": (HEAD + LOG.replace("at: 2026-03-02 08:50, ", ""), 8, "at"),
    "a time that is none": (HEAD + LOG.replace("2026-03-02 08:50", "tomorrow"), 8, "at"),
    "a time with a zone": (HEAD + LOG.replace("2026-03-02 08:50", '"2026-03-02T08:50:00Z"'), 8, "at"),
    "a time out of order": (HEAD + LOG + "  - {at: 2026-03-01 09:00, tick: {}}\n", 9, "at"),
    "a flag that is a word": (HEAD + LOG.replace("place:", "danger: perhaps, place:"), 8, "danger"),
    "a measure never made": (HEAD + STEP + "tell: {measure: ban, how: x}}\n", 8, "measure"),
    "an incident for a measure": (HEAD + LOG + STEP + "tell: {measure: i1, how: x}}\n", 9, "measure"),
    "neither text nor attempt": (HEAD + LOG + STEP + "record_account: {incident: i1, of: staff}}\n", 9, "text"),
    "an attempt at a member of staff": (
        HEAD + LOG + STEP + "record_account: {incident: i1, of: staff, attempted: Rang}}\n",
        9,
        "attempted",
    ),
    "a reason for not asking lawyers": (
        HEAD + LOG + "  - {at: 2026-03-02 09:00, by: hari, refer: {subject: alex, to: legal, not_because: Small}}\n",
        9,
        "not_because",
    ),
    "nothing upheld and no reason": (HEAD + LOG + STEP + "find: {incident: i1, upheld: []}}\n", 9, "reason"),
    "a ban without its opening": (HEAD + LOG + PROPOSE.replace(", opening: provisional", ""), 9, "opening"),
    "an unknown response": (HEAD + LOG + PROPOSE.replace("site_ban", "pillory"), 9, "response"),
    "a date that is none": (
        HEAD
        + LOG
        + PROPOSE
        + "  - {at: 2026-03-02 09:10, by: hari, decide: {measure: ban, outcome: approve, terms: {starts: soon}}}\n",
        10,
        "starts",
    ),
    "an unknown term": (
        HEAD
        + LOG
        + PROPOSE
        + "  - {at: 2026-03-02 09:10, by: hari, decide: {measure: ban, outcome: approve, terms: {begin: x}}}\n",
        10,
        "begin",
    ),
    "an unknown outcome": (
        HEAD + LOG + PROPOSE + "  - {at: 2026-03-02 09:10, by: hari, decide: {measure: ban, outcome: perhaps}}\n",
        10,
        "outcome",
    ),
    "a sign-off without a date": (
        HEAD + LOG + PROPOSE + "  - {at: 2026-03-02 09:10, by: cora, sign_off: {measure: ban, until: }}\n",
        10,
        "until",
    ),
    "a handover of no known pupil": (
        HEAD
        + LOG
        + PROPOSE
        + "  - {at: 2026-03-02 09:10, by: hari, decide: {measure: ban, outcome: approve, terms: {handover: {max: Gran}}}}\n",
        10,
        "max",
    ),
    "an unknown check": (HEAD + "  - {at: 2026-03-02 09:10, expect: {weather: fine}}\n", 8, "weather"),
    "an unknown check of a measure": (
        HEAD + LOG + PROPOSE + "  - {at: 2026-03-02 09:10, expect: {measure: {ban: {colour: red}}}}\n",
        10,
        "colour",
    ),
    "nobody to look at": (HEAD + "  - {at: 2026-03-02 09:10, expect: {gate: {max: clear}}}\n", 8, "max"),
    "refused rules that are no list": (HEAD + LOG.replace("}}\n", "}, refused: not-in-pack}\n"), 8, "refused"),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_story_names_its_file_line_and_field(what):
    text, line, field = MALFORMED[what]
    with pytest.raises(story.Unreadable) as told:
        story.parse(text, "some/where.yaml")
    assert str(told.value).startswith(f"some/where.yaml: line {line}: {field}: ")


def test_a_file_that_is_not_there_is_unreadable(tmp_path):
    with pytest.raises(story.Unreadable, match=r"none\.yaml: line 0: file: "):
        story.read(tmp_path / "none.yaml")


def test_a_file_of_bytes_is_unreadable(tmp_path):
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(story.Unreadable, match=r"bytes\.yaml: line 0: file: is not text in UTF-8"):
        story.read(tmp_path / "bytes.yaml")


def test_of_a_doubled_hour_the_first():
    told = story.parse(HEAD + "  - {at: 2026-10-25 01:30, tick: {}}\n", "story.yaml")
    assert told.steps[0].at.utcoffset().total_seconds() == 3600


# -- the command itself -------------------------------------------------------------------------------------------


def rehearse(*files: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", "rehearse", *map(str, files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_one_line_a_story_and_nothing_else(tmp_path):
    (tmp_path / "good.yaml").write_text(HEAD + LOG)
    (tmp_path / "bad.yaml").write_text(HEAD + LOG + PROPOSE)
    told = rehearse(tmp_path / "good.yaml", tmp_path / "bad.yaml")
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert [(line["story"], line["holds"]) for line in lines] == [("A story", True), ("A story", False)]
    assert told.returncode == 1


def test_the_command_exits_with_2_for_a_malformed_story_and_prints_none(tmp_path):
    (tmp_path / "good.yaml").write_text(HEAD + LOG)
    (tmp_path / "odd.yaml").write_text(HEAD + LOG.replace("U03", "U99"))
    told = rehearse(tmp_path / "good.yaml", tmp_path / "odd.yaml")
    assert (told.returncode, told.stdout) == (2, "")
    assert f"{tmp_path / 'odd.yaml'}: line 8: clauses: U99" in told.stderr


def test_the_command_exits_with_0_when_every_story_holds():
    told = rehearse(STORIES / "all-saints-head-is-the-victim.yaml")
    assert told.returncode == 0
    assert json.loads(told.stdout)["holds"] is True
