"""A workshop that several tests share; each of them comes under names of its own."""

from collections.abc import Iterator

import pytest

from tests.serve.workshop_server import WorkshopServer


@pytest.fixture(scope="session")
def workshop() -> Iterator[WorkshopServer]:
    with WorkshopServer("--limit", "failures=1000") as server:
        yield server
