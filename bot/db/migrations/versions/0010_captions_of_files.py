"""What the consumer wrote below a file is kept with it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("files", sa.Column("caption", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("files", "caption")
