"""Several letters as one file for the printer."""

import time
from io import BytesIO

import pikepdf
import pypdf
import pytest

from letters import samples
from letters.print_queue import merged
from letters.rendering import render


@pytest.fixture(scope="module")
def letters():
    """Three letters of one, two and one pages."""
    kinds = ("ban_lifted", "provisional_ban", "ban_withdrawn")
    return [render(kind, samples.facts(kind, reference=f"REF-{kind}")) for kind in kinds]


def merge(pdfs, **how):
    with merged(pdfs, **how) as file:
        return file.read()


def texts(pdf):
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages]


def test_letters_keep_their_order(letters):
    pages = texts(merge(letters))
    order = ["REF-ban_lifted", "REF-provisional_ban", "REF-provisional_ban", "REF-ban_withdrawn"]
    assert len(pages) == 4
    assert all(reference in page for reference, page in zip(order, pages, strict=True))
    assert "REF-ban_withdrawn" in texts(merge(reversed(letters)))[0]


def test_the_same_letters_give_the_same_bytes(letters):
    first = merge(letters)
    time.sleep(1.1)  # a file identifier made from the clock would change with the second
    assert merge(iter(letters)) == first


def test_both_sides_puts_a_blank_back_after_a_letter_with_an_odd_number_of_pages(letters):
    pages = texts(merge(letters, duplex=True))
    assert [bool(page.strip()) for page in pages] == [True, False, True, True, True, False]


def test_a_blank_back_has_the_size_of_its_letter(letters):
    sizes = {tuple(page.mediabox) for page in pypdf.PdfReader(BytesIO(merge(letters, duplex=True))).pages}
    assert len(sizes) == 1


def test_a_single_letter_stays_as_it_is_byte_for_byte(letters):
    assert [merge([letter], duplex=True) for letter in letters] == letters


def test_the_letters_that_went_in_are_not_changed(letters):
    before = [bytes(letter) for letter in letters]
    merge(letters)
    assert letters == before


def test_no_letters_and_what_is_no_letter_are_refused():
    with pytest.raises(ValueError, match="no letter to print"):
        merge([])
    with pytest.raises(pikepdf.PdfError):
        merge([b"not a PDF"])
