"""How an issued letter left the school, the proof, and what came back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from conduct import audit, downloads, files, uploads
from conduct.templatetags.words import day_and_time
from letters.models import Sending
from sanctions import serving
from sanctions.forms.post_room import CameBackForm, EmailForm, SentForm
from sanctions.models import CaseLetter
from sanctions.standing import Refused
from sanctions.views.asking import shown
from sanctions.views.post_room.deeds import deed, nothing_asked, tried
from sanctions.views.post_room.letter import letter_page, letter_seen, places, sees_address

SCANS = tuple(kind for kind in uploads.KINDS if kind.key in {"image", "pdf"})


def telling(
    request: HttpRequest, act: Callable[[dict[str, Any]], list[serving.Moved]]
) -> Callable[[dict[str, Any]], None]:
    """The deed, after which the page says which dates it has moved."""

    def done(told: dict[str, Any]) -> None:
        for moved in act(told):
            messages.info(request, str(moved))

    return done


@deed
def letter_posted(request: HttpRequest, case_letter: CaseLetter) -> HttpResponse:
    """Record how an issued letter really left, and the proof."""
    row = case_letter.letter
    if not row.is_issued:
        messages.error(request, "Issue the letter first.")
        return redirect("letter", row.pk)
    if row.posted_at is not None:
        messages.warning(
            request, f"It was marked as sent already, by {row.posted_by}: it left on {day_and_time(row.sent_at)}."
        )
        return redirect("letter", row.pk)
    form = SentForm(request.POST, letter=row, at=request.at)
    by = {"by": request.user, "at": request.at}
    return tried(
        request, case_letter, form, "sent_form",
        telling(request, lambda told: serving.record_sent(row, **by, **told)), said=f"{row.reference} is marked as sent.",
    )  # fmt: skip


@deed
def letter_again(request: HttpRequest, case_letter: CaseLetter) -> HttpResponse:
    """Record that the same letter left once more."""
    row = case_letter.letter
    if not row.is_issued:
        messages.error(request, "Issue the letter first.")
        return redirect("letter", row.pk)
    form = SentForm(request.POST, letter=row, at=request.at)
    by = {"by": request.user, "at": request.at}
    return tried(
        request, case_letter, form, "sent_form",
        telling(request, lambda told: serving.send_again(row, **by, **told)),
        said=f"{row.reference} is recorded as sent again.",
    )  # fmt: skip


@deed
def letter_email(request: HttpRequest, case_letter: CaseLetter) -> HttpResponse:
    """Have the program email the letter to the address that was shown."""
    row = case_letter.letter
    form = EmailForm(request.POST, prefix="email")
    by = {"by": request.user, "at": request.at}
    return tried(
        request, case_letter, form, "email_form", lambda told: serving.email(row, **by, to=told["to"]),
        said="It is being sent. This page says what the mail server answered: look again in a minute.",
    )  # fmt: skip


def of_letter(request: HttpRequest, pk: int, sending: int) -> tuple[CaseLetter, Sending]:
    """One time that a letter left which the user may see; else 404."""
    case_letter = letter_seen(request, pk)
    row = get_object_or_404(Sending.objects.select_related("scan", "by"), letter=case_letter.letter, pk=sending)
    row.letter = case_letter.letter
    return case_letter, row


def on_sending(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A form about one sending posts here; whoever comes by GET is led to the page of the letter."""

    def led(request: HttpRequest, pk: int, sending: int) -> HttpResponse:
        return view(request, *of_letter(request, pk, sending)) if request.method == "POST" else redirect("letter", pk)

    return led


@on_sending
def came_back(request: HttpRequest, case_letter: CaseLetter, sending: Sending) -> HttpResponse:
    """It came back: no clock runs until it goes out again."""
    form = CameBackForm(request.POST, sending=sending, at=request.at, prefix=f"back{sending.pk}")
    by = {"by": request.user, "at": request.at}
    return tried(
        request, case_letter, form, "back_form", telling(request, lambda told: serving.came_back(sending, **by, **told)),
        said="It is recorded that it came back. Send it again, or draft a corrected letter to another address.",
    )  # fmt: skip


@on_sending
def stop_email(request: HttpRequest, case_letter: CaseLetter, sending: Sending) -> HttpResponse:
    """Stop an email that waits."""
    return tried(
        request, case_letter, nothing_asked(request), "",
        lambda _: serving.stop_email(sending, by=request.user, at=request.at), said="The email is stopped.",
    )  # fmt: skip


@on_sending
def settle_email(request: HttpRequest, case_letter: CaseLetter, sending: Sending) -> HttpResponse:
    """Say whether an email left of which nobody knew."""
    left = "left" in request.POST
    said = (
        "It is recorded as sent."
        if left
        else "It is recorded as not sent, and is tried once more: look again in a minute."
    )
    act = telling(request, lambda _: serving.settle_doubt(sending, by=request.user, at=request.at, left=left))
    return tried(request, case_letter, nothing_asked(request), "", act, said=said)


@on_sending
def keep_scan(request: HttpRequest, case_letter: CaseLetter, sending: Sending) -> HttpResponse:
    """Keep a scan of the proof."""
    upload = request.FILES.get("scan")
    if upload is None:
        messages.error(request, "Choose a picture or a PDF first.")
        return redirect("letter", case_letter.letter_id)
    try:
        with files.stored(upload, school=case_letter.letter.school, kinds=SCANS) as found:
            serving.keep_scan(sending, by=request.user, at=request.at, file=found)
    except ValidationError as wrong:
        messages.error(request, wrong.message)
    except Refused as refused:
        context = letter_page(request, case_letter) | {
            "refusals": shown(refused.refusals, places(request, case_letter))
        }
        return render(request, "letters/letter.html", context, status=422)
    else:
        messages.success(request, "The proof is kept.")
    return redirect("letter", case_letter.letter_id)


@require_GET
def scan(request: HttpRequest, pk: int, sending: int) -> FileResponse:
    """The scan of a proof: as it came, to be saved; with `?shown` the copy of a picture. Each look is in the audit.

    A receipt says where the letter went: of a protected address few see it.
    """
    case_letter, row = of_letter(request, pk, sending)
    if row.scan is None or not sees_address(request, row.letter):
        raise Http404
    answer = downloads.picture(row.scan) if "shown" in request.GET else downloads.original(row.scan)
    letter = case_letter.letter
    audit.record("look_at_proof", by=request.user, at=request.at, school=letter.school, about=letter.reference)
    return answer
