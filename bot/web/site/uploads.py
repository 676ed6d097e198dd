"""Forms with files: fields in memory, files staged in the store."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from bot.fsm.model import Rejected
from bot.integrations.file_store import StagedFile
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

Stage = Callable[[], AbstractAsyncContextManager[StagedFile]]

_STAGE: web.AppKey[Stage] = web.AppKey("stage")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file of a form. ``rejected``: why ``staged`` does not hold it."""

    name: str
    staged: StagedFile
    rejected: Rejected | None = None


@dataclass(slots=True)
class SentForm:
    """``is_cut``: the body was too long, so that what stood behind its last file is unknown."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[SentFile] = field(default_factory=list)
    is_cut: bool = False


def attach_stage(app: web.Application, stage: Stage) -> None:
    """``stage``: makes the file that an upload is written to, ``Scans.stage``."""
    app[_STAGE] = stage


@asynccontextmanager
async def receive_files(request: web.Request) -> AsyncIterator[SentForm]:
    """The fields and files of a form, as long as the block lasts. Raises PageError.

    What is wrong with a file is told at its field: the form is read on, and its answers are kept.
    """
    async with AsyncExitStack() as stack:
        sent = SentForm()
        if request.content_type != "multipart/form-data":
            sent.fields.update(await read_form(request))
        async for part in iterate_parts(request):
            name, file_name = get_names(part)
            if file_name is None:
                sent.fields[name] = await read_value(request, part)
            elif file_name:
                staged = await stack.enter_async_context(request.app[_STAGE]())
                await _take(request, part, file_name, staged, sent)
            if sent.is_cut:
                break
        yield sent


async def _take(
    request: web.Request, part: BodyPartReader, name: str, staged: StagedFile, sent: SentForm
) -> None:
    """Writes a file; of one that is too large, or one too many, the rest is skipped."""
    # A name in another encoding comes with surrogates, which no page can show.
    name = clean_value(name.encode(errors="replace").decode())
    place, size, rejected = len(sent.files), 0, None
    room = MAX_FILE_BYTES if place < FILES_PER_DRAFT else 0
    try:
        async for piece in iterate_pieces(request, part):
            size += len(piece)
            if size <= room:
                await staged.write(piece)
    except BodyTooLong:
        sent.is_cut = True
    staged.close()
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
    sent.files.append(SentFile(name=name, staged=staged, rejected=rejected))
