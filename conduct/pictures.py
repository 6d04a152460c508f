"""Pictures: decoded whole, and made anew for the screen without anything that says where or by whom they were taken."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pillow_heif
from django.conf import settings
from PIL import Image, ImageFile, ImageOps

pillow_heif.register_heif_opener(thumbnails=False)

MEGA = 1_000_000
ON_SCREEN = 1600  # pixels of the longer side
AT_THE_GATE = 480  # the same of a person's picture
LARGEST_PNG = MEGA  # bytes: a copy larger than that is made a JPEG
QUALITY = 85

# A large picture takes some hundred megabytes while it is decoded: one at a time in a process.
_one_at_a_time = threading.Lock()


class NotDecoded(Exception):
    """Why a picture cannot be taken, in words that follow its name."""


def check(stream: BinaryIO, kind: str) -> None:
    """Decode the whole of a picture of that kind, as Pillow calls it. Raises NotDecoded."""
    with _one_at_a_time, reading(stream, kind) as image:
        image.load()


def for_screen(stream: BinaryIO, kind: str, side: int = ON_SCREEN) -> tuple[bytes, str]:
    """A copy of at most so many pixels a side, with no metadata, and the ending that fits it: .png or .jpg.

    Of a moving picture the first frame. It is drawn on to a new, empty picture, so that nothing else comes along.
    """
    with _one_at_a_time, reading(stream, kind) as image:
        small = image.convert("RGBA") if image.mode == "P" else image  # by its palette it would be made smaller badly
        small.thumbnail((side, side))
        clear = ImageOps.exif_transpose(small).convert("RGBA")
        clean = Image.new("RGB", clear.size, "white")
        clean.paste(clear, mask=clear.getchannel("A"))
    if kind in ("PNG", "GIF") and len(content := encoded(clean, "PNG")) <= LARGEST_PNG:
        return content, ".png"
    return encoded(clean, "JPEG"), ".jpg"


@contextmanager
def reading(stream: BinaryIO, kind: str) -> Iterator[Image.Image]:
    """A picture whose head was read and found bearable; what goes wrong with its pixels is NotDecoded too.

    Half a picture is none, though the library that makes our letters sets, once it is loaded, that half of one will do.
    """
    stream.seek(0)
    half_will_do, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        image = Image.open(stream, formats=[kind])
        refuse_huge(*image.size)
        yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise NotDecoded(f"has too many pixels: {most()}") from bomb
    except NotDecoded:
        raise
    except Exception as problem:  # a decoder that is fed with rubbish raises anything
        raise NotDecoded("cannot be read as a picture: it is damaged, or something else") from problem
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = half_will_do


def refuse_huge(width: int, height: int) -> None:
    if width * height > settings.MOST_MEGAPIXELS * MEGA:
        raise NotDecoded(f"has {width} × {height} pixels: {most()}")


def most() -> str:
    return f"a picture may have {settings.MOST_MEGAPIXELS} million at most"


def encoded(image: Image.Image, kind: str) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **({"quality": QUALITY} if kind == "JPEG" else {}))
    return made.getvalue()
