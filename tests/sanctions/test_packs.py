"""Packs of documents: what they hold, what they leave out, who may make, read and issue them, and how they are bound."""

import hashlib
from io import BytesIO

import pikepdf
import pypdf
import pytest
import time_machine
from django.urls import reverse

from conduct import merging
from conduct.models import KeptFile, Person
from incidents.models import Evidence, Witness
from letters import binding, press, service
from letters.models import Letter, Wording
from sanctions import amending, approvals, copies, letter_facts, needs, packs, post, referrals, runs, serving
from sanctions.models import CaseLetter
from sanctions.standing import Refused
from tests.factories import at

WHEN = "2026-03-20 09:00"
MAKERS = ("olive", "sena", "hari", "tess")


def rules(excinfo) -> list[str]:
    return [r.rule for r in excinfo.value.refusals]


@pytest.fixture
def quick(quick_letters, monkeypatch):
    """Letters of plain bytes, and packs that put them behind one another."""
    monkeypatch.setattr(binding, "pages_in", lambda pdf: 2)
    monkeypatch.setattr(binding, "bound", lambda pdf, enclosed: b"".join([pdf, *enclosed]))


@pytest.fixture
def on_the_day():
    with time_machine.travel(at(WHEN), tick=False):
        yield


def referred(world, to: str = "police", when: str = "2026-03-20 08:30"):
    return referrals.refer(world.alex, by=world.olive, at=at(when), to=to, reference="44260")


def facts(pack: CaseLetter, when: str = WHEN) -> dict:
    return letter_facts.facts_of(pack, method="hand", sent_at=at(when), at=at(when))


def issued(pack: CaseLetter, by, when: str = WHEN) -> Letter:
    return packs.issue(pack, by=by, at=at(when), digest=approvals.digest_now(pack, at(when)))


def said(facts_: dict) -> str:
    return str(facts_)


# -- what it holds ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("quick")
def test_a_police_pack_tells_the_case_in_order_with_who_recorded_what(world):
    world.confirmed()
    told = facts(packs.draft(referred(world), by=world.olive, at=at(WHEN)))
    assert told["recipient_name"] == "The police"
    assert [line["what"] for line in told["chronology"]] == [
        "Incident I-2026-0001: on the school site, logged as serious",
        "Approved: ban from the site",
        "Letter issued: provisional ban, L-2026-0001",
        "Account of a member of staff, I-2026-0001",
        "The person was tried and not reached, I-2026-0001",
        "Facts found of I-2026-0001",
        "The person replied",
        "Answered in writing",
        "Ban confirmed",
        "Letter issued: ban confirmed, L-2026-0002",
        "Referred: Police",
    ]
    assert told["chronology"][0]["told"] == "Shouted at the receptionist.\nLogged by Olive Office (Office)."
    assert told["clauses"] == [
        {"id": "U03", "wording": "Shouting or a display of temper", "stands": "Upheld"},
        {
            "id": "U05",
            "wording": "Threatening any member of the school community in speech or in writing",
            "stands": "Upheld",
        },
    ]
    assert told["measures"] == [
        {
            "name": "Ban from the site",
            "term": "from Monday 2 March 2026, until Friday 22 May 2026, to be reviewed by Friday 8 May 2026",
            "terms": "The whole site\nOlive Office: email, telephone",
        }
    ]
    assert [x["reference"] for x in told["enclosed"]] == ["L-2026-0001", "L-2026-0002"]


@pytest.mark.usefixtures("quick")
def test_the_trust_and_lawyers_also_read_how_the_school_came_to_it(world):
    world.confirmed()
    for to in ("trust", "legal"):
        told = facts(packs.draft(referred(world, to), by=world.olive, at=at(WHEN)))
        assert "Consulted: Cora Chair (Chair of Governors)" in [line["what"] for line in told["chronology"]]
    assert told["recipient_name"] == "The school’s legal advisers"


