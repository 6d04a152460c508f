"""Trusts, schools, the people who work for them, the people whom cases are about, the calendar and the audit."""

from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from conduct import code
from conduct.calendar import Calendar, Closure, local_date
from conduct.names import fold
from conduct.roles import LABELS, Role

RELATIONS = [
    ("parent", "Parent"),
    ("carer", "Carer"),
    ("relative", "Relative or childminder who collects"),
    ("visitor", "Visitor"),
    ("other", "Other"),
]


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


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """Somebody who signs in, by email. What they may do stands in their memberships alone."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def roles_at(self, school: School, on: date) -> frozenset[Role]:
        """The roles held at a school on a day, those of its trust included."""
        if not self.is_active:
            return frozenset()
        held = Membership.objects.of_school(school).on(on).filter(user=self)
        return frozenset(Role(role) for role in held.values_list("role", flat=True))


class MembershipQuerySet(models.QuerySet["Membership"]):
    def on(self, day: date) -> "MembershipQuerySet":
        """In office on a day: both ends included."""
        return self.filter(Q(starts_on__lte=day), Q(ends_on=None) | Q(ends_on__gte=day), user__is_active=True)

    def of_school(self, school: School) -> "MembershipQuerySet":
        """Held at the school itself, or in its trust."""
        return self.filter(Q(school=school) | Q(trust=school.trust_id))


class Membership(models.Model):
    """A role that somebody holds, in one school or in every school of a trust, from a day to a day."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=[(r.value, LABELS[r]) for r in Role])
    school = models.ForeignKey(School, models.CASCADE, null=True, blank=True, related_name="memberships")
    trust = models.ForeignKey(Trust, models.CASCADE, null=True, blank=True, related_name="memberships")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(school=None, trust__isnull=False) | Q(school__isnull=False, trust=None),
                name="role_in_school_or_trust",
                violation_error_message="A role is held in one school or in one trust, not both.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="role_runs_forward",
                violation_error_message="The role ends before it starts.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {LABELS[self.role]}"

    @property
    def label(self) -> str:
        return LABELS[self.role]


def title_of(role: str, pack: code.Pack) -> str:
    """What the policy calls a role: school leader, Chair of the Local Academy Board…"""
    return pack.titles.get(role) or LABELS[role]


def schools_of(user: User, on: date) -> "models.QuerySet[School]":
    """Every school in which the user holds any role on a day."""
    held = Membership.objects.on(on).filter(user=user)
    return School.objects.filter(Q(pk__in=held.values("school")) | Q(trust__in=held.values("trust"))).select_related(
        "trust"
    )


class Pupil(models.Model):
    """A child of the school, as far as a case needs to know: name, year, who may collect."""

    school = models.ForeignKey(School, models.CASCADE, related_name="pupils")
    name = models.CharField(max_length=120)
    year = models.CharField("year group", max_length=20, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["school", "name"], name="pupil_by_name")]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """The adult a case is about: one person, one case, one letter. May be known by a description alone."""

    school = models.ForeignKey(School, models.CASCADE, related_name="people")
    name = models.CharField(max_length=120, blank=True)
    nicknames = models.CharField(max_length=200, blank=True)
    folded = models.CharField(max_length=340, editable=False)  # name and nicknames without case and accents, for search
    description = models.CharField(
        max_length=200, blank=True, help_text="Tall man, red coat: until they are identified."
    )
    relation = models.CharField("relation to the school", max_length=10, choices=RELATIONS, default="parent")
    address = models.TextField("postal address", blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    pupils = models.ManyToManyField(Pupil, through="Link", related_name="adults")
    large_print = models.BooleanField("letters in large print", default=False)
    language = models.CharField("language or interpreter needed", max_length=60, blank=True)
    adjustments = models.CharField("adjustments for a disability", max_length=200, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["school", "folded"], name="person_by_name")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") | ~Q(description=""),
                name="person_named_or_described",
                violation_error_message="Give a name, or describe the person until they are identified.",
            )
        ]

    def __str__(self) -> str:
        return self.name or f"Not known: {self.description}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.folded = fold(f"{self.name} {self.nicknames} {self.description}")[:340]
        super().save(*args, **kwargs)


class Link(models.Model):
    """A person and a pupil: whose parent or carer, and whether they may collect."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="links")
    pupil = models.ForeignKey(Pupil, models.CASCADE, related_name="links")
    may_collect = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "pupil"], name="one_link_a_pupil")]

    def __str__(self) -> str:
        return f"{self.person} – {self.pupil}"


class AuditRow(models.Model):
    """One thing that was done or looked at: who, when, what, from what to what. Never changed, never deleted.

    `case_ref` and `about` name the thing in words a reader knows (C-2026-0042), not by table and key, so that the row
    still says what it means when the thing itself has been disposed of.
    """

    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, null=True, related_name="+")
    deed = models.CharField(max_length=40)
    about = models.CharField(max_length=80)
    changes = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["school", "-at"], name="audit_by_time"),
            models.Index(fields=["about", "at"], name="audit_by_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by or 'the program'}: {self.deed} {self.about}"


class Heartbeat(models.Model):
    """When the scheduler last ran: what `/healthz` and the banner on every page look at."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
