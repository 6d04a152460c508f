"""The proof stands with each sending alone; what is final of letters, the database refuses to change."""

from django.db import migrations

from conduct import finality

TABLES = (
    "letters_letter",
    "letters_document",
    "letters_approval",
    "letters_wording",
    "letters_wordingchecked",
    "letters_sending",
)


def put_up(apps, schema_editor):
    for table in TABLES:
        finality.put_up(schema_editor, table)


def take_down(apps, schema_editor):
    for table in TABLES:
        finality.take_down(schema_editor, table)


class Migration(migrations.Migration):
    dependencies = [("letters", "0004_what_was_sent")]
    operations = [
        migrations.RemoveField(model_name="letter", name="proof"),
        migrations.RemoveField(model_name="letter", name="proof_note"),
        migrations.RunPython(put_up, take_down),
    ]
