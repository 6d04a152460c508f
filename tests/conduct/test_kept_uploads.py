"""Files that are kept: each format by its content, its name and its size; hostile ones refused, each in words."""

import pytest
from django.core.exceptions import ValidationError
from PIL import ImageFile

from conduct import formats, pictures, uploads
from tests import files
from tests.files import BAD, GOOD, upload


def refused(name: str, content: bytes, **told: object) -> str:
    with pytest.raises(ValidationError) as said:
        uploads.examined(upload(name, content), **told)
    return said.value.message


@pytest.mark.parametrize("name", GOOD)
def test_each_format_is_known_by_its_content(name):
    content, sort, content_type = GOOD[name]
    found = uploads.examined(upload(name, content))
    assert (found.name, found.kind.key, found.format.content_type) == (name, sort, content_type)


def test_every_format_of_the_table_is_tried():
    tried = {uploads.by_ending(name, uploads.KINDS)[1] for name in GOOD}
    assert tried == {each for kind in uploads.KINDS for each in kind.formats}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_such_file_is_refused(what):
    name, content, said = BAD[what]
    assert refused(name, content).startswith(f"“{name}” {said}")


@pytest.mark.parametrize("what", ["a picture that is broken off", "half a PNG"])
def test_half_a_picture_is_refused_in_a_process_that_has_made_letters_too(what, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as WeasyPrint sets it when it is loaded
    name, content, said = BAD[what]
    assert refused(name, content).startswith(f"“{name}” {said}")


# A saved email is a text; what is in an MP4, sound or film, only its name says.
ALSO = {("a.eml", "a.txt"), ("a.m4a", "a.mp4")}


@pytest.mark.parametrize("name", [name for name in GOOD if GOOD[name][1] != "text"])
def test_no_format_passes_for_another_kind(name):
    """Each good file under the name of one good format of every other kind."""
    content, sort, _ = GOOD[name]
    for other in ("a.jpg", "a.pdf", "a.txt", "a.eml", "a.msg", "a.mp3", "a.wav", "a.mp4", "a.webm"):
        if GOOD[other][1] != sort and (name, other) not in ALSO:
            assert refused(other, content).startswith(f"“{other}” "), other


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.exe", ""),
        ("invoice.pdf.exe", ""),
        ("photo\u202egpj.exe", ""),
        ("a", ""),
        ("letter.docx", " Save it as a PDF."),
        ("page.html", " Keep a picture of the screen, or print it to a PDF."),
        ("drawing.svg", " Keep a picture of the screen, or print it to a PDF."),
        ("many.zip", " Unpack it and keep what is in it."),
    ],
)
def test_another_ending_is_refused_with_what_to_do(name, said):
    shown = name.replace("\u202e", "")
    can = "pictures, PDF, plain text, saved emails, sound and film can be."
    assert refused(name, b"content") == f"“{shown}” cannot be kept here: {can}{said}"


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\office\\shot.png", "shot.png"),
        ("a\u0000b\u0007.png", "ab.png"),
        ("cod\u202egnp.png", "codgnp.png"),
        ("zero\u200bwidth.png", "zerowidth.png"),
        ("Screenshot 2026-03-02 at 8.50.12\u202fAM.png", "Screenshot 2026-03-02 at 8.50.12 AM.png"),
        ("run.exe.png", "run_exe.png"),
        ("a.html.js.pdf", "a_html_js.pdf"),
        ("report 12.03.2026.pdf", "report 12.03.2026.pdf"),
        ("CON: who?.pdf", "CON_ who_.pdf"),
        ("  .hidden.png. ", "hidden.png"),
        ("e\u0301cole.png", "école.png"),
        ("x" * 200 + ".jpeg", "x" * 115 + ".jpeg"),
        (".", ""),
        ("noending", "noending"),
    ],
)
def test_a_name_is_made_plain(name, cleaned):
    assert uploads.cleaned_name(name) == cleaned


@pytest.mark.parametrize("name", GOOD)
def test_a_file_that_is_too_large_is_refused_by_its_limit_and_not_read(name, settings):
    sort = GOOD[name][1]
    settings.MOST_MB = {**settings.MOST_MB, sort: 3}
    given = upload(name, b"\x01 not even looked at")
    given.size = 3 * uploads.MB
    with pytest.raises(ValidationError) as said:
        uploads.examined(given)
    assert "at most" not in said.value.message
    given.size += 1
    given.file.seek(0)
    with pytest.raises(ValidationError) as said:
        uploads.examined(given)
    word = next(kind.word for kind in uploads.KINDS if kind.key == sort)
    assert said.value.message == f"“{name}” has 4 MB: {word} may have 3 MB at most."
    assert given.file.tell() == 0


