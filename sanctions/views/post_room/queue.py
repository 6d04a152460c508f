"""The post room's queue: which letters wait to be issued, printed and sent."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from conduct.calendar import local_date
from conduct.roles import may
from letters import kinds, runs
from letters.models import METHODS, Letter
from sanctions import post
from sanctions import runs as verbs
from sanctions.forms.post_room import METHOD_LABELS
from sanctions.post import Stage, Wanted
from sanctions.views.asking import school_for

PAGE = 25
KINDS = sorted(((key, kind.short) for key, kind in kinds.KINDS.items()), key=lambda each: each[1])


@require_GET
def letters(request: HttpRequest) -> HttpResponse:
    """What waits to be issued, printed and sent; and what was sent."""
    school = school_for(request, "see_letters")
    show, wanted = request.GET.get("show", ""), wanted_in(request.GET)
    numbers = post.counts(school, wanted)
    chosen = [post.BY_KEY[show]] if show in post.BY_KEY else usual(numbers)
    sections = [section(stage, school, numbers[stage.key], request, alone=len(chosen) == 1) for stage in chosen]
    put_in_hand([row for each in sections for _, rows in each["days"] for row in rows], request)
    latest = school.letter_runs.filter(by=request.user, work="print").first()
    context = {
        "show": show if show in post.BY_KEY else "",
        "stages": [(stage.key, stage.label, numbers[stage.key]) for stage in post.STAGES],
        "sections": sections,
        "wanted": wanted,
        "asked": urlencode(said(wanted)),
        "kinds": KINDS,
        "methods": METHODS,
        "free": post.free_to_print(school, request.at, wanted).count(),
        "approved": verbs.approved(school).count() if not wanted else 0,
        "open_runs": list(school.letter_runs.filter(runs.now_open(request.at)).select_related("by")),
        "most": runs.MOST,
        "duplex": latest is not None and latest.duplex,
        "may_post": may(request.roles, "post_letter"),
        "may_word": may(request.roles, "edit_wording"),
    }
    return render(request, "letters/queue.html", context)


def usual(numbers: dict[str, int]) -> list[Stage]:
    """The stages that a letter passes; and those that could not be made, where there are any."""
    return [stage for stage in post.STAGES[:5] if stage.key != "not-made" or numbers[stage.key]]


def wanted_in(told: Mapping[str, str]) -> Wanted:
    """What the address asks for; what it says besides is nothing."""
    kind, method = told.get("kind", ""), told.get("method", "")
    try:
        day = date.fromisoformat(told.get("day", ""))
    except ValueError:
        day = None
    return Wanted(kind if kind in kinds.KINDS else "", method if method in METHOD_LABELS else "", day)


def said(wanted: Wanted) -> dict[str, str]:
    """The same as an address says it."""
    told = {"kind": wanted.kind, "method": wanted.method, "day": wanted.day.isoformat() if wanted.day else ""}
    return {name: value for name, value in told.items() if value}


def section(stage: Stage, school: Any, number: int, request: HttpRequest, *, alone: bool) -> dict[str, Any]:
    """One stage on the page, day by day: alone, or as the last one of the queue, with its pages; else its first letters."""
    wanted = wanted_in(request.GET)
    rows = post.letters_in(stage, school, wanted)
    paged = alone or stage.key == "sent"
    page = Paginator(rows, PAGE).get_page(request.GET.get("page")) if paged else None
    shown_rows = list(page if page is not None else rows[:PAGE])
    return {
        "stage": stage,
        "days": by_day(shown_rows, stage),
        "printable": any(letter.is_issued for letter in shown_rows),
        "more": 0 if paged else max(number - PAGE, 0),
        "page_obj": page,
        "query": urlencode(({"show": stage.key} if alone else {}) | said(wanted)),
    }


def by_day(letters: Iterable[Letter], stage: Stage) -> list[tuple[date, list[dict[str, Any]]]]:
    """The rows under the day on which they came into the stage."""
    days = groupby(letters, lambda letter: local_date(getattr(letter, stage.moment)))
    return [(day, [queue_row(letter) for letter in found]) for day, found in days]


def queue_row(letter: Letter) -> dict[str, Any]:
    word, tone = post.state_word(letter)
    return {
        "letter": letter,
        "kind": kinds.KINDS[letter.kind].short,
        "method": METHOD_LABELS.get(letter.method, ""),
        "word": word,
        "tone": tone,
    }


def put_in_hand(rows: list[dict[str, Any]], request: HttpRequest) -> None:
    """Of letters that somebody has in hand the row says who, and since when."""
    hands = {part.letter_id: part.run for part in runs.in_hand([row["letter"].pk for row in rows], request.at)}
    for row in rows:
        row["run"] = hands.get(row["letter"].pk)
