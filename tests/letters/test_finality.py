"""An issued letter is final: neither a later change of anything it was made of, nor a statement to the database, changes it."""

import pytest
from django.db import DatabaseError, connection, transaction

from conduct.finality import FINAL
from letters import letterhead, press
from letters.models import Document, Letter, Sending, Wording, WordingChecked
from sanctions import correspondence
from tests.factories import World, at, signed

WHEN = at("2026-03-02 10:20")


@pytest.fixture
def issued(world: World) -> Letter:
    """The letter of a provisional ban: issued, and sent."""
    letter = world.opened().case_letters.get().letter
    told = {"sent_at": WHEN, "method": "post", "proof": "signed_for", "note": "AB123456789GB"}
    correspondence.record_sent(letter, by=world.adam, at=WHEN, **told)
    return Letter.objects.get(pk=letter.pk)


def tried(sql: str, *values: object) -> str:
    """What the database says to a statement."""
    with pytest.raises(DatabaseError) as told, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(told.value)


def another(column: str) -> object:
    """A value that no row has in this column."""
    if column.endswith("_id"):
        return 999999
    if column == "at" or column.endswith("_at"):
        return at("2001-01-01 00:00")
    return '{"another": 1}' if column in {"facts", "look"} else "?"


@pytest.mark.usefixtures("quick_letters")
@pytest.mark.parametrize("column", FINAL["letters_letter"][1])
def test_the_database_refuses_to_change_an_issued_letter(issued, column):
    assert "an issued letter is never changed" in tried(f"UPDATE letters_letter SET {column} = %s", another(column))  # noqa: S608


@pytest.mark.usefixtures("quick_letters")
@pytest.mark.parametrize("column", FINAL["letters_sending"][1])
def test_the_database_refuses_to_change_how_a_letter_was_sent(issued, column):
    assert "is never changed" in tried(f"UPDATE letters_sending SET {column} = %s", another(column))  # noqa: S608


@pytest.mark.usefixtures("quick_letters")
@pytest.mark.parametrize("table", ["letters_letter", "letters_document", "letters_sending", "letters_approval"])
def test_the_database_refuses_to_delete_what_was_issued_approved_and_sent(issued, table):
    assert "never changed or deleted" in tried(f"DELETE FROM {table}")  # noqa: S608


@pytest.mark.usefixtures("quick_letters")
def test_the_database_refuses_to_change_kept_bytes(issued):
    assert "a kept document is never changed" in tried("UPDATE letters_document SET content = %s", b"%PDF another")


def test_the_database_refuses_to_change_a_version_of_a_text_and_that_it_was_looked_at(world):
    common = {"school": world.school, "kind": "warning", "at": WHEN, "by": world.adam}
    Wording.objects.create(number=1, texts={"law": "One."}, **common)
    WordingChecked.objects.create(digest="0" * 64, checked_by="The trust's solicitor", **common)
    for table, words in {
        "letters_wording": "a version of a text",
        "letters_wordingchecked": "looked at a text",
    }.items():
        assert words in tried(f"UPDATE {table} SET kind = 'x'")  # noqa: S608
        assert words in tried(f"DELETE FROM {table}")  # noqa: S608


def test_a_draft_may_still_be_changed_and_deleted(world):
    draft = world.decided().case_letters.get()
    Letter.objects.filter(pk=draft.letter_id).update(extra="More.")
    draft.delete()
    Letter.objects.filter(pk=draft.letter_id).delete()
    assert not Letter.objects.exists()


def test_an_email_that_waits_to_be_sent_may_still_be_marked_as_sent(issued):
    waiting = {"stage": "waiting", "method": "email", "to_email": "a@home.example"}
    Sending.objects.create(letter=issued, **waiting, at=WHEN, by=issued.issued_by)
    assert Sending.objects.filter(sent_at=None).update(stage="left", sent_at=WHEN) == 1


# -- what happens afterwards --------------------------------------------------------------------------------------


def everything_changes(world: World) -> None:
    """The person moves and marries, the school gets another name and head office, an incident is added."""
    world.alex.name, world.alex.address, world.alex.large_print = "Alex Cole", "9 New Road\nLeeds LS1 1AA", True
    world.alex.save()
    world.school.name, world.school.phone, world.school.complaints = "Another School", "01632 960999", "Write."
    world.school.save()
    world.hari.name = "Harriet Newname"
    world.hari.save()
    world.incident(when="2026-03-03 09:00", narrative="Something else.")


def test_nothing_that_happens_afterwards_changes_an_issued_letter(world):
    issue = {"by": world.adam, "at": at("2026-03-02 10:00"), "method": "post", "signed_by": world.hari}
    letter = correspondence.issue(signed(world.decided().case_letters.get()), **issue)
    before = bytes(Document.objects.get().content)
    everything_changes(world)
    kept = Letter.objects.get(pk=letter.pk)
    assert bytes(kept.document.content) == before
    assert press.letter(kept.kind, kept.facts, look=letterhead.seen(kept.look)) == before
