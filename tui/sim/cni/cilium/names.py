"""How Cilium calls its devices (pkg/datapath/connector, pkg/defaults)."""

from __future__ import annotations

from hashlib import sha256

HOST, NET, TUNNEL = "cilium_host", "cilium_net", "cilium_vxlan"


def lxc_of(place: str) -> str:
    """`lxc7d3f5a2b9c01`: the node's end of a pod's cable; Cilium hashes the container's id."""
    return f"lxc{sha256(place.encode()).hexdigest()[:12]}"
