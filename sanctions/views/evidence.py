"""Evidence: giving files to an incident, or to one not saved yet; reading them; taking them out.

With script each file comes in a request of its own, so that a bad one does not lose the others, and is answered in JSON:
`item`, the file as the page shows it, or `wrong`, why it was not kept. Without script they come together.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from conduct import audit, downloads, files, uploads
from conduct.models import KeptFile, School
from conduct.roles import may
from conduct.titles import listed
from incidents import evidence as record
from incidents.models import Draft, DraftFile, Evidence, Incident
from sanctions import evidence
from sanctions.forms.evidence import NoteForm, TakeOutForm
from sanctions.models import Case
from sanctions.standing import Refused
from sanctions.views.asking import answered, case_for, school_for, visible_case

FIELD = "files"


# -- what a page needs that shows or takes files ------------------------------------------------------------------


def upload_box(url: str, token: object = "") -> dict[str, Any]:
    """For incidents/_upload.html: where files go, which may, and how large they may be."""
    limits = uploads.limits()
    return {
        "url": url,
        "token": str(token),
        "accept": ",".join(ending for ending, _, _ in limits),
        "limits": json.dumps({ending: [word, most] for ending, word, most in limits}),
        "kinds": [(kind.plural, kind.endings, uploads.in_words(kind.most)) for kind in uploads.KINDS],
    }


def beside_draft(request: HttpRequest, token: object) -> dict[str, Any]:
    """For the page that logs an incident: the box for files, and those that are kept with its draft already."""
    rows = record.of_drafts(request.school, request.user).filter(draft__token=token) if token else ()
    return {"upload": upload_box(reverse("draft_file_add"), token), "draft_files": list(rows)}


def of_incident(request: HttpRequest, incident: Incident) -> dict[str, Any]:
    """For incidents/_evidence.html: the files of an incident, and what this user may do with them."""
    return {
        "evidence": list(record.of_incident(incident)),
        "may_add_evidence": may(request.roles, "add_evidence"),
        "sees_withdrawn": evidence.sees_withdrawn(request.roles),
    }


# -- taking files in ----------------------------------------------------------------------------------------------

Keep = Callable[[KeptFile], Any]


def kept(upload: UploadedFile, school: School, keep: Keep) -> tuple[Any, str]:
    """What `keep` made of a file, or why it was not kept. Nothing is left of a file that was not."""
    try:
        with files.stored(upload, school=school) as found:
            return keep(found), ""
    except ValidationError as wrong:
        return None, wrong.message
    except Refused as refused:
        return None, refused.refusals[0].text
    except record.TooMany:
        return None, evidence.FULL


def by_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def in_json(request: HttpRequest, school: School, keep: Keep, template: str, **context: Any) -> JsonResponse:
    """The answer to one file sent by script."""
    upload = request.FILES.get(FIELD)
    if upload is None:
        return JsonResponse({"wrong": "No file came with this. Choose it again."}, status=422)
    row, wrong = kept(upload, school, keep)
    if wrong:
        return JsonResponse({"wrong": wrong}, status=422)
    item = render_to_string(template, {"row": row, "editing": True, **context}, request)
    return JsonResponse({"item": item, "name": row.file.name}, status=201)


def incident_of(case: Case, reference: str) -> Incident:
    rows = case.incidents.select_related("school", "in_case__case")
    found: Incident = get_object_or_404(rows, reference=reference)
    return found


def add(request: HttpRequest, reference: str, incident_reference: str) -> HttpResponse:
    """The page on which files are given to an incident."""
    case = case_for(request, reference)
    if not may(request.roles, "add_evidence"):
        raise Http404
    incident = incident_of(case, incident_reference)
    if request.method != "POST":
        return add_page(request, case, incident)
    note = request.POST.get("note", "").replace("\0", "")[:200]

    def keep(file: KeptFile) -> Evidence:
        return evidence.add(incident, by=request.user, at=request.at, file=file, note=note)

    if by_script(request):
        may_take_out = evidence.sees_withdrawn(request.roles)
        return in_json(
            request, case.school, keep, "incidents/_evidence_item.html", case=case, incident=incident,
            may_add_evidence=True, sees_withdrawn=may_take_out,
        )  # fmt: skip
    given = request.FILES.getlist(FIELD)
    answers = [kept(upload, case.school, keep) for upload in given]
    wrong = [text for _, text in answers if text] or ([] if given else ["Choose at least one file."])
    if wrong:
        return add_page(request, case, incident, wrong=wrong, note=note, taken=len(answers) - len(wrong))
    messages.success(request, said(len(answers)))
    return redirect("incident", reference, incident_reference)


def said(count: int) -> str:
    return "The file is kept." if count == 1 else f"{count} files are kept."


def add_page(request: HttpRequest, case: Case, incident: Incident, **context: Any) -> HttpResponse:
    url = reverse("evidence_add", args=[case.reference, incident.reference])
    context |= {"case": case, "incident": incident, "upload": upload_box(url), **of_incident(request, incident)}
    return render(request, "incidents/evidence_add.html", context, status=422 if context.get("wrong") else 200)


# -- reading them, saying what they show, taking them out ---------------------------------------------------------


def row_for(request: HttpRequest, reference: str, pk: int) -> Evidence:
    """A piece of evidence that the user may see: of a case that they may see, and not taken out, unless they may do that."""
    found: Evidence = get_object_or_404(evidence.visible(visible_case(request, reference), request.roles), pk=pk)
    return found


def looked_at(request: HttpRequest, row: Evidence, what: str) -> None:
    audit.record(
        "look",
        by=request.user,
        at=request.at,
        school=row.incident.school,
        about=record.about(row),
        changes={"what": what},
    )


@require_GET
def original(request: HttpRequest, reference: str, pk: int) -> FileResponse:
    """A file as it came, as a download that cannot run."""
    row = row_for(request, reference, pk)
    looked_at(request, row, "download")
    return downloads.original(row.file)


@require_GET
def picture(request: HttpRequest, reference: str, pk: int) -> FileResponse:
    """The copy of a picture for the screen, which says nothing of where it was taken."""
    row = row_for(request, reference, pk)
    answer = downloads.picture(row.file)
    looked_at(request, row, "picture")
    return answer


def describe(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Say what a file shows: beside it, or on a page of its own."""
    row = row_for(request, reference, pk)
    if not may(request.roles, "add_evidence"):
        raise Http404
    form = NoteForm(request.POST if request.method == "POST" else None, initial={"note": row.note})
    case = row.incident.in_case.case
    if request.htmx and form.is_valid():
        evidence.describe(row, by=request.user, at=request.at, note=form.cleaned_data["note"])
        context = {"row": row, "case": case, "incident": row.incident, "editing": True, "saved": True}
        context |= {"may_add_evidence": True, "sees_withdrawn": evidence.sees_withdrawn(request.roles)}
        return render(request, "incidents/_evidence_item.html", context)
    back = reverse("incident", args=[reference, row.incident.reference])
    return answered(
        request,
        form,
        lambda told: evidence.describe(row, by=request.user, at=request.at, **told),
        done=back,
        said="Saved.",
        title="What the file shows",
        lede=row.file.name,
        submit="Save",
        back=back,
        case=case,
    )


