"""The PDF of a letter, and printing."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from conduct import audit
from conduct.ids import ids_in
from letters import characters, letterhead, press, service
from letters.models import METHODS, Letter
from sanctions import letter_facts, post
from sanctions.forms.post_room import METHOD_LABELS
from sanctions.models import CaseLetter
from sanctions.standing import Refused
from sanctions.views.asking import school_for, shown
from sanctions.views.post_room.deeds import deed
from sanctions.views.post_room.letter import draft_facts, letter_page, letter_seen, methods_lacking, sees_address


@require_GET
def letter_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF: of an issued letter the exact bytes kept, of a draft as it would read now. Every look is in the audit.

    DamagedLetter stops it (the page "something went wrong", and the log says which letter) when the kept bytes changed.
    """
    case_letter = letter_seen(request, pk)
    row = case_letter.letter
    name = row.reference or f"draft-{row.pk}"
    if row.is_issued and not sees_address(request, row):
        raise Http404
    if row.is_issued:
        pdf = service.kept_bytes(row)
    else:
        try:
            pdf = drafted_pdf(request, case_letter)
        except characters.CannotPrint as lost:
            return HttpResponse(str(lost), status=422, content_type="text/plain; charset=utf-8")
    audit.record(
        "look_at_letter", by=request.user, at=request.at, school=row.school, about=row.reference or f"letter {row.pk}"
    )
    return as_pdf(pdf, name)


def drafted_pdf(request: HttpRequest, case_letter: CaseLetter) -> bytes:
    """The draft as it would read if it left now; `?method=` chooses how."""
    lacking = methods_lacking(case_letter)
    usual = next((m for m, _ in METHODS if m not in lacking), "post")
    method = request.GET.get("method", usual)
    facts = draft_facts(case_letter, method if method in METHOD_LABELS else usual, request.at)
    if not sees_address(request, case_letter.letter):
        facts |= {"recipient_address": ["(a protected address)"], "recipient_email": ""}
    look = letterhead.seen(letter_facts.look_of(case_letter))
    return press.letter(case_letter.letter.kind, facts, look=look, draft=True)


def as_pdf(pdf: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


@deed
def letter_print(request: HttpRequest, case_letter: CaseLetter) -> HttpResponse:
    """One letter to the printer: recorded as printed, and its PDF."""
    row = case_letter.letter
    try:
        printed = post.print_letters(row.school, by=request.user, at=request.at, ids=[row.pk])
    except Refused as refused:
        context = letter_page(request, case_letter) | {"refusals": shown(refused.refusals)}
        return render(request, "letters/letter.html", context, status=422)
    except Letter.DoesNotExist:
        messages.error(request, "A draft is not printed: issue the letter first.")
        return redirect("letter", row.pk)
    return as_pdf(post.as_one_pdf(printed), row.reference)


@require_POST
def letters_print(request: HttpRequest) -> HttpResponse:
    """Some letters, or all that are not printed yet, as one PDF in address order; each is recorded as printed."""
    school = school_for(request, "see_letters")
    chosen = request.POST.getlist("ids")
    everything = "all" in request.POST
    if not everything and not chosen:
        messages.warning(request, "Tick the letters to print, or print all of them.")
        return redirect("letters")
    ids = ids_in(chosen)
    if len(ids) < len(chosen):
        raise Http404
    try:
        printed = post.print_letters(school, by=request.user, at=request.at, ids=None if everything else ids)
    except Refused as refused:
        messages.error(request, " ".join(r.text for r in refused.refusals))
        return redirect("letters")
    except Letter.DoesNotExist as unknown:
        raise Http404 from unknown
    if not printed:
        messages.info(request, "Every issued letter has been printed already.")
        return redirect("letters")
    return as_pdf(post.as_one_pdf(printed), f"letters-{localtime(request.at):%Y-%m-%d-%H%M}")
