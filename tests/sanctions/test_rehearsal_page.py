"""The rehearsal page: a story is played in a process of its own, and what came of it is read as a table."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from html import unescape

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conduct.models import AuditRow
from sanctions import story
from sanctions.rehearsals import playing, words
from sanctions.rehearsals.examples import examples
from sanctions.rehearsals.playing import Played
from sanctions.rehearsals.result import Result
from sanctions.standing import Refused
from tests.factories import STAFF, at

PAGE = "/rehearsal/"
HEAD = """story: A story
pack: sholing
people:
  alex: {relation: parent, address: "1 High Street", pupils: [robin]}
staff: {olive: [office], hari: [head, senior]}
steps:
"""
LOG = (
    "  - {at: 2026-03-02 08:50, by: olive, log_incident: {as: i1, subject: alex, clauses: [U03], place: site, "
    'narrative: "Shouted."}}\n'
)
PROPOSE = "  - {at: 2026-03-02 09:00, by: olive, propose: {as: ban, subject: alex, response: site_ban, opening: provisional}}\n"
GOOD = HEAD + LOG
NOT_HOLDING = HEAD + LOG + PROPOSE + "  - {at: 2026-03-02 09:10, expect: {case: {alex: closed}, gate: {alex: clear}}}\n"
UNKNOWN_CLAUSE = HEAD + LOG.replace("U03", "U99")
EXAMPLES = [
    "all-saints-head-is-the-victim.yaml",
    "burton-joyce-three-steps.yaml",
    "combined-on-site-while-banned.yaml",
    "kingsley-chair-on-every-action.yaml",
    "oakmoor-online-and-plan.yaml",
    "sholing-serious-on-site.yaml",
]


@pytest.fixture
def tess(world, client_of) -> Client:
    """The trust, signed in."""
    return client_of(world.tess)


@pytest.fixture
def child(settings):
    """Puts a small program of its own in the place of the command: child("print(1)", seconds=60)."""

    def set_to(program: str, seconds: float = 60) -> None:
        settings.REHEARSAL_COMMAND = [sys.executable, "-c", program]
        settings.REHEARSAL_SECONDS = seconds

    return set_to


def play(client: Client, text: str, **more: object):
    return client.post(PAGE, {"text": text, "play_text": "1", **more})


def upload(client: Client, name: str, content: bytes, text: str = ""):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content), "text": text, "play_file": "1"})


def in_the_box(response) -> str:
    found = re.search(r'<textarea name="text"[^>]*>\n?(.*?)</textarea>', response.text, re.S)
    return unescape(found[1]) if found else ""


def plain(response) -> str:
    """What the page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text.partition("<main")[2])).split())


def wrong(response) -> list[str]:
    return [e for errors in response.context["form"].errors.values() for e in errors]


def as_told(text: str, *steps: dict) -> Result:
    """The result of a story of which the command printed these steps."""
    usual = {"outcome": "ok", "rules": [], "holds": True, "detail": ""}
    read = story.parse(text, "story.yaml")
    told = [{"n": n, "verb": read.steps[n - 1].verb, **usual, **step} for n, step in enumerate(steps, 1)]
    return Result.of(Played(read, {"story": read.name, "holds": all(s["holds"] for s in told), "steps": told}))


# -- who sees it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STAFF)
def test_the_trust_alone_has_this_page(world, client_of, name):
    client = client_of(getattr(world, name))
    expected = 200 if name == "tess" else 404
    assert client.get(PAGE).status_code == expected
    assert client.get(f"/rehearsal/examples/{EXAMPLES[0]}").status_code == expected
    assert play(client, "no story").status_code == (422 if name == "tess" else 404)
    assert ('href="/rehearsal/"' in client.get("/").text) == (name == "tess")


