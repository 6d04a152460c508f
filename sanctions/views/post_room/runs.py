"""Runs: letters taken in hand to be printed or issued together, the file for the printer, and what came of each."""

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from conduct import downloads
from conduct.ids import ids_in
from conduct.models import School
from conduct.roles import may
from conduct.templatetags.words import day_and_time
from letters import kinds, runs
from letters.models import Letter, Run, RunLetter
from letters.runs import Closed, Taken
from sanctions import post
from sanctions import runs as verbs
from sanctions.models import CaseLetter
from sanctions.standing import Refused
from sanctions.views.asking import school_for, shown
from sanctions.views.post_room.deeds import deed
from sanctions.views.post_room.letter import letter_page
from sanctions.views.post_room.queue import wanted_in

PAGE = 25
TONES = {"waiting": "wait", "working": "wait", "ready": "wait", "closed": "go", "failed": "stop"}
FATES = {"done": "go", "held": "wait", "put_back": "plain", "stale": "stop", "failed": "stop"}


# -- begun --------------------------------------------------------------------------------------------------------


@require_POST
def letters_print(request: HttpRequest) -> HttpResponse:
    """Take in hand the letters ticked, or all that are free, to print them as one file."""
    school = school_for(request, "see_letters")
    chosen, known = request.POST.getlist("ids"), ids_in(request.POST.getlist("known"))
    ids = ids_in(chosen)
    if len(ids) < len(chosen):
        raise Http404
    if "all" in request.POST:
        free = post.free_to_print(school, request.at, wanted_in(request.POST))
        ids = list(free.values_list("pk", flat=True))
    elif not ids:
        messages.warning(request, "Tick the letters to print, or print all of them.")
        return redirect("letters")
    try:
        return printing(request, school, ids, known)
    except Refused as refused:
        messages.error(request, " ".join(r.text for r in refused.refusals))
        return redirect("letters")
    except Letter.DoesNotExist as unknown:
        raise Http404 from unknown


@deed
def letter_print(request: HttpRequest, case_letter: CaseLetter) -> HttpResponse:
    """Take one letter in hand to print it."""
    row = case_letter.letter
    try:
        return printing(request, row.school, [row.pk], ids_in(request.POST.getlist("known")))
    except Refused as refused:
        context = letter_page(request, case_letter) | {"refusals": shown(refused.refusals)}
        return render(request, "letters/letter.html", context, status=422)
    except Letter.DoesNotExist:
        messages.error(request, "A draft is not printed: issue the letter first.")
        return redirect("letter", row.pk)


def printing(request: HttpRequest, school: School, ids: list[int], known: Collection[int]) -> HttpResponse:
    """Begin a run; of letters that somebody has in hand or has printed, and that are not known to be so, ask first."""
    verbs.permit_printing(request.user, school, request.at)
    asked = [pk for pk in ids if pk not in known]
    held = list(runs.in_hand(asked, request.at).filter(letter__school=school))
    printed = Letter.objects.filter(pk__in=asked, school=school, printed_at__isnull=False).order_by("reference")
    printed = list(printed.exclude(pk__in=[part.letter_id for part in held]).select_related("printed_by"))
    duplex = "duplex" in request.POST
    if held or printed:
        return asked_again(request, ids, held, printed, duplex=duplex)
    taken = verbs.begin_printing(school, ids, by=request.user, at=request.at, duplex=duplex, knowing=known)
    return begun(request, taken, nothing="Every issued letter has been printed, or somebody has it in hand.")


def asked_again(
    request: HttpRequest, ids: list[int], held: list[RunLetter], printed: list[Letter], *, duplex: bool
) -> HttpResponse:
    """Some are in somebody's hand or printed already: who has them, or printed them when; whoever wants prints them again."""
    known = {part.letter_id for part in held} | {letter.pk for letter in printed}
    context = {
        "held": held, "printed": printed, "ids": ids, "known": known, "duplex": duplex,
        "free": [pk for pk in ids if pk not in known],
    }  # fmt: skip
    return render(request, "letters/print_again.html", context)


@require_POST
def letters_issue(request: HttpRequest) -> HttpResponse:
    """Issue all drafts that their signatories have approved."""
    school = school_for(request, "see_letters")
    try:
        taken = verbs.begin_issuing(school, by=request.user, at=request.at)
    except Refused as refused:
        messages.error(request, " ".join(r.text for r in refused.refusals))
        return redirect("letters")
    return begun(request, taken, nothing="No approved draft waits to be issued, or somebody is issuing them just now.")


