"""The post room's pages: the queue, one letter, its PDF, printing, and the proof of sending."""

import hashlib
from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.test import Client
from pypdf import PdfReader

from conduct import clock
from conduct.models import AuditRow
from letters import service
from letters.models import Letter, Run
from sanctions import bans, correspondence, measures, post
from sanctions.models import CaseLetter
from tests.factories import World, at, signed

MORNING = "2026-03-02 10:30"


@pytest.fixture
def it_is(monkeypatch):
    """Set the clock that the pages read."""

    def set_to(moment: str) -> None:
        monkeypatch.setattr(clock, "now", lambda: at(moment))

    set_to(MORNING)
    return set_to


@pytest.fixture(autouse=True)
def _morning(it_is):
    """Every test is on 2 March 2026, half past ten, unless it says otherwise."""


def draft_of(world: World) -> Letter:
    """The draft of a provisional ban that was decided at 09:40."""
    world.decided()
    return Letter.objects.get(issued_at=None, school=world.school)


def issued_of(world: World, **told: object) -> Letter:
    """The provisional ban's letter, issued at 10:00."""
    world.opened(**told)
    return Letter.objects.get(issued_at__isnull=False, school=world.school)


def extra_ban(world: World, name: str, address: str, issue: bool = True, method: str = "post") -> Letter:
    """Another person of the school with a ban decided, and its letter issued."""
    person = world.person(name, address=address)
    world.incident(subject=person)
    words = {"severity_reason": "A threat.", "lesser_options": "Would not do."}
    ban = measures.propose(
        person, by=world.olive, at=at("2026-03-02 09:12"), response="site_ban", opening="provisional", **words
    )
    measures.consult(ban, by=world.cora, at=at("2026-03-02 09:30"), consulted=world.cora, how="telephone", view="Yes.")
    measures.decide(ban, by=world.hari, at=at("2026-03-02 09:40"), terms=world.terms(handover=()))
    draft = CaseLetter.objects.get(measure=ban)
    if issue:
        correspondence.issue(
            signed(draft), by=world.adam, at=at("2026-03-02 10:00"), method=method, signed_by=world.hari
        )
    return draft.letter


def sent_answers(**changed: str) -> dict[str, str]:
    return {"sent_at": "2026-03-02T10:20", "method": "post", "proof": "certificate", "note": "", **changed}


# -- who sees what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("adam", 200), ("hari", 200), ("olive", 404), ("sena", 404), ("cora", 404), ("tess", 404), ("gail", 404),
        ("rita", 404), ("sid", 404),
    ],
)  # fmt: skip
def test_the_queue_is_for_those_who_look_after_letters(world, client_of, name, expected):
    assert client_of(getattr(world, name)).get("/letters/").status_code == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("adam", 200), ("hari", 200), ("olive", 200), ("sena", 200), ("cora", 200), ("tess", 200), ("gail", 404),
        ("rita", 404), ("sid", 404),
    ],
)  # fmt: skip
def test_a_letter_is_seen_by_the_post_room_and_by_whoever_sees_its_case(world, client_of, name, expected):
    letter = issued_of(world)
    client = client_of(getattr(world, name))
    assert client.get(f"/letters/{letter.pk}/").status_code == expected
    assert client.get(f"/letters/{letter.pk}/pdf/").status_code == expected


def test_nobody_who_is_not_signed_in_sees_a_letter(world):
    letter = issued_of(world)
    for page in ("", "pdf/"):
        response = Client().get(f"/letters/{letter.pk}/{page}")
        assert response.status_code == 302
        assert response.url.startswith("/account/login/")


def test_another_school_finds_no_such_letter(world, make_world, client_of):
    letter = issued_of(world)
    other = client_of(make_world("oakmoor").adam)
    assert other.get(f"/letters/{letter.pk}/").status_code == 404
    assert other.get(f"/letters/{letter.pk}/pdf/").status_code == 404
    for deed in ("print", "posted", "approve", "ask-again", "issue", "reword", "replace"):
        assert other.post(f"/letters/{letter.pk}/{deed}/").status_code == 404
    assert other.post("/letters/print/", {"ids": [letter.pk]}).status_code == 404


