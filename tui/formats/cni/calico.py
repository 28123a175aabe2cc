"""Calico's IPPool, and whether a BGPPeer joins the network's routers.

Keys: https://docs.tigera.io/calico/latest/reference/resources/ippool and .../bgppeer (v3.26);
`kubectl get ippools,bgppeers -o yaml` prints them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from tui.formats.cni.fields import piece
from tui.formats.cni.loaded import LoadedPlugin
from tui.formats.errors import FormatError
from tui.formats.fields import Edge
from tui.sim.cni.calico import CalicoSettings, Encapsulation, calico_plugin

_When = Literal["Always", "CrossSubnet", "Never"]
_GROUP = "projectcalico.org/"


class _Pool(Edge):
    cidr: str | None = None
    ipip_mode: _When | None = None
    vxlan_mode: _When | None = None
    nat_outgoing: bool | None = None
    disabled: bool | None = None
    block_size: Annotated[int, Field(ge=20, le=32)] | None = None


class IPPool(Edge):
    """One pool."""

    spec: _Pool


def read(documents: Sequence[dict[str, Any]], origin: str) -> LoadedPlugin | None:
    """Calico, if one of the documents is a pool of it. Raises FormatError."""
    items = [item for document in documents for item in _items(document)]
    pools = [_pool(item, origin) for item in items if _is(item, "IPPool")]
    if not pools:
        return None
    used = [pool for pool in pools if not pool.disabled and ":" not in (pool.cidr or "")]
    if not used:
        raise FormatError(origin, "no IPv4 pool is in use: expected one", "IPPool spec")
    peers = any(_is(item, "BGPPeer") for item in items)
    settings = _settings(used[0], peers, origin)
    return LoadedPlugin(calico_plugin(settings), tuple(_notes(pools, used)))


def _items(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of a List, or the one that stands alone."""
    held = document.get("items")
    if isinstance(held, list):
        return [each for each in held if isinstance(each, dict)]
    return [document]


def _is(item: dict[str, Any], kind: str) -> bool:
    return item.get("kind") == kind and _GROUP in str(item.get("apiVersion", ""))


def _pool(item: dict[str, Any], origin: str) -> _Pool:
    metadata = item.get("metadata")
    name = metadata.get("name", "") if isinstance(metadata, dict) else ""
    return piece(IPPool, item, origin, f"IPPool {name}").spec


def _notes(pools: Sequence[_Pool], used: Sequence[_Pool]) -> Iterator[str]:
    if len(used) > 1:
        yield f"IPPool: {len(used)} pools are in use; the first one decides for all pods here"
    if len(pools) > len(used):
        yield f"IPPool: {len(pools) - len(used)} are disabled or of IPv6, and left out"


def _settings(pool: _Pool, routers_peer: bool, origin: str) -> CalicoSettings:
    ipip, vxlan = pool.ipip_mode or "Never", pool.vxlan_mode or "Never"
    if "Never" not in (ipip, vxlan):
        problem = "ipipMode and vxlanMode are both on: expected one of them to be Never"
        raise FormatError(origin, problem, "IPPool spec")
    how = Encapsulation.NONE
    if ipip != "Never":
        how = Encapsulation.IPIP
    elif vxlan != "Never":
        how = Encapsulation.VXLAN
    return CalicoSettings(
        how,
        cross_subnet="CrossSubnet" in (ipip, vxlan),
        nat_outgoing=bool(pool.nat_outgoing),
        block_size=pool.block_size or CalicoSettings().block_size,
        routers_peer=routers_peer,
    )
