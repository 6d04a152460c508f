"""Those who sign in, and the roles that they hold."""

from datetime import date

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from conduct.models.schools import School, Trust
from conduct.roles import LABELS, Role


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


def schools_of(user: User, on: date) -> "models.QuerySet[School]":
    """Every school in which the user holds any role on a day."""
    held = Membership.objects.on(on).filter(user=user)
    return School.objects.filter(Q(pk__in=held.values("school")) | Q(trust__in=held.values("trust"))).select_related(
        "trust"
    )
