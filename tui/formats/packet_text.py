"""A packet that was sent, as one line of text, so that another session can send it, too."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tui.sim.engine.injection import Choices, Injection
from tui.sim.model.address import Family
from tui.sim.model.packet import Protocol

_Port = Annotated[int, Field(ge=0, le=65535)]
_Place = Annotated[str, Field(max_length=300)]


class PacketTextError(ValueError):
    """A text that is no packet."""


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
    seed: int
    branches: Annotated[tuple[Annotated[int, Field(ge=0, le=100_000)], ...], Field(max_length=200)]


_SENT = ("source", "destination", "protocol", "dport", "sport", "size", "node", "family")
_CHANCE = ("pin", "seed", "branches")


def packet_text(injection: Injection, choices: Choices) -> str:
    """The packet and how chance falls, as JSON on one line."""
    sent = {name: getattr(injection, name) for name in _SENT}
    chance = {name: getattr(choices, name) for name in _CHANCE}
    return _Packet(**sent, **chance).model_dump_json()


def packet_of(text: str) -> tuple[Injection, Choices]:
    """The packet in a text. Raises PacketTextError."""
    try:
        found = _Packet.model_validate_json(text)
    except ValidationError as error:
        raise PacketTextError(f"this is no packet: {error.errors()[0]['msg']}") from None
    return (
        Injection(**{name: getattr(found, name) for name in _SENT}),
        Choices(**{name: getattr(found, name) for name in _CHANCE}),
    )
