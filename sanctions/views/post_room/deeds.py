"""What is done with one letter: it is worded, issued, replaced."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from letters import characters, rendering
from sanctions import approvals, correspondence, parking
from sanctions.forms.post_room import IssueForm, RewordForm
from sanctions.ladder import Refusal
from sanctions.models import CaseLetter
from sanctions.standing import Refused
from sanctions.views.asking import answered
from sanctions.views.post_room.letter import (
    letter_page,
    letter_seen,
    places,
)

Page = Callable[..., HttpResponse]


def deed(view: Page) -> Page:
    """A form of the letter's page posts here; whoever comes by GET, after signing in again say, is led to the page."""

    @wraps(view)
    def led(request: HttpRequest, pk: int) -> HttpResponse:
        return view(request, letter_seen(request, pk)) if request.method == "POST" else redirect("letter", pk)

    return led


def tried(
    request: HttpRequest, case_letter: CaseLetter, form: Any, name: str, act: Callable[[dict[str, Any]], object],
    *, said: str, done: Any = None,
) -> HttpResponse:  # fmt: skip
    """Answer one of the page's forms: on to the letter, or the page again with everything that was typed."""
    page = letter_page(request, case_letter, **({name: form} if name else {}))
    here = reverse("letter", args=[case_letter.letter_id])
    return answered(
        request, form, act, done=done or here, said=said, template="letters/letter.html",
        links=places(request, case_letter), **page,
    )  # fmt: skip


@deed
def letter_reword(request: HttpRequest, case_letter: CaseLetter) -> HttpResponse:
    """Word the two passages that are the school's own."""
    form = RewordForm(request.POST)
    by = {"by": request.user, "at": request.at}
    return tried(
        request, case_letter, form, "reword_form",
        lambda told: correspondence.reword(case_letter, **by, **told), said="The draft says it in these words now.",
    )  # fmt: skip


@deed
def letter_issue(request: HttpRequest, case_letter: CaseLetter) -> HttpResponse:
    """Issue a draft: it gets its reference, and its PDF becomes final."""
    form = IssueForm(request.POST, at=request.at, lacking=correspondence.methods_lacking(case_letter))
    return tried(
        request, case_letter, form, "issue_form", lambda told: issue(request, case_letter, told),
        said="The letter is issued. Print it, send it, and mark it as sent.",
    )  # fmt: skip


def issue(request: HttpRequest, case_letter: CaseLetter, told: dict[str, Any]) -> None:
    """Issue in the name of whoever signs; when they do it themselves, pressing the button approves it as it stood.

    What cannot be printed is a refusal in words, and what breaks the press is set aside.
    """
    by: dict[str, Any] = {"by": request.user, "at": request.at}

    @transaction.atomic
    def approve_and_issue() -> None:
        if request.user == case_letter.signs:
            approvals.approve(case_letter, **by, digest=request.POST.get("digest", ""))
        correspondence.issue(case_letter, signed_by=case_letter.signs, **by, **told)

    try:
        parking.made_or_parked(case_letter, approve_and_issue, **by)
    except (characters.CannotPrint, rendering.IncompleteLetter) as stopped:
        case_letter.letter.refresh_from_db()  # it had its number in memory already
        raise Refused([Refusal("letter-complete", str(stopped), "letter")]) from stopped
    except Refused as refused:
        if request.user != case_letter.signs:
            approvals.asked_when_refused(case_letter, refused, **by)
        raise


@deed
def letter_approve(request: HttpRequest, case_letter: CaseLetter) -> HttpResponse:
    """The signatory approves the draft as they have read it."""
    digest = request.POST.get("digest", "")
    return tried(
        request, case_letter, nothing_asked(request), "",
        lambda _: approvals.approve(case_letter, by=request.user, at=request.at, digest=digest),
        said="Approved as it stands. It can be issued now; if anything in it changes, you are asked again.",
    )  # fmt: skip


@deed
def letter_ask_again(request: HttpRequest, case_letter: CaseLetter) -> HttpResponse:
    """Ask the signatory to approve what has changed."""
    return tried(
        request, case_letter, nothing_asked(request), "",
        lambda _: approvals.ask_again(case_letter, by=request.user, at=request.at),
        said=f"It stands on the Today page of {case_letter.signs} again.",
    )  # fmt: skip


@deed
def letter_replace(request: HttpRequest, case_letter: CaseLetter) -> HttpResponse:
    """This letter is wrong: draft one that replaces it."""
    row = case_letter.letter
    return tried(
        request, case_letter, nothing_asked(request), "",
        lambda _: correspondence.redraft(row, by=request.user, at=request.at),
        done=lambda made: reverse("letter", args=[made.letter_id]),
        said=f"This draft replaces {row.reference} once it is issued. Put right what was wrong, then issue it.",
    )  # fmt: skip


def nothing_asked(request: HttpRequest) -> Any:
    """A form without questions: pressing the button is the answer."""
    return forms.Form(request.POST)
