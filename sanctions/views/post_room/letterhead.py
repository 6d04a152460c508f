"""The letterhead of a school, its logo, and the signatures of those who sign its letters."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from conduct import audit, downloads, files, uploads
from conduct.models import KeptFile, School
from letters import characters, press
from letters import letterhead as looks
from letters.models import Letterhead, Signature
from sanctions import letterhead as verbs
from sanctions import parking, texts
from sanctions.forms.texts import LetterheadForm
from sanctions.standing import Refused
from sanctions.views.asking import answered, school_for
from sanctions.views.post_room.paper import as_pdf
from sanctions.views.post_room.texts import not_shown

KINDS = (uploads.PICTURE,)
PIXELS = 700  # of the longer side: 300 an inch at the size at which they print
SHOWN = "warning"  # the kind of letter that the letterhead is shown with


def letterhead(request: HttpRequest) -> HttpResponse:
    """Colour, address, footer and envelope, with a letter beside them; the logo and the signatures."""
    school = school_for(request, "edit_letterhead")
    head = verbs.of(school)
    return answered(
        request, form_of(request, school, head),
        lambda told: verbs.change(school, by=request.user, at=request.at, told=told),
        done=reverse("letterhead"), said="The letterhead is saved. Letters that are issued keep theirs.",
        template="letters/letterhead.html", head=head, signatures=signatures(request, school),
    )  # fmt: skip


def form_of(request: HttpRequest, school: School, head: Letterhead | None) -> LetterheadForm:
    """A form over a row of its own, so that what is typed and not saved changes nothing."""
    row = verbs.of(school) if head else Letterhead(school=school)
    return LetterheadForm(request.POST if request.method == "POST" else None, instance=row)


def signatures(request: HttpRequest, school: School) -> list[dict[str, Any]]:
    """Each who signs, with the picture of their signature or none."""
    kept = {row.user_id: row for row in Signature.objects.filter(school=school, withdrawn_at=None).select_related("by")}
    return [{"user": user, "signature": kept.get(user.pk)} for user in verbs.signatories(school, request.at)]


def letterhead_pdf(request: HttpRequest) -> HttpResponse:
    """A sample letter with the letterhead as it is, or, posted, as it stands in the form and is not saved."""
    school = school_for(request, "edit_letterhead")
    form = form_of(request, school, verbs.of(school))
    if form.is_bound and not form.is_valid():
        return not_shown(f"{form.fields[name].label}: {' '.join(map(str, e))}" for name, e in form.errors.items())
    look = looks.as_json(form.instance)
    audit.record("look_at_sample", by=request.user, at=request.at, school=school, about="letterhead")
    try:
        pdf = texts.sample(school, SHOWN, request.at, look=look)
    except (characters.CannotPrint, press.Stopped, press.OutOfOrder) as lost:
        return not_shown([parking.why_not(lost)])
    return as_pdf(pdf, "sample-letterhead")


# -- pictures -----------------------------------------------------------------------------------------------------


def picture_page(
    request: HttpRequest, school: School, put_in: Callable[[KeptFile], None], take_out: Callable[[], None], **page: Any
) -> HttpResponse:
    """Put in a picture, or take it out; back to the letterhead."""
    wrong = ""
    if request.method == "POST" and "remove" in request.POST:
        take_out()
        messages.success(request, "The picture is taken out. Letters that are issued keep it.")
        return redirect("letterhead")
    if request.method == "POST":
        wrong = taken_in(request, school, put_in)
        if not wrong:
            messages.success(request, "The picture is saved.")
            return redirect("letterhead")
    page |= {"wrong": wrong, "kind": uploads.PICTURE, "most": uploads.in_words(uploads.PICTURE.most)}
    return render(request, "letters/picture.html", page, status=422 if wrong else 200)


def taken_in(request: HttpRequest, school: School, put_in: Callable[[KeptFile], None]) -> str:
    """Keep the picture that was sent; or what is wrong with it."""
    upload = request.FILES.get("picture")
    if upload is None:
        return "Choose a picture first."
    try:
        with files.stored(upload, school=school, kinds=KINDS, side=PIXELS) as found:
            put_in(found)
    except ValidationError as problem:
        return str(problem.message)
    except Refused as refused:
        return " ".join(each.text for each in refused.refusals)
    return ""


def logo(request: HttpRequest) -> HttpResponse:
    """Put in another logo, or take it out."""
    school = school_for(request, "edit_letterhead")
    who, head = {"by": request.user, "at": request.at}, verbs.of(school)
    return picture_page(
        request, school, lambda file: verbs.put_in_logo(school, file=file, **who),
        lambda: verbs.take_out_logo(school, **who), title="Logo", there=head is not None and head.logo_id is not None,
        picture_url=reverse("logo_picture"), hint="The school’s crest or logo, on white: it prints at most 34 by 20 mm.",
        lede="It stands in the letterhead of every letter that is issued from now on.",
    )  # fmt: skip


def signature(request: HttpRequest, pk: int) -> HttpResponse:
    """Put in the picture of somebody's signature, or take it out."""
    school = school_for(request, "edit_letterhead")
    signs = get_object_or_404(verbs.signatories(school, request.at), pk=pk)
    who, there = {"by": request.user, "at": request.at}, looks.signature_of(school, signs)
    return picture_page(
        request, school, lambda file: verbs.put_in_signature(school, signs, file=file, **who),
        lambda: verbs.take_out_signature(school, signs, **who), title=f"Signature of {signs.name}", there=there is not None,
        picture_url=reverse("signature_picture", args=[signs.pk]),
        hint="Dark ink on white paper, cut close: it prints at most 60 by 14 mm.",
        lede="It prints above their own name, in letters that they have approved. Ask them first.",
    )  # fmt: skip


@require_GET
def logo_picture(request: HttpRequest) -> FileResponse:
    """The logo as it prints."""
    head = verbs.of(school_for(request, "edit_letterhead"))
    if head is None or head.logo is None:
        raise Http404
    return downloads.picture(head.logo)


@require_GET
def signature_picture(request: HttpRequest, pk: int) -> FileResponse:
    """The picture of a signature as it prints; every look is in the audit."""
    school = school_for(request, "edit_letterhead")
    standing = Signature.objects.filter(school=school, withdrawn_at=None).select_related("picture", "user")
    found = get_object_or_404(standing, user=pk)
    audit.record("look_at_signature", by=request.user, at=request.at, school=school, about=found.user.name[:80])
    return downloads.picture(found.picture)


urlpatterns = [
    path("letters/letterhead/", letterhead, name="letterhead"),
    path("letters/letterhead/pdf/", letterhead_pdf, name="letterhead_pdf"),
    path("letters/letterhead/logo/", logo, name="logo"),
    path("letters/letterhead/logo/picture/", logo_picture, name="logo_picture"),
    path("letters/letterhead/signatures/<int:pk>/", signature, name="signature"),
    path("letters/letterhead/signatures/<int:pk>/picture/", signature_picture, name="signature_picture"),
]
