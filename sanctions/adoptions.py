"""Which policy a school follows, from when: adopting one, adjusting it, withdrawing one before anything hangs on it.

What is adopted is history: an incident is judged by the version in force when it happened, and a measure goes on under the
one in force when it was proposed. A later version changes neither.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from conduct import audit, code
from conduct.calendar import local_date, words
from conduct.models import Adoption, School, User
from conduct.policy_words import differences
from incidents.models import Incident
from sanctions.ladder import Refusal
from sanctions.models import Measure
from sanctions.situation import finished, state_of, with_history
from sanctions.standing import Refused, permit
from sanctions.states import MEETING_DONE, OVER


@dataclass(frozen=True)
class Adopted:
    """A version as adopted, and the measures that go on under the one before."""

    adoption: Adoption
    going_on: list[Measure]


@transaction.atomic
def adopt(
    school: School,
    *,
    by: User,
    at: datetime,
    starts_on: date,
    pack_key: str,
    content: dict[str, Any] | None = None,
    follows: int | None = None,
) -> Adopted:
    """Adopt a policy from a day on: a pack as it is shipped, or with the school's own settings and clauses.

    `follows` is the version that the one who adopts had before them. A version that starts on the same day, by which
    nothing was judged yet, is replaced. Raises Refused; PackError where the content cannot be.
    """
    permit(by, school, "set_pack", at)
    school = School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    tables = content or code.shipped(pack_key)
    last, replaced = standing(school, at=at, starts_on=starts_on, pack_key=pack_key, content=tables, follows=follows)
    if replaced is not None:
        write_off(replaced, by=by, at=at)
    made = Adoption.objects.create(
        school=school, pack_key=pack_key, content=tables, starts_on=starts_on, adopted_at=at, adopted_by=by
    )
    changes = {**from_to(last, made), "replaces": replaced and replaced.version}
    audit.record("adopt_policy", by=by, at=at, school=school, about=school.name[:80], changes=changes)
    return Adopted(made, going_on(school, at))


def from_to(last: Adoption | None, made: Adoption) -> dict[str, Any]:
    """What a version changes of the one before, for the audit."""
    changes: dict[str, Any] = {
        "version": [last and last.version, made.version],
        "pack": [last and last.pack_key, made.pack_key],
        "starts_on": made.starts_on,
    }
    return changes | {d.what: [d.was, d.now] for d in (differences(last.pack, made.pack) if last else ())}


def standing(
    school: School, *, at: datetime, starts_on: date, pack_key: str, content: dict[str, Any], follows: int | None = None
) -> tuple[Adoption | None, Adoption | None]:
    """The version that this one would follow, and the one that it would replace. Raises Refused; PackError as `adopt`."""
    text = code.canonical(content)
    code.adopted(pack_key, text)
    if starts_on < local_date(at):
        words_of = "A policy starts today or later: what happened before is judged by the one that was in force."
        raise Refused([Refusal("dated", words_of)])
    last = latest(school)
    if last is None:
        return None, None
    if follows is not None and follows != last.version:
        words_of = "Another version was adopted or withdrawn in the meantime. Begin again from the policy as it is now."
        raise Refused([Refusal("wrong-state", words_of)])
    if (last.pack_key, code.canonical(last.content)) == (pack_key, text):
        words_of = "The school follows exactly this already: nothing would change. Change something, or leave it."
        raise Refused([Refusal("wrong-state", words_of)])
    return last, replaced_by(last, starts_on, local_date(at))


def latest(school: School) -> Adoption | None:
    """The version that starts last, in force or to come: the one that a next version follows."""
    return school.adoptions.standing().order_by("starts_on").last()


def replaced_by(last: Adoption, starts_on: date, today: date) -> Adoption | None:
    """Versions follow one another by their days; one that nothing hangs on may be replaced by one of the same day."""
    if starts_on > last.starts_on:
        return None
    free = may_be_withdrawn(last, today)
    if starts_on == last.starts_on and free:
        return last
    text = f"Version {last.version} starts on {words(last.starts_on)}: the next one starts after that day."
    if free:
        text += " Or let it start on that very day, which replaces that version; or withdraw that one first."
    raise Refused([Refusal("dated", text)])


def may_be_withdrawn(adoption: Adoption, today: date) -> bool:
    """Whether a version is no history yet: its first day is not past, and nothing was judged by it."""
    if adoption.withdrawn_at is not None or adoption.starts_on < today:
        return False
    return not any(model.objects.filter(adoption=adoption).exists() for model in (Incident, Measure))


def versions_of(school: School) -> list[Adoption]:
    """Every version of a school's policy, the latest first, with `is_referred_to` on each; in one query."""
    judged = Exists(Incident.objects.filter(adoption=OuterRef("pk"))) | Exists(
        Measure.objects.filter(adoption=OuterRef("pk"))
    )
    rows = school.adoptions.select_related("adopted_by", "withdrawn_by").annotate(is_referred_to=judged)
    return list(rows.order_by("-starts_on", "-version"))


@transaction.atomic
def withdraw_adoption(adoption: Adoption, *, by: User, at: datetime) -> None:
    """Take back a version before anything was judged by it; it stays on the list, as withdrawn. Raises Refused."""
    permit(by, adoption.school, "set_pack", at)
    school = School.objects.select_for_update(of=("self",)).get(pk=adoption.school_id)
    row = school.adoptions.get(pk=adoption.pk)
    if not may_be_withdrawn(row, local_date(at)):
        text = (
            "This version is history: it began before today, or something was judged by it. Adopt one that follows it."
        )
        raise Refused([Refusal("wrong-state", text)])
    if not school.adoptions.standing().exclude(pk=row.pk).exists():
        raise Refused([Refusal("wrong-state", "A school always follows a policy: adopt another one first.")])
    write_off(row, by=by, at=at)
    changes = {"version": row.version, "pack": row.pack_key, "starts_on": row.starts_on}
    audit.record("withdraw_policy", by=by, at=at, school=school, about=school.name[:80], changes=changes)


def write_off(adoption: Adoption, *, by: User, at: datetime) -> None:
    """Mark a version as withdrawn."""
    adoption.withdrawn_at, adoption.withdrawn_by = at, by
    adoption.save(update_fields=["withdrawn_at", "withdrawn_by"])


def going_on(school: School, at: datetime) -> list[Measure]:
    """The measures of a school that are under way or in force: each goes on under the policy it was proposed under."""
    calendar = school.calendar
    rows = Measure.objects.filter(case__school=school).exclude(state__in=OVER | MEETING_DONE)
    rows = with_history(rows).select_related("case").order_by("case__reference", "proposed_at", "pk")
    return [m for m in rows if state_of(m, calendar, at) not in finished(m.response)]


def going_on_words(measures: list[Measure]) -> str:
    """3 measures go on under the old policy: C-2026-0001 (ban from the site), …; nothing where there is none."""
    if not measures:
        return ""
    each = ", ".join(f"{m.case.reference} ({m.get_response_display().lower()})" for m in measures)
    count = f"{len(measures)} measures go" if len(measures) > 1 else "1 measure goes"
    return f"{count} on under the old policy: {each}."


def next_own_id(school: School) -> str:
    """The next id of a clause of the school's own: S01, S02 … One that was taken out is not given again."""
    used = {c.id for a in school.adoptions.all() for c in a.pack.own_clauses}
    free = (f"S{n:02}" for n in range(1, 100))
    return next((i for i in free if i > max(used, default="")), "")
