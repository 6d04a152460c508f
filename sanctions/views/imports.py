"""Taking people over from a file: choose it, say what its columns are, look at what would change, give the word."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST

from conduct import audit, exporting
from conduct.importing import course, preview, reading
from conduct.importing.sample import HEADINGS, ROWS
from conduct.models import RELATIONS, Import
from conduct.roles import may
from sanctions.forms.imports import FileForm, columns_form
from sanctions.views.asking import school_for

PAGE = 25
TONES = {"done": "go", "ready": "wait", "columns": "wait", "failed": "stop"}


def imports(request: HttpRequest) -> HttpResponse:
    """Choose a file; below, the imports that there were."""
    school = school_for(request, "import_people")
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        name = form.cleaned_data["file"].name
        row = course.begin(school, name=name, text=form.text, by=request.user, at=request.at)
        return redirect("import_columns" if row.state == "columns" else "import", row.pk)
    earlier = school.imports.defer("content", "problems", "examples").select_related("by")
    page = Paginator(earlier, PAGE).get_page(request.GET.get("page"))
    rows = [{"row": row, "tone": TONES.get(row.state, "plain")} for row in page]
    context = {"form": form, "rows": rows, "page_obj": page, **places(request)}
    return render(request, "conduct/imports.html", context, status=422 if form.is_bound else 200)


def places(request: HttpRequest) -> dict[str, bool]:
    """Where the user may go from here."""
    return {"may_see_people": may(request.roles, "see_people")}


def import_for(request: HttpRequest, pk: int, *, whole: bool = False) -> Import:
    """An import of the user's school; an unknown and a foreign one are the same 404. The file itself stays behind."""
    rows = school_for(request, "import_people").imports.select_related("by", "asked_by", "school")
    return get_object_or_404(rows if whole else rows.defer("content"), pk=pk)


def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what each column is; it is remembered for the next file of this shape."""
    row = import_for(request, pk, whole=True)
    if not row.content or row.state in course.WORKING:
        return redirect("import", row.pk)
    data = request.POST if request.method == "POST" else None
    # Whoever did not bring the file sees no values of it that only some may see: addresses, before they are known as such.
    with_samples = row.by_id == request.user.pk or may(request.roles, "see_protected_address")
    form = columns_form(reading.table_of(row.content), row.columns, data, with_samples=with_samples)
    if form.is_bound and form.is_valid():
        if not course.say_columns(row, form.columns(), by=request.user, at=request.at):
            messages.warning(request, "Somebody else was quicker: this is where the import stands now.")
        return redirect("import", row.pk)
    context = {"form": form, "row": row, **places(request)}
    return render(request, "conduct/import_columns.html", context, status=422 if form.is_bound else 200)


@require_GET
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an import stands: how far it is, what would change, or what was taken over."""
    row = import_for(request, pk)
    if row.state == "columns":
        return redirect("import_columns", row.pk)
    if row.examples:
        audit.record("look", by=request.user, at=request.at, school=row.school, about=course.about(row))
    problems = Paginator(row.problems, PAGE).get_page(request.GET.get("page"))
    context = {"row": row, "page_obj": problems, **standing(row, request), **shown(row, request), **places(request)}
    return render(request, "conduct/import.html", context)


def standing(row: Import, request: HttpRequest) -> dict[str, Any]:
    """Whether a worker is at it, has not begun, or has died."""
    return {
        "working": row.state in course.WORKING,
        "stuck": course.stuck(row, request.at),
        "waiting": course.waiting(row, request.at),
        "tone": TONES.get(row.state, "plain"),
    }


def shown(row: Import, request: HttpRequest) -> dict[str, Any]:
    """The preview in the order of the page. Addresses are examples for those alone who may see a protected one: an
    address may have been protected since the file was checked."""
    counts, changed = row.counts, row.examples.get("changed", {})
    if not counts:
        return {}
    fields = counts["fields"]
    hides = "address" in fields and not may(request.roles, "see_protected_address")
    examples = {**changed, "address": []} if hides else changed
    return {
        "addresses_hidden": hides,
        "sound": row.rows - counts["not_taken"],
        "nothing": not any(counts[key] for key in ("people_new", "people_changed", "pupils_new", "pupils_changed")),
        "new_shown": row.examples.get("new", []),
        "left": row.examples.get("left", [])[:PAGE],
        "changes": [
            {"label": label, "count": fields[key], "examples": [in_words(key, *told) for told in examples.get(key, [])]}
            for key, label in preview.LABELS.items()
            if key in fields
        ],
    }


def in_words(field: str, name: str, old: str, new: str) -> dict[str, str]:
    """An example of a change as a reader knows it."""
    words = dict(RELATIONS) if field == "relation" else {}
    return {"name": name, "old": words.get(old, old), "new": words.get(new, new)}


@require_GET
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the worker is; once it is over, the page is asked to come anew."""
    row = import_for(request, pk)
    response = render(request, "conduct/_import_progress.html", {"row": row, **standing(row, request)})
    if row.state not in course.WORKING or course.stuck(row, request.at):
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
def import_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the file compared with the register anew."""
    return went_on(request, import_for(request, pk), course.check)


@require_POST
def import_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the word."""
    return went_on(request, import_for(request, pk), course.take_over)


@require_POST
def import_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the file away."""
    return went_on(request, import_for(request, pk), course.drop)


def went_on(request: HttpRequest, row: Import, deed: Any) -> HttpResponse:
    """Try one step. Whoever was too late, in another tab or after somebody else, sees where it stands."""
    if not deed(row, by=request.user, at=request.at):
        messages.warning(request, "Somebody else was quicker: this is where the import stands now.")
    return redirect("import", row.pk)


@require_GET
def import_problems(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that cannot be taken, as a file that a spreadsheet opens beside the other."""
    row = import_for(request, pk)
    rows = ((problem["row"], problem["column"], problem["words"]) for problem in row.problems)
    audit.record("look", by=request.user, at=request.at, school=row.school, about=course.about(row))
    return exporting.response(f"{slugify(row.name)}-rows-not-taken", ("Row", "Column", "What is wrong"), rows)


@require_GET
def import_sample(request: HttpRequest) -> HttpResponse:
    """A small file of the kind that is wanted."""
    school_for(request, "import_people")
    return exporting.response("people-sample", HEADINGS, ROWS)


urlpatterns = [
    path("people/import/", imports, name="imports"),
    path("people/import/sample.csv", import_sample, name="import_sample"),
    path("people/import/<int:pk>/", import_page, name="import"),
    path("people/import/<int:pk>/columns/", import_columns, name="import_columns"),
    path("people/import/<int:pk>/progress/", import_progress, name="import_progress"),
    path("people/import/<int:pk>/check/", import_check, name="import_check"),
    path("people/import/<int:pk>/take/", import_take, name="import_take"),
    path("people/import/<int:pk>/drop/", import_drop, name="import_drop"),
    path("people/import/<int:pk>/problems.csv", import_problems, name="import_problems"),
]