@pytest.mark.usefixtures("quick")
def test_evidence_is_listed_with_its_fingerprint_and_what_was_taken_out_only_as_left_out(world):
    world.confirmed()
    incident = world.alex.incidents.get()
    rows = [
        KeptFile.objects.create(
            school=world.school, name=name, sort="image", content_type="image/png", size=3, sha256=str(n) * 64,
            original=name, at=at(WHEN), by=world.olive,
        )
        for n, name in enumerate(("door.png", "wrong.png"), 1)
    ]  # fmt: skip
    Evidence.objects.create(incident=incident, file=rows[0], note="The door", at=at("2026-03-04 09:00"), by=world.sena)
    Evidence.objects.create(
        incident=incident, file=rows[1], note="Another family", at=at("2026-03-04 09:00"), by=world.sena,
        withdrawn_at=at("2026-03-05 09:00"), withdrawn_by=world.hari, withdrawn_reason="Put in by mistake.",
    )  # fmt: skip
    told = facts(packs.draft(referred(world), by=world.olive, at=at(WHEN)))
    assert told["evidence"] == [
        {
            "number": "E1", "what": "The door", "sort": "Picture", "incident": "I-2026-0001", "on": "2026-03-04",
            "by": "Sena Senior (Senior staff)", "sha256": "1" * 64,
        }
    ]  # fmt: skip
    assert "Another family" not in said(told)
    assert {
        "what": "1 file taken out of the evidence",
        "why": "Put in by mistake: it shows nothing of this case.",
    } in told["left_out"]


@pytest.mark.usefixtures("quick")
def test_an_incident_that_does_not_count_or_is_not_ticked_is_only_listed_as_left_out(world):
    first = world.incident()
    second = world.incident("2026-03-03 08:50", narrative="Rang eleven times.")
    third = world.incident("2026-03-04 08:50", narrative="Sang in the hall.")
    amending.mark(third, by=world.hari, at=at("2026-03-05 09:00"), kind="wrong", reason="Another person.")
    made = packs.draft(referred(world), by=world.olive, at=at(WHEN), chosen={"incidents": [first.pk]})
    told = facts(made)
    assert "Rang eleven times." not in said(told)
    assert "Sang in the hall." not in said(told)
    assert {
        "what": f"Incidents of this case: {second.reference}", "why": "They are not needed for what is asked.",
    } in told["left_out"]  # fmt: skip
    assert {
        "what": f"Incidents that do not count: {third.reference}", "why": "They were logged wrongly, or withdrawn.",
    } in told["left_out"]  # fmt: skip


@pytest.mark.usefixtures("quick")
def test_witnesses_stand_by_their_initials_unless_they_are_named_and_other_families_never(world):
    world.person("Jo Lark", pupils=["Robin Marsh"])
    world.person("Kim Reed", pupils=["Wren Reed"])
    incident = world.incident(narrative="Mary Bell and Wren Reed saw it; so did JO  LARK and Robin Marsh.")
    Witness.objects.create(incident=incident, name="Mary Bell")
    referral = referred(world)
    told = facts(packs.draft(referral, by=world.olive, at=at(WHEN)))
    line = "M.B. and [another child] saw it; so did [another adult] and Robin Marsh."
    assert told["chronology"][0]["told"].splitlines()[0] == line
    named = facts(packs.draft(referral, by=world.olive, at=at(WHEN), chosen={"name_witnesses": True}))
    assert named["chronology"][0]["told"].splitlines()[0] == line.replace("M.B.", "Mary Bell")


@pytest.mark.usefixtures("quick")
def test_a_name_of_another_family_in_words_of_ones_own_is_refused(world):
    world.person("Kim Reed", pupils=["Wren Reed"])
    world.incident()
    pack = packs.draft(referred(world), by=world.olive, at=at(WHEN), chosen={"asked": "Please talk to Wren Reed."})
    with pytest.raises(Refused) as told:
        issued(pack, world.olive)
    assert rules(told) == ["no-third-parties"]


