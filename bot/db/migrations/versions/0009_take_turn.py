"""The function by which one statement takes the turn of a conversation and reads it.

PostgreSQL only. A plain SELECT reads what was committed when it began, before it waited for the
lock; each statement of a VOLATILE function reads what is committed when that one begins. Rows are
given whole, so that columns that come later need no other function (docs/decisions/0023).
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# The outcome is a statement of its own: what is read is read after it, under the lock.
_TAKE_TURN = """
CREATE FUNCTION take_turn(
    number bigint, chat_key text, update_id bigint, conversation_key text, chat_id bigint
) RETURNS TABLE (
    outcome text, handled boolean, conversation conversations, chat chats, account accounts
) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
BEGIN
    outcome := CASE
        WHEN EXISTS (
            SELECT FROM inbox
            WHERE inbox.chat_key = take_turn.chat_key AND inbox.update_id < take_turn.update_id
            AND inbox.state <> 'parked'
        ) THEN 'earlier'
        WHEN NOT pg_try_advisory_lock(take_turn.number) THEN 'held'
        WHEN EXISTS (
            SELECT FROM remembered_values
            WHERE remembered_values.key LIKE 'process:%'
            AND substr(remembered_values.key, 9)::bigint NOT IN (
                SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
                WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND database =
                (SELECT oid FROM pg_database WHERE datname = current_database())
            )
        ) THEN 'crashed'
        ELSE 'locked'
    END;
    IF outcome IN ('earlier', 'held') THEN
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT
            take_turn.outcome,
            EXISTS (
                SELECT FROM handled_updates
                WHERE handled_updates.update_id = take_turn.update_id
            ),
            conversations,
            chats,
            accounts
        FROM (SELECT) AS nothing
        LEFT JOIN conversations ON conversations.key = take_turn.conversation_key
        LEFT JOIN chats ON chats.chat_id = take_turn.chat_id
        LEFT JOIN accounts ON accounts.id = chats.account_id;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_TAKE_TURN)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION take_turn")
