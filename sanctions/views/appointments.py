"""Appointments on a case: arranged, called off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from sanctions import appointments
from sanctions.forms.gate import AppointmentForm
from sanctions.standing import Refused
from sanctions.views.asking import answered
from sanctions.views.case_deeds import on_case


def arrange(request: HttpRequest, reference: str) -> HttpResponse:
    """Let somebody come at a time, although a ban or a plan says otherwise."""
    case = on_case(request, reference, "arrange_appointment")
    form = AppointmentForm(request.POST if request.method == "POST" else None)
    return answered(
        request,
        form,
        lambda _: appointments.arrange(case, by=request.user, at=request.at, **form.told()),
        done=reverse("case", args=[reference]),
        said="Arranged. On its day the gate shows it, with the time and the place.",
        title="Arrange an appointment",
        lede="The desk sees when, where and with whom, on that day alone. It changes nothing in the terms of a ban or plan.",
        submit="Arrange it",
        back=reverse("case", args=[reference]),
        case=case,
    )


@require_POST
def cancel(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Call an appointment off."""
    case = on_case(request, reference, "arrange_appointment")
    appointment = get_object_or_404(case.appointments, pk=pk)
    try:
        appointments.cancel(appointment, by=request.user, at=request.at)
    except Refused as refused:
        messages.error(request, " ".join(r.text for r in refused.refusals))
    else:
        messages.success(request, "Called off. The gate does not show it any more. Tell them yourself.")
    return redirect("case", reference=reference)


urlpatterns = [
    path("cases/<slug:reference>/appointments/", arrange, name="arrange_appointment"),
    path("cases/<slug:reference>/appointments/<int:pk>/cancel/", cancel, name="cancel_appointment"),
]
