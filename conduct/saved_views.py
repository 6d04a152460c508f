"""Lists as somebody likes to see them, under names of their own: theirs alone, at one school.

What is kept is the query of an address. It is read anew each time that it is used, as any address is.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from conduct import audit
from conduct.models import SavedView, School, User

MOST = 20  # of one list: more are no shortcut any more


class Unkept(Exception):
    """A view cannot be kept like this; says why, and what to do."""


def of(user: User, school: School) -> QuerySet[SavedView]:
    """The user's own views at a school, by name."""
    return SavedView.objects.filter(user=user, school=school)


@transaction.atomic
def save(page: str, *, by: User, school: School, at: datetime, name: str, query: str) -> SavedView:
    """Keep a state of a list under a name. Unkept when the name is taken, there are too many, or it says too much."""
    User.objects.select_for_update().get(pk=by.pk)  # two clicks at once count each other
    own = of(by, school).filter(page=page)
    if own.count() >= MOST:
        raise Unkept(f"You have {MOST} views of this list already. Delete one that you no longer need.")
    if len(query) > SavedView._meta.get_field("query").max_length:
        raise Unkept("The words you search for are too long to be kept. Shorten them, then save the view.")
    name = free_name(own, name)
    view = SavedView.objects.create(user=by, school=school, page=page, name=name, query=query)
    audit.record("save_view", by=by, at=at, school=school, about=f"view {view.pk}", changes={"page": page})
    return view


@transaction.atomic
def rename(view: SavedView, *, by: User, at: datetime, name: str) -> None:
    """Give a view another name."""
    User.objects.select_for_update().get(pk=by.pk)
    others = of(by, view.school).filter(page=view.page).exclude(pk=view.pk)
    view.name = free_name(others, name)
    view.save(update_fields=["name"])
    audit.record("rename_view", by=by, at=at, school=view.school, about=f"view {view.pk}")


@transaction.atomic
def delete(view: SavedView, *, by: User, at: datetime) -> None:
    """Forget a view; nothing that it showed is touched."""
    audit.record("delete_view", by=by, at=at, school=view.school, about=f"view {view.pk}")
    view.delete()


def free_name(others: QuerySet[SavedView], name: str) -> str:
    """The name with single spaces. Unkept when another view of the list is called that, in whatever case."""
    name = " ".join(name.split())
    if others.filter(name__iexact=name).exists():
        raise Unkept("You have a view of that name already. Choose another name.")
    return name
