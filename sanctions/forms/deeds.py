"""The forms behind the deeds of a case: one for each thing that somebody records or decides.

Only what a form can know by itself is checked here. Whether a deed may be done is the ladder's matter, so terms may be
left out: the rule that misses them says what to do.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from conduct.calendar import words as words_of
from conduct.code import RESPONSE_LABELS, Clause
from conduct.models import Person, User
from incidents.models import ACCOUNT_OF, ONLINE_IS, SEVERITY_LABELS
from sanctions.dates import TermsFacts
from sanctions.models import CLOSABLE, METHODS, MeetingRecord, Referral

WRITE = {"required": "Write something here."}
CHOOSE = {"required": "Choose one."}
PUT_A_DAY = {"required": "Give the day.", "invalid": "Write the day as 2/3/2026."}
PUT_A_TIME = {"required": "Give the time.", "invalid": "Write the time as 08:50."}


def words(label: str, hint: str = "", *, required: bool = True, rows: int = 4) -> forms.CharField:
    """A passage of text."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, help_text=hint, required=required, max_length=6000, widget=widget, error_messages=WRITE
    )


def line(label: str, hint: str = "", *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, required=required, max_length=120, error_messages=WRITE)


def day(label: str, hint: str = "", *, required: bool = False) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=hint, required=required, widget=widget, error_messages=PUT_A_DAY)


def several(label: str, choices: Iterable[tuple[str, str]], hint: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, help_text=hint, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )


def one_of(
    label: str, choices: Iterable[tuple[str, str]], hint: str = "", *, required: bool = True
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=hint,
        choices=list(choices),
        required=required,
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )


# -- the facts ----------------------------------------------------------------------------------------------------


