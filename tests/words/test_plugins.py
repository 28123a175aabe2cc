"""What is said of CNI plugins."""

import pytest

from tui.sim.cni import PLUGINS
from tui.words import use
from tui.words.plugins import PLUGINS as SAID
from tui.words.plugins import SIMPLIFIED


@pytest.mark.parametrize("name", PLUGINS)
def test_each_plugin_has_a_line_that_begins_with_its_name(name: str) -> None:
    assert use().plugin(name).startswith(f"{name}: ")


def test_no_line_is_about_a_plugin_that_is_not_there() -> None:
    assert SAID.keys() == PLUGINS.keys()


def test_what_is_simplified_is_said_and_only_that() -> None:
    named = {key for plugin in PLUGINS.values() for key in plugin.simplified}
    assert named == SIMPLIFIED.keys()
