"""A draft is approved as it stands by the one in whose name it goes, and any later change asks again."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from conduct import clock
from conduct.models import AuditRow, SchoolClosure
from letters import wording
from letters.models import Approval, Letter
from sanctions import approvals, correspondence, letterhead, notices, packs, referrals, runs, texts
from sanctions.measures import draft_letter
from sanctions.models import Case, CaseLetter
from sanctions.standing import Refused
from tests.factories import World, at, signed

NOON = "2026-03-02 12:00"


@pytest.fixture(autouse=True)
def _plain_pages(quick_letters, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(NOON))


def draft_of(world: World):
    return world.decided().case_letters.get()


def issue(draft, world: World, when: str = NOON, **told):
    told = {"by": world.adam, "method": "post", "signed_by": draft.signs, **told}
    return correspondence.issue(draft, at=at(when), **told)


def refused(verb, *args, **told) -> list[str]:
    with pytest.raises(Refused) as stopped:
        verb(*args, **told)
    return [refusal.rule for refusal in stopped.value.refusals]


# -- the rule -----------------------------------------------------------------------------------------------------


def test_nothing_is_issued_that_its_signatory_has_not_approved(world):
    assert refused(issue, draft_of(world), world) == ["approved-as-it-stands"]


def test_what_is_approved_is_issued(world):
    letter = issue(signed(draft_of(world)), world)
    assert (letter.reference, letter.signed_by) == ("L-2026-0001", world.hari)


def reworded(world, draft):
    correspondence.reword(draft, by=world.hari, at=at(NOON), account="There was shouting.", extra="")


def moved(world, draft):
    world.alex.address = "2 New Road, Southampton SO19 2BB"
    world.alex.save()


def renamed(world, draft):
    world.school.contact_name = "Somebody Else"
    world.school.save()


def logged_more(world, draft):
    world.incident(when="2026-03-02 09:55", narrative="Came back and shouted again.")


@pytest.mark.parametrize("change", [reworded, moved, renamed, logged_more])
def test_whatever_changes_in_what_it_says_asks_again(world, change):
    draft = signed(draft_of(world))
    change(world, draft)
    draft = type(draft).objects.get(pk=draft.pk)
    assert refused(issue, draft, world) == ["approved-as-it-stands"]
    issue(signed(draft, NOON), world)


def test_a_change_that_is_taken_back_leaves_the_approval_standing(world):
    draft = signed(draft_of(world))
    reworded(world, draft)
    correspondence.reword(draft, by=world.hari, at=at(NOON), account="", extra="")
    issue(draft, world)


@pytest.mark.parametrize(("method", "when"), [("hand", NOON), ("post", "2026-03-04 09:00")])
def test_the_day_and_the_way_of_sending_are_no_part_of_what_is_approved(world, method, when):
    letter = issue(signed(draft_of(world)), world, when, method=method)
    assert letter.method == method


def test_a_day_off_that_moves_the_dates_is_no_change_of_what_was_approved(world):
    """The dates that follow from sending are computed as it leaves, with the calendar of that day."""
    draft = signed(draft_of(world))
    SchoolClosure.objects.create(school=world.school, first=date(2026, 3, 9), last=date(2026, 3, 9))
    issue(draft, world)


def test_another_person_s_approval_is_not_the_signatory_s(world):
    draft = draft_of(world)
    approvals.keep(draft, approvals.digest_now(draft, at(NOON)), by=world.cora, at=at(NOON))
    assert refused(issue, draft, world) == ["approved-as-it-stands"]


# -- approving ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sena", "cora", "tess"])
def test_nobody_approves_in_the_name_of_another(world, name):
    draft = draft_of(world)
    told = {"by": getattr(world, name), "at": at(NOON), "digest": approvals.digest_now(draft, at(NOON))}
    assert refused(approvals.approve, draft, **told) == ["signer-allowed"]


@pytest.mark.parametrize("name", ["olive", "adam", "gail", "rita", "sid"])
def test_who_signs_no_letters_approves_none(world, name):
    draft = draft_of(world)
    told = {"by": getattr(world, name), "at": at(NOON), "digest": approvals.digest_now(draft, at(NOON))}
    assert refused(approvals.approve, draft, **told) == ["not-permitted"]


def test_what_was_looked_at_is_what_is_approved(world):
    draft = draft_of(world)
    read = approvals.digest_now(draft, at(NOON))
    reworded(world, draft)
    assert refused(approvals.approve, draft, by=world.hari, at=at(NOON), digest=read) == ["approved-as-it-stands"]
    assert not Approval.objects.exists()


def test_an_approval_is_in_the_audit_with_its_digest(world):
    draft = draft_of(world)
    digest = approvals.digest_now(draft, at(NOON))
    approvals.approve(draft, by=world.hari, at=at(NOON), digest=digest)
    row = AuditRow.objects.get(deed="approve_letter")
    assert (row.by, row.about, row.changes["digest"]) == (world.hari, f"letter {draft.letter_id}", digest)


def test_an_issued_letter_is_not_approved_and_not_asked_about_again(world):
    draft = signed(draft_of(world))
    issue(draft, world)
    told = {"at": at(NOON), "by": world.hari}
    assert refused(approvals.approve, draft, **told, digest="") == ["issued-is-final"]
    assert refused(approvals.ask_again, draft, **told) == ["issued-is-final"]


def test_the_database_refuses_to_change_an_approval(world):
    approval = signed(draft_of(world)).letter.approvals.get()
    for change in (lambda: Approval.objects.update(digest="0" * 64), approval.delete):
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            change()


# -- the page -----------------------------------------------------------------------------------------------------


def test_the_head_reads_the_draft_and_approves_it(world, client_of):
    draft = draft_of(world)
    hari = client_of(world.hari)
    page = hari.get(f"/letters/{draft.letter_id}/")
    assert "Approve it as it stands" in page.text
    done = hari.post(f"/letters/{draft.letter_id}/approve/", {"digest": page.context["approval"].digest}, follow=True)
    assert "Approved by Hari Head on Monday 2 March 2026 at 12:00, as it stands." in " ".join(done.text.split())
    assert "Approve it as it stands" not in done.text


def test_the_head_approves_and_issues_with_one_button(world, client_of):
    draft = draft_of(world)
    hari = client_of(world.hari)
    page = hari.get(f"/letters/{draft.letter_id}/")
    assert "Approve and issue" in page.text
    answers = {"method": "post", "sent_at": "2026-03-02T12:00", "digest": page.context["approval"].digest}
    assert hari.post(f"/letters/{draft.letter_id}/issue/", answers).status_code == 302
    letter = Letter.objects.get(pk=draft.letter_id)
    assert (letter.reference, letter.approvals.get().by) == ("L-2026-0001", world.hari)


def test_what_changed_under_the_head_s_eyes_is_neither_approved_nor_issued(world, client_of):
    draft = draft_of(world)
    hari = client_of(world.hari)
    read = hari.get(f"/letters/{draft.letter_id}/").context["approval"].digest
    moved(world, draft)
    answers = {"method": "post", "sent_at": "2026-03-02T12:00", "digest": read}
    page = hari.post(f"/letters/{draft.letter_id}/issue/", answers)
    assert page.status_code == 422
    assert "What it says has changed since you opened it." in page.text
    assert not Approval.objects.exists()


def test_whoever_looks_after_letters_waits_for_the_signatory_and_asks_again_after_a_change(world, client_of):
    draft = draft_of(world)
    adam, hari = client_of(world.adam), client_of(world.hari)
    assert "It waits for <strong>Hari Head</strong>" in adam.get(f"/letters/{draft.letter_id}/").text
    signed(draft)
    moved(world, draft)
    page = adam.get(f"/letters/{draft.letter_id}/").text
    assert "It has changed since Hari Head approved it" in page
    assert "Approve: provisional ban" not in hari.get("/").text
    adam.post(f"/letters/{draft.letter_id}/ask-again/")
    assert "Approve: provisional ban" in hari.get("/").text
    assert "Hari Head has been asked again." in adam.get(f"/letters/{draft.letter_id}/").text
    signed(type(draft).objects.get(pk=draft.pk), "2026-03-02 12:30")
    assert "Approve: provisional ban" not in hari.get("/").text


def test_the_chair_approves_the_letter_of_what_the_chair_decided(world, client_of):
    draft = world.confirmed(issue=False).case_letters.get(letter__issued_at=None)
    cora = client_of(world.cora)
    page = cora.get(f"/letters/{draft.letter_id}/")
    assert "Approve it as it stands" in page.text
    assert "issue_form" not in page.context
    assert "Approve it as it stands" not in client_of(world.hari).get(f"/letters/{draft.letter_id}/").text
    cora.post(f"/letters/{draft.letter_id}/approve/", {"digest": page.context["approval"].digest})
    assert draft.letter.approvals.get().by == world.cora


# -- what changes while one waits ---------------------------------------------------------------------------------


def ask(world, signs=None, when: str = NOON):
    case = Case.objects.first() or world.incident().in_case.case
    return notices.ask_account(case, by=world.sena, at=at(when), signs=signs or world.hari)


def test_what_was_chosen_anew_meanwhile_is_what_is_judged(world):
    draft = signed(ask(world))
    CaseLetter.objects.filter(pk=draft.pk).update(chosen=draft.chosen | {"days": 2})
    assert refused(issue, draft, world) == ["approved-as-it-stands"]


def test_nobody_signs_in_whose_name_it_goes_no_more(world):
    draft = signed(ask(world))
    old = draft.signs
    CaseLetter.objects.filter(pk=draft.pk).update(signatory=world.sena)
    assert refused(issue, draft, world, signed_by=old) == ["signer-allowed"]
    draft = CaseLetter.objects.get(pk=draft.pk)
    CaseLetter.objects.filter(pk=draft.pk).update(signatory=world.hari)
    told = {"by": world.sena, "at": at(NOON), "digest": approvals.digest_now(draft, at(NOON))}
    assert refused(approvals.approve, draft, **told) == ["signer-allowed"]


# -- one letter stands --------------------------------------------------------------------------------------------


def test_of_two_drafts_that_replace_the_same_letter_one_is_issued(world):
    ban = world.opened()
    first = ban.case_letters.get()
    drafts = [draft_letter(first.decision, first.letter.kind, by=world.adam, at=at(NOON)) for _ in range(2)]
    for draft in drafts:
        draft.letter.supersedes = first.letter
        draft.letter.save()
        signed(draft)
    issue(drafts[0], world)
    assert refused(issue, drafts[1], world) == ["issued-is-final"]
    later = correspondence.redraft(drafts[0].letter, by=world.adam, at=at(NOON))
    assert later.pk == drafts[1].pk
    issue(signed(later), world)


def test_a_corrected_letter_is_the_draft_that_waits_already(world):
    first = issue(signed(ask(world)), world)
    waits = ask(world)
    assert correspondence.redraft(first, by=world.adam, at=at(NOON)).pk == waits.pk


def test_a_corrected_pack_is_the_draft_that_waits_already(world):
    world.incident()
    referral = referrals.refer(world.alex, by=world.olive, at=at(NOON), to="police", reference="1")
    drafts = [packs.draft(referral, by=world.olive, at=at(NOON)) for _ in range(2)]
    told = {"by": world.olive, "at": at(NOON)}
    first = packs.issue(drafts[0], **told, digest=approvals.digest_now(drafts[0], at(NOON)))
    assert correspondence.redraft(first, by=world.adam, at=at(NOON)).pk == drafts[1].pk


# -- any change asks by itself ------------------------------------------------------------------------------------


def asks(draft) -> bool:
    """Whether the draft stands before its signatory, and in no run of all that are approved."""
    waits = approvals.to_approve(Letter.objects.filter(pk=draft.letter_id), draft.signs).exists()
    assert waits != runs.approved(draft.case.school).filter(pk=draft.letter_id).exists()
    return waits


def worded_anew(world, draft):
    kind = draft.letter.kind
    name, words = next(iter(wording.texts(world.school, kind).items()))
    texts.change(world.school, kind, by=world.adam, at=at(NOON), texts={name: words + " More."}, follows=0)


def reworded_by_the_chair(world, draft):
    correspondence.reword(draft, by=world.cora, at=at(NOON), account="There was shouting.", extra="")


def with_another_head(world, draft):
    told = dict.fromkeys(letterhead.FIELDS, "") | {"colour": "#7a1f5c", "envelope": "dl"}
    letterhead.change(world.school, by=world.adam, at=at(NOON), told=told)


def signed_by_hand(world, draft):
    letterhead.take_out(world.school, draft.signs, by=world.adam, at=at(NOON))


@pytest.mark.parametrize("change", [worded_anew, reworded_by_the_chair, with_another_head, signed_by_hand])
def test_a_change_by_somebody_else_puts_the_draft_before_its_signatory_again(world, change):
    draft = signed(draft_of(world))
    assert not asks(draft)
    change(world, draft)
    assert asks(draft)


def test_whatever_else_changed_is_asked_about_as_soon_as_issuing_is_refused(world, client_of):
    draft = signed(draft_of(world))
    moved(world, draft)
    answers = {"method": "post", "sent_at": "2026-03-02T12:00"}
    assert client_of(world.adam).post(f"/letters/{draft.letter_id}/issue/", answers).status_code == 422
    assert asks(draft)
    assert AuditRow.objects.filter(deed="ask_approval", by=world.adam).count() == 1


def test_in_a_run_too_what_changed_is_asked_about(world):
    draft = signed(draft_of(world))
    moved(world, draft)
    runs.begin_issuing(world.school, by=world.adam, at=at(NOON))
    assert asks(draft)


def test_asked_by_a_change_that_is_taken_back_the_approval_still_stands(world):
    draft = signed(draft_of(world))
    reworded_by_the_chair(world, draft)
    correspondence.reword(draft, by=world.cora, at=at(NOON), account="", extra="")
    assert issue(draft, world).reference == "L-2026-0001"
