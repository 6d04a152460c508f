"""Packs of documents: what one holds is chosen, the draft is read as it stands, and it is issued.

Only those who see the case see its packs; the post room does not.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from conduct.calendar import local_date
from conduct.roles import may
from conduct.templatetags.words import day_and_time, long_day
from letters import characters, kinds, rendering
from letters.models import Letter
from sanctions import ladder, letter_facts, packs, parking, serving
from sanctions.forms.packs import HOWS, IssuePackForm, PackForm
from sanctions.forms.post_room import SentForm
from sanctions.ladder import Refusal
from sanctions.models import Case, CaseLetter, Measure, Referral
from sanctions.standing import Refused
from sanctions.views.asking import answered, case_for
from sanctions.views.post_room import served
from sanctions.views.post_room.letter import sees_address
from sanctions.views.post_room.paper import drafted_pdf

LABELS = {"police_referral": "for the police", "trust_referral": "for the trust", "legal_referral": "for legal advice"}


def making(request: HttpRequest, reference: str, kind: str) -> Case:
    """The case, for somebody who may make a pack of that kind."""
    case = case_for(request, reference)
    if not may(request.roles, ladder.PACKS[kind]):
        raise Http404
    return case


def pack_form(
    request: HttpRequest, case: Case, kind: str, *, chosen: dict[str, Any] | None = None, addressee: str = ""
) -> PackForm:
    """The form of a pack, everything ticked at first; or as it was chosen."""
    parts = packs.parts_of(case, request.at)
    chosen = chosen or {}
    ticked = {name: chosen.get(name) or [key for key, _ in choices] for name, choices in parts.items()}
    if "incidents" in chosen:
        ticked = {name: chosen.get(name, []) for name in parts}
    initial = {
        **ticked,
        "addressee": addressee,
        "asked": chosen.get("asked") or packs.usually_asked(case, kind, request.at),
        "address": "\n".join(chosen.get("address", [])),
        "name_witnesses": chosen.get("name_witnesses", False),
    }
    data = request.POST if request.method == "POST" else None
    return PackForm(data, parts=parts, to_somebody=kind != "review_pack", initial=initial)


def referral_pack(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Make the pack that goes with a referral."""
    referral = get_object_or_404(Referral, case__reference=reference, case__school=request.school, pk=pk)
    kind = packs.KIND_OF.get(referral.to, "")
    if not kind:
        raise Http404
    case = making(request, reference, kind)
    referral.case = case
    form = pack_form(request, case, kind, addressee=packs.addressee_of(referral))
    by = {"by": request.user, "at": request.at}
    return asked_for(
        request, case, form, f"Make the pack {LABELS[kind]}",
        lambda told: packs.draft(
            referral, **by, addressee=told["addressee"], chosen=form.chosen(), supersedes=packs.replacing(referral)
        ),
    )  # fmt: skip


