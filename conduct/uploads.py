"""What an uploaded file must be before anything reads it: its name, its size, and what is in it, by sort of file.

One check for every upload of the program; a refusal names the file and the limit. A small text that is read whole is a
`Sort`, and comes through `validated`. A file that is kept as it came is one of `KINDS`, and comes through `examined`,
which never holds the whole of a large one in memory.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from conduct import antivirus, formats
from conduct.formats import Format

KB = 1024
MB = 1024 * KB
LONGEST_NAME = 120
# How files begin that are something else, whatever their name says.
BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)


# -- a small text that is read whole ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sort:
    """A sort of file that may be uploaded. `wrong_with` says what is wrong with its content, or nothing."""

    word: str
    endings: tuple[str, ...]
    most: int  # bytes
    wrong_with: Callable[[bytes], str]


def no_plain_text(content: bytes) -> str:
    """Why the content is no text in UTF-8, or nothing."""
    for start, what in BEGINNINGS:
        if content.startswith(start):
            return f"is {what}, whatever its name says: only plain text can be read here"
    if b"\x00" in content:
        return "holds a NUL character, so it is no plain text"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "is not text in UTF-8: save it again with that encoding"
    return ""


STORY = Sort("a story", (".yaml", ".yml"), 256 * KB, no_plain_text)


def validated(upload: UploadedFile, sort: Sort) -> bytes:
    """The content of an uploaded file of that sort. Raises ValidationError; of a file too large nothing is read."""
    name = upload.name or ""
    if not name.isprintable() or len(name) > LONGEST_NAME:
        raise ValidationError(
            f"Give the file a plain name of at most {LONGEST_NAME} characters: {shown(name)} is none."
        )
    if not name.lower().endswith(sort.endings):
        raise ValidationError(f"{shown(name)} is not {sort.word}: its name must end in {' or '.join(sort.endings)}.")
    check_size(name, upload.size or 0, sort.word, sort.most)
    content = checked(name, upload.read(), sort)
    refuse_infected(name, stream_of(upload))
    return content


def checked(name: str, content: bytes, sort: Sort) -> bytes:
    """Content of that sort, whether uploaded or typed. Raises ValidationError."""
    check_size(name, len(content), sort.word, sort.most)
    if not content.strip():
        raise ValidationError(f"{shown(name)} is empty.")
    if wrong := sort.wrong_with(content):
        raise ValidationError(f"{shown(name)} {wrong}.")
    return content


# -- a file that is kept as it came -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A kind of file that may be kept: its key as `KeptFile.sort` has it, in words, and its formats."""

    key: str
    word: str
    plural: str
    formats: tuple[Format, ...]

    @property
    def most(self) -> int:
        """Bytes that one may have: a setting."""
        return int(settings.MOST_MB[self.key]) * MB

    @property
    def endings(self) -> tuple[str, ...]:
        return tuple(ending for each in self.formats for ending in each.endings)


PICTURE = Kind("image", "a picture", "pictures", formats.PICTURES)
KINDS = (
    PICTURE,
    Kind("pdf", "a PDF", "PDF", formats.PDF),
    Kind("text", "a text", "plain text", formats.TEXT),
    Kind("email", "an email", "saved emails", formats.EMAIL),
    Kind("audio", "a sound recording", "sound", formats.AUDIO),
    Kind("video", "a film", "film", formats.VIDEO),
)
# What people try to keep that has a better form.
BETTER = {
    **dict.fromkeys((".doc", ".docx", ".odt", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".rtf"), "Save it as a PDF"),
    **dict.fromkeys((".html", ".htm", ".mht", ".svg"), "Keep a picture of the screen, or print it to a PDF"),
    **dict.fromkeys((".tif", ".tiff", ".bmp", ".avif"), "Save it as a JPEG or PNG"),
    **dict.fromkeys((".zip", ".rar", ".7z"), "Unpack it and keep what is in it"),
    **dict.fromkeys((".avi", ".wmv", ".mkv"), "Save it as an MP4"),
}


@dataclass(frozen=True)
class Examined:
    """A file that may be kept, under a name that can be shown and saved anywhere."""

    name: str
    kind: Kind
    format: Format


