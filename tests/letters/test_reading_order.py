"""What a screen reader is given of each kind of letter: title, language, headings, tables, and the order of it all."""

import base64
from functools import cache
from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from letters import samples
from letters.kinds import KINDS, Letter
from letters.look import Look
from letters.rendering import render
from tests.letters import tagged
from tests.letters.test_rendering import squeezed

LETTERS = [kind for kind in samples.ALL if issubclass(KINDS[kind].facts, Letter)]


@cache
def printed(kind, *, large=False):
    size = {"large_print": True} if large else {}
    return render(kind, samples.facts(kind, **size))


@pytest.mark.parametrize("kind", samples.ALL)
def test_each_kind_says_what_it_is_in_which_language_and_that_it_is_tagged(kind):
    with pikepdf.open(BytesIO(printed(kind))) as pdf:
        root = pdf.Root
        assert str(root.Lang) == "en-GB"
        assert bool(root.MarkInfo.Marked) is True
        assert bool(root.ViewerPreferences.DisplayDocTitle) is True
        assert str(pdf.docinfo["/Title"]).startswith(f"{KINDS[kind].title} (")
        with pdf.open_metadata() as told:
            assert told["pdfuaid:part"] == "1"
            assert told["dc:title"].startswith(f"{KINDS[kind].title} (")
        assert all(str(page.Tabs) == "/S" for page in pdf.pages)


@pytest.mark.parametrize("kind", samples.ALL)
def test_nothing_is_drawn_that_is_neither_tagged_nor_an_artifact(kind):
    assert tagged.read(printed(kind)).loose == []


@pytest.mark.parametrize("kind", samples.ALL)
def test_each_kind_has_one_first_heading_and_none_is_jumped(kind):
    tags = [each.tag for each in tagged.read(printed(kind)).root.all(*(f"H{n}" for n in range(1, 7)))]
    assert tags == ["H1"] + ["H2"] * (len(tags) - 1)
    assert len(tags) > 2


@pytest.mark.parametrize("kind", samples.ALL)
def test_every_cell_of_a_table_leads_to_its_headers_and_the_table_to_what_it_is_about(kind):
    for table in tagged.read(printed(kind)).root.all("Table"):
        # The table of ways may break between pages, and a caption would stay behind: a sentence leads to it instead.
        assert table.all("Caption") or table.text().startswith("What it is about")
        heads = {str(head.row["/ID"]) for head in table.all("TH")}
        for cell in table.all("TD"):
            leads = [str(to) for to in cell.row["/A"]["/Headers"]]
            assert leads
            assert set(leads) <= heads


@pytest.mark.parametrize("large", [False, True], ids=["usual", "large"])
@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_is_read_from_the_letterhead_to_the_notes(kind, large):
    text = squeezed(tagged.read(printed(kind, large=large)).root.text())  # a line that ends takes its space along
    known = samples.facts(kind)
    order = [
        known["school_name"], known["school_email"], known["recipient_name"], known["recipient_address"][-1],
        "Our reference", known["reference"], "Dear Mr Marlow", KINDS[kind].title, "Yours sincerely",
        known["signatory_name"], "Useful to know", "Your data:",
    ]  # fmt: skip
    found, at = [], 0
    for words in order:
        at = text.find(squeezed(words), at)
        found.append(at)
    assert -1 not in found, order[found.index(-1)]
    assert found == sorted(found)


@pytest.mark.parametrize("kind", LETTERS)
def test_the_foot_of_the_page_is_not_read_in_the_middle_of_the_letter(kind):
    assert "Page 1 of" not in tagged.read(printed(kind)).root.text()


def test_the_logo_and_the_signature_say_what_they_are():
    drawn = BytesIO()
    Image.new("RGB", (9, 9)).save(drawn, "PNG")
    picture = f"data:image/png;base64,{base64.b64encode(drawn.getvalue()).decode()}"
    look = Look(logo=picture, logo_words="Logo of Ashfield Junior School", signature=picture)
    pdf = tagged.read(render("warning", samples.facts("warning"), look=look))
    assert [str(each.row["/Alt"]) for each in pdf.root.all("Figure")] == [
        "Logo of Ashfield Junior School",
        "Signature of Harriet Lowe",
    ]
    assert pdf.loose == []


@pytest.mark.parametrize("kind", LETTERS)
def test_in_each_kind_and_size_a_name_in_another_script_is_read_where_it_stands(kind):
    words = {"recipient_name": "محمد", "salutation": "محمد", "signatory_name": "শ্রীমতী", "covering_language": "ar"}
    for more in ({}, {"large_print": True, "extra": "W" * 300}):
        pdf = tagged.read(
            render(kind, samples.facts(kind, **words, **more), look=Look(footer="李娜"), draft=bool(more))
        )
        said = [each.text() for each in pdf.root.all("P", "NonStruct")]
        assert "Dear محمد" in said
        assert "শ্রীমতী" in said
        assert KINDS[kind].title.split()[0] in pdf.root.all("H1")[0].text()
        assert pdf.loose == []
