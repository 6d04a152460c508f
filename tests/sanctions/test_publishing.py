"""The code as a file: one page that needs nothing else, and a PDF that reaches for nothing."""

import re
from io import BytesIO

import pypdf
import pytest
from django.urls import reverse

from conduct import code
from sanctions import publishing
from tests.factories import at

ON = at("2026-03-02 09:00").date()
STAFF = ["olive", "sena", "hari", "cora", "tess", "adam", "gail", "rita", "sid"]


@pytest.mark.parametrize("key", code.pack_keys())
def test_the_page_for_a_website_needs_nothing_else(world, key):
    page = publishing.page(code.pack(key), world.school, on=ON)
    assert page.startswith("<!DOCTYPE html>")
    assert re.findall(r"http|<script|<link|<img|<form|<button|url\(|@import|/code/|\bsrc\b|\bon\w+=", page) == []
    assert {address[0] for address in re.findall(r'href="([^"]*)"', page)} == {"#"}


@pytest.mark.parametrize("key", code.pack_keys())
def test_every_link_of_the_page_leads_to_a_place_on_it(world, key):
    page = publishing.page(code.pack(key), world.school, on=ON)
    places = re.findall(r'\bid="([^"]+)"', page)
    assert len(places) == len(set(places))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(places)


@pytest.mark.parametrize("key", code.pack_keys())
def test_the_page_holds_every_clause_and_the_schools_own_name(world, key):
    pack, page = code.pack(key), publishing.page(code.pack(key), world.school, on=ON)
    assert page.count("<tr id=") == len(pack.clauses)
    assert f'<p class="house">{world.school.name}</p>' in page
    assert "As it stood on Monday 2 March 2026." in page


def test_the_page_is_in_english_has_one_first_heading_and_fits_a_phone(world):
    page = publishing.page(code.pack("sholing"), world.school, on=ON)
    assert '<html lang="en-GB">' in page
    assert (page.count("<h1>"), page.count("<main>")) == (1, 1)
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page


def test_the_page_leaves_out_what_only_staff_need(world, client_of):
    assert "For our staff" not in publishing.page(code.pack("sholing"), world.school, on=ON)
    assert "For our staff" in client_of(world.olive).get(reverse("code")).content.decode()


def test_a_school_whose_words_look_like_markup_is_quoted(world):
    world.school.complaints = "</style><script>alert(1)</script>"
    assert "<script>" not in publishing.page(code.pack("sholing"), world.school, on=ON)


@pytest.mark.parametrize("key", code.pack_keys())
def test_the_pdf_holds_every_clause_in_our_own_fonts_and_is_tagged(world, key):
    pdf = pypdf.PdfReader(BytesIO(publishing.pdf(code.pack(key), world.school, on=ON)))
    text = "".join("".join(page.extract_text().split()) for page in pdf.pages)
    for kind in code.KINDS:
        for clause in code.pack(key).clause_list(kind):
            assert "".join(clause.wording.split()) in text
    fonts = {
        f.get_object()["/BaseFont"].split("+")[1] for page in pdf.pages for f in page["/Resources"]["/Font"].values()
    }
    assert fonts == {"Conduct-Letter", "Conduct-Letter-Semi-Bold"}
    assert pdf.trailer["/Root"]["/Lang"] == "en-GB"


@pytest.mark.parametrize("who", STAFF)
def test_everybody_who_may_read_the_code_may_take_it_along(world, client_of, who):
    response = client_of(getattr(world, who)).get(reverse("code_website"))
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    name = f"{world.school.name} Parent and Visitor Code of Conduct".lower().replace(" ", "-")
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}.html"'


def test_the_pdf_comes_as_a_file(world, client_of):
    response = client_of(world.olive).get(reverse("pack_pdf", args=["all_saints"]))
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert response.headers["Content-Disposition"].endswith('schools-of-all-saints-mat-parent-code-of-conduct.pdf"')


def test_a_stranger_and_an_unknown_policy_get_no_file(world, client, client_of):
    assert client.get(reverse("code_pdf")).status_code == 302
    assert client_of(world.olive).get(reverse("pack_website", args=["nonsense"])).status_code == 404


def test_a_character_that_cannot_be_printed_is_named_and_nothing_is_lost(world, client_of):
    world.school.complaints = "편지를 쓰세요"
    world.school.save()
    response = client_of(world.olive).get(reverse("code_pdf"), follow=True)
    assert response.redirect_chain == [(reverse("code"), 302)]
    assert "Letters cannot print these characters" in response.content.decode()