def examined(upload: UploadedFile, kinds: Iterable[Kind] = KINDS) -> Examined:
    """What an uploaded file is, once its name, size and content have been looked at. Raises ValidationError."""
    kinds, name = tuple(kinds), cleaned_name(upload.name or "")
    kind, expected = by_ending(name, kinds)
    check_size(name, upload.size or 0, kind.word, kind.most)
    stream = stream_of(upload)
    if not formats.head(stream).strip():
        raise ValidationError(f"{shown(name)} is empty.")
    if wrong := formats.wrong_with(stream, expected):
        raise ValidationError(f"{shown(name)} {wrong}.")
    refuse_infected(name, stream)
    stream.seek(0)
    return Examined(name, kind, expected)


def by_ending(name: str, kinds: tuple[Kind, ...]) -> tuple[Kind, Format]:
    ending = PurePosixPath(name).suffix.lower()
    for kind in kinds:
        for each in kind.formats:
            if ending in each.endings:
                return kind, each
    better = f" {BETTER[ending]}." if ending in BETTER else ""
    raise ValidationError(f"{shown(name)} cannot be kept here: {taken(kinds)}.{better}")


def taken(kinds: Iterable[Kind] = KINDS) -> str:
    """What may be kept, in words: pictures, PDF and film can be."""
    *most, last = [kind.plural for kind in kinds]
    return f"{', '.join(most)} and {last} can be" if most else f"only {last} can be"


def limits(kinds: Iterable[Kind] = KINDS) -> list[tuple[str, str, int]]:
    """Each ending with the word for it and its limit in bytes: for a page that says so before anything is sent."""
    return [(ending, kind.word, kind.most) for kind in kinds for ending in kind.endings]


RUNS = "exe|com|bat|cmd|scr|pif|msi|jar|js|jse|vbs|vbe|ps1|hta|lnk|sh|php|py|html|htm|svg"
INNER_ENDING = re.compile(rf"\.(?=(?:{RUNS})\.)", re.IGNORECASE)
NOT_IN_A_NAME = re.compile(r'[<>:"/\\|?*]')


def cleaned_name(name: str) -> str:
    """A name that says one thing and can be saved anywhere: no path, no hidden characters, one ending.

    Marks that turn the writing round go, before the ending is judged; an ending in the middle that would run becomes
    part of the name.
    """
    name = unicodedata.normalize("NFC", name.replace("\\", "/")).rpartition("/")[2]
    visible = "".join(" " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c)[0] != "C")
    plain = INNER_ENDING.sub("_", NOT_IN_A_NAME.sub("_", " ".join(visible.split()))).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        return plain[:LONGEST_NAME]
    return f"{stem.rstrip('. ')[: LONGEST_NAME - len(ending) - 1] or 'file'}.{ending}"[:LONGEST_NAME]


# -- for both -----------------------------------------------------------------------------------------------------


def stream_of(upload: UploadedFile) -> BinaryIO:
    """The file itself, in memory or in the temporary folder, at its beginning."""
    upload.seek(0)
    return cast(BinaryIO, upload.file)


def refuse_infected(name: str, stream: BinaryIO) -> None:
    try:
        virus = antivirus.found_in(stream)
    except antivirus.NotScanned as problem:
        raise ValidationError(
            f"{shown(name)} was not taken. {problem}, and nothing is taken unscanned: tell whoever looks after Conduct."
        ) from problem
    if virus:
        raise ValidationError(f"{shown(name)} holds a virus ({shown(virus)}): it was not taken.")


def check_size(name: str, size: int, word: str, most: int) -> None:
    if size > most:
        raise ValidationError(f"{shown(name)} has {in_words(size)}: {word} may have {in_words(most)} at most.")


def shown(name: str) -> str:
    """A file's name as a message gives it."""
    plain = "".join(c for c in name if c.isprintable()).strip()
    return f"“{plain[:LONGEST_NAME]}”" if plain else "A file without a name"


def in_words(size: int) -> str:
    """A size as people read it, rounded up: 257 KB, 3 MB."""
    whole = -(-size // KB)
    return f"{whole} KB" if whole < KB else f"{-(-whole // KB)} MB"
