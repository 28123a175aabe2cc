"""`k8snet-tui info`: versions, and the files in use."""

from __future__ import annotations

import platform
from argparse import Namespace
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from tui import __version__
from tui.cli import DELIVERED
from tui.cli.streams import put, put_json
from tui.course.catalogue import lessons_root
from tui.sim.cni import PLUGINS
from tui.sim.engine import BUILT_MODES
from tui.sim.model.settings import ProxyMode
from tui.store.crashes import crashes_folder
from tui.store.screenshots import screenshots_folder
from tui.store.sqlite import progress_file
from tui.words import use

_LIBRARIES = ("textual", "networkx", "pydantic", "PyYAML")
_FOLLOWS = "v1.36"


def info(asked: Namespace) -> int:
    """Print what a bug report needs."""
    facts = _facts()
    if asked.json:
        put_json(facts)
        return DELIVERED
    for name, value in facts.items():
        for text in _lines(value):
            put(f"{name:<20} {text}")
    return DELIVERED


def _lines(value: object) -> Iterator[str]:
    """A fact as text: a list on one line, what is told of several names on a line each."""
    if isinstance(value, dict):
        yield from (f"{name}: {' '.join(told)}" for name, told in value.items())
    else:
        yield ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _facts() -> dict[str, object]:
    unbuilt = [mode.value for mode in ProxyMode if mode not in BUILT_MODES]
    return {
        "k8snet-tui": __version__,
        "python": platform.python_version(),
        **{name: _version(name) for name in _LIBRARIES},
        "kube-proxy": _FOLLOWS,
        "modes": [mode.value for mode in ProxyMode if mode in BUILT_MODES],
        **({"modes not built yet": unbuilt} if unbuilt else {}),
        "plugins": list(PLUGINS),
        "simplified": _simplified(),
        "lessons": str(lessons_root()),
        "progress": str(progress_file()),
        "screenshots": str(screenshots_folder()),
        "crash logs": str(crashes_folder()),
    }


def _simplified() -> dict[str, list[str]]:
    """What plugins leave out, by the plugin."""
    words = use()
    return {
        plugin.name: list(words.simplified(plugin.simplified))
        for plugin in PLUGINS.values()
        if plugin.simplified
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