@pytest.mark.usefixtures("quick")
def test_a_protected_address_stands_neither_in_the_pack_nor_in_a_letter_that_it_encloses(world):
    world.confirmed()
    Person.objects.filter(pk=world.alex.pk).update(address_protected=True)
    told = facts(packs.draft(referred(world), by=world.olive, at=at(WHEN)))
    assert "1 High Street" not in said(told)
    assert told["enclosed"] == []
    assert {"what": "The person’s address, and the letters that say it", "why": "The address is protected."} in told[
        "left_out"
    ]


@pytest.mark.usefixtures("quick")
def test_the_pack_of_a_person_written_down_twice_tells_the_measures_under_both_rows(world):
    world.confirmed()
    other = world.person("Alex Marsch")
    merging.merge(world.alex, other, by=world.olive, at=at("2026-03-20 08:00"))
    told = facts(packs.draft(referred(world), by=world.olive, at=at(WHEN)))
    assert [m["name"] for m in told["measures"]] == ["Ban from the site"]


@pytest.mark.usefixtures("quick")
def test_the_review_pack_holds_the_dates_the_views_what_has_happened_since_and_the_certificate(world):
    ban = world.confirmed()
    told = facts(packs.draft_for_review(ban, by=world.cora, at=at(WHEN)))
    assert told["recipient_name"] == "For the review"
    assert {"name": "Review by", "value": "Friday 8 May 2026"} in told["dates"]
    assert [line["what"] for line in told["views"]] == ["The person replied", "Answered in writing"]
    assert told["since"] == "Nothing further has been recorded since Thursday 19 March 2026."
    assert len(told["fairness"]) == 24


# -- who makes, reads and issues it -------------------------------------------------------------------------------


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("who", MAKERS)
def test_staff_and_trust_make_and_issue_a_referral_pack_in_their_own_name(world, who):
    world.incident()
    user = getattr(world, who)
    letter = issued(packs.draft(referred(world), by=user, at=at(WHEN)), user)
    assert letter.is_issued
    assert letter.signed_by == user
    assert letter.addressee == "The police"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("who", ["cora", "gail", "rita", "sid"])
def test_who_makes_no_referral_pack(world, who):
    world.incident()
    referral = referred(world)
    with pytest.raises(Refused) as told:
        packs.draft(referral, by=getattr(world, who), at=at(WHEN))
    assert rules(told) == ["not-permitted"]


@pytest.mark.usefixtures("quick")
def test_only_what_was_read_is_issued_and_only_by_its_maker(world):
    incident = world.incident()
    pack = packs.draft(referred(world), by=world.olive, at=at(WHEN))
    read = approvals.digest_now(pack, at(WHEN))
    with pytest.raises(Refused) as told:
        packs.issue(pack, by=world.hari, at=at(WHEN), digest=read)
    assert rules(told) == ["signer-allowed"]
    world.heard(incident, "2026-03-20 08:59")
    with pytest.raises(Refused) as told:
        packs.issue(pack, by=world.olive, at=at(WHEN), digest=read)
    assert rules(told) == ["approved-as-it-stands"]


@pytest.mark.usefixtures("quick")
def test_a_second_pack_of_a_referral_says_which_it_replaces(world):
    world.incident()
    referral = referred(world)
    first = issued(packs.draft(referral, by=world.olive, at=at(WHEN)), world.olive)
    again = packs.draft(referral, by=world.olive, at=at(WHEN))  # drafted as though nothing had gone before
    assert issued(again, world.olive).supersedes == first
    assert [cl.letter.reference for cl in packs.sent_with(referral)] == ["L-2026-0001", "L-2026-0002"]


@pytest.mark.usefixtures("quick")
def test_a_pack_fits_its_referral(world):
    world.incident()
    with pytest.raises(Refused) as told:
        packs.draft(referred(world, "local_authority"), by=world.olive, at=at(WHEN))
    assert rules(told) == ["wrong-state"]
    refused = referrals.do_not_refer(world.alex, by=world.hari, at=at(WHEN), because="A misunderstanding.")
    with pytest.raises(Refused) as told:
        packs.draft(refused, by=world.olive, at=at(WHEN))
    assert rules(told) == ["wrong-state"]
    with pytest.raises(Refused) as told:
        packs.issue_kind(
            referred(world), "trust_referral", by=world.hari, at=at(WHEN), method="hand", signed_by=world.hari
        )
    assert rules(told) == ["wrong-state"]


