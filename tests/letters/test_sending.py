"""A letter leaves: by the program's own email, again, with a scan of its proof; and it may come back."""

import smtplib
from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail.backends.locmem import EmailBackend

from conduct import files
from conduct.models import AuditRow, KeptFile, Person
from letters.models import Letter, Sending
from sanctions import bans, correspondence, diary, inquiry, outbox, serving
from sanctions.models import Measure, Task
from sanctions.situation import record_of, with_history
from sanctions.standing import Refused
from sanctions.views.post_room.sending import SCANS
from tests.factories import at, signed
from tests.files import picture

ADDRESS = "alex@home.example"
NOON = at("2026-03-02 12:00")


@pytest.fixture
def letter(world) -> Letter:
    """The letter of a provisional ban, issued on Monday 2 March 2026 at 10:00 to go by post."""
    world.alex.email = ADDRESS
    world.alex.save()
    world.opened()
    return Letter.objects.get()


def posted(letter: Letter, by, when: str = "2026-03-02 15:00", **told) -> list[serving.Moved]:
    told = {"method": "post", "proof": "certificate", **told}
    verb = serving.send_again if letter.posted_at else serving.record_sent
    return verb(letter, by=by, at=at(when), sent_at=at(when), **told)


def back(letter: Letter, by, when: str = "2026-03-09 09:00") -> list[serving.Moved]:
    told = {"at": at(when), "on": at(when).date(), "why": "Gone away"}
    return serving.came_back(letter.sendings.latest("pk"), by=by, **told)


def record(letter: Letter):
    ban = with_history(Measure.objects.filter(case_letters__letter=letter)).get()
    return record_of(ban, ban.case.school.calendar)


def refusal(deed, *args, **told) -> str:
    with pytest.raises(Refused) as refused:
        deed(*args, **told)
    return " ".join(r.text for r in refused.value.refusals)


# -- it came back -------------------------------------------------------------------------------------------------


def test_a_letter_that_came_back_has_no_receipt_and_no_clock_runs(world, letter):
    posted(letter, world.adam)
    moved = back(letter, world.adam)
    letter.refresh_from_db()
    assert (letter.came_back_on, letter.received) == (date(2026, 3, 9), None)
    assert record(letter).window is None
    assert [str(m) for m in moved] == [
        "Last day for a reply: Wednesday 18 March 2026 → no day yet",
        "Decide by: Wednesday 25 March 2026 → Tuesday 31 March 2026",
    ]
    assert AuditRow.objects.filter(deed="letter_came_back", by=world.adam).count() == 1


def test_sent_again_its_window_starts_from_the_new_receipt_and_ends_by_the_latest_decision_date(world, letter):
    posted(letter, world.adam)
    back(letter, world.adam)
    posted(letter, world.adam, "2026-03-10 10:00", method="hand", proof="handed_over", note="Olive to Alex")
    letter.refresh_from_db()
    assert (letter.came_back_on, letter.method, letter.sent_again) == (None, "hand", True)
    assert record(letter).window.on == date(2026, 3, 24)
    back(letter, world.adam, "2026-03-11 10:00")
    posted(letter, world.adam, "2026-03-20 10:00")
    assert record(letter).window.on == date(2026, 3, 31)


def test_that_nothing_came_cannot_be_recorded_while_the_letter_is_back(world, letter):
    posted(letter, world.adam)
    back(letter, world.adam)
    ban = Measure.objects.get()
    said = refusal(bans.none_received, ban, by=world.olive, at=at("2026-03-25 09:00"))
    assert said == (
        "The letter that asks them came back on Monday 9 March 2026: send it again first. Their time to reply starts again "
        "when it is sent."
    )
    posted(letter, world.adam, "2026-03-10 10:00")
    bans.none_received(ban, by=world.olive, at=at("2026-03-27 09:00"))


def test_a_task_to_decide_that_opened_too_early_closes_and_opens_again_in_time(world, letter):
    posted(letter, world.adam)
    diary.sweep(at("2026-03-19 06:00"))
    open_now = Task.objects.filter(kind="decision_due", closed_at=None)
    assert open_now.count() == 1
    back(letter, world.adam, "2026-03-19 09:00")
    assert open_now.count() == 0
    posted(letter, world.adam, "2026-03-19 10:00", method="hand", proof="handed_over", note="Olive to Alex")
    diary.sweep(at("2026-03-20 06:00"))
    assert open_now.count() == 0
    diary.sweep(at("2026-04-01 06:00"))
    assert Measure.objects.get().state == "lapsed"


