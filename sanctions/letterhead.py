"""The letterhead of a school and the signatures of those who sign: every change by somebody, and in the audit."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from conduct import audit, files
from conduct.calendar import local_date
from conduct.models import KeptFile, Membership, School, User
from conduct.roles import MAY
from letters import service
from letters.models import Document, Letter, Letterhead, Signature
from sanctions import approvals
from sanctions.ladder import Refusal
from sanctions.standing import Refused, permit

FIELDS = ("colour", "address", "footer", "envelope", "logo_words")


def of(school: School) -> Letterhead | None:
    return Letterhead.objects.select_related("logo", "logo_printed", "saved_by").filter(school=school).first()


def held(school: School, *, by: User, at: datetime) -> Letterhead:
    """The letterhead, to be changed: whoever changes it holds the school alone."""
    permit(by, school, "edit_letterhead", at)
    School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    return of(school) or Letterhead(school=school)


@transaction.atomic
def change(school: School, *, by: User, at: datetime, told: Mapping[str, str]) -> None:
    """Change colour, address, footer, envelope and the logo's words; letters that are issued keep theirs. Raises Refused."""
    head = held(school, by=by, at=at)
    changes = {name: [getattr(head, name), told[name]] for name in FIELDS if getattr(head, name) != told[name]}
    for name, (_, now) in changes.items():
        setattr(head, name, now)
    if changes:
        keep(head, by=by, at=at, changes=changes)


def keep(head: Letterhead, *, by: User, at: datetime, changes: Mapping[str, object]) -> None:
    head.saved_by, head.saved_at = by, at
    head.save()
    approvals.asked_by_change(Letter.objects.filter(school=head.school), by=by, at=at)
    audit.record(
        "change_letterhead", by=by, at=at, school=head.school, about=head.school.name[:80], changes=dict(changes)
    )


@transaction.atomic
def put_in_logo(school: School, *, by: User, at: datetime, file: KeptFile) -> None:
    """Make a stored picture the logo; the one before it goes, but for the copy that letters were printed with."""
    head = held(school, by=by, at=at)
    files.record(file, by=by, at=at)
    change_logo(head, file, printed(file), by=by, at=at)


@transaction.atomic
def take_out_logo(school: School, *, by: User, at: datetime) -> None:
    """Letters without a logo from now on. Where there is none, nothing is to be done."""
    head = held(school, by=by, at=at)
    if head.logo is not None:
        change_logo(head, None, None, by=by, at=at)


def change_logo(head: Letterhead, file: KeptFile | None, copy: Document | None, *, by: User, at: datetime) -> None:
    before, head.logo, head.logo_printed = head.logo, file, copy
    keep(head, by=by, at=at, changes={"logo": [before and before.sha256, file and file.sha256]})
    if before is not None:
        files.drop(before)


def printed(file: KeptFile) -> Document:
    """What prints of a picture: the copy that was made anew of it, kept for ever."""
    with file.display.open("rb") as copy:
        return service.keep(copy.read())


# -- signatures ---------------------------------------------------------------------------------------------------


def signatories(school: School, at: datetime) -> QuerySet[User]:
    """Those who may sign letters of the school."""
    held_now = Membership.objects.of_school(school).on(local_date(at)).filter(role__in=MAY["approve_letter"])
    return User.objects.filter(pk__in=held_now.values("user")).order_by("name", "pk")


@transaction.atomic
def put_in_signature(school: School, signs: User, *, by: User, at: datetime, file: KeptFile) -> None:
    """Keep the picture of a signature; it prints above their own name, in letters that they approved. Raises Refused."""
    held(school, by=by, at=at)
    if not signatories(school, at).filter(pk=signs.pk).exists():
        raise Refused([Refusal("signer-allowed", f"{signs.name} signs no letters of this school.")])
    before = take_out(school, signs, by=by, at=at)
    files.record(file, by=by, at=at)
    Signature.objects.create(school=school, user=signs, picture=file, printed=printed(file), at=at, by=by)
    changes = {"signature": [before and before.picture.sha256, file.sha256]}
    audit.record("put_in_signature", by=by, at=at, school=school, about=signs.name[:80], changes=changes)


@transaction.atomic
def take_out_signature(school: School, signs: User, *, by: User, at: datetime) -> None:
    """Letters in this person's name are signed by hand from now on. Where there is no picture, nothing is to be done."""
    held(school, by=by, at=at)
    before = take_out(school, signs, by=by, at=at)
    if before is not None:
        changes = {"signature": [before.picture.sha256, None]}
        audit.record("take_out_signature", by=by, at=at, school=school, about=signs.name[:80], changes=changes)


def take_out(school: School, signs: User, *, by: User, at: datetime) -> Signature | None:
    standing = Signature.objects.select_related("picture").filter(school=school, user=signs, withdrawn_at=None).first()
    if standing is not None:
        standing.withdrawn_at, standing.withdrawn_by = at, by
        standing.save(update_fields=["withdrawn_at", "withdrawn_by"])
    approvals.asked_by_change(Letter.objects.filter(approvals.in_name_of(signs), school=school), by=by, at=at)
    return standing