def test_the_verb_itself_asks_who_may(world):
    with pytest.raises(Refused) as told:
        playing.rehearse(world.school, by=world.hari, at=at("2026-03-02 08:50"), name="x", text=GOOD)
    assert [r.rule for r in told.value.refusals] == ["not-permitted"]


# -- examples -----------------------------------------------------------------------------------------------------


def test_the_examples_are_part_of_the_product(tess):
    assert list(examples()) == EXAMPLES
    said = plain(tess.get(PAGE))
    assert all(example.title in said for example in examples().values())


@pytest.mark.parametrize("file", EXAMPLES)
def test_an_example_can_be_downloaded(tess, file):
    response = tess.get(reverse("rehearsal_example", args=[file]))
    assert response["Content-Disposition"] == f'attachment; filename="{file}"'
    assert response.text == examples()[file].text


@pytest.mark.parametrize("file", ["nothing.yaml", "__init__.py", "..%2F..%2Fstory.py"])
def test_nothing_else_can_be_downloaded(tess, file):
    assert tess.get(f"/rehearsal/examples/{file}").status_code == 404


def test_an_example_is_played_with_one_click_and_stands_in_the_box(world, tess):
    file = "all-saints-head-is-the-victim.yaml"
    response = tess.post(PAGE, {"example": file})
    assert response.status_code == 200
    number = examples()[file].steps
    assert response.context["result"].sentence == f"The story holds: {number} steps"
    assert in_the_box(response) == examples()[file].text
    row = AuditRow.objects.get(deed="rehearse")
    assert (row.by, row.school, row.about) == (world.tess, world.school, examples()[file].title)
    assert row.changes == {"pack": "all_saints", "holds": True}


def test_an_example_that_there_is_not_plays_nothing(tess):
    response = tess.post(PAGE, {"example": "nothing.yaml", "text": GOOD})
    assert (response.status_code, wrong(response)) == (422, ["There is no such example."])
    assert in_the_box(response) == GOOD


# -- a story of one's own -----------------------------------------------------------------------------------------


def test_a_story_that_does_not_hold_is_told_step_by_step(tess):
    response = upload(tess, "mine.yaml", NOT_HOLDING.encode())
    assert response.status_code == 200
    assert in_the_box(response) == NOT_HOLDING
    said = plain(response)
    assert "2 of 3 steps do not hold" in said
    assert "“A story”, played by the rules of Sholing" in said
    assert "Step 2 , line 8: Propose: ban from the site, provisional (ban) for alex" in said
    assert "Monday 2 March 2026 at 09:00 olive (Office) Propose: ban from the site, provisional (ban) for alex" in said
    assert "Refused by lesser-options : Say which lesser responses you weighed" in said
    assert "The story says that it goes through. Does not hold" in said
    assert "Case: alex: expected closed, found open Gate list: alex: expected clear, found the same" in said
    assert "Step 3 , line 9: Case: alex" in said
    assert 'href="#step-2"' in response.text
    assert 'id="step-2" class="tone-stop" data-holds="no"' in " ".join(response.text.split())
    assert AuditRow.objects.get(deed="rehearse").changes == {"pack": "sholing", "holds": False}


def test_a_text_with_the_line_ends_of_a_browser_is_the_same_text(tess, child):
    child('print(\'{"holds": true, "steps": []}\')')
    response = play(tess, GOOD.replace("\n", "\r\n"), name="mine.yaml")
    assert in_the_box(response) == GOOD
    assert 'name="name" value="mine.yaml"' in response.text


def test_a_file_with_a_byte_order_mark_is_read(tess, child):
    child('print(\'{"holds": true, "steps": []}\')')
    assert in_the_box(upload(tess, "mine.yml", b"\xef\xbb\xbf" + GOOD.encode())) == GOOD


# -- what cannot be read ------------------------------------------------------------------------------------------