def test_a_provisional_ban_whose_letter_is_back_lapses_on_its_day_and_asks_to_be_looked_at(world, letter):
    posted(letter, world.adam)
    back(letter, world.adam)
    diary.sweep(at("2026-03-31 23:00"))
    assert Measure.objects.get().state == "provisional"
    diary.sweep(at("2026-04-01 06:00"))
    assert Measure.objects.get().state == "lapsed"
    assert list(Task.objects.filter(closed_at=None, kind__startswith="decision").values_list("kind", flat=True)) == [
        "decision_overdue"
    ]


def test_coming_on_to_the_site_is_no_breach_while_nobody_was_told(world, letter):
    posted(letter, world.adam)
    ban = Measure.objects.get()
    assert inquiry.knew(ban, at("2026-03-05 09:00")) is True
    back(letter, world.adam)
    assert inquiry.knew(Measure.objects.get(), at("2026-03-05 09:00")) is False


def test_a_second_copy_takes_nothing_from_the_first_receipt(world, letter):
    posted(letter, world.adam)
    posted(letter, world.adam, "2026-03-12 10:00", method="hand", proof="handed_over", note="Olive to Alex")
    assert inquiry.knew(Measure.objects.get(), at("2026-03-05 09:00")) is True
    assert record(letter).window.on == date(2026, 3, 26)
    back(letter, world.adam, "2026-03-13 10:00")
    letter.refresh_from_db()
    assert (letter.came_back_on, letter.method) == (None, "post")
    assert record(letter).window.on == date(2026, 3, 18)


def test_a_draft_and_what_came_back_already_cannot_come_back(world, letter):
    posted(letter, world.adam)
    back(letter, world.adam)
    assert refusal(back, letter, world.adam) == "That it came back on 9 March 2026 is recorded already."
    draft = correspondence.redraft(letter, by=world.adam, at=at("2026-03-09 10:00")).letter
    assert "not issued yet" in refusal(posted, draft, world.adam, "2026-03-09 10:00")


@pytest.mark.parametrize("on", ["2026-03-01", "2026-03-10"])
def test_it_came_back_after_it_left_and_not_in_time_to_come(world, letter, on):
    posted(letter, world.adam)
    sending, told = letter.sendings.get(), {"on": date.fromisoformat(on), "why": "Gone away"}
    assert "it came back on that day or later" in refusal(
        serving.came_back, sending, by=world.adam, at=at("2026-03-09 09:00"), **told
    )


def test_only_the_post_room_records_it(world, letter):
    posted(letter, world.adam)
    assert refusal(back, letter, world.olive).startswith("Your role at this school does not allow this.")


# -- by email -----------------------------------------------------------------------------------------------------


class Refusing(EmailBackend):
    """A mail server that answers with an error: which one is set on the class."""

    at_open: Exception | None = None
    at_send: Exception | None = None

    def open(self):
        if self.at_open:
            raise self.at_open

    def send_messages(self, messages):
        if self.at_send:
            raise self.at_send
        return super().send_messages(messages)


@pytest.fixture
def refusing(settings, monkeypatch):
    """Let the mail server answer with an error when the line opens, or when the letter is handed over."""
    settings.EMAIL_BACKEND = "tests.letters.test_sending.Refusing"

    def answer(*, at_open=None, at_send=None) -> None:
        monkeypatch.setattr(Refusing, "at_open", at_open)
        monkeypatch.setattr(Refusing, "at_send", at_send)

    return answer


def emailed(letter: Letter, by) -> Sending:
    return serving.email(letter, by=by, at=NOON, to=ADDRESS)


def delivered(sending: Sending, when=NOON) -> Sending:
    outbox.deliver(sending.pk, now=lambda: when)
    sending.refresh_from_db()
    return sending


