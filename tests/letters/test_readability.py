"""Plain English: every starter text, and every kind of letter as a whole, can be read at fourteen.

The measure is the grade of Flesch and Kincaid, from words a sentence and syllables a word; a reading age is the grade and
five years. Quoted conduct, clauses and answers are left out: they are not our words.
"""

import re
from html import unescape

import pytest

from letters import samples, starters
from letters.kinds import KINDS
from letters.rendering import page

READING_AGE = 14
LONGEST_SENTENCE = 28  # words
# What others wrote, and what is no sentence: a list of ways to reply, the foot of the letter with names and numbers.
QUOTED = {"incidents": [], "clauses": [], "main_points": [], "posts": [], "ways": []}
NEVER = r"crim\w*|prosecut\w*|arrest\w*|police|court|illegal|unlawful|guilty|punish\w*|warned|consequences|exclu\w*|expel\w*"
CAREFUL = "may be an offence under section 547 of the Education Act 1996"


def syllables(word: str) -> int:
    """About how many syllables an English word has: groups of vowels, without an e that is silent at its end."""
    plain = word.lower().replace("’", "").replace("'", "")
    plain = re.sub(r"(?<=[^aeiouyl])e$|(?<=[aeiouy][^aeiouy])es$|(?<=[^aeioutd])ed$", "", plain)
    return max(1, len(re.findall(r"[aeiouy]+", plain)))


def sentences(text: str) -> list[list[str]]:
    """The sentences of a text as words; a blank line and a colon at the end of a line end one as well."""
    parts = re.split(r"(?<=[.?!])\s+|\n\s*\n", text)
    return [words for part in parts if (words := re.findall(r"[A-Za-z][A-Za-z'’]*", part))]


def reading_age(text: str) -> float:
    found = sentences(text)
    words = [word for sentence in found for word in sentence]
    grade = 0.39 * len(words) / len(found) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    return round(grade + 5, 1)


def own_words(kind: str) -> str:
    """What a letter says in sentences of ours."""
    facts = samples.facts(kind)
    facts |= {name: empty for name, empty in QUOTED.items() if name in facts}
    html = page(kind, facts, draft=True)
    main = html.partition("<main>")[2].partition("</main>")[0]
    main = re.sub(
        r'<p class="gaps">.*?</p>|<table.*?</table>|<ul.*?</ul>|<div class="signature">.*?</div>', "", main, flags=re.S
    )
    paragraphs = re.findall(r"<p\b[^>]*>(.*?)</p>", main, re.S)
    return "\n\n".join(unescape(re.sub(r"<[^>]+>", " ", each)) for each in paragraphs)


OURS = {
    **{f"text {name}": re.sub(r"\[[a-z_]+\]", "the school", text) for name, text in starters.texts().items()},
    **{f"letter {kind}": own_words(kind) for kind in samples.ALL},
}


def too_hard() -> list[str]:
    ages = {name: reading_age(text) for name, text in OURS.items()}
    return [f"{age:5} {name}" for name, age in sorted(ages.items(), key=lambda each: -each[1]) if age > READING_AGE]


def test_every_text_and_every_letter_can_be_read_at_fourteen():
    hard = too_hard()
    assert not hard, "reading age:\n" + "\n".join(hard)


def test_no_sentence_of_ours_is_long():
    long = [
        (len(s), name, " ".join(s)) for name, text in OURS.items() for s in sentences(text) if len(s) > LONGEST_SENTENCE
    ]
    assert not long, "\n".join(f"{count} words, {name}: {words}" for count, name, words in sorted(long, reverse=True))


@pytest.mark.parametrize("name", sorted(OURS))
def test_no_text_or_letter_threatens_or_speaks_of_crime(name):
    text = " ".join(OURS[name].split())
    assert not re.search(rf"\b({NEVER})\b", text, re.I)
    assert len(re.findall(r"\boffence\b", text, re.I)) == text.count(CAREFUL)
    assert not re.search(r"\b(lose|losing|review|reconsider|withdraw)\b[^.]*\bplace\b", text, re.I)  # the child's


def test_the_title_and_the_heading_of_every_kind_can_be_read_at_fourteen():
    hard = [(reading_age(f"{k.title}. {k.heading}"), k.key) for k in KINDS.values()]
    assert [(age, key) for age, key in hard if age > READING_AGE] == []


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("The cat sat on the mat. It was glad.", range(2, 6)),
        ("Notwithstanding the aforementioned stipulations, compliance with institutional regulations remains imperative.",
         range(20, 40)),
    ],
)  # fmt: skip
def test_the_measure_tells_easy_from_hard(text, age):
    assert int(reading_age(text)) in age
