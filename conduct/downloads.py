"""How a kept file leaves the program: the original as a download that cannot run, the copy of a picture as a picture.

Who may have it is asked before: these functions only answer.
"""

from django.core.files.base import File
from django.http import FileResponse, Http404

from conduct.models import KeptFile

LOCKED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store, private",
}
SHOWN_AS = {".png": "image/png", ".jpg": "image/jpeg"}


def original(kept: KeptFile) -> FileResponse:
    """The file as it came, to be saved: under a type that no browser opens by itself."""
    content = kept.original.open("rb")
    return FileResponse(
        content, as_attachment=True, filename=kept.name, content_type="application/octet-stream", headers=LOCKED
    )


def picture(kept: KeptFile) -> FileResponse:
    """The copy made for the screen, shown where it stands; 404 for what is no picture."""
    if not kept.display:
        raise Http404
    shown_as = SHOWN_AS[kept.display.name[-4:]]
    return FileResponse(kept.display.open("rb"), content_type=shown_as, headers=LOCKED)


def paper(content: "File[bytes]", name: str) -> FileResponse:
    """A PDF of our own making, to be looked at and printed: shown, and kept by nobody on the way."""
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store, private"}
    return FileResponse(content, filename=f"{name}.pdf", content_type="application/pdf", headers=headers)
