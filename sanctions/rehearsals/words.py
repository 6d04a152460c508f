"""The steps of a story in plain words: "Propose: ban from the site, provisional (ban) for alex"."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from conduct.code import RESPONSE_LABELS
from conduct.roles import LABELS
from conduct.templatetags.words import long_day
from letters.kinds import KINDS
from sanctions.story import Mapped, Story, StoryStep

Thing = Callable[[str], str]
Words = Callable[[Mapped, Thing], str]
TO = {"police": "the police", "trust": "the trust", "legal": "legal advice", "local_authority": "the Local Authority"}
OF = {"staff": "a member of staff", "witness": "a witness", "subject": "the person"}
REVIEWED = {
    "lift": "Lift on review",
    "keep": "Keep on review",
    "extend": "Extend on review",
    "vary": "Change on review",
    "end": "End on review",
}
HELD = {
    "held": "Record that the meeting was held",
    "missed": "Record that the meeting was missed",
    "turned_down": "Record that the meeting was turned down",
}
SEEN = {
    "state": "state",
    "in_force": "in force",
    "representations_until": "replies until",
    "decision_by": "decision by",
    "ends": "end",
    "review_on": "review",
    "gate": "gate list",
    "open_tasks": "open tasks",
    "suggests": "suggested next",
    "letters": "letters issued",
    "case": "case",
    "figures": "figures",
}


def logged(f: Mapped, thing: Thing) -> str:
    return f"Log an incident: {listed(f['clauses'])} ({f['as']}) about {f['subject']}"


def account(f: Mapped, thing: Thing) -> str:
    if f.get("attempted"):
        return f"Record how the person was tried: {thing(f['incident'])}"
    return f"Record the account of {OF.get(f['of'], f['of'])}: {thing(f['incident'])}"


def found(f: Mapped, thing: Thing) -> str:
    upheld = f"{listed(f['upheld'])} upheld" if f["upheld"] else "nothing upheld"
    return f"Record the facts as found: {thing(f['incident'])}, {upheld}"


def referred(f: Mapped, thing: Thing) -> str:
    to = TO.get(f["to"], f["to"])
    if f.get("not_because"):
        return f"Record why {to} are not told: {f['subject']}"
    return f"Refer to {to}: {f['subject']}" + (f" ({f['as']})" if f.get("as") else "")


def proposed(f: Mapped, thing: Thing) -> str:
    opening = {"intent": ", notice of intent"}.get(
        f.get("opening", ""), f", {f['opening']}" if f.get("opening") else ""
    )
    return f"Propose: {response(f['response'])}{opening} ({f['as']}) for {f['subject']}"


def replied(f: Mapped, thing: Thing) -> str:
    if f.get("none_received"):
        return f"Record that no reply came: {thing(f['measure'])}"
    return f"Record a reply: {thing(f['measure'])}" + (", said to be complete" if f.get("complete") else "")


def issued(f: Mapped, thing: Thing) -> str:
    return f"Issue a letter: {kind(f['kind'])}, about {thing(f['measure'])}, by {named(f['method'])}"


def about(words: str) -> Words:
    """The words, and the measure that they are about."""
    return lambda f, thing: f"{words}: {thing(f['measure'])}"


def by_outcome(words: Mapping[str, str]) -> Words:
    return lambda f, thing: f"{words.get(f['outcome'], named(f['outcome']))}: {thing(f['measure'])}"


SAID: dict[str, Words] = {
    "log_incident": logged,
    "reclassify": lambda f, thing: f"Change the severity to {f['severity']}: {thing(f['incident'])}",
    "record_account": account,
    "find": found,
    "refer": referred,
    "propose": proposed,
    "consult": lambda f, thing: f"Record a consultation of {f['with']}: {thing(f['measure'])}",
    "decide": by_outcome({"approve": "Approve", "decline": "Decline"}),
    "sign_off": lambda f, thing: f"Sign off the length: {thing(f['measure'])}, until {value(f['until'])}",
    "issue_letter": issued,
    "tell": about("Record that the person was told"),
    "represent": replied,
    "answer": about("Answer in writing"),
    "confirm": about("Confirm"),
    "vary": about("Confirm with changes"),
    "not_confirm": about("Do not confirm"),
    "review": by_outcome(REVIEWED),
    "withdraw": about("Withdraw"),
    "hold_meeting": by_outcome(HELD),
    "log_contact": about("Log a contact"),
    "complete_task": lambda f, thing: f"Tick off: {named(f['task'])}, {f['subject']}",
    "close_case": lambda f, thing: f"Close the case: {f['subject']}",
    "tick": lambda f, thing: "The scheduled work is done",
    "expect": lambda f, thing: "Look how things stand",
}


def said(step: StoryStep, thing: Thing) -> str:
    """What a step does; a verb without words of its own is said by its name."""
    words = SAID.get(step.verb)
    return words(step.fields, thing) if words else named(step.verb).capitalize()


def things(story: Story) -> Thing:
    """A function from the name of what a step made to its words: "ban from the site (ban)"."""
    made: dict[str, str] = {}
    for step in story.steps:
        f = step.fields
        if "as" in f:
            made[f["as"]] = {
                "log_incident": "incident",
                "propose": response(str(f.get("response", ""))),
                "issue_letter": "letter",
                "refer": f"referral to {TO.get(str(f.get('to')), '')}",
            }.get(step.verb, named(step.verb))
    return lambda name: f"{made[name]} ({name})" if name in made else name


def who(step: StoryStep, story: Story) -> str:
    """By whom, and the roles that they hold."""
    if not step.by:
        return ""
    return f"{step.by} ({', '.join(LABELS[role] for role in story.staff[step.by])})"


def response(key: str) -> str:
    label = RESPONSE_LABELS.get(key, named(key))
    return label[:1].lower() + label[1:]


def kind(key: str) -> str:
    return KINDS[key].short.lower() if key in KINDS else named(key)


def policy(key: str) -> str:
    """A policy by the key of its pack, as the pages of the code name it: all_saints is All Saints."""
    return named(key).title()


def named(key: str) -> str:
    """A word of the file as people read it: chair_notice is "chair notice"."""
    return key.replace("_", " ")


def listed(values: list[str]) -> str:
    return ", ".join(values)


def value(told: Any) -> str:
    """A value that is expected, or was found."""
    if told is None or told == []:
        return "none"
    if isinstance(told, bool):
        return "yes" if told else "no"
    if isinstance(told, list):
        return ", ".join(value(part) for part in told)
    if isinstance(told, str):
        try:
            told = date.fromisoformat(told)
        except ValueError:
            return named(told)
    return long_day(told) if isinstance(told, date) else str(told)
