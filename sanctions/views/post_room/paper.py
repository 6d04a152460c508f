"""The PDF of a letter."""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from conduct import audit
from letters import binding, characters, letterhead, press, service
from sanctions import copies, correspondence, letter_facts, parking
from sanctions.forms.post_room import METHOD_LABELS
from sanctions.models import CaseLetter
from sanctions.standing import Refused
from sanctions.views.asking import shown
from sanctions.views.post_room.deeds import deed, nothing_asked, tried
from sanctions.views.post_room.letter import draft_facts, letter_page, letter_seen, sees_address


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
        except (characters.CannotPrint, press.Stopped, press.OutOfOrder) as lost:
            why = parking.why_not(lost)  # a look changes nothing: it is set aside by whoever issues it, or tries again
            return HttpResponse(why, status=422, content_type="text/plain; charset=utf-8")
    audit.record(
        "look_at_letter", by=request.user, at=request.at, school=row.school, about=row.reference or f"letter {row.pk}"
    )
    return as_pdf(pdf, name)


@deed
def letter_copy(request: HttpRequest, case_letter: CaseLetter) -> HttpResponse:
    """An issued letter once more, in large print or in the usual size. It is made anew and not kept."""
    row = case_letter.letter
    if row.is_issued and not sees_address(request, row):
        raise Http404
    try:
        pdf = copies.in_other_size(row, by=request.user, at=request.at)
    except Refused as refused:
        context = letter_page(request, case_letter) | {"refusals": shown(refused.refusals)}
        return render(request, "letters/letter.html", context, status=422)
    return as_pdf(pdf, f"{row.reference}-copy")


def drafted_pdf(request: HttpRequest, case_letter: CaseLetter) -> bytes:
    """The draft as it would read if it left now; `?method=` chooses how."""
    usual = correspondence.usual_method(case_letter)
    method = request.GET.get("method", usual)
    facts = draft_facts(case_letter, method if method in METHOD_LABELS else usual, request.at)
    if not sees_address(request, case_letter.letter):
        facts |= {"recipient_address": ["(a protected address)"], "recipient_email": ""}
    look = letterhead.seen(letter_facts.look_of(case_letter))
    return binding.printed(case_letter.letter.kind, facts, look=look, draft=True)


@deed
def letter_try_again(request: HttpRequest, case_letter: CaseLetter) -> HttpResponse:
    """Make the PDF of a letter that was set aside."""
    make = partial(drafted_pdf, request, case_letter)
    return tried(
        request, case_letter, nothing_asked(request), "",
        lambda _: parking.try_again(case_letter, make, by=request.user, at=request.at),
        said="The PDF could be made now. The letter goes on where it stood.",
    )  # fmt: skip


def as_pdf(pdf: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
