"""Letters about cases: what refuses them, what issuing freezes, and what it moves."""

import hashlib
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from conduct import code
from letters import rendering, samples
from letters.models import Document, Letter
from sanctions import bans, contents, correspondence, measures, post
from sanctions.models import CaseLetter, Measure
from sanctions.situation import record_of, with_history
from sanctions.standing import Refused
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")


def rules(excinfo) -> list[str]:
    return [r.rule for r in excinfo.value.refusals]


def issue(world, ban, kind: str = "provisional_ban", when: str = "2026-03-02 10:00", **told) -> Letter:
    usual = {"by": world.adam, "method": "post", "signed_by": world.hari}
    return correspondence.issue_kind(ban, kind, at=at(when), **{**usual, **told})


def refused(world, ban, *args, **told) -> list[str]:
    with pytest.raises(Refused) as excinfo:
        issue(world, ban, *args, **told)
    return rules(excinfo)


def window(ban) -> date:
    fresh = with_history(Measure.objects.filter(pk=ban.pk)).get()
    return record_of(fresh, fresh.case.school.calendar).window.on


# -- who, when, which ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["olive", "sena", "cora", "tess", "gail", "rita", "sid"])
def test_only_head_and_admin_issue_letters(world, who):
    assert refused(world, world.decided(), by=getattr(world, who)) == ["not-permitted"]


def test_the_head_may_issue_one(world):
    assert issue(world, world.decided(), by=world.hari).is_issued


@pytest.mark.parametrize(
    "kind",
    ["intent_to_ban", "warning", "meeting_invitation", "ban_confirmed", "ban_lifted", "gate_notice", "no_such_kind"],
)
def test_a_kind_that_does_not_fit_the_measure_is_refused(world, kind):
    assert refused(world, world.decided(), kind) == ["wrong-state"]


def test_a_proposal_has_no_letter(world):
    assert refused(world, world.proposed()) == ["wrong-state"]


def test_an_opening_letter_does_not_fit_a_ban_that_is_confirmed(world):
    ban = world.confirmed()
    assert refused(world, ban, when="2026-03-20 10:00", text="Robin Marsh") == ["wrong-state"]


def test_a_refused_letter_leaves_no_draft_behind(world):
    ban = world.confirmed()
    before = CaseLetter.objects.count()
    refused(world, ban, "ban_kept", when="2026-03-20 10:00")
    assert CaseLetter.objects.count() == before


# -- each rule of letters -----------------------------------------------------------------------------------------


def test_a_letter_that_lacks_a_fact_is_refused(world):
    ban = world.decided(terms=world.terms(scope=""))
    assert refused(world, ban) == ["letter-complete"]


def test_a_school_without_a_telephone_cannot_say_whom_to_ask(world):
    ban = world.decided()
    world.school.phone = ""
    world.school.save()
    assert refused(world, Measure.objects.get(pk=ban.pk)) == ["letter-complete"]


@pytest.mark.parametrize(
    ("lacks", "method", "refusal"),
    [
        ({"address": ""}, "post", ["one-recipient"]),
        ({"email": ""}, "email", ["one-recipient"]),
        ({"address": "", "email": ""}, "hand", None),
        ({"email": "alex@example.org"}, "email", None),
        ({"name": "", "description": "Tall man in a red coat"}, "hand", None),
    ],
)
def test_the_person_has_what_the_method_needs(world, lacks, method, refusal):
    for field, value in lacks.items():
        setattr(world.alex, field, value)
    world.alex.save()
    ban = world.decided()
    if refusal is None:
        assert issue(world, ban, method=method).method == method
    else:
        assert refused(world, ban, method=method) == refusal


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("Pat Green saw what happened.", ["no-third-parties"]),
        ("PAT   GREEN saw what happened.", ["no-third-parties"]),
        ("Pat\nGreen saw what happened.", ["no-third-parties"]),
        ("Wren Hill was frightened.", ["no-third-parties"]),  # another pupil
        ("Sam Marsh may still come.", ["no-third-parties"]),  # the other parent
        ("Patty Greenwood saw what happened.", None),
        ("Robin Marsh may come to school as always.", None),  # their own child
        ("Somebody saw what happened.", None),
    ],
)
def test_a_letter_names_nobody_else(world, text, refusal):
    world.person("Sam Marsh", pupils=["Robin Marsh"])
    world.person("Jo Hill", pupils=["Wren Hill"])
    world.incident(witnesses=["Pat Green"])
    ban = world.decided()
    if refusal is None:
        assert issue(world, ban, text=text).extra == text
    else:
        assert refused(world, ban, text=text) == refusal