@pytest.mark.usefixtures("quick")
def test_there_is_no_review_pack_of_a_ban_that_is_not_confirmed(world):
    ban = world.opened()
    with pytest.raises(Refused) as told:
        packs.draft_for_review(ban, by=world.cora, at=at(WHEN))
    assert rules(told) == ["wrong-state"]


@pytest.mark.usefixtures("quick")
def test_the_post_room_neither_counts_nor_prints_a_pack(world):
    world.incident()
    referral = referred(world)
    packs.draft(referral, by=world.olive, at=at(WHEN))
    assert set(post.counts(world.school).values()) == {0}
    letter = issued(packs.draft(referral, by=world.olive, at=at(WHEN)), world.olive)
    assert set(post.counts(world.school).values()) == {0}
    assert list(post.letters_in(post.BY_KEY["all"], world.school)) == []
    with pytest.raises(Letter.DoesNotExist):
        runs.begin_printing(world.school, [letter.pk], by=world.adam, at=at(WHEN))


# -- the pages ----------------------------------------------------------------------------------------------------


def form_of(world, **changed: object) -> dict[str, object]:
    incident = world.alex.incidents.first()
    return {"addressee": "The police", "asked": "Please help.", "incidents": [incident.pk], **changed}


@pytest.mark.usefixtures("quick", "on_the_day")
def test_a_pack_is_chosen_read_and_issued_in_the_browser(world, client_of):
    ban = world.confirmed()
    referral, client = referred(world), client_of(world.olive)
    case = ban.case.reference
    assert (
        "Make the pack for the referral to: police, 44260" in client.get(reverse("case", args=[case])).content.decode()
    )
    chosen = client.post(reverse("referral_pack", args=[case, referral.pk]), form_of(world))
    pack = CaseLetter.objects.get(referral=referral)
    assert chosen.url == reverse("pack_of_documents", args=[case, pack.letter_id])
    page = client.get(chosen.url)
    assert page.status_code == 200
    digest = page.context["digest"]
    done = client.post(
        reverse("pack_issue", args=[case, pack.letter_id]), {"digest": digest, "method": "hand"}, follow=True
    )
    assert "The pack is issued." in done.content.decode()
    pack.letter.refresh_from_db()
    assert pack.letter.facts["asked"] == "Please help."
    story = client.get(reverse("case", args=[case])).content.decode()
    assert "Pack of documents issued: referral to the police" in story
    paper = client.get(reverse("letter_pdf", args=[pack.letter_id]))
    assert paper.content == service.kept_bytes(Letter.objects.get(pk=pack.letter_id))


@pytest.mark.usefixtures("quick", "on_the_day")
def test_a_pack_goes_by_post_only_where_an_address_is_given(world):
    world.incident()
    pack = packs.draft(referred(world), by=world.olive, at=at(WHEN))
    told = {"by": world.olive, "at": at(WHEN), "method": "post"}
    with pytest.raises(Refused) as refused:
        packs.issue(pack, digest=approvals.digest_now(pack, at(WHEN)), **told)
    assert [r.rule for r in refused.value.refusals] == ["one-recipient"]
    assert "“Their address”" in refused.value.refusals[0].text
    packs.choose(
        pack, by=world.olive, at=at(WHEN), addressee="The police", chosen={**pack.chosen, "address": ["1 Yard"]}
    )
    letter = packs.issue(pack, digest=approvals.digest_now(pack, at(WHEN)), **told)
    assert letter.facts["recipient_address"] == ["1 Yard"]


