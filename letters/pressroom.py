"""The press itself: a process that makes PDFs and has nothing else — no settings, no database, no network, no secrets.

`letters.press` starts it as `python -m letters.pressroom FOLDER MEGABYTES`, writes orders to its standard input and reads
PDFs from its standard output. Each message is two lengths, a head as JSON, and bytes. When the input ends, so does it.

It is walled in from both sides. From within: Python refuses sockets, other programs, and every file but our own letters',
Python's own and those of its own folder (`Walls`); WeasyPrint's fetcher hands out nothing but data that stands in the
document; fontconfig knows of no folder with fonts. From without: the operating system limits its memory, its processor
time and the size of its files, and whoever ordered a letter ends the process when it takes too long.
"""

import contextlib
import gc
import json
import logging
import os
import resource
import shutil
import struct
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import Any, BinaryIO

from letters import cascade, fonts, tagging

LENGTHS = struct.Struct(">II")
MB = 1024 * 1024
MOST_PIXELS = 64_000_000  # of a picture in a letter
LARGEST_FILE = 64 * MB  # a font, in the folder of the process
HERE = Path(__file__).resolve().parent.parent


def send(stream: BinaryIO, head: dict[str, Any], body: bytes = b"") -> None:
    """Write one message."""
    said = json.dumps(head).encode("ascii")
    left = memoryview(LENGTHS.pack(len(said), len(body)) + said + body)
    while left:
        left = left[stream.write(left) :]


def receive(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """Read one message; nothing when the stream has ended, within a message or before it."""
    lengths = whole(stream, LENGTHS.size)
    if lengths is None:
        return None
    head, body = LENGTHS.unpack(lengths)
    said = whole(stream, head + body)
    return None if said is None else (json.loads(said[:head]), said[head:])


def whole(stream: BinaryIO, size: int) -> bytes | None:
    """So many bytes; nothing when the stream ends before."""
    parts = []
    while size:
        part = stream.read(min(size, MB))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class TooLong(ValueError):
    """A document has more pages than it may have."""


def printed(html: str, sheet: str = "", *, most_pages: int | None = None) -> bytes:
    """A page as PDF (tagged, PDF/UA-1): a letter, or with its own style sheet anything else. The same page, the same bytes.

    Nothing outside of the page is reached. Its characters must be those that our fonts have. TooLong: it has more pages.
    """
    from weasyprint import HTML

    scripts = fonts.scripts_in(html)
    style, faces = fonts.sheet(sheet, scripts) if sheet else fonts.style(scripts)
    page = HTML(string=html, base_url=None, url_fetcher=fonts.fetcher())
    document = page.render(stylesheets=[style], font_config=faces, pdf_variant="pdf/ua-1")
    if most_pages is not None and len(document.pages) > most_pages:
        raise TooLong(f"{len(document.pages)} pages")
    finisher = tagging.say_as_written if scripts or html.count('lang="') > 1 else None
    pdf: bytes = document.write_pdf(finisher=finisher, pdf_variant="pdf/ua-1")
    return pdf


class Outside(PermissionError):
    """What is set in print reached for something outside of it."""


class Walls:
    """What Python itself refuses while they stand, whoever asks: see `sys.addaudithook`."""

    REFUSED = (
        "socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "pty.", "ctypes.",
        "urllib.", "http.", "ftplib.", "smtplib.", "sqlite3.", "webbrowser.", "shutil.copy", "shutil.move", "os.rename",
        "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate", "os.kill", "os.putenv",
    )  # fmt: skip
    LOOKS = ("open", "os.listdir", "os.scandir")
    IN_ITS_FOLDER = ("os.mkdir", "os.rmdir", "os.remove", "shutil.rmtree")  # where the fonts of a letter are laid ready

    def __init__(self, folder: str) -> None:
        ours = [HERE / name for name in ("letters", "static/css", "static/fonts", "templates/letters")]
        python = {Path(part).resolve() for part in (*sys.path, sys.prefix, sys.base_prefix) if part} - {HERE}
        self.folder = f"{os.path.realpath(folder)}{os.sep}"
        self.readable = (self.folder, *(f"{path}{os.sep}" for path in (*ours, *sorted(python))))
        self.stand = True

    def __call__(self, event: str, told: tuple[Any, ...]) -> None:
        if not self.stand:
            return
        if event in self.LOOKS:
            self.look(*told)
        elif event in self.IN_ITS_FOLDER:
            beside = told[-1] if isinstance(told[-1], int) and told[-1] >= 0 else None
            within = os.readlink(f"/proc/self/fd/{beside}") if beside is not None else "."
            self.look(os.path.join(within, os.fsdecode(told[0])), "w")
        elif event == "urllib.Request" and told[0].startswith("data:"):  # a font or a picture: it is all there
            return
        elif event.startswith(self.REFUSED):
            raise Outside(f"{event} is refused in the press")

    def look(self, path: Any = None, mode: Any = "r", flags: int = 0) -> None:
        if isinstance(path, int):  # what is open already
            return
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) or (isinstance(mode, str) and set(mode) & set("wax+"))
        real = f"{os.path.realpath(os.fsdecode(path or '.'))}{os.sep}"
        if not real.startswith(self.folder if writes else self.readable):
            raise Outside("a file is refused in the press")


