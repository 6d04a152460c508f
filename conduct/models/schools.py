"""Trusts and schools, the policies that they adopt, the calendar, and the numbers that they give."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from conduct import code
from conduct.calendar import Calendar, Closure, local_date
from conduct.roles import LABELS


class Trust(models.Model):
    """An academy trust."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)

    def __str__(self) -> str:
        return self.name


class School(models.Model):
    """One school of a trust. Everything about a case belongs to exactly one school."""

    trust = models.ForeignKey(Trust, models.PROTECT, related_name="schools")
    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    address = models.TextField(blank=True, help_text="As it should stand in the letterhead.")
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    contact_name = models.CharField("whom to ask", max_length=120, blank=True, help_text="Named in every letter.")
    contact_role = models.CharField(max_length=120, blank=True)
    complaints = models.TextField("how to complain", blank=True)
    privacy_notice = models.TextField("privacy notice", blank=True, help_text="Where a person finds it.")
    police_force = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.name

    def adoption_on(self, day: date) -> "Adoption":
        """The policy in force on a day; the first one adopted, for a day before it. Raises Adoption.DoesNotExist."""
        adopted = self.adoptions.standing().order_by("starts_on")
        found = adopted.filter(starts_on__lte=day).last() or adopted.first()
        if found is None:
            raise Adoption.DoesNotExist(f"{self} has adopted no policy")
        return found

    @property
    def calendar(self) -> Calendar:
        """The school's own calendar: its closures on top of England's bank holidays."""
        rows = self.closures.values_list("first", "last", "reason")
        return Calendar(closures=tuple(Closure(*row) for row in rows))


class AdoptionQuerySet(models.QuerySet["Adoption"]):
    def standing(self) -> "AdoptionQuerySet":
        """Those that were not withdrawn before anything was done under them."""
        return self.filter(withdrawn_at=None)


class Adoption(models.Model):
    """A school follows a policy from a date on. What happened, and what was proposed, keeps the one then in force.

    The row keeps the whole policy as the school adopted it, so that nothing that is released later changes it. It is
    history: never changed, only followed by a later one, or withdrawn before anything is judged by it.
    """

    school = models.ForeignKey(School, models.PROTECT, related_name="adoptions")
    version = models.PositiveSmallIntegerField(help_text="The school's own count: 1, 2, …")
    pack_key = models.CharField(max_length=40)
    content = models.JSONField(
        default=dict
    )  # the tables of the pack, as its file has them; the pack's own if left empty
    adjusted = models.BooleanField(default=False)  # whether it differed from the pack as it was shipped then
    starts_on = models.DateField()
    # who adopted it; nobody, where it came with the school
    adopted_at = models.DateTimeField(null=True)
    adopted_by = models.ForeignKey("User", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey("User", models.PROTECT, null=True, related_name="+")

    objects = AdoptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "starts_on"],
                condition=Q(withdrawn_at=None),
                name="one_policy_a_day",
                violation_error_message="The school adopts a policy on that day already.",
            ),
            models.UniqueConstraint(
                fields=["school", "version"],
                name="one_policy_a_version",
                violation_error_message="The school has a version of that number already.",
            ),
            models.CheckConstraint(
                condition=Q(adopted_at=None, adopted_by=None) | Q(adopted_at__isnull=False, adopted_by__isnull=False),
                name="policy_adopted_whole",
                violation_error_message="An adoption says when and by whom, or neither.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="policy_withdrawn_whole",
                violation_error_message="A withdrawn adoption says when and by whom.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pack_key} from {self.starts_on}"

    def save(self, *args: object, **kwargs: object) -> None:
        if self._state.adding:
            shipped = code.shipped(self.pack_key)
            self.content = self.content or shipped
            self.adjusted = self.content != shipped
            self.version = self.version or self.next_version()
        super().save(*args, **kwargs)

    def next_version(self) -> int:
        last = Adoption.objects.filter(school=self.school_id).aggregate(last=models.Max("version"))["last"]
        return (last or 0) + 1

    @cached_property
    def pack(self) -> code.Pack:
        """The policy as adopted."""
        return code.adopted(self.pack_key, code.canonical(self.content))

    @property
    def version_words(self) -> str:
        """The version as letters and screens quote it: the policy's own, and which of the school's it is."""
        if self.version == 1 and not self.adjusted:
            return self.pack.version
        day = f"{self.starts_on.day} {self.starts_on:%B %Y}"
        return f"{self.pack.version}, as adopted by this school on {day} (version {self.version})"


class SchoolClosure(models.Model):
    """Days on which the school is closed: holidays, INSET days, snow. Both ends included."""

    school = models.ForeignKey(School, models.CASCADE, related_name="closures")
    first = models.DateField("first day")
    last = models.DateField("last day")
    reason = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["first"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last__gte=F("first")),
                name="closure_runs_forward",
                violation_error_message="The last day is before the first day.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


class Counter(models.Model):
    """The last number given in a school's series, a year: dense and unique, because the row is locked to count."""

    school = models.ForeignKey(School, models.CASCADE, related_name="counters")
    series = models.CharField(max_length=1)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "series", "year"], name="one_counter_a_series")]

    def __str__(self) -> str:
        return f"{self.series}-{self.year}-{self.last:04}"


def next_reference(school: School, series: str, at: datetime) -> str:
    """The next reference of a series, such as C-2026-0042. Call inside a transaction: the counter row is locked."""
    key = {"school": school, "series": series, "year": local_date(at).year}
    Counter.objects.get_or_create(**key)
    counter = Counter.objects.select_for_update().get(**key)
    counter.last += 1
    counter.save(update_fields=["last"])
    return str(counter)


def title_of(role: str, pack: code.Pack) -> str:
    """What the policy calls a role: school leader, Chair of the Local Academy Board…"""
    return pack.titles.get(role) or LABELS[role]
