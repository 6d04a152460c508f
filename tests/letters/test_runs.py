"""Runs: letters are in one hand, count as printed when somebody says so, and come back when nobody does."""

from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.test import TestCase

from conduct import clock
from conduct.models import AuditRow
from conduct.roles import MAY
from letters import characters, press
from letters import runs as mechanics
from letters.models import Document, Letter, Run, RunLetter
from sanctions import post, runs, tasks
from sanctions.models import CaseLetter
from sanctions.standing import Refused
from tests.factories import World, at, signed
from tests.letters.test_post_room_pages import extra_ban

MORNING = at("2026-03-02 10:30")
LATER = MORNING + timedelta(minutes=31)


@pytest.fixture
def it_is(monkeypatch):
    """Set the clock that pages and tasks read."""

    def set_to(moment) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_to(MORNING)
    return set_to


@pytest.fixture(autouse=True)
def _morning(it_is):
    """Every test is on 2 March 2026, half past ten, unless it says otherwise."""


@pytest.fixture(autouse=True)
def small_letters(monkeypatch):
    """Letters of one page, or of two to Zed, whose content is their reference: real PDF, made in no time."""

    def made(kind, facts, **told):
        with pikepdf.new() as pdf:
            for _ in range(2 if "Zed" in facts["recipient_name"] else 1):
                pdf.add_blank_page().obj.Contents = pdf.make_stream(facts["reference"].encode())
            done = BytesIO()
            pdf.save(done, deterministic_id=True)
        return done.getvalue()

    monkeypatch.setattr(press, "letter", made)


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """The numbers of the runs of which a worker was told."""
    told: list[int] = []
    monkeypatch.setattr(runs.app, "send_task", lambda name, args, **options: told.append(args[0]))
    return told


@pytest.fixture
def three(world) -> list[Letter]:
    """Issued at ten: to Zed, to Bea, to Ann; by their addresses Ann comes first and Zed last."""
    return [
        extra_ban(world, "Zed Young", "9 Low Road, Townham TW2 1AA"),
        extra_ban(world, "Bea Cole", "1 Low Road, Townham TW1 9ZZ"),
        extra_ban(world, "Ann Cole", "1 Low Road, Townham TW1 9ZZ"),
    ]


@pytest.fixture
def second_clerk(world):
    return world.hire("admin", "Ada Second")


def begun(world: World, letters: list[Letter], **told) -> mechanics.Taken:
    told = {"by": world.adam, "at": MORNING, **told}
    return runs.begin_printing(world.school, [letter.pk for letter in letters], **told)


def pages(run: Run) -> list[str]:
    """What stands on each page of a run's file."""
    run.refresh_from_db()
    with run.file.open("rb") as file, pikepdf.open(file) as pdf:
        return [page.Contents.read_bytes().decode() if "/Contents" in page else "" for page in pdf.pages]


def references(letters: list[Letter]) -> list[str]:
    return [letter.reference for letter in letters]


def fates(run: Run) -> list[str]:
    return list(run.parts.values_list("fate", flat=True))


def printed(letter: Letter) -> tuple:
    letter.refresh_from_db()
    return letter.printed_at, letter.printed_by


# -- the way of a print run ---------------------------------------------------------------------------------------


def test_letters_print_in_the_order_of_their_addresses_and_count_as_printed_when_somebody_says_so(world, three):
    zed, bea, ann = three
    run = begun(world, three).run
    assert (run.stage, run.made) == ("ready", 3)
    assert pages(run) == references([ann, bea, zed, zed])
    assert [printed(letter) for letter in three] == [(None, None)] * 3
    closed = runs.close(run, by=world.hari, at=LATER - timedelta(minutes=10))
    assert (closed.printed, closed.put_back, closed.gone) == (3, 0, [])
    assert [printed(letter) for letter in three] == [(LATER - timedelta(minutes=10), world.hari)] * 3
    assert fates(run) == ["done"] * 3
    told = list(AuditRow.objects.filter(about=f"run {run.pk}").order_by("pk").values_list("deed", "by"))
    assert told == [("begin_run", world.adam.pk), ("close_run", world.hari.pk)]


