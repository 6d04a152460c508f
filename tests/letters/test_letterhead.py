"""The letterhead: logo, colour, address, footer and signatures, in what is issued from now on; and its page."""

import pytest
from django.urls import reverse

from conduct import clock
from conduct.models import AuditRow, KeptFile, Membership
from letters import letterhead, press, rendering, samples, service
from letters.look import COLOUR, PLAIN, Look, contrast
from letters.models import Document, Letter, Letterhead, Signature
from sanctions import correspondence
from sanctions import letterhead as verbs
from sanctions.standing import Refused
from tests.factories import STAFF, at, signed
from tests.files import EXE, picture, upload

NOON = "2026-03-02 12:00"
FORM = {
    "colour": "#7a1f5c",
    "address": "1 Lane\nTownham",
    "footer": "Company 1",
    "envelope": "c5",
    "logo_words": "Crest",
}


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(NOON))


def with_logo(client, colour="red"):
    return client.post(reverse("logo"), {"picture": upload("logo.png", picture("PNG", (900, 300), colour=colour))})


def with_signature(client, user):
    url = reverse("signature", args=[user.pk])
    return client.post(url, {"picture": upload("hand.png", picture("PNG", (300, 80), colour="navy"))})


# -- how it looks -------------------------------------------------------------------------------------------------


def test_a_school_without_a_letterhead_has_the_plain_look(world):
    assert letterhead.current(world.school, world.hari) == {}
    assert letterhead.seen({}) == PLAIN


def test_what_is_saved_stands_in_the_look_and_in_the_letter(client_of, world):
    client_of(world.adam).post(reverse("letterhead"), FORM)
    look = letterhead.current(world.school, world.hari)
    assert look == {"colour": "#7a1f5c", "address": "1 Lane\nTownham", "footer": "Company 1", "envelope": "c5"}
    page = rendering.page("warning", samples.facts("warning"), look=letterhead.seen(look))
    assert 'data-footer="Company 1" style="--colour: #7a1f5c"' in page
    assert "1 Lane<br>Townham" in page


@pytest.mark.parametrize("colour", ["red", "#fff", "#0f4c5c; background: url(x)", "#0F4C5C", ""])
def test_nothing_but_a_colour_comes_into_the_style_of_the_page(colour):
    with pytest.raises(ValueError, match="is not a colour"):
        Look(colour=colour)


def test_contrast_is_counted_as_the_guidelines_have_it():
    assert (round(contrast("#ffffff"), 2), round(contrast("#000000"), 2)) == (1, 21)
    assert (round(contrast("#767676"), 2), contrast(COLOUR) > 9) == (4.54, True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"colour": "#cccccc"}, "too pale to read on white paper: 1.6 to 1"),
        ({"colour": "teal"}, "Write it as #"),
        ({"address": "a\nb\nc\nd\ne"}, "That is 5 lines"),
        ({"envelope": "a4"}, "Select a valid choice"),
        ({"footer": "x" * 201}, "at most 200 characters"),
    ],
)
def test_what_cannot_be_printed_well_is_refused_at_its_field(client_of, world, changed, said):
    answer = client_of(world.adam).post(reverse("letterhead"), FORM | changed)
    assert (answer.status_code, Letterhead.objects.count()) == (422, 0)
    assert said in answer.content.decode()
    assert "Crest" in answer.content.decode()


# -- pictures -----------------------------------------------------------------------------------------------------


def test_a_logo_is_made_anew_small_and_kept_for_ever(client_of, world):
    client = client_of(world.adam)
    assert with_logo(client).status_code == 302
    head = Letterhead.objects.get()
    first = letterhead.current(world.school)
    assert first == {"logo": head.logo_printed.sha256, "logo_words": f"Logo of {world.school.name}"}
    assert letterhead.seen(first).logo.startswith("data:image/png;base64,")
    with_logo(client, "blue")
    assert (KeptFile.objects.count(), letterhead.current(world.school)["logo"] != first["logo"]) == (1, True)
    assert letterhead.seen(first).logo.startswith("data:image/png;base64,")  # the letters of before can be made again
    client.post(reverse("logo"), {"remove": "1"})
    assert (letterhead.current(world.school), KeptFile.objects.count(), Document.objects.count()) == ({}, 0, 2)


@pytest.mark.parametrize("wrong", [None, upload("a.png", EXE), upload("a.svg", b"<svg/>"), upload("a.png", b"")])
def test_what_is_no_picture_is_refused(client_of, world, wrong):
    answer = client_of(world.adam).post(reverse("logo"), {"picture": wrong} if wrong else {})
    assert (answer.status_code, KeptFile.objects.count()) == (422, 0)


def test_a_picture_of_thousands_of_pixels_prints_small(client_of, world):
    from io import BytesIO

    from PIL import Image

    client_of(world.adam).post(reverse("logo"), {"picture": upload("big.jpg", picture("JPEG", (3000, 1500)))})
    assert Image.open(BytesIO(bytes(Document.objects.get().content))).size == (700, 350)


def test_a_signature_prints_above_its_own_name_in_drafts_to_be_approved_and_on_no_copy(client_of, world):
    with_signature(client_of(world.adam), world.hari)
    look = letterhead.current(world.school, world.hari)
    assert set(look) == {"signature"}
    assert letterhead.current(world.school, world.cora) == {}
    seen = letterhead.seen(look)
    facts = samples.facts("warning")
    assert 'alt="Signature of Harriet Lowe"' in rendering.page("warning", facts, look=seen)
    assert 'alt="Signature of Harriet Lowe"' in rendering.page("warning", facts, look=seen, draft=True)
    assert "Signature of" not in rendering.page("warning", facts, look=seen, copy=True)


