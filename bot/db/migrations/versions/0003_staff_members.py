"""Members of the staff, and what a change of status can be taken back to.

It only expands: an earlier version works beside it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "staff_members",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("on_duty", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("left_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("user_id", name="pk_staff_members"),
    )
    # Whoever acted before is the assignee of open requests, and has a name in the audit only.
    op.execute(
        "INSERT INTO staff_members (user_id, name, seen_at) "
        "SELECT actor_id, actor_name, at FROM audit WHERE id IN "
        "(SELECT max(id) FROM audit WHERE actor = 'staff' GROUP BY actor_id)"
    )
    op.add_column("history", sa.Column("undo", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("history") as history:
        history.drop_column("undo")
    op.drop_table("staff_members")
