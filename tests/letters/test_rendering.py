"""The letter as PDF: what it says, what it looks like to a machine, and what it never reaches for."""

import http.server
import re
import subprocess
import sys
import threading
from dataclasses import fields
from datetime import date
from io import BytesIO
from pathlib import Path

import pypdf
import pytest

from letters import fonts, placeholders, rendering, samples
from letters.characters import CannotPrint, unprintable
from letters.facts import needed
from letters.kinds import KINDS, from_json, to_json
from letters.rendering import IncompleteLetter, page, render

OUTCOMES = ("varied", "ended", "withdrawn")
CASES = [
    *((kind, samples.facts(kind)) for kind in samples.ALL),
    ("ban_varied", samples.on_review()),
    *(("plan_outcome", samples.plan_outcome(outcome)) for outcome in OUTCOMES),
]
NOT_A_BAN = ["communication_plan", "plan_outcome", "channel_block", "vexatious_notice", "post_removal_request"]
ASKING = ["account_request", "review_notice", "ban_breach_notice"]  # they tell no decision
IN_OTHER_WORDS = {"method", "outcome"}  # the letter tells these, but not by the word that the program has for them
FOR_TEXTS = {"head_title", "chair_title", "recording", "worded"}  # said where a text names them
BAN_LETTERS = [kind for kind in samples.ALL if kind not in {"meeting_invitation", "warning"}]


def read(pdf):
    return pypdf.PdfReader(BytesIO(pdf))


def squeezed(text):
    """Text without white space: where a line breaks is the printer's affair."""
    return re.sub(r"\s+", "", text)


def body_text(pdf):
    """All text of a PDF in reading order, squeezed, without the footers and the marks of lists, which stand among them."""
    footer = re.compile(r"^.*Page \d+ of \d+$", re.M)
    pages = [footer.sub("", page.extract_text()) for page in read(pdf).pages]
    # The letterhead and the window are drawn after the body of the first page, so they stand before the second one's.
    first, head, window = pages[0].partition(f"\n{samples.BASE['school_name']}\n")
    return squeezed("".join([first, *pages[1:], head, window])).replace("•", "")


def printed_words(facts, field):
    """The texts that a reader must find for that fact."""
    value = getattr(facts, field.name)
    if field.name in facts.worded:  # between its placeholders, of which another test speaks
        yield from (words for sort, words in placeholders.parts(value) if sort == "words")
        return
    parts = value if isinstance(value, tuple) else (value,)
    for part in parts:
        for piece in (
            [getattr(part, inner.name) for inner in fields(part)] if hasattr(part, "__dataclass_fields__") else [part]
        ):
            yield rendering.written(piece) if isinstance(piece, date) else piece


@pytest.mark.parametrize(("kind", "data"), CASES)
def test_every_required_fact_stands_in_the_letter(kind, data):
    facts = from_json(kind, data)
    text = body_text(render(kind, data)).lower()
    for field in fields(facts):
        if needed(field, facts) and field.name not in IN_OTHER_WORDS:
            for words in printed_words(facts, field):
                assert squeezed(words).lower() in text, field.name
    assert squeezed(KINDS[kind].title).lower() in text


@pytest.mark.parametrize(("kind", "data"), CASES)
def test_a_letter_with_usual_facts_has_at_most_two_pages_numbered_with_its_reference(kind, data):
    pages = read(render(kind, data)).pages
    assert len(pages) <= 2
    for number, each in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in each.extract_text()
        assert "ASH-2026-0042" in each.extract_text()


