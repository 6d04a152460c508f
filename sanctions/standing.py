"""Standing to act: every verb locks its case, reads the situation, and asks the ladder's table what stands in the way."""

from datetime import datetime

from conduct.calendar import local_date
from conduct.code import Pack
from conduct.models import Adoption, School, User
from conduct.roles import MAY, may
from sanctions import ladder
from sanctions.ladder import Attempt, Refusal, Situation
from sanctions.models import Case, Measure
from sanctions.situation import read


class Refused(Exception):
    """A verb was refused; nothing was changed. `refusals` names every rule that stands in the way."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__(", ".join(r.rule for r in refusals))
        self.refusals = refusals


def permit(user: User, school: School, deed: str, at: datetime) -> None:
    """Refuse with `not-permitted` unless the user holds a role at the school that may try the deed."""
    if not may(user.roles_at(school, local_date(at)), deed):
        raise Refused([ladder.not_permitted(titles_at(school, at), MAY[deed])])


def titles_at(school: School, at: datetime) -> Pack | None:
    """The policy by which a refusal names those who may; none in a school that follows none yet."""
    try:
        return school.adoption_on(local_date(at)).pack
    except Adoption.DoesNotExist:
        return None


def locked(case: Case) -> Case:
    """The case, its row locked until the transaction ends: whoever changes anything in a case holds it alone."""
    return Case.objects.select_for_update(of=("self",)).select_related("school__trust", "person").get(pk=case.pk)


def require(measure: Measure, verb: str, *, by: User, at: datetime, attempt: Attempt | None = None) -> Situation:
    """Lock the measure's case and read the situation; raise Refused when the table refuses the verb.

    Afterwards `measure` holds what the database holds, so that its state may be moved on.
    """
    case = locked(measure.case)
    measure.refresh_from_db()
    measure.case = case
    situation = read(measure, by=by, at=at, attempt=attempt)
    if found := against(measure, verb, situation):
        raise Refused(found)
    return situation


def against(measure: Measure, verb: str, situation: Situation) -> list[Refusal]:
    """What stands in the way of a verb, by the table of the measure."""
    move = ladder.move(verb, measure.response)
    return ladder.standing(move, situation) if move else ladder.unknown_move(verb, situation)
