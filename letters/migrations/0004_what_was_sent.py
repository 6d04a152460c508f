"""Each letter that was sent gets the row of that sending, with its proof."""

from django.db import migrations

AT_ONCE = 500


def keep_sendings(apps, schema_editor):
    letters = apps.get_model("letters", "Letter").objects.filter(posted_at__isnull=False)
    sendings = apps.get_model("letters", "Sending").objects
    sent = letters.order_by("pk").only("pk", "method", "sent_at", "proof", "proof_note", "posted_at", "posted_by_id")
    sendings.bulk_create(
        (
            sendings.model(
                letter_id=letter.pk,
                method=letter.method,
                sent_at=letter.sent_at,
                proof=letter.proof,
                proof_note=letter.proof_note,
                at=letter.posted_at,
                by_id=letter.posted_by_id,
            )
            for letter in sent.iterator(chunk_size=AT_ONCE)
        ),
        batch_size=AT_ONCE,
    )


def give_back(apps, schema_editor):
    """What a letter can hold of it: the last of its sendings."""
    for sending in apps.get_model("letters", "Sending").objects.order_by("at", "pk").select_related("letter"):
        letter = sending.letter
        letter.proof, letter.proof_note = sending.proof, sending.proof_note
        letter.save(update_fields=["proof", "proof_note"])


class Migration(migrations.Migration):
    dependencies = [("letters", "0003_the_post_room")]
    operations = [migrations.RunPython(keep_sendings, give_back)]
