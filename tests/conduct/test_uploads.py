"""The one check of uploads: name, size and content; a refusal names the file and the limit."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from conduct import uploads
from conduct.uploads import STORY

TEXT = "story: Übung\n".encode()


def refused(name: str, content: bytes) -> str:
    with pytest.raises(ValidationError) as told:
        uploads.validated(SimpleUploadedFile(name, content), STORY)
    return told.value.message


@pytest.mark.parametrize("name", ["a.yaml", "A.YML", "über den zaun.yaml"])
def test_a_text_of_that_sort_is_taken_as_it_is(name):
    assert uploads.validated(SimpleUploadedFile(name, TEXT), STORY) == TEXT


def test_the_largest_that_may_be_is_taken_and_a_byte_more_is_not():
    most = b"#" * STORY.most
    assert uploads.validated(SimpleUploadedFile("a.yaml", most), STORY) == most
    assert refused("a.yaml", most + b"#") == "“a.yaml” has 257 KB: a story may have 256 KB at most."


def test_of_a_file_that_is_too_large_nothing_is_read():
    upload = SimpleUploadedFile("a.yaml", TEXT)
    upload.size = STORY.most + 1
    with pytest.raises(ValidationError):
        uploads.validated(upload, STORY)
    assert upload.tell() == 0


@pytest.mark.parametrize("name", ["a.pdf", "a.yaml.exe", "yaml", "a.yaml."])
def test_a_name_of_another_sort_is_refused(name):
    assert refused(name, TEXT) == f"“{name}” is not a story: its name must end in .yaml or .yml."


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"%PDF-1.7 text", "is a PDF, whatever its name says: only plain text can be read here"),
        (
            b"PK\x03\x04",
            "is a ZIP archive or an Office document, whatever its name says: only plain text can be read here",
        ),
        (b"\x89PNG\r\n", "is a picture, whatever its name says: only plain text can be read here"),
        (b"story: a\x00b", "holds a NUL character, so it is no plain text"),
        ("story: Übung".encode("latin-1"), "is not text in UTF-8: save it again with that encoding"),
        (b" \n", "is empty"),
        (b"", "is empty"),
    ],
)
def test_content_counts_not_only_the_name(content, wrong):
    assert refused("a.yaml", content) == f"“a.yaml” {wrong}."


@pytest.mark.parametrize("name", ["a\u202elmay.yaml", "x" * 116 + ".yaml"])
def test_a_name_that_cannot_be_shown_as_it_is_is_refused(name):
    told = refused(name, TEXT)
    assert told.startswith("Give the file a plain name of at most 120 characters: “")
    assert "\u202e" not in told


def test_what_was_typed_is_held_to_the_same_limit():
    with pytest.raises(ValidationError, match="“The text” has 257 KB: a story may have 256 KB at most"):
        uploads.checked("The text", b"#" * (STORY.most + 1), STORY)


def test_sizes_are_rounded_up():
    assert [uploads.in_words(n) for n in (1, 1024, 1025, 3 * 1024 * 1024)] == ["1 KB", "1 KB", "2 KB", "3 MB"]