def test_the_narrative_may_not_name_a_witness_either(world):
    world.incident(witnesses=["Pat Green"], narrative="Shouted at Pat Green.")
    assert refused(world, world.decided()) == ["no-third-parties"]


@pytest.mark.parametrize("who", ["cora", "tess", "sena", "adam"])
def test_whoever_did_not_decide_does_not_sign(world, who):
    assert refused(world, world.decided(), signed_by=getattr(world, who)) == ["signer-allowed"]


def test_whoever_decided_signs_only_while_in_office(world):
    ban = world.decided()
    world.hari.memberships.update(ends_on=date(2026, 3, 2))
    assert refused(world, ban, when="2026-03-03 10:00") == ["signer-allowed"]
    assert issue(world, ban, when="2026-03-02 17:00").signed_by == world.hari


def test_the_same_letter_is_not_issued_twice_without_saying_which_it_replaces(world):
    ban = world.opened()
    assert refused(world, ban, when="2026-03-09 10:00") == ["issued-is-final"]


def test_it_replaces_a_letter_about_the_same_decision_and_no_other(world):
    ban = world.opened()
    other = world.person("Jo Hill")
    theirs = measures_meeting_letter(world, other)
    assert refused(world, ban, when="2026-03-09 10:00", supersedes=theirs) == ["issued-is-final"]


def measures_meeting_letter(world, person) -> Letter:
    incident = world.incident(subject=person)
    world.found(incident)
    meeting = measures.propose(person, by=world.olive, at=at("2026-03-10 11:00"), response="meeting")
    terms = world.terms(when="Thursday 19 March 2026 at 15:30", where="The library", attends="The head", handover=())
    measures.decide(meeting, by=world.hari, at=at("2026-03-10 12:00"), terms=terms)
    return correspondence.issue_kind(
        meeting, "meeting_invitation", by=world.adam, at=at("2026-03-10 13:00"), method="hand", signed_by=world.hari
    )


def test_a_provisional_letter_whose_window_closes_too_late_is_refused(world):
    ban = world.decided(terms=world.terms(latest_decision_on=date(2026, 3, 17)))
    assert refused(world, ban) == ["dated"]  # by post the window closes on the 18th
    assert issue(world, ban, method="hand").is_issued  # by hand on the 16th


def test_refusals_of_a_letter_come_together(world):
    world.alex.address = ""
    world.alex.save()
    world.incident(witnesses=["Pat Green"])
    ban = world.decided(terms=world.terms(scope="", latest_decision_on=date(2026, 3, 10)))
    found = refused(world, ban, text="Pat Green saw it.", signed_by=world.cora)
    assert found == ["dated", "letter-complete", "no-third-parties", "one-recipient", "signer-allowed"]


# -- what issuing does --------------------------------------------------------------------------------------------


def test_issuing_freezes_the_bytes_under_their_sha256(world, monkeypatch):
    letter = issue(world, world.decided())
    pdf = bytes(letter.document.content)
    assert letter.document.sha256 == hashlib.sha256(pdf).hexdigest()
    assert letter.template_version == rendering.TEMPLATE_VERSION
    assert letter.facts["reference"] == letter.reference
    world.alex.name = "Alexander Marsh"
    world.alex.save()
    assert bytes(Letter.objects.get(pk=letter.pk).document.content) == pdf


def test_the_same_facts_give_the_same_bytes_on_the_page(world, monkeypatch):
    monkeypatch.undo()  # the real page
    letter = issue(world, world.decided())
    pdf = bytes(letter.document.content)
    assert pdf.startswith(b"%PDF")
    assert rendering.render(letter.kind, letter.facts) == pdf


