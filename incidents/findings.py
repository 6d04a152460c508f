"""The facts as found, clause by clause."""

from collections.abc import Iterable
from datetime import datetime

from conduct import audit
from conduct.models import User
from incidents.models import Finding, Incident


def record_finding(
    incident: Incident, *, by: User, at: datetime, upheld: Iterable[str], reason: str = "", online_is: str = ""
) -> Finding:
    """Add a finding: the clauses upheld; none of them dismisses the incident and needs the reason."""
    told = {"upheld": sorted(upheld), "reason": reason.strip(), "online_is": online_is}
    finding = Finding.objects.create(incident=incident, at=at, by=by, **told)
    audit.record(
        "find", by=by, at=at, school=incident.school, about=incident.reference, changes={"upheld": finding.upheld}
    )
    return finding
