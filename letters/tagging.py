"""What a machine reads aloud from a page in other scripts: each piece of text as it was written, and its language.

From most scripts the drawn shapes do not lead back to the letters — a vowel stands before the consonant that it follows,
one shape stands for three letters — so the text itself is put beside them.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from letters.characters import LEFT_TO_RIGHT
from letters.fonts import covered

if TYPE_CHECKING:
    from pydyf import PDF
    from weasyprint import Document


def say_as_written(document: "Document", pdf: "PDF") -> None:
    """Give each piece of text that the letter font could not draw alone its own words, and its language where it has one."""
    import pydyf

    pieces = [o for o in pdf.objects if isinstance(o, pydyf.Dictionary) and is_piece(o)]
    drawn = {
        page["Contents"]: page for page in pdf.objects if isinstance(page, pydyf.Dictionary) and "Contents" in page
    }
    marks = {drawn[stream.reference].reference: marks_of(stream) for stream in pdf.objects if stream.reference in drawn}
    usual = document.pages[0]._page_box.style["lang"]
    boxes = (box for page in document.pages for box in texts_of(page._page_box))
    for box, piece in zip(boxes, pieces, strict=True):
        text = box.text.replace(LEFT_TO_RIGHT, "")
        if not covered().issuperset(text):
            marks[piece["Pg"]][piece["K"][0]]["ActualText"] = pydyf.String(text)
        if box.style["lang"] not in (None, usual):
            piece["Lang"] = pydyf.String(box.style["lang"])


def is_piece(element: Any) -> bool:
    """Whether this part of the structure is a piece of text itself, and not what holds some."""
    return element.get("S") == "/Span" and bool(element["K"]) and isinstance(element["K"][0], int)


def marks_of(stream: Any) -> dict[int, Any]:
    """The marks around the pieces in what is drawn, by number."""
    return {item["MCID"]: item for item in stream.stream if isinstance(item, dict) and "MCID" in item}


def texts_of(box: Any) -> Iterator[Any]:
    """The pieces of text of a page, in the order in which they are tagged."""
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout.absolute import AbsolutePlaceholder

    if isinstance(box, AbsolutePlaceholder):
        box = box._box
    children = box.children
    if getattr(box, "is_table_wrapper", False):
        table = box.get_wrapped_table()
        children = [part for child in box.children for part in (child.children if child is table else [child])]
    for child in children:
        for part in child.children if isinstance(child, boxes.LineBox) else [child]:
            if isinstance(part, boxes.TextBox):
                yield part
            elif hasattr(part, "children") or isinstance(part, AbsolutePlaceholder):
                yield from texts_of(part)
