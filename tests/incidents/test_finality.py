"""What was logged, said and found is final, in the database itself and not by good manners alone."""

import pytest
from django.db import DatabaseError, connection, transaction

from incidents.models import Incident
from sanctions import amending, inquiry, outcomes
from tests.factories import at

LATER = "2026-03-11 09:00"


@pytest.fixture
def whole(world) -> Incident:
    """An incident with everything that can be added to one."""
    incident = world.incident(harmed=[world.sena], witnesses=["Wendy Witness"])
    world.found(incident)
    inquiry.reclassify(incident, by=world.hari, at=at(LATER), severity="minor", reason="On reflection.")
    amending.correct(incident, by=world.olive, at=at(LATER), text="It was the side door.")
    amending.mark(incident, by=world.hari, at=at(LATER), kind="wrong", reason="Another person.")
    outcomes.read(incident, by=world.olive, at=at("2026-03-11 10:00"))
    return incident


def tried(sql: str, *values: object) -> str:
    """What the database says to a statement."""
    with pytest.raises(DatabaseError) as told, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(told.value)


TABLES = {
    "incidents_incident": "a logged incident is never changed or deleted",
    "incidents_incident_harmed": "who was harmed is never changed or deleted",
    "incidents_incidentclause": "a logged clause is never changed or deleted",
    "incidents_witness": "a witness is never changed or deleted",
    "incidents_account": "an account is never changed or deleted",
    "incidents_finding": "a finding is never changed or deleted",
    "incidents_reclassification": "a change of severity is never changed or deleted",
    "incidents_correction": "a correction is never changed or deleted",
    "incidents_mark": "a mark is never changed or deleted",
    "incidents_outcometold": "what somebody was told is never changed or deleted",
}


@pytest.mark.parametrize(("table", "words"), TABLES.items())
def test_the_database_refuses_to_delete_what_was_logged(whole, table, words):
    assert words in tried(f"DELETE FROM {table}")


FINAL_TEXTS = [
    ("incidents_incident", "narrative", "Nothing happened."),
    ("incidents_incident", "place", "email"),
    ("incidents_incident", "occurred_at", at("2026-01-01 09:00")),
    ("incidents_incident", "logged_at", at("2026-01-01 09:00")),
    ("incidents_incident", "reference", "I-2026-9999"),
    ("incidents_incident", "on_behalf_name", "Mrs Oak"),
    ("incidents_incident", "danger", True),
    ("incidents_incident", "online_is", "criticism"),
    ("incidents_incident", "event", "a" * 32),
    ("incidents_incidentclause", "clause", "U28"),
    ("incidents_witness", "name", "Somebody Else"),
    ("incidents_account", "text", "He was polite."),
    ("incidents_finding", "reason", "Because."),
    ("incidents_reclassification", "reason", "Because."),
    ("incidents_correction", "text", "It was the front door."),
    ("incidents_mark", "reason", "Because."),
    ("incidents_outcometold", "what", "Something else."),
]


@pytest.mark.parametrize(("table", "column", "value"), FINAL_TEXTS, ids=lambda part: str(part)[:40])
def test_the_database_refuses_to_change_what_was_logged(whole, table, column, value):
    assert TABLES[table] in tried(f"UPDATE {table} SET {column} = %s", value)  # noqa: S608


@pytest.mark.parametrize("column", ["school_id", "adoption_id", "subject_id", "logged_by_id"])
def test_the_database_refuses_to_give_an_incident_to_somebody_else(whole, column):
    assert TABLES["incidents_incident"] in tried(f"UPDATE incidents_incident SET {column} = 999999")  # noqa: S608


def test_the_words_themselves_stand_after_all_that_was_tried(whole):
    tried("UPDATE incidents_incident SET narrative = %s", "Nothing happened.")
    assert Incident.objects.get().narrative == "Shouted at the receptionist."


def test_severity_changes_with_its_reason_and_a_mark_is_taken_back(world):
    incident = world.incident()
    inquiry.reclassify(incident, by=world.sena, at=at(LATER), severity="minor", reason="On reflection.")
    amending.mark(incident, by=world.hari, at=at(LATER), kind="wrong", reason="Another person.")
    amending.take_back(incident, by=world.hari, at=at("2026-03-12 09:00"))
    incident = Incident.objects.get()
    assert (incident.severity, incident.counts) == ("minor", True)
