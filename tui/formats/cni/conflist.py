"""A CNI network configuration: a conflist, or a single plugin's conf.

Shape: https://www.cni.dev/docs/spec/#section-1-network-configuration-format (CNI 1.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tui.formats.errors import FormatError, quoted
from tui.sim.model.value import value


@value
class PluginConf:
    """One plugin of a network configuration."""

    type: str
    """`bridge`, `flannel`, `calico`, ..."""
    data: dict[str, Any]
    """All its keys."""
    place: str
    """`plugins[0]`; empty for a single plugin's conf."""
    network: str
    """Name of the network that it belongs to."""


def plugin_confs(documents: Sequence[dict[str, Any]], origin: str) -> Iterator[PluginConf]:
    """The plugins of every network configuration in some documents. Raises FormatError."""
    for document in documents:
        if "kind" in document or not ({"plugins", "type"} & document.keys()):
            continue
        name = str(document.get("name", ""))
        if "plugins" in document:
            yield from _listed(document["plugins"], name, origin)
        else:
            yield _conf(document, "", name, origin)


def _listed(plugins: object, name: str, origin: str) -> Iterator[PluginConf]:
    if not isinstance(plugins, list):
        raise FormatError(origin, f"{quoted(plugins)} is not a list of plugins", "plugins")
    for index, each in enumerate(plugins):
        place = f"plugins[{index}]"
        if not isinstance(each, dict):
            raise FormatError(origin, f"expected a plugin, found {quoted(each)}", place)
        yield _conf(each, place, name, origin)


def _conf(data: dict[str, Any], place: str, name: str, origin: str) -> PluginConf:
    kind = data.get("type")
    if not isinstance(kind, str) or not kind:
        raise FormatError(origin, "has no type; every plugin's conf names one", place)
    return PluginConf(kind, data, place, name)
