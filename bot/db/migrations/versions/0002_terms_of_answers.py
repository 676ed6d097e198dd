"""Terms of clarifications and emergencies, the preferred way of answers, files of the staff."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("answer_channel", sa.String(16)))
    op.add_column("requests", sa.Column("due_at", sa.DateTime(timezone=True)))
    op.add_column("requests", sa.Column("answer_by", sa.Date()))
    op.add_column("requests", sa.Column("answer_check_at", sa.DateTime(timezone=True)))
    checked = sa.text("answer_check_at IS NOT NULL")
    op.create_index(
        "ix_requests_answer_checks",
        "requests",
        ["answer_check_at", "id"],
        sqlite_where=checked,
        postgresql_where=checked,
    )
    op.add_column(
        "files", sa.Column("from_staff", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("files", "from_staff")
    op.drop_index("ix_requests_answer_checks", "requests")
    for column in ("answer_check_at", "answer_by", "due_at"):
        op.drop_column("requests", column)
    op.drop_column("accounts", "answer_channel")
