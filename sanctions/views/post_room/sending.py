"""How an issued letter left the school, and the proof."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from conduct.templatetags.words import day_and_time
from sanctions import correspondence
from sanctions.forms.post_room import SentForm
from sanctions.models import CaseLetter
from sanctions.views.post_room.deeds import deed, tried


@deed
def letter_posted(request: HttpRequest, case_letter: CaseLetter) -> HttpResponse:
    """Record how an issued letter really left, and the proof."""
    row = case_letter.letter
    if not row.is_issued:
        messages.error(request, "Issue the letter first.")
        return redirect("letter", row.pk)
    if row.posted_at is not None:
        messages.warning(
            request, f"It was marked as sent already, by {row.posted_by}: it left on {day_and_time(row.sent_at)}."
        )
        return redirect("letter", row.pk)
    form = SentForm(request.POST, letter=row, at=request.at)
    by = {"by": request.user, "at": request.at}
    return tried(
        request, case_letter, form, "sent_form", lambda told: correspondence.record_sent(row, **by, **told),
        said=f"{row.reference} is marked as sent.",
    )  # fmt: skip
