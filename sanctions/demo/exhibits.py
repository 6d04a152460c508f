"""Files of the demonstration, drawn and written here: a message on a telephone, an email, and faces that are nobody's."""

import io
from email.message import EmailMessage
from email.utils import format_datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from conduct import files, photos, pictures, uploads
from conduct.models import Person
from incidents.models import Incident
from sanctions import evidence
from sanctions.demo.days import moment
from sanctions.demo.desk import Desk, Walk, happenings

WITH_A_FACE = ("window", "confirmed")  # whose stories the gate tells of
INK, PAPER, BUBBLE = "#1b2530", "#f6f4ef", "#bcd3da"
FACES = ("#c98b6b", "#8a5a44", "#e0b394", "#6b4636")


def given(desk: Desk) -> Walk:
    """Evidence for the emailed threat, the afternoon it was logged, and two pictures for the gate."""
    on, _ = desk.days.closing_soon()
    yield moment(on, "16:30")
    incident = desk.parts["window"].incidents.earliest("logged_at")
    keep(desk, incident, "email.eml", email_of(incident), "The email as it came to the office mailbox")
    keep(desk, incident, "Screenshot.png", message_on_screen(), "A message that came the evening before")
    for n, story in enumerate(WITH_A_FACE):
        portray(desk, desk.parts[story], FACES[n + len(desk.school.slug) % 2 * 2])


def keep(desk: Desk, incident: Incident, name: str, content: bytes, note: str) -> None:
    with files.stored(SimpleUploadedFile(name, content), school=desk.school) as file:
        evidence.add(incident, by=desk.who("office1"), at=desk.at, file=file, note=note)


def portray(desk: Desk, person: Person, colour: str) -> None:
    face = SimpleUploadedFile("picture.png", drawn_face(colour))
    with files.stored(face, school=desk.school, kinds=(uploads.PICTURE,), side=pictures.AT_THE_GATE) as file:
        photos.put_in(person, by=desk.who("office1"), at=desk.at, file=file)


def email_of(incident: Incident) -> bytes:
    """The email in which it was said."""
    mail = EmailMessage()
    mail["From"] = f"{incident.subject} <{incident.subject.email or 'parent@post.example'}>"
    mail["To"] = incident.school.email
    mail["Date"] = format_datetime(timezone.localtime(incident.occurred_at))
    mail["Subject"] = "This morning"
    mail.set_content(happenings()["threat_email"]["text"])
    return mail.as_bytes()


def message_on_screen() -> bytes:
    """A telephone's screen with two messages on it."""
    image = Image.new("RGB", (540, 720), PAPER)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(26)
    pen.rectangle((0, 0, 540, 76), fill=INK)
    pen.text((28, 22), "Unknown number", fill="white", font=font)
    for top, words in ((120, "You lot will not be told twice.\nI know when you finish."), (260, "Answer me.")):
        box = pen.multiline_textbbox((48, top), words, font=font, spacing=10)
        pen.rounded_rectangle((box[0] - 20, box[1] - 16, box[2] + 20, box[3] + 18), 18, fill=BUBBLE)
        pen.multiline_text((48, top), words, fill=INK, font=font, spacing=10)
    pen.text((28, 660), "Invented for the demonstration", fill="#56616d", font=ImageFont.load_default(20))
    return as_png(image)


def drawn_face(colour: str) -> bytes:
    """Head and shoulders in three colours: a face that is nobody's."""
    image = Image.new("RGB", (400, 400), "#e9f1f4")
    pen = ImageDraw.Draw(image)
    pen.ellipse((60, 270, 340, 560), fill="#0f4c5c")
    pen.ellipse((118, 70, 282, 170), fill=INK)
    pen.ellipse((125, 85, 275, 285), fill=colour)
    for left in (162, 222):
        pen.ellipse((left, 168, left + 16, 184), fill=INK)
    pen.arc((165, 195, 235, 245), 20, 160, fill=INK, width=5)
    return as_png(image)


def as_png(image: Image.Image) -> bytes:
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()
