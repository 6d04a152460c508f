"""The texts of a school's letters: what they say, how they print, their versions, who has looked at them."""

from dataclasses import fields
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from conduct import audit
from conduct.models import School
from letters import characters, outline, placeholders, press, starters, wording
from letters.comparing import Part, compared
from letters.kinds import KINDS
from letters.models import Wording, WordingChecked
from sanctions import parking
from sanctions import texts as verbs
from sanctions.forms.texts import ALSO_UNDER_SCHOOL, BackForm, CheckedForm, TextsForm
from sanctions.standing import Refused
from sanctions.views.asking import ShownRefusal, answered, school_for, shown
from sanctions.views.post_room.paper import as_pdf

PAGE = 25


def worded(request: HttpRequest, kind: str) -> School:
    """The school whose texts the user may word; else, or of an unknown kind, there is no such page."""
    school = school_for(request, "edit_wording")
    if kind not in starters.kinds():
        raise Http404
    return school


@require_GET
def texts(request: HttpRequest) -> HttpResponse:
    """Every kind of letter, with the version in force and whether somebody has looked at it."""
    school = school_for(request, "edit_wording")
    versions, checks = wording.all_in_force(school), wording.checks(school)
    rows = [{"kind": KINDS[k], "version": versions.get(k), "check": checks.get(k)} for k in starters.kinds()]
    context = {"rows": rows, "unchecked": sum(1 for row in rows if row["check"] is None)}
    return render(request, "letters/texts.html", context)


def text(request: HttpRequest, kind: str) -> HttpResponse:
    """The texts of one kind in their places in the letter, to be worded; its PDF beside them; its versions."""
    school, refusals, differences = worded(request, kind), [], []
    last = wording.in_force(school, kind)
    form = form_of(request, school, kind, last)
    if request.method == "POST" and form.is_valid():
        told = {"texts": form.texts(), "follows": form.cleaned_data["follows"], "note": form.cleaned_data["note"]}
        try:
            made = verbs.change(school, kind, by=request.user, at=request.at, **told)
        except Refused as refused:
            last = wording.in_force(school, kind)
            refusals, differences = (
                shown(refused.refusals),
                difference(kind, wording.texts_in(kind, last), form.texts()),
            )
            form.follow(last.number if last else 0)
        else:
            messages.success(request, f"Version {made.number} is saved." if made else "Nothing was changed.")
            return redirect("text", kind)
    return text_page(request, school, kind, form, last, refusals=refusals, differences=differences)


def form_of(request: HttpRequest, school: School, kind: str, last: Wording | None) -> TextsForm:
    also = {name: getattr(school, field).strip() for name, field in ALSO_UNDER_SCHOOL.items()}
    data = request.POST if request.method == "POST" else None
    number = last.number if last else 0
    return TextsForm(data, kind=kind, texts=wording.texts_in(kind, last), number=number, also=also)


def text_page(
    request: HttpRequest, school: School, kind: str, form: TextsForm, last: Wording | None,
    *, refusals: list[ShownRefusal], differences: list[dict[str, Any]],
) -> HttpResponse:  # fmt: skip
    said = wording.texts_in(kind, last)
    digest = wording.digest(kind, said)
    looked = WordingChecked.objects.filter(school=school, kind=kind, digest=digest).select_related("by").last()
    versions = Wording.objects.filter(school=school, kind=kind).select_related("by")
    context = {
        "kind": KINDS[kind],
        "form": form,
        "laid": list(form.laid(outline.pieces(kind, verbs.sample_facts(school, kind, request.at, said)))),
        "placeholders": placeholders.of(KINDS[kind].facts).values(),
        "last": last,
        "check": looked,
        "page_obj": Paginator(versions, PAGE).get_page(request.GET.get("page")),
        "refusals": refusals,
        "differences": differences,
    }
    wrong = bool(refusals) or (form.is_bound and bool(form.errors))
    return render(request, "letters/text.html", context, status=422 if wrong else 200)


def text_pdf(request: HttpRequest, kind: str) -> HttpResponse:
    """A sample of the letter: in the texts in force, or, posted, in those that stand in the form and are not saved."""
    school = worded(request, kind)
    form = form_of(request, school, kind, wording.in_force(school, kind))
    if request.method == "POST" and not form.is_valid():
        return not_shown(f"{form.fields[name].label}: {' '.join(map(str, e))}" for name, e in form.errors.items())
    try:
        pdf = verbs.sample(school, kind, request.at, texts=form.texts() if form.is_bound else None)
    except (characters.CannotPrint, press.Stopped, press.OutOfOrder) as lost:
        return not_shown([parking.why_not(lost)])
    audit.record("look_at_sample", by=request.user, at=request.at, school=school, about=kind)
    return as_pdf(pdf, f"sample-{kind}")


