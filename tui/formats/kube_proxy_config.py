"""KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1), alone or in kubeadm's ConfigMap.

Checks follow pkg/proxy/apis/config/validation of v1.36 where a field means something here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from tui.formats.documents import documents
from tui.formats.errors import FieldError, FormatError, field_error_of, path_text, quoted
from tui.formats.fields import CIDR, Edge, OptionalIP, network_of, wrong
from tui.formats.kube_proxy_fields import unknown_fields
from tui.formats.objects import RawObject, raw_objects
from tui.formats.text import origin_of, read_text
from tui.sim.model.settings import IPVS_SCHEDULERS, ProxyMode, ProxySettings
from tui.sim.model.sloppy import parse_sloppy_network
from tui.sim.model.value import value

KIND = "KubeProxyConfiguration"
"""The kind that is read."""

_CONFIG_KEY = "config.conf"
_PRIMARY = "primary"
_EXTERNAL_IPS = "AllowServiceExternalIPs"
_MASQUERADE_BIT = 14


def _mode(value: str) -> str:
    if value in ("", *ProxyMode):
        return value
    raise wrong(value, f"is not one of {', '.join(ProxyMode)}")


def _bit(value: int) -> int:
    if 0 <= value <= 31:
        return value
    raise wrong(value, "is not a bit of the mark (0 to 31)")


def _bit_or_default(value: int | None) -> int:
    return _MASQUERADE_BIT if value is None else value


def _node_port_address(value: str) -> str:
    if value != _PRIMARY and parse_sloppy_network(value) is None:
        raise wrong(value, "is not a CIDR, nor the word primary")
    return value


def _scheduler(value: str) -> str:
    if value in ("", *IPVS_SCHEDULERS):
        return value
    raise wrong(value, f"is not a scheduler of IPVS: {', '.join(IPVS_SCHEDULERS)}")


Bit = Annotated[int, AfterValidator(_bit)]


class DetectLocal(Edge):
    """detectLocal."""

    bridge_interface: str | None = None
    interface_name_prefix: str | None = None


class IPTables(Edge):
    """iptables."""

    masquerade_bit: Bit | None = None
    masquerade_all: bool | None = None
    localhost_node_ports: bool | None = None


class NFTables(Edge):
    """nftables."""

    masquerade_bit: Bit | None = None
    masquerade_all: bool | None = None


class IPVS(Edge):
    """ipvs."""

    scheduler: Annotated[str, AfterValidator(_scheduler)] | None = None
    strict_arp: bool | None = Field(None, alias="strictARP")
    exclude_cidrs: list[CIDR] | None = Field(None, alias="excludeCIDRs")


class KubeProxyConfiguration(Edge):
    """The fields that decide about rules; the others pass by."""

    mode: Annotated[str, AfterValidator(_mode)] | None = None
    bind_address: OptionalIP | None = None
    hostname_override: str | None = None
    cluster_cidr: str | None = Field(None, alias="clusterCIDR")
    detect_local_mode: (
        Literal["", "ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix"] | None
    ) = None
    detect_local: DetectLocal | None = None
    node_port_addresses: list[Annotated[str, AfterValidator(_node_port_address)]] | None = None
    feature_gates: dict[str, bool] | None = None
    iptables: IPTables | None = None
    nftables: NFTables | None = None
    ipvs: IPVS | None = None

    def value(self) -> ProxySettings:
        """The settings, defaults applied. Raises FieldError."""
        iptables, nftables = self.iptables or IPTables(), self.nftables or NFTables()
        ipvs, detect = self.ipvs or IPVS.model_validate({}), self.detect_local or DetectLocal()
        self._check_detection(detect)
        return ProxySettings(
            mode=ProxyMode(self.mode or ProxyMode.IPTABLES),
            hostname_override=self.hostname_override or "",
            cluster_cidrs=_cluster_cidrs(self.cluster_cidr or ""),
            detect_local_mode=self.detect_local_mode or "",
            bridge_interface=detect.bridge_interface or "",
            interface_name_prefix=detect.interface_name_prefix or "",
            node_port_addresses=_node_port_addresses(self.node_port_addresses or []),
            bind_address=self.bind_address or "",
            allow_external_ips=(self.feature_gates or {}).get(_EXTERNAL_IPS, True),
            masquerade_bit=_bit_or_default(iptables.masquerade_bit),
            nftables_masquerade_bit=_bit_or_default(nftables.masquerade_bit),
            masquerade_all=bool(iptables.masquerade_all),
            nftables_masquerade_all=bool(nftables.masquerade_all),
            localhost_node_ports=iptables.localhost_node_ports is not False,
            ipvs_scheduler=ipvs.scheduler or "",
            ipvs_strict_arp=bool(ipvs.strict_arp),
            ipvs_exclude_cidrs=tuple(ipvs.exclude_cidrs or ()),
        )

    def _check_detection(self, detect: DetectLocal) -> None:
        """A mode that knows pods by their interface needs to be told which."""
        if self.detect_local_mode == "BridgeInterface" and not detect.bridge_interface:
            path, field = ("detectLocal", "bridgeInterface"), "BridgeInterface"
        elif self.detect_local_mode == "InterfaceNamePrefix" and not detect.interface_name_prefix:
            path, field = ("detectLocal", "interfaceNamePrefix"), "InterfaceNamePrefix"
        else:
            return
        raise FieldError(path, f"is missing; detectLocalMode {field} needs it")


def _cluster_cidrs(text: str) -> tuple[str, ...]:
    """One range, or one of each family, apart by a comma."""
    cidrs = tuple(text.split(",")) if text else ()
    for cidr in cidrs:
        if parse_sloppy_network(cidr) is None:
            raise FieldError(("clusterCIDR",), f"{quoted(cidr)} is not a CIDR like 10.244.0.0/16")
    versions = [network_of(cidr).version for cidr in cidrs]
    if len(versions) > 2 or len(set(versions)) < len(versions):
        problem = f"{quoted(text)} is neither one CIDR nor one of each family"
        raise FieldError(("clusterCIDR",), problem)
    return cidrs


def _node_port_addresses(values: Sequence[str]) -> tuple[str, ...]:
    if _PRIMARY in values and len(values) > 1:
        raise FieldError(("nodePortAddresses",), "primary stands alone or not at all")
    return tuple(values)


# ---------------------------------------------------------------- files


@value
class LoadedSettings:
    """kube-proxy's settings, and what in their file is none."""

    settings: ProxySettings
    """The settings."""
    notes: tuple[str, ...] = ()
    """English sentences: keys that kube-proxy does not know."""