@pytest.mark.parametrize("kind", samples.ALL)
def test_only_our_own_fonts_are_in_the_letter(kind):
    names = set()
    words = {"school_name": "Zażółć – “Ελλάδα”, Đặng, Иван £5 €5"}
    for each in read(render(kind, samples.facts(kind, **words))).pages:
        for font in each["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in inner["/FontDescriptor"].get_object()
            names.add(inner["/BaseFont"].split("+")[1])
    assert names == {"Conduct-Letter", "Conduct-Letter-Semi-Bold"}


def test_a_long_word_and_a_soft_hyphen_bring_in_no_font_of_the_machine_and_stay_on_the_page():
    data = samples.facts(
        "ban_lifted", extra="W" * 300 + " " + "super\u00adcalifragilistic\u2010expiali\u2011docious" * 9
    )
    pdf = read(render("ban_lifted", data))
    fonts = {
        font.get_object()["/BaseFont"].split("+")[1]
        for each in pdf.pages
        for font in each["/Resources"]["/Font"].values()
    }
    assert fonts == {"Conduct-Letter", "Conduct-Letter-Semi-Bold"}
    assert "W" * 300 in squeezed("".join(each.extract_text() for each in pdf.pages))
    widest = max(len(run) for each in pdf.pages for run in re.findall("W+", each.extract_text()))
    assert widest < 80


@pytest.mark.parametrize("kind", samples.ALL)
def test_the_same_facts_give_the_same_bytes(kind):
    assert render(kind, samples.facts(kind)) == render(kind, samples.facts(kind))


def test_another_process_gives_the_same_bytes():
    script = (
        "import sys; from letters.rendering import render; from letters import samples;"
        "sys.stdout.buffer.write(render('provisional_ban', samples.facts('provisional_ban')))"
    )
    other = subprocess.run([sys.executable, "-c", script], cwd=rendering.ROOT, capture_output=True, check=True)
    assert other.stdout == render("provisional_ban", samples.facts("provisional_ban"))


def test_the_pdf_is_tagged_in_english_and_has_its_title():
    pdf = read(render("warning", samples.facts("warning")))
    catalog = pdf.trailer["/Root"]
    assert catalog["/Lang"] == "en-GB"
    assert catalog["/MarkInfo"]["/Marked"] is not None
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712  (a PDF boolean, not Python's)
    assert "/StructTreeRoot" in catalog
    assert pdf.metadata.title == f"{KINDS['warning'].title} (ASH-2026-0042)"
    assert b'part="1"' in catalog["/Metadata"].get_data() or b"pdfuaid:part" in catalog["/Metadata"].get_data()


# --- what a text cannot do


@pytest.fixture
def listener():
    """A web server on this machine that notes every request."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def hostile(address):
    return (
        f'<img src="{address}/a"> <link rel="stylesheet" href="{address}/b"><style>p {{ background: url({address}/c) }}'
        f'</style> {{{{ school_name }}}} {{% include "letter.html" %}} <iframe src="file:///etc/hostname"></iframe>'
        f" url({address}/d)"
        ' <a href="javascript:x">x</a> --></p><script>x</script> "\' &amp;'
    )


def test_html_and_template_marks_in_a_text_print_as_they_stand_and_fetch_nothing(listener):
    address, asked = listener
    words = hostile(address)
    names = "extra reference salutation recipient_name school_name signatory_name law language"
    everywhere = dict.fromkeys(names.split(), words)
    data = samples.facts("provisional_ban", **everywhere, contact_methods=[words], recipient_address=[words], pupils=[])
    text = body_text(render("provisional_ban", data))
    assert text.count(squeezed(words)) >= 5
    assert asked == []


@pytest.mark.filterwarnings("ignore")
def test_control_the_same_words_unescaped_would_have_been_fetched_without_our_fetcher(listener):
    from weasyprint import HTML

    address, asked = listener
    HTML(string=hostile(address)).write_pdf()
    assert "/a" in asked


def test_even_unescaped_html_reaches_nothing_through_our_fetcher(listener):
    from weasyprint import HTML

    address, asked = listener
    HTML(string=hostile(address), base_url=None, url_fetcher=fonts.fetcher()).write_pdf()
    assert asked == []
    for url in (f"{address}/a", "file:///etc/hostname", "ftp://127.0.0.1/x"):
        with pytest.raises(ValueError, match="disallowed protocol"):
            fonts.fetcher().fetch(url)


# --- paragraphs, drafts, gaps, characters


def test_a_blank_line_starts_a_new_paragraph():
    html = page("ban_lifted", samples.facts("ban_lifted", extra="One.\n\nTwo <b>.\r\nThree."))
    assert '<div class="extra"><p>One.</p>\n\n<p>Two &lt;b&gt;.<br>Three.</p></div>' in html


def test_a_draft_is_marked_on_each_page_and_a_letter_is_not():
    data = samples.facts("provisional_ban")
    draft = read(render("provisional_ban", data, draft=True))
    assert ["DRAFT" in each.extract_text() for each in draft.pages] == [True, True]
    assert "DRAFT" not in "".join(each.extract_text() for each in read(render("provisional_ban", data)).pages)


def test_a_draft_says_what_is_still_to_be_filled_in_and_a_letter_is_refused():
    data = samples.facts("provisional_ban", reply_how=[], decide_by=None, incidents=[])
    text = body_text(render("provisional_ban", data, draft=True))
    assert squeezed("[Ways to reply to us: to be filled in]") in text
    assert (
        squeezed("Still to be filled in: Ways to reply to us; Day by which it is decided; What happened, and when.")
        in text
    )
    with pytest.raises(IncompleteLetter) as error:
        render("provisional_ban", data)
    assert [gap.field for gap in error.value.missing] == ["reply_how", "decide_by", "incidents"]


@pytest.mark.parametrize("kind", samples.ALL)
def test_a_draft_with_no_facts_at_all_can_be_looked_at(kind):
    assert read(render(kind, {}, draft=True)).pages


def test_large_print_sets_the_letter_in_18_points():
    assert '<body class="dl large"' in page("warning", samples.facts("warning", large_print=True))
    sizes = set()
    pdf = read(render("warning", samples.facts("warning", large_print=True)))
    pdf.pages[-1].extract_text(
        visitor_text=lambda text, cm, tm, font, size: sizes.add(round(abs(size * tm[0] * cm[0]), 1))
    )
    assert 18.0 in sizes


def test_an_emoji_in_quoted_words_prints_by_its_name():
    text = body_text(render("warning", samples.facts("warning", extra="You wrote: “hello \U0001f621\ufe0f”.")))
    assert squeezed("“hello [pouting face]”") in text


def test_a_script_that_our_fonts_do_not_have_is_refused_by_its_characters():
    data = samples.facts("warning", extra="ᚠᚢ")
    assert unprintable(data) == "ᚠᚢ"
    assert unprintable(samples.facts("warning", extra="Zażółć, Иван, Đặng\u0301")) == ""
    with pytest.raises(CannotPrint, match="ᚠᚢ"):
        render("warning", data)


def test_control_characters_are_left_out():
    assert "AshfieldSchool" in page("warning", samples.facts("warning", school_name="Ashfield\x00\x1b\u202eSchool"))


# --- the words of the letters


def words_of(kind, **changed):
    """The text of a letter's HTML."""
    html = page(kind, samples.facts(kind, **changed))
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<body")[2]).split())


@pytest.mark.parametrize("kind", BAN_LETTERS)
def test_no_letter_says_that_breaking_a_ban_is_a_crime(kind):
    text = words_of(kind)
    assert not re.search(r"\b(crime|criminal|prosecut\w*|arrest\w*|illegal|unlawful)\b", text, re.I)
    for sentence in re.findall(r"[^.]*\boffence\b[^.]*", text):
        assert re.search("nuisance or disturbance.*may be an offence under section 547", sentence)


@pytest.mark.parametrize(
    "kind",
    ["provisional_ban", "ban_confirmed", "ban_varied", "ban_extended", "warning", "intent_to_ban", "ban_kept"]
    + NOT_A_BAN
    + ASKING,
)
def test_a_letter_says_that_the_childs_place_is_safe(kind):
    assert "Nothing in this letter changes Robin's place at our school." in words_of(kind)
    childless = {"pupils": [], **({"handover": []} if "handover" in samples.facts(kind) else {})}
    assert "place at our school" not in words_of(kind, **childless)


def test_a_request_for_an_account_says_that_nothing_has_been_found():
    text = words_of("account_request")
    assert "We have not found that anything happened, and we have not decided anything." in text
    assert "U05" not in text  # which clauses it might breach is nobody's to say yet


def test_a_notice_of_a_breach_leaves_the_ban_as_it_was():
    assert "Its terms and its last day do not change by this letter." in words_of("ban_breach_notice")


@pytest.mark.parametrize(("banned", "told"), [(True, "ask them to leave"), (False, "They may come in.")])
def test_the_desk_is_told_what_to_do_in_one_page_without_the_school_s_letterhead(banned, told):
    text = words_of("gate_notice", banned=banned, what_to_do="Ask: ask them to leave.")
    assert told in text
    assert ("They may come in." in text) != banned
    for nothing_for_the_desk in (samples.BASE["school_phone"], "Dear", "Yours sincerely", "Complaints", "Robin"):
        assert nothing_for_the_desk not in text
    assert len(read(render("gate_notice", samples.facts("gate_notice", banned=banned))).pages) == 1


def test_a_notice_for_the_desk_without_exceptions_says_so():
    assert "Exceptions None." in words_of("gate_notice", exceptions="")


def test_a_notice_of_intent_says_that_no_ban_is_in_force():
    assert "No ban is in force." in words_of("intent_to_ban")
    assert "You are not banned. Nothing has been decided" in words_of("intent_to_ban")


def test_a_provisional_ban_without_exceptions_says_so():
    assert "There are no exceptions at present." in words_of("provisional_ban", exceptions="")


def test_a_letter_says_when_no_reply_was_received():
    assert "None was received by the last day to reply." in words_of(
        "ban_confirmed", main_points=[], none_received=True
    )


def test_a_ban_that_never_began_is_not_said_to_have_ended():
    assert "No ban was in force" in words_of("ban_not_confirmed", after_intent=True)
    assert "You may come on to the school site again from" in words_of("ban_not_confirmed")


# --- plans, blocks, notices and requests


@pytest.mark.parametrize(
    ("kind", "data"),
    [(kind, data) for kind, data in CASES if kind in [*NOT_A_BAN, *ASKING]],
    ids=lambda part: str(part)[:24],
)
@pytest.mark.parametrize("large", [False, True])
def test_no_fact_of_a_plan_block_notice_or_request_is_lost(kind, data, large):
    """The optional ones too, at either size; a postal letter has no use for an email address."""
    facts = from_json(kind, data | {"large_print": large, "extra": "Thank you for the talk."})
    text = body_text(render(kind, to_json(facts))).lower()
    for field in fields(facts):
        if (
            field.name in IN_OTHER_WORDS | FOR_TEXTS | {"language", "recipient_email"}
            or field.metadata["shape"] == "flag"
        ):
            continue
        for words in printed_words(facts, field):
            for paragraph in (words or "").split("\n\n"):
                assert squeezed(paragraph).lower() in text, field.name


def texts(pdf):
    """The text of each page."""
    return [each.extract_text() for each in read(pdf).pages]


def rows(html):
    """The cells of the rows of a letter's tables, as text."""
    found = re.findall(r"<tr\b[^>]*>(.*?)</tr>", html, re.S)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)] for row in found]