def not_shown(why: Any) -> HttpResponse:
    words = "\n".join(["It cannot be shown like this:", *why])
    return HttpResponse(words, status=422, content_type="text/plain; charset=utf-8")


# -- versions -----------------------------------------------------------------------------------------------------


def difference(kind: str, was: dict[str, str], now: dict[str, str]) -> list[dict[str, Any]]:
    """The texts that differ, each word by word."""
    labels = {field.name: field.metadata["label"] for field in fields(KINDS[kind].facts)}
    changed = [name for name, words in was.items() if now[name] != words]
    found: list[dict[str, Any]] = []
    for name in changed:
        parts: list[Part] = compared(was[name], now[name])
        found.append({"label": labels[name], "parts": parts})
    return found


def version_of(school: School, kind: str, number: str | int) -> Wording | None:
    """A version by its number, none for the starters; else there is no such page."""
    try:
        return verbs.version(school, kind, int(number))
    except (ValueError, OverflowError, Wording.DoesNotExist) as unknown:
        raise Http404 from unknown


@require_GET
def text_compare(request: HttpRequest, kind: str) -> HttpResponse:
    """What became of the texts from one version to another; 0 is the starters."""
    school = worded(request, kind)
    last = wording.in_force(school, kind)
    newest = last.number if last else 0
    was = version_of(school, kind, request.GET.get("from", max(newest - 1, 0)))
    now = version_of(school, kind, request.GET.get("to", newest))
    context = {
        "kind": KINDS[kind],
        "was": was,
        "now": now,
        "newest": newest,
        "numbers": range(newest + 1),
        "differences": difference(kind, wording.texts_in(kind, was), wording.texts_in(kind, now)),
    }
    return render(request, "letters/text_compare.html", context)


def text_back(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Ask, then go back to what a version said: as a further version."""
    school = worded(request, kind)
    earlier, last = version_of(school, kind, number), wording.in_force(school, kind)
    name = f"version {earlier.number}" if earlier else "the starter texts"
    return answered(
        request, BackForm(request.POST or None, initial={"follows": last.number if last else 0}),
        lambda told: verbs.go_back(school, kind, by=request.user, at=request.at, number=number, **told),
        done=reverse("text", args=[kind]), said=f"The letters say what {name} said, as a further version.",
        title=f"Go back to {name}?", lede="Drafts say it so from then on. Letters that are issued stay as they are.",
        submit="Go back to it", back=reverse("text", args=[kind]), back_text=KINDS[kind].short,
    )  # fmt: skip


# -- have them checked --------------------------------------------------------------------------------------------


def texts_checked(request: HttpRequest) -> HttpResponse:
    """Say who has looked at the texts of a kind, or of all that nobody has looked at, as they stand."""
    school = school_for(request, "edit_wording")
    now, kind = wording.digests(school), request.GET.get("kind", "")
    wanted = [kind] if kind in now else wording.unchecked(school)
    seen = " ".join(f"{each}:{now[each]}" for each in wanted)
    names = ", ".join(KINDS[each].short for each in wanted)

    def confirm(told: dict[str, Any]) -> None:
        verbs.confirm(school, told["seen"], by=request.user, at=request.at, **told)

    return answered(
        request, CheckedForm(request.POST or None, initial={"seen": seen}), confirm, done=reverse("texts"),
        said="It is kept who has looked at them. When a text changes, you are reminded again.",
        title="The texts have been looked at", lede=names or "Every text has been looked at as it stands now.",
        submit="Keep this", back=reverse("texts"), back_text="Texts",
    )  # fmt: skip


urlpatterns = [
    path("letters/texts/", texts, name="texts"),
    path("letters/texts/looked-at/", texts_checked, name="texts_checked"),
    path("letters/texts/<str:kind>/", text, name="text"),
    path("letters/texts/<str:kind>/pdf/", text_pdf, name="text_pdf"),
    path("letters/texts/<str:kind>/compare/", text_compare, name="text_compare"),
    path("letters/texts/<str:kind>/back/<int:number>/", text_back, name="text_back"),
]
