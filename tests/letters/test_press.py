"""The press: a process of its own, what it may take for a letter, what it refuses to reach, and how it is replaced."""

import base64
import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from django.conf import settings
from PIL import Image

from letters import characters, press, pressroom, rendering, samples

PLAIN_PAGE = '<html lang="en"><title>Page</title><p>Some words.'


@pytest.fixture
def fresh():
    """A press that is started anew, under the settings of this test, and not left to the next one."""
    press.ours.end()
    yield press.ours
    press.ours.end()


def a_letter(**facts):
    return press.letter("provisional_ban", samples.facts("provisional_ban", **facts))


def text_of(pdf):
    return "".join(each.extract_text() for each in pypdf.PdfReader(BytesIO(pdf)).pages)


def run(script, **env):
    """What a program of its own prints that begins with our settings."""
    begin = "import os, signal, sys; from letters import press; from letters import samples; "
    begin += "facts = samples.facts('provisional_ban'); letter = lambda: press.letter('provisional_ban', facts)\n"
    ours = {**os.environ, "DJANGO_SETTINGS_MODULE": "conduct.settings", "CONDUCT_TESTING": "1", **env}
    told = subprocess.run(
        [sys.executable, "-c", begin + script], cwd=settings.BASE_DIR, env=ours, capture_output=True, text=True
    )
    assert told.returncode in (0, -signal.SIGKILL), told.stderr
    return told.stdout


# -- a process of its own ----------------------------------------------------------------------------------------


def test_two_presses_with_different_hash_seeds_print_the_same_bytes_as_this_very_process(fresh):
    first, process = a_letter(), fresh.press.process
    fresh.end()
    assert a_letter() == first
    assert fresh.press.process.pid != process.pid
    assert rendering.render("provisional_ban", samples.facts("provisional_ban")) == first


def test_the_program_itself_never_loads_what_makes_pdfs():
    assert run("print(letter()[:5], 'weasyprint' in sys.modules)") == "b'%PDF-' False\n"


