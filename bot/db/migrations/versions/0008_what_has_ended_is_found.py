"""What is kept for a term only is found by the moment that begins it, without reading the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FILLED = {"accounts": ["erased_at"], "outbox": ["done_at", "dead_at"]}


def upgrade() -> None:
    for table, columns in FILLED.items():
        for column in columns:
            where = sa.text(f"{column} IS NOT NULL")
            op.create_index(
                f"ix_{table}_{column}",
                table,
                [column],
                sqlite_where=where,
                postgresql_where=where,
            )
    op.create_index("ix_attempts_recorded_at", "attempts", ["recorded_at"])
    # From now on a request without it would never be forgotten.
    op.execute(
        "UPDATE requests SET closed_at ="
        " (SELECT max(history.at) FROM history WHERE history.request_id = requests.id)"
        " WHERE closed_at IS NULL AND status NOT IN ('registered', 'in_work', 'clarification')"
    )


def downgrade() -> None:
    op.drop_index("ix_attempts_recorded_at", "attempts")
    for table, columns in FILLED.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table)
