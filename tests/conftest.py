"""What every test may count on: the same surroundings, and nobody's own files touched."""

import os
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.pace import apps_start_sooner, pilots_ask_the_loop

ROOT = Path(__file__).resolve().parents[1]
HOMES = count()

# Two cores are shared by many tests, so time is no evidence; a gate must answer the same twice.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

# A thousand apps are opened here, and keys pressed in them.
pilots_ask_the_loop()
apps_start_sooner()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Who hands out the tests of `--dist loadgroup`; None: whom pytest-xdist has for it."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from tests.scheduling import Groups

    return Groups(config, log)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def two_nodes() -> Path:
    """A cluster file: Service `default/web`, an endpoint on each of two nodes, and a client."""
    return ROOT / "tests" / "two-nodes.yaml"


@pytest.fixture(autouse=True)
def _surroundings(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """English, colours on, no tour; a home of its own, made when somebody writes there."""
    home = tmp_path_factory.getbasetemp() / f"home-{next(HOMES)}"
    for name in ("CACHE", "CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("K8SNET_NO_TOUR", "1")
