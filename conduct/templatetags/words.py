"""How dates and times read on a screen: "Monday 2 March 2026", "Mon 2 Mar", "08:50"."""

from datetime import date, datetime

from django import template
from django.utils import timezone

register = template.Library()


def local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) else value


@register.filter
def long_day(value: date | datetime | None) -> str:
    """Monday 2 March 2026."""
    if not value:
        return ""
    day = local(value)
    return f"{day:%A} {day.day} {day:%B %Y}"


@register.filter
def short_day(value: date | datetime | None) -> str:
    """Mon 2 Mar."""
    if not value:
        return ""
    day = local(value)
    return f"{day:%a} {day.day} {day:%b}"


@register.filter
def clock_time(value: datetime | None) -> str:
    """08:50."""
    return f"{local(value):%H:%M}" if value else ""


@register.filter
def day_and_time(value: datetime | None) -> str:
    """Monday 2 March 2026 at 08:50."""
    return f"{long_day(value)} at {clock_time(value)}" if value else ""