def test_an_unknown_letter_is_not_found(world, client_of):
    assert client_of(world.adam).get("/letters/9999/").status_code == 404


@pytest.mark.parametrize("deed", ["print", "posted", "issue", "reword", "replace"])
def test_strangers_to_the_case_and_the_post_room_cannot_act(world, client_of, deed):
    letter = issued_of(world)
    for name in ("gail", "rita", "sid"):
        assert client_of(getattr(world, name)).post(f"/letters/{letter.pk}/{deed}/").status_code == 404


def test_whoever_sees_the_case_but_not_the_post_room_is_refused_in_words(world, client_of):
    letter = issued_of(world)
    client = client_of(world.olive)
    for deed, answers in (("print", {}), ("posted", sent_answers()), ("replace", {})):
        response = client.post(f"/letters/{letter.pk}/{deed}/", answers)
        assert response.status_code == 422, deed
        assert "Your role at this school does not allow this." in response.text
    letter.refresh_from_db()
    assert (letter.printed_at, letter.posted_at) == (None, None)


def test_office_cannot_issue_a_draft(world, client_of):
    letter = draft_of(world)
    response = client_of(world.olive).post(
        f"/letters/{letter.pk}/issue/", {"method": "post", "sent_at": "2026-03-02T10:30"}
    )
    assert response.status_code == 422
    assert 'data-rule="not-permitted"' in response.text
    letter.refresh_from_db()
    assert letter.reference == ""


def test_the_case_is_linked_only_for_those_who_may_see_it(world, client_of):
    letter = issued_of(world)
    link = f'href="/cases/{letter.case_letter.case.reference}/"'
    assert link in client_of(world.hari).get(f"/letters/{letter.pk}/").text
    assert link not in client_of(world.adam).get(f"/letters/{letter.pk}/").text


# -- the queue ----------------------------------------------------------------------------------------------------


def test_an_empty_queue_says_what_comes_there(world, client_of):
    page = client_of(world.adam).get("/letters/").text
    assert "No draft waits to be issued." in page
    assert "Print all" not in page


def test_a_letter_walks_through_the_queue(world, client_of):
    client = client_of(world.adam)
    letter = draft_of(world)

    def stage() -> list[str]:
        found = client.get("/letters/").context["sections"]
        return [s["stage"].key for s in found for _, rows in s["days"] for row in rows if row["letter"].pk == letter.pk]

    assert stage() == ["to-issue"]
    signed(letter.case_letter)
    client.post(f"/letters/{letter.pk}/issue/", {"method": "post", "sent_at": "2026-03-02T10:30"})
    assert stage() == ["to-print"]
    client.post(f"/letters/{letter.pk}/print/")
    assert stage() == ["to-print"]
    client.post(f"/letters/runs/{Run.objects.get().pk}/close/")
    assert stage() == ["to-post"]
    client.post(f"/letters/{letter.pk}/posted/", sent_answers(sent_at="2026-03-02T10:30"))
    assert stage() == ["sent"]


def test_a_draft_whose_measure_was_withdrawn_is_no_longer_needed(world, client_of):
    letter = draft_of(world)
    bans.withdraw(letter.case_letter.measure, by=world.hari, at=at("2026-03-02 09:50"), reasons="The wrong person.")
    client = client_of(world.adam)
    page = client.get("/letters/?show=to-issue")
    assert page.context["sections"][0]["days"] == []
    assert "No longer needed" in client.get(f"/letters/{letter.pk}/").text