def test_the_program_emails_the_letter_as_it_is_kept_and_tells_nothing_of_the_case(world, letter):
    sending = delivered(emailed(letter, world.adam))
    (sent,) = mail.outbox
    (name, content, sort) = sent.attachments[0]
    assert (name, content, sort) == ("L-2026-0001.pdf", bytes(letter.document.content), "application/pdf")
    assert (sent.to, sent.reply_to, sent.subject) == (
        [ADDRESS],
        [world.school.email],
        f"A letter from {world.school.name}",
    )
    assert not any(word in sent.body.lower() for word in ("ban", "incident", "conduct", "robin"))
    assert sent.extra_headers["Message-ID"] == sending.message_id
    letter.refresh_from_db()
    assert (letter.method, letter.sent_at, letter.posted_by) == ("email", NOON, world.adam)
    assert (sending.stage, sending.proof, sending.outcome) == ("left", "accepted", "Accepted by the mail server.")


def test_called_twice_it_is_sent_once(world, letter):
    sending = emailed(letter, world.adam)
    assert [outbox.deliver(sending.pk, now=lambda: NOON) for _ in range(2)] == ["left", ""]
    outbox.sweep(NOON + timedelta(days=1), now=lambda: NOON + timedelta(days=1))
    assert len(mail.outbox) == 1


def test_what_no_worker_was_told_of_is_sent_by_the_sweep(world, letter):
    emailed(letter, world.adam)
    assert outbox.sweep(NOON, now=lambda: NOON) == 1
    assert len(mail.outbox) == 1


def test_a_server_that_cannot_be_reached_is_tried_three_times_and_then_a_person_is_asked(world, letter, refusing):
    refusing(at_open=OSError("Connection refused"))
    sending, when = delivered(emailed(letter, world.adam)), NOON
    for minutes in (5, 30):
        assert (sending.stage, sending.next_try_at) == ("waiting", when + timedelta(minutes=minutes))
        when = sending.next_try_at
        delivered(sending, when)
    assert (sending.stage, sending.tries, sending.outcome) == ("failed", 3, "Connection refused")
    letter.refresh_from_db()
    assert (letter.posted_at, letter.came_back_on) == (None, date(2026, 3, 2))
    assert record(letter).window is None
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("answer", "stage"),
    [
        (smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"5.1.1 No such user")}), "failed"),
        (smtplib.SMTPRecipientsRefused({ADDRESS: (450, b"4.2.1 Try later")}), "waiting"),
        (smtplib.SMTPDataError(554, b"5.7.1 Refused"), "failed"),
        (smtplib.SMTPDataError(451, b"4.3.0 Try later"), "waiting"),
        (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), "doubt"),
        (TimeoutError("timed out"), "doubt"),
    ],
)
def test_what_the_mail_server_answers_decides_whether_it_is_tried_again(world, letter, refusing, answer, stage):
    refusing(at_send=answer)
    sending = delivered(emailed(letter, world.adam))
    assert sending.stage == stage
    assert sending.outcome


def test_an_email_in_doubt_is_never_sent_again_by_itself(world, letter):
    sending = emailed(letter, world.adam)
    Sending.objects.update(stage="going", claimed_at=NOON, next_try_at=None)  # the worker died here
    for hours in (1, 2):
        later = NOON + timedelta(hours=hours)
        outbox.sweep(later, now=lambda later=later: later)
    sending.refresh_from_db()
    assert (sending.stage, mail.outbox) == ("doubt", [])
    assert "may have been sent" in refusal(emailed, letter, world.adam)


@pytest.mark.parametrize(("left", "sent_at"), [(True, NOON), (False, NOON + timedelta(hours=2))])
def test_a_person_says_whether_it_left(world, letter, left, sent_at):
    sending = emailed(letter, world.adam)
    Sending.objects.update(stage="doubt", claimed_at=NOON, next_try_at=None)
    later = NOON + timedelta(hours=2)
    serving.settle_doubt(sending, by=world.adam, at=later, left=left)
    outbox.sweep(later, now=lambda: later)
    letter.refresh_from_db()
    assert (letter.sent_at, len(mail.outbox)) == (sent_at, 0 if left else 1)
    assert "settled already" in refusal(serving.settle_doubt, sending, by=world.adam, at=later, left=left)


def test_an_email_that_waits_can_be_stopped_and_one_that_left_cannot(world, letter):
    sending = emailed(letter, world.adam)
    serving.stop_email(sending, by=world.adam, at=NOON)
    assert delivered(sending).stage == "stopped"
    another = delivered(emailed(letter, world.adam))
    assert refusal(serving.stop_email, another, by=world.adam, at=NOON) == "It waits no more: see what came of it."
    assert len(mail.outbox) == 1


