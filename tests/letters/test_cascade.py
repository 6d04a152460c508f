"""The short way through WeasyPrint's cascade gives the same bytes as the long one."""

import pytest
import weasyprint

from letters import cascade, pressroom, rendering, samples

# What a style sheet may say of a property other than by its own name, and the properties with rules of their own.
ODD_STYLE = """
@page { size: A5; margin: 1cm; margin-inline-start: 3cm; @bottom-right { content: counter(page); padding-inline-end: 2em } }
@page aside { margin: 3cm; color: red }
:root { --wide: 3em; font-size: 9pt; border-block-end: 1px solid green }
.logical { margin-inline: 2em 4em; padding-block-start: 1em; border-inline-start: 3px solid; inline-size: 20em;
  inset-inline-start: 1em }
.both { margin-inline-start: 2em; margin-left: 5em } .after { margin-left: 5em; margin-inline-start: 2em }
.named { padding-left: var(--wide); margin-top: var(--unknown); width: calc(100% - 6em) }
.inherits { margin: inherit; border: inherit; color: inherit; font-size: initial }
.floats { float: right; display: inline; width: 5em } .stands { position: relative; top: 1em }
.lies { position: absolute; bottom: 0 }
.under { text-decoration: underline wavy red } .under b { text-decoration-line: overline; letter-spacing: 1px }
.aside { page: aside } .two { columns: 2; column-rule: 1px solid }
.flex { display: flex; gap: 1em } table { border-collapse: collapse }
"""
ODD_PAGE = """<html lang="en"><title>Odd</title><body><h1>Odd</h1>
<div class="logical">Logical <p class="inherits">inherits</p></div>
<div dir="rtl" style="direction: rtl" class="logical both">Right</div>
<p class="both">Both</p><p class="after">After</p><p class="named">Named</p><p><span class="floats">floats</span> beside</p>
<p class="stands">stands <span class="lies">lies</span></p><p class="under">under <b>over <i>both</i></b></p>
<ul style="list-style: square inside"><li>One<li style="margin-inline-end: 3em">Two</ul>
<div class="two">In two columns of words</div>
<div class="flex"><p>a</p><p>b</p></div><table><caption>c</caption><tr><th style="padding-inline: 1em 2em">h<td>d</table>
<section class="aside">Aside <p>within</p></section></body></html>"""


@pytest.fixture(autouse=True)
def _the_long_way_again():
    yield
    cascade.lengthen()


def both_ways(html: str, sheet: str = "") -> tuple[bytes, bytes]:
    cascade.lengthen()
    slowly = pressroom.printed(html, sheet)
    assert cascade.shorten()
    return slowly, pressroom.printed(html, sheet)


@pytest.mark.parametrize(
    ("kind", "large"),
    [
        ("provisional_ban", False),
        ("provisional_ban", True),
        ("meeting_invitation", False),
        ("gate_notice", False),
        ("police_referral", False),
    ],
)
def test_a_letter_has_the_same_bytes_either_way(kind, large):
    slowly, quickly = both_ways(rendering.page(kind, samples.facts(kind, large_print=large)))
    assert quickly == slowly


def test_so_has_a_page_whose_style_says_things_in_every_other_way():
    slowly, quickly = both_ways(ODD_PAGE, ODD_STYLE)
    assert quickly == slowly


def test_that_page_finds_out_a_short_way_that_overlooks_the_other_names_of_a_property(monkeypatch):
    monkeypatch.setattr(cascade, "said_by", lambda css, key: (key,))
    slowly, quickly = both_ways(ODD_PAGE, ODD_STYLE)
    assert quickly != slowly


def test_it_is_short(monkeypatch):
    """Nearly all that the long way is asked for, the short way finds."""
    from weasyprint import css

    asked = []
    long_way = css.ComputedStyle.__missing__

    def counted(style, key):
        asked.append(key)
        return long_way(style, key)

    monkeypatch.setattr(css.ComputedStyle, "__missing__", counted)
    page = rendering.page("provisional_ban", samples.facts("provisional_ban"))
    pressroom.printed(page)
    by_the_long_way = len(asked)
    asked.clear()
    assert cascade.shorten()
    pressroom.printed(page)
    assert len(asked) * 3 < by_the_long_way


def test_another_version_of_the_library_goes_the_long_way(monkeypatch):
    monkeypatch.setattr(weasyprint, "VERSION", "70.1")
    from weasyprint.css import ComputedStyle

    before = ComputedStyle.__missing__
    assert not cascade.shorten()
    assert ComputedStyle.__missing__ is before


def test_to_take_it_twice_is_to_take_it_once():
    from weasyprint.css import ComputedStyle

    before = ComputedStyle.__missing__
    assert cascade.shorten()
    assert cascade.shorten()
    cascade.lengthen()
    assert ComputedStyle.__missing__ is before
