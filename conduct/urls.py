"""Every address of the program. The other apps are named as strings: this package stands below them."""

from django.urls import include, path

from conduct import views

urlpatterns = [
    path("", include("sanctions.urls")),
    path("code/", views.the_code, name="code"),
    path("code/<slug:key>/", views.the_pack, name="pack"),
    path("school/switch/", views.switch_school, name="switch_school"),
    path("healthz", views.healthz, name="healthz"),
    path("account/", include("allauth.account.urls")),
]