def test_a_plan_is_a_table_of_what_it_is_about_how_and_with_whom():
    plan = rows(page("communication_plan", samples.facts("communication_plan")))
    assert plan[plan.index(["What it is about", "How", "With whom"]) + 1 :] == [
        ["Robin&#x27;s teacher", "By email to class4@ashfield.example", "Pia Adeyemi"],
        ["Robin&#x27;s teacher", "At a meeting that you arrange with the office", "Pia Adeyemi"],
        ["The office (absence, payments, trips)", "By telephone on 023 8000 0004", "Olive Trent, office manager"],
        ["A question about policy", "By email", "Harriet Lowe, school leader"],
    ]


@pytest.mark.parametrize(("large", "fits"), [(False, 60), (True, 36)])
def test_long_words_in_a_plan_wrap_in_their_columns(large, fits):
    ways = [{"purpose": "W" * 80, "method": "M" * 80, "staff": "Q" * 80}]
    data = samples.facts("communication_plan", ways=ways, large_print=large)
    text = "\n".join(texts(render("communication_plan", data)))
    runs = {letter: [len(run) for run in re.findall(f"{letter}+", text) if len(run) > 1] for letter in "WMQ"}
    assert {letter: sum(lengths) for letter, lengths in runs.items()} == {"W": 80, "M": 80, "Q": 80}
    assert sum(max(lengths) for lengths in runs.values()) <= fits  # side by side on one line of the page


