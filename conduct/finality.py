"""What is final, the database itself refuses to change: triggers for SQLite and PostgreSQL, put up by migrations.

Whatever comes by: a slip in our own code, a script, a person at the database's prompt. The words of the refusal are in
the trigger, so that whoever meets it knows why.
"""

from collections.abc import Collection, Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# table: the words of the refusal, the columns that are final (none: the whole row), and the condition under which
FINAL: dict[str, tuple[str, Sequence[str], str]] = {
    "conduct_auditrow": ("audit rows are never changed or deleted", (), ""),
    "conduct_adoption": (
        "an adopted policy is never changed or deleted: another one follows it",
        ["school_id", "version", "pack_key", "content", "adjusted", "starts_on", "adopted_at", "adopted_by_id"],
        "",
    ),
    "incidents_evidence": (
        "evidence is never changed or deleted: it is marked as taken out",
        ["incident_id", "file_id", "at", "by_id"],
        "",
    ),
    "letters_document": ("a kept document is never changed or deleted", (), ""),
    "letters_letter": (
        "an issued letter is never changed or deleted",
        [
            *("school_id", "recipient_id", "kind", "drafted_at", "drafted_by_id", "account", "extra", "supersedes_id"),
            *("reference", "facts", "template_version", "document_id", "signed_by_id", "issued_at", "issued_by_id"),
            *("addressee", "look", "wording_id"),
        ],
        "OLD.issued_at IS NOT NULL",
    ),
    "letters_approval": ("an approval is never changed or deleted: a later one follows it", (), ""),
    "letters_wording": ("a version of a text is never changed or deleted: another one follows it", (), ""),
    "letters_wordingchecked": ("that somebody looked at a text is never changed or deleted", (), ""),
    "letters_sending": (
        "that a letter was sent is never changed or deleted: it is sent again, or marked as come back",
        ["letter_id", "method", "sent_at", "proof", "proof_note", "to_email", "at", "by_id"],
        "OLD.sent_at IS NOT NULL",
    ),
    "incidents_incident": (
        "a logged incident is never changed or deleted: add a correction, or mark it",
        [  # all but the severity, which senior staff may change with a reason
            *(
                "school_id",
                "adoption_id",
                "reference",
                "subject_id",
                "logged_at",
                "logged_by_id",
                "occurred_at",
                "place",
            ),
            *("narrative", "danger", "within_exception", "ended_interaction", "asked_to_leave", "online_is"),
            *("on_behalf_of_id", "on_behalf_name", "token", "event"),
        ],
        "",
    ),
    "incidents_incident_harmed": ("who was harmed is never changed or deleted once it is logged", (), ""),
    "incidents_incidentclause": ("a logged clause is never changed or deleted: a finding says what is upheld", (), ""),
    "incidents_witness": ("a witness is never changed or deleted once they are logged", (), ""),
    "incidents_account": ("an account is never changed or deleted: another one stands beside it", (), ""),
    "incidents_finding": ("a finding is never changed or deleted: a later one follows it", (), ""),
    "incidents_reclassification": ("a change of severity is never changed or deleted: another one follows it", (), ""),
    "incidents_correction": ("a correction is never changed or deleted: another one follows it", (), ""),
    "incidents_mark": (
        "a mark is never changed or deleted: it is taken back",
        ["incident_id", "kind", "reason", "at", "by_id"],
        "",
    ),
    "incidents_outcometold": ("what somebody was told is never changed or deleted", (), ""),
}


def statements(vendor: str, table: str, there: Collection[str] | None = None) -> list[str]:
    """The SQL that makes a table's final rows final; of its final columns those that are there already, if it is said."""
    words, columns, condition = FINAL[table]
    columns = [c for c in columns if there is None or c in there]
    differs = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
    changed = " OR ".join(f"NEW.{c} {differs} OLD.{c}" for c in columns)
    on_update = " AND ".join(f"({part})" for part in (condition, changed) if part)
    if vendor == "postgresql":
        return [
            f"CREATE OR REPLACE FUNCTION {table}_is_final() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$",
            *(
                f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW "
                f"{f'WHEN ({when})' if when else ''} EXECUTE FUNCTION {table}_is_final()"
                for event, when in (("UPDATE", on_update), ("DELETE", condition))
            ),
        ]
    return [
        f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW "
        f"{f'WHEN {when}' if when else ''} BEGIN SELECT RAISE(ABORT, '{words}'); END"
        for event, when in (("UPDATE", on_update), ("DELETE", condition))
    ]


def put_up(schema_editor: BaseDatabaseSchemaEditor, table: str) -> None:
    """Make the final rows of a table final."""
    database = schema_editor.connection
    with database.cursor() as cursor:  # an early migration puts it up before a later one adds a column
        there = {column.name for column in database.introspection.get_table_description(cursor, table)}
    for statement in statements(database.vendor, table, there):
        schema_editor.execute(statement)


def take_down(schema_editor: BaseDatabaseSchemaEditor, table: str) -> None:
    """Take the triggers away: to reverse a migration, and to empty a test database."""
    on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
    for event in ("update", "delete"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{event}{on}")
