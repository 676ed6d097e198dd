"""Who may see which measuring points of 80020 files: a file that the company keeps.

The files themselves say nothing about consumers. The access file names each identifier once, with
the argon2 hash of its password, and its points with the INN of their area.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import argon2
import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.integrations.errors import AskueFailed
from bot.integrations.password_hasher import PasswordHasher

log = logging.getLogger(__name__)

_FILE_BYTES = 4 * 1024**2


class AccessFileError(Exception):
    """A wrong access file; the message says what is wrong and holds no hash."""


@dataclass(frozen=True, slots=True)
class PointKey:
    """A measuring point: the INN of its area, and its code, which other areas may use too."""

    area_inn: str
    code: str


def _check_hash(hashed: str) -> str:
    try:
        argon2.extract_parameters(hashed)
    except argon2.exceptions.InvalidHashError:
        raise ValueError("must be a line of `python main.py askue-password`") from None
    return hashed


class _Consumer(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    identifier: Annotated[str, Field(pattern=r"^[^:\s]+$", max_length=100)]
    password_hash: Annotated[str, AfterValidator(_check_hash)]
    points: Annotated[
        list[Annotated[str, Field(pattern=r"^[^/\s]*/[^/]+$", max_length=100)]],
        Field(min_length=1),
    ]


class _AccessFile(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    consumers: list[_Consumer]


def load_access(path: Path) -> Mapping[str, _Consumer]:
    """The consumers by identifier; raises AccessFileError."""
    try:
        with path.open("rb") as source:
            text = source.read(_FILE_BYTES + 1)
        if len(text) > _FILE_BYTES:
            raise AccessFileError("larger than 4 MB")
        content = _AccessFile.model_validate(yaml.safe_load(text))
    except OSError as error:
        raise AccessFileError(f"cannot be read: {type(error).__name__}") from None
    except yaml.YAMLError:
        # What the parser says quotes the line.
        raise AccessFileError("is no YAML") from None
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        places = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problems)
        raise AccessFileError("; ".join(places)) from None
    consumers = {one.identifier: one for one in content.consumers}
    if len(consumers) < len(content.consumers):
        raise AccessFileError("an identifier is there twice")
    return consumers


class AskueAccess:
    """Checks passwords against the file, which is read again when it has changed."""

    def __init__(self, path: Path, hasher: PasswordHasher) -> None:
        """Raises AccessFileError."""
        self._path = path
        self._hasher = hasher
        self._loaded: tuple[object, Mapping[str, _Consumer]] = (None, {})
        self._read()

    async def list_points(self, identifier: str, password: str) -> tuple[PointKey, ...]:
        """The points of a consumer; raises AskueFailed: ``refused``, or ``down`` for a wrong file.

        A wrong file lets nobody in: the former one may name somebody whose access has ended.
        """
        try:
            consumers = await asyncio.to_thread(self._read)
        except AccessFileError as error:
            log.error("ASKUE_ACCESS_FILE: %s", error)  # noqa: TRY400 (the message says all)
            raise AskueFailed("down") from None
        found = consumers.get(identifier)
        # An unknown identifier takes as long as a wrong password.
        if not await self._hasher.verify(found.password_hash if found else None, password):
            raise AskueFailed("refused")
        return tuple(PointKey(*point.split("/")) for point in found.points) if found else ()

    def _read(self) -> Mapping[str, _Consumer]:
        try:
            status = self._path.stat()
        except OSError as error:
            raise AccessFileError(f"cannot be read: {type(error).__name__}") from None
        edition = (status.st_mtime_ns, status.st_size, status.st_ino)
        if self._loaded[0] != edition:
            self._loaded = (edition, load_access(self._path))
        return self._loaded[1]