def test_an_address_that_has_changed_since_it_was_looked_at_stops_the_email(world, letter):
    world.alex.email = "new@home.example"
    world.alex.save()
    assert refusal(emailed, letter, world.adam) == (
        "Their address is new@home.example now: look at it again, then send the letter."
    )


@pytest.mark.usefixtures("quick_letters")
@pytest.mark.parametrize("protected", [False, True])
def test_what_the_server_said_of_a_protected_address_is_not_in_the_audit(world, letter, refusing, protected):
    Person.objects.filter(pk=world.alex.pk).update(address_protected=protected)
    letter.refresh_from_db()
    refusing(at_send=smtplib.SMTPDataError(554, f"<{ADDRESS}> refused".encode()))
    assert delivered(emailed(letter, world.adam)).stage == "failed"
    assert (ADDRESS in str(AuditRow.objects.get(deed="email_failed").changes)) is not protected


def address_changed(world, letter) -> str:
    Person.objects.filter(pk=world.alex.pk).update(email="new@home.example")
    return "It was not sent: the person’s address was changed after it was looked at."


def replaced(world, letter) -> str:
    draft = signed(correspondence.redraft(letter, by=world.adam, at=NOON))
    correspondence.issue(draft, by=world.adam, at=NOON, method="post", signed_by=draft.signs)
    return "It was not sent: L-2026-0002 has replaced this letter."


@pytest.mark.usefixtures("quick_letters")
@pytest.mark.parametrize("in_doubt", [False, True])
@pytest.mark.parametrize("happens", [address_changed, replaced])
def test_an_email_that_waits_is_not_sent_once_the_letter_or_the_address_is_another(world, letter, happens, in_doubt):
    sending = emailed(letter, world.adam)
    said = happens(world, letter)
    if in_doubt:
        Sending.objects.update(stage="doubt", claimed_at=NOON, next_try_at=None)
        serving.settle_doubt(sending, by=world.adam, at=NOON, left=False)
    delivered(sending)
    assert (sending.stage, sending.outcome, mail.outbox) == ("failed", said, [])


@pytest.mark.usefixtures("quick_letters")
def test_another_scan_takes_the_place_of_the_first_which_does_not_stay(world, letter):
    posted(letter, world.adam)
    sending = letter.sendings.get()
    for name in ("first.jpg", "second.jpg"):
        upload = SimpleUploadedFile(name, picture(), content_type="image/jpeg")
        with files.stored(upload, school=world.school, kinds=SCANS) as found:
            serving.keep_scan(sending, by=world.adam, at=at("2026-03-02 16:00"), file=found)
    assert list(KeptFile.objects.values_list("name", flat=True)) == ["second.jpg"]
    assert "in_place_of" in AuditRow.objects.filter(deed="keep_proof").latest("pk").changes


def test_two_ways_at_once_are_refused(world, letter):
    emailed(letter, world.adam)
    assert "waits to be sent" in refusal(emailed, letter, world.adam)
    assert "waits to be sent" in refusal(posted, letter, world.adam)


# -- pages --------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_address_and_sends_only_when_it_is_confirmed(world, letter, client_of, monkeypatch):
    monkeypatch.setattr("conduct.clock.now", lambda: NOON)
    client, url = client_of(world.adam), f"/letters/{letter.pk}/email/"
    assert ADDRESS in client.get(f"/letters/{letter.pk}/").text
    assert client.post(url, {"email-to": ADDRESS}).status_code == 422
    assert client.post(url, {"email-to": ADDRESS, "email-sure": "on"}).status_code == 302
    assert Sending.objects.get().stage == "waiting"
    assert "Waits to be emailed" in client.get(f"/letters/{letter.pk}/").text


def test_the_page_records_a_return_and_says_what_moved(world, letter, client_of, monkeypatch):
    monkeypatch.setattr("conduct.clock.now", lambda: at("2026-03-09 09:00"))
    posted(letter, world.adam)
    key = letter.sendings.get().pk
    told = {f"back{key}-on": "2026-03-09", f"back{key}-why": "Gone away"}
    page = client_of(world.adam).post(f"/letters/{letter.pk}/sendings/{key}/came-back/", told, follow=True).text
    assert "Last day for a reply: Wednesday 18 March 2026 → no day yet" in page
    assert "It left once more" in page


