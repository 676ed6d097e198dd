"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTE_ORDER = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)

# Conditions of partial indexes.
UNPROVED = sa.text("email_proved_at IS NULL")
ERASED = sa.text("erased_at IS NOT NULL")
DEAD = sa.text("dead_at IS NOT NULL")
DONE = sa.text("done_at IS NOT NULL")
WAITING = sa.text("done_at IS NULL AND dead_at IS NULL")
OPEN = sa.text("status IN ('registered', 'in_work', 'clarification')")
CHECKED = sa.text("answer_check_at IS NOT NULL")
OF_READING = sa.text("reading_id IS NOT NULL")
REMINDED = sa.text("remind_at IS NOT NULL")
RUNNING = sa.text("status IN ('registered', 'in_work')")
METER = sa.text("key = 'meter_number'")
CURRENT = sa.text("current")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", BYTE_ORDER, nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_is_temporary", sa.Boolean(), nullable=False),
        sa.Column("password_expires_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("email_proved_at", TIME, nullable=True),
        sa.Column("registration_draft_id", sa.String(length=32), nullable=True),
        sa.Column("erased_at", TIME, nullable=True),
        sa.Column("answer_channel", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("email", name="uq_accounts_email"),
    )
    op.create_index("ix_accounts_registration_draft_id", "accounts", ["registration_draft_id"])
    op.create_index(
        "ix_accounts_unproved",
        "accounts",
        ["created_at"],
        sqlite_where=UNPROVED,
        postgresql_where=UNPROVED,
    )
    op.create_index(
        "ix_accounts_erased_at",
        "accounts",
        ["erased_at"],
        sqlite_where=ERASED,
        postgresql_where=ERASED,
    )
    op.create_index("ix_accounts_phone", "accounts", ["phone"])

    op.create_table(
        "audit",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_account_id", "audit", ["account_id"])
    op.create_index("ix_audit_request_id", "audit", ["request_id"])

    op.create_table(
        "conversations",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("saved_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_conversations"),
    )

    op.create_table(
        "handled_updates",
        sa.Column("update_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("handled_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_handled_updates"),
    )

    op.create_table(
        "login_attempts",
        sa.Column("key", BYTE_ORDER, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", TIME, nullable=True),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_login_attempts"),
    )
    op.create_index("ix_login_attempts_recorded_at", "login_attempts", ["recorded_at"])

    op.create_table(
        "outbox",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("not_before", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", TIME, nullable=True),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.Column("dead_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("dedupe_key", name="uq_outbox_dedupe_key"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_dead_at", "outbox", ["dead_at"], sqlite_where=DEAD, postgresql_where=DEAD
    )
    op.create_index(
        "ix_outbox_done_at", "outbox", ["done_at"], sqlite_where=DONE, postgresql_where=DONE
    )
    op.create_index(
        "ix_outbox_waiting_turn",
        "outbox",
        ["priority", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index(
        "ix_outbox_waiting_stream",
        "outbox",
        ["stream", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )

    op.create_table(
        "remembered_values",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_remembered_values"),
    )

    op.create_table(
        "sequences",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_sequences"),
    )

    op.create_table(
        "chats",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=True),
        sa.Column("locale", sa.String(length=8), nullable=True),
        sa.Column("last_seen_at", TIME, nullable=True),
        sa.Column("logged_in_at", TIME, nullable=True),
        sa.Column("logged_in_until", TIME, nullable=True),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_chats_account_id"),
        sa.PrimaryKeyConstraint("chat_id", name="pk_chats"),
    )
    op.create_index("ix_chats_account_id", "chats", ["account_id"])

    op.create_table(
        "consents",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_consents_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_account_id", "consents", ["account_id"])

    op.create_table(
        "meters",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=True),
        sa.Column("object", sa.String(length=16), server_default="dwelling", nullable=False),
        sa.Column("ratio", sa.Integer(), server_default="1", nullable=False),
        sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_meters_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_meters"),
        sa.UniqueConstraint("account_id", "number", name="uq_meters_account_id_number"),
    )
    op.create_index("ix_meters_number", "meters", ["number"])

    op.create_table(
        "contact_changes",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("former", sa.Text(), nullable=False),
        sa.Column("present", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_contact_changes_account_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_contact_changes"),
    )
    op.create_index("ix_contact_changes_asked_at", "contact_changes", ["asked_at"])
    op.create_index(
        "ix_contact_changes_account_id_asked_at", "contact_changes", ["account_id", "asked_at"]
    )

    op.create_table(
        "known_chats",
        sa.Column("account_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_login_at", TIME, nullable=False),
        sa.Column("last_login_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_known_chats_account_id"),
        sa.PrimaryKeyConstraint("account_id", "chat_id", name="pk_known_chats"),
    )

    op.create_table(
        "one_time_codes",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("email_key", sa.String(length=64), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", ROW_ID, nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("accepted_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_one_time_codes_account_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_codes"),
        sa.UniqueConstraint(
            "email_key", "purpose", "chat_id", name="uq_one_time_codes_email_key_purpose_chat_id"
        ),
    )
    op.create_index("ix_one_time_codes_account_id", "one_time_codes", ["account_id"])
    op.create_index("ix_one_time_codes_expires_at", "one_time_codes", ["expires_at"])

    op.create_table(
        "password_resets",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_password_resets_account_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_password_resets"),
    )
    op.create_index("ix_password_resets_account_id", "password_resets", ["account_id"])
    op.create_index("ix_password_resets_asked_at", "password_resets", ["asked_at"])

    op.create_table(
        "reading_preferences",
        sa.Column("account_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("layout", sa.String(length=16), nullable=False),
        sa.Column("reminders", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_reading_preferences_account_id"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_reading_preferences"),
    )

    op.create_table(
        "staff_mentions",
        sa.Column("account_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("by_bot", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_staff_mentions_account_id"
        ),
        sa.PrimaryKeyConstraint("account_id", "chat_id", "message_id", name="pk_staff_mentions"),
    )

    op.create_table(
        "requests",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("type_code", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("registered_at", TIME, nullable=False),
        sa.Column("review_due", sa.Date(), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("term_is_working", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("clock_stopped_at", TIME, nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("remind_at", TIME, nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("raw_answers", sa.JSON(), nullable=True),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("answer_check_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_requests_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.UniqueConstraint("draft_id", name="uq_requests_draft_id"),
        sa.UniqueConstraint("number", name="uq_requests_number"),
    )
    op.create_index("ix_requests_account_id_id", "requests", ["account_id", "id"])
    op.create_index(
        "ix_requests_open_assignee",
        "requests",
        ["assignee_id", "review_due", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_requests_closed_at", "requests", ["closed_at"])
    op.create_index("ix_requests_registered_at_id", "requests", ["registered_at", "id"])
    op.create_index(
        "ix_requests_answer_checks",
        "requests",
        ["answer_check_at", "id"],
        sqlite_where=CHECKED,
        postgresql_where=CHECKED,
    )
    op.create_index(
        "ix_requests_reminders",
        "requests",
        ["remind_at", "id"],
        sqlite_where=REMINDED,
        postgresql_where=REMINDED,
    )
    op.create_index(
        "ix_requests_running",
        "requests",
        ["review_due", "id"],
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    op.create_index(
        "ix_requests_open_type",
        "requests",
        ["type_code", "registered_at"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )

    op.create_table(
        "answers",
        sa.Column("request_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_answers_request_id"),
        sa.PrimaryKeyConstraint("request_id", "position", name="pk_answers"),
    )
    op.create_index(
        "ix_answers_meter",
        "answers",
        ["value", "request_id"],
        sqlite_where=METER,
        postgresql_where=METER,
    )

    op.create_table(
        "inbox",
        sa.Column("update_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("chat_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("owner", sa.BigInteger(), nullable=True),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_chat_key_update_id", "inbox", ["chat_key", "update_id"])

    op.create_table(
        "history",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("request_id", ROW_ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.String(length=16), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_history_request_id"),
        sa.PrimaryKeyConstraint("id", name="pk_history"),
    )
    op.create_index("ix_history_request_id", "history", ["request_id"])

    op.create_table(
        "readings",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("meter_id", ROW_ID, nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("submitted_at", TIME, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("used", sa.JSON(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("ratio", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["meter_id"], ["meters.id"], name="fk_readings_meter_id"),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
        sa.UniqueConstraint("draft_id", name="uq_readings_draft_id"),
    )
    op.create_index("ix_readings_day_id", "readings", ["day", "id"])
    op.create_index(
        "uq_readings_current",
        "readings",
        ["meter_id", "day"],
        unique=True,
        sqlite_where=CURRENT,
        postgresql_where=CURRENT,
    )
    op.create_index("ix_readings_meter_id_day_id", "readings", ["meter_id", "day", "id"])

    op.create_table(
        "files",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("unique_id", sa.Text(), nullable=False),
        sa.Column("request_id", ROW_ID, nullable=True),
        sa.Column("reading_id", ROW_ID, nullable=True),
        sa.Column("account_id", ROW_ID, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("stored_at", TIME, nullable=False),
        sa.Column("verdict", sa.String(length=16), server_default="unasked", nullable=False),
        sa.Column("caption", sa.Text(), server_default="", nullable=False),
        sa.Column("from_staff", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_photo", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_files_request_id"),
        sa.ForeignKeyConstraint(["reading_id"], ["readings.id"], name="fk_files_reading_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_files_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.UniqueConstraint("draft_id", "unique_id", name="uq_files_draft_id_unique_id"),
    )
    op.create_index("ix_files_request_id", "files", ["request_id"])
    op.create_index("ix_files_account_id_stored_at", "files", ["account_id", "stored_at"])
    op.create_index(
        "ix_files_reading_id",
        "files",
        ["reading_id"],
        sqlite_where=OF_READING,
        postgresql_where=OF_READING,
    )

    op.create_table(
        "request_messages",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("request_id", ROW_ID, nullable=False),
        sa.Column("author", sa.String(length=16), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("album", sa.Text(), nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name="fk_request_messages_request_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_request_messages"),
        sa.UniqueConstraint("chat_id", "message_id", name="uq_request_messages_chat_id_message_id"),
    )
    op.create_index("ix_request_messages_request_id", "request_messages", ["request_id"])

    op.create_table(
        "bot_messages",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("request_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("file_id", ROW_ID, nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("request_message_id", ROW_ID, nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name="fk_bot_messages_file_id"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_bot_messages_request_id"),
        sa.ForeignKeyConstraint(
            ["request_message_id"],
            ["request_messages.id"],
            name="fk_bot_messages_request_message_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bot_messages"),
        sa.UniqueConstraint("chat_id", "message_id", name="uq_bot_messages_chat_id_message_id"),
    )
    op.create_index("ix_bot_messages_file_id", "bot_messages", ["file_id"])
    op.create_index("ix_bot_messages_request_id", "bot_messages", ["request_id"])
    op.create_index("ix_bot_messages_request_message_id", "bot_messages", ["request_message_id"])
    _make_audit_append_only()


def _make_audit_append_only() -> None:
    """The database itself rejects updates and deletes of the audit."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_refuses_{verb.lower()} BEFORE {verb} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_refuses BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuses()"
    )


def downgrade() -> None:
    for table in (
        "inbox",
        "bot_messages",
        "request_messages",
        "files",
        "readings",
        "history",
        "answers",
        "requests",
        "reading_preferences",
        "staff_mentions",
        "password_resets",
        "one_time_codes",
        "contact_changes",
        "known_chats",
        "meters",
        "consents",
        "chats",
        "sequences",
        "remembered_values",
        "outbox",
        "login_attempts",
        "handled_updates",
        "conversations",
        "audit",
        "accounts",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_refuses()")
