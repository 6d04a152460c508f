"""What is pointed out in the words of an account, and what is left alone."""

import pytest

from incidents import reporting, wording


def kinds(text, **told):
    return [(r.kind, r.words) for r in wording.remarks(text, **told)]


@pytest.mark.parametrize("word", ["aggressive", "Drunk", "rude", "under the influence", "typical"])
def test_an_opinion_is_pointed_out_as_it_was_written(word):
    assert kinds(f"He was {word} at the counter.") == [("opinion", word)]


@pytest.mark.parametrize("word", ["bipolar", "ADHD", "mentally ill", "alcoholic"])
def test_a_diagnosis_is_pointed_out(word):
    assert kinds(f"She seems {word} to me.") == [("diagnosis", word)]


def test_longer_words_and_plain_facts_are_left_alone():
    assert kinds("The made-up rudeness of a madly typically long word. He came in at 08:50 and left.") == []


@pytest.mark.parametrize(
    "text",
    [
        "He said “you are drunk and mad”.",
        'He said "you are rude".',
        "He said ‘I’m not drunk’.",
        "He said 'she's a liar'.",
    ],
)
def test_words_in_quotation_marks_are_what_was_said(text):
    assert kinds(text) == []


def test_a_run_of_capitals_is_pointed_out_once_and_short_names_are_not():
    assert kinds("HE CAME BACK AGAIN and stood there. HE THEN WENT OUT.") == [("capitals", "HE CAME BACK AGAIN")]
    assert kinds("He asked for the SENCO and the DSL of the MAT by name.") == []


@pytest.mark.parametrize("said", ["swore", "shouted", "threatened", "called me"])
def test_without_the_exact_words_they_are_asked_for(said):
    assert kinds(f"He {said} twice.") == [("exact_words", said)]
    assert kinds(f"He {said} twice: “I will find you”.") == []


@pytest.mark.parametrize("clause", sorted(wording.ABOUT_WORDS))
def test_a_clause_that_turns_on_words_asks_for_them(clause):
    assert kinds("He stood at the counter.", clauses=[clause]) == [("exact_words", "")]


def test_other_clauses_ask_for_none_and_an_empty_text_neither():
    assert kinds("He stood at the counter.", clauses=["U06"]) == []
    assert kinds("  ", clauses=["U05"]) == []


def test_of_a_long_text_the_first_part_is_looked_at():
    assert kinds("x " * wording.LONGEST + "drunk") == []


# --- other people's children


@pytest.fixture
def jo(world):
    return world.person("Jo Brown", pupils=["Sam O’Brown", "Élodie Brun"])


def children(world, text, **told):
    return [r.words for r in reporting.read_over(text, school=world.school, **told) if r.kind == "child"]


@pytest.mark.parametrize("text", ["Told robin marsh to leave.", "ROBIN MARSH, again", "To “Robin Marsh” and others"])
def test_the_whole_name_of_a_child_is_pointed_out_whatever_its_case_even_in_quotation_marks(world, text):
    assert children(world, text) == ["Robin Marsh"]


def test_the_children_of_those_concerned_may_be_named(world, jo):
    text = "Robin Marsh and Élodie Brun stood by."
    assert children(world, text, about=[world.alex.pk]) == ["Élodie Brun"]
    assert children(world, text, about=[world.alex.pk, jo.pk]) == []


@pytest.mark.parametrize("text", ["Élodie Brun stood by.", "ÉLODIE BRUN stood by.", "elodie brun stood by."])
def test_a_name_with_accents_is_pointed_out_with_and_without_them(world, jo, text):
    assert children(world, text) == ["Élodie Brun"]


def test_part_of_a_name_is_nobody(world):
    assert children(world, "Robin came. Mrs Marsh too. Robin Marshall was there.") == []


def test_children_of_another_school_are_not_known_here(world, make_world):
    make_world("oakmoor").person("Kit Lane", pupils=["Kim Lane"])
    assert children(world, "Kim Lane stood by.") == []


def test_an_account_is_read_with_one_query_however_many_pupils_there_are(world, django_assert_num_queries):
    text = "Robin Marsh and three others. " * 20
    with django_assert_num_queries(1):
        reporting.read_over(text, school=world.school)
    for n in range(30):
        world.person(f"Parent {n}", pupils=[f"Child Number{n}"])
    with django_assert_num_queries(1):
        reporting.read_over(text, school=world.school)
