"""Several letters as one PDF for the printer."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO

import pikepdf


@contextmanager
def merged(pdfs: Iterable[bytes], *, duplex: bool = False) -> Iterator[IO[bytes]]:
    """A file for the time of the block: one PDF of all letters in the order given. The same letters give the same bytes.

    A single letter stays as it is, byte for byte. `duplex` puts a blank page after a letter with an odd number of pages,
    so that on a printer that prints both sides each letter begins on a fresh sheet. ValueError when there is no letter;
    pikepdf.PdfError when one is no PDF.
    """
    count, last = 0, b""
    with tempfile.TemporaryFile() as file, pikepdf.new() as queue:
        for last in pdfs:
            count += 1
            with pikepdf.open(BytesIO(last)) as letter:
                queue.pages.extend(letter.pages)
                if duplex and len(letter.pages) % 2:
                    queue.add_blank_page(page_size=_size(letter.pages[-1]))
        if not count:
            raise ValueError("There is no letter to print.")
        if count == 1:
            file.write(last)
        else:
            queue.docinfo["/Title"] = "Letters to print"
            queue.save(file, deterministic_id=True)
        file.seek(0)
        yield file


def _size(page: pikepdf.Page) -> tuple[float, float]:
    """Width and height of a page in points."""
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    return right - left, top - bottom
