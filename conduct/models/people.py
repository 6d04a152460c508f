"""The people whom cases are about, the pupils they belong to, and which of them are one and the same."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Q

from conduct import search_keys
from conduct.models.files import KeptFile
from conduct.models.schools import School
from conduct.names import fold
from conduct.whole import Whole, whole_of

RELATIONS = [
    ("parent", "Parent"),
    ("carer", "Carer"),
    ("relative", "Relative or childminder who collects"),
    ("visitor", "Visitor"),
    ("other", "Other"),
]


class Pupil(models.Model):
    """A child of the school, as far as a case needs to know: name, year, who may collect."""

    school = models.ForeignKey(School, models.CASCADE, related_name="pupils")
    name = models.CharField(max_length=120)
    folded = models.CharField(max_length=240, editable=False)  # the name without case and accents, as it is compared
    year = models.CharField("year group", max_length=20, blank=True)
    external_id = models.CharField(max_length=64, blank=True)  # in the school's information system

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["school", "name"], name="pupil_by_name"),
            models.Index(fields=["school", "folded"], name="pupil_by_folded"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "external_id"], condition=~Q(external_id=""), name="pupil_once_an_external_id"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = self.as_folded()
        super().save(*args, **kwargs)
        if "name" in (kwargs.get("update_fields") or ["name"]):
            PersonKey.objects.renew(self.adults.all())

    def as_folded(self) -> str:
        return fold(self.name)[:240]


class Household(models.Model):
    """Adults who live together. It says who, never where: an address is each person's own."""

    school = models.ForeignKey(School, models.CASCADE, related_name="households")

    def __str__(self) -> str:
        return f"household {self.pk}"


