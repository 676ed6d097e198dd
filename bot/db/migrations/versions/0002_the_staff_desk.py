"""The staff desk: transitions, talk, password resets, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
RUNNING = sa.text("status IN ('registered', 'in_work')")
OPEN = sa.text("status IN ('registered', 'in_work', 'clarification')")
METER = sa.text("key = 'meter_number'")

INDICES = {
    "ix_requests_running": ("requests", ["review_due", "id"], RUNNING),
    "ix_requests_open_assignee": ("requests", ["assignee_id", "review_due", "id"], OPEN),
    "ix_requests_open_type": ("requests", ["type_code", "registered_at"], OPEN),
    "ix_requests_reminders": ("requests", ["remind_at", "id"], sa.text("remind_at IS NOT NULL")),
    "ix_requests_closed_at": ("requests", ["closed_at"], None),
    "ix_requests_registered_at_id": ("requests", ["registered_at", "id"], None),
    "ix_answers_meter": ("answers", ["value", "request_id"], METER),
    "ix_accounts_phone": ("accounts", ["phone"], None),
}


def upgrade() -> None:
    for column in (
        sa.Column("term_is_working", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("clock_stopped_at", TIME, nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("remind_at", TIME, nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("raw_answers", sa.JSON(), nullable=True),
    ):
        op.add_column("requests", column)
    # The watch looks at each once and finds the right time.
    op.execute("UPDATE requests SET remind_at = registered_at")
    op.create_table(
        "talk",
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
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_talk_request_id"),
        sa.PrimaryKeyConstraint("id", name="pk_talk"),
        sa.UniqueConstraint("chat_id", "message_id", name="uq_talk_chat_id_message_id"),
    )
    op.create_index("ix_talk_request_id", "talk", ["request_id"])
    with op.batch_alter_table("posts") as posts:
        posts.add_column(sa.Column("thread_id", sa.BigInteger(), nullable=True))
        posts.add_column(sa.Column("talk_id", ROW_ID, nullable=True))
        posts.create_foreign_key("fk_posts_talk_id", "talk", ["talk_id"], ["id"])
        posts.create_index("ix_posts_talk_id", ["talk_id"])
    op.create_table(
        "password_resets",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_password_resets_account_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_password_resets"),
    )
    op.create_index("ix_password_resets_account_id", "password_resets", ["account_id"])
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
    for name, (table, columns, where) in INDICES.items():
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    _append_only()


def _append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_refuses_{deed.lower()} BEFORE {deed} ON audit "
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
    op.drop_table("audit")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_refuses()")
    op.drop_table("password_resets")
    with op.batch_alter_table("posts") as posts:
        posts.drop_index("ix_posts_talk_id")
        posts.drop_constraint("fk_posts_talk_id", type_="foreignkey")
        posts.drop_column("talk_id")
        posts.drop_column("thread_id")
    op.drop_table("talk")
    for name, (table, _, _) in INDICES.items():
        op.drop_index(name, table)
    with op.batch_alter_table("requests") as requests:
        for column in (
            "raw_answers",
            "rating",
            "remind_at",
            "assignee_id",
            "closed_at",
            "clock_stopped_at",
            "term_is_working",
        ):
            requests.drop_column(column)
