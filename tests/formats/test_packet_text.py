"""A packet as a line of text: there and back, and nothing else is a packet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.formats.packet_text import PacketTextError, packet_of, packet_text
from tui.sim.engine.injection import Choices, Injection
from tui.sim.model.address import Family
from tui.sim.model.packet import Protocol

PORT = st.none() | st.integers(0, 65535)
PLACE = st.text(max_size=80)
INJECTIONS = st.builds(
    Injection, PLACE, PLACE, st.sampled_from(Protocol), PORT, PORT, st.integers(20, 65535),
    st.none() | PLACE, st.none() | st.sampled_from(Family),
)  # fmt: skip
CHOICES = st.builds(
    Choices,
    st.none() | PLACE,
    st.integers(),
    st.lists(st.integers(0, 99), max_size=9).map(tuple),
)


@given(INJECTIONS, CHOICES)
def test_there_and_back(injection: Injection, choices: Choices) -> None:
    text = packet_text(injection, choices)
    assert "\n" not in text
    assert packet_of(text) == (injection, choices)


@pytest.mark.parametrize("wrong", ["", "{}", "[]", "null", "x", '{"source": 1}', "9" * 9999])
def test_what_is_no_packet_is_refused(wrong: str) -> None:
    with pytest.raises(PacketTextError):
        packet_of(wrong)


def test_unknown_fields_are_refused() -> None:
    text = packet_text(Injection("a", "b"), Choices())
    with pytest.raises(PacketTextError):
        packet_of(text.replace("{", '{"more": 1, ', 1))
