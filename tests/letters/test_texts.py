"""The texts that a school words: versions, two at once, going back, having them checked; and their pages."""

import json

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from conduct import clock
from conduct.models import AuditRow
from letters import outline, press, rendering, samples, starters, wording
from letters.comparing import compared
from letters.models import Approval, Letter, Wording, WordingChecked
from sanctions import correspondence, letter_facts, texts
from sanctions.standing import Refused
from tests.factories import STAFF, at, signed

NOON = "2026-03-02 12:00"
OWN = "Please be kind at [school]."


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(NOON))


def change(world, kind="warning", follows=0, by=None, note="", **told):
    return texts.change(world.school, kind, by=by or world.adam, at=at(NOON), texts=told, follows=follows, note=note)


def answers(world, kind="warning", follows=0, **told):
    return {**wording.texts(world.school, kind), "note": "", "follows": str(follows), **told}


# -- versions -----------------------------------------------------------------------------------------------------


def test_a_change_is_a_further_version_that_holds_only_what_is_the_schools_own(world):
    made = change(world, expected=OWN, note=" Warmer. ")
    assert (made.number, made.texts, made.note, made.by) == (1, {"expected": OWN}, "Warmer.", world.adam)
    second = change(world, follows=1, formats="Ask us.")
    assert (second.number, second.texts) == (2, {"expected": OWN, "formats": "Ask us."})
    assert wording.texts(world.school, "warning") == starters.texts_of("warning") | second.texts


def test_each_kind_and_each_school_counts_its_own_versions(world, make_world):
    change(world, expected=OWN)
    assert change(world, kind="ban_lifted", welcome="Welcome back.").number == 1
    other = make_world("kingsley")
    assert wording.texts(other.school, "warning") == starters.texts_of("warning")


def test_what_changes_nothing_makes_no_version(world):
    assert change(world, expected=starters.texts_of("warning")["expected"]) is None
    assert Wording.objects.count() == 0


def test_the_audit_says_from_which_words_to_which(world):
    change(world, expected=OWN)
    row = AuditRow.objects.get(deed="change_texts")
    assert row.changes["expected"] == [starters.texts_of("warning")["expected"], OWN]
    assert (row.by, row.about) == (world.adam, "texts of warning, version 1")


