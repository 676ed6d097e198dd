"""Imports aiogram with deferred pydantic models; to be imported before aiogram.

aiogram describes the Bot API by some 700 pydantic models and builds all of them on import, which
takes two seconds and 100 MB; a bot uses a tenth of them. This module makes pydantic build each
model on its first use, which takes a quarter of the time and memory.

It uses only public parts of pydantic: ``defer_build``, and ``model_rebuild`` with the namespace
that aiogram passes to it. A version of aiogram that builds its models in another way is imported
unchanged; a test then fails because the start is slow.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from pydantic import BaseModel

Names = dict[str, Any]

_REBUILD = BaseModel.__dict__["model_rebuild"]


@contextmanager
def _defer_builds() -> Iterator[Names]:
    """Defers the build of models defined inside; yields the names that they need for it."""
    names: Names = {}

    def gather(
        model: type[BaseModel], /, *, _types_namespace: Mapping[str, Any] | None = None, **how: Any
    ) -> bool | None:
        if _types_namespace is None:
            return _rebuild_model(model, None, **how)
        names.update(_types_namespace)
        return None

    BaseModel.model_config["defer_build"] = True
    BaseModel.model_rebuild = classmethod(gather)  # type: ignore[assignment, method-assign]
    try:
        yield names
    finally:
        BaseModel.model_rebuild = _REBUILD  # type: ignore[method-assign]
        del BaseModel.model_config["defer_build"]


def _rebuild_model(
    model: type[BaseModel], names: Mapping[str, Any] | None, **how: Any
) -> bool | None:
    """What ``model.model_rebuild(**how)`` does in pydantic itself."""
    done: bool | None = _REBUILD.__get__(None, model)(_types_namespace=names, **how)
    return done


def _provide_names(root: type[BaseModel], names: Names) -> None:
    """Lets subclasses of ``root`` find ``names`` whenever they are built."""

    def model_rebuild(
        model: type[BaseModel], /, *, _types_namespace: Mapping[str, Any] | None = None, **how: Any
    ) -> bool | None:
        return _rebuild_model(model, {**names, **(_types_namespace or {})}, **how)

    root.model_rebuild = classmethod(model_rebuild)  # type: ignore[assignment, method-assign]


def _import_aiogram() -> None:
    with _defer_builds() as names:
        import aiogram.client.context_controller  # noqa: PLC0415 (after the deferral is set up)
        import aiogram.methods  # noqa: PLC0415
        import aiogram.types  # noqa: PLC0415
    response = aiogram.methods.Response
    # pydantic would drop Response[Message] with each answer and build it anew.
    response.__class_getitem__ = cache(response.__class_getitem__)  # type: ignore[assignment, method-assign]
    _provide_names(aiogram.client.context_controller.BotContextController, names)
    _provide_names(response, names)
    # Nearly all other models contain it; once it is built they share it.
    aiogram.types.Message.model_rebuild()


if "aiogram" not in sys.modules:
    _import_aiogram()
