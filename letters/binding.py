"""A pack bound: its own pages, and behind them the letters as they were issued, page for page.

The page that a pack sets aside for a page of a letter (`section.sheet` in its template) is taken out and the page itself
put in its place, so that the contents and every "page x of y" count right. What a reader aloud needs comes along.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import pikepdf

from letters import press
from letters.look import PLAIN, Look
from letters.models import Document


def printed(kind: str, facts: Mapping[str, Any], *, look: Look = PLAIN, draft: bool = False) -> bytes:
    """A letter as PDF, with the letters that it encloses. Raises what `press.letter` raises."""
    pdf = press.letter(kind, facts, look=look, draft=draft)
    wanted = [str(each["sha256"]) for each in facts.get("enclosed") or []]
    if not wanted:
        return pdf
    kept = {d.sha256: bytes(d.content) for d in Document.objects.filter(sha256__in=wanted)}
    return bound(pdf, [kept[sha256] for sha256 in wanted])


def pages_in(pdf: bytes) -> int:
    """How many pages a letter has."""
    with pikepdf.open(BytesIO(pdf)) as letter:
        return len(letter.pages)


def bound(pdf: bytes, enclosed: Sequence[bytes]) -> bytes:
    """The pack with the letters in place of the pages set aside for them, which are its last. The same give the same."""
    with pikepdf.open(BytesIO(pdf)) as pack:
        whole = len(pack.pages)
        for content in enclosed:
            with pikepdf.open(BytesIO(content)) as letter:
                take_in(pack, letter)
        many = len(pack.pages) - whole
        moved = {pack.pages[whole - many + n].obj.objgen: pack.pages[whole + n].obj for n in range(many)}
        lead_on(pack, moved)
        del pack.pages[whole - many : whole]
        done = BytesIO()
        pack.save(done, deterministic_id=True)
    return done.getvalue()


def take_in(pack: pikepdf.Pdf, letter: pikepdf.Pdf) -> None:
    """Put the pages of a letter at the end, and what its tags say of them behind the tags of the pack."""
    first = len(pack.pages)
    pack.pages.extend(letter.pages)
    if "/StructTreeRoot" not in letter.Root or "/StructTreeRoot" not in pack.Root:
        return
    tree, theirs = pack.Root.StructTreeRoot, pack.copy_foreign(letter.Root.StructTreeRoot)
    numbers = tree.ParentTree.Nums
    shift = max((int(n) for n in list(numbers)[::2]), default=-1) + 1
    for key, parts in zip(list(theirs.ParentTree.Nums)[::2], list(theirs.ParentTree.Nums)[1::2], strict=True):
        numbers.append(int(key) + shift)
        numbers.append(parts)
    for page in list(pack.pages)[first:]:
        for holder in (page.obj, *page.obj.get("/Annots", [])):
            for name in ("/StructParents", "/StructParent"):
                if name in holder:
                    holder[name] = int(holder[name]) + shift
    for part in theirs.K if isinstance(theirs.K, pikepdf.Array) else [theirs.K]:
        part.P = tree
        tree.K.append(part)


def lead_on(pack: pikepdf.Pdf, moved: Mapping[tuple[int, int], pikepdf.Object]) -> None:
    """Let the bookmarks and the contents lead to the pages that stand where others were set aside."""
    names = pack.Root.get("/Names", {}).get("/Dests", {}).get("/Names", [])
    ends = [names[n] for n in range(1, len(names), 2)]
    entry = pack.Root.get("/Outlines", {}).get("/First")
    waiting = [entry] if entry is not None else []
    while waiting:
        entry = waiting.pop()
        waiting += [entry[key] for key in ("/First", "/Next") if key in entry]
        if "/Dest" in entry:
            ends.append(entry.Dest)
    for end in ends:
        if isinstance(end, pikepdf.Array) and end[0].objgen in moved:
            end[0] = moved[end[0].objgen]
