"""The reference plugin `bridge`, as a conflist sets it up.

Keys: https://www.cni.dev/plugins/current/main/bridge/#network-configuration-reference
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import Field

from tui.formats.cni.conflist import PluginConf, plugin_confs
from tui.formats.cni.fields import piece
from tui.formats.cni.loaded import LoadedPlugin
from tui.formats.fields import Edge
from tui.sim.cni.bridge import BridgeSettings, bridge_plugin

_HOSTS_MTU = 1500


class BridgeConf(Edge):
    """The keys that decide about a packet; the others pass by."""

    bridge: Annotated[str, Field(min_length=1, max_length=15)] | None = None
    mtu: Annotated[int, Field(ge=0, le=65_535)] | None = None
    hairpin_mode: bool | None = None
    ip_masq: bool | None = None
    is_gateway: bool | None = None
    is_default_gateway: bool | None = None
    vlan: int | None = None
    ipam: dict[str, Any] | None = None

    def notes(self, place: str) -> Iterator[str]:
        """What the simulator does otherwise."""
        if not self.is_default_gateway:
            yield f"{place} isDefaultGateway: taken to be on, pods have a default route here"
        if self.vlan:
            yield f"{place} vlan: {self.vlan} is not simulated"
        kind = (self.ipam or {}).get("type", "host-local")
        if kind != "host-local":
            yield f"{place} ipam: {kind} is not simulated; pods have the addresses of the file"


def read(documents: Sequence[dict[str, Any]], origin: str) -> LoadedPlugin | None:
    """The bridge plugin of a conflist; None if there is none. Raises FormatError."""
    for conf in plugin_confs(documents, origin):
        if conf.type == "bridge":
            return _loaded(conf, piece(BridgeConf, conf.data, origin, conf.place))
    return None


def _loaded(conf: PluginConf, found: BridgeConf) -> LoadedPlugin:
    settings = BridgeSettings(
        name=conf.network,
        bridge=found.bridge or "cni0",
        mtu=found.mtu or _HOSTS_MTU,
        hairpin=bool(found.hairpin_mode),
        masquerade=bool(found.ip_masq),
    )
    return LoadedPlugin(bridge_plugin(settings), tuple(found.notes(conf.place)))
