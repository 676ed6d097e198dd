"""Imports aiogram in a quarter of its time and memory; to be imported before anything of it.

aiogram describes all of the Bot API by some 700 pydantic models. While it is imported it has each
of them compiled, which takes two seconds and 100 MB; a bot meets a tenth of them. Here pydantic
is told to put that off until a model is first used, and is given aiogram's names for that moment.

Only public parts of pydantic take part: ``defer_build``, and ``model_rebuild`` with the namespace
that aiogram passes to it. An aiogram that does it in another way is imported as its authors wrote
it; a test then says that the start has become slow again.
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
    """Models defined here are compiled later; gathers the names they need for that."""
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


def _watch_model(root: type[BaseModel], names: Names) -> None:
    """Models that descend from ``root`` find ``names`` whenever they are compiled."""

    def model_rebuild(
        model: type[BaseModel], /, *, _types_namespace: Mapping[str, Any] | None = None, **how: Any
    ) -> bool | None:
        return _rebuild_model(model, {**names, **(_types_namespace or {})}, **how)

    root.model_rebuild = classmethod(model_rebuild)  # type: ignore[assignment, method-assign]


def _import_aiogram() -> None:
    with _defer_builds() as names:
        import aiogram.client.context_controller  # noqa: PLC0415 (not before it is prepared)
        import aiogram.methods  # noqa: PLC0415
        import aiogram.types  # noqa: PLC0415
    response = aiogram.methods.Response
    # pydantic keeps Response[Message] only as long as an answer lives, and compiles it anew.
    response.__class_getitem__ = cache(response.__class_getitem__)  # type: ignore[assignment, method-assign]
    _watch_model(aiogram.client.context_controller.BotContextController, names)
    _watch_model(response, names)
    # Nearly all the others hold it, and then use this one instead of a copy each.
    aiogram.types.Message.model_rebuild()


if "aiogram" not in sys.modules:
    _import_aiogram()
