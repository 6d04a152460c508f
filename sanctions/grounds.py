"""What a measure rests on: the incidents of its case that were logged by the last decision about it.

An incident that was logged wrongly or withdrawn is marked and counts no more. A measure that rests on such ones alone has
lost its ground: it ends by nobody's word but a person's, but no rule counts it as history, and somebody must look again.
"""

from collections.abc import Iterable
from datetime import datetime

from conduct.code import RUNGS
from incidents.models import Incident
from sanctions.dates import CONFIRMATIONS
from sanctions.models import Measure

ENDING = frozenset({"not_confirm", "lift", "end", "withdraw"})  # the decisions that end a measure at once


def lost(measure: Measure, logged: Iterable[Incident]) -> bool:
    """Whether nothing that a measure rests on counts any more. Uses what was prefetched."""
    beneath = under(measure, logged)
    return any(not i.counts for i in beneath) and not any(carries(i, measure) for i in beneath)


def under(measure: Measure, logged: Iterable[Incident]) -> list[Incident]:
    """The incidents, those that do not count too, on which a measure was decided."""
    until = decided_last(measure)
    return [i for i in logged if i.in_case.case_id == measure.case_id and i.logged_at <= until]


def decided_last(measure: Measure) -> datetime:
    """When somebody last decided that a measure should be; its proposal before that."""
    return max((d.at for d in measure.decisions.all() if d.verb not in ENDING), default=measure.proposed_at)


def carries(incident: Incident, measure: Measure) -> bool:
    """Whether a measure may rest on an incident: it counts, and is upheld; or not found yet, where that is no condition."""
    if not incident.counts:
        return False
    finding = incident.finding
    return bool(finding.upheld) if finding else not asks_for_a_finding(measure)


def asks_for_a_finding(measure: Measure) -> bool:
    """Whether something was to be upheld for a measure to be: any formal response decided, a ban from its confirmation on."""
    verbs = {d.verb for d in measure.decisions.all()}
    if measure.response == "site_ban":
        return bool(verbs & CONFIRMATIONS)
    return measure.response in RUNGS and "decide" in verbs


def resting_alone_on(incident: Incident, measures: Iterable[Measure], logged: Iterable[Incident]) -> list[Measure]:
    """The measures that would lose their ground if this incident did not count."""
    rows = list(logged)
    others = [i for i in rows if i.pk != incident.pk]
    return [
        m
        for m in measures
        if any(i.pk == incident.pk for i in under(m, rows)) and not any(carries(i, m) for i in under(m, others))
    ]
