"""What an uploaded file must be before anything reads it: its name, its size, and what is in it, by sort of file.

One check for every upload of the program. A new sort of file is a `Sort`; a refusal names the file and the limit.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

KB = 1024
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
    check_size(name, upload.size or 0, sort)
    return checked(name, upload.read(), sort)


def checked(name: str, content: bytes, sort: Sort) -> bytes:
    """Content of that sort, whether uploaded or typed. Raises ValidationError."""
    check_size(name, len(content), sort)
    if not content.strip():
        raise ValidationError(f"{shown(name)} is empty.")
    if wrong := sort.wrong_with(content):
        raise ValidationError(f"{shown(name)} {wrong}.")
    return content


def check_size(name: str, size: int, sort: Sort) -> None:
    if size > sort.most:
        raise ValidationError(
            f"{shown(name)} has {in_words(size)}: {sort.word} may have {in_words(sort.most)} at most."
        )


def shown(name: str) -> str:
    """A file's name as a message gives it."""
    plain = "".join(c for c in name if c.isprintable())
    return f"“{plain[:LONGEST_NAME]}”"


def in_words(size: int) -> str:
    """A size as people read it, rounded up: 257 KB, 3 MB."""
    whole = -(-size // KB)
    return f"{whole} KB" if whole < KB else f"{-(-whole // KB)} MB"
