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
from bot.web.site.bodies import clean_value, iterate_parts, iterate_pieces, read_form, read_value
from bot.web.site.errors import PageError


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file of a form. ``rejected``: it is empty or too large, and ``path`` does not hold it."""

    name: str
    path: Path
    rejected: Rejected | None = None


@dataclass(frozen=True, slots=True)
class SentForm:
    fields: dict[str, str] = field(default_factory=dict)
    files: list[SentFile] = field(default_factory=list)


@asynccontextmanager
async def receive_files(request: web.Request) -> AsyncIterator[SentForm]:
    """The fields and files of a form, as long as the block lasts. Raises PageError."""
    with TemporaryDirectory() as folder:
        sent = SentForm()
        if request.content_type != "multipart/form-data":
            sent.fields.update(await read_form(request))
        async for part in iterate_parts(request):
            if part.filename is None:
                sent.fields[part.name or ""] = await read_value(part)
            elif part.filename:
                if len(sent.files) == FILES_PER_DRAFT:
                    raise PageError(413, "files-many")
                sent.files.append(await _save(part, Path(folder) / str(len(sent.files))))
        yield sent


async def _save(part: BodyPartReader, path: Path) -> SentFile:
    """Writes a file; of one that is too large the rest is skipped, so that the form is read on."""
    # A name in another encoding comes with surrogates, which no page can show.
    name, size = clean_value((part.filename or "").encode(errors="replace").decode()), 0
    with await asyncio.to_thread(path.open, "wb") as saved:
        async for piece in iterate_pieces(part):
            size += len(piece)
            if size > 2 * MAX_FILE_BYTES:
                raise PageError(413)
            if size <= MAX_FILE_BYTES:
                await asyncio.to_thread(saved.write, piece)
    try:
        check_size(name, size)
    except Rejected as rejected:
        return SentFile(name=name, path=path, rejected=rejected)
    return SentFile(name=name, path=path)