@pytest.mark.parametrize("large", [False, True])
def test_a_plan_of_many_ways_goes_on_over_the_page_and_loses_none(large):
    ways = [
        {"purpose": f"Matter {number:02}", "method": f"by means {number:02}", "staff": f"Officer {number:02}"}
        for number in range(60)
    ]
    pdf = render("communication_plan", samples.facts("communication_plan", ways=ways, large_print=large))
    assert sum("please use these ways" in each and "Matter 00" in each for each in texts(pdf)) == 1
    assert sum("What it is about" in each for each in texts(pdf)) > 1  # its heading stands again on the next page
    whole = squeezed("".join(texts(pdf)))
    for number in range(60):
        assert f"Matter{number:02}Bymeans{number:02}Officer{number:02}" in whole


def test_one_school_day_is_said_in_the_singular():
    assert "within 1 school day ." in words_of("communication_plan", reply_days="1")
    assert "within 5 school days ." in words_of("communication_plan")


@pytest.mark.parametrize("kind", ["channel_block", "vexatious_notice"])
def test_a_block_or_notice_says_that_the_person_may_come_and_what_always_stays_open(kind):
    text = words_of(kind)
    assert "does not stop you from coming to the school. You may still come, and talk to staff" in text
    assert "You can still tell us that a child is absent" in text


