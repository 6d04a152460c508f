"""The database refuses to change or delete an audit row."""

from django.db import migrations

from conduct import finality


def put_up(apps, schema_editor):
    finality.put_up(schema_editor, "conduct_auditrow")


def take_down(apps, schema_editor):
    finality.take_down(schema_editor, "conduct_auditrow")


class Migration(migrations.Migration):
    dependencies = [("conduct", "0001_schools_people_audit")]
    operations = [migrations.RunPython(put_up, take_down)]