@pytest.mark.usefixtures("quick", "on_the_day")
def test_whoever_may_make_a_pack_records_how_it_was_passed_on_and_keeps_the_proof(world, client_of):
    world.incident()
    letter = issued(packs.draft(referred(world), by=world.olive, at=at(WHEN)), world.olive)
    case, client = letter.case_letter.case.reference, client_of(world.olive)
    here = reverse("pack_of_documents", args=[case, letter.pk])
    assert "Record that it was passed on" in client.get(here).content.decode()
    told = {"sent_at": "2026-03-20T09:00", "method": "hand", "proof": "handed_over"}
    assert client.post(reverse("pack_sent", args=[case, letter.pk]), told).status_code == 422
    told["note"] = "Olive Office, to PC Gray"
    assert client.post(reverse("pack_sent", args=[case, letter.pk]), told).url == here
    sending = letter.sendings.get()
    assert (sending.method, sending.proof, sending.by) == ("hand", "handed_over", world.olive)
    page = client.get(here).content.decode()
    assert "Olive Office, to PC Gray" in page
    assert "Keep a scan of the proof" in page
    assert "Record that it was passed on" not in page


@pytest.mark.usefixtures("quick")
def test_what_became_of_a_pack_that_was_passed_on_is_nothing_for_the_post_room(world):
    world.incident()
    letter = issued(packs.draft(referred(world), by=world.olive, at=at(WHEN)), world.olive)
    told = {"by": world.olive, "at": at(WHEN)}
    serving.record_sent(letter, **told, sent_at=at(WHEN), method="post", proof="none")
    assert copies.other_size(letter) == ""
    assert list(needs.unproved(world.school, at("2026-03-30 09:00"))) == []
    back = at("2026-03-24 09:00")
    serving.came_back(letter.sendings.get(), by=world.olive, at=back, on=back.date(), why="Moved")
    assert not Letter.objects.filter(post.BACK).exists()


@pytest.mark.usefixtures("quick")
def test_a_letter_to_the_person_is_still_posted_by_the_post_room_alone(world):
    letter = world.opened().case_letters.get().letter
    told = {"sent_at": at(WHEN), "method": "hand", "proof": "handed_over", "note": "At the gate"}
    with pytest.raises(Refused) as refused:
        serving.record_sent(letter, by=world.olive, at=at(WHEN), **told)
    assert rules(refused) == ["not-permitted"]


@pytest.mark.usefixtures("on_the_day")
def test_what_is_asked_stands_in_the_form_with_its_brackets_filled_in(world, client_of):
    world.incident()
    texts = {"asked": "Please help [school]. [trust] knows."}
    Wording.objects.create(
        school=world.school, kind="police_referral", number=1, texts=texts, at=at(WHEN), by=world.hari
    )
    referral = referred(world)
    page = client_of(world.olive).get(reverse("referral_pack", args=[referral.case.reference, referral.pk]))
    asked = page.context["form"].initial["asked"]
    assert asked == f"Please help {world.school.name}. {world.school.trust.name} knows."


@pytest.mark.usefixtures("quick", "on_the_day")
def test_what_changed_after_it_was_read_brings_the_page_back(world, client_of):
    world.incident()
    pack = packs.draft(referred(world), by=world.olive, at=at(WHEN))
    client = client_of(world.olive)
    where = reverse("pack_issue", args=[pack.case.reference, pack.letter_id])
    answer = client.post(where, {"digest": "0" * 64, "method": "hand"})
    assert answer.status_code == 422
    assert "What it says has changed since you opened it." in answer.content.decode()