def test_a_block_names_its_channel_where_it_is_known():
    assert "You are blocked from: ClassDojo" in words_of("channel_block")
    assert "You are blocked from:" not in words_of("channel_block", channel="")


def test_a_request_to_take_a_post_down_says_that_criticism_is_welcome():
    assert "You are free to criticise our school." in words_of("post_removal_request")


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("varied", "It goes on, but its terms are changed ."),
        ("ended", "We have decided that it should end . It came to an end on Friday 22 May 2026 ."),
        ("withdrawn", "We have withdrawn the restricted communication plan."),
    ],
)
def test_each_outcome_of_a_plan_is_told_in_its_own_words(outcome, told):
    text = words_of("plan_outcome", **samples.plan_outcome(outcome))
    assert told in text
    assert told not in words_of("plan_outcome")
    assert "place at our school" in text


def test_a_plan_that_is_kept_stays_as_it_was_and_tells_no_new_terms():
    text = words_of("plan_outcome", **{**samples.plan_outcome("varied"), "outcome": "kept"})
    assert "We have reviewed the restricted communication plan. It is kept as it is." in text
    assert "two emails a week" not in text
    assert "What applies now" not in text


def test_a_plan_that_is_kept_to_run_out_says_so_and_names_no_review():
    text = words_of("plan_outcome", run_out=True, review_on=None, reviewer="")
    assert "It ends by itself at the end of Friday 17 July 2026 . You need do nothing." in text
    assert "review it again" not in text


def test_the_varied_terms_of_a_block_need_no_ways():
    data = samples.plan_outcome("varied", measure_name="block from the school app or social media", ways=[], deputy="")
    text = words_of("plan_outcome", **data)
    assert "Last day of the block from the school app or social media" in text
    assert "Your ways to get in touch" not in text


def test_a_letter_that_replaces_another_names_it():
    assert "This letter takes the place of our letter ASH-1." in words_of("warning", supersedes="ASH-1")


def test_table_headers_have_their_scope():
    for kind in samples.ALL:
        for header in re.findall(r"<th\b[^>]*>", page(kind, samples.facts(kind))):
            assert header in {'<th scope="col">', '<th scope="row">'}


def test_a_description_stands_in_for_a_name():
    assert "Dear Sir or Madam" in words_of(
        "warning", recipient_name="The man in the red coat", salutation="Sir or Madam"
    )
    assert "Dear Alex Marlow" in words_of("warning", salutation="")


def test_weasyprint_is_not_imported_before_a_letter_is_made():
    script = "import sys, letters.rendering, letters.kinds; print('weasyprint' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=rendering.ROOT, capture_output=True, check=True, text=True
    )
    assert told.stdout == "False\n"


@pytest.mark.parametrize("module", ["kinds.py", "window.py"])
def test_the_version_of_the_templates_names_the_headings_and_the_place_of_the_address(module, monkeypatch):
    really = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: really(path) + b"#" * (path.name == module))
    assert rendering._version() != rendering.TEMPLATE_VERSION
