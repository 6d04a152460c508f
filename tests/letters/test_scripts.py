"""Names in every script that people at English schools write theirs in: in our own fonts, and given back as written."""

import re
import subprocess
import sys
from io import BytesIO

import pikepdf
import pytest

from letters import characters, fonts, press, rendering, samples
from letters.characters import LEFT_TO_RIGHT, CannotPrint, printable
from letters.rendering import page, render
from tests.letters import tagged

NAMES = {
    "Polish": ("Łukasz Żółć-Gęślą", set()),
    "Vietnamese": ("Nguyễn Thị Hồng Đặng", set()),
    "Yoruba": ("Olúwaṣẹ́gun Adébáyọ̀ Ẹ̀kìtì", set()),
    "Hausa": ("Ƙwarai Ɓagwai Ƴar’adua", {"Latin"}),
    "Greek": ("Ελένη Παπαδοπούλου", set()),
    "Ukrainian": ("Їжакевич Ґалаґан Єва", set()),
    "Arabic": ("محمد عبد الرحمن", {"Arabic"}),
    "Persian": ("ژاله گلچهره پاک‌نژاد", {"Arabic"}),
    "Pashto": ("ګلالۍ څانګه ډېره", {"Arabic"}),
    "Kurdish": ("ئازاد ڕێبوار ڵەیلا", {"Arabic"}),
    "Urdu": ("محمد یوسف ٹیپو", {"Arabic"}),
    "Hebrew": ("שָׁלוֹם כהן", {"Hebrew"}),
    "Bengali": ("শ্রীমতী ক্ষিতি চট্টোপাধ্যায়", {"Bengali"}),
    "Tamil": ("தமிழ்ச்செல்வி ஸ்ரீநிவாசன்", {"Tamil"}),
    "Chinese": ("李娜 Li 欧阳", {"CJK"}),
    "traditional Chinese": ("歐陽鋒 龘", {"CJK"}),
    "Japanese": ("山田 はなこ サトウ", {"CJK"}),
    "Hindi": ("श्रीकृष्ण क्षत्रिय", {"Devanagari"}),
    "Panjabi": ("ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", {"Gurmukhi"}),
    "Gujarati": ("ક્ષિતિજ શાહ", {"Gujarati"}),
    "Malayalam": ("ക്രിസ്റ്റീന", {"Malayalam"}),
    "Telugu": ("శ్రీనివాస్", {"Telugu"}),
    "Kannada": ("ಕೃಷ್ಣ", {"Kannada"}),
    "Sinhala": ("ශ්‍රීමත්", {"Sinhala"}),
    "Thai": ("สมชาย น้ำฝน", {"Thai"}),
    "Amharic": ("ኃይለ ሥላሴ", {"Ethiopic"}),
    "Georgian": ("გიორგი", {"Georgian"}),
    "Armenian": ("Գևորգ", {"Armenian"}),
}
OURS = {"Conduct-Letter", "Conduct-Letter-Semi-Bold"}


def with_name(name, **more):
    """A letter with that name wherever one stands, in both weights."""
    facts = samples.facts("warning", recipient_name=name, salutation=name, signatory_name=name, pupils=[name], **more)
    return facts | {"ask_name": name, "extra": f"{name}, please ask {name}."}


def embedded(pdf):
    with pikepdf.open(BytesIO(pdf)) as opened:
        fonts = [font for each in opened.pages for font in each.Resources.Font.values()]
        inner = [font.DescendantFonts[0] for font in fonts]
        assert all("/FontFile2" in each.FontDescriptor for each in inner)
        return {str(each.BaseFont).split("+")[1] for each in inner}


@pytest.mark.parametrize(("name", "scripts"), NAMES.values(), ids=NAMES)
def test_a_name_prints_in_our_fonts_alone_with_no_box_and_reads_as_written(name, scripts, caplog):
    pdf = render("warning", with_name(name))
    assert embedded(pdf) == OURS | {f"Conduct-Letter-{script}" for script in scripts}
    assert [record.message for record in caplog.records] == []  # WeasyPrint warns of each box
    said = [each.text() for each in tagged.read(pdf).root.all("P", "NonStruct")]
    name = printable(name).replace(LEFT_TO_RIGHT, "")
    assert f"Dear {name}" in said
    assert f"{name}, please ask {name}." in said
    assert name in said  # the signatory, in the heavier weight


