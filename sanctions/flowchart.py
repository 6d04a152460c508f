"""The policy's flowchart with the way of one case through it. It shows what has happened, and decides nothing.

`marks` reads what a case has been through from rows that are at hand already; `steps` lays them over the policy's boxes.
Pure but for the rows that it is given: no query, no clock.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from conduct import policy
from conduct.calendar import local_date, words
from conduct.code import BREACH_OF_BAN, FLOW_LABELS, RESPONSE_LABELS, FlowStep, Pack
from incidents.models import Incident
from sanctions.models import Case, Measure, Referral
from sanctions.situation import CaseFile
from sanctions.states import State

NOT_DONE = frozenset({State.PROPOSED, State.DECLINED, State.WITHDRAWN})
CONFIRMATIONS = {"confirm": "Ban confirmed", "vary": "Ban confirmed with changes", "not_confirm": "Ban not confirmed"}
TOLD = {
    "police": "Police told",
    "trust": "Trust told",
    "legal": "Legal advice asked for",
    "local_authority": "Local Authority told",
}
NOTICES = {"trust_notice": "trust", "chair_notice": "chair"}


@dataclass(frozen=True)
class Mark:
    """Something that a case has been through: which, in the words of the packs' `lit_by`, when, and what to say of it."""

    label: str
    at: datetime
    what: str

    @property
    def words(self) -> str:
        return f"{self.what} on {words(local_date(self.at))}"


@dataclass(frozen=True)
class Step:
    """One box of the flowchart: whether the case went through it, by what, and whether its way goes on further down."""

    when: str
    then: str
    lit: bool
    by: tuple[str, ...]
    passed: bool


def steps(pack: Pack, marks: Mapping[str, str]) -> list[Step]:
    """The policy's flowchart with the steps lit that these marks light; each mark with what to say of it."""
    lit = [any(label in marks for label in step.lit_by) for step in pack.flowchart]
    last = max((n for n, is_lit in enumerate(lit) if is_lit), default=-1)
    first = lit.index(True) if last >= 0 else 0
    return [
        Step(box.when, box.then, lit[n], by(box, marks), passed=first <= n < last)
        for n, box in enumerate(pack.flowchart)
    ]


def by(box: FlowStep, marks: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(marks[label] for label in box.lit_by if label in marks)


def marks(file: CaseFile, pack: Pack) -> dict[str, str]:
    """What a case has been through, each mark once and by what came first."""
    found: dict[str, str] = {}
    for mark in sorted(all_marks(file, pack), key=lambda mark: mark.at):
        found.setdefault(mark.label, mark.words)
    assert found.keys() <= FLOW_LABELS.keys()
    return found


def all_marks(file: CaseFile, pack: Pack) -> Iterator[Mark]:
    for incident in file.incidents:
        yield from of_incident(incident)
    for measure in file.own:
        yield from of_measure(measure)
    yield from of_referrals(file.case.referrals.all())
    yield from of_reports(file.case, pack)


def of_incident(incident: Incident) -> Iterator[Mark]:
    """The interaction ended, the facts gathered, a ban breached."""
    if incident.ended_interaction or incident.asked_to_leave:
        what = "The interaction was ended" if incident.ended_interaction else "The person was asked to leave"
        yield Mark("interaction_ended", incident.occurred_at, what)
    for account in incident.accounts.all():
        yield Mark("facts", account.at, "The first account was taken")
    for finding in incident.findings.all():
        yield Mark("facts", finding.at, "The facts were found")
    finding = incident.finding
    if BREACH_OF_BAN in incident.clause_ids and (finding is None or BREACH_OF_BAN in finding.upheld):
        yield Mark("breach_of_ban", incident.occurred_at, "On the site while banned")


def of_measure(measure: Measure) -> Iterator[Mark]:
    """A response decided or put to the person, who was consulted on it, and a ban's confirmation. An error leaves none."""
    if State(measure.state) is State.WITHDRAWN:
        return
    for asked in measure.consultations.all():
        yield Mark("consultation", asked.at, f"{asked.consulted} was consulted")
    if State(measure.state) in NOT_DONE:
        return
    for decision in measure.decisions.all():
        if decision.verb == "decide":
            served = measure.served_at
            what = f"{RESPONSE_LABELS[measure.response]}: {'letter issued' if served else 'decided'}"
            yield Mark(measure.response, served or decision.at, what)
        elif decision.verb in CONFIRMATIONS:
            yield Mark("confirmation", decision.at, CONFIRMATIONS[decision.verb])


def of_referrals(referrals: Iterable[Referral]) -> Iterator[Mark]:
    """To whom the matter was referred; a reason for not telling the police is no referral."""
    for referral in referrals:
        if not referral.not_because:
            yield Mark(referral.to, referral.at, TOLD[referral.to])


def of_reports(case: Case, pack: Pack) -> Iterator[Mark]:
    """A significant incident put before those whom the policy names, read already or not."""
    for task in case.tasks.all():
        if task.kind in NOTICES:
            yield Mark(
                "significant_report", task.opened_at, f"Reported to {policy.officers(pack, [NOTICES[task.kind]])}"
            )