def load_kube_proxy_config(path: str) -> LoadedSettings:
    """The settings in a file; `-` is standard input. Raises FormatError."""
    return parse_kube_proxy_config(read_text(path), origin_of(path))


def parse_kube_proxy_config(text: str, origin: str) -> LoadedSettings:
    """The settings in a text, JSON or YAML. Raises FormatError.

    Other objects beside the configuration pass by, so kubeadm's whole file may be given.
    """
    objects = list(raw_objects(documents(text, origin), origin))
    for raw in objects:
        if raw.kind == "ConfigMap" and _CONFIG_KEY in _data_of(raw):
            inside = f'{origin}: data["{_CONFIG_KEY}"]'
            held = documents(_config_of(raw, inside), inside)
            return _first_settings(raw_objects(held, inside), inside)
    return _first_settings(objects, origin)


def _first_settings(objects: Iterable[RawObject], origin: str) -> LoadedSettings:
    for raw in objects:
        if raw.kind == KIND:
            notes = (f"{KIND}: {each}" for each in unknown_fields(raw.data))
            return LoadedSettings(_settings(raw, origin), tuple(notes))
    expected = f"has no {KIND}, nor a ConfigMap with {_CONFIG_KEY} in it"
    raise FormatError(origin, f"{expected}: try `kubectl -n kube-system get cm kube-proxy -o yaml`")


def _settings(raw: RawObject, origin: str) -> ProxySettings:
    try:
        return KubeProxyConfiguration.model_validate(raw.data).value()
    except ValidationError as error:
        found = field_error_of(error)
    except FieldError as error:
        found = error
    raise FormatError(origin, found.problem, f"{raw.position} {path_text(found.path)}".strip())


def _data_of(config_map: RawObject) -> dict[str, Any]:
    data = config_map.data.get("data")
    return data if isinstance(data, dict) else {}


def _config_of(config_map: RawObject, inside: str) -> str:
    text = _data_of(config_map)[_CONFIG_KEY]
    if not isinstance(text, str):
        raise FormatError(inside, f"{quoted(text)} is not text")
    return text