@pytest.mark.usefixtures("quick", "on_the_day")
def test_who_reads_a_pack(world, make_world, client_of):
    ban = world.confirmed()
    pack = packs.draft(referred(world), by=world.olive, at=at(WHEN))
    letter = issued(pack, world.olive)
    other = make_world()
    seen = {}
    for who in ("olive", "sena", "hari", "cora", "tess", "adam", "gail", "rita", "sid"):
        client = client_of(getattr(world, who))
        page = client.get(reverse("pack_of_documents", args=[ban.case.reference, letter.pk])).status_code
        seen[who] = (page, client.get(reverse("letter_pdf", args=[letter.pk])).status_code)
    everything, nothing = (200, 200), (404, 404)
    assert seen == {
        "olive": everything, "sena": everything, "hari": everything, "cora": everything, "tess": everything,
        "adam": nothing, "gail": nothing, "rita": nothing, "sid": nothing,
    }  # fmt: skip
    stranger = client_of(other.hari)
    assert stranger.get(reverse("pack_of_documents", args=[ban.case.reference, letter.pk])).status_code == 404
    assert stranger.get(reverse("letter_pdf", args=[letter.pk])).status_code == 404


@pytest.mark.usefixtures("quick", "on_the_day")
def test_a_chair_sees_no_pack_of_a_case_that_is_not_put_before_them(world, client_of):
    incident = world.incident(severity="minor", clauses=["U03"])
    case = incident.in_case.case
    case.put_before_chair_at, case.put_before_chair_why = None, ""
    case.save()
    letter = issued(packs.draft(referred(world, "legal"), by=world.olive, at=at(WHEN)), world.olive)
    client = client_of(world.cora)
    assert client.get(reverse("pack_of_documents", args=[case.reference, letter.pk])).status_code == 404
    assert client.get(reverse("letter_pdf", args=[letter.pk])).status_code == 404


@pytest.mark.usefixtures("quick", "on_the_day")
def test_the_chair_makes_the_review_pack_of_a_case_put_before_them(world, client_of):
    ban = world.confirmed()
    client = client_of(world.cora)
    where = reverse("review_pack", args=[ban.case.reference, ban.pk])
    assert client.get(where).status_code == 200
    told = form_of(world)
    del told["addressee"]
    page = client.post(where, told, follow=True)
    assert page.status_code == 200
    assert "I have read it: issue the pack" in page.content.decode()
    assert client.get(reverse("referral_pack", args=[ban.case.reference, referred(world).pk])).status_code == 404


@pytest.mark.usefixtures("quick", "on_the_day")
@pytest.mark.parametrize("who", ["adam", "gail", "rita", "sid"])
def test_who_sees_no_case_makes_no_pack_in_the_browser(world, client_of, who):
    ban = world.confirmed()
    referral, client = referred(world), client_of(getattr(world, who))
    assert client.get(reverse("referral_pack", args=[ban.case.reference, referral.pk])).status_code == 404
    assert client.get(reverse("review_pack", args=[ban.case.reference, ban.pk])).status_code == 404


@pytest.mark.usefixtures("quick", "on_the_day")
def test_a_pack_is_gathered_in_as_many_queries_for_three_incidents_as_for_one(world, django_assert_num_queries):
    world.confirmed()
    referral = referred(world)
    pack = CaseLetter.objects.select_related("letter", "case__school__trust", "case__person", "signatory").get(
        pk=packs.draft(referral, by=world.olive, at=at(WHEN)).pk
    )
    with django_assert_num_queries(FACTS_QUERIES):
        facts(pack)
    for day in ("16", "17"):
        world.found(world.incident(f"2026-03-{day} 11:00"), f"2026-03-{day} 12:00")
    with django_assert_num_queries(FACTS_QUERIES):
        facts(pack)


FACTS_QUERIES = 44


# -- the paper ----------------------------------------------------------------------------------------------------


