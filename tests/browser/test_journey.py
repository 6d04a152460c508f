"""The main job, end to end, in a real browser: logged, banned, printed, heard, confirmed, reviewed, lifted."""

import io
import re

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect
from pypdf import PdfReader

from conduct import health
from conduct.models import User
from letters.models import Letter
from tests.factories import World

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-pass-phrase"  # noqa: S105 (of a world that lives for one test)


@pytest.fixture
def school(transactional_db) -> World:
    world = World("sholing")
    world.school.name = "Ashfield Junior School"
    world.school.save()
    health.beat("scheduler")
    for name in ("olive", "hari", "cora", "tess", "adam"):
        User.objects.filter(pk=getattr(world, name).pk).update(email=f"{name}@ashfield.example")
    User.objects.update(password=make_password(PASSWORD))
    return world


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def fetched(visitor, path: str) -> bytes:
    """A file as the signed-in browser gets it."""
    response = visitor.page.request.get(visitor.address + path)
    assert response.ok
    return response.body()


def test_a_serious_incident_goes_from_the_first_log_to_a_lifted_ban(visitor, school, clock):
    clock("2026-03-02 08:50")
    olive = visitor("olive@ashfield.example", PASSWORD)
    olive.picture("01-today-office")
    log_it(olive)
    clock("2026-03-02 09:12")
    propose_it(olive)

    clock("2026-03-02 09:30")
    cora = visitor("cora@ashfield.example", PASSWORD)
    consult(cora)

    clock("2026-03-02 09:40")
    hari = visitor("hari@ashfield.example", PASSWORD)
    decide(hari)
    approve(hari, "provisional ban")

    clock("2026-03-02 10:00")
    adam = visitor("adam@ashfield.example", PASSWORD)
    first = issue_and_print(adam, "provisional ban")
    assert "Ashfield Junior School" in first
    assert "Wednesday 18 March 2026" in first
    assert "section 547" in first

    clock("2026-03-10 10:00")
    find_facts(hari)
    clock("2026-03-18 15:00")
    reply_comes(olive)
    clock("2026-03-19 09:30")
    answer(hari)

    clock("2026-03-19 10:00")
    confirm(cora)
    approve(cora, "ban confirmed")
    clock("2026-03-19 10:10")
    assert "Friday 22 May 2026" in issue_and_print(adam, "ban confirmed")

    clock("2026-03-20 08:30")
    gate_says(olive, "Banned")
    clock("2026-05-07 10:05")
    tess = visitor("tess@ashfield.example", PASSWORD)
    lift(tess)
    approve(tess, "ban lifted")
    clock("2026-05-07 10:10")
    assert "may come on to the school site again" in issue_and_print(adam, "ban lifted")
    assert Letter.objects.filter(posted_at__isnull=False).count() == 3
    clock("2026-05-07 10:20")
    gate_says(olive, "Nothing applies today")
    close(cora, hari, tess)


def log_it(olive) -> None:
    page = olive.page
    olive.press("Log an incident")
    page.locator("#id_who").press_sequentially("alex mar")
    page.get_by_role("option", name=re.compile("Alex Marsh")).wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#id_narrative").fill("Came to the counter. Said “I will be waiting for you outside” twice, shouting.")
    page.locator("input[name=clauses][value=U05]").check()
    page.locator("input[name=clauses][value=U03]").check()
    page.locator("#id_ended_interaction").check()
    page.locator("#id_asked_to_leave").check()
    olive.picture("02-log")
    olive.press("Save the incident")
    olive.sees("What happens next")
    olive.press("Open the case")
    olive.sees("What has happened")
    olive.picture("03-case-logged")


def propose_it(olive) -> None:
    olive.press("Propose a response")
    olive.page.locator("input[name=response][value=site_ban]").check()
    olive.page.locator("input[name=opening][value=provisional]").check()
    olive.press("Propose it")
    olive.sees("Say which lesser responses you weighed")
    olive.picture("04-proposal-refused")
    olive.page.locator("#id_severity_reason").fill("A threat of violence to a named member of staff.")
    olive.page.locator("#id_lesser_options").fill(
        "A meeting or a letter would leave her facing him at the gate tomorrow."
    )
    olive.press("Propose it")
    olive.sees("Decide on the proposed ban")


def open_case(who, name: str = "Alex Marsh") -> None:
    who.go("/cases/?show=all")
    who.page.get_by_role("link", name=name).first.click()
    who.page.wait_for_load_state()


def consult(cora) -> None:
    cora.picture("05-today-chair")
    open_case(cora)
    cora.press("Record a consultation")
    cora.page.locator("#id_how").fill("In person here")
    cora.page.locator("#id_view").fill("Agrees, on the strength of the threat.")
    cora.press("Record it")
    cora.sees("Agrees, on the strength of the threat.")


