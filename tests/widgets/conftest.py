"""A session to draw: the client calls the Service, and the endpoint on the other node answers."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from tui.formats.cluster import load_cluster
from tui.session import Session
from tui.sim.engine import Choices, Injection, World
from tui.sim.model.settings import ProxySettings
from tui.widgets.pane import Pane

ACROSS = "10.244.1.5:8080"
"""The endpoint on the other node."""


@pytest.fixture(scope="session")
def world(two_nodes: Path) -> World:
    """The smallest cluster, with its pod range known to kube-proxy."""
    settings = ProxySettings(cluster_cidrs=("10.244.0.0/16",))
    return World(load_cluster(str(two_nodes)).cluster, settings)


@pytest.fixture(scope="session")
def fresh(world: World) -> Session:
    """Before the first packet."""
    return Session(world)


@pytest.fixture(scope="session")
def across(fresh: Session) -> Session:
    """A packet from the client to the Service, to the endpoint on the other node."""
    asked = Injection("pod/default/client", "svc/default/web:80")
    return fresh.injected(asked, Choices(pin=ACROSS))


Show = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def show() -> Show:
    """Mount one pane in a terminal of a size, and give its rows."""

    async def shown(pane: Pane, width: int = 80, height: int = 12) -> list[str]:
        class Bare(App[None]):
            def compose(self) -> ComposeResult:
                yield pane

        async with Bare().run_test(size=(width, height)) as pilot:
            await pilot.pause()
            rows = pane.text_rows()
            assert max(map(cell_len, rows), default=0) <= width
            return rows

    return shown
