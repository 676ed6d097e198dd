"""Keys of the file store are written down before their bytes are stored."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("unique_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_uploads"),
        sa.UniqueConstraint(
            "draft_id", "unique_id", "sha256", name="uq_uploads_draft_id_unique_id_sha256"
        ),
    )
    op.create_index("ix_uploads_begun_at", "uploads", ["begun_at"])
    op.create_index("ix_files_key", "files", ["key"])


def downgrade() -> None:
    op.drop_index("ix_files_key", "files")
    op.drop_table("uploads")