def test_a_press_knows_nothing_of_the_environment_but_where_its_libraries_are(fresh, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret@127.0.0.1/x")
    a_letter()
    environment = Path(f"/proc/{fresh.press.process.pid}/environ").read_bytes().split(b"\0")
    assert {entry.split(b"=")[0].decode() for entry in environment if entry} <= set(press.KEPT)


def test_a_press_has_no_settings_and_no_database():
    script = (
        "import sys; from letters import pressroom; pressroom.printed('<html lang=en><title>x</title>x');"
        "print([name for name in sys.modules if name.startswith(('django', 'conduct', 'sanctions', 'psycopg'))])"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert told.stdout == "[]\n"


def test_a_name_in_another_script_is_printed_within_the_walls_with_its_font_laid_ready_there(fresh):
    a_letter()
    assert "李小龙" in text_of(a_letter(recipient_name="李小龙"))


def test_letters_ordered_at_once_by_several_threads_each_come_back_to_whoever_ordered_them():
    names = [f"ASH-2026-{number:04}" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda name: a_letter(reference=name), names))
    assert [[name for name in names if name in text_of(pdf)] for pdf in made] == [[name] for name in names]


def test_a_copy_of_a_process_has_a_press_of_its_own_and_leaves_the_other_to_its_owner():
    script = """
letter(); first = press.ours.press.process.pid
child = os.fork()
if child == 0:
    letter(); print(press.ours.press.process.pid == first, flush=True); press.ours.end(); os._exit(0)
os.waitpid(child, 0); letter(); print(press.ours.press.process.pid == first)
"""
    assert run(script) == "False\nTrue\n"


def test_a_press_ends_and_takes_its_folder_away_when_the_program_is_killed():
    script = (
        "letter(); print(press.ours.press.process.pid, press.ours.press.folder, flush=True); os.kill(os.getpid(), 9)"
    )
    pid, folder = run(script).split()
    until = time.monotonic() + 30
    while time.monotonic() < until and (Path(f"/proc/{pid}").exists() or Path(folder).exists()):
        time.sleep(0.02)
    assert not Path(folder).exists()


def test_a_press_is_replaced_when_it_is_worn_out(fresh, settings):
    settings.PRESS_REPLACED_AFTER = 2
    pids = []
    for _ in range(3):
        press.page(PLAIN_PAGE, "p { color: black }")
        pids.append(fresh.press.process.pid)
    assert (pids[0] == pids[1], pids[1] == pids[2]) == (True, False)


def test_where_no_press_can_be_started_nothing_is_said_against_the_letter(fresh, settings):
    settings.PRESS_MB = 1
    with pytest.raises(press.OutOfOrder):
        a_letter()


# -- what it may take --------------------------------------------------------------------------------------------


def stopped(act):
    """Why it was stopped; and a letter like others is printed after it."""
    with pytest.raises(press.Stopped) as found:
        act()
    assert a_letter()[:5] == b"%PDF-"
    return found.value.why


ENDLESS = {
    "a text": {"extra": "and so on " * 100_000},
    "a word": {"extra": "w" * 1_000_000},
    "a table": {"handover": [{"pupil": "Robin", "arrangement": "By the gate."}] * 10_000},
}


@pytest.mark.parametrize("what", ENDLESS)
def test_a_letter_that_takes_too_long_is_stopped(what, settings):
    a_letter()
    settings.PRESS_SECONDS = 1
    with pytest.raises(press.Stopped, match="It took longer than 1 seconds"):
        a_letter(**ENDLESS[what])
    settings.PRESS_SECONDS = 20
    assert a_letter()[:5] == b"%PDF-"


def test_a_press_ends_by_itself_when_a_letter_takes_too_long_and_nobody_is_left_to_end_it(fresh, monkeypatch):
    a_letter()
    monkeypatch.setattr(press.Press, "stop", lambda self: None)
    order = {"html": PLAIN_PAGE + "and so on " * 500_000, "sheet": "", "pages": 20, "seconds": 1}
    assert fresh.printed(order)[:2] == ("time", f"exit code {-signal.SIGXCPU}")


def test_a_letter_with_too_many_pages_is_stopped(settings):
    by_the_gate = [{"pupil": name, "arrangement": "By the gate."} for name in ["Robin"] * 100]
    assert len(pypdf.PdfReader(BytesIO(a_letter(handover=by_the_gate))).pages) == 5
    settings.PRESS_PAGES = 3
    assert stopped(lambda: a_letter(handover=by_the_gate)) == "It has more than 3 pages."


def test_what_needs_too_much_memory_is_stopped(fresh, settings):
    many = PLAIN_PAGE + "<p>word" * 60_000
    settings.PRESS_MB = 128
    with pytest.raises(press.Stopped, match="It needs too much memory"):
        press.page(many, "p { color: black }")
    assert a_letter()[:5] == b"%PDF-"


@pytest.mark.parametrize(("by", "why"), [(signal.SIGABRT, "broke down"), (signal.SIGKILL, "too much memory")])
def test_a_press_that_dies_in_the_middle_of_a_letter_stops_that_one_alone(fresh, monkeypatch, by, why):
    a_letter()
    really = pressroom.send

    def killed(stream, head, body=b""):
        fresh.press.process.send_signal(by)
        really(stream, head, body)

    with monkeypatch.context() as dying:
        dying.setattr(pressroom, "send", killed)
        with pytest.raises(press.Stopped, match=why):
            a_letter()
    assert a_letter()[:5] == b"%PDF-"


def test_a_press_that_died_between_two_letters_is_not_missed(fresh):
    a_letter()
    fresh.press.process.kill()
    fresh.press.process.wait()
    assert a_letter()[:5] == b"%PDF-"


def test_elements_within_elements_without_end_break_the_press_for_that_page_alone():
    assert stopped(lambda: press.page(PLAIN_PAGE + "<div>" * 5_000, "p {}")) == "The press broke down over it."


def test_what_is_wrong_with_the_facts_of_a_letter_is_said_as_before():
    with pytest.raises(characters.CannotPrint) as lost:
        a_letter(extra="\U00013000")
    assert lost.value.characters == "\U00013000"
    with pytest.raises(rendering.IncompleteLetter) as gaps:
        a_letter(reply_by=None)
    assert [gap.field for gap in gaps.value.missing] == ["reply_by"]


# -- what it never reaches ---------------------------------------------------------------------------------------


@pytest.fixture
def listener():
    """A web server of this machine, and what was asked of it."""
    asked = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


REACHING = {
    "a picture": '<img alt="x" src="{}">',
    "a style sheet": '<link rel="stylesheet" href="{}">',
    "an import": "<style>@import '{}';</style>",
    "a background": '<p style="background: url({})">x</p>',
    "a list mark": '<ul style="list-style-image: url({})"><li>x</li></ul>',
    "a drawing": "<svg xmlns='http://www.w3.org/2000/svg'><image href='{}' width='9' height='9'/></svg>",
    "content": "<style>p::before {{ content: url({}) }}</style><p>x",
    "an object": '<object data="{}"></object>',
    "an attachment": '<link rel="attachment" href="{}">',
    "a drawing as data": '<img alt="x" src="data:image/svg+xml;base64,[{}]">',
}


def reaching(how, address):
    html = PLAIN_PAGE + REACHING[how].format(address)
    before, drawn, after = html.partition("[")
    if drawn:
        inner, _, rest = after.partition("]")
        svg = f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{inner}' width='9' height='9'/></svg>"
        return before + base64.b64encode(svg.encode()).decode() + rest
    return html


@pytest.mark.parametrize("how", REACHING)
def test_nothing_in_a_page_makes_the_press_reach_for_anything(how, listener, tmp_path):
    address, asked = listener
    for wanted in (f"{address}/a", "file:///etc/hostname", f"file://{tmp_path}"):
        try:
            press.page(reaching(how, wanted), "p { color: black }")
        except press.Stopped as refused:
            assert refused.why == "It holds a picture that cannot be printed."  # noqa: PT017
    assert asked == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", REACHING)
def test_control_without_our_walls_the_same_page_reaches_out(how, listener):
    from weasyprint import HTML

    address, asked = listener
    HTML(string=reaching(how, f"{address}/a")).write_pdf()
    assert "/a" in asked


REFUSED_IN_THE_PRESS = {
    "a socket": "socket.socket().connect(('127.0.0.1', 9))",
    "a name": "socket.getaddrinfo('localhost', 80)",
    "a program": "subprocess.run(['true'])",
    "a shell": "os.system('true')",
    "a copy": "os.fork() or os._exit(0)",
    "a file": "open('/etc/hostname')",
    "our settings": "open('conduct/settings.py')",
    "the folder of the program": "os.listdir('.')",
    "writing": "open('letters/x', 'w')",
    "writing by its number": "os.open('letters/x', os.O_CREAT | os.O_WRONLY)",
    "taking away": "os.remove('letters/nothing')",
    "a folder": "os.mkdir('letters/nothing/nothing')",
}


@pytest.mark.parametrize("what", REFUSED_IN_THE_PRESS)
def test_within_the_walls_python_itself_refuses(what, tmp_path):
    script = f"""
import os, socket, subprocess, sys
from letters import pressroom
def tried():
    try:
        {REFUSED_IN_THE_PRESS[what]}
    except pressroom.Outside:
        return "refused"
    except OSError:
        pass
    return "not refused"
walls = pressroom.Walls({str(tmp_path)!r})
before = tried()
sys.addaudithook(walls)
print(before, "then", tried())
walls.stand = False
if os.path.exists("letters/x"): os.remove("letters/x")
"""
    told = subprocess.run([sys.executable, "-c", script], cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert told.stdout == "not refused then refused\n", told.stderr


@pytest.mark.parametrize(
    "words", ["file:///etc/hostname", "url(file:///etc/hostname)", "<img src=file:///etc/hostname>"]
)
def test_an_address_in_any_text_of_a_letter_stays_text(words):
    where = ("extra", "salutation", "recipient_name", "school_name", "signatory_name", "law")
    assert "".join(text_of(a_letter(**dict.fromkeys(where, words))).split()).count("".join(words.split())) >= 5


def test_a_picture_that_stands_in_the_page_is_printed():
    drawn = BytesIO()
    Image.new("RGB", (9, 9)).save(drawn, "PNG")
    source = base64.b64encode(drawn.getvalue()).decode()
    pdf = press.page(f'{PLAIN_PAGE}<img alt="x" src="data:image/png;base64,{source}">', "p {}")
    assert len(pypdf.PdfReader(BytesIO(pdf)).pages[0].images) == 1


def test_a_picture_with_more_pixels_than_a_letter_needs_is_stopped():
    bomb = BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    source = base64.b64encode(bomb.getvalue()).decode()
    html = f'{PLAIN_PAGE}<img alt="x" src="data:image/png;base64,{source}">'
    assert stopped(lambda: press.page(html, "p {}")) == "It holds a picture that cannot be printed."


@pytest.mark.parametrize(
    "drawn", ["<svg", '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg']
)
def test_a_broken_drawing_is_not_left_out_without_a_word(drawn):
    source = base64.b64encode(drawn.encode()).decode()
    html = f'{PLAIN_PAGE}<img alt="x" src="data:image/svg+xml;base64,{source}">'
    assert stopped(lambda: press.page(html, "p {}")) == "It holds a picture that cannot be printed."