def test_an_email_is_never_among_those_to_print(world, client_of):
    world.alex.email = "alex@home.example"
    world.alex.save()
    letter = issued_of(world, method="email")
    found = client_of(world.adam).get("/letters/").context["sections"]
    assert [
        s["stage"].key for s in found for _, rows in s["days"] for row in rows if row["letter"].pk == letter.pk
    ] == ["to-post"]


def test_the_queue_is_read_in_a_fixed_number_of_queries(world, client_of, django_assert_num_queries):
    client = client_of(world.adam)
    issued_of(world)
    extra_ban(world, "Bea Cole", "2 High Street, Townham TW1 2AA", issue=False)
    with django_assert_num_queries(15):
        client.get("/letters/")
    for n in range(2):
        extra_ban(world, f"Issued {n}", "3 High Street, Townham TW1 2AA")
        extra_ban(world, f"Drafted {n}", "3 High Street, Townham TW1 2AA", issue=False)
    with django_assert_num_queries(15):
        client.get("/letters/")


# -- the PDF ------------------------------------------------------------------------------------------------------


def test_the_pdf_is_served_byte_for_byte_as_it_is_kept(world, client_of):
    letter = issued_of(world)
    response = client_of(world.adam).get(f"/letters/{letter.pk}/pdf/")
    assert response.content == bytes(letter.document.content)
    assert hashlib.sha256(response.content).hexdigest() == letter.document.sha256
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="L-2026-0001.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store, private"


def test_every_look_at_the_pdf_is_in_the_audit(world, client_of):
    letter = issued_of(world)
    client = client_of(world.hari)
    client.get(f"/letters/{letter.pk}/pdf/")
    client.get(f"/letters/{letter.pk}/pdf/")
    looks = AuditRow.objects.filter(deed="look_at_letter").values_list("by", "about", "school")
    assert list(looks) == [(world.hari.pk, "L-2026-0001", world.school.pk)] * 2


def test_a_kept_pdf_that_was_changed_is_neither_served_nor_printed(world, client_of, monkeypatch):
    letter = issued_of(world)
    digest_of_a_changed_file = SimpleNamespace(sha256=lambda kept: hashlib.sha256(kept + b" "))
    monkeypatch.setattr(service, "hashlib", digest_of_a_changed_file)
    client = client_of(world.adam)
    client.raise_request_exception = False
    assert client.get(f"/letters/{letter.pk}/pdf/").status_code == 500
    client.post(f"/letters/{letter.pk}/print/")
    assert (Run.objects.get().stage, Run.objects.get().file.name) == ("failed", "")
    assert "It stopped" in client.get(f"/letters/runs/{Run.objects.get().pk}/").text
    letter.refresh_from_db()
    assert letter.printed_at is None
    assert not AuditRow.objects.filter(deed="print_letter").exists()


def test_a_draft_is_shown_as_the_real_letter_with_its_mark(world, client_of):
    letter = draft_of(world)
    response = client_of(world.adam).get(f"/letters/{letter.pk}/pdf/")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(response.content)).pages)
    assert "DRAFT – NOT SENT" in text
    assert "Alex Marsh" in text
    assert AuditRow.objects.get(deed="look_at_letter").about == f"letter {letter.pk}"


# -- a draft ------------------------------------------------------------------------------------------------------


def test_a_draft_says_what_is_missing_and_where_it_is_filled_in(world, client_of):
    world.school.contact_name = ""
    world.school.save()
    world.alex.address = ""
    world.alex.save()
    letter = draft_of(world)
    page = client_of(world.adam).get(f"/letters/{letter.pk}/")
    unmet = {item["label"]: item["link_url"] for item in page.context["items"] if not item["met"]}
    assert unmet == {"Whom to ask": "/school/details/", "Approved as it stands": "#approve"}
    form = page.context["issue_form"]
    assert form.fields["method"].help_text == (
        "First-class post is not possible: the person needs a postal address. "
        "Email is not possible: the person needs an email address."
    )
    assert form.initial["method"] == "hand"
    assert page.text.count("disabled") == 2


