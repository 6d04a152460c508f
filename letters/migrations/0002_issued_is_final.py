"""The database refuses to change or delete an issued letter and a kept document."""

from django.db import migrations

from conduct import finality

TABLES = ("letters_letter", "letters_document")


def put_up(apps, schema_editor):
    for table in TABLES:
        finality.put_up(schema_editor, table)


def take_down(apps, schema_editor):
    for table in TABLES:
        finality.take_down(schema_editor, table)


class Migration(migrations.Migration):
    dependencies = [("letters", "0001_letters")]
    operations = [migrations.RunPython(put_up, take_down)]