def test_on_both_sides_a_letter_that_ends_on_a_front_has_an_empty_back(world, three):
    zed, bea, ann = references(three)
    assert pages(begun(world, three, duplex=True).run) == [ann, "", bea, "", zed, zed]


def test_one_letter_prints_as_the_bytes_that_are_kept(world, three, client_of):
    client = client_of(world.adam)
    run = Run.objects.get(pk=int(client.post(f"/letters/{three[0].pk}/print/")["Location"].split("/")[-2]))
    response = client.get(f"/letters/runs/{run.pk}/pdf/")
    assert b"".join(response.streaming_content) == bytes(three[0].document.content)
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "no-store, private"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_whoever_opens_the_file_stands_in_the_audit_for_each_letter(world, three, client_of):
    run = begun(world, three[:2]).run
    assert not AuditRow.objects.filter(deed="print_letter").exists()
    client_of(world.hari).get(f"/letters/runs/{run.pk}/pdf/")
    told = AuditRow.objects.filter(deed="print_letter").order_by("about").values_list("about", "by", "changes__run")
    assert list(told) == [(reference, world.hari.pk, run.pk) for reference in references(three[:2])]


def test_after_a_paper_jam_those_ticked_go_back_and_the_others_are_printed(world, three, client_of):
    zed, bea, ann = three
    run = begun(world, three).run
    jammed = run.parts.get(letter=bea)
    response = client_of(world.adam).post(f"/letters/runs/{run.pk}/close/", {"back": [jammed.pk]}, follow=True)
    assert "2 printed, 1 put back into the queue." in response.text
    assert fates(run) == ["done", "put_back", "done"]
    assert [bool(printed(letter)[0]) for letter in three] == [True, False, True]
    assert list(post.free_to_print(world.school, MORNING)) == [bea]


def test_when_none_came_out_all_go_back(world, three, client_of):
    run = begun(world, three).run
    client_of(world.adam).post(f"/letters/runs/{run.pk}/close/", {"none": "1"})
    assert fates(run) == ["put_back"] * 3
    assert set(post.free_to_print(world.school, MORNING)) == set(three)


def test_a_run_is_closed_once(world, three, client_of):
    run = begun(world, three).run
    assert runs.close(run, by=world.adam, at=MORNING)
    assert runs.close(run, by=world.hari, at=MORNING, back=[run.parts.first().pk]) is None
    assert "Somebody else was quicker" in client_of(world.hari).post(f"/letters/runs/{run.pk}/close/", follow=True).text
    assert fates(run) == ["done"] * 3


# -- in one hand --------------------------------------------------------------------------------------------------


def test_what_one_clerk_has_in_hand_the_other_does_not_get_and_is_told(world, three, second_clerk):
    mine = begun(world, three[:2])
    theirs = begun(world, three, by=second_clerk)
    assert [part.letter for part in theirs.run.parts.select_related("letter")] == [three[2]]
    assert [(part.letter, part.run.by) for part in theirs.held] == [(letter, world.adam) for letter in three[:2]]
    assert fates(mine.run) == ["held", "held"]


def test_what_was_printed_between_the_look_and_the_press_is_not_taken(world, three, second_clerk):
    runs.close(begun(world, three[:1]).run, by=world.adam, at=MORNING)
    theirs = begun(world, three, by=second_clerk)
    assert {part.letter_id for part in theirs.run.parts.all()} == {letter.pk for letter in three[1:]}
    assert [(letter, letter.printed_by) for letter in theirs.printed] == [(three[0], world.adam)]


def test_a_run_of_nothing_is_none(world, three, second_clerk):
    begun(world, three)
    assert begun(world, three, by=second_clerk).run is None
    assert Run.objects.count() == 1


