"""One letter: what its page shows, and of a draft what still stands in its way."""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from conduct.roles import may
from conduct.templatetags.words import day_and_time
from letters import characters, kinds, wording
from letters.models import Letter
from sanctions import approvals, cases, correspondence, ladder, letter_facts, pack_facts, post
from sanctions.forms.post_room import METHOD_LABELS, IssueForm, RewordForm
from sanctions.ladder import Attempt
from sanctions.models import CaseLetter
from sanctions.views.asking import Links
from sanctions.views.post_room.served import issued_part

Page = Callable[..., HttpResponse]


def letter_seen(request: HttpRequest, pk: int) -> CaseLetter:
    """A letter that the user may see: the post room's at its school, or that of a case they may see; else 404."""
    if request.school is None:
        raise Http404
    found = CaseLetter.objects.select_related(
        "letter__school__trust", "letter__recipient", "letter__document", "letter__issued_by", "letter__signed_by",
        "letter__posted_by", "letter__supersedes", "case", "measure__case__school", "measure__adoption", "decision__by",
        "signatory", "referral",
    ).defer("letter__document__content")  # fmt: skip
    case_letter = get_object_or_404(found, letter__in=Letter.objects.filter(pk=pk, school=request.school))
    of_the_post_room = may(request.roles, "see_letters") and case_letter.letter.kind not in ladder.PACKS
    if not of_the_post_room and not sees_case(request, case_letter):
        raise Http404
    return case_letter


def sees_case(request: HttpRequest, case_letter: CaseLetter) -> bool:
    return cases.visible_to(request.user, request.at).filter(pk=case_letter.case_id).exists()


def sees_address(request: HttpRequest, row: Letter) -> bool:
    """Whether the user may see where the letter goes: of a protected address few may.

    An issued pack tells the address of the person of its case, unless that was protected by then.
    """
    if may(request.roles, "see_protected_address"):
        return True
    person = row.case_letter.case.person if pack_facts.tells_address(row) else row.recipient
    return person is None or not person.is_protected()


@require_GET
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter with its PDF, and what may be done with it."""
    case_letter = letter_seen(request, pk)
    if case_letter.letter.kind in ladder.PACKS:
        return redirect("pack_of_documents", case_letter.case.reference, pk)
    return render(request, "letters/letter.html", letter_page(request, case_letter))


def letter_page(request: HttpRequest, case_letter: CaseLetter, **given: Any) -> dict[str, Any]:
    """What the page of a letter shows; `given` are forms that come back with something wrong in them."""
    row, case = case_letter.letter, case_letter.case
    case_url = reverse("case", args=[case.reference]) if sees_case(request, case_letter) else ""
    word, tone = post.state_word(row)
    hidden = row.is_issued and not sees_address(request, row)
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
        "pdf_hidden": hidden,
    }
    if row.is_issued:
        return context | issued_part(request, case_letter, sees=not hidden) | given
    return context | draft_part(request, case_letter) | given


def about_letter(request: HttpRequest, case_letter: CaseLetter, case_url: str) -> list[dict[str, Any]]:
    """The summary of a letter, line by line."""
    row = case_letter.letter
    lines: list[tuple[str, Any]] = [
        ("To", row.to),
        ("About", about_words(case_letter)),
        ("Signed by", (row.signed_by or case_letter.signs).name),
    ]
    if row.supersedes:
        lines.append(("Replaces", row.supersedes.reference))
    if row.is_issued:
        lines += issued_lines(row)
    found: list[dict[str, Any]] = [{"key": key, "value": value} for key, value in lines]
    if case_url:
        found[1] |= {"action_url": case_url, "action_text": "Open the case"}
    return found


def about_words(case_letter: CaseLetter) -> str:
    """The case, and the measure where the letter is about one."""
    measure = case_letter.measure
    return " · ".join([case_letter.case.reference, *([measure.get_response_display()] if measure else [])])


def issued_lines(row: Letter) -> list[tuple[str, Any]]:
    assert row.document is not None
    lines = [
        ("Issued", f"{day_and_time(row.issued_at)}, by {row.issued_by}"),
        ("Sent" if row.posted_at else "To be sent", f"{METHOD_LABELS[row.method]}, {day_and_time(row.sent_at)}"),
    ]
    if row.printed_at:
        lines.append(("First printed", day_and_time(row.printed_at)))
    return [*lines, ("Fingerprint (SHA-256)", row.document.sha256[:16] + "…")]


def draft_part(request: HttpRequest, case_letter: CaseLetter) -> dict[str, Any]:
    """What a draft still needs, and the forms for whoever may word or issue it."""
    row = case_letter.letter
    lacking, method = correspondence.methods_lacking(case_letter), correspondence.usual_method(case_letter)
    facts = draft_facts(case_letter, method, request.at)
    links = places(request, case_letter)
    context: dict[str, Any] = {"unprintable": characters.unprintable(facts)}
    context["items"] = preflight(request, case_letter, facts, method, links)
    if post.state_word(row)[0] != "No longer needed":
        context |= approval_part(request, case_letter)
    if may(request.roles, "edit_wording"):
        context["unchecked"] = not wording.is_checked(row.school, row.kind)
    if may(request.roles, "edit_letter"):
        context |= words_part(row)
    if may(request.roles, "issue_letter") and post.state_word(row)[0] != "No longer needed":
        context["issue_form"] = IssueForm(at=request.at, lacking=lacking)
        context["address"] = links("person") if lacking and row.recipient_id else None
    return context


def words_part(row: Letter) -> dict[str, Any]:
    """The form for the school's own words; none for a notice that has no room for any."""
    if "extra" not in {fact.name for fact in fields(kinds.KINDS[row.kind].facts)}:
        return {}
    return {"reword_form": RewordForm(initial={"account": row.account, "extra": row.extra})}


