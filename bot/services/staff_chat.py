"""The staff group: its present chat id, and who administers the bot there."""

from bot.db.database import Database


class StaffChat:
    def __init__(
        self, database: Database, chat_id: int, admins: frozenset[int] = frozenset()
    ) -> None:
        """``chat_id`` is the setting; a changed setting ignores where an earlier group moved.

        ``admins`` are ids of Telegram users.
        """
        self._database = database
        self._admins = admins
        self._chat_id = chat_id
        self._moved = f"staff_chat_id:{chat_id}"

    async def get_chat_id(self) -> int:
        async with self._database.read() as tx:
            return int(await tx.values.get(self._moved) or self._chat_id)

    def is_admin(self, user_id: int) -> bool:
        """Everybody of the staff is an administrator when the settings name none."""
        return not self._admins or user_id in self._admins

    async def move(self, chat_id: int) -> None:
        """The group became a supergroup and has another id."""
        async with self._database.begin() as tx:
            await tx.values.set(self._moved, str(chat_id))
