"""The staff groups: their present chat ids, which of them a request goes to, and their heads."""

from bot.db.database import Database
from bot.domain import Request
from bot.services.staff_routes import StaffRoute, StaffRoutes


class StaffChats:
    def __init__(
        self,
        database: Database,
        chat_id: int,
        routes: StaffRoutes | None = None,
        admins: frozenset[int] = frozenset(),
    ) -> None:
        """``chat_id`` and ``routes`` are settings: the main group, and the groups beside it.

        A changed setting ignores where an earlier group moved. ``admins`` are ids of Telegram
        users.
        """
        self._database = database
        self._admins = admins
        self._routes = routes or StaffRoutes()
        self._configured = (chat_id, *self._routes.list_chat_ids())

    async def list_chat_ids(self) -> list[int]:
        """The present ids of all staff groups, the main one first."""
        return list((await self._read_present()).values())

    async def resolve(self, chat_id: int | None) -> int:
        """The present id of a group by a former or present one; of the main group otherwise."""
        present = await self._read_present()
        if chat_id in present.values():
            return int(chat_id or 0)
        return present.get(chat_id or 0, present[self._configured[0]])

    def find_route(self, request: Request) -> StaffRoute:
        """A request stays in the group it was registered for, as long as the settings name it."""
        route = self._routes.find(request.type_code, emergency=request.emergency)
        kept = request.staff_chat_id
        if kept == route.chat_id or (kept is not None and kept not in self._configured):
            return route
        return StaffRoute(chat_id=kept)

    async def find_configured(self, chat_id: int) -> int | None:
        """The id by which the settings and requests name a present group; None: the main one."""
        present = await self._read_present()
        found = next((one for one, now in present.items() if now == chat_id), None)
        return None if found == self._configured[0] else found

    def is_admin(self, user_id: int) -> bool:
        """Everybody of the staff is an administrator when the settings name none."""
        return not self._admins or user_id in self._admins

    async def move(self, chat_id: int, moved_to: int) -> None:
        """A group became a supergroup and has another id."""
        present = await self._read_present()
        configured = next((one for one, now in present.items() if now == chat_id), None)
        if configured is not None:
            async with self._database.begin() as tx:
                await tx.values.set(_build_key(configured), str(moved_to))

    async def _read_present(self) -> dict[int, int]:
        """The present ids by those of the settings."""
        async with self._database.read() as tx:
            moved = await tx.values.get_many([_build_key(one) for one in self._configured])
        return {one: int(moved.get(_build_key(one), one)) for one in self._configured}


def _build_key(chat_id: int) -> str:
    return f"staff_chat_id:{chat_id}"
