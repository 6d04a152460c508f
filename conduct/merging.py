"""One adult, written down twice: joining the rows, telling them apart again, and remembering who is somebody else.

No row is moved or changed by it but `identity`, which is derived anew for all rows concerned from the joins that stand.
Whoever asks about a person asks about `Person.rows()`; so undoing a join loses nothing, whatever happened in between.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from conduct import audit
from conduct.models import Distinct, Merge, Person, PersonKey, User, rows_of
from conduct.register import about


class NotPossible(Exception):
    """Why two rows cannot be joined or told apart, in words for whoever tried."""


@transaction.atomic
def merge(kept: Person, merged: Person, *, by: User, at: datetime, reason: str = "") -> Merge:
    """Say that two rows are one person; `kept` stands for both from now on, and for all that were joined to either. Of
    one known by name and one only described, it is the one with the name that stands."""
    locked(kept, merged)
    kept, merged = named_first(standing(kept), standing(merged))
    refuse(kept, merged)
    row = Merge.objects.create(kept=kept, merged=merged, reason=reason.strip(), at=at, by=by)
    derive([kept.pk, merged.pk])
    told = {"same_as": about(merged), "reason": row.reason}
    audit.record("merge_people", by=by, at=at, school=kept.school, about=about(kept), changes=told)
    return row


@transaction.atomic
def undo(row: Merge, *, by: User, at: datetime) -> None:
    """Take a join back. Each row has again what was written under it, what came in between included."""
    locked(row.kept, row.merged)
    row.refresh_from_db()
    if row.undone_at is not None:
        raise NotPossible(f"This was taken back already, by {row.undone_by}.")
    row.undone_at, row.undone_by = at, by
    row.save(update_fields=["undone_at", "undone_by"])
    derive([standing(row.kept).pk])
    told = {"same_as": about(row.merged)}
    audit.record("undo_merge", by=by, at=at, school=row.kept.school, about=about(row.kept), changes=told)


@transaction.atomic
def tell_apart(one: Person, other: Person, *, by: User, at: datetime) -> Distinct:
    """Say that two are not the same person: they are not offered as one again."""
    first, second = sorted([standing(one), standing(other)], key=lambda p: p.pk)
    if first == second:
        raise NotPossible("These are joined as one person. Take that back first.")
    if first.school_id != second.school_id:
        raise NotPossible("People of two schools are two persons already.")
    row, anew = Distinct.objects.get_or_create(one=first, other=second, defaults={"at": at, "by": by})
    if anew:
        told = {"other": about(second)}
        audit.record("tell_people_apart", by=by, at=at, school=first.school, about=about(first), changes=told)
    return row


@transaction.atomic
def take_back(row: Distinct, *, by: User, at: datetime) -> None:
    """Somebody was wrong that the two are different people: they may be offered as one again."""
    told = {"other": about(row.other), "said_at": row.at, "said_by": row.by}
    audit.record("take_back_apart", by=by, at=at, school=row.one.school, about=about(row.one), changes=told)
    row.delete()


def named_first(one: Person, other: Person) -> tuple[Person, Person]:
    """Two rows that stand, in the order given, but that a name goes before a description."""
    return (other, one) if other.name and not one.name else (one, other)


def joins_of(person: Person) -> QuerySet[Merge]:
    """The joins that stand among the rows of a person, the latest first."""
    found = Merge.objects.filter(undone_at=None, merged__in=person.rows())
    return found.select_related("kept", "merged", "by").order_by("-at", "-pk")


def apart_from(person: Person) -> QuerySet[Distinct]:
    """Who somebody said is not this person."""
    rows = person.rows()
    found = Distinct.objects.filter(Q(one__in=rows) | Q(other__in=rows))
    return found.select_related("one", "other", "by").order_by("-at", "-pk")


def apart_ids(person: Person) -> set[int]:
    """The rows that somebody said are not this person, and those that stand for them now."""
    pairs = apart_from(person).values_list("one_id", "other_id", "one__identity", "other__identity")
    return {pk for pair in pairs for pk in pair if pk} - {person.pk, person.standing_id}


def refuse(kept: Person, merged: Person) -> None:
    if kept == merged:
        raise NotPossible("These are one person already.")
    if kept.school_id != merged.school_id:
        raise NotPossible("A person belongs to one school: a parent at two schools is two persons.")
    said = apart_from(kept).filter(Q(one__in=merged.rows()) | Q(other__in=merged.rows())).first()
    if said is not None:
        raise NotPossible(f"{said.by} said that these are not the same person. Take that back first, on either page.")


def locked(*people: Person) -> None:
    """Lock every row of these people, always in the same order."""
    ids = [p.pk for p in people]
    standing_ids = Person.objects.filter(pk__in=ids).values_list("identity_id", "pk")
    list(rows_of({identity or pk for identity, pk in standing_ids}).select_for_update(of=("self",)).order_by("pk"))


def standing(person: Person) -> Person:
    """The row that stands for a person, as the database has it now."""
    return Person.objects.select_related("identity").get(pk=person.pk).stands_for


def derive(stood: list[int]) -> None:
    """Write anew, for the rows that these stood for, which row stands for each: follow the joins that stand to their end.
    By what each is found follows."""
    rows = set(rows_of(stood).values_list("pk", flat=True))
    joins = dict(Merge.objects.filter(undone_at=None, merged__in=rows).values_list("merged_id", "kept_id"))
    for row in rows:
        stands = row
        while stands in joins:
            stands = joins[stands]
        Person.objects.filter(pk=row).update(identity=None if stands == row else stands)
    concerned = Person.objects.filter(pk__in=rows)
    if concerned.filter(address_protected=True).exists():  # it is then protected under each row of the person
        PersonKey.objects.renew(concerned)
