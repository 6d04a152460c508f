"""The post room: the queue of letters, one letter with its PDF, issuing, printing, and the proof of sending."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from conduct import audit
from conduct.ids import ids_in
from conduct.roles import may
from conduct.templatetags.words import day_and_time, long_day
from letters import kinds, rendering, service
from letters.models import METHODS, Letter
from sanctions import cases, contents, correspondence, ladder, post
from sanctions.forms.post_room import METHOD_LABELS, IssueForm, RewordForm, SentForm
from sanctions.ladder import Attempt, Refusal
from sanctions.models import CaseLetter
from sanctions.situation import read
from sanctions.standing import Refused
from sanctions.views.asking import Links, answered, school_for, shown

PAGE = 25
Page = Callable[..., HttpResponse]

# -- the queue ----------------------------------------------------------------------------------------------------


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


# -- one letter ---------------------------------------------------------------------------------------------------


def letter_seen(request: HttpRequest, pk: int) -> CaseLetter:
    """A letter that the user may see: the post room's at its school, or that of a case they may see; else 404."""
    if request.school is None:
        raise Http404
    found = CaseLetter.objects.select_related(
        "letter__school__trust", "letter__recipient", "letter__document", "letter__issued_by", "letter__signed_by",
        "letter__posted_by", "letter__supersedes", "case", "measure__case__school", "measure__adoption", "decision__by",
    ).defer("letter__document__pdf")  # fmt: skip
    case_letter = get_object_or_404(found, letter__in=Letter.objects.filter(pk=pk, school=request.school))
    if not may(request.roles, "see_letters") and not sees_case(request, case_letter):
        raise Http404
    return case_letter


def sees_case(request: HttpRequest, case_letter: CaseLetter) -> bool:
    return cases.visible_to(request.user, request.at).filter(pk=case_letter.case_id).exists()


def sees_address(request: HttpRequest, row: Letter) -> bool:
    """Whether the user may see where the letter goes: of a protected address few may."""
    return may(request.roles, "see_protected_address") or not row.recipient.is_protected()


