"""What was sent, waited for and changed, as one line of text that another session can repeat.

A text comes from a session that strangers may work in: what no session sends is refused.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tui.formats.patch import Patch
from tui.sim.engine.injection import Choices, Injection
from tui.sim.model.address import Family
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import value

MOST = 50
"""Events of one text."""
LONGEST = 32_000
"""Characters of one text."""

Sent = tuple[Injection, Choices]
"""A packet, and how chance fell."""


@value
class Wait:
    """Time was let pass."""

    seconds: float
    """How long."""


@value
class Setting:
    """kube-proxy got another mode, or the cluster another plugin."""

    mode: ProxyMode
    """The mode from here on."""
    plugin: str
    """Name of the CNI plugin from here on."""


Event = Sent | Wait | Patch | Setting


@value
class Story:
    """Packets that were sent one after the other, and what happened between them."""

    events: tuple[Event, ...]
    """The oldest first; one at least. A patch is of the cluster as it was until then."""
    fresh: bool = False
    """No host remembered anything before; else they begin as the lesson does."""


_Port = Annotated[int, Field(ge=0, le=65535)]
_Place = Annotated[str, Field(max_length=300)]
_Branch = Annotated[int, Field(ge=0, le=100_000)]
_Key = tuple[_Place, _Place, _Place]


class StoryTextError(ValueError):
    """A text that holds no story, or a story that no text holds."""


class _Packet(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    source: _Place
    destination: _Place
    protocol: Protocol
    dport: _Port | None
    sport: _Port | None
    size: Annotated[int, Field(ge=20, le=65535)]
    node: _Place | None
    family: Family | None
    pin: _Place | None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)]
    branches: Annotated[tuple[_Branch, ...], Field(max_length=200)]


class _Wait(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    wait: Annotated[float, Field(ge=0, le=1e8)]


class _Patch(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    gone: Annotated[tuple[_Key, ...], Field(max_length=200)]
    objects: Annotated[str, Field(max_length=LONGEST)]


class _Setting(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    mode: ProxyMode
    plugin: _Place


_Told = _Packet | _Wait | _Patch | _Setting


class _Story(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    fresh: bool
    events: Annotated[tuple[_Told, ...], Field(min_length=1, max_length=MOST)]


_SENT = ("source", "destination", "protocol", "dport", "sport", "size", "node", "family")
_CHANCE = ("pin", "seed", "branches")


def story_text(story: Story) -> str:
    """The story as JSON on one line. Raises StoryTextError."""
    try:
        events = tuple(_written(each) for each in story.events)
        text = _Story(fresh=story.fresh, events=events).model_dump_json()
    except ValidationError as error:
        raise StoryTextError(_problem(error)) from None
    if len(text) > LONGEST:
        raise StoryTextError(f"{len(text):,} characters; a text has {LONGEST:,} at most")
    return text


def story_of(text: str) -> Story:
    """The story in a text. Raises StoryTextError."""
    if len(text) > LONGEST:
        raise StoryTextError(f"{len(text):,} characters; at most {LONGEST:,} are read")
    try:
        found = _Story.model_validate_json(text)
    except ValidationError as error:
        raise StoryTextError(_problem(error)) from None
    return Story(tuple(_read(each) for each in found.events), found.fresh)


def _written(event: Event) -> _Told:
    match event:
        case Wait():
            return _Wait(wait=event.seconds)
        case Patch():
            return _Patch(gone=event.gone, objects=event.objects)
        case Setting():
            return _Setting(mode=event.mode, plugin=event.plugin)
    injection, choices = event
    sent = {name: getattr(injection, name) for name in _SENT}
    return _Packet(**sent, **{name: getattr(choices, name) for name in _CHANCE})


def _read(found: _Told) -> Event:
    match found:
        case _Wait():
            return Wait(found.wait)
        case _Patch():
            return Patch(found.gone, found.objects)
        case _Setting():
            return Setting(found.mode, found.plugin)
    return (
        Injection(**{name: getattr(found, name) for name in _SENT}),
        Choices(**{name: getattr(found, name) for name in _CHANCE}),
    )


def _problem(error: ValidationError) -> str:
    return f"this is no story: {error.errors()[0]['msg']}"
