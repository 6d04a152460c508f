"""What a file is by its content. A name proves nothing, and the first bytes not much: each format is looked into.

Every check takes the file, open for reading, and gives what is wrong with it in words that follow its name, or nothing.
"""

import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import policy
from email.parser import BytesParser
from functools import partial
from typing import BinaryIO

import pikepdf
import puremagic

from conduct import pictures

KB = 1024
MB = 1024 * KB
HEAD = 4 * KB
# Set once, for the whole process: a small PDF may not unpack into more than this.
pikepdf.settings.set_qpdf_limits(flate_max_memory=64 * MB, run_length_max_memory=64 * MB, png_max_memory=64 * MB)

MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|iframe|svg|\?php)[\s>]", re.IGNORECASE)
ALSO_A_PAGE = "is a web page or a script as well, whatever its name says"
ALSO_A_ZIP = "is a ZIP archive as well, whatever its name says"
Check = Callable[[BinaryIO], str]


def nothing(_stream: BinaryIO) -> str:
    return ""


@dataclass(frozen=True)
class Format:
    """A format by its endings: what looks into it, and how a sniffer knows it."""

    endings: tuple[str, ...]
    content_type: str
    wrong_with: Check
    caution: Check = nothing
    sniffed: frozenset[str] = field(default_factory=frozenset)  # empty: the check alone says
    picture: str = ""  # what Pillow calls it


def wrong_with(stream: BinaryIO, expected: Format) -> str:
    """What is wrong with a file that should be of that format: another content, a second one, or damage."""
    found = sniffed(stream)
    if expected.sniffed and not expected.sniffed & set(found):
        return f"is not what its name says: it looks like {found[0]}" if found else "is not what its name says"
    return expected.wrong_with(stream)


def sniffed(stream: BinaryIO) -> list[str]:
    """The endings that fit best how the file begins and ends."""
    stream.seek(0)
    try:
        guesses = puremagic.magic_stream(stream)
    except (puremagic.PureError, ValueError):
        return []
    best = max(guess.confidence for guess in guesses)
    return [guess.extension for guess in guesses if guess.extension and guess.confidence == best]


def head(stream: BinaryIO, count: int = HEAD) -> bytes:
    stream.seek(0)
    return stream.read(count)


def size_of(stream: BinaryIO) -> int:
    return stream.seek(0, 2)


def second_content(stream: BinaryIO, *, whole: bool = False) -> str:
    """Whether the file is something else as well: a page or a script at its beginning, an archive at its end."""
    if MARKUP.search(head(stream, -1 if whole else HEAD)):
        return ALSO_A_PAGE
    try:
        with zipfile.ZipFile(stream) as archive:
            return ALSO_A_ZIP if archive.namelist() else ""
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error):
        return ""


# -- pictures, PDF ------------------------------------------------------------------------------------------------


def no_picture(kind: str, stream: BinaryIO) -> str:
    """Why it is no picture of that kind, all of which can be decoded and which is nothing else."""
    if wrong := second_content(stream, whole=True) or (kind == "GIF" and second_life(stream)):
        return wrong
    try:
        pictures.check(stream, kind)
    except pictures.NotDecoded as problem:
        return str(problem)
    return ""


def second_life(stream: BinaryIO) -> str:
    """Whether a GIF reads as a script: its head opens a comment or sets a variable, or something follows its end."""
    start = head(stream)
    runs = start[6:8] in (b"/*", b"//") or (start[6:7] == b"=" and start[7:8].isascii() and start[7:8].strip(b"\0"))
    stream.seek(-min(size_of(stream), KB), 2)
    return ALSO_A_PAGE if runs or not stream.read().rstrip(b"\0").endswith(b";") else ""


def no_pdf(stream: BinaryIO) -> str:
    """Why it is no PDF that opens from its first byte on."""
    if not head(stream).startswith(b"%PDF-"):
        return "does not begin as a PDF does"
    if wrong := second_content(stream) or after_the_end(stream):
        return wrong
    stream.seek(0)
    try:
        with pikepdf.open(stream) as pdf:
            return "" if len(pdf.pages) else "is a PDF without a page"
    except pikepdf.PasswordError:
        return "needs a password: keep a copy that opens without one"
    except (pikepdf.PdfError, RuntimeError, ValueError, OverflowError, RecursionError):
        return "cannot be opened as a PDF: it is damaged, or something else"


def after_the_end(stream: BinaryIO) -> str:
    """Whether a page or a script follows the end of a PDF."""
    stream.seek(-min(size_of(stream), 64 * KB), 2)
    return ALSO_A_PAGE if MARKUP.search(stream.read().rpartition(b"%%EOF")[2]) else ""