def test_a_scan_of_the_proof_is_kept_and_each_look_is_in_the_audit(world, letter, client_of, make_world, monkeypatch):
    monkeypatch.setattr("conduct.clock.now", lambda: NOON)
    posted(letter, world.adam, "2026-03-02 11:00")
    key = letter.sendings.get().pk
    client, url = client_of(world.adam), f"/letters/{letter.pk}/sendings/{key}/"
    scan = SimpleUploadedFile("receipt.jpg", picture(), content_type="image/jpeg")
    assert client.post(f"{url}proof/", {"scan": scan}).status_code == 302
    saved = client.get(f"{url}scan/")
    assert saved["Content-Disposition"] == 'attachment; filename="receipt.jpg"'
    assert client.get(f"{url}scan/?shown")["Content-Type"] == "image/jpeg"
    assert AuditRow.objects.filter(deed="look_at_proof").count() == 2
    assert AuditRow.objects.filter(deed="keep_proof", by=world.adam).count() == 1
    assert client_of(make_world("oakmoor").adam).get(f"{url}scan/").status_code == 404


def test_a_file_that_is_no_proof_is_refused_in_words(world, letter, client_of, monkeypatch):
    monkeypatch.setattr("conduct.clock.now", lambda: NOON)
    posted(letter, world.adam, "2026-03-02 11:00")
    key = letter.sendings.get().pk
    scan = SimpleUploadedFile("receipt.html", b"<script>", content_type="text/html")
    url = f"/letters/{letter.pk}/sendings/{key}/proof/"
    page = client_of(world.adam).post(url, {"scan": scan}, follow=True).text
    assert "cannot be kept here" in page
    assert letter.sendings.get().scan is None


def test_an_odd_signed_for_number_is_asked_about_once(world, letter, client_of, monkeypatch):
    monkeypatch.setattr("conduct.clock.now", lambda: NOON)
    told = {"sent_at": "2026-03-02T11:00", "method": "post", "proof": "signed_for", "note": "12345"}
    client, url = client_of(world.adam), f"/letters/{letter.pk}/posted/"
    assert "two letters, nine digits and GB" in client.post(url, told).text
    assert client.post(url, {**told, "sure": "on"}).status_code == 302
    assert letter.sendings.get().proof_note == "12345"


def test_a_signed_for_number_is_kept_as_the_post_writes_it(world, letter, client_of, monkeypatch):
    monkeypatch.setattr("conduct.clock.now", lambda: NOON)
    told = {"sent_at": "2026-03-02T11:00", "method": "post", "proof": "signed_for", "note": "ab 1234 5678 9gb"}
    assert client_of(world.adam).post(f"/letters/{letter.pk}/posted/", told).status_code == 302
    assert letter.sendings.get().proof_note == "AB123456789GB"


@pytest.mark.usefixtures("quick_letters")
def test_a_protected_address_is_told_neither_on_the_page_nor_by_the_proof_nor_in_the_audit(
    world, letter, client_of, monkeypatch
):
    monkeypatch.setattr("conduct.clock.now", lambda: NOON)
    Person.objects.filter(pk=world.alex.pk).update(address_protected=True)
    letter.refresh_from_db()
    sending = delivered(emailed(letter, world.adam))
    Sending.objects.update(outcome=f"<{ADDRESS}> accepted")
    url = f"/letters/{letter.pk}/"
    scan = SimpleUploadedFile("receipt.jpg", picture(), content_type="image/jpeg")
    client_of(world.adam).post(f"{url}sendings/{sending.pk}/proof/", {"scan": scan})
    seen = {}
    for who in (world.adam, world.cora):
        page = client_of(who).get(url).text
        look = client_of(who).get(f"{url}sendings/{sending.pk}/scan/").status_code
        seen[who] = (ADDRESS in page, "(a protected address)" in page, "Save receipt.jpg" in page, look)
    assert seen == {world.adam: (True, False, True, 200), world.cora: (False, True, False, 404)}
    assert ADDRESS not in str(list(AuditRow.objects.values_list("changes", flat=True)))
