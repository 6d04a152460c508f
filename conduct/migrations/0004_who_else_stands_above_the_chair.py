"""A policy says who stands above the chair beside the trust; what was adopted before names nobody, as it did until now."""

from django.db import migrations

from conduct import finality


def add(apps, schema_editor):
    adoptions = apps.get_model("conduct", "Adoption").objects.using(schema_editor.connection.alias)
    finality.take_down(schema_editor, "conduct_adoption")
    for row in adoptions.order_by("pk"):
        if "also_above" not in row.content["policy"]:
            row.content["policy"]["also_above"] = ""
            row.save(update_fields=["content"])
    finality.put_up(schema_editor, "conduct_adoption")


def take_out(apps, schema_editor):
    adoptions = apps.get_model("conduct", "Adoption").objects.using(schema_editor.connection.alias)
    finality.take_down(schema_editor, "conduct_adoption")
    for row in adoptions.order_by("pk"):
        row.content["policy"].pop("also_above", None)
        row.save(update_fields=["content"])
    finality.put_up(schema_editor, "conduct_adoption")


class Migration(migrations.Migration):
    dependencies = [("conduct", "0003_adoption_keeps_the_policy")]
    operations = [migrations.RunPython(add, take_out)]
