"""Erased accounts, withdrawn consents, what the virus scanner said."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("accounts", sa.Column("erased_at", TIME, nullable=True))
    op.add_column("consents", sa.Column("withdrawn_at", TIME, nullable=True))
    op.add_column(
        "files",
        sa.Column("verdict", sa.String(length=16), server_default="unasked", nullable=False),
    )


def downgrade() -> None:
    for table, column in (
        ("files", "verdict"),
        ("consents", "withdrawn_at"),
        ("accounts", "erased_at"),
    ):
        with op.batch_alter_table(table) as changed:
            changed.drop_column(column)
