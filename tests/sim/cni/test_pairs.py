"""Every plugin on every pair: the way of the packet, headers and MTU, what the receiver sees.

What is expected stands in `ways/PLUGIN.txt`, to be read; `python -m tests.sim.cni.test_pairs`
writes those files anew, and the diff is what changed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest

from tests.sampling import one_in
from tests.sim.cni.pairs import PAIRS, SETTINGS, cluster, sent, told
from tui.sim.cni import PLUGINS
from tui.sim.engine import World
from tui.sim.model.settings import ProxyMode

WAYS = Path(__file__).parent / "ways"


def expected(plugin: str) -> dict[str, str]:
    """What stands in a plugin's file, by the pair."""
    text = (WAYS / f"{plugin}.txt").read_text(encoding="utf-8")
    parts = re.split(r"^# (.*)\n", text, flags=re.MULTILINE)[1:]
    return {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}


@lru_cache(maxsize=64)
def world(plugin: str) -> World:
    return World(cluster(), SETTINGS, plugin)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_packet_takes_the_way_that_the_plugin_made(plugin: str, pair: str) -> None:
    assert told(world(plugin), PAIRS[pair]) == expected(plugin)[pair]


@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_pair_is_in_the_file_and_no_other(plugin: str) -> None:
    assert expected(plugin).keys() == PAIRS.keys()


@pytest.mark.parametrize("mode", ProxyMode)
@pytest.mark.parametrize("plugin", one_in(4, PLUGINS))
def test_who_reaches_whom_is_the_same_in_every_mode(plugin: str, mode: ProxyMode) -> None:
    usual, other = world(plugin), world(plugin).with_mode(mode)
    for pair in PAIRS.values():
        assert sent(other, pair).connection is sent(usual, pair).connection, pair


def main() -> None:
    """Write what is found into the files."""
    WAYS.mkdir(exist_ok=True)
    for plugin in PLUGINS:
        found = (f"# {name}\n{told(world(plugin), pair)}\n" for name, pair in PAIRS.items())
        (WAYS / f"{plugin}.txt").write_text("\n".join(found), encoding="utf-8")


if __name__ == "__main__":
    main()