def approval_part(request: HttpRequest, case_letter: CaseLetter) -> dict[str, Any]:
    """Whether the signatory has approved it as it stands, and whether the one who looks is the signatory."""
    mine = request.user == case_letter.signs and may(request.roles, "approve_letter")
    asks = approvals.standing(case_letter, request.at)
    asked = case_letter.letter.approval_asked_at
    waiting = asks.changed and asked is not None and asked > asks.last.at if asks.last else False
    return {"approval": asks, "signs_it": mine, "asked_again": waiting}


def draft_facts(case_letter: CaseLetter, method: str, at: datetime) -> dict[str, Any]:
    return letter_facts.facts_of(case_letter, method=method, sent_at=at, at=at)


def preflight(
    request: HttpRequest, case_letter: CaseLetter, facts: dict[str, Any], method: str, links: Links
) -> list[dict[str, Any]]:
    """Every rule of issuing, met or not; a fact that is missing is a line of its own, with where it is filled in."""
    at = request.at
    look = letter_facts.look_of(case_letter)
    told = correspondence.letter_facts(case_letter, facts, look, case_letter.signs, method=method, sent_at=at, at=at)
    situation = correspondence.situation(case_letter, by=request.user, at=at, attempt=Attempt(letter=told))
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
    """A fact that is missing, and where it is filled in; for whoever may not, who does."""
    url, words = links(gap.where) or ("", "")
    reason = HOW_IT_IS_FILLED_IN.get(gap.where, "") if url else WHO_FILLS_IN[gap.where]
    return {
        "met": False, "label": gap.label, "rule": "letter-complete", "reason": reason, "link_url": url, "link_text": words
    }  # fmt: skip


ANEW = (
    "A letter cannot change what was decided. Withdraw it or, once it runs, review it; then decide with this filled in."
)
HOW_IT_IS_FILLED_IN = {  # for whoever may, where the link alone does not say it
    "case": "It comes from the case: its incidents, its findings, the proposal.",
    "terms": f"It belongs to the terms. {ANEW}",
    "decision": f"It belongs to the decision. {ANEW}",
}
WHO_FILLS_IN = {
    "case": "It stands in the case: ask the head.",
    "terms": f"It belongs to the terms. {ANEW} Ask whoever decided.",
    "decision": f"It belongs to the decision. {ANEW} Ask whoever decided.",
    "school": "It stands in the school's settings: ask whoever looks after letters.",
    "policy": "It stands in the policy that the school follows: ask the trust.",
    "person": "It stands in the person's details: ask the office.",
    "starter": "It is one of the school's texts: ask whoever looks after letters.",
}


def places(request: HttpRequest, case_letter: CaseLetter) -> Links:
    """From where a rule is met to an address that this user may open, and its words."""
    found: dict[str, tuple[str, str]] = {}
    if may(request.roles, "edit_people"):
        about = case_letter.letter.recipient_id or case_letter.case.person_id
        found["person"] = (reverse("person_edit", args=[about]), "Change the person's details")
    if may(request.roles, "edit_school"):
        found["school"] = (reverse("school_details"), "Fill it in under School")
    if sees_case(request, case_letter):
        case = (reverse("case", args=[case_letter.case.reference]), "Open the case")
        found |= dict.fromkeys(("case", "terms", "decision", "represent", "consult"), case)
    if may(request.roles, "set_pack"):
        found["policy"] = (reverse("policy_names"), "Fill it in under Policy")
    found["gaps"] = ("#issue", "See what is missing, and where it is filled in")
    found["approval"] = ("#approve", "See what is approved")
    if may(request.roles, "edit_wording"):
        found["starter"] = (reverse("text", args=[case_letter.letter.kind]), "Word it under Texts")
    if may(request.roles, "edit_letter"):
        found["letter"] = ("#reword", "Word it yourself")
    return found.get