def decide(hari) -> None:
    open_case(hari)
    hari.press("Approve the ban")
    page = hari.page
    page.locator("#id_starts").fill("2026-03-02")
    page.locator("#id_latest_decision_on").fill("2026-03-31")
    page.locator("#id_scope").fill("The whole site")
    page.locator("#id_contact_who").fill("Olive Office")
    page.locator("input[name=contact_methods][value=email]").check()
    page.locator("textarea[name^=handover_]").fill("Grandmother brings and collects at the main gate")
    hari.press("Keep for later")
    hari.sees("Kept for later")
    assert hari.page.locator(".case-do .preflight [data-met=no]").count() == 0
    hari.picture("06-case-green")
    hari.press("Approve the ban")
    hari.picture("07-decide")
    hari.press("Approve")
    hari.sees("The letter is drafted")


def approve(who, kind: str) -> None:
    """Read the draft of that kind, which waits on Today, and approve it as it stands."""
    who.go("/")
    who.page.get_by_role("link", name=re.compile(f"Approve: {kind}")).first.click()
    who.page.wait_for_load_state()
    who.picture(f"08-approve-{kind.replace(' ', '-')}")
    who.press("Approve it as it stands")
    who.sees("Approved as it stands.")


def issue_and_print(adam, kind: str) -> str:
    """Issue the draft of that kind, print it and mark it as posted; the words that were printed."""
    adam.go("/letters/")
    adam.page.get_by_role("link", name=re.compile(kind, re.I)).or_(
        adam.page.get_by_role("row", name=re.compile(kind, re.I)).get_by_role("link")
    ).first.click()
    adam.page.wait_for_load_state()
    adam.picture(f"08-draft-{kind.replace(' ', '-')}")
    adam.page.get_by_role("button", name=re.compile("^Issue")).click()
    adam.page.wait_for_load_state()
    letter = Letter.objects.filter(issued_at__isnull=False).latest("issued_at")
    printed = fetched(adam, f"/letters/{letter.pk}/pdf/")
    assert printed == bytes(letter.document.content)
    adam.picture(f"09-issued-{kind.replace(' ', '-')}")
    adam.page.get_by_role("button", name=re.compile("sent", re.I)).last.click()
    adam.page.wait_for_load_state()
    letter.refresh_from_db()
    assert letter.posted_at is not None
    adam.go("/letters/?show=all")
    adam.picture("10-letters")
    return text_of(printed)


def find_facts(hari) -> None:
    open_case(hari)
    hari.page.get_by_role("link", name=re.compile("^I-2026")).first.click()
    hari.page.wait_for_load_state()
    hari.picture("11-incident")
    hari.press("Add an account")
    hari.page.locator("#id_text").fill("He leaned over the counter and said he would be waiting.")
    hari.press("Record it")
    hari.press("Add what they say")
    hari.page.locator("#id_attempted").fill("Rang twice; he put the telephone down.")
    hari.press("Record it")
    hari.press("Record the facts as found")
    for box in hari.page.locator("input[name=upheld]").all():
        box.check()
    hari.page.locator("#id_reason").fill("Two consistent accounts.")
    hari.press("Record the finding")
    hari.sees("Upheld:")


def reply_comes(olive) -> None:
    open_case(olive)
    olive.press("Record a reply")
    olive.page.locator("#id_text").fill("He says that he was provoked and is sorry.")
    olive.press("Record the reply")
    olive.sees("Reply received")


def answer(hari) -> None:
    open_case(hari)
    hari.page.get_by_role("link", name="Write the answer").first.click()
    hari.page.locator("#id_text").fill("Provocation does not excuse a threat; the apology is noted.")
    hari.press("Record the answer")
    hari.sees("Answered in writing")


def confirm(cora) -> None:
    open_case(cora)
    cora.picture("12-case-to-confirm")
    cora.press("Confirm the ban")
    page = cora.page
    page.locator("#id_reasons").fill("The threat is established.")
    page.locator("#id_ends").fill("2026-05-22")
    page.locator("#id_review_on").fill("2026-06-01")
    cora.press("Confirm the ban")
    cora.sees("The review must come before the end")
    expect(page.locator("#id_reasons")).to_have_value("The threat is established.")
    cora.picture("13-confirm-refused")
    page.locator("#id_review_on").fill("2026-05-08")
    page.locator("#id_equality").fill("No need known; asked in the letter.")
    cora.press("Confirm the ban")
    cora.sees("Confirmed.")


def gate_says(who, word: str) -> None:
    who.go("/gate/?q=alex")
    who.page.get_by_text(re.compile(word, re.I)).first.wait_for(timeout=5000)
    who.picture(f"14-gate-{word.split()[0].lower()}")


def lift(tess) -> None:
    open_case(tess)
    tess.press("Lift the ban")
    tess.page.locator("#id_reasons").fill("Six quiet weeks and a full apology.")
    tess.press("Lift the ban")
    tess.sees("Lifted:")
    tess.picture("15-case-lifted")


def close(cora, hari, tess) -> None:
    for who in (cora, tess):
        open_case(who)
        who.page.get_by_role("link", name=re.compile("Tick it off")).first.click()
        who.press("Tick it off")
    open_case(hari)
    hari.press("Close the case")
    hari.page.locator("#id_reasons").fill("Ban lifted, nothing open.")
    hari.press("Close the case")
    hari.sees("The case is closed.")