def test_a_malformed_story_names_file_line_field_and_reason_beside_the_text(tess):
    response = upload(tess, "mine.yaml", UNKNOWN_CLAUSE.encode())
    assert response.status_code == 422
    assert wrong(response) == ["mine.yaml, line 7, “clauses”: U99 is no clause."]
    assert "Line 7 is where it stops: - {at: 2026-03-02 08:50, by: olive, log_incident" in plain(response)
    assert in_the_box(response) == UNKNOWN_CLAUSE
    assert not AuditRow.objects.filter(deed="rehearse").exists()


@pytest.mark.parametrize(
    "text",
    [
        "? [a, list]\n: as a key\n",
        HEAD.replace("A story", "0x" + "F" * 6000) + LOG,
        "[" * 5000,
        "story: [\n",
    ],
)
def test_yaml_that_says_what_no_story_says_is_refused_in_words(tess, text):
    response = play(tess, text)
    assert response.status_code == 422
    assert wrong(response)[0].startswith("Your text")
    assert in_the_box(response) == text


def test_aliases_that_stand_for_gigabytes_are_refused_before_anything_writes_them_out(tess):
    rows = ["a0: &a0 [" + ", ".join(["ha"] * 9) + "]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert wrong(play(tess, "\n".join(rows))) == [
        "Your text: its aliases (*name) repeat so much that it becomes too long to play."
    ]


def test_keys_merged_again_and_again_are_refused_likewise(tess):
    rows = ["a0: &a0 {b: c}"]
    rows += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 12)]
    assert wrong(play(tess, "\n".join(rows))) == [
        "Your text: its aliases (*name) repeat so much that it becomes too long to play."
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("mine.pdf", b"%PDF-1.7", "“mine.pdf” is not a story: its name must end in .yaml or .yml."),
        ("mine.yaml", b"%PDF-1.7", "“mine.yaml” is a PDF, whatever its name says: only plain text can be read here."),
        ("mine.yaml", b"#" * (256 * 1024 + 1), "“mine.yaml” has 257 KB: a story may have 256 KB at most."),
        ("mine.yaml", b"", "“mine.yaml” is empty."),
    ],
)
def test_a_file_that_is_no_story_is_refused_and_what_was_typed_stays(tess, name, content, said):
    response = upload(tess, name, content, text="what I typed")
    assert (response.status_code, wrong(response)) == (422, [said])
    assert in_the_box(response) == "what I typed"


def test_a_file_that_was_not_chosen_is_asked_for(tess):
    response = tess.post(PAGE, {"play_file": "1", "text": "what I typed"})
    assert (response.status_code, wrong(response)) == (422, ["Choose a file first."])
    assert in_the_box(response) == "what I typed"


@pytest.mark.parametrize("text", ["", " \r\n", "a\x00b", "#" * (256 * 1024 + 1)])
def test_a_text_is_held_to_the_same_limits(tess, text):
    response = play(tess, text)
    assert response.status_code == 422
    assert wrong(response)[0].startswith("“Your text” ")


def test_a_file_that_takes_the_place_of_a_typed_text_leaves_that_below(tess):
    response = upload(tess, "mine.yaml", UNKNOWN_CLAUSE.encode(), text="what I typed")
    assert response.context["before"] == "what I typed"
    assert "what I typed" in plain(response)
    # an example that stood there is kept elsewhere
    assert upload(tess, "mine.yaml", b"a", text=examples()[EXAMPLES[0]].text).context["before"] == ""


def test_a_story_longer_than_the_page_takes_says_the_limit(tess):
    tick = "  - {at: 2026-03-02 08:50, tick: {}}\n"
    assert wrong(play(tess, HEAD + tick * 501)) == [
        "Your text has 501 steps: this page plays 500 at most. The command “rehearse” keeps no such limit."
    ]


def test_a_story_of_more_people_than_the_page_takes_says_the_limit(tess):
    many = "".join(f"  p{n}: {{relation: parent}}\n" for n in range(198))
    assert wrong(play(tess, HEAD.replace("people:\n", "people:\n" + many) + LOG)) == [
        "Your text has 201 people and staff: this page plays 200 at most. The command “rehearse” keeps no such limit."
    ]