def test_all_means_those_in_nobody_s_hand(world, three, client_of, second_clerk):
    begun(world, three[:2], by=second_clerk)
    client = client_of(world.adam)
    page = client.get("/letters/")
    assert "Print the one letter not printed yet" in page.text
    assert page.text.count("Ada Second, since 10:30") == 2
    client.post("/letters/print/", {"all": "1"})
    assert [part.letter for part in Run.objects.get(by=world.adam).parts.all()] == [three[2]]
    again = client.post("/letters/print/", {"all": "1"}, follow=True)
    assert "Every issued letter has been printed, or somebody has it in hand." in again.text


def test_printing_what_somebody_has_in_hand_or_has_printed_is_asked_first_by_name(
    world, three, client_of, second_clerk
):
    zed, bea, ann = three
    runs.close(begun(world, [zed], by=second_clerk).run, by=second_clerk, at=MORNING)
    theirs = begun(world, [bea], by=second_clerk).run
    client, ids = client_of(world.adam), [letter.pk for letter in three]
    page = client.post("/letters/print/", {"ids": ids}).text
    assert "Ada Second has it in hand since Monday 2 March 2026 at 10:30" in page
    assert "Ada Second printed it, Monday 2 March 2026 at 10:30" in page
    assert Run.objects.count() == 2
    client.post("/letters/print/", {"ids": ids, "known": [zed.pk, bea.pk]})
    mine = Run.objects.get(by=world.adam)
    assert len(fates(mine)) == 3
    assert list(theirs.parts.values_list("fate", "why")) == [("put_back", "Taken over by Adam Admin to print again.")]
    runs.close(mine, by=world.adam, at=MORNING)
    assert [printed(letter)[1] for letter in three] == [second_clerk, world.adam, world.adam]  # the first time is kept


def test_whoever_closes_is_told_which_letters_another_took_over(world, three, second_clerk):
    first = begun(world, three[:2], by=second_clerk).run
    begun(world, three[:1], knowing=[three[0].pk])
    closed = runs.close(first, by=second_clerk, at=MORNING)
    assert [(part.letter, part.why) for part in closed.gone] == [(three[0], "Taken over by Adam Admin to print again.")]
    assert (closed.printed, closed.put_back) == (1, 0)


def test_how_many_letters_one_run_did_not_hold_is_said(world, three, client_of, monkeypatch):
    monkeypatch.setattr(mechanics, "MOST", 2)
    page = client_of(world.adam).post("/letters/print/", {"all": "1"}, follow=True).text
    assert "A run holds 2 letters at most: 1 more are left for the next." in page
    assert Run.objects.get().parts.count() == 2


def test_whoever_knew_of_one_does_not_get_another_that_was_taken_meanwhile(world, three, second_clerk):
    zed, bea, _ = three
    begun(world, [zed, bea], by=second_clerk)
    taken = begun(world, [zed, bea], knowing=[zed.pk])
    assert [part.letter for part in taken.run.parts.all()] == [zed]
    assert [part.letter for part in taken.held] == [bea]


def test_one_letter_s_page_asks_as_well(world, three, client_of):
    begun(world, three[:1])
    page = client_of(world.hari).post(f"/letters/{three[0].pk}/print/").text
    assert "I know: print it again" in page


# -- what nobody confirms -----------------------------------------------------------------------------------------


def test_what_nobody_confirms_comes_back_after_half_an_hour_and_not_before(world, three):
    run = begun(world, three).run
    half = MORNING + mechanics.STALE_AFTER
    assert (mechanics.release(half), list(post.free_to_print(world.school, half))) == (0, [])
    assert set(post.free_to_print(world.school, LATER)) == set(three)  # whether or not the sweep has been by
    assert (mechanics.release(LATER), mechanics.release(LATER)) == (3, 0)
    assert fates(run) == ["stale"] * 3


def test_the_scheduled_sweep_brings_them_back(world, three, it_is):
    run = begun(world, three).run
    it_is(LATER)
    tasks.sweep()
    assert fates(run) == ["stale"] * 3


