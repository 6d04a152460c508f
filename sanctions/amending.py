"""What is added to an incident after it was logged. Its text is final: a correction stands beside it, a mark takes it out
of what counts and can be taken back. Nothing here changes or deletes what somebody wrote."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from conduct import audit
from conduct.calendar import local_date, words
from conduct.models import User
from conduct.roles import MAY
from incidents.models import Correction, Incident, Mark
from sanctions import duties, ladder
from sanctions.ladder import Attempt, Refusal
from sanctions.models import Case
from sanctions.situation import read_case
from sanctions.standing import Refused, locked, permit


@transaction.atomic
def correct(incident: Incident, *, by: User, at: datetime, text: str) -> Correction:
    """Add what the text as logged lacks, or what is wrong in it."""
    permit(by, incident.school, "correct_incident", at)
    locked(incident.in_case.case)
    correction = Correction.objects.create(incident=incident, text=text.strip(), at=at, by=by)
    audit.record("correct_incident", by=by, at=at, school=incident.school, about=incident.reference)
    return correction


@transaction.atomic
def mark(incident: Incident, *, by: User, at: datetime, kind: str, reason: str) -> Mark:
    """Take an incident out of what counts: it was logged wrongly, or withdrawn by whoever reported it.

    It is for whoever finds the facts; rule `own-cause`. Tasks that it opened close by their own act.
    """
    case = locked(incident.in_case.case)
    refuse_judge_of_own_cause(incident, case, by=by, at=at)
    standing = standing_mark(incident)
    if standing is not None:
        day = words(local_date(standing.at))
        text = f"{standing.by} marked this incident on {day} already: it does not count. Nothing was changed now."
        raise Refused([Refusal("wrong-state", text)])
    made = Mark.objects.create(incident=incident, kind=kind, reason=reason.strip(), at=at, by=by)
    changes = {"kind": kind, "reason": reason}
    audit.record("mark_incident", by=by, at=at, school=incident.school, about=incident.reference, changes=changes)
    return made


@transaction.atomic
def take_back(incident: Incident, *, by: User, at: datetime) -> None:
    """Take the mark back: the incident counts again. That the police were not told meanwhile is asked again."""
    case = locked(incident.in_case.case)
    refuse_judge_of_own_cause(incident, case, by=by, at=at)
    standing = standing_mark(incident)
    if standing is None:
        raise Refused([Refusal("wrong-state", "This incident is not marked: it counts. Nothing was changed now.")])
    standing.undone_at, standing.undone_by = at, by
    standing.save(update_fields=["undone_at", "undone_by"])
    audit.record("take_back_mark", by=by, at=at, school=incident.school, about=incident.reference)
    if case.is_open and not_told_since(case, standing.at):
        duties.open_task(case, "police", at=at)


def standing_mark(incident: Incident) -> Mark | None:
    return incident.marks.filter(undone_at=None).select_related("by").first()


def not_told_since(case: Case, since: datetime) -> bool:
    """Whether a reason for not telling the police was written down after a moment."""
    return case.referrals.filter(to="police", at__gte=since).exclude(not_because="").exists()


def refuse_judge_of_own_cause(incident: Incident, case: Case, *, by: User, at: datetime) -> None:
    """Refuse whoever may not find facts here, or was harmed in an incident of the case or in this one."""
    situation = read_case(case, by=by, at=at, attempt=Attempt(incident=incident.pk))
    harmed = situation.harmed | {user.pk for user in incident.harmed.all()}
    situation = replace(situation, harmed=harmed)
    if not ladder.finding(situation):
        raise Refused([ladder.not_permitted(situation.pack, MAY["mark_incident"])])
    found = ladder.refusals(ladder.MARK, situation)
    if found:
        raise Refused(found)