def test_a_press_that_printed_other_letters_before_takes_further_fonts_along_within_its_walls():
    press.letter("warning", samples.facts("warning"))
    for name, script in (("李娜", "CJK"), ("محمد", "Arabic"), ("Ƙwarai", "Latin")):
        assert embedded(press.letter("warning", with_name(name))) == OURS | {f"Conduct-Letter-{script}"}


def test_every_chinese_character_of_the_first_block_prints():
    assert [chr(code) for code in range(0x4E00, 0x9FA6) if chr(code) not in fonts.script_of()] == []


@pytest.mark.parametrize(
    "letters", ["ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئ", "پچژگکی", "ټډړږښځڅڼګۍې", "ٹڈڑںھہےۓ", "ڕڵۆێەڤ"]
)
def test_the_letters_of_the_languages_in_arabic_script_print(letters):
    assert characters.unprintable({"name": letters}) == ""


def test_a_letter_in_plain_english_reads_no_further_font():
    script = (
        "from letters import fonts; from letters.rendering import render; from letters import samples;"
        "render('warning', samples.facts('warning'));"
        "print(fonts.script_of.cache_info().currsize, fonts.configuration.cache_info().currsize)"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=rendering.ROOT, capture_output=True, check=True, text=True
    )
    assert told.stdout == "0 1\n"


def test_the_fonts_that_other_letters_needed_change_no_byte_of_this_one():
    before = render("warning", samples.facts("warning"))
    render("warning", with_name("李娜 محمد"))
    assert render("warning", samples.facts("warning")) == before


def test_the_same_name_gives_the_same_bytes_in_another_process():
    script = (
        "import sys; from letters.rendering import render; from tests.letters.test_scripts import with_name;"
        "sys.stdout.buffer.write(render('warning', with_name('李娜 محمد')))"
    )
    other = subprocess.run([sys.executable, "-c", script], cwd=rendering.ROOT, capture_output=True, check=True)
    assert other.stdout == render("warning", with_name("李娜 محمد"))


def test_the_number_of_a_house_stays_behind_a_name_that_runs_from_the_right():
    drawn = tagged.read(
        render("ban_lifted", samples.facts("ban_lifted", extra="Xx محمد علي, 12 High Street yy."))
    ).drawn
    [line] = re.findall("Xx(.*?)yy", drawn)
    assert line.replace(" ", "").endswith(",12HighStreet")


def test_without_the_mark_it_would_not(monkeypatch):
    monkeypatch.setattr(characters, "kept_apart", lambda text: text)
    drawn = tagged.read(
        render("ban_lifted", samples.facts("ban_lifted", extra="Xx محمد علي, 12 High Street yy."))
    ).drawn
    [line] = re.findall("Xx(.*?)yy", drawn)
    assert line.replace(" ", "").startswith("12,")


def test_joiners_stay_in_scripts_that_are_written_with_them_and_nowhere_else():
    assert printable("پاک‌نژاد") == "پاک‌نژاد" + LEFT_TO_RIGHT
    assert printable("ශ්‍රී") == "ශ්‍රී"
    assert printable("Ash‌field‍") == "Ashfield"


def test_a_character_that_no_font_of_ours_has_is_named():
    with pytest.raises(CannotPrint, match="these characters: ᚠ김"):
        page("warning", samples.facts("warning", recipient_name="ᚠ 김"))


def test_the_policy_and_other_pages_print_names_in_every_script_as_well():
    pdf = press.page('<html lang="en"><title>x</title><p>李娜</p>', 'html { font-family: "Conduct Letter" }')
    assert embedded(pdf) == {"Conduct-Letter-CJK"}
    assert "李娜" in tagged.read(pdf).root.text()


def test_each_font_stands_beside_its_licence():
    told = (fonts.STATIC / "fonts" / "scripts" / "README.txt").read_text(encoding="utf-8")
    assert re.findall(r"^([a-z]+)\.ttf", told, re.M) == sorted(fonts.SCRIPTS)