def test_whoever_may_issue_but_not_word_a_letter_sees_no_form_for_words(world, client_of):
    letter = draft_of(world)
    adam = client_of(world.adam).get(f"/letters/{letter.pk}/").context
    assert "issue_form" in adam
    assert "reword_form" not in adam
    cora = client_of(world.cora).get(f"/letters/{letter.pk}/").context
    assert "issue_form" not in cora
    assert "reword_form" in cora


def test_the_head_words_a_draft(world, client_of):
    letter = draft_of(world)
    response = client_of(world.hari).post(
        f"/letters/{letter.pk}/reword/", {"account": "There was shouting.", "extra": "Thank you."}
    )
    assert response.status_code == 302
    letter.refresh_from_db()
    assert (letter.account, letter.extra) == ("There was shouting.", "Thank you.")


def test_a_draft_is_issued_in_the_name_of_whoever_decided(world, client_of):
    letter = signed(draft_of(world).case_letter).letter
    client = client_of(world.adam)
    response = client.post(f"/letters/{letter.pk}/issue/", {"method": "post", "sent_at": "2026-03-02T10:30"})
    assert (response.status_code, response["Location"]) == (302, f"/letters/{letter.pk}/")
    letter.refresh_from_db()
    assert (letter.reference, letter.signed_by, letter.issued_by) == ("L-2026-0001", world.hari, world.adam)
    page = client.get(f"/letters/{letter.pk}/").text
    assert "Mark as sent" in page
    assert "taken as received on Wednesday 4 March 2026" in page


def test_the_refusals_of_issuing_come_back_with_what_was_typed(world, client_of):
    letter = draft_of(world)
    world.incident(witnesses=["Pat Green"], when="2026-03-02 09:55", narrative="Told Pat Green to go away.")
    hari = client_of(world.hari)
    digest = hari.get(f"/letters/{letter.pk}/").context["approval"].digest
    response = hari.post(
        f"/letters/{letter.pk}/issue/", {"method": "post", "sent_at": "2026-03-03T09:00", "digest": digest}
    )
    assert response.status_code == 422
    assert [r.rule for r in response.context["refusals"]] == ["no-third-parties"]
    assert "The letter names Pat Green" in response.text
    assert 'value="2026-03-03T09:00"' in response.text
    letter.refresh_from_db()
    assert letter.issued_at is None


def test_characters_that_cannot_be_printed_are_a_message_and_nothing_is_issued(world, client_of):
    world.alex.name = "Алексей Марш 김"
    world.alex.save()
    letter = signed(draft_of(world).case_letter).letter
    client = client_of(world.adam)
    page = client.get(f"/letters/{letter.pk}/")
    assert "김" in page.context["unprintable"]
    assert client.get(f"/letters/{letter.pk}/pdf/").status_code == 422
    response = client.post(f"/letters/{letter.pk}/issue/", {"method": "post", "sent_at": "2026-03-02T10:30"})
    assert response.status_code == 422
    assert "Letters cannot print these characters" in response.text
    letter.refresh_from_db()
    assert (letter.issued_at, letter.reference) == (None, "")


@pytest.mark.parametrize(
    ("sent_at", "wrong"),
    [
        ("2026-03-01T10:30", "It cannot leave before it is issued: give a time from now on."),
        ("2026-03-20T10:30", "Give a day within the next two weeks; a letter is issued when it is ready to go."),
        ("soon", "Enter a valid date/time."),
        ("", "This field is required."),
    ],
)
def test_a_letter_is_issued_to_leave_now_or_soon(world, client_of, sent_at, wrong):
    letter = draft_of(world)
    response = client_of(world.adam).post(f"/letters/{letter.pk}/issue/", {"method": "post", "sent_at": sent_at})
    assert response.status_code == 422
    assert response.context["form"].errors == {"sent_at": [wrong]}


