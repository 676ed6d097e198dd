"""Staff routes: a YAML file that sends request types or emergencies to groups of their own.

emergencies: {chat_id: -1001000000501}
types:
  grid_connection: {chat_id: -1001000000502}
  meter_reading_visit: {topic_id: 17}
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Setting


class StaffRoutesError(Exception):
    """A wrong file of routes; the message names file, place and reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRoute:
    """Where the cards of requests go.

    ``chat_id`` None: the main group. ``topic_id`` is a topic that the company made for them; None:
    each request has a topic of its own where the group is a forum.
    """

    chat_id: int | None = None
    topic_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRoutes:
    """Without any route all cards go to the main group."""

    emergencies: StaffRoute | None = None
    types: Mapping[str, StaffRoute] = field(default_factory=dict)

    def find(self, type_code: str, *, emergency: bool) -> StaffRoute:
        if emergency and self.emergencies is not None:
            return self.emergencies
        return self.types.get(type_code, StaffRoute())

    def list_chat_ids(self) -> list[int]:
        """The groups beside the main one, each once."""
        routes = [self.emergencies or StaffRoute(), *self.types.values()]
        return list(dict.fromkeys(one.chat_id for one in routes if one.chat_id is not None))


class _RouteModel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    chat_id: Annotated[int, Setting(lt=0)] | None = None
    topic_id: Annotated[int, Setting(gt=0)] | None = None


class _RoutesFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    emergencies: _RouteModel | None = None
    types: dict[str, _RouteModel] = {}


def load_staff_routes(path: Path, main_chat_id: int, type_codes: Collection[str]) -> StaffRoutes:
    """Reads the file; raises StaffRoutesError, also for a type that the catalogue does not have."""
    try:
        content = _RoutesFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (OSError, UnicodeDecodeError) as error:
        raise StaffRoutesError(f"{path}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise StaffRoutesError(f"{path}: no YAML: {error}") from None
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise StaffRoutesError(f"{path}, {place}: {problem['msg']}") from None
    if unknown := set(content.types) - set(type_codes):
        raise StaffRoutesError(
            f"{path}, types.{min(unknown)}: no such request type; there are "
            f"{', '.join(sorted(type_codes))}"
        )

    def build_route(model: _RouteModel) -> StaffRoute:
        # The main group is known as None, so that STAFF_CHAT_ID may change.
        chat_id = None if model.chat_id == main_chat_id else model.chat_id
        return StaffRoute(chat_id=chat_id, topic_id=model.topic_id)

    return StaffRoutes(
        emergencies=build_route(content.emergencies) if content.emergencies else None,
        types={code: build_route(model) for code, model in content.types.items()},
    )