def test_a_signature_is_replaced_and_taken_out_and_the_earlier_rows_stay(client_of, world):
    client = client_of(world.adam)
    with_signature(client, world.hari)
    with_signature(client, world.hari)
    assert Signature.objects.filter(withdrawn_at=None).count() == 1
    client.post(reverse("signature", args=[world.hari.pk]), {"remove": "1"})
    assert list(Signature.objects.values_list("withdrawn_by", flat=True)) == [world.adam.pk] * 2
    deeds = list(AuditRow.objects.filter(deed__contains="signature").order_by("pk").values_list("deed", flat=True))
    assert deeds == ["put_in_signature", "put_in_signature", "take_out_signature"]


def test_there_is_a_signature_only_of_those_who_sign(client_of, world):
    client = client_of(world.adam)
    names = [row["user"] for row in client.get(reverse("letterhead")).context["signatures"]]
    assert set(names) == {world.hari, world.cora, world.tess, world.sena}
    assert with_signature(client, world.olive).status_code == 404
    with pytest.raises(Refused):
        verbs.put_in_signature(world.school, world.olive, by=world.adam, at=at(NOON), file=KeptFile())


def test_whoever_signs_no_more_has_no_line_on_the_page(client_of, world):
    Membership.objects.filter(user=world.hari).update(ends_on="2026-03-01")
    assert with_signature(client_of(world.adam), world.hari).status_code == 404


# -- what it means for letters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["letterhead", "logo", "signature"])
def test_another_look_asks_for_approval_again(client_of, world, what):
    draft = signed(world.decided().case_letters.get())
    client = client_of(world.adam)
    if what == "letterhead":
        client.post(reverse("letterhead"), FORM)
    elif what == "logo":
        with_logo(client)
    else:
        with_signature(client, world.hari)
    with pytest.raises(Refused) as refused:
        correspondence.issue(draft, by=world.adam, at=at(NOON), method="post", signed_by=draft.signs)
    assert [r.rule for r in refused.value.refusals] == ["approved-as-it-stands"]


def test_the_words_of_the_logo_alone_ask_nothing_again_where_there_is_no_logo(client_of, world):
    client_of(world.adam).post(
        reverse("letterhead"), FORM | {"colour": COLOUR, "address": "", "footer": "", "envelope": "dl"}
    )
    assert letterhead.current(world.school) == {}


def test_an_issued_letter_can_be_made_again_byte_for_byte_after_the_logo_changed(client_of, world):
    client = client_of(world.adam)
    client.post(reverse("letterhead"), FORM)
    with_logo(client)
    with_signature(client, world.hari)
    world.opened()
    letter = Letter.objects.get(kind="provisional_ban")
    with_logo(client, "blue")
    client.post(reverse("signature", args=[world.hari.pk]), {"remove": "1"})
    client.post(reverse("letterhead"), FORM | {"colour": "#333333"})
    letter.refresh_from_db()
    again = press.letter(letter.kind, letter.facts, look=letterhead.seen(letter.look))
    assert again == service.kept_bytes(letter)
    assert set(letter.look) == {"colour", "address", "footer", "envelope", "logo", "logo_words", "signature"}


# -- the page -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(STAFF))
def test_the_pages_are_there_for_whoever_looks_after_letters_and_the_head(client_of, world, quick_letters, name):
    with_logo(client_of(world.adam))
    with_signature(client_of(world.adam), world.hari)
    client = client_of(getattr(world, name))
    urls = [reverse("letterhead"), reverse("letterhead_pdf"), reverse("logo"), reverse("logo_picture")]
    urls += [reverse("signature", args=[world.hari.pk]), reverse("signature_picture", args=[world.hari.pk])]
    expected = 200 if name in {"adam", "hari"} else 404
    assert [client.get(url).status_code for url in urls] == [expected] * 6


def test_another_school_s_pictures_are_not_found(client_of, world, make_world):
    with_signature(client_of(world.adam), world.hari)
    other = client_of(make_world("kingsley").adam)
    assert other.get(reverse("signature_picture", args=[world.hari.pk])).status_code == 404
    assert other.get(reverse("logo_picture")).status_code == 404
    assert other.get(reverse("signature", args=[world.hari.pk])).status_code == 404


def test_the_letter_beside_shows_what_is_typed_and_saves_nothing(client_of, world, monkeypatch):
    asked = []
    monkeypatch.setattr(press, "letter", lambda kind, facts, look, **more: asked.append(look) or b"%PDF-1.7")
    client = client_of(world.adam)
    with_logo(client)
    client.post(reverse("letterhead_pdf"), FORM)
    client.get(reverse("letterhead_pdf"))
    assert [(look.colour, look.logo_words, bool(look.logo)) for look in asked] == [
        ("#7a1f5c", "Crest", True), (COLOUR, f"Logo of {world.school.name}", True)
    ]  # fmt: skip
    assert Letterhead.objects.get().colour == COLOUR
    assert client.post(reverse("letterhead_pdf"), FORM | {"colour": "pale"}).status_code == 422


def test_the_audit_says_what_was_changed(client_of, world):
    client_of(world.adam).post(reverse("letterhead"), FORM)
    changes = AuditRow.objects.get(deed="change_letterhead").changes
    assert changes["colour"] == [COLOUR, "#7a1f5c"]
    client_of(world.adam).post(reverse("letterhead"), FORM)
    assert AuditRow.objects.filter(deed="change_letterhead").count() == 1


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_asks_as_often_for_one_signature_as_for_three(client_of, world, django_assert_num_queries, many):
    client = client_of(world.adam)
    for user in (world.hari, world.cora, world.tess)[:many]:
        with_signature(client, user)
    with django_assert_num_queries(PAGE):
        client.get(reverse("letterhead"))


PAGE = 8
