"""Where a rule is met: a guard's place as an address and the words of its one link."""

from django.urls import reverse

from sanctions.ladder import PLANS, Situation, plan_term
from sanctions.models import Case, Measure

NOWHERE = ("", "")
ON_PROPOSAL = {  # fields of the form that proposes
    "response": ("#div_id_response", "Choose another"),
    "opening": ("#div_id_opening", "Choose the other opening"),
    "severity_reason": ("#id_severity_reason", "Write it here"),
    "lesser_options": ("#id_lesser_options", "Write it here"),
}


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
    field, words = on_form(measure, place, verb, s)
    if field:
        return here + field, words
    if place == "letter":
        waiting = [cl for cl in measure.case_letters.all() if not cl.letter.is_issued]
        return (reverse("letter", args=[waiting[-1].letter_id]), "Open the letter") if waiting else NOWHERE
    return for_case(case, place)


def on_form(measure: Measure, place: str, verb: str, s: Situation) -> tuple[str, str]:
    """The field of the decision's own form at which a rule is met, as an anchor."""
    if place == "terms":
        return f"#id_{day_to_look_at(measure, verb, s)}", "Fill it in"
    if place == "end":
        return "#id_ends", "Put it right"
    if place == "contact":
        return "#ways" if measure.response == "communication_plan" else "#id_contact_who", "Fill it in"
    if place == "closes":
        return "#div_id_closes", "Change it"
    if place == "handover":
        written = {pupil for pupil, text in s.terms.handover if text.strip()}
        missing = [pupil for pupil, _ in s.children if pupil not in written]
        return (f"#id_handover_{missing[0]}", "Fill it in") if missing else NOWHERE
    return ("#id_equality", "Add the note") if place == "equality" else NOWHERE


def day_to_look_at(measure: Measure, verb: str, s: Situation) -> str:
    """Which day of the terms to look at: the first that is not given; where all are, the end if it is wrong, or the review."""
    if verb == "keep":
        return "review_on"
    provisional = verb == "decide" and s.ban is not None and s.ban.opening == "provisional"
    wanted = ["starts", "latest_decision_on"] if provisional else ["starts", "ends", "review_on"]
    missing = next((name for name in wanted if getattr(s.terms, name) is None), None)
    if missing is None and "ends" in wanted and end_is_wrong(measure, s):
        return "ends"
    return missing or wanted[-1]


def end_is_wrong(measure: Measure, s: Situation) -> bool:
    if measure.response in PLANS:
        return plan_term(s) is not None
    return bool(s.terms.starts and s.terms.ends and s.terms.ends < s.terms.starts)


def for_case(case: Case, place: str) -> tuple[str, str]:
    """The link for what is met on the case itself."""
    if place in {"accounts", "find"}:
        incident = case.incidents.counting().order_by("findings__at", "logged_at").first()
        if incident is None:
            return NOWHERE
        words = "Record the accounts" if place == "accounts" else "Record the facts as found"
        return reverse("incident", args=[case.reference, incident.reference]), words
    if place == "refer_police":
        return reverse("refer", args=[case.reference]) + "?to=police", "Record the referral"
    if place == "person":
        return reverse("person_edit", args=[case.person_id]), "Add it to the person"
    return ON_PROPOSAL.get(place, NOWHERE)
