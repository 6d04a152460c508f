"""A school's desk at one moment of the past: the verbs with the right person and the right time filled in."""

import random
import tomllib
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from conduct.calendar import local_date
from conduct.code import Pack
from conduct.models import Person, School, User
from conduct.roles import Role
from incidents.models import Incident
from letters.models import Letter
from sanctions import correspondence, inquiry, ladder, measures, outbox, runs, serving
from sanctions.dates import TermsFacts
from sanctions.demo.days import Days, moment
from sanctions.models import Measure

Walk = Iterator[datetime]  # a story: it yields the moment at which it goes on

PROOFS = {
    "post": ("certificate", "In the folder in the office"),
    "hand": ("handed_over", "At the office door"),
}
LESSER = "A meeting and a written warning were weighed. Neither would keep the member of staff from meeting the person tomorrow."
SEVERE = "The messages kept two members of staff from their work, and a word with the person changed nothing."
EQUALITY = "We asked about disability, language and adjustments in our letter. Nothing is known that the terms should allow for."


@cache
def happenings() -> Mapping[str, Mapping[str, Any]]:
    """What may happen, from happenings.toml."""
    return tomllib.loads(Path(__file__).with_name("happenings.toml").read_text(encoding="utf-8"))


@dataclass
class Desk:
    """One school of the demonstration while its past is walked through; `at` is the moment that the walk has reached."""

    school: School
    pack: Pack
    days: Days
    staff: Mapping[str, User]
    parts: dict[str, Person]
    others: list[Person]
    rng: random.Random
    at: datetime
    left_open: set[int] = field(default_factory=set)  # people whose repeated breaches nobody reviews before the present
    seconds: float = 0.0

    def who(self, name: str) -> User:
        return self.staff[name]

    @property
    def confirmer(self) -> User:
        """Who makes a ban final under this school's policy."""
        return self.who("head1" if Role.HEAD in self.pack.confirmers else "chair1")

    # -- what happened ------------------------------------------------------------------------------------------------

    def log(self, person: Person, what: str, **told: Any) -> Incident:
        """A happening of happenings.toml, logged by the office a quarter of an hour after it."""
        event = happenings()[what]
        told = {"by": self.who("office1"), "occurred_at": self.at - timedelta(minutes=15), **told}
        return inquiry.log_incident(
            at=self.at,
            subject=person,
            clauses=event["clauses"],
            place=event["place"],
            narrative=event["text"],
            **told,
        )

    def hear(self, incident: Incident, what: str, *, reached: bool = True) -> None:
        """The accounts: a member of staff, and the person or how they were tried."""
        event, by = happenings()[what], self.who("senior1")
        inquiry.record_account(incident, by=by, at=self.at, of="staff", text=event["staff"])
        told = {"text": event["said"]} if reached else {"attempted": "Rang twice and left a message. No answer so far."}
        inquiry.record_account(incident, by=by, at=self.at, of="subject", **told)

    def uphold(self, incident: Incident, by: str = "senior2", upheld: list[str] | None = None) -> None:
        """The facts as found: every clause, unless said otherwise."""
        clauses = incident.clause_ids if upheld is None else upheld
        reason = "The accounts agree on what matters." if clauses else "The accounts differ and nothing else shows it."
        inquiry.find(incident, by=self.who(by), at=self.at, upheld=clauses, reason=reason)

    # -- what the school did --------------------------------------------------------------------------------------------

    def propose(self, person: Person, response: str, opening: str = "", by: str = "senior1") -> Measure:
        ban, limits = response == "site_ban", response in ladder.PLANS
        return measures.propose(
            person,
            by=self.who(by),
            at=self.at,
            response=response,
            opening=opening,
            severity_reason="A member of staff was threatened and felt unsafe." if ban else SEVERE if limits else "",
            lesser_options=LESSER if ban else "",
        )

    def consult(self, ban: Measure) -> None:
        """The chair signs in and enters their own view."""
        chair = self.who("chair1")
        measures.consult(
            ban,
            by=chair,
            at=self.at,
            consulted=chair,
            how="telephone",
            view="Agrees: staff must be able to work without fear.",
        )

    def terms(self, person: Person, **days: date | None) -> TermsFacts:
        """Terms of a ban: the whole site, one named contact, a handover for each child."""
        how = "A grandparent, or another adult whom you name to the office, brings and collects at the main gate."
        return TermsFacts(
            **days,
            scope="The whole school site, the car park and the path to the main gate",
            exceptions="Meetings to which we invite you in writing",
            contact_who=self.school.contact_name,
            contact_methods=("email", "telephone"),
            handover=tuple((pupil.pk, how) for pupil in person.pupils.all()),
        )

    def issue(self, measure: Measure, kind: str, signed_by: User, method: str = "post", **told: Any) -> Letter:
        return correspondence.issue_kind(
            measure, kind, by=self.who("admin1"), at=self.at, method=method, signed_by=signed_by, **told
        )

    def send(
        self,
        measure: Measure,
        kind: str,
        signed_by: User,
        *,
        on: date,
        method: str = "post",
        upto: str = "posted",
        **told: Any,
    ) -> Generator[datetime, None, Letter]:
        """A letter issued, printed and sent the same day; `upto` says where it stands now. Returns the letter."""
        yield moment(on, "10:00")
        letter = self.issue(measure, kind, signed_by, method, **told)
        if upto != "issued":
            yield self.at + timedelta(minutes=20)
            self.print(letter)
        if upto == "posted":
            yield moment(on, "15:50")
            if method == "email":
                self.email(letter)
                return letter
            proof, note = PROOFS[method]
            correspondence.record_sent(
                letter,
                by=self.who("admin2"),
                at=self.at,
                sent_at=self.at - timedelta(minutes=20),
                method=method,
                proof=proof,
                note=note,
            )
        return letter

    def email(self, letter: Letter) -> None:
        """The program sends it, and the mail server takes it."""
        to = letter.facts["recipient_email"]
        sending = serving.email(letter, by=self.who("admin2"), at=self.at, to=to)
        outbox.deliver(sending.pk, now=lambda: self.at)

    def comes_back(self, letter: Letter, why: str) -> None:
        """The post returns it."""
        sending = letter.sendings.latest("sent_at")
        serving.came_back(sending, by=self.who("admin1"), at=self.at, on=local_date(self.at), why=why)

    def print(self, letter: Letter) -> None:
        """The admin prints it, and says that it came out well."""
        told = {"by": self.who("admin1"), "at": self.at}
        run = runs.begin_printing(self.school, [letter.pk], **told).run
        assert run is not None
        runs.close(run, **told)