def take_out(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Take a file out of the evidence, with the reason."""
    row = row_for(request, reference, pk)
    if not may(request.roles, "withdraw_evidence"):
        raise Http404
    back = reverse("incident", args=[reference, row.incident.reference])
    held = listed([each.incident.reference for each in evidence.everywhere(row).select_related("incident")], "and")
    of_each = f" of {held}, which were logged together" if " and " in held else ""
    return answered(
        request,
        TakeOutForm(request.POST if request.method == "POST" else None),
        lambda told: evidence.withdraw(row, by=request.user, at=request.at, **told),
        done=back,
        said=f"The file is taken out{of_each}. It stays in the record with your reason.",
        title="Take a file out",
        lede=f"{row.file.name}{', to be taken out' if of_each else ''}{of_each}",
        submit="Take it out",
        stop=True,
        back=back,
        case=row.incident.in_case.case,
    )


# -- with what is not saved yet -----------------------------------------------------------------------------------


def token_of(request: HttpRequest) -> UUID:
    """The token of the form that is being filled in; 404 for what is none."""
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError as none:
        raise Http404 from none


def keep_with_draft(request: HttpRequest, token: UUID) -> Keep:
    def keep(file: KeptFile) -> DraftFile:
        return record.add_to_draft(token, school=request.school, by=request.user, at=request.at, file=file)

    return keep


def saved_already(request: HttpRequest, token: UUID) -> bool:
    """Whether an incident has come of the form already: its draft is not begun again for a file that comes late."""
    return Incident.objects.filter(token=token, logged_by=request.user).exists()


@require_POST
def draft_file_add(request: HttpRequest) -> HttpResponse:
    """One file, sent by script while an incident is being typed."""
    school, token = school_for(request, "log_incident"), token_of(request)
    if saved_already(request, token):
        return JsonResponse({"wrong": "The incident is saved already. Add the file on its own page."}, status=422)
    try:
        return in_json(request, school, keep_with_draft(request, token), "incidents/_draft_file.html")
    except Draft.DoesNotExist as foreign:
        raise Http404 from foreign


def given_with_form(request: HttpRequest, token: UUID) -> list[str]:
    """Keep with the draft of that token the files that came together with the form; what is wrong with the others.

    For the page that logs an incident, whose form may come without script: its files are kept whatever else is wrong.
    """
    if saved_already(request, token):
        return []  # sent twice: they are evidence by now
    keep = keep_with_draft(request, token)
    return [wrong for upload in request.FILES.getlist(FIELD) if (wrong := kept(upload, request.school, keep)[1])]


def draft_file_for(request: HttpRequest, pk: int) -> DraftFile:
    """A file of one's own draft."""
    school = school_for(request, "log_incident")
    found: DraftFile = get_object_or_404(record.of_drafts(school, request.user), pk=pk)
    return found


@require_POST
def draft_file_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file away again before the incident is saved."""
    record.remove_from_draft(draft_file_for(request, pk), by=request.user, at=request.at)
    return HttpResponse(status=204)


@require_GET
def draft_file_picture(request: HttpRequest, pk: int) -> FileResponse:
    """The copy of a picture that is not evidence yet, for whoever gave it."""
    return downloads.picture(draft_file_for(request, pk).file)


urlpatterns = [
    path("cases/<slug:reference>/incidents/<slug:incident_reference>/evidence/", add, name="evidence_add"),
    path("cases/<slug:reference>/evidence/<int:pk>/original/", original, name="evidence_original"),
    path("cases/<slug:reference>/evidence/<int:pk>/picture/", picture, name="evidence_picture"),
    path("cases/<slug:reference>/evidence/<int:pk>/note/", describe, name="evidence_note"),
    path("cases/<slug:reference>/evidence/<int:pk>/take-out/", take_out, name="evidence_take_out"),
    path("log/files/", draft_file_add, name="draft_file_add"),
    path("log/files/<int:pk>/remove/", draft_file_remove, name="draft_file_remove"),
    path("log/files/<int:pk>/picture/", draft_file_picture, name="draft_file_picture"),
]