class AccountForm(forms.Form):
    """Somebody's account of an incident."""

    of = one_of("Whose account?", ACCOUNT_OF)
    text = words("What they say happened", "Their own words as far as you can.", required=False, rows=6)
    attempted = words(
        "Or: how you tried to reach the person",
        "Only for the person themselves: “Rang twice on Tuesday; no answer.”",
        required=False,
        rows=2,
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        text, attempted = told.get("text"), told.get("attempted")
        if bool(text) == bool(attempted):
            raise forms.ValidationError("Write the account, or how you tried to reach the person: one of the two.")
        if attempted and told.get("of") != "subject":
            self.add_error("attempted", "This is for the person themselves. Write what the others say as an account.")
        return told


class FindingForm(forms.Form):
    """The facts as found, clause by clause."""

    upheld = several(
        "What is found to have happened?", [], "On the balance of probabilities. Leave all empty to dismiss it."
    )
    reason = words("Why", "What you relied on. Needed when nothing is upheld.", required=False)

    online_is = one_of(
        "What was said online: conduct, or only criticism?",
        ONLINE_IS,
        "Criticism of the school is allowed, however harsh or unfair. Of criticism alone nothing is upheld.",
        required=False,
    )

    def __init__(self, *args: Any, clauses: Iterable[Clause], online: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.online = set(online)
        if not self.online:
            del self.fields["online_is"]
        self.fields["upheld"].choices = [(c.id, f"{c.id} {c.wording}") for c in clauses]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not told.get("upheld") and not told.get("reason"):
            self.add_error("reason", "Say why nothing is upheld.")
        if self.online & set(told.get("upheld") or ()) and not told.get("online_is"):
            self.add_error(
                "online_is", "Say whether it is conduct or only criticism, as a post is among what you uphold."
            )
        return told


class SeverityForm(forms.Form):
    """Another severity, with its reason."""

    severity = one_of("How severe is it?", SEVERITY_LABELS)
    reason = words("Why", rows=2)


class ReferralForm(forms.Form):
    """A referral with its reference."""

    to = one_of("To whom?", Referral._meta.get_field("to").choices or [])
    reference = line("Their reference", "As they gave it. Write “none given” where there is none.")


class NoReferralForm(forms.Form):
    """Why the police are not told."""

    because = words("Why the police are not told", "The person harmed may have asked for it, for instance.")


class OutcomeForm(forms.Form):
    outcome = words("What came of it")


# -- the ladder ---------------------------------------------------------------------------------------------------


class ProposalForm(forms.Form):
    """A response to a case."""

    response = one_of("Which response?", [], "The last three may be used at any time, beside the ladder.")
    opening = one_of(
        "How does a ban open?",
        [
            ("provisional", "Provisional ban: in force at once, and then they are heard"),
            ("intent", "Notice of intent: not in force, they are heard first"),
        ],
        "Only for a ban.",
        required=False,
    )
    severity_reason = words(
        "Why an earlier step will not do",
        "Needed where a step is left out: nothing of the level below was used in the last 12 months. It may stand in the letter.",
        required=False,
    )
    lesser_options = words(
        "Which lesser responses were weighed, and why they will not do",
        "Needed for a ban. It stands in the letter.",
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        responses: Iterable[str],
        suggested: Iterable[str] = (),
        skipping: Iterable[str] = (),
        **kwargs: Any,
    ) -> None:
        """`skipping`: the responses that leave out a step, and so want a reason."""
        super().__init__(*args, **kwargs)
        self.only_for("opening", ["site_ban"])
        self.only_for("lesser_options", ["site_ban"])
        self.only_for("severity_reason", skipping)
        likely = set(suggested)
        labels = [(r, RESPONSE_LABELS[r] + (" – the next step" if r in likely else "")) for r in responses]
        self.fields["response"].choices = labels  # type: ignore[attr-defined]

    def only_for(self, name: str, responses: Iterable[str]) -> None:
        """A question of some responses alone: app.js hides it while another is chosen."""
        self.fields[name].widget.attrs["data-only-for"] = " ".join(["response", *responses])

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("response") == "site_ban" and not told.get("opening"):
            self.add_error("opening", "Choose how the ban opens.")
        return told


class ConsultationForm(forms.Form):
    """What chair or trust said."""

    consulted = forms.ModelChoiceField(User.objects.none(), label="Who was consulted?", empty_label=None)
    how = line("How", "By telephone, at a meeting, in person here.")
    view = words("Their view")

    def __init__(self, *args: Any, officers: Iterable[User], myself: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = list(officers)
        self.fields["consulted"].queryset = User.objects.filter(pk__in=[u.pk for u in people])  # type: ignore[attr-defined]
        if myself is not None:
            del self.fields["consulted"]
            self.fields["how"].initial = "Entered in person"


class ReasonForm(forms.Form):
    """A decision that needs no more than its reasons."""

    reasons = words("Reasons", "In words that may stand in the letter.")


class DeclineForm(forms.Form):
    reason = words("Why", "For the record; no letter is sent.", required=False)


class KeepForm(forms.Form):
    """What is reviewed, kept as it is."""

    reasons = words("Reasons", "In words that may stand in the letter.")
    review_on = day("Next review on")
    run_out = forms.BooleanField(label="Keep it to run out at its end, with no further review", required=False)


class ReplyForm(forms.Form):
    """What the person says."""

    text = words("What they say", "Their own words. They read the answer beside it.", rows=6)
    complete = forms.BooleanField(label="They have said that this is all", required=False)


class EmptyForm(forms.Form):
    """Nothing to fill in: the button is the answer."""


class AnswerForm(forms.Form):
    """The answer to all that was said, and what was said in short, as the letter repeats it."""

    points = words(
        "What they said, in short",
        "Their main points, without other people's names. It stands in the decision letter beside the answer.",
        required=False,
        rows=3,
    )
    text = words("Our answer to everything they have said", "It stands in the decision letter.", rows=6)


class TellingForm(forms.Form):
    how = words("How were they told, where and by whom?", rows=2)


class SignOffForm(forms.Form):
    until = day("Signed off up to", "The last day of the ban that you put your name to.", required=True)


class MeetingOutcomeForm(forms.Form):
    outcome = one_of(
        "What came of the meeting?",
        [("held", "It was held"), ("missed", "They did not come"), ("turned_down", "They turned it down")],
    )
    notes = words("Notes", required=False, rows=6)
    notes_are = one_of(
        "The notes are",
        [("", "Not sent yet"), *(MeetingRecord._meta.get_field("notes_are").choices or [])],
        required=False,
    )
    mediation = forms.BooleanField(label="Mediation was offered", required=False)


class MeetingTermsForm(forms.Form):
    """When and where a meeting is."""

    reason = words("Reason", "For the record.", required=False, rows=2)
    on = day("Day of the meeting", required=True)
    at = forms.TimeField(
        label="Time", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), error_messages=PUT_A_TIME
    )
    where = line("Where")
    attends = line("Who attends for the school")
    short_notice = forms.BooleanField(label="They have agreed to shorter notice", required=False)

    def __init__(self, *args: Any, earliest: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earliest = earliest
        if earliest:
            self.fields["on"].help_text = f"From {words_of(earliest)} on: five school days' notice."

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        on = told.get("on")
        if on and self.earliest and on < self.earliest and not told.get("short_notice"):
            self.add_error(
                "on", f"Give five school days' notice ({words_of(self.earliest)}), or say that they agreed to less."
            )
        return told

    def terms(self) -> TermsFacts:
        told = self.cleaned_data
        on: date = told["on"]
        return TermsFacts(
            when=f"{on:%A} {on.day} {on:%B %Y} at {told['at']:%H:%M}", where=told["where"], attends=told["attends"]
        )


class PlainForm(forms.Form):
    """An approval that sets no terms."""

    reason = words("Reason", "For the record; a letter says what was upheld.", required=False, rows=2)

    def __init__(self, *args: Any, response: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if response == "mediation":
            self.fields["reason"].help_text = "For the record: why it may help, and between whom."
        if response == "no_further_action":  # nothing else will say why
            self.fields["reason"] = words("Why this is enough", "It stands in the case.", rows=3)

    def terms(self) -> TermsFacts | None:
        return None


# -- terms of a ban -----------------------------------------------------------------------------------------------

DAYS = {
    "starts": ("In force from", ""),
    "latest_decision_on": ("Decided by, at the latest", "At most 45 days after the start, and after the reply is due."),
    "ends": ("Last day of the ban", ""),
    "review_on": ("Review on", "Before the end, and within 90 days; ten school days before the end is usual."),
}
DAYS_OF = {
    "provisional": ("starts", "latest_decision_on"),
    "intent": ("starts", "ends", "review_on"),
    "final": ("starts", "ends", "review_on"),
}


class BanForm(forms.Form):
    """A decision about a ban with its terms: `days` says which dates it asks for."""

    def __init__(
        self, *args: Any, days: str, person: Person, reasons: str = "", equality: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if reasons:
            self.fields["reasons"] = words(reasons, "In words that may stand in the letter.", required=False)
        for name in DAYS_OF[days]:
            self.fields[name] = day(*DAYS[name])
        self.fields["scope"] = words(
            "Where it applies", "The whole site, or which parts and times.", required=False, rows=2
        )
        self.fields["exceptions"] = words(
            "Exceptions", "Appointments, polling day, worship… What they may still come for.", required=False, rows=2
        )
        self.fields["contact_who"] = line("Whom they contact at the school", required=False)
        self.fields["contact_methods"] = several("How", METHODS)
        self.fields["closes"] = several(
            "What it closes, if anything",
            CLOSABLE,
            "Absence reporting, medical matters, emergencies, safeguarding, special needs, complaints and data requests "
            "always stay open.",
        )
        self.handovers = {f"handover_{p.pk}": p for p in person.every_pupil()}
        for name, pupil in self.handovers.items():
            self.fields[name] = words(f"How {pupil.name} is brought and collected", required=False, rows=2)
        if equality:
            self.fields["equality"] = words(
                "Disability, language and adjustments",
                "What you considered, and what came of it: “Asked in the letter; none raised.”",
                required=False,
                rows=2,
            )

    def terms(self) -> TermsFacts:
        """The terms as given, an invalid answer as none."""
        told = getattr(self, "cleaned_data", {})
        return TermsFacts(
            **{name: told.get(name) for name in DAYS},
            scope=told.get("scope", ""),
            exceptions=told.get("exceptions", ""),
            contact_who=told.get("contact_who", ""),
            contact_methods=tuple(told.get("contact_methods") or ()),
            closes=tuple(told.get("closes") or ()),
            handover=tuple((p.pk, told[n]) for n, p in self.handovers.items() if told.get(n)),
        )


def initial_terms(terms: TermsFacts) -> dict[str, Any]:
    """Terms as the first values of a `BanForm`."""
    found = {k: v for k, v in terms.__dict__.items() if k != "handover"}
    found |= {"contact_methods": list(terms.contact_methods), "closes": list(terms.closes)}
    return found | {f"handover_{pupil}": text for pupil, text in terms.handover}