# -- the process --------------------------------------------------------------------------------------------------


def test_a_rehearsal_that_does_not_end_is_stopped(tess, child):
    child("import time; time.sleep(600)", seconds=0.2)
    response = play(tess, GOOD)
    assert response.status_code == 422
    assert wrong(response)[0].startswith("The rehearsal was stopped: it had not ended after 0.2 seconds.")
    assert in_the_box(response) == GOOD
    assert not playing.ONE_AT_A_TIME.locked()


def test_a_rehearsal_that_breaks_off_says_so_and_the_log_says_why(tess, child, caplog):
    child("raise SystemExit('out of breath')")
    response = play(tess, GOOD)
    assert wrong(response)[0].startswith("The rehearsal broke off before its end")
    assert "out of breath" in caplog.text
    assert in_the_box(response) == GOOD


def test_one_rehearsal_runs_at_a_time(tess):
    with playing.ONE_AT_A_TIME:
        response = play(tess, GOOD)
    assert response.status_code == 422
    assert wrong(response) == ["Another rehearsal is running. Try again in a minute: your text is kept here."]
    assert in_the_box(response) == GOOD


def test_nothing_is_written_to_the_database_of_the_school(tess, tmp_path, monkeypatch):
    real = tmp_path / "real"
    real.mkdir()
    (real / "school.sqlite3").write_bytes(b"not to be touched")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{real / 'school.sqlite3'}")
    monkeypatch.setenv("CONDUCT_VAR", str(real))
    monkeypatch.setenv("CONDUCT_BROKER_URL", "filesystem://localhost")
    tess.get(PAGE)
    before = rows()
    assert play(tess, NOT_HOLDING).context["result"].sentence == "2 of 3 steps do not hold"
    after = rows()
    assert after.pop("conduct.AuditRow") == before.pop("conduct.AuditRow") + 1
    assert after == before
    assert [(path.name, path.read_bytes()) for path in real.iterdir()] == [("school.sqlite3", b"not to be touched")]


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_the_process_is_told_nothing_of_the_school(tmp_path, monkeypatch, child):
    school = {
        "DATABASE_URL": "postgres://school:secret@database/school",
        "CONDUCT_BROKER_URL": "redis://broker:6379/0",
        "CONDUCT_SECRET_KEY": "the-key-of-the-school",
        "CONDUCT_SMTP_HOST": "mail.school.example",
        "CONDUCT_SMTP_PASSWORD": "secret",
        "CONDUCT_VAR": "/var/conduct",
        "CONDUCT_NOW": "2026-03-02T08:50",
        "CONDUCT_CLOCK_OFFSET": "12",
        "DJANGO_SETTINGS_MODULE": "school.settings",
    }
    for name, value in school.items():
        monkeypatch.setenv(name, value)
    child("import json, os; print(json.dumps(dict(os.environ)))")
    told = playing.in_a_process(GOOD, tmp_path)
    assert set(told.values()) & set(school.values()) == set()
    assert set(told) - set(playing.KEPT) - {"LC_CTYPE", "PWD", "SHLVL", "_"} == {
        "CONDUCT_DEMO", "CONDUCT_VAR", "CONDUCT_BROKER_URL", "DATABASE_URL", "PYTHONUTF8",
    }  # fmt: skip
    assert (told["DATABASE_URL"], told["CONDUCT_BROKER_URL"]) == ("sqlite://:memory:", "memory://")
    assert told["CONDUCT_VAR"] == os.fspath(tmp_path)


