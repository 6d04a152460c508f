"""The addresses of the app: each module of views holds its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("sanctions.views.today")),
    path("", include("sanctions.views.log")),
    path("", include("sanctions.views.next_steps")),
    path("", include("sanctions.views.gate")),
    path("", include("sanctions.views.presence")),
    path("", include("sanctions.views.lists")),
    path("", include("sanctions.views.people")),
    path("", include("sanctions.views.same_person")),
    path("", include("sanctions.views.photos")),
    path("", include("sanctions.views.evidence")),  # before what takes any word for a deed on an incident
    path("", include("sanctions.views.imports")),
    path("", include("sanctions.views.cases")),
    path("", include("sanctions.views.incident")),
    path("", include("sanctions.views.case_deeds")),
    path("", include("sanctions.views.appointments")),
    path("", include("sanctions.views.notices")),
    path("", include("sanctions.views.certificates")),  # before what takes any word for a deed on a measure
    path("", include("sanctions.views.packs")),  # likewise
    path("", include("sanctions.views.deeds")),
    path("", include("sanctions.views.post_room")),
    path("", include("sanctions.views.house")),
    path("", include("sanctions.views.rehearsals")),
    path("", include("sanctions.views.publishing")),
    path("", include("sanctions.views.adoptions")),
]
