"""Cilium's settings: the ConfigMap cilium-config.

`kubectl get configmap -n kube-system cilium-config -o yaml` prints it. Keys are the agent's
options: https://docs.cilium.io/en/v1.16/cmdref/cilium-agent/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from tui.formats.cni.loaded import LoadedPlugin
from tui.formats.errors import FormatError, quoted
from tui.sim.cni.cilium import CiliumSettings, Routing, cilium_plugin

_T = TypeVar("_T")

_NAME = "cilium-config"
_OTHERWISE = {
    "bpf-lb-mode": "snat",
    "enable-bpf-masquerade": "false",
    "enable-endpoint-routes": "false",
    "enable-ipsec": "false",
    "enable-wireguard": "false",
    "tunnel-protocol": "vxlan",
}
"""Options that would change a packet's way and are not simulated, by what is."""
_MOST = {"mtu": 65_535, "tunnel-port": 65_535}


def read(documents: Sequence[dict[str, Any]], origin: str) -> LoadedPlugin | None:
    """Cilium, if one of the documents is its configuration. Raises FormatError."""
    for document in documents:
        metadata, data = document.get("metadata"), document.get("data")
        named = isinstance(metadata, dict) and metadata.get("name") == _NAME
        if document.get("kind") == "ConfigMap" and named and isinstance(data, dict):
            options = {str(name): str(value) for name, value in data.items()}
            settings = _settings(options, origin)
            return LoadedPlugin(cilium_plugin(settings, _named(settings)), tuple(_notes(options)))
    return None


def _named(settings: CiliumSettings) -> str:
    if not settings.kube_proxy_replacement:
        return "cilium-kube-proxy"
    return "cilium" if settings.routing is Routing.TUNNEL else "cilium-native"


def _notes(options: Mapping[str, str]) -> Iterator[str]:
    for name, usual in _OTHERWISE.items():
        if options.get(name, usual) != usual:
            yield f"data {name}: {options[name]} is not simulated, but {usual} is"


def _settings(options: Mapping[str, str], origin: str) -> CiliumSettings:
    usual = CiliumSettings()
    modes = {mode.value: mode for mode in Routing}
    flags = {"true": True, "false": False}
    return CiliumSettings(
        routing=_one_of(options, "routing-mode", modes, usual.routing, origin),
        kube_proxy_replacement=_one_of(options, "kube-proxy-replacement", flags, False, origin),
        masquerade=_one_of(options, "enable-ipv4-masquerade", flags, True, origin),
        mtu=_number(options, "mtu", origin) or usual.mtu,
        tunnel_port=_number(options, "tunnel-port", origin) or usual.tunnel_port,
    )


def _one_of(
    options: Mapping[str, str], name: str, known: Mapping[str, _T], usual: _T, origin: str
) -> _T:
    text = options.get(name)
    if text is None:
        return usual
    if text in known:
        return known[text]
    raise _wrong(origin, name, text, f"expected {' or '.join(known)}")


def _number(options: Mapping[str, str], name: str, origin: str) -> int:
    text = options.get(name, "0")
    if text.isascii() and text.isdigit() and int(text) <= _MOST[name]:
        return int(text)
    raise _wrong(origin, name, text, f"expected a number up to {_MOST[name]}")


def _wrong(origin: str, name: str, text: str, expected: str) -> FormatError:
    return FormatError(origin, f"{quoted(text)}: {expected}", f'data["{name}"]')
