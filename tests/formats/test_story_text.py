"""What was sent as a line of text: there and back, and nothing else is a story."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.formats.patch import Patch
from tui.formats.story_text import (
    LONGEST,
    MOST,
    Setting,
    Story,
    StoryTextError,
    Wait,
    story_of,
    story_text,
)
from tui.sim.engine.injection import Choices, Injection
from tui.sim.model.address import Family
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import ProxyMode

PORT = st.none() | st.integers(0, 65535)
PLACE = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
INJECTIONS = st.builds(
    Injection, PLACE, PLACE, st.sampled_from(Protocol), PORT, PORT, st.integers(20, 65535),
    st.none() | PLACE, st.none() | st.sampled_from(Family),
)  # fmt: skip
CHOICES = st.builds(
    Choices,
    st.none() | PLACE,
    st.integers(-(2**63), 2**63 - 1),
    st.lists(st.integers(0, 99), max_size=9).map(tuple),
)
PATCHES = st.builds(Patch, st.lists(st.tuples(PLACE, PLACE, PLACE), max_size=3).map(tuple), PLACE)
EVENTS = st.one_of(
    st.tuples(INJECTIONS, CHOICES),
    st.builds(Wait, st.floats(0, 1e8)),
    st.builds(Setting, st.sampled_from(ProxyMode), PLACE),
    PATCHES,
)
STORIES = st.builds(Story, st.lists(EVENTS, min_size=1, max_size=4).map(tuple), st.booleans())
PACKET = (Injection("pod/a/b", "svc/a/c:80"), Choices())


@given(STORIES)
def test_there_and_back(story: Story) -> None:
    text = story_text(story)
    assert "\n" not in text
    assert story_of(text) == story


@pytest.mark.parametrize(
    "wrong",
    ["", "{}", "[]", "null", "x", '{"fresh": true, "events": []}', "9" * 9999, "[" * 9999],
)
def test_what_is_no_story_is_refused(wrong: str) -> None:
    with pytest.raises(StoryTextError):
        story_of(wrong)


@pytest.mark.parametrize("mark", ["{", '{"source"'])
def test_unknown_fields_are_refused(mark: str) -> None:
    text = story_text(Story((PACKET,)))
    with pytest.raises(StoryTextError):
        story_of(text.replace(mark, mark.replace("{", '{"more": 1, '), 1))


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ('"size":60', '"size":-1'),
        ('"size":60', '"size":"60"'),
        ('"seed":0', f'"seed":{"9" * 30}'),
        ('"TCP"', '"CARRIER-PIGEON"'),
        ('"dport":null', '"dport":65536'),
        ('"pod/a/b"', f'"{"p" * 301}"'),
        ('"wait":60.0', '"wait":-1.0'),
        ('"wait":60.0', '"wait":NaN'),
        ('"wait":60.0', '"wait":1e9'),
        ('"gone":[["Pod","shop","a"]]', '"gone":[["Pod","shop"]]'),
        ('"gone":[["Pod","shop","a"]]', '"gone":[["Pod","shop",3]]'),
        ('"objects":"x"', '"objects":{}'),
        ('"mode":"nftables"', '"mode":"magic"'),
        ('"plugin":"calico"', f'"plugin":"{"c" * 301}"'),
    ],
)
def test_fields_are_held_inside_their_bounds(given: str, wrong: str) -> None:
    change, setting = Patch((("Pod", "shop", "a"),), "x"), Setting(ProxyMode.NFTABLES, "calico")
    text = story_text(Story((PACKET, Wait(60.0), change, setting)))
    assert given in text
    with pytest.raises(StoryTextError):
        story_of(text.replace(given, wrong))


def test_a_text_is_never_long() -> None:
    long = (Injection("p" * 300, "q" * 300, node="한" * 300), Choices("r" * 300, 0, (9,) * 200))
    with pytest.raises(StoryTextError):
        story_text(Story((PACKET,) * (MOST + 1)))
    with pytest.raises(StoryTextError):
        story_text(Story((long,) * MOST))
    with pytest.raises(StoryTextError):
        story_of(" " * (LONGEST + 1))


def test_what_no_text_holds_is_told_in_words() -> None:
    with pytest.raises(StoryTextError, match="this is no story"):
        story_text(Story(((Injection("p" * 301, "q"), Choices()),)))