def test_a_form_that_stood_open_a_while_issues_a_letter_that_leaves_now(world, client_of):
    letter = signed(draft_of(world).case_letter).letter
    client_of(world.adam).post(f"/letters/{letter.pk}/issue/", {"method": "post", "sent_at": "2026-03-02T10:00"})
    letter.refresh_from_db()
    assert letter.sent_at == at(MORNING)


def test_coming_by_get_to_a_form_s_address_leads_to_the_letter(world, client_of):
    letter = draft_of(world)
    for deed in ("print", "posted", "approve", "ask-again", "issue", "reword", "replace"):
        assert client_of(world.adam).get(f"/letters/{letter.pk}/{deed}/")["Location"] == f"/letters/{letter.pk}/"


# -- the proof of sending -----------------------------------------------------------------------------------------


def test_marking_a_letter_as_sent_keeps_its_proof_and_moves_its_dates(world, client_of, it_is):
    letter = issued_of(world)
    it_is("2026-03-05 09:00")
    answers = sent_answers(sent_at="2026-03-04T15:00", proof="signed_for", note="AB123456789GB")
    response = client_of(world.adam).post(f"/letters/{letter.pk}/posted/", answers)
    assert response.status_code == 302
    letter.refresh_from_db()
    assert letter.sent_at == datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
    sending = letter.sendings.get()
    assert (sending.proof, sending.proof_note, letter.posted_by) == ("signed_for", "AB123456789GB", world.adam)
    assert letter.received.on.isoformat() == "2026-03-06"


@pytest.mark.parametrize(
    ("changed", "field", "wrong"),
    [
        ({"proof": "signed_for"}, "note", "Give the number of the signed-for letter."),
        ({"method": "hand", "proof": "handed_over"}, "note", "Say who handed it over, and to whom."),
        (
            {"method": "hand", "note": "Olive to Alex"},
            "proof",
            "That does not go with “By hand”: choose what you really hold.",
        ),
        ({"proof": "sent_email"}, "proof", "That does not go with “First-class post”: choose what you really hold."),
        ({"sent_at": "2026-03-02T11:30"}, "sent_at", "That is still to come: mark it as sent once it has left."),
        ({"sent_at": "2026-03-02T09:30"}, "sent_at", "That is before the letter was issued."),
    ],
)
def test_a_proof_that_does_not_hold_comes_back_with_everything_typed(world, client_of, changed, field, wrong):
    letter = issued_of(world)
    answers = sent_answers(**changed)
    response = client_of(world.adam).post(f"/letters/{letter.pk}/posted/", answers)
    assert response.status_code == 422
    form = response.context["form"]
    assert form.errors == {field: [wrong]}
    assert {name: form[name].value() for name in answers} == answers
    letter.refresh_from_db()
    assert letter.posted_at is None


def test_by_hand_with_who_handed_it_over_is_enough(world, client_of):
    letter = issued_of(world)
    answers = sent_answers(method="hand", proof="handed_over", note="Olive Office to Alex Marsh, at the counter")
    assert client_of(world.adam).post(f"/letters/{letter.pk}/posted/", answers).status_code == 302
    letter.refresh_from_db()
    assert (letter.method, letter.sendings.get().proof) == ("hand", "handed_over")


def test_a_second_marking_is_shown_what_happened_and_changes_nothing(world, client_of):
    letter = issued_of(world)
    client = client_of(world.adam)
    client.post(f"/letters/{letter.pk}/posted/", sent_answers())
    response = client_of(world.hari).post(
        f"/letters/{letter.pk}/posted/", sent_answers(sent_at="2026-03-02T10:29"), follow=True
    )
    assert "It was marked as sent already, by Adam Admin: it left on Monday 2 March 2026 at 10:20." in response.text
    letter.refresh_from_db()
    assert (letter.posted_by, letter.sent_at) == (world.adam, at("2026-03-02 10:20"))


# -- a letter that is wrong ---------------------------------------------------------------------------------------