class Person(models.Model):
    """The adult a case is about: one person, one case, one letter. May be known by a description alone.

    Written down twice, the same adult stays two rows, joined by a `Merge` that can be undone; `identity` then names the
    row that stands for both, and is empty in a row that stands for itself.
    """

    school = models.ForeignKey(School, models.CASCADE, related_name="people")
    name = models.CharField(max_length=120, blank=True)
    nicknames = models.CharField(max_length=200, blank=True)
    folded = models.CharField(max_length=340, editable=False)  # name and nicknames without case and accents, for search
    description = models.CharField(
        max_length=200, blank=True, help_text="Tall man, red coat: until they are identified."
    )
    relation = models.CharField("relation to the school", max_length=10, choices=RELATIONS, default="parent")
    address = models.TextField("postal address", blank=True)
    address_protected = models.BooleanField(
        "the address is protected",
        default=False,
        help_text="For somebody who must not be found. Few may then see where they live; no list and no export says it.",
    )
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    pupils = models.ManyToManyField(Pupil, through="Link", related_name="adults")
    large_print = models.BooleanField("letters in large print", default=False)
    language = models.CharField("language or interpreter needed", max_length=60, blank=True)
    adjustments = models.CharField("adjustments for a disability", max_length=200, blank=True)
    external_id = models.CharField(max_length=64, blank=True)  # in the school's information system
    household = models.ForeignKey(Household, models.SET_NULL, null=True, blank=True, related_name="members")
    identity = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="aliases", editable=False, db_index=False
    )
    photo = models.ForeignKey(KeptFile, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["school", "folded"], name="person_by_name"),
            models.Index(fields=["school", "relation", "folded"], name="person_by_relation"),
            models.Index(fields=["school", "folded"], name="person_described", condition=Q(name="")),
            models.Index(fields=["school", "folded"], name="person_without_address", condition=Q(address="")),
            models.Index(fields=["school", "folded"], name="person_protected", condition=Q(address_protected=True)),
            # Nearly every row stands for itself: an index of them all would tell SQLite that it is no use to look there.
            models.Index(fields=["identity"], name="person_by_identity", condition=Q(identity__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") | ~Q(description=""),
                name="person_named_or_described",
                violation_error_message="Give a name, or describe the person until they are identified.",
            ),
            models.UniqueConstraint(
                fields=["school", "external_id"], condition=~Q(external_id=""), name="person_once_an_external_id"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"Not known: {self.description}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = self.as_folded()
        super().save(*args, **kwargs)
        PersonKey.objects.renew([self])

    @property
    def stands_for(self) -> "Person":
        """The row that stands for this adult: itself, unless they are written down more than once."""
        return self.identity or self

    @property
    def standing_id(self) -> int:
        """The id of the row that stands for this adult."""
        return self.identity_id or self.pk

    @property
    def entries(self) -> "list[Person]":
        """Every row of this adult, the one that stands for them first. Where many are asked, prefetch their `aliases`."""
        return [self.stands_for, *self.stands_for.aliases.all()]

    @property
    def whole(self) -> Whole:
        """What is known of this adult under all their rows together."""
        return whole_of(self.entries)

    @property
    def children(self) -> list[Pupil]:
        """The pupils under every row, each once. Where many are asked, prefetch `pupils` and `aliases__pupils`."""
        return list(dict.fromkeys(pupil for row in self.entries for pupil in row.pupils.all()))

    def rows(self) -> "models.QuerySet[Person]":
        """Every row under which this adult is written down. What is asked about a person is asked about all of them."""
        return rows_of([self.standing_id])

    def is_protected(self) -> bool:
        """Whether the address is protected under any row of the person."""
        return self.address_protected or self.rows().filter(address_protected=True).exists()

    def every_pupil(self) -> "models.QuerySet[Pupil]":
        """The children of the person, under whichever row they were written down."""
        return Pupil.objects.filter(pk__in=Link.objects.filter(person__in=self.rows()).values("pupil"))

    def as_folded(self) -> str:
        return fold(f"{self.name} {self.nicknames} {self.description}")[:340]


def rows_of(standing: Iterable[int]) -> "models.QuerySet[Person]":
    """The rows of several adults, by the ids of those that stand for them."""
    ids = list(standing)
    return Person.objects.filter(Q(pk__in=ids) | Q(identity__in=ids))


class Link(models.Model):
    """A person and a pupil: whose parent or carer, and whether they may collect."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="links")
    pupil = models.ForeignKey(Pupil, models.CASCADE, related_name="links")
    may_collect = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "pupil"], name="one_link_a_pupil")]

    def __str__(self) -> str:
        return f"{self.person} – {self.pupil}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        PersonKey.objects.renew([self.person])


class KeyField(models.CharField):
    """A text compared byte by byte on every database, so that the texts with one beginning are one range of an index."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


class PersonKeys(models.Manager["PersonKey"]):
    """Writes the keys of people: the only place that does."""

    AT_ONCE = 500  # people

    def renew(self, people: Iterable[Person]) -> None:
        """Make the keys of these people anew, from what is known of them now. After a bulk change of people, their links
        or pupils this must be called; saving one of them does it."""
        everybody = list(people)
        for first in range(0, len(everybody), self.AT_ONCE):
            self.renew_some(everybody[first : first + self.AT_ONCE])

    def renew_some(self, people: list[Person]) -> None:
        children: dict[int, list[str]] = {}
        for person, name in Link.objects.filter(person__in=people).values_list("person_id", "pupil__name"):
            children.setdefault(person, []).append(name)
        protected = protected_among(people)
        self.filter(person__in=people).delete()
        keys: list[PersonKey] = []
        words: dict[int, set[str]] = {}
        for person in people:
            known = known_of(person, children.get(person.pk, []), protected=person.standing_id in protected)
            found = search_keys.keys_of(known)
            keys += [PersonKey(person=person, school_id=person.school_id, kind=k, key=key) for k, key in sorted(found)]
            words.setdefault(person.school_id, set()).update(search_keys.words_of(known))
        self.bulk_create(keys)
        for school, called in words.items():
            Spelling.objects.learn(school, called)


def protected_among(people: Iterable[Person]) -> set[int]:
    """Whose address is protected, by the ids of the rows that stand for them: under one row is under each."""
    rows = rows_of({person.standing_id for person in people}).filter(address_protected=True)
    return {identity or pk for identity, pk in rows.order_by().values_list("identity_id", "pk")}


def known_of(person: Any, children: Iterable[str], *, protected: bool) -> search_keys.Known:
    """What a person is found by; also for a row as a migration sees it."""
    return search_keys.Known(
        name=person.name,
        nicknames=person.nicknames,
        description=person.description,
        phone=person.phone,
        email=person.email,
        children=tuple(children),
        protected=protected,
    )


class PersonKey(models.Model):
    """One way to find a person: a name from one of its words on, a number, an address, a child. Made anew with each change."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="keys")
    school = models.ForeignKey(School, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=1)
    key = KeyField(max_length=search_keys.LONGEST)

    objects = PersonKeys()

    class Meta:
        indexes = [models.Index(fields=["school", "kind", "key", "person"], name="person_by_key")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.key}"


class Spellings(models.Manager["Spelling"]):
    def learn(self, school: int, words: Iterable[str]) -> None:
        """Take in those of these words that the school has not had among its names before."""
        wanted = sorted(words)
        same = self.filter(school=school, trace__in=wanted, word=F("trace"))
        new = set(wanted).difference(same.values_list("word", flat=True))
        rows = [Spelling(school_id=school, trace=t, word=w) for w in sorted(new) for t in sorted(search_keys.traces(w))]
        self.bulk_create(rows, ignore_conflicts=True)


class Spelling(models.Model):
    """A word of somebody's name at a school, and what leads to it when it is typed wrongly or written as it is heard."""

    school = models.ForeignKey(School, models.CASCADE, related_name="+", db_index=False)
    trace = KeyField(max_length=42)
    word = models.CharField(max_length=40)

    objects = Spellings()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "trace", "word"], name="spelling_once")]

    def __str__(self) -> str:
        return f"{self.trace}: {self.word}"


class Merge(models.Model):
    """Two rows are the same person. Nothing is moved by it, so that undoing it loses nothing."""

    kept = models.ForeignKey(Person, models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Person, models.PROTECT, related_name="merged_by")
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(undone_at=None),
                name="one_standing_merge_a_person",
                violation_error_message="This person is joined to another already.",
            ),
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="merge_of_two"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="merge_undone_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged} is {self.kept}"


class Distinct(models.Model):
    """Somebody looked and said: these two are not the same person. They are not offered as one again."""

    one = models.ForeignKey(Person, models.CASCADE, related_name="+")
    other = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="told_apart_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="told_apart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one} is not {self.other}"