def test_a_version_is_never_changed_or_deleted(world):
    made = change(world, expected=OWN)
    for statement in (Wording.objects.filter(pk=made.pk).update, Wording.objects.filter(pk=made.pk).delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            statement(**({"note": "x"} if "update" in statement.__name__ else {}))


@pytest.mark.parametrize("name", sorted(set(STAFF) - {"adam", "hari"}))
def test_only_whoever_looks_after_letters_and_the_head_word_them(world, name):
    with pytest.raises(Refused) as refused:
        change(world, by=getattr(world, name), expected=OWN)
    assert [r.rule for r in refused.value.refusals] == ["not-permitted"]


def test_of_two_at_once_the_second_is_told_and_may_then_put_theirs_in_place(world):
    change(world, expected=OWN)
    with pytest.raises(Refused) as refused:
        change(world, by=world.hari, expected="Be calm.")
    assert "saved version 1" in refused.value.refusals[0].text
    assert wording.texts(world.school, "warning")["expected"] == OWN
    assert change(world, by=world.hari, follows=1, expected="Be calm.").number == 2


def test_going_back_is_a_further_version_with_the_words_of_the_earlier(world):
    change(world, expected=OWN)
    change(world, follows=1, expected="Be calm.")
    made = texts.go_back(world.school, "warning", by=world.hari, at=at(NOON), number=1, follows=2)
    assert (made.number, made.texts, made.note) == (3, {"expected": OWN}, "Back to version 1")
    made = texts.go_back(world.school, "warning", by=world.hari, at=at(NOON), number=0, follows=3)
    assert (made.number, made.texts, made.note) == (4, {}, "Back to the starter texts")


def test_going_back_past_a_version_that_one_has_not_seen_is_refused(world):
    change(world, expected=OWN)
    with pytest.raises(Refused):
        texts.go_back(world.school, "warning", by=world.hari, at=at(NOON), number=0, follows=0)
    assert Wording.objects.count() == 1


# -- letters ------------------------------------------------------------------------------------------------------


def test_a_draft_says_it_in_the_new_words_and_asks_for_approval_again(world):
    draft = signed(world.decided().case_letters.get())
    before = letter_facts.facts_of(draft, method="post", sent_at=at(NOON), at=at(NOON))
    assert draft.letter.kind == "provisional_ban"
    change(world, kind="provisional_ban", so_far="We would like to hear you.")
    after = letter_facts.facts_of(draft, method="post", sent_at=at(NOON), at=at(NOON))
    assert (before["so_far"] == after["so_far"], after["so_far"]) == (False, "We would like to hear you.")
    assert Approval.objects.filter(letter=draft.letter).exists()
    with pytest.raises(Refused) as refused:
        correspondence.issue(draft, by=world.adam, at=at(NOON), method="post", signed_by=draft.signs)
    assert [r.rule for r in refused.value.refusals] == ["approved-as-it-stands"]


def test_an_issued_letter_keeps_its_words_and_says_which_version_they_are(world, quick_letters):
    made = change(world, kind="provisional_ban", so_far="We would like to hear you.")
    world.opened()
    letter = Letter.objects.get(kind="provisional_ban")
    assert letter.wording == made
    change(world, kind="provisional_ban", follows=1, so_far="Later words.")
    letter.refresh_from_db()
    assert letter.facts["so_far"] == "We would like to hear you."


def test_a_letter_in_the_starters_words_has_no_version(world, quick_letters):
    world.opened()
    assert Letter.objects.get(kind="provisional_ban").wording is None


def test_the_day_of_sending_in_a_text_is_no_part_of_what_is_approved(world):
    change(world, kind="provisional_ban", so_far="Write to us by [reply_by], please.")
    draft = world.decided().case_letters.get()
    told = [
        letter_facts.facts_of(draft, method="post", sent_at=at(when), at=at(when))
        for when in ("2026-03-02 12:00", "2026-03-04 12:00")
    ]
    assert told[0]["reply_by"] != told[1]["reply_by"]
    digests = {letter_facts.digest_of(draft, facts, {}) for facts in told}
    assert len(digests) == 1
    assert f"by <strong>{rendering.written(at('2026-03-18 12:00').date())}</strong>, please" in rendering.page(
        "provisional_ban", told[0] | {"reply_by": "2026-03-18"}, draft=True
    )


# -- have it checked ----------------------------------------------------------------------------------------------


def confirm(world, kinds, seen=None):
    seen = wording.digests(world.school) if seen is None else seen
    texts.confirm(world.school, kinds, by=world.adam, at=at(NOON), checked_by=" Bright & Co ", seen=seen)


def test_every_kind_waits_to_be_checked_until_the_school_says_who_did(world):
    assert wording.unchecked(world.school) == list(starters.kinds())
    confirm(world, ["warning"])
    assert wording.unchecked(world.school) == [kind for kind in starters.kinds() if kind != "warning"]
    assert wording.checks(world.school)["warning"].checked_by == "Bright & Co"
    assert (wording.is_checked(world.school, "warning"), wording.is_checked(world.school, "ban_kept")) == (True, False)


def test_a_change_of_a_text_asks_again_and_going_back_does_not(world):
    confirm(world, ["warning"])
    change(world, expected=OWN)
    assert "warning" in wording.unchecked(world.school)
    change(world, follows=1, expected=starters.texts_of("warning")["expected"])
    assert "warning" not in wording.unchecked(world.school)


def test_a_change_of_the_shipped_starter_asks_again(world, monkeypatch):
    confirm(world, starters.kinds())
    shipped = dict(starters.texts_of("warning"))
    real = starters.texts_of
    monkeypatch.setattr(starters, "texts_of", lambda k: shipped | {"law": "New."} if k == "warning" else real(k))
    assert wording.unchecked(world.school) == ["warning"]


def test_what_has_changed_since_it_was_looked_at_is_not_confirmed(world):
    seen = wording.digests(world.school)
    change(world, expected=OWN)
    with pytest.raises(Refused):
        confirm(world, ["warning"], seen)
    assert WordingChecked.objects.count() == 0


# -- the pages ----------------------------------------------------------------------------------------------------


def pages(kind="warning"):
    return [
        reverse("texts"), reverse("texts_checked"), reverse("text", args=[kind]), reverse("text_pdf", args=[kind]),
        reverse("text_compare", args=[kind]), reverse("text_back", args=[kind, 0]),
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(STAFF))
def test_the_pages_are_there_for_whoever_looks_after_letters_and_the_head(client_of, world, quick_letters, name):
    client = client_of(getattr(world, name))
    expected = 200 if name in {"adam", "hari"} else 404
    assert [client.get(page).status_code for page in pages()] == [expected] * 6


def test_an_unknown_kind_and_an_unknown_version_are_not_found(client_of, world):
    client = client_of(world.adam)
    assert [client.get(page).status_code for page in pages("nonsense")[2:]] == [404] * 4
    change(world, expected=OWN)
    for number in (2, 99999999999999999999):
        assert client.get(reverse("text_back", args=["warning", number])).status_code == 404
        assert client.get(reverse("text_compare", args=["warning"]), {"to": number}).status_code == 404
    assert client.get(reverse("text_compare", args=["warning"]), {"to": "x"}).status_code == 404


@pytest.mark.parametrize("kind", starters.kinds())
def test_the_page_of_a_kind_has_every_text_once_in_its_place(client_of, world, kind):
    page = client_of(world.adam).get(reverse("text", args=[kind])).content.decode()
    for name in starters.texts_of(kind):
        assert page.count(f'name="{name}"') == 1, name


def test_what_is_fixed_stands_between_the_texts_in_the_order_of_the_letter():
    found = outline.pieces("intent_to_ban", samples.facts("intent_to_ban"))
    at_text = {piece.words: n for n, piece in enumerate(found)}
    assert at_text["so_far"] < at_text["No ban is in force. You may come on to the school site as before."]
    assert at_text["Tell us your side"] < at_text["hearing_help"] < at_text["what_happens_next"] < at_text["complaints"]
    assert found[at_text["Dates at a glance"]].sort == "heading"
    assert not [piece for piece in found if "@@" in piece.words or piece.words == "What: When"]


def test_a_text_is_saved_and_the_page_says_so(client_of, world):
    url = reverse("text", args=["warning"])
    page = client_of(world.adam).post(url, answers(world, expected=OWN + "\r\n\r\nThank you. "), follow=True)
    assert page.redirect_chain == [(url, 302)]
    assert "Version 1 is saved." in page.content.decode()
    assert wording.texts(world.school, "warning")["expected"] == OWN + "\n\nThank you."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("By [reply_on].", "[reply_on] is no placeholder of this letter"),
        ("By [school", "A square bracket stands alone"),
        ("x" * 2001, "at most 2000 characters"),
        (" ", "This letter needs this text"),
        ("Be kind \ue000.", ""),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_at_its_field_and_nothing_is_lost(client_of, world, words, said):
    told = answers(world, expected=words, formats="Something else that I typed.")
    answer = client_of(world.adam).post(reverse("text", args=["warning"]), told)
    page = answer.content.decode()
    if said:
        assert (answer.status_code, Wording.objects.count()) == (422, 0)
        assert said in page
        assert "Something else that I typed." in page


def test_characters_that_cannot_be_printed_are_named(client_of, world):
    from letters.characters import unprintable

    lost = next(c for c in "ᚠꦏ𐎀ꙮ" if unprintable({"": c}))
    answer = client_of(world.adam).post(reverse("text", args=["warning"]), answers(world, expected=f"Be {lost} kind."))
    assert answer.status_code == 422
    assert f"Letters cannot print these characters: {lost}" in answer.content.decode()


def test_an_optional_text_may_be_left_out(client_of, world):
    client_of(world.adam).post(
        reverse("text", args=["meeting_invitation"]), answers(world, "meeting_invitation", mediation="")
    )
    assert wording.in_force(world.school, "meeting_invitation").texts == {"mediation": ""}


def test_the_second_of_two_is_shown_both_and_loses_nothing(client_of, world):
    change(world, by=world.hari, expected="Theirs stands.")
    answer = client_of(world.adam).post(
        reverse("text", args=["warning"]), answers(world, follows=0, expected="Mine stands.")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "saved version 1" in page
    assert ">Mine stands.</textarea>" in page.replace("\n", "")
    assert 'name="follows" value="1"' in page
    assert "<del>" in page
    client_of(world.adam).post(reverse("text", args=["warning"]), answers(world, follows=1, expected="Mine stands."))
    assert wording.texts(world.school, "warning")["expected"] == "Mine stands."


def test_the_pdf_beside_is_made_of_what_is_typed_and_saves_nothing(client_of, world, monkeypatch):
    asked = []
    monkeypatch.setattr(press, "letter", lambda kind, facts, look, **more: asked.append((kind, facts)) or b"%PDF-1.7")
    client, url = client_of(world.adam), reverse("text_pdf", args=["warning"])
    answer = client.post(url, answers(world, expected=OWN))
    assert (answer.status_code, answer["Content-Type"], Wording.objects.count()) == (200, "application/pdf", 0)
    client.get(url)
    assert [(kind, facts["expected"]) for kind, facts in asked] == [
        ("warning", OWN), ("warning", starters.texts_of("warning")["expected"])
    ]  # fmt: skip
    assert {facts["school_name"] for _, facts in asked} == {world.school.name}
    assert client.post(url, answers(world, expected="[nonsense]")).status_code == 422


@pytest.mark.parametrize("kind", starters.kinds())
def test_the_sample_of_every_kind_is_whole(world, kind):
    facts = texts.sample_facts(world.school, kind, at(NOON), wording.texts(world.school, kind))
    assert "SAMPLE" in rendering.page(kind, facts)


def test_two_versions_are_compared_word_by_word():
    assert compared("Please be calm.", "Please do be kind.") == [
        ("same", "Please"), ("new", " do"), ("same", " be "), ("out", "calm."), ("new", "kind.")
    ]  # fmt: skip


def test_the_page_of_two_versions_says_in_words_what_went_and_what_came(client_of, world):
    change(world, expected=starters.texts_of("warning")["expected"] + " <b>Thank</b> you.")
    page = client_of(world.adam).get(reverse("text_compare", args=["warning"])).content.decode()
    assert '<ins><span class="visually-hidden">[put in: </span>' in page
    assert "&lt;b&gt;Thank&lt;/b&gt; you." in page
    assert "The starter text" in page


def test_who_looked_at_the_texts_is_said_on_a_page(client_of, world):
    client, url = client_of(world.adam), reverse("texts_checked")
    page = client.get(url, {"kind": "warning"})
    seen = page.context["form"].initial["seen"]
    assert seen == f"warning:{wording.digests(world.school)['warning']}"
    client.post(url, {"checked_by": "Bright & Co", "seen": seen})
    assert [row.kind for row in WordingChecked.objects.all()] == ["warning"]
    assert client.post(url, {"checked_by": "Bright & Co", "seen": "nonsense:1"}).status_code == 422
    client.post(url, {"checked_by": "Bright & Co", "seen": client.get(url).context["form"].initial["seen"]})
    assert wording.unchecked(world.school) == []


def test_today_reminds_whoever_looks_after_letters_in_one_line(client_of, world):
    assert client_of(world.adam).get("/").content.decode().count("Starter text: have it checked") == 1
    assert "Starter text" not in client_of(world.olive).get("/").content.decode()
    confirm(world, starters.kinds())
    assert "Starter text" not in client_of(world.adam).get("/").content.decode()


def test_a_draft_reminds_whoever_may_word_it(client_of, world):
    draft = world.decided().case_letters.get()
    page = reverse("letter", args=[draft.letter_id])
    assert "Starter text: have it checked" in client_of(world.adam).get(page).content.decode()
    confirm(world, [draft.letter.kind])
    assert "Starter text: have it checked" not in client_of(world.adam).get(page).content.decode()


@pytest.mark.parametrize("many", [1, 3])
def test_the_pages_ask_as_often_for_one_version_as_for_three(client_of, world, django_assert_num_queries, many):
    for n in range(many):
        change(world, follows=n, expected=f"Words {n}.")
    client = client_of(world.adam)
    client.get("/")
    with django_assert_num_queries(LIST):
        client.get(reverse("texts"))
    with django_assert_num_queries(ONE):
        client.get(reverse("text", args=["warning"]))


LIST, ONE = 8, 11


def test_the_digest_does_not_hang_on_the_order_of_the_texts():
    said = dict(starters.texts_of("warning"))
    assert wording.digest("warning", said) == wording.digest("warning", dict(reversed(list(said.items()))))
    assert json.dumps(said)
