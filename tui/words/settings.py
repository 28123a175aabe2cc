"""kube-proxy's modes, with the dates that matter."""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.model.settings import ProxyMode
from tui.words.language import _

MODES: Mapping[ProxyMode, str] = {
    ProxyMode.IPTABLES: _("iptables: the default"),
    ProxyMode.NFTABLES: _("nftables: GA since v1.33"),
    ProxyMode.IPVS: _("ipvs: deprecated since v1.35"),
}
"""One line each."""

MODE_SENTENCES: Mapping[ProxyMode, str] = {
    ProxyMode.IPTABLES: _(
        "kube-proxy writes iptables rules, a chain per Service and endpoint. "
        "The first packet of a connection walks them one by one; conntrack "
        "spares the rest. Still the default on Linux."
    ),
    ProxyMode.NFTABLES: _(
        "kube-proxy writes nftables rules. A map finds the Service in one "
        "lookup, however many there are. GA since v1.33, not the default."
    ),
    ProxyMode.IPVS: _(
        "kube-proxy programs the kernel's load balancer IPVS, and still writes "
        "iptables rules around it. Deprecated since v1.35: nftables takes its "
        "place."
    ),
}
"""A few sentences each."""

NO_KUBE_PROXY = _("no kube-proxy")
"""Where the plugin does its work."""