def test_a_stale_run_says_so(world, three, client_of, it_is):
    run = begun(world, three).run
    it_is(LATER)
    page = client_of(world.adam).get(f"/letters/runs/{run.pk}/").text
    assert "Nobody said within 30 minutes that they came out well" in page
    assert page.count("Not confirmed in time") == 4


def test_closed_late_a_run_prints_what_is_still_there_and_names_what_is_gone(
    world, three, second_clerk, client_of, it_is
):
    zed, bea, ann = three
    late = begun(world, three).run
    runs.close(begun(world, [zed], by=second_clerk, at=LATER).run, by=second_clerk, at=LATER)
    begun(world, [bea], by=second_clerk, at=LATER)
    it_is(LATER + timedelta(minutes=1))
    said = client_of(world.adam).post(f"/letters/runs/{late.pk}/close/", follow=True).text
    assert f"{zed.reference}: Ada Second has printed it meanwhile." in said
    assert f"{bea.reference}: Ada Second has it in hand by now." in said
    assert fates(late) == ["done", "stale", "stale"]
    assert [printed(letter)[1] for letter in three] == [second_clerk, None, world.adam]


# -- the worker ---------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(world, three, sent, monkeypatch) -> Run:
    """A run that is too large to be made while one waits."""
    monkeypatch.setattr(runs, "AT_ONCE", {"print": 2, "issue": 1})
    with TestCase.captureOnCommitCallbacks(execute=True):
        run = begun(world, three).run
    assert (run.stage, sent) == ("waiting", [run.pk])
    return run


def test_a_large_run_is_made_by_the_worker_and_once(waiting, it_is):
    assert [tasks.work_run(waiting.pk), tasks.work_run(waiting.pk)] == ["ready", ""]
    assert len(pages(waiting)) == 4


def test_its_page_tells_how_far_it_is_and_comes_anew_when_it_is_over(world, waiting, client_of):
    client = client_of(world.adam)
    assert 'hx-trigger="every 1s"' in client.get(f"/letters/runs/{waiting.pk}/").text
    first = client.get(f"/letters/runs/{waiting.pk}/progress/")
    assert "0 of 3 letters done" in first.text
    assert "HX-Refresh" not in first
    tasks.work_run(waiting.pk)
    assert client.get(f"/letters/runs/{waiting.pk}/progress/")["HX-Refresh"] == "true"


def test_a_run_of_which_the_message_was_lost_is_made_by_the_sweep(waiting, it_is):
    it_is(MORNING + timedelta(seconds=59))
    tasks.sweep()
    waiting.refresh_from_db()
    assert waiting.stage == "waiting"
    it_is(MORNING + timedelta(seconds=61))
    tasks.sweep()
    assert len(pages(waiting)) == 4


def test_a_broker_that_is_down_fails_no_request(world, three, monkeypatch):
    def down(*args, **options):
        raise ConnectionRefusedError

    monkeypatch.setattr(runs.app, "send_task", down)
    monkeypatch.setattr(runs, "AT_ONCE", {"print": 2})
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert begun(world, three).run.stage == "waiting"


def test_a_worker_that_is_silent_is_taken_for_dead_and_another_goes_on(waiting, it_is):
    Run.objects.update(stage="working", claimed_at=MORNING)  # by a worker that died
    it_is(MORNING + timedelta(seconds=120))
    tasks.sweep()
    waiting.refresh_from_db()
    assert (waiting.stage, waiting.file.name) == ("working", "")
    it_is(MORNING + timedelta(seconds=121))
    tasks.sweep()
    assert len(pages(waiting)) == 4


def test_a_worker_from_which_it_was_taken_leaves_no_file(waiting, monkeypatch):
    really = mechanics.service.kept_bytes

    def slept(letter):
        Run.objects.filter(stage="working").update(claimed_at=None)
        return really(letter)

    monkeypatch.setattr(mechanics.service, "kept_bytes", slept)
    assert tasks.work_run(waiting.pk) == ""
    assert list(mechanics.files.stored_names("runs")) == []