def test_pictures_alone_where_only_pictures_are_asked_for():
    said = refused("a.pdf", files.pdf(), kinds=(uploads.PICTURE,))
    assert said == "“a.pdf” cannot be kept here: only pictures can be."


# -- what whoever opens it should know ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", files.pdf(), ""),
        ("a.pdf", files.pdf(script=True), "This PDF holds a script: open it with care."),
        ("a.pdf", files.pdf(launch=True), "This PDF holds a command that starts a program: open it with care."),
        ("a.eml", files.EMAIL, ""),
        ("a.eml", files.EMAIL_WITH_ATTACHMENT, "It has 1 attachment, not looked into: open with care."),
        ("a.png", files.picture("PNG"), ""),
    ],
)
def test_a_file_that_may_be_kept_and_holds_more_says_so(name, content, said):
    given = upload(name, content)
    assert uploads.examined(given).format.caution(given.file) == said


# -- the copy for the screen --------------------------------------------------------------------------------------


def shown(kind: str, content: bytes, **told: object):
    made, ending = pictures.for_screen(files.io.BytesIO(content), kind, **told)
    return made, ending, files.Image.open(files.io.BytesIO(made))


@pytest.mark.parametrize("kind", ["JPEG", "HEIF", "WEBP", "PNG"])
def test_the_copy_says_nothing_of_where_and_with_what_it_was_taken(kind):
    original = files.photograph(kind, orientation=1)
    assert b"SecretCamera" in original
    made, _, image = shown(kind, original)
    assert b"Secret" not in made
    assert dict(image.getexif()) == {}
    assert {"exif", "xmp", "comment", "icc_profile", "XML:com.adobe.xmp"} & set(image.info) == set()


def test_the_copy_stands_upright():
    """Turned a quarter to the right, what was the left half is the upper one."""
    _, ending, image = shown("JPEG", files.photograph(orientation=6))
    assert ending == ".jpg"
    assert image.size == (300, 400)
    assert [image.getpixel((150, y))[0] > 128 for y in (50, 350)] == [False, True]


@pytest.mark.parametrize("size", [(4000, 1000), (1000, 4000)])
def test_the_copy_is_bounded(size):
    assert max(shown("JPEG", files.picture("JPEG", size))[2].size) == 1600
    assert max(shown("JPEG", files.picture("JPEG", size), side=480)[2].size) == 480


def test_a_small_picture_is_not_made_larger():
    assert shown("PNG", files.picture("PNG", (40, 30)))[2].size == (40, 30)


def test_of_a_moving_picture_the_copy_has_the_first_frame():
    _, ending, image = shown("GIF", files.moving_gif())
    assert (ending, image.format, getattr(image, "n_frames", 1)) == (".png", "PNG", 1)


def test_what_is_clear_becomes_white():
    image = shown("PNG", files.picture("PNG", mode="RGBA", colour=(0, 0, 0, 0)))[2]
    assert image.getpixel((0, 0)) == (255, 255, 255)


def test_a_large_copy_of_a_photograph_saved_as_png_is_a_jpeg(monkeypatch):
    monkeypatch.setattr(pictures, "LARGEST_PNG", 10)
    _, ending, image = shown("PNG", files.picture("PNG"))
    assert (ending, image.format) == (".jpg", "JPEG")


def test_a_bomb_is_refused_before_its_pixels_are_unpacked(settings, monkeypatch):
    settings.MOST_MEGAPIXELS = 1
    monkeypatch.setattr(files.Image.Image, "load", lambda self: pytest.fail("unpacked"))
    with pytest.raises(pictures.NotDecoded, match="has 1001 × 1000 pixels: a picture may have 1 million at most"):
        pictures.check(files.io.BytesIO(files.png_of(1001, 1000)), "PNG")


def test_other_decoders_are_never_asked():
    """A picture of a format that is not expected is not read, although Pillow could."""
    with pytest.raises(pictures.NotDecoded):
        pictures.check(files.io.BytesIO(files.picture("TIFF")), "JPEG")


def test_a_small_pdf_does_not_unpack_into_much_memory():
    assert formats.pikepdf.settings.get_qpdf_limits()["flate_max_memory"] == 64 * uploads.MB