class Losses(logging.Handler):
    """What WeasyPrint leaves out of a document — a picture that it cannot read or fetch — and only logs."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.lost += str(record.msg).startswith(("Failed", "Relative URI"))


def limit(seconds: int) -> None:
    """From now on the process has so many seconds of processor time, even when nobody is left who would end it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + seconds + 1, hard))


def wall_in(most_mb: int, walls: Walls) -> Losses:
    """Make ready what a letter needs, then put up the walls."""
    from PIL import Image

    warnings.filterwarnings("ignore", "No fonts configured")  # which is as it should be

    resource.setrlimit(resource.RLIMIT_DATA, (most_mb * MB, most_mb * MB))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow raises at twice that
    losses = Losses()
    logging.getLogger("weasyprint").addHandler(losses)
    cascade.shorten()
    printed('<html lang="en"><title>Warm</title><p>Warm <strong>up</strong>.')
    sys.addaudithook(walls)
    gc.collect()
    gc.freeze()
    gc.disable()  # what a letter leaves behind is taken away between two letters
    return losses


def made(order: dict[str, Any], losses: Losses) -> tuple[dict[str, Any], bytes]:
    """The PDF of an order; or why there is none: a word for `press`, and for the log where it happened."""
    losses.lost = 0
    try:
        limit(order["seconds"])
        pdf = printed(order["html"], order["sheet"], most_pages=order["pages"])
    except TooLong:
        return {"why": "pages"}, b""
    except MemoryError:
        return {"why": "memory"}, b""
    except Outside as outside:
        return {"why": "outside", "where": str(outside)}, b""
    except Exception as broken:  # whatever WeasyPrint and its libraries raise; the words of it may quote the letter
        last = traceback.extract_tb(broken.__traceback__)[-1]
        return {"why": "broken", "where": f"{type(broken).__name__} in {Path(last.filename).name}:{last.lineno}"}, b""
    return ({"why": "outside"}, b"") if losses.lost else ({"why": ""}, pdf)


def no_fonts_of_the_machine(folder: str) -> None:
    """Fontconfig finds our own fonts alone, which the style sheet brings along."""
    path = Path(folder, "fonts.conf")
    path.write_text('<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>')
    os.environ["FONTCONFIG_FILE"] = str(path)


def main(folder: str, most_mb: int) -> None:
    orders, done = os.fdopen(0, "rb", buffering=0, closefd=False), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever else is printed must not get among the PDFs
    tempfile.tempdir = folder
    no_fonts_of_the_machine(folder)
    walls = Walls(folder)
    losses = wall_in(most_mb, walls)
    with contextlib.suppress(BrokenPipeError):  # nobody is left who waits for it
        send(done, {"ready": True})
        while (order := receive(orders)) is not None:
            send(done, *made(order[0], losses))
            del order
            gc.collect()
    walls.stand = False
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
