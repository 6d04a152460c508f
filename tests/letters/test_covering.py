"""The sentence in the person's language: which one it is, how it stands in the letter, and what a machine reads of it."""

from io import BytesIO

import pikepdf
import pytest

from letters import characters, covering, samples
from letters.covering import language_in, languages
from letters.kinds import KINDS, Letter
from letters.rendering import page, render
from tests.letters import tagged
from tests.letters.test_rendering import squeezed
from tests.letters.test_scripts import OURS, embedded


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Polish", "pl"),
        ("polski", "pl"),
        ("PL", "pl"),
        ("interpreter: Polish", "pl"),
        ("Polish (interpreter needed)", "pl"),
        ("Portugese", "pt"),
        ("portugues", "pt"),
        ("Punjabi", "pa"),
        ("Farsi", "fa"),
        ("Mandarin Chinese", "zh-Hans"),
        ("Cantonese", "zh-Hant"),
        ("Kurdish", "ckb"),
        ("Kurmanji Kurdish", "ku"),
        ("اردو", "ur"),
        ("Urdu, some Arabic", "ur"),
        ("Arabic, some Urdu", "ar"),
        ("English", ""),
        ("British Sign Language", ""),
        ("Polish Sign Language", ""),
        ("is so, am I told", ""),
        ("Romani", ""),
        ("Polishing", ""),
        ("", ""),
    ],
)
def test_a_language_is_known_by_whatever_name_it_was_written_down(words, code):
    assert language_in(words) == code


@pytest.mark.parametrize("language", languages().values(), ids=list(languages()))
def test_each_language_is_found_by_each_of_its_names_and_its_sentence_can_be_printed(language):
    assert {language_in(name) for name in (language.code, language.name, language.own, *language.also)} == {
        language.code
    }
    assert characters.unprintable({"sentence": language.sentence}) == ""


def test_no_name_leads_to_two_languages():
    names = [n for each in languages().values() for n in {covering.plain(n) for n in (each.name, each.own, *each.also)}]
    assert sorted(names) == sorted(set(names))


def covered_by(code, **more):
    return render("ban_lifted", samples.facts("ban_lifted", covering_language=code, **more))


@pytest.mark.parametrize("code", languages())
def test_the_sentence_opens_the_letter_tagged_in_its_language(code):
    pdf = tagged.read(covered_by(code))
    main = pdf.root.all("Part")[0]
    [opens, dear] = main.all("P")[:2]
    assert squeezed(opens.text()) == squeezed(f"{languages()[code].sentence} 023 8000 0002")
    assert {
        str(piece.row.get("/Lang")) for piece in opens.all("Span") if any(isinstance(p, str) for p in piece.parts)
    } == {code}
    assert dear.text() == "Dear Mr Marlow"
    assert {piece.row.get("/Lang") for piece in dear.walk()} == {None}


def test_urdu_is_set_in_its_own_hand_and_arabic_is_not():
    assert embedded(covered_by("ur")) == OURS | {"Conduct-Letter-Nastaliq"}
    assert embedded(covered_by("ar")) == OURS | {"Conduct-Letter-Arabic"}


def test_what_runs_from_the_right_says_so():
    assert '<p class="covering" lang="ar" dir="rtl">' in page(
        "warning", samples.facts("warning", covering_language="ar")
    )
    assert '<p class="covering" lang="pl" dir="ltr">' in page(
        "warning", samples.facts("warning", covering_language="pl")
    )


@pytest.mark.parametrize("code", ["", "xx"])
def test_with_no_language_of_ours_the_letter_is_the_plain_one(code):
    assert covered_by(code) == render("ban_lifted", samples.facts("ban_lifted"))


FULL = {"communication_plan"}  # the sample fills its two pages


@pytest.mark.parametrize(
    "kind", [kind for kind in samples.ALL if kind not in FULL and issubclass(KINDS[kind].facts, Letter)]
)
def test_the_sentence_makes_no_letter_longer_than_two_pages(kind):
    with pikepdf.open(BytesIO(render(kind, samples.facts(kind, covering_language="ur")))) as opened:
        assert len(opened.pages) <= 2