def test_the_command_needs_neither_database_nor_broker_nor_key_of_the_school(tmp_path):
    (tmp_path / "story.yaml").write_text(GOOD)
    school = {
        "PATH": os.environ["PATH"],
        "CONDUCT_VAR": os.fspath(tmp_path),
        "DATABASE_URL": "postgres://nobody@nowhere.invalid/none",
        "CONDUCT_BROKER_URL": "redis://nowhere.invalid:6379/0",
    }
    told = subprocess.run(
        [*settings.REHEARSAL_COMMAND, "story.yaml"],
        cwd=tmp_path,
        env=school,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, len(told.stdout.splitlines())) == (0, 1)
    assert json.loads(told.stdout)["holds"] is True
    assert [path.name for path in tmp_path.iterdir()] == ["story.yaml"]


# -- the words of a result ----------------------------------------------------------------------------------------


def test_every_verb_of_a_story_has_words():
    assert set(story.VERBS) - set(words.SAID) == set()


SENTENCES = [
    ("reclassify", {"incident": "i1", "severity": "serious"}, "Change the severity to serious: i1"),
    ("record_account", {"incident": "i1", "of": "subject", "attempted": "x"}, "Record how the person was tried: i1"),
    ("find", {"incident": "i1", "upheld": []}, "Record the facts as found: i1, nothing upheld"),
    ("find", {"incident": "i1", "upheld": ["U03"]}, "Record the facts as found: i1, U03 upheld"),
    ("refer", {"subject": "alex", "to": "police", "as": "p1"}, "Refer to the police: alex (p1)"),
    ("refer", {"subject": "alex", "to": "police", "not_because": "x"}, "Record why the police are not told: alex"),
    ("propose", {"as": "ban", "response": "site_ban", "opening": "intent", "subject": "alex"},
     "Propose: ban from the site, notice of intent (ban) for alex"),
    ("decide", {"measure": "ban", "outcome": "decline"}, "Decline: ban"),
    ("sign_off", {"measure": "ban", "until": date(2026, 9, 30)}, "Sign off the length: ban, until Wednesday 30 September 2026"),
    ("tell", {"measure": "ban"}, "Record that the person was told: ban"),
    ("represent", {"measure": "ban", "none_received": True}, "Record that no reply came: ban"),
    ("represent", {"measure": "ban", "complete": True}, "Record a reply: ban, said to be complete"),
    ("review", {"measure": "ban", "outcome": "keep"}, "Keep on review: ban"),
    ("hold_meeting", {"measure": "meet", "outcome": "turned_down"}, "Record that the meeting was turned down: meet"),
    ("log_contact", {"measure": "plan"}, "Log a contact: plan"),
    ("complete_task", {"subject": "alex", "task": "chair_notice"}, "Tick off: chair notice, alex"),
    ("close_case", {"subject": "alex"}, "Close the case: alex"),
    ("tick", {}, "The scheduled work is done"),
    ("some_new_verb", {}, "Some new verb"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "fields", "sentence"), SENTENCES)
def test_a_verb_is_said_in_plain_words(verb, fields, sentence):
    step = story.StoryStep(1, at("2026-03-02 08:50"), "olive", verb, story.Mapped(fields), ())
    assert words.said(step, str) == sentence


def test_a_step_is_said_with_what_it_is_about():
    read = story.parse(examples()["sholing-serious-on-site.yaml"].text, "story.yaml")
    said = {step.n: words.said(step, words.things(read)) for step in read.steps}
    assert said[1] == "Log an incident: U03, U05 (i1) about alex"
    assert said[3] == "Propose: ban from the site, provisional (ban) for alex"
    assert said[8] == "Record a consultation of cora: ban from the site (ban)"
    assert said[9] == "Approve: ban from the site (ban)"
    assert said[12] == "Issue a letter: provisional ban, about ban from the site (ban), by post"
    assert said[14] == "Record the account of a member of staff: incident (i1)"
    assert said[18] == "Confirm: ban from the site (ban)"
    assert said[19] == "Record that no reply came: ban from the site (ban)"


