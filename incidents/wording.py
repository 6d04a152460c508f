"""How an account reads to somebody who was not there: what should be said in other words, or is still missing.

Pure, and advice only: nothing here refuses anything. Words inside quotation marks are what somebody said; they stand as
they are.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conduct.names import fold

LONGEST = 6000  # characters looked at
SHOUTED = 4  # words in capitals, one after the other
# A clause that is about words: without the words nobody can judge it.
ABOUT_WORDS = frozenset({"U02", "U05", "U11", "U15", "U16", "U20", "U38", "U40"})
SAID = re.compile(
    r"\b(swore|swear\w*|curs(?:ed|ing)|shout\w*|yell\w*|scream\w*|threat\w*|insult\w*|call(?:ed|ing) (?:me|her|him|them|us|it)"
    r"|abus\w+|foul language)\b",
    re.IGNORECASE,
)
QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|‘[^’]*(?:’(?=\w)[^’]*)*’|(?<!\w)'[^']*(?:'(?=\w)[^']*)*'(?!\w)")
CAPITALS = re.compile(rf"\b[A-Z][A-Z’']+\b(?:[\s,.!?;:–-]+\b(?:[A-Z][A-Z’']+|[AI])\b){{{SHOUTED - 1},}}")

# What somebody thought of it, and what to write in its place.
TONE = "Say what was said and how: how loud, how near, which gesture."
OPINIONS: Mapping[str, str] = {
    **dict.fromkeys(["aggressive", "aggressively", "aggression", "hostile", "intimidating", "menacing"], TONE),
    **dict.fromkeys(["rude", "rudely", "disrespectful", "abusive", "offensive", "nasty", "vile", "foul"], TONE),
    **dict.fromkeys(["angry", "angrily", "furious", "irate", "livid", "enraged", "fuming"], TONE),
    **dict.fromkeys(
        ["unreasonable", "unacceptable", "inappropriate", "outrageous", "disgusting", "appalling", "ridiculous"],
        "Say what was done. Whether it is acceptable is found later.",
    ),
    **dict.fromkeys(
        ["drunk", "drunken", "intoxicated", "stoned", "tipsy", "high on drugs", "under the influence"],
        "Say what you saw and smelled: slurred speech, a smell of alcohol, unsteady on the feet.",
    ),
    **dict.fromkeys(
        ["lying", "lied", "liar", "manipulative", "attention seeking", "dishonest"],
        "Say what was claimed, and what you know to be so.",
    ),
    **dict.fromkeys(
        ["obviously", "clearly", "deliberately", "on purpose", "always", "as usual", "typical"],
        "Say what you saw. What lies behind it is for whoever finds the facts.",
    ),
    **dict.fromkeys(
        ["crazy", "mad", "insane", "mental", "psycho", "unhinged", "unstable", "thug", "bully", "idiot", "scum"],
        "Leave out what you think of them. Say what was said and done.",
    ),
}
HEALTH = (
    "This is a diagnosis. Leave it out, or say what you saw. What they tell of their health belongs to their needs."
)
DIAGNOSES = (
    *("adhd", "autistic", "autism", "asperger", "aspergers", "bipolar", "schizophrenic", "schizophrenia", "psychotic"),
    *("psychosis", "paranoid", "paranoia", "depressed", "depression", "anxiety disorder", "ocd", "ptsd", "dementia"),
    *("alcoholic", "alcoholism", "drug addict", "addict", "mentally ill", "mental illness", "mental health issues"),
    *("mental health problems", "personality disorder", "learning difficulties", "special needs", "dyslexic"),
)


@dataclass(frozen=True)
class Remark:
    """Something to look at again: which words (none: the whole text), and what would serve better."""

    kind: str  # opinion, diagnosis, child, capitals, exact_words
    words: str
    advice: str


def remarks(text: str, *, clauses: Iterable[str] = (), children: Iterable[str] = ()) -> list[Remark]:
    """What to look at again in an account, in the order in which it matters; each word once.

    `clauses` are those ticked beside it; `children` the names of pupils to whom none of the people concerned belongs.
    """
    text = text[:LONGEST]
    own = QUOTED.sub(" “…” ", text)
    found = [*children_in(text, children), *diagnoses(own), *opinions(own), *capitals(own)]
    if text.strip() and (missing := exact_words(text, own, clauses)):
        found.append(missing)
    return found


def whole(words: str) -> str:
    """A pattern for these words, and not for longer ones that hold them."""
    return rf"(?<![\w-]){re.escape(words)}(?![\w-])"


def first_of(text: str, words: str) -> str:
    """The words as they stand in the text; nothing where they do not."""
    match = re.search(whole(words), text, re.IGNORECASE)
    return match.group() if match else ""


def opinions(text: str) -> list[Remark]:
    return [Remark("opinion", found, advice) for word, advice in OPINIONS.items() if (found := first_of(text, word))]


def diagnoses(text: str) -> list[Remark]:
    return [Remark("diagnosis", found, HEALTH) for word in DIAGNOSES if (found := first_of(text, word))]


def capitals(text: str) -> list[Remark]:
    match = CAPITALS.search(text)
    advice = "Write it in ordinary letters. If it was shouted, say so, and put the words in quotation marks."
    return [Remark("capitals", match.group().strip(), advice)] if match else []


def children_in(text: str, children: Iterable[str]) -> list[Remark]:
    """Whole names of other people's children, whatever their case and accents."""
    low = fold(text)
    advice = (
        "Another family’s child: write “another pupil”. Letters may not name them; witnesses have a place of their own."
    )
    named = [name for name in children if re.search(whole(fold(name)), low)]
    return [Remark("child", name, advice) for name in sorted(set(named))]


def exact_words(text: str, own: str, clauses: Iterable[str]) -> Remark | None:
    """That the words themselves are missing, where it turns on them and nothing is in quotation marks."""
    if QUOTED.search(text):
        return None
    said = SAID.search(own)
    if said is None and not ABOUT_WORDS & set(clauses):
        return None
    advice = "Give the words that were used, in quotation marks, as near as you can: it turns on them."
    return Remark("exact_words", said.group() if said else "", advice)


def names_possible(text: str, longest: int = 4) -> set[str]:
    """Everything in the text that might be somebody's whole name, two words to `longest`, as names are compared."""
    words = re.findall(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*", text[:LONGEST])
    runs = [" ".join(words[n : n + size]) for size in range(2, longest + 1) for n in range(len(words) - size + 1)]
    return set(map(fold, runs))
