"""The code as a file: one page for the school's website, and the same as a PDF."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from conduct.calendar import local_date
from conduct.code import Pack
from conduct.models import School
from conduct.views import followed_by, pack_or_404
from letters import press
from letters.characters import CannotPrint
from sanctions import parking, publishing


def asked_for(request: HttpRequest, key: str) -> tuple[Pack, School | None, str]:
    """A published policy by its key; without one, the policy of one's own school, with the school. And its version."""
    if key:
        pack = pack_or_404(key)
        return pack, None, pack.version
    pack, version = followed_by(request.school, local_date(request.at))
    return pack, request.school, version


def download(content: bytes | str, kind: str, ending: str, pack: Pack, school: School | None) -> HttpResponse:
    """The file under a name that says whose code it is."""
    name = slugify(f"{school.name if school else pack.school or 'combined'} {pack.title}")
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    )


@require_GET
def website(request: HttpRequest, key: str = "") -> HttpResponse:
    """One HTML file that needs nothing else."""
    pack, school, version = asked_for(request, key)
    page = publishing.page(pack, school, on=local_date(request.at), version=version)
    return download(page, "text/html; charset=utf-8", "html", pack, school)


@require_GET
def pdf(request: HttpRequest, key: str = "") -> HttpResponse:
    """The same for paper."""
    pack, school, version = asked_for(request, key)
    try:
        made = publishing.pdf(pack, school, on=local_date(request.at), version=version)
    except (CannotPrint, press.Stopped, press.OutOfOrder) as lost:
        messages.error(request, parking.why_not(lost))
        return redirect("pack", key=key) if key else redirect("code")
    return download(made, "application/pdf", "pdf", pack, school)


urlpatterns = [
    path("code/code.html", website, name="code_website"),
    path("code/code.pdf", pdf, name="code_pdf"),
    path("code/<slug:key>/code.html", website, name="pack_website"),
    path("code/<slug:key>/code.pdf", pdf, name="pack_pdf"),
]
