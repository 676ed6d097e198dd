"""Addresses of two channels, web sessions, one-time tokens, and files of messages.

Nothing is narrowed: the code of 0.2.0 goes on beside it, and writes ``telegram`` by the defaults.
It deletes accounts and knows nothing of what refers to them here: the foreign keys clear that.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
OF_MESSAGE = sa.text("request_message_id IS NOT NULL")

_ADDRESSED = (
    "consents",
    "known_chats",
    "one_time_codes",
    "password_resets",
    "requests",
    "request_messages",
    "audit",
)


def upgrade() -> None:
    for table in _ADDRESSED:
        channel = sa.Column("channel", sa.String(16), nullable=False, server_default="telegram")
        op.add_column(table, channel)

    # No foreign key: the code of 0.2.0 deletes messages before files.
    op.add_column("files", sa.Column("request_message_id", ROW_ID, nullable=True))
    op.create_index(
        "ix_files_request_message_id",
        "files",
        ["request_message_id"],
        sqlite_where=OF_MESSAGE,
        postgresql_where=OF_MESSAGE,
    )

    op.create_table(
        "web_sessions",
        sa.Column("browser_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("logged_in_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.Column("logged_in_until", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_web_sessions_account_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("browser_id", name="pk_web_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_web_sessions_token_hash"),
    )
    op.create_index("ix_web_sessions_account_id", "web_sessions", ["account_id"])
    op.create_index("ix_web_sessions_logged_in_until", "web_sessions", ["logged_in_until"])

    op.create_table(
        "one_time_tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("account_id", ROW_ID, nullable=True),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_one_time_tokens_account_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_one_time_tokens"),
    )
    op.create_index("ix_one_time_tokens_account_id", "one_time_tokens", ["account_id"])
    op.create_index("ix_one_time_tokens_expires_at", "one_time_tokens", ["expires_at"])


def downgrade() -> None:
    op.drop_table("one_time_tokens")
    op.drop_table("web_sessions")
    op.drop_index("ix_files_request_message_id", "files")
    op.drop_column("files", "request_message_id")
    for table in reversed(_ADDRESSED):
        op.drop_column(table, "channel")
