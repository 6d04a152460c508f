"""The virus scanner: spoken to over a real socket; what is infected, or cannot be scanned, is not taken."""

import io
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError

from conduct import antivirus, uploads
from tests import files

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LIMIT = 200_000


class Scanner(socketserver.StreamRequestHandler):
    """What clamd does with INSTREAM, as far as its manual describes it."""

    def handle(self) -> None:
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while length := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
            if len(content) > LIMIT:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.seen.append(content)
        found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        self.wfile.write(found)


class Daemon(socketserver.ThreadingTCPServer):
    daemon_threads = True


class LocalDaemon(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@pytest.fixture(params=["network", "unix"])
def scanner(request, settings, tmp_path) -> Iterator[list[bytes]]:
    """A scanner that listens, and what it was given."""
    if request.param == "unix":
        server: socketserver.BaseServer = LocalDaemon(str(tmp_path / "clamd"), Scanner)
        settings.CLAMAV = f"unix:{tmp_path / 'clamd'}"
    else:
        server = Daemon(("127.0.0.1", 0), Scanner)
        settings.CLAMAV = f"127.0.0.1:{server.server_address[1]}"
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.seen
    server.shutdown()
    thread.join()
    server.server_close()


def refused(name: str, content: bytes) -> str:
    with pytest.raises(ValidationError) as said:
        uploads.examined(files.upload(name, content))
    return said.value.message


def test_without_a_scanner_nothing_is_asked(settings, monkeypatch):
    assert settings.CLAMAV == ""
    monkeypatch.setattr(antivirus, "asked", lambda *_: pytest.fail("asked"))
    assert antivirus.found_in(io.BytesIO(EICAR)) == ""


def test_a_clean_file_is_taken_and_was_scanned_whole(scanner):
    content = b"Nothing but words. " * 9_000
    assert uploads.examined(files.upload("a.txt", content)).name == "a.txt"
    assert scanner == [content]


def test_an_infected_file_is_refused_by_name(scanner):
    assert refused("a.txt", EICAR) == "“a.txt” holds a virus (“Eicar-Test-Signature”): it was not taken."


def test_a_story_is_scanned_as_well(scanner):
    with pytest.raises(ValidationError, match="holds a virus"):
        uploads.validated(files.upload("a.yaml", b"story: " + EICAR), uploads.STORY)


def test_a_file_that_is_too_large_for_the_scanner_is_not_taken(scanner):
    said = refused("a.txt", b"Words. " * 200_000)
    assert said == (
        "“a.txt” was not taken. It is larger than the virus scanner takes, and nothing is taken unscanned: tell whoever looks "
        "after Conduct."
    )


UNREACHABLE = (
    "“a.txt” was not taken. The virus scanner cannot be reached, and nothing is taken unscanned: tell whoever looks "
    "after Conduct."
)


def test_without_the_scanner_that_is_set_up_nothing_is_taken(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.CLAMAV = f"127.0.0.1:{free.getsockname()[1]}"
        assert refused("a.txt", b"words") == UNREACHABLE


@pytest.mark.parametrize("address", ["unix:/no/such/socket", "localhost", "localhost:clam"])
def test_an_address_that_is_none_takes_nothing_either(settings, address):
    settings.CLAMAV = address
    assert refused("a.txt", b"words") == UNREACHABLE


@pytest.mark.parametrize("answer", ["", "stream: lstat() failed ERROR", "UNKNOWN COMMAND"])
def test_any_other_answer_is_no_leave(settings, monkeypatch, answer):
    settings.CLAMAV = "127.0.0.1:3310"
    monkeypatch.setattr(antivirus, "asked", lambda *_: answer)
    assert refused("a.txt", b"words").startswith("“a.txt” was not taken. The virus scanner failed, and nothing")