@pytest.mark.parametrize(
    ("field", "value"), [("extra", "More."), ("facts", {}), ("issued_at", at("2026-03-03 10:00")), ("kind", "warning")]
)
def test_the_database_refuses_to_change_an_issued_letter(world, field, value):
    letter = issue(world, world.decided())
    with pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(**{field: value})
    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.filter(pk=letter.document_id).update(content=b"%PDF another")


def test_the_database_refuses_to_delete_an_issued_letter(world):
    letter = issue(world, world.decided())
    with pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk)._raw_delete("default")
    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.filter(pk=letter.document_id)._raw_delete("default")


def test_a_draft_may_be_reworded_and_an_issued_letter_not(world):
    ban = world.decided()
    draft = ban.case_letters.get()
    correspondence.reword(draft, by=world.hari, at=at("2026-03-02 09:45"), account="There was shouting.", extra="")
    letter = issue(world, ban)
    assert letter.facts["incidents"] == [{"on": "2026-03-02", "text": "There was shouting."}]
    with pytest.raises(Refused) as told:
        correspondence.reword(draft, by=world.hari, at=at("2026-03-02 11:00"), account="No.", extra="")
    assert rules(told) == ["issued-is-final"]


def test_the_first_letter_opens_the_ban(world):
    ban = world.opened()
    assert (ban.state, ban.served_at) == ("provisional", at("2026-03-02 10:00"))


def test_a_letter_sent_again_starts_the_window_again_and_not_the_ban(world):
    ban = world.opened()
    first = ban.case_letters.get().letter
    assert window(ban) == date(2026, 3, 18)
    again = issue(world, ban, when="2026-03-09 10:00", method="hand", supersedes=first)
    ban.refresh_from_db()
    assert (ban.state, ban.served_at) == ("provisional", at("2026-03-02 10:00"))
    assert window(ban) == date(2026, 3, 23)
    assert again.supersedes == first
    assert again.facts["supersedes"] == first.reference


def test_a_letter_sent_again_never_puts_the_window_past_the_latest_decision_date(world):
    ban = world.opened()
    again = issue(world, ban, when="2026-03-25 10:00", supersedes=ban.case_letters.get().letter)
    assert window(ban) == date(2026, 3, 31)
    assert again.facts["reply_by"] == "2026-03-31"


def test_recording_when_a_letter_really_left_moves_the_window(world):
    ban = world.opened()
    letter = ban.case_letters.get().letter
    correspondence.record_sent(
        letter,
        by=world.adam,
        at=at("2026-03-04 09:00"),
        sent_at=at("2026-03-03 12:00"),
        method="post",
        proof="certificate",
    )
    assert window(ban) == date(2026, 3, 19)
    with pytest.raises(Refused) as told:
        correspondence.record_sent(
            letter, by=world.adam, at=at("2026-03-05 09:00"), sent_at=at("2026-03-04 12:00"), method="post"
        )
    assert rules(told) == ["wrong-state"]


def test_what_was_upheld_is_what_the_final_letter_tells(world):
    ban = world.opened()
    world.found(ban.case.incidents.get(), upheld=["U05"])
    bans.none_received(ban, by=world.olive, at=at("2026-03-19 09:00"))
    bans.confirm(
        ban,
        by=world.cora,
        at=at("2026-03-19 10:00"),
        reasons="Established.",
        equality="Asked.",
        terms=world.final_terms(),
    )
    letter = issue(world, ban, "ban_confirmed", "2026-03-19 10:10", signed_by=world.cora)
    assert [c["id"] for c in letter.facts["clauses"]] == ["U05"]
    assert letter.facts["none_received"] is True


def test_a_letter_of_another_school_is_not_issued_here(world, make_world):
    assert refused(world, world.decided(), by=make_world("sholing").adam) == ["not-permitted"]


def test_a_head_who_saw_it_happen_may_sign_the_letter(world):
    world.incident(witnesses=[world.hari.name])
    ban = world.opened()
    assert ban.state == "provisional"


@pytest.mark.parametrize("written", ["Pat O’Brien", "PAT O'BRIEN", "Pat O\u200b'Brien", "Pat\u00a0O'Brien"])
def test_a_witness_is_found_however_the_name_is_written(written):
    assert contents.named_in(f"It was {written} who saw it.", {"Pat O'Brien"}) == ("Pat O'Brien",)


