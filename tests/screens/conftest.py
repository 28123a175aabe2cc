"""A session to draw: the client calls the Service, and the endpoint on the other node answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.workshop import Line
from tui.formats.cluster import load_cluster
from tui.session import Session
from tui.sim.engine import Choices, Injection, World
from tui.sim.model.settings import ProxySettings

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


@pytest.fixture
def line() -> Iterator[Line]:
    """A session's line, held by its workshop."""
    made = Line()
    yield made
    made.close()


@pytest.fixture
def other() -> Iterator[Line]:
    """Somebody else's."""
    made = Line()
    yield made
    made.close()
