"""Words in square brackets: a fixed list for each kind, filled in once, and never what somebody typed as a fact."""

import pytest

from letters import placeholders, rendering, samples, starters
from letters.kinds import KINDS, missing, plain_text


def filled(words, **values):
    return "".join(piece for _, piece in placeholders.fill(words, values))


def test_a_listed_name_is_filled_in_and_any_other_stays_in_its_brackets():
    assert filled("At [school], [nonsense] and [", school="Ashfield") == "At Ashfield, [nonsense] and ["


def test_what_was_filled_in_is_not_gone_through_again():
    assert filled("[school] of [trust]", school="The [trust]", trust="Northway") == "The [trust] of Northway"


def test_at_the_beginning_of_a_sentence_it_has_a_capital_letter():
    chair = "the Chair"
    assert filled("[chair] decides. [chair] writes, and [chair] signs.\n\n[chair]", chair=chair) == (
        "The Chair decides. The Chair writes, and the Chair signs.\n\nThe Chair"
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("a [b] c", [("words", "a "), ("name", "b"), ("words", " c")]),
        ("[a", [("loose", "["), ("words", "a")]),
        ("a]", [("words", "a"), ("loose", "]")]),
        ("[a [b]", [("loose", "["), ("words", "a "), ("name", "b")]),
        ("", []),
    ],
)
def test_a_text_is_words_names_and_loose_brackets(words, found):
    assert list(placeholders.parts(words)) == found


def test_a_day_of_the_letter_can_be_named_and_is_written_out_in_bold():
    page = rendering.page("warning", samples.facts("warning", expected="Write to us by [reply_by]."))
    assert "Write to us by <strong>Wednesday 18 March 2026</strong>." in page


def test_a_text_with_a_tag_or_a_template_in_it_prints_as_it_was_typed():
    page = rendering.page(
        "warning", samples.facts("warning", expected="<b>Be</b> {{ school_name }} {% now 'Y' %} & go")
    )
    assert "&lt;b&gt;Be&lt;/b&gt; {{ school_name }} {% now &#x27;Y&#x27; %} &amp; go" in page


def test_a_tag_in_a_fact_that_is_filled_in_prints_as_it_was_typed():
    facts = samples.facts("warning", expected="Be kind at [school].", school_name="<i>Ash</i>")
    assert "Be kind at &lt;i&gt;Ash&lt;/i&gt;." in rendering.page("warning", facts)


def test_brackets_in_a_fact_that_somebody_typed_are_never_filled_in():
    facts = samples.facts("ban_lifted", reasons="You asked us about [school].")
    assert "You asked us about [school]." in rendering.page("ban_lifted", facts)


def test_a_letter_kept_before_texts_had_placeholders_prints_as_it_was():
    facts = samples.facts("warning", expected="Be kind at [school].", worded=[])
    assert "Be kind at [school]." in rendering.page("warning", facts)


def test_a_fact_that_only_a_text_names_is_missing_when_it_is_empty():
    facts = samples.facts("warning", expected="Until [counts_until].", counts_until=None)
    assert [gap.field for gap in missing("warning", facts)] == ["counts_until"]
    assert missing("warning", facts)[0].label == "Day until which the warning counts (a text of this letter names it)"
    shown = rendering.page("warning", facts, draft=True)
    assert "Until [Day until which the warning counts: to be filled in]." in shown


def test_a_fact_that_the_letter_needs_anyway_is_missing_once():
    facts = samples.facts("warning", expected="Until [reply_by].", reply_by=None)
    assert [gap.field for gap in missing("warning", facts)] == ["reply_by"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_placeholder_of_a_starter_is_one_of_its_kind(kind):
    known = placeholders.of(KINDS[kind].facts)
    for name, words in starters.texts_of(kind).items():
        assert placeholders.used(words) <= set(known), name
        assert {"loose"} & {sort for sort, _ in placeholders.parts(words)} == set(), name


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_in_brackets_in_a_whole_letter(kind):
    assert "[" not in rendering.page(kind, samples.facts(kind))


def test_the_names_of_facts_are_not_words_of_the_letter():
    assert "right_to_reply" not in plain_text("warning", samples.facts("warning"))
