"""Where a rule is met: a guard's place as an address and the words of its one link."""

from django.urls import reverse

from sanctions.ladder import Situation
from sanctions.models import Case, Measure

NOWHERE = ("", "")
ON_FORM = {"terms": "#id_starts", "equality": "#id_equality"}


def for_measure(measure: Measure, place: str, verb: str, s: Situation) -> tuple[str, str]:
    """The link from a measure's pre-flight list."""
    case, here = measure.case, reverse("deed", args=[measure.case.reference, measure.pk, verb])
    deeds = {
        "consult": ("consult", "Record the consultation"),
        "sign_off": ("sign_off", "Sign off its length"),
        "represent": ("answer", "Write the answer") if s.unanswered else ("represent", "Record the reply"),
    }
    if place in deeds:
        to, words = deeds[place]
        return reverse("deed", args=[case.reference, measure.pk, to]), words
    if place in ON_FORM:
        return here + ON_FORM[place], "Add the note" if place == "equality" else "Fill it in"
    if place == "letter":
        waiting = [cl for cl in measure.case_letters.all() if not cl.letter.is_issued]
        return (reverse("letter", args=[waiting[-1].letter_id]), "Open the letter") if waiting else NOWHERE
    return for_case(case, place)


def for_case(case: Case, place: str) -> tuple[str, str]:
    """The link for what is met on the case itself."""
    if place in {"accounts", "find"}:
        incident = case.incidents.order_by("findings__at", "logged_at").first()
        if incident is None:
            return NOWHERE
        words = "Record the accounts" if place == "accounts" else "Record the facts as found"
        return reverse("incident", args=[case.reference, incident.reference]), words
    if place == "refer_police":
        return reverse("refer", args=[case.reference]) + "?to=police", "Record the referral"
    if place == "person":
        return reverse("person_edit", args=[case.person_id]), "Add it to the person"
    return NOWHERE