def test_a_damaged_letter_is_left_out_and_the_others_are_printed(world, three, monkeypatch):
    really = Document.objects.get(letters=three[1]).sha256

    def kept(letter):
        if letter.document.sha256 == really:
            raise mechanics.service.DamagedLetter
        return bytes(letter.document.content)

    monkeypatch.setattr(mechanics.service, "kept_bytes", kept)
    run = begun(world, three).run
    assert (run.stage, fates(run)) == ("ready", ["held", "failed", "held"])
    assert three[1].reference not in pages(run)
    assert list(post.free_to_print(world.school, MORNING)) == [three[1]]


def test_a_run_that_cannot_be_made_lets_go_of_its_letters(world, three, monkeypatch):
    def broken(*args, **told):
        raise OSError("the disk is full")

    monkeypatch.setattr(mechanics, "default_storage", SimpleNamespace(save=broken))
    run = begun(world, three).run
    assert (run.stage, fates(run)) == ("failed", ["failed"] * 3)
    assert set(post.free_to_print(world.school, MORNING)) == set(three)


def test_the_file_is_kept_for_a_day(world, three, client_of, it_is):
    run = begun(world, three).run
    name = run.file.name
    day = MORNING + mechanics.KEPT_FOR
    assert mechanics.forget_files(day) == 0
    it_is(day + timedelta(seconds=1))
    assert tasks.sweep_files() == 1
    assert not default_storage.exists(name)
    assert client_of(world.adam).get(f"/letters/runs/{run.pk}/pdf/").status_code == 404
    assert client_of(world.adam).get(f"/letters/runs/{run.pk}/").status_code == 200


# -- who may ------------------------------------------------------------------------------------------------------


def test_whoever_prints_may_see_a_protected_address():
    assert MAY["post_letter"] <= MAY["see_protected_address"]


def test_who_may_not_see_protected_addresses_prints_nothing(world, three, monkeypatch):
    monkeypatch.setitem(MAY, "see_protected_address", MAY["see_protected_address"] - {"admin"})
    with pytest.raises(Refused):
        begun(world, three)
    assert not Run.objects.exists()


@pytest.mark.parametrize("name", ["olive", "sena", "cora", "tess", "gail", "rita", "sid"])
def test_runs_are_for_the_post_room_alone(world, three, client_of, name):
    run, client = begun(world, three).run, client_of(getattr(world, name))
    for page in ("", f"{run.pk}/", f"{run.pk}/pdf/", f"{run.pk}/progress/"):
        assert client.get(f"/letters/runs/{page}").status_code == 404
    for deed in ("print/", "issue/", f"runs/{run.pk}/close/"):
        assert client.post(f"/letters/{deed}", {"all": "1"}).status_code == 404
    assert fates(run) == ["held"] * 3


def test_another_school_finds_no_such_run(world, make_world, three, client_of):
    run, other = begun(world, three).run, client_of(make_world("oakmoor").adam)
    for page in ("", "pdf/", "progress/"):
        assert other.get(f"/letters/runs/{run.pk}/{page}").status_code == 404
    assert other.post(f"/letters/runs/{run.pk}/close/").status_code == 404
    assert run.pk not in [row["run"].pk for row in other.get("/letters/runs/").context["rows"]]


def test_one_foreign_or_unknown_id_prints_nothing_at_all(world, make_world, three, client_of):
    foreign = extra_ban(make_world("sholing"), "Fay Far", "2 Low Road, Townham TW1 9ZZ")
    client = client_of(world.adam)
    for ids in ([three[0].pk, foreign.pk], [three[0].pk, 9999], ["x"], ["9" * 30]):
        assert client.post("/letters/print/", {"ids": ids}).status_code == 404
    assert not Run.objects.exists()


