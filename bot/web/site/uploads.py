"""Forms with files: fields in memory, files saved to a folder that is gone afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import BodyPartReader, web

from bot.fsm.model import Rejected
from bot.services.scans import FILES_PER_DRAFT, MAX_FILE_BYTES, check_size
from bot.web.site.bodies import (
    BodyTooLong,
    clean_value,
    get_names,
    iterate_parts,
    iterate_pieces,
    read_form,
    read_value,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file of a form. ``rejected``: why ``path`` does not hold it."""

    name: str
    path: Path
    rejected: Rejected | None = None


@dataclass(slots=True)
class SentForm:
    """``is_cut``: the body was too long, so that what stood behind its last file is unknown."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[SentFile] = field(default_factory=list)
    is_cut: bool = False


@asynccontextmanager
async def receive_files(request: web.Request) -> AsyncIterator[SentForm]:
    """The fields and files of a form, as long as the block lasts. Raises PageError.

    What is wrong with a file is told at its field: the form is read on, and its answers are kept.
    """
    with TemporaryDirectory() as folder:
        sent = SentForm()
        if request.content_type != "multipart/form-data":
            sent.fields.update(await read_form(request))
        async for part in iterate_parts(request):
            name, file_name = get_names(part)
            if file_name is None:
                sent.fields[name] = await read_value(request, part)
            elif file_name:
                await _take(request, part, file_name, Path(folder), sent)
            if sent.is_cut:
                break
        yield sent


async def _take(
    request: web.Request, part: BodyPartReader, name: str, folder: Path, sent: SentForm
) -> None:
    """Writes a file; of one that is too large, or one too many, the rest is skipped."""
    # A name in another encoding comes with surrogates, which no page can show.
    name = clean_value(name.encode(errors="replace").decode())
    place, size, rejected = len(sent.files), 0, None
    path, room = folder / str(place), MAX_FILE_BYTES if place < FILES_PER_DRAFT else 0
    with await asyncio.to_thread(path.open, "wb") as saved:
        try:
            async for piece in iterate_pieces(request, part):
                size += len(piece)
                if size <= room:
                    await asyncio.to_thread(saved.write, piece)
        except BodyTooLong:
            sent.is_cut = True
    if place > FILES_PER_DRAFT:
        # One was told to be too many; more of the same would be no news.
        return
    if place == FILES_PER_DRAFT:
        rejected = Rejected("files-too-many", limit=FILES_PER_DRAFT)
    else:
        try:
            check_size(name, max(size, MAX_FILE_BYTES + 1) if sent.is_cut else size)
        except Rejected as wrong:
            rejected = wrong
    sent.files.append(SentFile(name=name, path=path, rejected=rejected))