def test_a_refusal_that_was_expected_holds_and_gives_each_rule_its_sentence():
    text = HEAD + LOG + PROPOSE.replace("}}\n", "}, refused: [lesser-options, skip-needs-reason]}\n")
    detail = "lesser-options: Say which: all of them. skip-needs-reason: Say why."
    refused = {"outcome": "refused", "rules": ["lesser-options", "skip-needs-reason"], "detail": detail}
    result = as_told(text, {}, refused)
    assert result.sentence == "The story holds: 2 steps"
    row = result.rows[1]
    assert row.refusals == (("lesser-options", "Say which: all of them."), ("skip-needs-reason", "Say why."))
    assert (row.line, row.missed, row.detail) == (8, "", "")


def test_an_expected_refusal_that_did_not_come_is_said():
    text = HEAD + LOG.replace("}}\n", "}, refused: [not-in-pack]}\n")
    row = as_told(text, {"holds": False, "detail": "expected not-in-pack."}).rows[0]
    assert (row.refused, row.refusals) == (False, ())
    assert row.missed == "The story says that it is refused by not-in-pack, and by nothing else."


def test_one_step_that_does_not_hold_is_one():
    result = as_told(GOOD + "  - {at: 2026-03-02 09:00, tick: {}}\n", {"holds": False}, {})
    assert result.sentence == "1 of 2 steps does not hold"
    assert as_told(GOOD, {}).sentence == "The story holds: 1 step"


def test_what_was_expected_and_what_was_found_stand_side_by_side():
    expect = "{measure: {ban: {state: not_confirmed, in_force: true, ends: 2026-05-22, review_on: null}}, open_tasks: {alex: []}}"
    text = HEAD + LOG + PROPOSE + f"  - {{at: 2026-03-02 09:10, expect: {expect}}}\n"
    detail = (
        "measure ban state: expected not_confirmed, is proposed; measure ban in_force: expected True, is False; "
        "measure ban ends: expected 2026-05-22, is None; open_tasks alex: expected [], is ['legal', 'review_due']"
    )
    row = as_told(text, {}, {}, {"holds": False, "detail": detail}).rows[2]
    assert [(c.what, c.expected, c.found, c.holds) for c in row.checks] == [
        ("Ban from the site (ban): state", "not confirmed", "proposed", False),
        ("Ban from the site (ban): in force", "yes", "no", False),
        ("Ban from the site (ban): end", "Friday 22 May 2026", "none", False),
        ("Ban from the site (ban): review", "none", "none", True),
        ("Open tasks: alex", "none", "legal, review due", False),
    ]
    assert row.detail == ""


def test_what_could_not_be_looked_at_says_why():
    text = HEAD + LOG + PROPOSE + "  - {at: 2026-03-02 09:10, expect: {measure: {ban: {state: decided}}}}\n"
    row = as_told(text, {}, {}, {"holds": False, "detail": "No step has made ban."}).rows[2]
    assert [(c.found, c.holds) for c in row.checks] == [("", False)]
    assert row.detail == "No step has made ban."


def test_text_of_a_story_is_never_markup(tess, child):
    bad = "<img src=x onerror=alert(1)></textarea><script>"
    text = GOOD.replace("A story", f"'{bad}'").replace("olive", "'<b>o'").replace("alex", "'<b>a'")
    step = {
        "n": 1,
        "verb": "log_incident",
        "outcome": "refused",
        "rules": [bad],
        "holds": False,
        "detail": f"{bad}: {bad}",
    }
    told = json.dumps({"story": bad, "holds": False, "steps": [step]})
    child(f"print({told!r})")
    response = play(tess, text, name=f"{bad}.yaml")
    assert response.context["result"].rows[0].refusals == ((bad, bad),)
    main = response.text.partition("<main")[2]
    assert [tag for tag in ("<img", "<b>", "onerror=alert(1)>") if tag in main] == []
    assert len(re.findall("<script", main)) == 2  # those of the page
    assert in_the_box(response) == text
