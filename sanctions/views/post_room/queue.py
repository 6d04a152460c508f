"""The post room's queue: which letters wait to be issued, printed and sent."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from conduct.roles import may
from letters import kinds
from letters.models import Letter
from sanctions import post
from sanctions.forms.post_room import METHOD_LABELS
from sanctions.views.asking import school_for

PAGE = 25


@require_GET
def letters(request: HttpRequest) -> HttpResponse:
    """What waits to be issued, printed and sent; and what was sent."""
    school = school_for(request, "see_letters")
    show = request.GET.get("show", "")
    numbers = post.counts(school)
    wanted = [post.BY_KEY[show]] if show in post.BY_KEY else list(post.STAGES[:4])
    sections = [section(stage, school, numbers[stage.key], request, alone=len(wanted) == 1) for stage in wanted]
    context = {
        "show": show if show in post.BY_KEY else "",
        "stages": [(stage.key, stage.label, numbers[stage.key]) for stage in post.STAGES],
        "sections": sections,
        "unprinted": numbers["to-print"],
        "batch": post.BATCH,
        "may_post": may(request.roles, "post_letter"),
    }
    return render(request, "letters/queue.html", context)


def section(stage: post.Stage, school: Any, number: int, request: HttpRequest, *, alone: bool) -> dict[str, Any]:
    """One stage on the page: alone, or as the last one of the queue, with its pages; else its first letters."""
    rows = post.letters_in(stage, school)
    paged = alone or stage.key == "sent"
    page = Paginator(rows, PAGE).get_page(request.GET.get("page")) if paged else None
    shown_rows = list(page if page is not None else rows[:PAGE])
    return {
        "stage": stage,
        "rows": [queue_row(letter) for letter in shown_rows],
        "more": 0 if paged else max(number - PAGE, 0),
        "page_obj": page,
        "query": f"show={stage.key}" if alone else "",
    }


def queue_row(letter: Letter) -> dict[str, Any]:
    word, tone = post.state_word(letter)
    return {
        "letter": letter,
        "kind": kinds.KINDS[letter.kind].short,
        "day": letter.issued_at or letter.drafted_at,
        "method": METHOD_LABELS.get(letter.method, ""),
        "word": word,
        "tone": tone,
    }
