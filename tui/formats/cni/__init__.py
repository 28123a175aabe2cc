"""CNI plugins' own settings: which plugin a file is about, and the plugin as it sets it up.

Each plugin has a module here with one function, its reader. A reader looks at the documents of
a file and answers None if they are none of its plugin's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tui.formats.cni import aws, bridge, calico, cilium, flannel
from tui.formats.cni.loaded import LoadedPlugin
from tui.formats.documents import documents
from tui.formats.errors import FormatError
from tui.formats.text import origin_of, read_text

Reader = Callable[[Sequence[dict[str, Any]], str], LoadedPlugin | None]
"""From the documents of a file and its name to the plugin. Raises FormatError."""

READERS: tuple[Reader, ...] = (
    flannel.read, bridge.read, calico.read, cilium.read, aws.read
)  # fmt: skip
"""Asked in this order."""

EXPECTED = (
    "a CNI conflist (bridge), flannel's net-conf.json or its ConfigMap, Calico's IPPool, Cilium's "
    "ConfigMap cilium-config, or the DaemonSet aws-node of the AWS VPC CNI"
)
"""What a file may hold, for errors."""


def load_plugin(path: str) -> LoadedPlugin:
    """The plugin that a file sets up; `-` is standard input. Raises FormatError."""
    return parse_plugin(read_text(path), origin_of(path))


def parse_plugin(text: str, origin: str) -> LoadedPlugin:
    """The plugin that a text, JSON or YAML, sets up. Raises FormatError."""
    found = [each for each in documents(text, origin) if isinstance(each, dict)]
    for read in READERS:
        loaded = read(found, origin)
        if loaded is not None:
            return loaded
    raise FormatError(origin, f"has no settings of a CNI plugin: expected {EXPECTED}")


__all__ = ["EXPECTED", "READERS", "LoadedPlugin", "Reader", "load_plugin", "parse_plugin"]
