"""The fairness certificate of a ban: whoever sees the case may read it and print it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_GET

from conduct import audit
from letters import press
from letters.characters import CannotPrint
from sanctions import certificates, parking
from sanctions.models import Measure
from sanctions.views.asking import case_for, visible_case
from sanctions.views.post_room.paper import as_pdf


@require_GET
def fairness(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Each rule that protects the person, and when and by whom it was met."""
    case = case_for(request, reference)
    ban = get_object_or_404(Measure.objects.select_related("adoption"), case=case, pk=pk, response="site_ban")
    ban.case = case
    return render(request, "sanctions/fairness.html", certificates.certified(ban, request.at))


@require_GET
def fairness_pdf(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """The same on one side of paper."""
    case = visible_case(request, reference)
    ban = get_object_or_404(Measure.objects.select_related("adoption"), case=case, pk=pk, response="site_ban")
    ban.case = case
    try:
        made = certificates.pdf(ban, request.at)
    except (CannotPrint, press.Stopped, press.OutOfOrder) as lost:
        messages.error(request, parking.why_not(lost))
        return redirect("fairness", reference=reference, pk=pk)
    audit.record("print_certificate", by=request.user, at=request.at, school=case.school, about=reference)
    return as_pdf(made, f"fairness-{reference}")


urlpatterns = [
    path("cases/<slug:reference>/measures/<int:pk>/fairness/", fairness, name="fairness"),
    path("cases/<slug:reference>/measures/<int:pk>/fairness.pdf", fairness_pdf, name="fairness_pdf"),
]
