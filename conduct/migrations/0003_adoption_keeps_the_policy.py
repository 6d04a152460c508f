"""An adoption keeps the whole policy, its number among the school's versions, who adopted it, and whether it was withdrawn.

What was adopted before gets the policy as it is shipped now, which is what it followed until now. Then the database
itself refuses to change an adoption.
"""

from itertools import groupby

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from conduct import code, finality


def fill_in(apps, schema_editor):
    """Each school's adoptions, numbered in the order of their dates, with the policy of their pack's file."""
    adoptions = apps.get_model("conduct", "Adoption").objects.using(schema_editor.connection.alias)
    rows = adoptions.order_by("school_id", "starts_on", "pk")
    for _, of_school in groupby(rows, key=lambda row: row.school_id):
        for number, row in enumerate(of_school, 1):
            row.version = number
            row.content = code.shipped(row.pack_key)
            row.save(update_fields=["version", "content"])


def nothing(apps, schema_editor):
    """The columns go as they are."""


def put_up(apps, schema_editor):
    finality.put_up(schema_editor, "conduct_adoption")


def take_down(apps, schema_editor):
    finality.take_down(schema_editor, "conduct_adoption")


class Migration(migrations.Migration):
    dependencies = [("conduct", "0002_audit_is_final")]
    operations = [
        migrations.AddField(
            "adoption",
            "version",
            models.PositiveSmallIntegerField(default=1, help_text="The school's own count: 1, 2, …"),
            preserve_default=False,
        ),
        migrations.AddField("adoption", "content", models.JSONField(default=dict)),
        migrations.AddField("adoption", "adjusted", models.BooleanField(default=False)),
        migrations.AddField("adoption", "adopted_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "adoption",
            "adopted_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("adoption", "withdrawn_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "adoption",
            "withdrawn_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(fill_in, nothing),
        migrations.RemoveConstraint("adoption", "one_policy_a_day"),
        migrations.AddConstraint(
            "adoption",
            models.UniqueConstraint(
                fields=["school", "starts_on"],
                condition=Q(withdrawn_at=None),
                name="one_policy_a_day",
                violation_error_message="The school adopts a policy on that day already.",
            ),
        ),
        migrations.AddConstraint(
            "adoption",
            models.UniqueConstraint(
                fields=["school", "version"],
                name="one_policy_a_version",
                violation_error_message="The school has a version of that number already.",
            ),
        ),
        migrations.AddConstraint(
            "adoption",
            models.CheckConstraint(
                condition=Q(adopted_at=None, adopted_by=None) | Q(adopted_at__isnull=False, adopted_by__isnull=False),
                name="policy_adopted_whole",
                violation_error_message="An adoption says when and by whom, or neither.",
            ),
        ),
        migrations.AddConstraint(
            "adoption",
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="policy_withdrawn_whole",
                violation_error_message="A withdrawn adoption says when and by whom.",
            ),
        ),
        migrations.RunPython(put_up, take_down),
    ]