def test_a_draft_does_not_print_and_nothing_ticked_is_said(world, client_of):
    draft = extra_ban(world, "Dee Draft", "2 Low Road, Townham TW1 9ZZ", issue=False)
    client = client_of(world.adam)
    assert "A draft is not printed" in client.post(f"/letters/{draft.pk}/print/", follow=True).text
    assert "Tick the letters to print" in client.post("/letters/print/", {}, follow=True).text


# -- issuing all that are approved --------------------------------------------------------------------------------


@pytest.fixture
def drafts(world) -> list[Letter]:
    """Three drafts: two approved, of which one can go by hand alone; and one that is not."""
    found = [
        extra_ban(world, "Ann Cole", "1 Low Road, Townham TW1 9ZZ", issue=False),
        extra_ban(world, "Bea Cole", "", issue=False),
        extra_ban(world, "Zed Young", "9 Low Road, Townham TW2 1AA", issue=False),
    ]
    for letter in found[:2]:
        signed(CaseLetter.objects.get(letter=letter))
    return found


def issuing(world: World, **told) -> Run:
    return runs.begin_issuing(world.school, **{"by": world.adam, "at": MORNING, **told}).run


def test_all_that_are_approved_are_issued_each_in_its_usual_way(world, drafts, client_of):
    client = client_of(world.adam)
    assert "Issue all 2 that are approved" in client.get("/letters/").text
    page = client.post("/letters/issue/", follow=True)
    assert "Issued" in page.text
    told = Letter.objects.order_by("pk").values_list("reference", "method", "signed_by", "issued_by")
    both = (world.hari.pk, world.adam.pk)
    assert list(told) == [("L-2026-0001", "post", *both), ("L-2026-0002", "hand", *both), ("", "", None, None)]
    assert fates(Run.objects.get()) == ["done", "done"]


def test_one_that_is_refused_says_why_and_the_others_are_issued(world, drafts):
    CaseLetter.objects.get(letter=drafts[0]).letter.recipient.links.all().delete()
    Letter.objects.filter(pk=drafts[0].pk).update(extra="New words.")  # since it was approved
    run = issuing(world)
    assert fates(run) == ["failed", "done"]
    assert "has not approved it as it stands now" in run.parts.first().why
    assert list(Letter.objects.filter(issued_at=None)) == [drafts[2], drafts[0]]


@pytest.mark.parametrize(
    ("error", "parked"), [(characters.CannotPrint("☃"), False), (press.Stopped("It is too long."), True)]
)
def test_one_that_breaks_the_press_is_set_aside_and_the_others_are_issued(world, drafts, monkeypatch, error, parked):
    really = press.letter

    def breaks(kind, facts, **told):
        if facts["recipient_name"] == "Ann Cole":
            raise error
        return really(kind, facts, **told)

    monkeypatch.setattr(press, "letter", breaks)
    run = issuing(world)
    assert fates(run) == ["failed", "done"]
    assert Letter.objects.get(issued_at__isnull=False).reference == "L-2026-0001"
    assert [bool(letter.parked_at) for letter in Letter.objects.filter(pk=drafts[0].pk)] == [parked]


def test_an_error_of_ours_with_one_letter_does_not_stop_the_others(world, drafts, monkeypatch):
    really = runs.issue_part

    def fails(part, **told):
        if part.letter_id == drafts[0].pk:
            raise ZeroDivisionError
        really(part, **told)

    monkeypatch.setattr(runs, "issue_part", fails)
    assert fates(issuing(world)) == ["failed", "done"]


def test_a_worker_that_dies_in_the_middle_leaves_what_is_issued_and_the_sweep_does_the_rest(
    world, drafts, monkeypatch, it_is, sent
):
    class Killed(BaseException):
        """Stands for a signal that nothing catches."""

    really = runs.issue_part

    def killed(part, **told):
        if part.letter_id == drafts[1].pk:
            raise Killed
        really(part, **told)

    monkeypatch.setattr(runs, "AT_ONCE", {"issue": 1})
    run = issuing(world)
    with monkeypatch.context() as broken:
        broken.setattr(runs, "issue_part", killed)
        with pytest.raises(Killed):
            tasks.work_run(run.pk)
    assert fates(run) == ["done", "held"]
    it_is(MORNING + timedelta(seconds=121))
    tasks.sweep()
    run.refresh_from_db()
    assert (run.stage, run.made, fates(run)) == ("closed", 2, ["done", "done"])
    assert AuditRow.objects.filter(deed="issue_letter").count() == 2


