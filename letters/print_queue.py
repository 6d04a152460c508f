"""Several letters as one PDF for the printer."""

from collections.abc import Iterable
from io import BytesIO

import pikepdf


def merge(pdfs: Iterable[bytes], *, duplex: bool = False) -> bytes:
    """One PDF of all letters in the order given; the same letters give the same bytes.

    `duplex` puts a blank page after a letter with an odd number of pages, so that on a printer that prints both sides
    each letter begins on a fresh sheet. ValueError when there is no letter; pikepdf.PdfError when one is no PDF.
    """
    with pikepdf.new() as queue:
        for pdf in pdfs:
            with pikepdf.open(BytesIO(pdf)) as letter:
                queue.pages.extend(letter.pages)
                if duplex and len(letter.pages) % 2:
                    queue.add_blank_page(page_size=_size(letter.pages[-1]))
        if not queue.pages:
            raise ValueError("There is no letter to print.")
        queue.docinfo["/Title"] = "Letters to print"
        done = BytesIO()
        queue.save(done, deterministic_id=True)
    return done.getvalue()


def _size(page: pikepdf.Page) -> tuple[float, float]:
    """Width and height of a page in points."""
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    return right - left, top - bottom
