"""Posts are found by their file: each file that goes asks for them."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_posts_file_id", "posts", ["file_id"])


def downgrade() -> None:
    op.drop_index("ix_posts_file_id", "posts")
