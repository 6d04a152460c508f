"""What the injury rules ask for when somebody at work is hurt (RIDDOR 2013), computed from a few days.

Violence done to somebody at work is an accident in the sense of the rules (regulation 2), so the day of the incident is
the day of the accident. One of the gravest ("specified") injuries, or a death, is reported without delay, and the report
made within 10 days (regulation 4(1)). Being away from, or unable to do, the usual work for more than seven days on end is
reported within 15 days of the accident (regulation 4(2)): the day of the accident is not counted, weekends and rest days
are.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from conduct.calendar import local_date, words
from incidents.models import Injury

SPECIFIED_DAYS = 10
OVER_SEVEN_DAYS = 15
MOST_DAYS_AWAY = 7
SPECIFIED = (
    "a broken bone (other than a finger, thumb or toe)",
    "an amputation, or lasting loss or reduction of sight",
    "a crushed head or body with damage to the brain or inner organs",
    "a serious burn, or scalping that needs hospital",
    "loss of consciousness from a head injury or want of air",
    "what comes of an enclosed space and needs resuscitation or more than 24 hours in hospital",
    "a death",
)
REPORTED, ASKED, NOT_YET, NOT_ASKED = "reported", "asked", "not_yet", "not_asked"


@dataclass(frozen=True)
class Report:
    """Whether a report is asked for, by which day, and how that came about, in sentences."""

    state: str  # one of the four above
    how: str
    by: date | None = None


def report(
    accident: date, today: date, *, specified: bool = False, away_from: date | None = None, back_on: date | None = None
) -> Report:
    """What the rules ask for on a day. `back_on` is the first day back at the usual work."""
    if specified:
        return specified_injury(accident)
    if away_from is None:
        return Report(NOT_ASKED, "They are not away from their usual work, so no report is asked for.")
    first = max(away_from, accident + timedelta(days=1))
    eighth = first + timedelta(days=MOST_DAYS_AWAY)
    if back_on is not None and back_on <= eighth:
        return back_in_time(max((back_on - first).days, 0))
    if today < eighth:
        return still_away(accident, eighth)
    return over_seven(accident, first, eighth)


def specified_injury(accident: date) -> Report:
    by = accident + timedelta(days=SPECIFIED_DAYS)
    how = (
        f"This is one of the gravest injuries: tell the Health and Safety Executive without delay, and send the report "
        f"within {SPECIFIED_DAYS} days of {words(accident)}: by {words(by)}."
    )
    return Report(ASKED, how, by)


def back_in_time(days: int) -> Report:
    away = f"They were away for {days} day{'' if days == 1 else 's'}" if days else "They were away on that day alone"
    return Report(
        NOT_ASKED, f"{away}, the day itself not counted: not more than {MOST_DAYS_AWAY}, so no report is asked for."
    )


def due(accident: date) -> date:
    return accident + timedelta(days=OVER_SEVEN_DAYS)


def by_when(accident: date, eighth: date) -> str:
    """By when the report is due, in words; at once, where they went off so late that the 15 days are over by then."""
    by = due(accident)
    if by < eighth:
        return f"at once, as {OVER_SEVEN_DAYS} days after {words(accident)} is past by then"
    return f"by {words(by)}, {OVER_SEVEN_DAYS} days after {words(accident)}"


def still_away(accident: date, eighth: date) -> Report:
    how = (
        f"No report is asked for yet. If they are still away on {words(eighth)}, it is more than {MOST_DAYS_AWAY} days, "
        f"and a report is due {by_when(accident, eighth)}."
    )
    return Report(NOT_YET, how)


def over_seven(accident: date, first: date, eighth: date) -> Report:
    how = (
        f"More than {MOST_DAYS_AWAY} days away, weekends counted and the day itself not: {words(first)} was the first and "
        f"{words(eighth)} the eighth. A report is due {by_when(accident, eighth)}."
    )
    return Report(ASKED, how, max(due(accident), eighth))


def of(injury: Injury, today: date) -> Report:
    """The same for an injury as recorded; one that was reported says so."""
    if injury.reported_on is not None:
        number = f", reference {injury.report_reference}" if injury.report_reference else ""
        return Report(REPORTED, f"Reported under the injury rules on {words(injury.reported_on)}{number}.")
    accident = local_date(injury.incident.occurred_at)
    days = {"away_from": injury.away_from, "back_on": injury.back_on}
    return report(accident, today, specified=injury.specified, **days)