PROGRAMS = {
    "/JS": "a script",
    "/JavaScript": "a script",
    "/Launch": "a command that starts a program",
    "/EmbeddedFiles": "other files",
}


def programs_in(stream: BinaryIO) -> str:
    """What a PDF holds beside its pages. It is kept all the same: it is evidence, and is only ever downloaded."""
    stream.seek(0)
    with pikepdf.open(stream) as pdf:
        dictionaries = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary)]
        found = {PROGRAMS[name] for each in dictionaries for name in named_in(each) if name in PROGRAMS}
    return f"This PDF holds {' and '.join(sorted(found))}: open it with care." if found else ""


def named_in(dictionary: pikepdf.Dictionary) -> Iterator[str]:
    """The keys of a dictionary and of those directly in it, and the kind of action that each is."""
    yield from dictionary.keys()
    yield str(dictionary.get("/S", ""))
    for value in dictionary.values():
        if isinstance(value, pikepdf.Dictionary) and not value.is_indirect:
            yield from named_in(value)


# -- text, email --------------------------------------------------------------------------------------------------

TEXT_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
OTHER_TEXT = (
    (b"%PDF-", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript program"),
    (b"#!", "a script"),
)


def no_text(stream: BinaryIO) -> str:
    """Why it is no plain text, in UTF-8, UTF-16 with its mark, or the encoding of Windows."""
    content = head(stream, -1)
    start = content.lstrip()[:HEAD]
    if MARKUP.search(start[:KB]) or start.startswith(b"<?xml"):
        return "is a web page or a script, whatever its name says"
    for beginning, what in OTHER_TEXT:
        if start.startswith(beginning):
            return f"is {what}, whatever its name says"
    text = as_text(content)
    return "is no plain text" if text is None or CONTROLS.search(text) else ""


def as_text(content: bytes) -> str | None:
    marked = [encoding for mark, encoding in TEXT_MARKS if content.startswith(mark)]
    for encoding in marked or ["utf-8", "cp1252"]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def no_email(stream: BinaryIO) -> str:
    """Why it is no email as mail programs save it: headers first, with a sender and what else each has."""
    stream.seek(0)
    try:
        message = BytesParser(policy=policy.compat32).parse(stream)
    except (RecursionError, ValueError, LookupError):
        return "cannot be read as an email"
    if not message["From"] or not any(message[name] for name in ("Date", "Received", "To", "Subject", "Message-ID")):
        return "is no email: it has no sender and no date"
    return ""


def attachments_of(stream: BinaryIO) -> str:
    """What is attached to an email: it is kept with it, and nobody has looked into it."""
    stream.seek(0)
    message = BytesParser(policy=policy.compat32).parse(stream)
    count = sum(1 for part in message.walk() if part.get_filename())
    return f"It has {count} attachment{'' if count == 1 else 's'}, not looked into: open with care." if count else ""


OUTLOOK_MESSAGE = bytes.fromhex("0b0d020000000000c000000000000046")  # the class that Outlook writes into the root


def no_outlook_message(stream: BinaryIO) -> str:
    """Why it is no message as Outlook saves it: Word, Excel and installers begin the same way."""
    start = head(stream, 512)
    wrong = "is no email as Outlook saves it, whatever its name says"
    if len(start) < 512 or not start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return wrong
    shift, first = struct.unpack_from("<H", start, 30)[0], struct.unpack_from("<I", start, 48)[0]
    if shift not in (9, 12):
        return wrong
    stream.seek((first + 1) << shift)
    root = stream.read(128)
    return "" if root.startswith("Root Entry".encode("utf-16-le")) and root[80:96] == OUTLOOK_MESSAGE else wrong


# -- sound and film -----------------------------------------------------------------------------------------------

BROKEN_OFF = "cannot be played: it is broken off, or something else"
BOX_PICTURES = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx "}


def no_film(stream: BinaryIO) -> str:
    """Why it is none of the MP4 family: its boxes must follow each other to the end, and tell how to play it."""
    start = head(stream)
    if start[4:8] == b"ftyp" and start[8:12] in BOX_PICTURES:
        return "is a picture, whatever its name says"
    names = list(boxes(stream))
    if not names or names[-1] == b"" or not {b"moov", b"moof"} & set(names):
        return BROKEN_OFF
    return second_content(stream)


def boxes(stream: BinaryIO) -> Iterator[bytes]:
    """The names of the outermost boxes, in order; an empty one where they do not follow each other."""
    at, end = 0, size_of(stream)
    while at + 8 <= end:
        stream.seek(at)
        start = stream.read(16)
        size, name = struct.unpack_from(">I4s", start)
        if size == 1 and len(start) == 16:
            size = struct.unpack_from(">Q", start, 8)[0]
        size = size or end - at
        if size < 8 or at + size > end or not name.isascii() or not name.strip(b"\0"):
            yield b""
            return
        yield name
        at += size


def no_mp3(stream: BinaryIO) -> str:
    """Why it is no MP3: after its tag, or a little further on, three frames must follow each other."""
    first = after_tag(head(stream, 10))
    stream.seek(first)
    near = stream.read(HEAD)
    starts = (first + found.start() for found in re.finditer(rb"\xff[\xe2-\xff]", near))
    return second_content(stream) if any(frames_from(stream, at) for at in starts) else BROKEN_OFF


def frames_from(stream: BinaryIO, at: int) -> bool:
    for _ in range(3):
        stream.seek(at)
        length = frame_length(stream.read(4))
        if not length:
            return False
        at += length
    return True


def after_tag(start: bytes) -> int:
    """Where the sound begins: behind an ID3 tag, whose length is written in seven bits a byte."""
    if not start.startswith(b"ID3") or len(start) < 10:
        return 0
    a, b, c, d = (byte & 0x7F for byte in start[6:10])
    return 10 + (a << 21 | b << 14 | c << 7 | d)


RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # by version
KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def frame_length(start: bytes) -> int:
    """The length of an MPEG audio frame of layer III by its four bytes of head; 0 for what is none."""
    if len(start) < 4 or start[0] != 0xFF or start[1] & 0xE6 != 0xE2:
        return 0
    version, kbit, rate = start[1] >> 3 & 3, start[2] >> 4, start[2] >> 2 & 3
    if version not in RATES or kbit in (0, 15) or rate == 3:
        return 0
    first = version == 3
    kbits = (KBITS_1 if first else KBITS_2)[kbit]
    return (144 if first else 72) * kbits * 1000 // RATES[version][rate] + (start[2] >> 1 & 1)


AMR_LENGTHS = {b"#!AMR\n": (13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1)}
AMR_LENGTHS[b"#!AMR-WB\n"] = (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1)


def no_amr(stream: BinaryIO) -> str:
    """Why it is no AMR recording: its first line could head a script, so frames must follow it."""
    content = head(stream, 16 * KB)
    mark = next((m for m in AMR_LENGTHS if content.startswith(m)), b"")
    at, frames = len(mark), 0
    while mark and at < len(content):
        length = AMR_LENGTHS[mark][content[at] >> 3 & 15]
        if content[at] & 0x83 or not length:
            return BROKEN_OFF
        at, frames = at + length, frames + 1
    return "" if frames else BROKEN_OFF


def picture(kind: str, content_type: str, *endings: str) -> Format:
    sniffed = {*endings, ".heif", ".heic"} if kind == "HEIF" else {*endings}
    return Format(endings, content_type, partial(no_picture, kind), sniffed=frozenset(sniffed), picture=kind)


def film(content_type: str, *endings: str) -> Format:
    return Format(endings, content_type, no_film)


PICTURES = (
    picture("JPEG", "image/jpeg", ".jpg", ".jpeg"),
    picture("PNG", "image/png", ".png"),
    picture("GIF", "image/gif", ".gif"),
    picture("WEBP", "image/webp", ".webp"),
    picture("HEIF", "image/heic", ".heic", ".heif"),
)
PDF = (Format((".pdf",), "application/pdf", no_pdf, programs_in),)
TEXT = (Format((".txt",), "text/plain", no_text),)
EMAIL = (
    Format((".eml",), "message/rfc822", no_email, attachments_of),
    Format((".msg",), "application/vnd.ms-outlook", no_outlook_message),
)
AUDIO = (
    Format((".mp3",), "audio/mpeg", no_mp3),
    film("audio/mp4", ".m4a"),
    Format((".wav",), "audio/wav", second_content, sniffed=frozenset({".wav"})),
    Format((".ogg", ".oga", ".opus"), "audio/ogg", second_content, sniffed=frozenset({".ogg", ".oga", ".opus"})),
    Format((".amr",), "audio/amr", no_amr),
)
VIDEO = (
    film("video/mp4", ".mp4", ".m4v"),
    film("video/quicktime", ".mov"),
    Format((".webm",), "video/webm", second_content, sniffed=frozenset({".webm"})),
    film("video/3gpp", ".3gp", ".3gpp"),
)
