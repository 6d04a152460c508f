"""The lists of incidents, cases and people; the views of them that somebody saved; and a list as a file."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from conduct import audit, exporting, saved_views
from conduct.calendar import local_date
from conduct.listing import A_PAGE, BoundedPaginator, Listing, Scope, State
from conduct.roles import may
from sanctions.forms.lists import ViewNameForm
from sanctions.lists import of_cases, of_incidents, of_people
from sanctions.lists.table import Table
from sanctions.views.asking import school_for

TABLES = {table.listing.name: table for table in (of_incidents.TABLE, of_cases.TABLE, of_people.TABLE)}


def opened(request: HttpRequest, name: str, *deeds: str) -> tuple[Table, Scope]:
    """The list of that name and for whom it is made; 404 for who may not see it, or not do these deeds as well."""
    table = TABLES.get(name)
    if table is None or not all(may(request.roles, deed) for deed in deeds):
        raise Http404
    return table, Scope(school_for(request, *table.deeds), request.user, request.at)


def address(listing: Listing, query: str) -> str:
    return f"{reverse(listing.name)}?{query}" if query else reverse(listing.name)


# -- the lists ----------------------------------------------------------------------------------------------------


@require_GET
def incident_list(request: HttpRequest) -> HttpResponse:
    """The incidents that the user may see at this school, the newest first."""
    return listed(request, "incidents")


@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """The cases that the user may see at this school, the newest first; open ones unless asked otherwise."""
    return listed(request, "cases")


@require_GET
def people_list(request: HttpRequest) -> HttpResponse:
    """Everybody the school has written down, by name."""
    return listed(request, "people")


def listed(request: HttpRequest, name: str) -> HttpResponse:
    """A page of a list as the address asks for it."""
    table, scope = opened(request, name)
    rows, state = table.asked(table.listing.read(request.GET.dict(), scope))
    page = BoundedPaginator(rows, A_PAGE).get_page(request.GET.get("page"))
    views = views_of(state)
    context = {
        "table": table,
        "state": state,
        "page_obj": page,
        "rows": table.shown(page.object_list, scope),
        "views": views,
        "may_keep": bool(state.query()) and not any(view["shown"] for view in views),
        "any": bool(page.paginator.count) or (not state.narrowed and table.visible(scope).exists()),
        "may_export": may(request.roles, "export_lists"),
        "may_log": may(request.roles, "log_incident"),
    }
    return render(request, table.template, context)


def views_of(state: State) -> list[dict[str, Any]]:
    """The user's saved views of a list, each read anew, with whether it is what is shown."""
    scope, listing = state.scope, state.listing
    found = []
    for view in saved_views.of(scope.user, scope.school).filter(page=listing.name):
        query = listing.read(dict(parse_qsl(view.query)), scope).query()
        found.append({"view": view, "query": query, "shown": query == state.query()})
    return found


# -- saved views --------------------------------------------------------------------------------------------------


def view_save(request: HttpRequest, name: str) -> HttpResponse:
    """Keep the list as it stands, under a name."""
    table, scope = opened(request, name)
    state = table.listing.read(request.GET.dict(), scope)
    query = state.query()

    def act(called: str) -> None:
        saved_views.save(name, by=request.user, school=scope.school, at=request.at, name=called, query=query)

    return named(
        request, act, address(table.listing, query), said="The view is saved. It stands above the list.",
        title="Save this view", back_text=table.title, lede=words_of(state), submit="Save the view", initial="",
    )  # fmt: skip


def view_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a view of one's own, or delete it."""
    if request.school is None:
        raise Http404
    view = get_object_or_404(saved_views.of(request.user, request.school), pk=pk)
    table, scope = opened(request, view.page)
    if request.method == "POST" and "delete" in request.POST:
        saved_views.delete(view, by=request.user, at=request.at)
        messages.success(request, f"The view “{view.name}” is deleted. Nothing that it showed is.")
        return redirect(address(table.listing, ""))
    state = table.listing.read(dict(parse_qsl(view.query)), scope)

    def act(called: str) -> None:
        saved_views.rename(view, by=request.user, at=request.at, name=called)

    return named(
        request, act, address(table.listing, state.query()), said="The view has its new name.",
        title="Rename or delete a view", back_text=table.title, lede=words_of(state), submit="Rename it", initial=view.name,
        also_submit="Delete this view", also_name="delete",
    )  # fmt: skip


def named(
    request: HttpRequest, act: Callable[[str], None], back: str, *, said: str, initial: str, **context: Any
) -> HttpResponse:
    """The form that asks for a view's name; with everything still in it when the name cannot be had."""
    form = ViewNameForm(request.POST if request.method == "POST" else None, initial={"name": initial})
    if form.is_valid():
        try:
            act(form.cleaned_data["name"])
        except saved_views.Unkept as unkept:
            form.add_error("name", str(unkept))
        else:
            messages.success(request, said)
            return redirect(back)
    context |= {"form": form, "back": back}
    return render(request, "components/form_page.html", context, status=422 if form.errors else 200)


def words_of(state: State) -> str:
    """What a view shows, in one sentence."""
    return "It shows: " + ("; ".join(state.in_words) or "the whole list") + f". {state.order_words}"


# -- a list as a file ---------------------------------------------------------------------------------------------


def export(request: HttpRequest, name: str) -> HttpResponseBase:
    """A list as a CSV file: first what will be in it and how many rows; then, on a word, the file itself."""
    table, scope = opened(request, name, "export_lists")
    rows, state = table.asked(table.listing.read(request.GET.dict(), scope))
    numbers = list(rows.values_list("pk", flat=True)[: exporting.MOST_ROWS + 1])
    too_many = len(numbers) > exporting.MOST_ROWS
    if request.method == "POST" and numbers and not too_many:
        told = {"asked": state.in_words, "rows": len(numbers)}
        audit.record(
            "export_list", by=request.user, at=request.at, school=scope.school, about=f"list of {name}", changes=told
        )
        file = f"{name}-{scope.school.slug}-{local_date(request.at).isoformat()}"
        return exporting.response(file, table.columns, table.lines(numbers, scope))
    context = {
        "table": table,
        "state": state,
        "number": len(numbers),
        "too_many": too_many,
        "most": exporting.MOST_ROWS,
        "back": address(table.listing, state.query()),
    }
    return render(request, "components/list_export.html", context, status=422 if request.method == "POST" else 200)


urlpatterns = [
    path("incidents/", incident_list, name="incidents"),
    path("cases/", case_list, name="cases"),
    path("people/", people_list, name="people"),
    path("lists/<slug:name>/save/", view_save, name="view_save"),
    path("lists/<slug:name>/export/", export, name="list_export"),
    path("lists/views/<int:pk>/", view_change, name="view_change"),
]
