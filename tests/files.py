"""Files as people give them, and as they should not: made here, byte by byte."""

import io
import struct
import wave
import zipfile
import zlib

import pikepdf
import pillow_heif
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

pillow_heif.register_heif_opener()
SCRIPT = b"<script>alert(1)</script>"


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (40, 30), mode: str = "RGB", colour: object = "red", **told
) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, colour).save(made, kind, **told)
    return made.getvalue()


def photograph(kind: str = "JPEG", size: tuple[int, int] = (400, 300), orientation: int = 6) -> bytes:
    """A picture as a telephone takes it: turned on its side, left half black, with where it was taken and a comment."""
    image = Image.new("RGB", size, "white")
    image.paste("black", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretCamera"
    exif[0x8825] = {
        1: "N",
        2: tuple(IFDRational(n) for n in (50, 54, 10)),
        3: "W",
        4: tuple(IFDRational(n) for n in (1, 24, 5)),
    }
    told = {"exif": exif.tobytes()}
    if kind == "JPEG":
        told |= {"comment": b"SecretComment", "xmp": b"<x:xmpmeta>SecretXmp</x:xmpmeta>"}
    made = io.BytesIO()
    image.save(made, kind, **told)
    return made.getvalue()


def moving_gif() -> bytes:
    made = io.BytesIO()
    frames = [Image.new("P", (20, 20), n) for n in (1, 2, 3)]
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:])
    return made.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is that large and holds one row of nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * (width // 8 + 2))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def pdf(**told: object) -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        if told.get("script"):
            action = pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS="app.alert(1)")
            document.Root.OpenAction = document.make_indirect(action)
        if told.get("launch"):
            document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name("/Launch"), F="cmd.exe")
        document.save(made, encryption=pikepdf.Encryption(owner="o", user="u") if told.get("password") else False)
    return made.getvalue()


def pdf_bomb(megabytes: int) -> bytes:
    """A small PDF whose objects lie in a stream that unpacks into that much."""
    packing = zlib.compressobj(9)
    first = b"1 0 2 40 ".ljust(20) + b"<</Type/Catalog/Pages 2 0 R>>".ljust(40) + b"<</Type/Pages/Kids[]/Count 0>>"
    packed = packing.compress(first) + b"".join(packing.compress(b" " * 1024 * 1024) for _ in range(megabytes))
    packed += packing.flush()
    made = b"%PDF-1.5\n"
    objects_at = len(made)
    made += b"3 0 obj\n<</Type/ObjStm/N 2/First 20/Filter/FlateDecode/Length %d>>\nstream\n" % len(packed)
    made += packed + b"\nendstream\nendobj\n"
    table_at = len(made)
    rows = [b"\0\0\0\0\0\xff", b"\2\0\0\0\3\0", b"\2\0\0\0\3\1"]
    rows += [b"\1" + at.to_bytes(4, "big") + b"\0" for at in (objects_at, table_at)]
    table = b"".join(rows)
    made += b"4 0 obj\n<</Type/XRef/Size 5/W[1 4 1]/Root 1 0 R/Length %d>>\nstream\n" % len(table)
    return made + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % table_at


EMAIL = (
    b"From: Alex <alex@post.example>\r\nTo: office@school.example\r\nSubject: You will hear from me\r\n"
    b"Date: Mon, 2 Mar 2026 08:50:00 +0000\r\n\r\nYou have not heard the last of this.\r\n"
)
EMAIL_WITH_ATTACHMENT = (
    b"From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\nContent-Type: application/octet-stream\r\n"
    b'Content-Disposition: attachment; filename="a.exe"\r\n\r\nMZ\r\n--b--\r\n'
)


def outlook_message(of: str = "0b0d020000000000c000000000000046") -> bytes:
    """The first kilobyte of what Outlook saves: a compound file whose root has the class of a message."""
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", head, 30, 9)
    struct.pack_into("<I", head, 48, 0)
    root = bytearray(512)
    name = "Root Entry".encode("utf-16-le")
    root[: len(name)] = name
    root[80:96] = bytes.fromhex(of)
    return bytes(head + root)


def boxed(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(data)) + name + data


def film(brand: bytes = b"isom") -> bytes:
    return boxed(b"ftyp", brand + b"\0\0\2\0isommp42") + boxed(b"moov", b"\0" * 60) + boxed(b"mdat", b"\0" * 60)


