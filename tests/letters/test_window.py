"""The address shows in the window of the envelope, alone, wherever in the envelope the letter lies; read from the PDF."""

import re
from io import BytesIO

import pikepdf
import pypdf
import pytest

from letters import kinds, samples, window
from letters.look import Look
from letters.rendering import render

MM = 25.4 / 72
ALWAYS = (57, 81)  # shown wherever a DL letter slides to: from, to, in mm from the top edge
EVER = (46, 92)  # shown somewhere
EDGE = (10, 110)  # the same across

SHORT = {"recipient_name": "Alex Marlow", "recipient_address": ["1 High Street", "Southampton", "SO19 1AA"]}
LONG = {
    "recipient_name": "Alexandra Wilhelmina Featherstonehaugh-Cholmondeley",
    "recipient_address": ["Flat 12B, The Old Grain Warehouse", "Heritage Quarter", "127–129 Upper Canal Street",
                          "Bitterne", "Southampton", "Hampshire", "SO19 1AA"],
}  # fmt: skip
LARGE = {**SHORT, "large_print": True}
LARGE_LONG = {**LONG, "recipient_name": "Alex Marlow", "large_print": True}
DESCRIBED = {
    "recipient_name": "The man in a green coat who collects a girl in Year 4 on Tuesdays and drives a white van",
    "recipient_address": [], "recipient_email": "", "salutation": "Sir or Madam", "method": "hand",
}  # fmt: skip
RECIPIENTS = {"short": SHORT, "long": LONG, "large": LARGE, "large and long": LARGE_LONG, "described": DESCRIBED}


def made(told, envelope="dl", kind="warning"):
    return render(kind, samples.facts(kind, **told), look=Look(envelope=envelope))


def texts(pdf, page=0):
    """Each piece of text of a page: what it is, how far from the left and the top edge its line begins, its height, in mm."""
    found = []

    def note(text, page_matrix, matrix, _font, size):
        if text.strip():
            across = matrix[4] * page_matrix[0] + page_matrix[4]
            up = matrix[5] * page_matrix[3] + page_matrix[5]
            tall = size * abs(matrix[3] * page_matrix[3]) * MM
            found.append((" ".join(text.split()), across * MM, 297 - up * MM, tall))

    pypdf.PdfReader(BytesIO(pdf)).pages[page].extract_text(visitor_text=note)
    return found


def words_of(told):
    return " ".join([told["recipient_name"], *told["recipient_address"]])


def in_window(pdf):
    """What may ever show in the window."""
    return [
        each for each in texts(pdf)
        if EDGE[0] < each[1] < EDGE[1] and each[2] > EVER[0] and each[2] - each[3] < EVER[1]
    ]  # fmt: skip


@pytest.mark.parametrize("envelope", ["dl", "c5"])
@pytest.mark.parametrize("told", RECIPIENTS.values(), ids=RECIPIENTS)
def test_the_address_alone_shows_in_the_window_and_all_of_it_always(told, envelope):
    shown = in_window(made(told, envelope))
    assert "".join("".join(text for text, *_ in shown).split()) == "".join(words_of(told).split())
    for _, across, down, tall in shown:
        assert 24 <= across <= 26
        assert ALWAYS[0] <= down - tall * 0.75  # the height of a capital
        assert down + tall * 0.25 <= ALWAYS[1] + 0.3  # what hangs below the line


def test_the_letters_of_the_address_are_as_large_as_fit():
    sizes = {name: round(in_window(made(told))[0][3] / MM, 1) for name, told in RECIPIENTS.items()}
    assert sizes == {"short": 11, "long": 7, "large": 13, "large and long": 7, "described": 11}


def test_an_address_of_too_many_lines_for_the_window_is_refused_by_post_and_by_nothing_else():
    lines = [f"Line {n}" for n in range(1, 9)]
    told = samples.facts("warning", recipient_address=lines)
    assert window.size_of(["Alex Marlow", *lines[:7]]) == 7
    assert window.size_of(["Alex Marlow", *lines]) is None
    assert kinds.recipient_gap({**told, "method": "post"}).label == kinds.TOO_LONG
    assert [kinds.recipient_gap({**told, "method": method}) for method in ("email", "hand")] == [None, None]
    assert kinds.recipient_gap({**told, "method": "post", "recipient_address": lines[:7]}) is None


def test_what_does_not_fit_the_window_pushes_the_letter_down_and_covers_nothing():
    pdf = made({**DESCRIBED, "recipient_name": "Somebody with a long beard. " * 25})
    last = max(down for text, across, down, tall in texts(pdf) if "beard" in text and tall / MM < 7.5)
    dear = next(down for text, _, down, _ in texts(pdf) if text.startswith("Dear"))
    assert 92 < last < dear


def marks(pdf):
    """How far from the top edge the short lines at the left edge stand, in mm. WeasyPrint draws a border within a clip."""
    found, corners, matrix, stack = [], [], pikepdf.Matrix(), []
    with pikepdf.open(BytesIO(pdf)) as opened:
        for operands, operator in pikepdf.parse_content_stream(opened.pages[0]):
            match str(operator):
                case "q":
                    stack.append(matrix)
                case "Q":
                    matrix = stack.pop()
                case "cm":
                    matrix = pikepdf.Matrix(*[float(each) for each in operands]) @ matrix
                case "m" | "l":
                    corners.append(matrix.transform([float(each) for each in operands]))
                case "W*":
                    across, up = zip(*corners, strict=True)
                    if max(across) * MM < 12 and (max(up) - min(up)) * MM < 0.5:
                        found.append(round(297 - sum(up) / len(up) * MM, 1))
                    corners = []
    return sorted(found)


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(("envelope", "folds"), [("dl", [99, 198]), ("c5", [148.5])])
def test_marks_show_where_to_fold(envelope, folds, large):
    assert marks(made({"large_print": large}, envelope)) == pytest.approx(folds, abs=0.3)


@pytest.mark.parametrize("kind", ["provisional_ban", "warning"])
@pytest.mark.parametrize("large", [False, True])
def test_each_page_says_which_of_how_many_it_is(kind, large):
    pages = pypdf.PdfReader(BytesIO(made({"large_print": large}, kind=kind))).pages
    found = [re.findall(r"Page (\d+) of (\d+)", page.extract_text()) for page in pages]
    assert found == [[(str(n), str(len(pages)))] for n in range(1, len(pages) + 1)]
