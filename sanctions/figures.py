"""Figures without names: a count from 1 to 4 shows as "fewer than 5", so that nobody can be picked out."""

from datetime import datetime

from conduct.models import School
from incidents.models import Incident
from sanctions.models import Measure
from sanctions.situation import record_of, with_history
from sanctions.states import FINAL, OPENED

FEW = 5


def shown(count: int) -> int | str:
    """A count as governors see it."""
    return f"fewer than {FEW}" if 0 < count < FEW else count


def of_school(school: School, at: datetime) -> dict[str, int | str]:
    """How many incidents were logged, those that do not count left out, and how many bans are in force."""
    calendar = school.calendar
    bans = with_history(Measure.objects.filter(case__school=school, response="site_ban", state__in=OPENED | FINAL))
    in_force = sum(1 for ban in bans if record_of(ban, calendar).in_force(at))
    incidents = Incident.objects.counting().filter(school=school, logged_at__lte=at).count()
    return {"incidents": shown(incidents), "bans_in_force": shown(in_force)}
