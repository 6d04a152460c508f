"""How the letters of a demonstration school look and read: a letterhead, the head's signature, a text of its own."""

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from conduct import files, uploads
from letters import wording
from sanctions import letterhead, texts
from sanctions.demo.days import moment
from sanctions.demo.desk import Desk, Walk
from sanctions.demo.exhibits import INK, as_png

COLOURS = ("#0f4c5c", "#5c1f3a")
RIGHT_TO_REPLY = (
    "You may reply to this letter, in your own words, or ask us to write down what you tell us. We will read your reply, "
    "answer it, and keep it with this letter. If we have got something wrong, we will put it right."
)


def chosen(d: Desk) -> Walk:
    """Chosen by the admin most of a year ago; a week later somebody who knows the law has looked at the text."""
    colour = COLOURS[len(d.school.slug) % 2]
    yield moment(d.days.ago(150), "07:40")
    who = {"by": d.who("admin1"), "at": d.at}
    told = {"colour": colour, "address": "", "envelope": "dl", "footer": f"Part of {d.school.trust.name}"}
    letterhead.change(d.school, **who, told=told | {"logo_words": f"The shield of {d.school.name}"})
    with files.stored(drawn(shield(colour)), school=d.school, kinds=(uploads.PICTURE,)) as file:
        letterhead.put_in_logo(d.school, **who, file=file)
    with files.stored(drawn(signature()), school=d.school, kinds=(uploads.PICTURE,)) as file:
        letterhead.put_in_signature(d.school, d.who("head1"), **who, file=file)
    own = {"right_to_reply": RIGHT_TO_REPLY}
    texts.change(d.school, "warning", **who, texts=own, follows=0, note="Some people would rather tell us than write.")
    yield moment(d.days.ago(145), "07:40")
    seen = {"warning": wording.digests(d.school)["warning"]}
    by = "Wren Adviser, solicitor (invented)"
    texts.confirm(d.school, ["warning"], by=d.who("admin1"), at=d.at, checked_by=by, seen=seen)


def drawn(image: Image.Image) -> SimpleUploadedFile:
    return SimpleUploadedFile("picture.png", as_png(image))


def shield(colour: str) -> Image.Image:
    """A shield with a band across it."""
    image = Image.new("RGB", (240, 280), "white")
    pen = ImageDraw.Draw(image)
    pen.polygon([(20, 20), (220, 20), (220, 150), (120, 260), (20, 150)], fill=colour)
    pen.polygon([(20, 90), (220, 60), (220, 100), (20, 130)], fill="white")
    return image


def signature() -> Image.Image:
    """A line as a pen leaves it: nobody's hand."""
    image = Image.new("RGB", (420, 140), "white")
    points = [
        (20, 90),
        (60, 30),
        (70, 110),
        (110, 60),
        (130, 95),
        (170, 55),
        (190, 95),
        (240, 60),
        (260, 92),
        (400, 70),
    ]
    ImageDraw.Draw(image).line(points, fill=INK, width=5, joint="curve")
    return image