def sound_wav() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes(b"\0" * 800)
    return made.getvalue()


MP3_FRAME = b"\xff\xfb\x90\0" + b"\0" * 413  # 128 kbit a second at 44.1 kHz
MP3 = MP3_FRAME * 4
MP3_WITH_TAG = b"ID3\x04\0\0\0\0\0\x10" + b"\0" * 16 + MP3
MP3_SLOW = (b"\xff\xf3\x40\0" + b"\0" * 100) * 4  # MPEG 2, 32 kbit at 22.05 kHz, as voice recorders write
AMR = b"#!AMR\n" + (b"\x3c" + b"\0" * 31) * 20
OGG = b"OggS\0\2" + b"\0" * 20 + b"\x01\x1eOpusHead" + b"\0" * 100
WEBM = (
    bytes.fromhex("1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878104428581 02".replace(" ", ""))
    + b"\0" * 100
)
EXE = b"MZ\x90\0" + b"\0" * 60 + b"PE\0\0" + b"\0" * 200
HTML = b"<!DOCTYPE html><html><body>" + SCRIPT
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>"


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("run.js", "alert(1)")
    return made.getvalue()


# One of each format that is kept: name, content, sort, type.
GOOD: dict[str, tuple[bytes, str, str]] = {
    "a.jpg": (picture("JPEG"), "image", "image/jpeg"),
    "photo.JPEG": (photograph("JPEG"), "image", "image/jpeg"),
    "a.png": (picture("PNG"), "image", "image/png"),
    "clear.png": (picture("PNG", mode="RGBA", colour=(0, 0, 0, 0)), "image", "image/png"),
    "grey.png": (picture("PNG", mode="L", colour=7), "image", "image/png"),
    "a.gif": (picture("GIF"), "image", "image/gif"),
    "moving.gif": (moving_gif(), "image", "image/gif"),
    "a.webp": (picture("WEBP"), "image", "image/webp"),
    "a.heic": (picture("HEIF"), "image", "image/heic"),
    "a.pdf": (pdf(), "pdf", "application/pdf"),
    "a.txt": ("He said “I’ll wait outside” – twice.".encode(), "text", "text/plain"),
    "old.txt": ("He said “I’ll wait outside” – twice.".encode("cp1252"), "text", "text/plain"),
    "notepad.txt": ("He said that.".encode("utf-16"), "text", "text/plain"),
    "a.eml": (EMAIL, "email", "message/rfc822"),
    "a.msg": (outlook_message(), "email", "application/vnd.ms-outlook"),
    "a.mp3": (MP3, "audio", "audio/mpeg"),
    "tagged.mp3": (MP3_WITH_TAG, "audio", "audio/mpeg"),
    "slow.mp3": (MP3_SLOW, "audio", "audio/mpeg"),
    "a.m4a": (film(b"M4A "), "audio", "audio/mp4"),
    "a.wav": (sound_wav(), "audio", "audio/wav"),
    "a.ogg": (OGG, "audio", "audio/ogg"),
    "a.amr": (AMR, "audio", "audio/amr"),
    "a.mp4": (film(), "video", "video/mp4"),
    "a.mov": (film(b"qt  "), "video", "video/quicktime"),
    "a.webm": (WEBM, "video", "video/webm"),
    "a.3gp": (film(b"3gp4"), "video", "video/3gpp"),
}
ANOTHER = "is not what its name says: it looks like"
PAGE = "is a web page or a script as well, whatever its name says"
BROKEN = "cannot be played: it is broken off, or something else"
UNREADABLE = "cannot be read as a picture: it is damaged, or something else"
# What must not be kept: name, content, what is said of it (its beginning).
BAD: dict[str, tuple[str, bytes, str]] = {
    "a program called a picture": ("a.jpg", EXE, f"{ANOTHER} .exe"),
    "a page called a picture": ("a.png", HTML, f"{ANOTHER} .html"),
    "a page called a text": ("a.txt", HTML, "is a web page or a script, whatever its name says"),
    "a drawing with a script, called a picture": ("a.png", SVG, f"{ANOTHER} .svg"),
    "a drawing with a script, called a text": ("a.txt", SVG, "is a web page or a script, whatever its name says"),
    "an archive called a PDF": ("a.pdf", archive(), "does not begin as a PDF does"),
    "an archive called a film": ("a.mp4", archive(), BROKEN),
    "a program called a film": ("a.mov", EXE, BROKEN),
    "a program called a sound": ("a.mp3", EXE, BROKEN),
    "a PDF called a text": ("a.txt", pdf(), "is a PDF, whatever its name says"),
    "an RTF called a text": ("a.txt", b"{\\rtf1 Hello}", "is an RTF document, whatever its name says"),
    "a shell script called a text": ("a.txt", b"#!/bin/sh\nrm -rf /\n", "is a script, whatever its name says"),
    "bytes called a text": ("a.txt", bytes(range(256)), "is no plain text"),
    "a picture of another format": ("a.png", picture("JPEG"), ANOTHER),
    "a photograph called a film": ("a.mp4", picture("HEIF"), "is a picture, whatever its name says"),
    "a GIF that is a script and no picture": ("a.gif", b"GIF89a/*\0\0\0\0*/=1;alert(1)//", PAGE),
    "a GIF that is a script by its width": ("a.gif", b"GIF89a/*" + picture("GIF")[8:], PAGE),
    "a GIF with a script after its end": ("a.gif", picture("GIF") + b"*/=1;alert(1)//", PAGE),
    "a JPEG with a page in its comment": ("a.jpg", picture("JPEG", comment=HTML), PAGE),
    "a PNG with a page after its end": ("a.png", picture("PNG") + HTML, PAGE),
    "a JPEG with an archive after its end": ("a.jpg", picture("JPEG") + archive(), "is a ZIP archive as well"),
    "a PDF that is a page": ("a.pdf", b"%PDF-1.4\n" + HTML + b"\n" + pdf()[9:], PAGE),
    "a PDF with a page before it": ("a.pdf", HTML + pdf(), "does not begin as a PDF does"),
    "a PDF with a page after its end": ("a.pdf", pdf() + HTML, PAGE),
    "a PDF with an archive after its end": ("a.pdf", pdf() + archive(), "is a ZIP archive as well"),
    "a PDF that is broken off": ("a.pdf", b"%PDF-1.4\nnothing else", "cannot be opened as a PDF"),
    "a PDF with a password": ("a.pdf", pdf(password=True), "needs a password: keep a copy that opens without one"),
    "a PDF that unpacks into very much": ("a.pdf", pdf_bomb(80), "cannot be opened as a PDF"),
    "a picture that is broken off": ("a.jpg", photograph()[:900], UNREADABLE),
    "half a PNG": ("a.png", picture("PNG", (300, 300))[:60], UNREADABLE),
    "a picture that unpacks into very much": ("a.png", png_of(60_000, 60_000), "has too many pixels: a picture may have"),
    "one a little too large": ("a.png", png_of(8_001, 8_000), "has 8001 × 8000 pixels: a picture may have 64 million at most"),
    "a text called an email": ("a.eml", b"Hello, this is what happened.", "is no email: it has no sender and no date"),
    "a page called an email": ("a.eml", HTML, ""),
    "a Word document called a message": ("a.msg", outlook_message("0609020000000000c000000000000046"), "is no email as Outlook"),
    "a text called a message": ("a.msg", EMAIL, "is no email as Outlook saves it"),
    "a film that is broken off": ("a.mp4", film()[:-20], BROKEN),
    "a film with something after its end": ("a.mp4", film() + HTML, BROKEN),
    "a film without what tells how to play it": ("a.mp4", boxed(b"ftyp", b"isom") + boxed(b"mdat", b"\0" * 9), BROKEN),
    "a sound that is a page in its tag": ("a.mp3", b"ID3\x04\0\0\0\0\2\0" + HTML.ljust(256) + MP3, PAGE),
    "a script that begins as a recording does": ("a.amr", b"#!AMR\nalert(1)", BROKEN),
    "a recording without sound": ("a.amr", b"#!AMR\n", BROKEN),
    "a program called a recording": ("a.wav", EXE, f"{ANOTHER} .exe"),
    "nothing": ("a.png", b"", "is empty"),
    "blanks": ("a.txt", b" \n ", "is empty"),
}  # fmt: skip
