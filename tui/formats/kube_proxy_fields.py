"""Every field that a version of kubeproxy.config.k8s.io/v1alpha1 has had, and keys that are none.

kube-proxy decodes strictly first; where that fails it says so in its log and decodes again, and a
key that it does not know then passes by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tui.formats.errors import Path, path_text

_SCALARS = """
kind apiVersion metadata featureGates hostnameOverride bindAddress healthzBindAddress
metricsBindAddress bindAddressHardFail enableProfiling showHiddenMetricsForVersion mode
detectLocalMode clusterCIDR nodePortAddresses oomScoreAdj configSyncPeriod portRange
windowsRunAsService resourceContainer udpIdleTimeout logging
"""
_INSIDE = {
    "clientConnection": "kubeconfig acceptContentTypes contentType qps burst",
    "iptables": """
        masqueradeBit masqueradeAll localhostNodePorts snatNodeInternalIP syncPeriod minSyncPeriod
    """,
    "ipvs": """
        syncPeriod minSyncPeriod scheduler excludeCIDRs strictARP tcpTimeout tcpFinTimeout
        udpTimeout
    """,
    "nftables": "masqueradeBit masqueradeAll syncPeriod minSyncPeriod",
    "winkernel": "networkName sourceVip enableDSR rootHnsEndpointName forwardHealthCheckVip",
    "detectLocal": "bridgeInterface interfaceNamePrefix",
    "conntrack": """
        max maxPerCore min tcpEstablishedTimeout tcpCloseWaitTimeout tcpBeLiberal udpTimeout
        udpStreamTimeout
    """,
}


def unknown_fields(written: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each key that no version knows."""
    yield from _unknown(written, [*_SCALARS.split(), *_INSIDE], ())
    for field, names in _INSIDE.items():
        inside = written.get(field)
        if isinstance(inside, dict):
            yield from _unknown(inside, names.split(), (field,))


def _unknown(written: Mapping[str, Any], known: list[str], above: Path) -> Iterator[str]:
    for key in written:
        if key not in known:
            yield (
                f"{path_text((*above, key))} is no field of v1alpha1{_advice(key, known)}; "
                "kube-proxy says so in its log and goes on without it"
            )


def _advice(key: str, known: list[str]) -> str:
    from difflib import get_close_matches

    likely = get_close_matches(key, known, 1) if len(key) < 100 else []
    return f" (is {likely[0]} meant?)" if likely else ""