def test_of_thousands_of_names_an_expression_is_made_for_those_alone_that_occur(monkeypatch):
    tried, search = [], contents.re.search
    monkeypatch.setattr(contents.re, "search", lambda *told: tried.append(told) or search(*told))
    names = {"Ann Lee", "Ann Leeds", *(f"Child {n} Name" for n in range(1000))}
    assert contents.named_in("It was Ann Leeds who saw it.", names) == ("Ann Leeds",)
    assert len(tried) == 2


def test_a_ban_withdrawn_before_anybody_was_told_drafts_no_letter(world):
    ban = world.proposed()
    bans.withdraw(ban, by=world.hari, at=at("2026-03-02 10:00"), reasons="The wrong person.")
    assert not ban.case_letters.exists()


def test_a_letter_counts_as_sent_no_earlier_than_its_decision(world):
    ban = world.decided()
    letter = correspondence.issue_kind(
        ban, "provisional_ban", by=world.adam, at=at("2026-03-02 10:00"), method="post", signed_by=world.hari,
        sent_at=at("2026-02-01 09:00"),
    )  # fmt: skip
    assert letter.sent_at == at("2026-03-02 09:40")


def test_a_letter_tells_what_the_ban_closes_besides_the_site(world):
    ban = world.decided(terms=world.terms(closes=("telephone", "app")))
    letter = correspondence.issue_kind(
        ban, "provisional_ban", by=world.adam, at=at("2026-03-02 10:00"), method="post", signed_by=world.hari
    )
    assert letter.facts["scope"] == (
        "The whole site\n\nFor as long as it lasts, these are closed as well: telephone calls, messages in the school app."
    )


def test_a_letter_that_a_later_one_has_overtaken_is_not_issued(world):
    """The confirmation's letter waited and the extension's went out first: the old terms must not come back."""
    ban = world.confirmed(issue=False)
    bans.sign_off(ban, by=world.cora, at=at("2026-05-06 09:00"), until=date(2026, 12, 31))
    longer = world.final_terms(ends=date(2026, 7, 10), review_on=date(2026, 6, 26))
    told = {"reasons": "It went on.", "equality": "Asked.", "terms": longer}
    bans.extend(ban, by=world.tess, at=at("2026-05-07 10:00"), **told)
    issue(world, ban, "ban_extended", "2026-05-07 10:10", signed_by=world.tess)
    assert refused(world, ban, "ban_confirmed", "2026-05-07 10:20", signed_by=world.cora) == ["wrong-state"]
    assert record_of(ban, world.school.calendar).end_and_review(at("2026-05-08 09:00"))[0] == date(2026, 7, 10)
    waiting = ban.case_letters.get(letter__kind="ban_confirmed").letter
    assert post.counts(world.school)["to-issue"] == 0
    assert post.state_word(waiting) == ("No longer needed", "plain")
    listed = {letter.pk: post.state_word(letter)[0] for letter in post.letters_in(post.BY_KEY["all"], world.school)}
    assert listed[waiting.pk] == "No longer needed"


@pytest.mark.parametrize(("pack", "in_writing"), [("sholing", True), ("kingsley", False), ("combined", True)])
def test_an_invitation_states_the_policy_s_own_rule_about_recording(world, pack, in_writing):
    known = samples.facts(
        "meeting_invitation", recording=contents.of_school(world.school, code.pack(pack))["recording"]
    )
    facts = contents.in_texts(known | {"recording_rule": ""}, "meeting_invitation", world.school)
    assert code.pack(pack).recording_rule in rendering.page("meeting_invitation", facts)
    assert ("in writing" in facts["recording"]) == in_writing


# -- for whom it is written ---------------------------------------------------------------------------------------


def test_an_issued_letter_keeps_the_language_in_which_it_began(world):
    world.alex.language = "interpreter: Polish"
    world.alex.save()
    letter = issue(world, world.decided())
    world.alex.language = "Urdu"
    world.alex.save()
    letter.refresh_from_db()
    assert letter.facts["covering_language"] == "pl"