@require_GET
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter with its PDF, and what may be done with it."""
    case_letter = letter_seen(request, pk)
    return render(request, "letters/letter.html", letter_page(request, case_letter))


def letter_page(request: HttpRequest, case_letter: CaseLetter, **given: Any) -> dict[str, Any]:
    """What the page of a letter shows; `given` are forms that come back with something wrong in them."""
    row, case = case_letter.letter, case_letter.case
    case_url = reverse("case", args=[case.reference]) if sees_case(request, case_letter) else ""
    word, tone = post.state_word(row)
    context = {
        "letter": row,
        "case_letter": case_letter,
        "kind": kinds.KINDS[row.kind],
        "word": word,
        "tone": tone,
        "case_url": case_url,
        "to_letters": may(request.roles, "see_letters"),
        "rows": about_letter(request, case_letter, case_url),
        "may_post": may(request.roles, "post_letter"),
        "replaced_by": row.superseded_by.order_by("pk").last(),
        "pdf_url": reverse("letter_pdf", args=[row.pk]),
        "pdf_hidden": row.is_issued and not sees_address(request, row),
    }
    part = issued_part if row.is_issued else draft_part
    return context | part(request, case_letter) | given


def about_letter(request: HttpRequest, case_letter: CaseLetter, case_url: str) -> list[dict[str, Any]]:
    """The summary of a letter, line by line."""
    row = case_letter.letter
    lines: list[tuple[str, Any]] = [
        ("To", str(row.recipient)),
        ("About", f"{case_letter.case.reference} · {case_letter.measure.get_response_display()}"),
        ("Signed by", (row.signed_by or case_letter.decision.by).name),
    ]
    if row.supersedes:
        lines.append(("Replaces", row.supersedes.reference))
    if row.is_issued:
        lines += issued_lines(row)
    found: list[dict[str, Any]] = [{"key": key, "value": value} for key, value in lines]
    if case_url:
        found[1] |= {"action_url": case_url, "action_text": "Open the case"}
    return found


def issued_lines(row: Letter) -> list[tuple[str, Any]]:
    received = row.received
    assert received is not None
    assert row.document is not None
    lines = [
        ("Issued", f"{day_and_time(row.issued_at)}, by {row.issued_by}"),
        ("Sent" if row.posted_at else "To be sent", f"{METHOD_LABELS[row.method]}, {day_and_time(row.sent_at)}"),
        ("Taken as received", f"{long_day(received.on)}\n{received.how}"),
    ]
    if row.printed_at:
        lines.append(("First printed", day_and_time(row.printed_at)))
    if row.posted_at:
        proof = " · ".join(part for part in (row.get_proof_display(), row.proof_note) if part)
        lines.append(("Proof", f"{proof}\nMarked {day_and_time(row.posted_at)} by {row.posted_by}"))
    return [*lines, ("Fingerprint (SHA-256)", row.document.sha256[:16] + "…")]


def issued_part(request: HttpRequest, case_letter: CaseLetter) -> dict[str, Any]:
    row = case_letter.letter
    if row.posted_at is not None or not may(request.roles, "post_letter"):
        return {}
    return {"sent_form": SentForm(letter=row, at=request.at)}


def draft_part(request: HttpRequest, case_letter: CaseLetter) -> dict[str, Any]:
    """What a draft still needs, and the forms for whoever may word or issue it."""
    row = case_letter.letter
    lacking = methods_lacking(case_letter)
    method = next((m for m, _ in METHODS if m not in lacking), "post")
    facts = draft_facts(case_letter, method, request.at)
    links = places(request, case_letter)
    context: dict[str, Any] = {"unprintable": rendering.unprintable(facts)}
    context["items"] = preflight(request, case_letter, facts, method, links)
    if may(request.roles, "edit_letter"):
        context["reword_form"] = RewordForm(initial={"account": row.account, "extra": row.extra})
    if may(request.roles, "issue_letter") and post.state_word(row)[0] == "To issue":
        context["issue_form"] = IssueForm(at=request.at, lacking=lacking)
        context["address"] = links("person") if lacking else None
    return context


def draft_facts(case_letter: CaseLetter, method: str, at: datetime) -> dict[str, Any]:
    return contents.facts_of(case_letter, method=method, sent_at=at, at=at)


def methods_lacking(case_letter: CaseLetter) -> dict[str, str]:
    """The ways of sending that are not possible yet, each with what the person still needs."""
    person = contents.of_recipient(case_letter.letter.recipient)
    gaps = {m: kinds.recipient_gap({**person, "method": m}) for m, _ in METHODS}
    words = {"post": "a postal address", "email": "an email address", "hand": "a name or a description"}
    return {m: words[m] for m, gap in gaps.items() if gap}


def preflight(
    request: HttpRequest, case_letter: CaseLetter, facts: dict[str, Any], method: str, links: Links
) -> list[dict[str, Any]]:
    """Every rule of issuing, met or not; a fact that is missing is a line of its own, with where it is filled in."""
    about, at = case_letter.decision, request.at
    told = correspondence.letter_facts(case_letter, facts, about.by, method=method, sent_at=at, at=at)
    situation = read(case_letter.measure, by=request.user, at=at, attempt=Attempt(letter=told))
    items = []
    # The time for a reply is asked only of the letter that opens a provisional ban: of others there is no such line.
    provisional = case_letter.letter.kind == "provisional_ban"
    for guard in (g for g in ladder.LETTER if g.rule != "dated" or provisional):
        text = guard.check(situation)
        if text and guard.rule == "letter-complete":
            items += [gap_item(gap, links) for gap in kinds.missing(case_letter.letter.kind, facts)]
            continue
        url, link = (links(guard.place) or ("", "")) if text else ("", "")
        items.append(
            {
                "met": not text,
                "label": guard.label,
                "reason": text,
                "rule": guard.rule,
                "link_url": url,
                "link_text": link,
            }
        )
    return items


def gap_item(gap: kinds.Missing, links: Links) -> dict[str, Any]:
    url, words = links(gap.where) or ("", "")
    reason = "" if url else WHO_FILLS_IN.get(gap.where, "")
    return {
        "met": False, "label": gap.label, "rule": "letter-complete", "reason": reason, "link_url": url, "link_text": words
    }  # fmt: skip


WHO_FILLS_IN = {
    "case": "It stands in the case: ask the head.",
    "terms": "It stands in the terms that were decided: ask whoever decided.",
    "decision": "It stands in the decision: ask whoever decided.",
    "school": "It stands in the school's settings: ask whoever looks after letters.",
    "person": "It stands in the person's details: ask the office.",
    "starter": "It is part of the starter texts: ask whoever looks after Conduct.",
}


def places(request: HttpRequest, case_letter: CaseLetter) -> Links:
    """From where a rule is met to an address that this user may open, and its words."""
    found: dict[str, tuple[str, str]] = {}
    if may(request.roles, "edit_people"):
        found["person"] = (
            reverse("person_edit", args=[case_letter.letter.recipient_id]),
            "Change the person's details",
        )
    if may(request.roles, "edit_school"):
        found["school"] = (reverse("school_details"), "Fill it in under School")
    if sees_case(request, case_letter):
        case = (reverse("case", args=[case_letter.case.reference]), "Open the case")
        found |= dict.fromkeys(("case", "terms", "decision", "represent", "consult"), case)
    if may(request.roles, "edit_letter"):
        found["letter"] = ("#reword", "Word it yourself")
    return found.get


# -- what is done with it -----------------------------------------------------------------------------------------


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
    form = IssueForm(request.POST, at=request.at, lacking=methods_lacking(case_letter))
    return tried(
        request, case_letter, form, "issue_form", lambda told: issue(request, case_letter, told),
        said="The letter is issued. Print it, send it, and mark it as sent.",
    )  # fmt: skip


def issue(request: HttpRequest, case_letter: CaseLetter, told: dict[str, Any]) -> None:
    """Issue in the name of whoever decided. What cannot be printed is a refusal in words."""
    try:
        correspondence.issue(case_letter, by=request.user, at=request.at, signed_by=case_letter.decision.by, **told)
    except (rendering.CannotPrint, rendering.IncompleteLetter) as stopped:
        case_letter.letter.refresh_from_db()  # it had its number in memory already
        raise Refused([Refusal("letter-complete", str(stopped), "letter")]) from stopped


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
        request, case_letter, form, "sent_form", lambda told: correspondence.record_sent(row, **by, **told),
        said=f"{row.reference} is marked as sent.",
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


# -- the PDF, and printing ----------------------------------------------------------------------------------------


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
        except rendering.CannotPrint as lost:
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
    return rendering.render(case_letter.letter.kind, facts, draft=True)


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


urlpatterns = [
    path("letters/", letters, name="letters"),
    path("letters/print/", letters_print, name="letters_print"),
    path("letters/<int:pk>/", letter, name="letter"),
    path("letters/<int:pk>/pdf/", letter_pdf, name="letter_pdf"),
    path("letters/<int:pk>/reword/", letter_reword, name="letter_reword"),
    path("letters/<int:pk>/issue/", letter_issue, name="letter_issue"),
    path("letters/<int:pk>/print/", letter_print, name="letter_print"),
    path("letters/<int:pk>/posted/", letter_posted, name="letter_posted"),
    path("letters/<int:pk>/replace/", letter_replace, name="letter_replace"),
]