def test_what_is_being_issued_is_in_one_hand(world, drafts, sent, monkeypatch, second_clerk):
    monkeypatch.setattr(runs, "AT_ONCE", {"issue": 1})
    issuing(world)
    assert issuing(world, by=second_clerk, at=LATER) is None  # however long the worker takes
    assert RunLetter.objects.filter(fate="held").count() == 2


def test_what_could_not_be_printed_waits_apart(world, drafts):
    Letter.objects.filter(pk=drafts[0].pk).update(parked_at=MORNING, parked_why="Too long.")
    assert [part.letter for part in issuing(world).parts.all()] == [drafts[1]]


# -- the queue ----------------------------------------------------------------------------------------------------


@pytest.fixture
def two_days(world) -> list[Letter]:
    """One letter issued on Monday, two on Tuesday."""
    found = [extra_ban(world, f"Person {n}", f"{n} Low Road, Townham TW1 9ZZ", issue=False) for n in range(3)]
    for letter, day in zip(found, ("02", "03", "03"), strict=True):
        about = signed(CaseLetter.objects.get(letter=letter))
        when = at(f"2026-03-{day} 00:30")  # by the clock of London
        runs.correspondence.issue(
            about, by=world.adam, at=max(when, at("2026-03-02 10:00")), method="post", signed_by=world.hari
        )
    return found


def rows(page) -> list[tuple[str, list[str]]]:
    return [
        (str(day), [row["letter"].reference for row in found]) for day, found in page.context["sections"][0]["days"]
    ]


def test_the_queue_is_read_day_by_day_the_oldest_first(world, two_days, client_of):
    found = rows(client_of(world.adam).get("/letters/?show=to-print"))
    assert found == [("2026-03-02", ["L-2026-0001"]), ("2026-03-03", ["L-2026-0002", "L-2026-0003"])]


@pytest.mark.parametrize(
    ("asked", "found"),
    [("day=2026-03-02", 1), ("day=2026-03-03", 2), ("kind=warning", 0), ("kind=provisional_ban", 3), ("method=hand", 0),
     ("method=post&day=2026-03-03", 2), ("day=nonsense&kind=none&method=pigeon", 3)],
)  # fmt: skip
def test_filters_stand_in_the_address_and_all_prints_what_they_leave(world, two_days, client_of, asked, found):
    client = client_of(world.adam)
    page = client.get(f"/letters/?show=to-print&{asked}")
    assert sum(len(each) for _, each in rows(page)) == page.context["free"] == found
    client.post("/letters/print/", {"all": "1", **dict(pair.split("=") for pair in asked.split("&"))})
    assert RunLetter.objects.count() == found


def test_runs_are_read_in_a_fixed_number_of_queries(world, client_of, django_assert_num_queries):
    client = client_of(world.adam)
    one = begun(world, [extra_ban(world, "Ann Cole", "1 Low Road, Townham TW1 9ZZ")]).run
    with django_assert_num_queries(7):
        client.get(f"/letters/runs/{one.pk}/")
    with django_assert_num_queries(7):
        client.get("/letters/runs/")
    more = [extra_ban(world, f"Person {n}", f"{n} Low Road, Townham TW1 9ZZ") for n in range(3)]
    three = begun(world, more).run
    for letter in more[:2]:
        begun(world, [letter], knowing=[letter.pk])
    with django_assert_num_queries(7):
        client.get(f"/letters/runs/{three.pk}/")
    with django_assert_num_queries(7):
        client.get("/letters/runs/")