def test_a_wrong_letter_is_replaced_by_a_new_one_that_says_so(world, client_of):
    wrong = issued_of(world)
    client = client_of(world.adam)
    response = client.post(f"/letters/{wrong.pk}/replace/")
    new = Letter.objects.get(issued_at=None)
    assert response["Location"] == f"/letters/{new.pk}/"
    assert new.supersedes == wrong
    signed(new.case_letter)
    client.post(f"/letters/{new.pk}/issue/", {"method": "post", "sent_at": "2026-03-02T10:30"})
    new.refresh_from_db()
    assert (new.reference, new.facts["supersedes"]) == ("L-2026-0002", "L-2026-0001")
    assert list(post.free_to_print(world.school, at("2026-03-02 10:40"))) == [new]
    assert list(post.letters_in(post.BY_KEY["to-print"], world.school)) == [new]
    assert [post.state_word(each)[0] for each in (wrong, new)] == ["Replaced", "To print"]
    assert "Mark as sent" in client.get(f"/letters/{wrong.pk}/").text  # if it did leave
    assert "Replaced by L-2026-0002" in client.get(f"/letters/{wrong.pk}/").text
    again = client.post(f"/letters/{wrong.pk}/replace/")
    assert again.status_code == 422
    assert "L-2026-0002 has replaced this letter: replace that one." in again.text


def test_pressing_twice_makes_one_corrected_draft(world, client_of):
    wrong = issued_of(world)
    client = client_of(world.adam)
    first, second = (client.post(f"/letters/{wrong.pk}/replace/")["Location"] for _ in range(2))
    assert first == second
    assert Letter.objects.filter(issued_at=None).count() == 1


# --- a copy in the other size


def test_an_issued_letter_is_copied_in_large_print_and_stays_as_it_was(world, client_of):
    letter = issued_of(world)
    kept = bytes(letter.document.content)
    client = client_of(world.adam)
    assert "Copy in large print" in client.get(f"/letters/{letter.pk}/").content.decode()
    response = client.post(f"/letters/{letter.pk}/copy/")
    pages = PdfReader(BytesIO(response.content)).pages
    assert all(f"Large-print copy of {letter.reference}" in each.extract_text() for each in pages)
    assert "Notice of a provisional ban" in pages[0].extract_text()
    letter.refresh_from_db()
    assert bytes(letter.document.content) == kept
    assert letter.facts["large_print"] is False
    row = AuditRow.objects.get(deed="copy_letter")
    assert (row.by, row.about, row.changes) == (world.adam, letter.reference, {"size": "large print"})


def test_a_letter_in_large_print_is_copied_in_the_usual_size(world, client_of):
    world.alex.large_print = True
    world.alex.save()
    letter = issued_of(world)
    client = client_of(world.adam)
    assert "Copy in the usual size" in client.get(f"/letters/{letter.pk}/").content.decode()
    text = PdfReader(BytesIO(client.post(f"/letters/{letter.pk}/copy/").content)).pages[0].extract_text()
    assert f"Copy in the usual size of {letter.reference}" in text


def test_a_draft_is_not_copied_and_nobody_but_the_post_room_copies(world, client_of):
    draft = draft_of(world)
    assert client_of(world.adam).post(f"/letters/{draft.pk}/copy/").status_code == 422
    assert client_of(world.olive).post(f"/letters/{draft.pk}/copy/").status_code in {404, 422}
    assert client_of(world.gail).post(f"/letters/{draft.pk}/copy/").status_code == 404
    assert not AuditRow.objects.filter(deed="copy_letter").exists()


def test_a_letter_with_a_protected_address_is_copied_by_those_alone_who_may_see_it(world, client_of):
    letter = issued_of(world)
    world.alex.address_protected = True
    world.alex.save()
    assert client_of(world.hari).post(f"/letters/{letter.pk}/copy/").status_code == 200
    assert client_of(world.cora).post(f"/letters/{letter.pk}/copy/").status_code == 404
