"""Uploads of stored files, which never stand in memory as a whole."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable

from aiogram import Bot
from aiogram.types import InputFile

from bot.domain import StoredFile

ReadPieces = Callable[[StoredFile], AsyncIterator[bytes]]


class StoredUpload(InputFile):
    """A file that is read piece by piece while it is sent, and anew at each try."""

    def __init__(self, file: StoredFile, read_pieces: ReadPieces) -> None:
        """``read_pieces``: ``Scans.read_pieces``, of a file that was verified."""
        super().__init__(filename=file.name)
        self._file = file
        self._read_pieces = read_pieces

    async def read(self, bot: Bot) -> AsyncGenerator[bytes, None]:
        async for piece in self._read_pieces(self._file):
            yield piece