def test_the_letters_follow_page_for_page_and_the_contents_say_where(world):
    world.confirmed()
    letter = issued(packs.draft(referred(world), by=world.olive, at=at(WHEN)), world.olive)
    kept = service.kept_bytes(letter)
    own = [
        service.kept_bytes(x)
        for x in Letter.objects.filter(kind__in=("provisional_ban", "ban_confirmed")).order_by("pk")
    ]
    assert [x["sha256"] for x in letter.facts["enclosed"]] == [hashlib.sha256(x).hexdigest() for x in own]
    with pikepdf.open(BytesIO(kept)) as pack:
        bodies = [page.Contents.read_bytes() for page in pack.pages]
        tags = [page.obj.get("/StructParents") for page in pack.pages]
        assert len(tags) == len({int(tag) for tag in tags})  # each page has tags of its own
        assert [page.get("/Group") for page in pack.pages] == [None] * len(bodies)
    theirs = []
    for content in own:
        with pikepdf.open(BytesIO(content)) as each:
            theirs += [page.Contents.read_bytes() for page in each.pages]
    assert bodies[-len(theirs) :] == theirs
    first = len(bodies) - len(theirs) + 1
    text = pypdf.PdfReader(BytesIO(kept)).pages[0].extract_text()
    line = next(x for x in text.splitlines() if x.startswith("7.") or "L-2026-0001, as issued" in x)
    assert line.rstrip().endswith(str(first))


def test_the_bookmarks_lead_to_the_letters(world):
    world.confirmed()
    letter = issued(packs.draft(referred(world), by=world.olive, at=at(WHEN)), world.olive)
    reader = pypdf.PdfReader(BytesIO(service.kept_bytes(letter)))
    flat = []

    def walk(entries):
        for entry in entries:
            if isinstance(entry, list):
                walk(entry)
            else:
                flat.append((entry.title, reader.get_destination_page_number(entry)))

    walk(reader.outline)
    where = dict(flat)
    text = reader.pages[where["Ban confirmed, L-2026-0002"]].extract_text()
    assert "Our decision about a ban from the school site" in text


def test_the_same_pack_gives_the_same_bytes(world):
    world.confirmed()
    pack = packs.draft(referred(world), by=world.olive, at=at(WHEN))
    told = facts(pack)
    assert binding.printed("police_referral", told) == binding.printed("police_referral", told)


@pytest.mark.usefixtures("quick", "on_the_day")
def test_an_issued_pack_that_tells_an_address_protected_since_is_opened_by_few(world, client_of):
    ban = world.confirmed()
    told = issued(packs.draft(referred(world), by=world.olive, at=at(WHEN)), world.olive)
    Person.objects.filter(pk=world.alex.pk).update(address_protected=True)
    silent = issued(packs.draft(referred(world), by=world.olive, at=at(WHEN)), world.olive)
    seen = {}
    for who in (world.olive, world.hari):
        for letter in (told, silent):
            page = client_of(who).get(reverse("pack_of_documents", args=[ban.case.reference, letter.pk])).text
            look = client_of(who).get(reverse("letter_pdf", args=[letter.pk])).status_code
            seen[who.name, letter.pk] = ("<iframe" in page, look)
    shown, hidden = (True, 200), (False, 404)
    assert list(seen.values()) == [hidden, shown, shown, shown]


@pytest.mark.usefixtures("quick", "on_the_day")
def test_a_pack_that_the_press_cannot_print_is_set_aside_and_its_maker_tries_again(world, client_of, monkeypatch):
    ban = world.confirmed()
    pack = packs.draft(referred(world), by=world.olive, at=at(WHEN))
    client, where = client_of(world.olive), [ban.case.reference, pack.letter_id]
    digest = client.get(reverse("pack_of_documents", args=where)).context["digest"]
    whole = press.letter

    def broken(*args, **kwargs):
        raise press.Stopped("It has more than 200 pages.")

    monkeypatch.setattr(press, "letter", broken)
    answer = client.post(reverse("pack_issue", args=where), {"digest": digest, "method": "hand"})
    assert (answer.status_code, "It is set aside" in answer.text) == (422, True)
    page = client.get(reverse("pack_of_documents", args=where)).text
    assert ("<strong>It has more than 200 pages.</strong>" in page, "<iframe" in page) == (True, False)
    again = reverse("pack_try_again", args=where)
    assert "could not be made. It has more than 200 pages." in client.post(again, follow=True).text
    monkeypatch.setattr(press, "letter", whole)
    assert "The PDF could be made now." in client.post(again, follow=True).text
    assert Letter.objects.get(pk=pack.letter_id).parked_at is None
