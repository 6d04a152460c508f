# ruff: noqa: RUF009  (text, day and so on make dataclass fields; ruff knows only `field` itself)
"""The facts of a pack of documents: what puts a case before an authority, or before whoever reviews a ban."""

import datetime as dt
from dataclasses import dataclass

from letters.facts import day, items, lines, text


@dataclass(frozen=True)
class Particular:
    """One thing that is known, under its name."""

    name: str = text("What it is", "case")
    value: str = text("What is known", "case")


@dataclass(frozen=True)
class Happening:
    """One line of the chronology."""

    on: dt.date | None = day("Day", "case")
    what: str = text("What happened", "case")
    told: str = text("In which words, and recorded by whom", "case")


@dataclass(frozen=True)
class Provision:
    """A clause of the code that is said, or was found, to have been breached."""

    id: str = text("Clause", "case")
    wording: str = text("Wording of the clause", "case")
    stands: str = text("Alleged or upheld", "case")


@dataclass(frozen=True)
class Exhibit:
    """A file kept as evidence. It is named here, not enclosed."""

    number: str = text("Number", "case")
    what: str = text("What it shows", "case")
    sort: str = text("Sort of file", "case")
    incident: str = text("Incident", "case")
    on: dt.date | None = day("Day on which it was given", "case")
    by: str = text("Who gave it", "case")
    sha256: str = text("Fingerprint", "case")


@dataclass(frozen=True)
class InForce:
    """A measure that applies on the day of the pack."""

    name: str = text("Measure", "case")
    term: str = text("From when until when", "case")
    terms: str = text("What it says", "case")


@dataclass(frozen=True)
class Enclosed:
    """A letter as it was issued, which follows page for page. `pages`: one line a page."""

    reference: str = text("Reference of the letter", "case")
    kind: str = text("Kind of letter", "case")
    on: dt.date | None = day("Day of issue", "case")
    pages: tuple[str, ...] = lines("Its pages", "case")
    sha256: str = text("Fingerprint", "case")


@dataclass(frozen=True)
class LeftOut:
    """Something that the pack does not hold, and why."""

    what: str = text("What is left out", "case")
    why: str = text("Why", "case")


@dataclass(frozen=True)
class Certified:
    """One line of the fairness certificate."""

    asks: str = text("What fairness asks", "case")
    verdict: str = text("Whether it was met", "case")
    how: str = text("When, and by whom", "case")


@dataclass(frozen=True, kw_only=True)
class Pack:
    """What every pack holds. Where a list may be empty, the line above it says so."""

    case_reference: str = text("Reference of the case", "case")
    asked: str = text("What is asked", "case")
    about: tuple[Particular, ...] = items(Particular, "About whom it is", "case")
    chronology: tuple[Happening, ...] = items(Happening, "Chronology", "case")
    clauses: tuple[Provision, ...] = items(Provision, "Clauses", "case")
    evidence_words: str = text("Evidence index", "case")
    evidence: tuple[Exhibit, ...] = items(Exhibit, "Files kept as evidence", "case", required=False)
    measures_words: str = text("Measures in force", "case")
    measures: tuple[InForce, ...] = items(InForce, "Each measure in force", "case", required=False)
    enclosed_words: str = text("Letters as issued", "case")
    enclosed: tuple[Enclosed, ...] = items(Enclosed, "Each letter as issued", "case", required=False)
    names_words: str = text("Who is named", "case")
    left_out: tuple[LeftOut, ...] = items(LeftOut, "What was left out", "case")


@dataclass(frozen=True, kw_only=True)
class ForReview(Pack):
    """What whoever reviews a ban is given beside that."""

    dates: tuple[Particular, ...] = items(Particular, "Dates of the ban", "case")
    views_words: str = text("What the person has said", "case")
    views: tuple[Happening, ...] = items(Happening, "Each reply, and each answer", "case", required=False)
    since: str = text("What has happened since", "case")
    fairness: tuple[Certified, ...] = items(Certified, "Fairness certificate", "case")
