"""Where the staff group is: as it was set, or where Telegram moved it when it grew."""

from bot.db.database import Database


class StaffChat:
    def __init__(self, database: Database, chat_id: int) -> None:
        """``chat_id`` as it was set; another setting forgets where the earlier group moved."""
        self._database = database
        self._chat_id = chat_id
        self._moved = f"staff_chat_id:{chat_id}"

    async def get_chat_id(self) -> int:
        async with self._database.read() as tx:
            return int(await tx.values.get(self._moved) or self._chat_id)

    async def move(self, chat_id: int) -> None:
        """The group became a supergroup and has another id."""
        async with self._database.begin() as tx:
            await tx.values.set(self._moved, str(chat_id))
