"""A letter whose PDF cannot be made: it is set aside with the reason, says what helps, and holds up no other."""

import pytest

from conduct import clock
from conduct.models import AuditRow
from letters import drafting, press
from letters.models import Letter
from sanctions import approvals, correspondence, needs, parking, post
from sanctions.ladder import Refusal
from sanctions.models import CaseLetter
from sanctions.standing import Refused
from tests.factories import at, signed
from tests.letters.test_post_room_pages import draft_of, extra_ban

NOW = at("2026-03-02 10:30")
ENDLESS = "and so on " * 10_000  # some 25 pages


@pytest.fixture(autouse=True)
def _morning(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def broken(world):
    """The draft of a provisional ban in words without end."""
    letter = draft_of(world)
    letter.extra = ENDLESS
    letter.save(update_fields=["extra"])
    return letter


def answers(**more):
    return {"method": "post", "sent_at": "2026-03-02T10:30", **more}


def issue(world, letter, **told):
    draft = signed(letter.case_letter)
    return correspondence.issue(draft, by=world.adam, at=NOW, method="post", signed_by=draft.signs, **told)


def test_a_letter_too_long_to_be_issued_is_set_aside_and_nothing_else_is_changed(world, broken, client_of):
    signed(broken.case_letter)
    page = client_of(world.adam).post(f"/letters/{broken.pk}/issue/", answers())
    broken.refresh_from_db()
    assert page.status_code == 422
    assert "It has more than 20 pages. It is set aside" in page.content.decode()
    assert (broken.parked_at, broken.parked_why) == (NOW, "It has more than 20 pages.")
    assert (broken.reference, broken.document, broken.case_letter.measure.state) == ("", None, "decided")
    row = AuditRow.objects.get(deed="park_letter")
    assert (row.by, row.about, row.changes) == (
        world.adam,
        f"letter {broken.pk}",
        {"why": "It has more than 20 pages."},
    )


def test_an_approval_given_with_the_issue_is_not_kept_when_the_letter_cannot_be_made(world, broken, client_of):
    digest = approvals.digest_now(broken.case_letter, NOW)
    client_of(world.hari).post(f"/letters/{broken.pk}/issue/", answers(digest=digest))
    broken.refresh_from_db()
    assert broken.parked_at == NOW
    assert broken.approvals.count() == 0


def test_a_look_at_such_a_draft_says_the_reason_and_changes_nothing(world, broken, client_of):
    response = client_of(world.adam).get(f"/letters/{broken.pk}/pdf/")
    broken.refresh_from_db()
    assert (response.status_code, broken.parked_at) == (422, None)
    assert response.text == "The PDF could not be made. It has more than 20 pages."
    assert not AuditRow.objects.filter(deed="park_letter").exists()


@pytest.mark.parametrize(
    ("lost", "said"),
    [(press.Stopped("It broke."), "The PDF could not be made. It broke."), (press.OutOfOrder(), parking.OUT_OF_ORDER)],
)
def test_every_page_that_makes_a_pdf_says_in_words_that_none_could_be_made(
    world, client_of, quick_letters, monkeypatch, lost, said
):
    ban = world.opened()
    letter = Letter.objects.get()

    def broken(*args, **kwargs):
        raise lost

    monkeypatch.setattr(press, "letter", broken)
    monkeypatch.setattr(press, "page", broken)
    monkeypatch.setattr(clock, "now", lambda: at("2026-03-02 12:00"))
    client = client_of(world.hari)
    answers = [
        client.get("/letters/texts/provisional_ban/pdf/"),
        client.get("/letters/letterhead/pdf/"),
        client.post(f"/letters/{letter.pk}/copy/"),
        client.get(f"/cases/{ban.case.reference}/measures/{ban.pk}/fairness.pdf", follow=True),
        client.get("/code/code.pdf", follow=True),
    ]
    assert [(page.status_code, said in page.text) for page in answers] == [(422, True)] * 3 + [(200, True)] * 2


def test_its_page_says_why_and_what_helps_and_does_not_try_to_show_it(world, broken, client_of):
    drafting.park(broken, "It took longer than 20 seconds.", by=None, at=NOW)
    page = client_of(world.hari).get(f"/letters/{broken.pk}/").content.decode()
    assert "<strong>It took longer than 20 seconds.</strong>" in page
    assert f'action="/letters/{broken.pk}/try-again/"' in page
    assert "<iframe" not in page


def test_it_stands_in_a_stage_of_its_own_and_comes_back_when_it_is_worded_anew(world, broken):
    drafting.park(broken, "It needs too much memory.", by=None, at=NOW)
    assert (post.counts(world.school)["to-issue"], post.counts(world.school)["not-made"]) == (0, 1)
    row = post.letters_in(post.BY_KEY["not-made"], world.school).get()
    assert post.state_word(row) == ("Could not be made", "stop")
    correspondence.reword(broken.case_letter, by=world.hari, at=NOW, account="", extra="In short.")
    assert (post.counts(world.school)["to-issue"], post.counts(world.school)["not-made"]) == (1, 0)


def test_the_queue_shows_that_stage_only_where_there_is_such_a_letter(world, broken, client_of):
    client = client_of(world.adam)
    assert 'id="not-made"' not in client.get("/letters/").content.decode()
    drafting.park(broken, "It needs too much memory.", by=None, at=NOW)
    page = client.get("/letters/").content.decode()
    assert 'id="not-made"' in page
    assert "It needs too much memory." in page


def test_whoever_issues_letters_is_told_on_their_page_of_today(world, broken):
    drafting.park(broken, "It needs too much memory.", by=None, at=NOW)
    found = list(needs.letters(world.school, world.adam.roles_at(world.school, NOW.date()), NOW))
    assert [(need.title, need.why) for need in found] == [
        ("Put right: provisional ban", "Its PDF could not be made. It needs too much memory.")
    ]


def test_trying_again_takes_it_up_once_it_can_be_made(world, broken, client_of):
    drafting.park(broken, "It has more than 20 pages.", by=None, at=NOW)
    client = client_of(world.adam)
    assert client.post(f"/letters/{broken.pk}/try-again/").status_code == 422
    Letter.objects.filter(pk=broken.pk).update(extra="")
    assert client.post(f"/letters/{broken.pk}/try-again/").status_code == 302
    broken.refresh_from_db()
    assert (broken.parked_at, broken.parked_why) == (None, "")
    assert AuditRow.objects.filter(deed="take_up_letter", by=world.adam).count() == 1


def test_who_may_not_issue_letters_may_not_try_again(world, broken):
    drafting.park(broken, "It has more than 20 pages.", by=None, at=NOW)
    with pytest.raises(Refused) as refused:
        parking.try_again(broken.case_letter, lambda: b"", by=world.olive, at=NOW)
    assert [r.rule for r in refused.value.refusals] == ["not-permitted"]


def test_a_letter_issued_meanwhile_is_not_set_aside(world, quick_letters):
    letter = draft_of(world)
    issue(world, letter)
    drafting.park(letter, "It broke.", by=None, at=NOW)
    letter.refresh_from_db()
    assert (letter.parked_at, AuditRow.objects.filter(deed="park_letter").count()) == (None, 0)


def test_one_that_breaks_the_press_is_set_aside_and_the_others_of_a_batch_are_issued(world):
    letters = [
        extra_ban(world, f"Parent {n}", f"{n} High Street\nSouthampton\nSO19 {n}AA", issue=False) for n in (1, 2, 3)
    ]
    Letter.objects.filter(pk=letters[1].pk).update(extra=ENDLESS)
    fates = []
    for letter in letters:
        draft = CaseLetter.objects.get(letter=letter.pk)
        try:
            parking.made_or_parked(draft, lambda draft=draft: issue(world, draft.letter), by=world.adam, at=NOW)
            fates.append("issued")
        except Refused as refused:
            fates.append(refused.refusals[0].rule)
    assert fates == ["issued", "cannot-be-made", "issued"]
    kept = Letter.objects.filter(pk__in=[letter.pk for letter in letters]).order_by("pk")
    assert [(letter.reference, bool(letter.parked_at)) for letter in kept] == [
        ("L-2026-0001", False), ("", True), ("L-2026-0002", False)
    ]  # fmt: skip


def test_where_no_press_starts_nothing_is_set_aside(world, monkeypatch):
    letter = draft_of(world)

    def broken(*args, **kwargs):
        raise press.OutOfOrder

    monkeypatch.setattr(press, "letter", broken)
    with pytest.raises(Refused) as refused:
        parking.made_or_parked(letter.case_letter, lambda: issue(world, letter), by=world.adam, at=NOW)
    letter.refresh_from_db()
    assert refused.value.refusals == [Refusal("cannot-be-made", parking.OUT_OF_ORDER)]
    assert letter.parked_at is None
