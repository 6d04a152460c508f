"""What hangs on the day a letter counts as received: each date with how it was computed, beside what the letter told."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from conduct.calendar import Calendar, local_date, window, words
from letters.models import Letter
from sanctions.contents import HEARING, TAKE_DOWN_SCHOOL_DAYS
from sanctions.dates import BanRecord, months_away
from sanctions.ladder import RESPONSES
from sanctions.models import CaseLetter, Measure
from sanctions.notice_facts import ANSWER_SCHOOL_DAYS, VIEWS_SCHOOL_DAYS, views_by
from sanctions.situation import record_of, with_history
from sanctions.states import LIVE_BAN, State

ASKING = frozenset({"account_request", "review_notice"})  # tell no decision, and give a day to answer by


@dataclass(frozen=True)
class Hanging:
    """One date: what it is, the day or nothing, how it came about; what the letter told, where that is another day."""

    what: str
    on: date | None
    how: str
    told: date | None = None
    remark: str = ""  # what to do about the difference


def hanging(about: CaseLetter) -> list[Hanging]:
    """Everything that hangs on when an issued letter was received, in the order of time."""
    letter, measure = about.letter, about.measure
    if measure is not None and letter.kind in HEARING:
        fresh = with_history(Measure.objects.filter(pk=measure.pk)).get()
        return [receipt(letter), *of_opening(letter, fresh, about.case.school.calendar)]
    return [receipt(letter), *of_others(about, about.case.school.calendar)]


def receipt(letter: Letter) -> Hanging:
    received = letter.received
    if received is not None:
        return Hanging("Taken as received", received.on, received.how)
    assert letter.came_back_on is not None
    return Hanging("Taken as received", None, f"It did not reach them: it came back on {words(letter.came_back_on)}.")


def of_opening(letter: Letter, measure: Measure, calendar: Calendar) -> list[Hanging]:
    """The window, the decision and the lapse of a ban that the letter opens."""
    record = record_of(measure, calendar)
    last = [cl.letter_id for cl in measure.case_letters.all() if cl.letter.issued_at and cl.letter.kind == letter.kind][
        -1
    ]
    if last != letter.pk:
        return []  # they hang on the letter that has replaced it
    found = [window_of(letter, record)]
    if record.confirmation is None and State(measure.state) in LIVE_BAN:
        found += [decision_of(letter, record), lapse_of(record)]
    return found


def window_of(letter: Letter, record: BanRecord) -> Hanging:
    told = told_in(letter, "reply_by")
    if record.window is None:
        how = "No clock runs: their time to reply starts again when the letter is sent again."
        return Hanging("Last day for a reply", None, how, told)
    return compared(Hanging("Last day for a reply", record.window.on, record.window.how, told))


def compared(found: Hanging) -> Hanging:
    """The same, with what to do where the letter told another day: the later of the two is what is fair."""
    if found.on is None or found.told is None or found.told == found.on:
        return Hanging(found.what, found.on, found.how)
    if found.on < found.told:
        remark = (
            f"The letter promises them until {words(found.told)}, which is later. A promise is kept: wait until then before you "
            "record that nothing came, or decide."
        )
    else:
        remark = f"The letter tells them {words(found.told)}. They have longer now: let them know."
    return Hanging(found.what, found.on, found.how, found.told, remark)


def decision_of(letter: Letter, record: BanRecord) -> Hanging:
    days, by = record.timers.decision_school_days, record.decision_by
    told = told_in(letter, "decide_by")
    if record.window is None:
        how = "The last day on which the opening stands, as nobody can be heard before the letter is sent again."
    else:
        how = f"{days} school days after the last day for a reply"
        limit = record.opening_terms.latest_decision_on
        cut = record.opening == "provisional" and by is not None and by == limit
        how += ", and no later than the latest decision date." if cut else "."
    return Hanging("Decide by", by, how, told if told != by else None)


def lapse_of(record: BanRecord) -> Hanging:
    what = "Lapses undecided after"
    if record.opening == "provisional":
        return Hanging(what, record.lapses_after, "The latest decision date, as it was decided. No letter moves it.")
    how = f"{record.timers.intent_lapse_school_days} school days after the last day for a reply"
    if record.window is None:
        how += ", counted as if the letter had been handed over on the day it came back, so that nothing hangs for ever"
    return Hanging(what, record.lapses_after, f"{how}.")


def of_others(about: CaseLetter, calendar: Calendar) -> list[Hanging]:
    """What another letter asks by when, or counts until when."""
    letter, found = about.letter, []
    received, measure = letter.received, about.measure
    if reply_by := told_in(letter, "reply_by"):
        if received is not None and measure is not None and about.decision_id:
            days = measure.adoption.pack.timers.representations_school_days
            until = window(calendar, received.on, provisional=False, school_days=days)
            found.append(compared(Hanging("Last day for a reply", until.on, until.how, reply_by)))
        elif received is not None and letter.kind in ASKING:
            found.append(compared(asked_by(about, received.on, calendar, reply_by)))
        else:
            found.append(Hanging("Last day for a reply", reply_by if received else None, "As the letter tells them."))
    if (take_down_by := told_in(letter, "take_down_by")) and received is not None:
        by = calendar.school_day_after(received.on, TAKE_DOWN_SCHOOL_DAYS)
        how = f"{TAKE_DOWN_SCHOOL_DAYS} school days after it was received."
        found.append(compared(Hanging("To be taken down by", by, how, take_down_by)))
    if measure is not None and measure.response == "warning_letter" and measure.served_at:
        months = measure.adoption.pack.timers.warning_counts_months
        until_on = months_away(local_date(measure.served_at), months)
        how = f"{months} months from the day on which the {RESPONSES[measure.response].lower()} was issued."
        found.append(Hanging("Counts until", until_on, how))
    return found


def asked_by(about: CaseLetter, received: date, calendar: Calendar, told: date) -> Hanging:
    """Until when an account, or views before a review, are asked for, counted from the day of receipt."""
    if about.letter.kind == "account_request":
        days = about.chosen.get("days", ANSWER_SCHOOL_DAYS)
        by, how = calendar.school_day_after(received, days), f"{days} school days after it was received."
    else:
        by = views_by(calendar, received, told_in(about.letter, "review_on"))
        how = f"{VIEWS_SCHOOL_DAYS} school days before the review, or after it was received; never after the review."
    return Hanging("Last day for a reply", by, how, told)


def answer_by(about: CaseLetter, calendar: Calendar) -> date | None:
    """Until when an answer to a letter that asks for one is waited for: what is fair, the later of what it tells and what
    hangs on its receipt. None where it came back."""
    told, received = told_in(about.letter, "reply_by"), about.letter.received
    if told is None or received is None:
        return None
    counted = asked_by(about, received.on, calendar, told).on
    return max(told, counted) if counted else told


def told_in(letter: Letter, fact: str) -> date | None:
    """A day that the letter itself gives."""
    day: Any = letter.facts.get(fact)
    return date.fromisoformat(day) if day else None