def begun(request: HttpRequest, taken: Taken, *, nothing: str) -> HttpResponse:
    """On to the run; what others were quicker with is said by name."""
    left = [f"{part.letter} ({part.run.by} has it since {clock_time(part.run)})" for part in taken.held]
    left += [
        f"{letter} ({letter.printed_by} printed it, {day_and_time(letter.printed_at)})" for letter in taken.printed
    ]
    if left:
        messages.warning(request, f"Not in this run: {', '.join(left)}.")
    if taken.left:
        messages.warning(request, f"A run holds {runs.MOST} letters at most: {taken.left} more are left for the next.")
    if taken.run is None:
        if not left:
            messages.info(request, nothing)
        return redirect("letters")
    return redirect("run", taken.run.pk)


def clock_time(run: Run) -> str:
    return f"{localtime(run.at):%H:%M}"


# -- looked at ----------------------------------------------------------------------------------------------------


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The runs that there were, the newest first."""
    school = school_for(request, "see_letters")
    found = (
        school.letter_runs.select_related("by")
        .annotate(letters=Count("parts"), done=Count("parts", filter=Q(parts__fate="done")))
        .order_by("-at", "-pk")
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [run_row(each, request) for each in page]
    return render(request, "letters/runs.html", {"rows": rows, "page_obj": page})


def run_row(row: Run, request: HttpRequest) -> dict[str, Any]:
    """A run with the word for where it stands."""
    stale = runs.is_stale(row, request.at)
    word = "Not confirmed in time" if stale else "Being printed" if row.stage == "ready" else row.get_stage_display()
    return {"run": row, "word": word, "tone": "stop" if stale else TONES[row.stage], "stale": stale}


def run_for(request: HttpRequest, pk: int) -> Run:
    """A run of the user's school, for those who print; an unknown and a foreign one are the same 404."""
    rows = school_for(request, "post_letter").letter_runs.select_related("by", "school")
    return get_object_or_404(rows, pk=pk)


@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a run stands: how far it is, its file, its letters, and what came of each."""
    row = run_for(request, pk)
    parts = row.parts.select_related("letter__recipient").defer("letter__facts", "letter__look")
    stale = runs.is_stale(row, request.at)
    found = [part_row(part, row, stale=stale) for part in parts]
    context = {
        **run_row(row, request),
        "rows": found,
        "open": sum(each["open"] for each in found),
        "working": row.stage in runs.UNDONE,
        "total": len(found),
        "minutes": int(runs.STALE_AFTER.total_seconds() // 60),
    }
    return render(request, "letters/run.html", context)


def part_row(part: RunLetter, row: Run, *, stale: bool) -> dict[str, Any]:
    """A letter of a run, and what came of it."""
    fate = "stale" if stale and part.fate == "held" else part.fate
    done = {"print": "Printed", "issue": "Issued"}[row.work]
    words = {"done": done, "held": "In hand" if row.work == "print" else "Waiting", "put_back": "Put back"}
    return {
        "part": part,
        "letter": part.letter,
        "kind": kinds.KINDS[part.letter.kind].short,
        "word": words.get(fate, part.get_fate_display() if fate == part.fate else "Not confirmed in time"),
        "tone": FATES[fate],
        "open": row.stage == "ready" and fate in ("held", "stale"),
    }


@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the worker is; once it is over, the page is asked to come anew."""
    row = run_for(request, pk)
    context = {"run": row, "total": row.parts.count()}
    response = render(request, "letters/_run_progress.html", context)
    if row.stage not in runs.UNDONE:
        response.headers["HX-Refresh"] = "true"
    return response


@require_GET
def pdf(request: HttpRequest, pk: int) -> FileResponse:
    """The file for the printer. That it was opened is in the audit, for each letter in it."""
    row = run_for(request, pk)
    if not row.file or not may(request.roles, "see_protected_address"):
        raise Http404
    content = row.file.open("rb")
    runs.look_at_file(row, by=request.user, at=request.at)
    return downloads.paper(content, f"letters-{localtime(row.at):%Y-%m-%d-%H%M}")


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """All printed well, but for those ticked, which go back to the queue; or, after a jam, none of them."""
    row = run_for(request, pk)
    back = ids_in(request.POST.getlist("back"))
    if "none" in request.POST:
        back = list(row.parts.values_list("pk", flat=True))
    closed = verbs.close(row, by=request.user, at=request.at, back=back)
    if closed is None:
        messages.warning(request, "Somebody else was quicker: this is what came of it.")
    else:
        tell(request, closed)
    return redirect("run", row.pk)


def tell(request: HttpRequest, closed: Closed) -> None:
    """What came of it, in words."""
    said = [f"{closed.printed} printed", *([f"{closed.put_back} put back into the queue"] if closed.put_back else [])]
    messages.success(request, f"{', '.join(said)}.")
    if closed.gone:
        gone = ", ".join(f"{part.letter}: {part.why}" for part in closed.gone)
        messages.warning(request, f"These had gone back to the queue, and on to others. Do not send them twice. {gone}")