def review_pack(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Make the pack that whoever reviews a ban is given to read."""
    case = making(request, reference, "review_pack")
    ban = get_object_or_404(Measure.objects.select_related("adoption"), case=case, pk=pk, response="site_ban")
    ban.case = case
    form = pack_form(request, case, "review_pack")
    return asked_for(
        request, case, form, "Make the pack for the review",
        lambda told: packs.draft_for_review(ban, by=request.user, at=request.at, chosen=form.chosen()),
    )  # fmt: skip


def pack_choose(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Change what a drafted pack holds."""
    pack = pack_seen(request, reference, pk)
    kind = pack.letter.kind
    if not may(request.roles, ladder.PACKS[kind]):
        raise Http404
    form = pack_form(request, pack.case, kind, chosen=pack.chosen, addressee=pack.letter.addressee)
    return asked_for(
        request, pack.case, form, "What the pack holds",
        lambda told: packs.choose(
            pack, by=request.user, at=request.at, addressee=told.get("addressee", packs.FOR_REVIEW), chosen=form.chosen()
        ),
    )  # fmt: skip


def asked_for(request: HttpRequest, case: Case, form: PackForm, title: str, act: Any) -> HttpResponse:
    return answered(
        request, form, act, done=lambda made: reverse("pack_of_documents", args=[case.reference, made.letter_id]),
        said="Here is the draft. Read it through before you issue it.", title=title, submit="See the draft", case=case,
        lede="It lists what it holds, and what was left out. You see it as a PDF before it is issued.",
        back=reverse("case", args=[case.reference]),
    )  # fmt: skip


def pack_seen(request: HttpRequest, reference: str, pk: int) -> CaseLetter:
    """A pack of a case that the user may see; else 404."""
    case = case_for(request, reference)
    pack = get_object_or_404(packs.of_case(case), letter=pk)
    pack.case = case
    if pack.measure:
        pack.measure.case = case
    return pack


@require_GET
def pack_of_documents(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """A pack with its PDF, and what may be done with it."""
    context = pack_page(request, pack_seen(request, reference, pk))
    return render(request, "letters/pack.html", context | {"form": IssuePackForm()})


def pack_page(request: HttpRequest, pack: CaseLetter) -> dict[str, Any]:
    row = pack.letter
    facts = row.facts or letter_facts.facts_of(pack, method="hand", sent_at=request.at, at=request.at)
    may_make = may(request.roles, ladder.PACKS[row.kind])
    context = {
        "pack": pack,
        "letter": row,
        "case": pack.case,
        "kind": kinds.KINDS[row.kind],
        "pdf_hidden": row.is_issued and not sees_address(request, row),
        "rows": [{"key": key, "value": value} for key, value in about(pack, facts)],
        "left_out": facts["left_out"],
        "unprintable": "" if row.is_issued else characters.unprintable(facts),
        "may_make": may_make and not row.is_issued,
        "may_post": may_make and row.is_issued and pack.referral is not None,
        "mine": pack.signs == request.user,
        "replaced_by": row.superseded_by.filter(issued_at__isnull=False).last(),
    }
    if context["may_make"] and context["mine"]:
        context["digest"] = letter_facts.digest_of(pack, facts, letter_facts.look_of(pack))
    return context | (sent_part(request, row, may_post=context["may_post"]) if row.is_issued else {})


def sent_part(request: HttpRequest, row: Letter, *, may_post: bool) -> dict[str, Any]:
    """Each time that an issued pack was passed on, and the form to record the first."""
    sendings = list(row.sendings.select_related("scan", "by", "returned_by"))
    sees = sees_address(request, row)
    shown = [served.sending_shown(s, may_post=may_post, at=request.at, sees=sees) for s in sendings]
    asked = SentForm(letter=row, at=request.at) if may_post and not sendings else None
    return {"sendings": shown, "sent_form": asked}


def about(pack: CaseLetter, facts: dict[str, Any]) -> list[tuple[str, str]]:
    """The summary of a pack, line by line."""
    row = pack.letter
    holds = [("chronology", "line"), ("evidence", "file"), ("enclosed", "letter")]
    counted = ", ".join(f"{len(facts[name])} {what}{'' if len(facts[name]) == 1 else 's'}" for name, what in holds)
    found = [("To", row.to), ("What is asked", facts["asked"]), ("Holds", counted), ("In the name of", pack.signs.name)]
    if row.supersedes:
        found.append(("Replaces", row.supersedes.reference))
    if row.is_issued:
        assert row.document is not None
        found += [("Issued", day_and_time(row.issued_at)), ("Passed on", dict(HOWS).get(row.method, "By email"))]
        found.append(("Fingerprint (SHA-256)", row.document.sha256[:16] + "…"))
    else:
        found.append(("As it stands on", long_day(local_date(pack.letter.drafted_at))))
    return found


@require_POST
def pack_issue(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Issue a pack: it gets its reference, and its PDF becomes final."""
    pack = pack_seen(request, reference, pk)
    form = IssuePackForm(request.POST)
    return answered(
        request, form, lambda told: issued(request, pack, told),
        done=reverse("pack_of_documents", args=[reference, pk]),
        said="The pack is issued. Download it, and pass it on.", template="letters/pack.html",
        **pack_page(request, pack),
    )  # fmt: skip


@require_POST
def pack_sent(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Record how an issued pack was passed on, and the proof."""
    pack = pack_seen(request, reference, pk)
    page = pack_page(request, pack)
    if not page["may_post"]:
        raise Http404
    form = SentForm(request.POST, letter=pack.letter, at=request.at)
    return answered(
        request, form, lambda told: serving.record_sent(pack.letter, by=request.user, at=request.at, **told),
        done=reverse("pack_of_documents", args=[reference, pk]), said="It is recorded how the pack was passed on.",
        template="letters/pack.html", **page | {"sent_form": form},
    )  # fmt: skip


def issued(request: HttpRequest, pack: CaseLetter, told: dict[str, Any]) -> None:
    """Issue it. What cannot be printed is a refusal in words, and what breaks the press is set aside."""
    by: dict[str, Any] = {"by": request.user, "at": request.at}
    digest, method = request.POST.get("digest", ""), told["method"]
    try:
        parking.made_or_parked(pack, lambda: packs.issue(pack, **by, digest=digest, method=method), **by)
    except (characters.CannotPrint, rendering.IncompleteLetter) as stopped:
        pack.letter.refresh_from_db()  # it had its number in memory already
        raise Refused([Refusal("letter-complete", str(stopped), "letter")]) from stopped


@require_POST
def pack_try_again(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Make the PDF of a pack that was set aside."""
    pack = pack_seen(request, reference, pk)
    try:
        parking.try_again(pack, lambda: drafted_pdf(request, pack), by=request.user, at=request.at)
    except Refused as refused:
        messages.error(request, " ".join(each.text for each in refused.refusals))
    else:
        messages.success(request, "The PDF could be made now. The pack goes on where it stood.")
    return redirect("pack_of_documents", reference, pk)


urlpatterns = [
    path("cases/<slug:reference>/referrals/<int:pk>/pack/", referral_pack, name="referral_pack"),
    path("cases/<slug:reference>/measures/<int:pk>/review-pack/", review_pack, name="review_pack"),
    path("cases/<slug:reference>/packs/<int:pk>/", pack_of_documents, name="pack_of_documents"),
    path("cases/<slug:reference>/packs/<int:pk>/choose/", pack_choose, name="pack_choose"),
    path("cases/<slug:reference>/packs/<int:pk>/issue/", pack_issue, name="pack_issue"),
    path("cases/<slug:reference>/packs/<int:pk>/try-again/", pack_try_again, name="pack_try_again"),
    path("cases/<slug:reference>/packs/<int:pk>/sent/", pack_sent, name="pack_sent"),
]
