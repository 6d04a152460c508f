"""Giving evidence in a real browser: chosen, dropped and pasted; refused, broken off and sent again; by keyboard; no script."""

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect

from conduct import health
from conduct.models import User
from incidents.models import Evidence
from tests.factories import World
from tests.files import EXE, MP3, pdf, photograph, picture

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-pass-phrase"  # noqa: S105 (of a world that lives for one test)
# Hands a file to the page as the mouse or the clipboard would: `how` is drop or paste.
HAND_OVER = """([how, name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const told = { bubbles: true, cancelable: true };
  if (how === "paste") document.body.dispatchEvent(new ClipboardEvent("paste", { ...told, clipboardData: data }));
  else for (const step of ["dragenter", "dragover", "drop"]) document.querySelector("h1").dispatchEvent(new DragEvent(step, { ...told, dataTransfer: data }));
}"""  # noqa: E501


@pytest.fixture
def address(transactional_db) -> str:
    """The page on which evidence is given to an incident; sena@… may."""
    world = World("sholing")
    health.beat("scheduler")
    User.objects.filter(pk=world.sena.pk).update(email="sena@ashfield.example", password=make_password(PASSWORD))
    incident = world.incident()
    return f"/cases/{incident.in_case.case.reference}/incidents/{incident.reference}/evidence/"


def chosen(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def kept(page: Page, count: int) -> None:
    expect(page.locator("#kept-here > li")).to_have_count(count)


def names() -> list[str]:
    return [row.file.name for row in Evidence.objects.order_by("pk")]


@pytest.mark.parametrize("width", [1280, 390])
def test_files_are_chosen_dropped_and_pasted(visitor, address, width):
    somebody = visitor("sena@ashfield.example", PASSWORD, width)
    page = somebody.page
    somebody.go(address)
    somebody.picture(f"40-evidence-empty-{width}")
    page.set_input_files(
        "#id_files", [chosen("Car park.jpg", photograph()), chosen("evil.jpg", EXE), chosen("a.mp3", MP3)]
    )
    kept(page, 2)
    expect(page.locator("[data-queue] > li")).to_have_text(["evil.jpgNot kept. “evil.jpg” is not what its name says: it looks like .exe.Remove from this list evil.jpg"])  # fmt: skip  # noqa: E501
    expect(page.locator("[data-said]")).to_have_text("2 files kept. 1 file not kept: see why below.")
    page.evaluate(HAND_OVER, ["drop", "letter.pdf", "application/pdf", list(pdf())])
    kept(page, 3)
    page.evaluate(HAND_OVER, ["paste", "image.png", "image/png", list(picture("PNG"))])
    kept(page, 4)
    assert names()[:3] == ["Car park.jpg", "a.mp3", "letter.pdf"]
    assert names()[3].startswith("Pasted 20")

    note = page.get_by_label("What it shows: Car park.jpg")
    note.fill("The car park at 08:52")
    note.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert Evidence.objects.order_by("pk").first().note == "The car park at 08:52"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    somebody.picture(f"41-evidence-one-refused-{width}")
    page.get_by_role("button", name="Remove from this list evil.jpg").press("Enter")
    expect(page.locator("#id_files")).to_be_focused()
    somebody.press("Back to the incident")
    somebody.sees("The car park at 08:52")
    somebody.picture(f"42-evidence-of-an-incident-{width}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the original Car park.jpg").click()
    assert download.value.suggested_filename == "Car park.jpg"
    assert download.value.path().read_bytes() == photograph()


def test_what_could_not_be_sent_waits_and_is_sent_again(visitor, address):
    somebody = visitor("sena@ashfield.example", PASSWORD)
    page = somebody.page
    somebody.go(address)
    page.route("**/evidence/", lambda route: route.abort())
    page.set_input_files("#id_files", [chosen("a.mp3", MP3)])
    expect(page.get_by_text("It could not be sent: there is no network.")).to_be_visible()
    kept(page, 0)
    page.unroute("**/evidence/")
    page.get_by_role("button", name="Try again a.mp3").press("Enter")
    kept(page, 1)
    assert names() == ["a.mp3"]


def test_a_file_on_its_way_shows_how_far_it_is_and_can_be_cancelled(visitor, address):
    somebody = visitor("sena@ashfield.example", PASSWORD)
    page = somebody.page
    somebody.go(address)
    waiting = []
    page.route("**/evidence/", lambda route: waiting.append(route))
    page.set_input_files("#id_files", [chosen("a.mp3", MP3), chosen("b.mp3", MP3)])
    expect(page.locator("[data-queue] progress")).to_have_count(2)
    expect(page.locator("[data-said]")).to_have_text("2 files on the way.")
    page.get_by_role("button", name="Cancel b.mp3").press("Enter")
    expect(page.locator("[data-queue] progress")).to_have_count(1)
    page.get_by_role("button", name="Cancel a.mp3").press("Enter")
    expect(page.locator("[data-queue] progress")).to_have_count(0)
    assert len(waiting) == 1
    assert names() == []


def test_a_session_that_has_ended_loses_nothing(visitor, address):
    somebody = visitor("sena@ashfield.example", PASSWORD)
    page = somebody.page
    somebody.go(address)
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.set_input_files("#id_files", [chosen("a.mp3", MP3)])
    expect(page.get_by_text("You have been signed out, or work at another school")).to_be_visible()
    page.context.add_cookies(cookies)
    page.get_by_role("button", name="Try again a.mp3").click()
    kept(page, 1)


def test_what_is_too_large_is_refused_before_it_is_sent(visitor, address, settings):
    settings.MOST_MB = {**settings.MOST_MB, "audio": 1}
    somebody = visitor("sena@ashfield.example", PASSWORD)
    page = somebody.page
    somebody.go(address)
    page.route("**/evidence/", lambda route: pytest.fail("sent"))
    page.set_input_files("#id_files", [chosen("a.mp3", MP3 + bytes(1024 * 1024))])
    expect(page.get_by_text("“a.mp3” has 2 MB: a sound recording may have 1 MB at most.")).to_be_visible()


def test_without_script_it_is_a_plain_form(browser, live_server, address):
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/account/login/")
    page.get_by_label("Email").fill("sena@ashfield.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(live_server.url + address)
    page.set_input_files("#id_files", [chosen("a.mp3", MP3), chosen("b.pdf", pdf())])
    page.get_by_label("What do they show?").fill("His voice")
    page.get_by_role("button", name="Keep these files").click()
    expect(page.get_by_text("2 files are kept.")).to_be_visible()
    assert names() == ["a.mp3", "b.pdf"]
    page.close()
