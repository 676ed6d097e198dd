"""Meters and their readings."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CURRENT = sa.text("current")


def upgrade() -> None:
    op.create_table(
        "meters",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_meters_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_meters"),
        sa.UniqueConstraint("account_id", "number", name="uq_meters_account_id_number"),
    )
    op.create_index("ix_meters_number", "meters", ["number"])
    op.create_table(
        "readings",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("meter_id", ROW_ID, nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("t1", sa.BigInteger(), nullable=False),
        sa.Column("t2", sa.BigInteger(), nullable=True),
        sa.Column("t3", sa.BigInteger(), nullable=True),
        sa.Column("used1", sa.BigInteger(), nullable=True),
        sa.Column("used2", sa.BigInteger(), nullable=True),
        sa.Column("used3", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["meter_id"], ["meters.id"], name="fk_readings_meter_id"),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
        sa.UniqueConstraint("draft_id", name="uq_readings_draft_id"),
    )
    op.create_index("ix_readings_meter_id_day_id", "readings", ["meter_id", "day", "id"])
    op.create_index("ix_readings_day_id", "readings", ["day", "id"])
    op.create_index(
        "uq_readings_current",
        "readings",
        ["meter_id", "day"],
        unique=True,
        sqlite_where=CURRENT,
        postgresql_where=CURRENT,
    )
    op.create_table(
        "reading_choices",
        sa.Column("account_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("layout", sa.String(length=16), nullable=False),
        sa.Column("reminders", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_reading_choices_account_id"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_reading_choices"),
    )


def downgrade() -> None:
    for table in ("reading_choices", "readings", "meters"):
        op.drop_table(table)
