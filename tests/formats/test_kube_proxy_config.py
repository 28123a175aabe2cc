"""KubeProxyConfiguration: what is read, what is refused, and the ConfigMap around it."""

from pathlib import Path

import pytest
import yaml

from tui.formats.errors import FormatError
from tui.formats.kube_proxy_config import load_kube_proxy_config, parse_kube_proxy_config
from tui.sim.model.settings import ProxyMode, ProxySettings
from tui.sim.model.value import replace

HEAD = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"

KUBEADM = """\
apiVersion: kubeproxy.config.k8s.io/v1alpha1
bindAddress: 0.0.0.0
clientConnection: {acceptContentTypes: "", burst: 0, contentType: "", qps: 0}
clusterCIDR: 10.244.0.0/16
configSyncPeriod: 0s
conntrack: {maxPerCore: null, min: null, tcpEstablishedTimeout: null}
detectLocal: {bridgeInterface: "", interfaceNamePrefix: ""}
detectLocalMode: ""
hostnameOverride: ""
iptables: {localhostNodePorts: null, masqueradeAll: false, masqueradeBit: null, syncPeriod: 0s}
ipvs: {excludeCIDRs: null, scheduler: "", strictARP: false}
kind: KubeProxyConfiguration
mode: ""
nftables: {masqueradeAll: false, masqueradeBit: null}
nodePortAddresses: null
"""


def settings_of(text: str) -> ProxySettings:
    return parse_kube_proxy_config(HEAD + text, "kube-proxy.yaml").settings


def error_of(text: str) -> str:
    with pytest.raises(FormatError) as caught:
        parse_kube_proxy_config(text, "kube-proxy.yaml")
    return str(caught.value)


def test_defaults() -> None:
    assert settings_of("") == ProxySettings()
    assert settings_of("").localhost_node_ports
    assert settings_of("").mark == 0x4000


def test_kubeadms_file() -> None:
    found = parse_kube_proxy_config(KUBEADM, "kube-proxy.yaml").settings
    assert found == ProxySettings(cluster_cidrs=("10.244.0.0/16",), bind_address="0.0.0.0")


@pytest.mark.parametrize("mode", ProxyMode)
def test_modes(mode: ProxyMode) -> None:
    assert settings_of(f"mode: {mode}").mode is mode


def test_every_field() -> None:
    text = """
mode: ipvs
bindAddress: 192.168.10.1
featureGates: {AllowServiceExternalIPs: false, AllAlpha: true}
hostnameOverride: node-a
clusterCIDR: 10.244.0.0/16,fd00:244::/56
detectLocalMode: BridgeInterface
detectLocal: {bridgeInterface: cni0, interfaceNamePrefix: veth}
nodePortAddresses: [192.168.10.0/24, 127.0.0.0/8]
iptables: {masqueradeBit: 15, masqueradeAll: true, localhostNodePorts: false}
nftables: {masqueradeBit: 16, masqueradeAll: true}
ipvs: {scheduler: lc, strictARP: true, excludeCIDRs: [10.0.0.0/8]}
    """
    assert settings_of(text) == ProxySettings(
        mode=ProxyMode.IPVS,
        bind_address="192.168.10.1",
        allow_external_ips=False,
        hostname_override="node-a",
        cluster_cidrs=("10.244.0.0/16", "fd00:244::/56"),
        detect_local_mode="BridgeInterface",
        bridge_interface="cni0",
        interface_name_prefix="veth",
        node_port_addresses=("192.168.10.0/24", "127.0.0.0/8"),
        masquerade_bit=15,
        nftables_masquerade_bit=16,
        masquerade_all=True,
        nftables_masquerade_all=True,
        localhost_node_ports=False,
        ipvs_scheduler="lc",
        ipvs_strict_arp=True,
        ipvs_exclude_cidrs=("10.0.0.0/8",),
    )


def test_the_bit_of_the_mode_counts() -> None:
    bits = "iptables: {masqueradeBit: 15}\nnftables: {masqueradeBit: 16}\n"
    found = settings_of(bits)
    marks = {mode: replace(found, mode=mode).mark for mode in ProxyMode}
    assert marks == {
        ProxyMode.IPTABLES: 1 << 15, ProxyMode.NFTABLES: 1 << 16, ProxyMode.IPVS: 1 << 15,
    }  # fmt: skip
    assert settings_of("iptables: {masqueradeBit: 0}").mark == 1


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "kube-proxy.yaml"
    path.write_text(KUBEADM)
    assert load_kube_proxy_config(str(path)).settings.cluster_cidrs == ("10.244.0.0/16",)


def config_map(text: object) -> str:
    data = {"config.conf": text, "kubeconfig.conf": "x"}
    metadata = {"name": "kube-proxy", "namespace": "kube-system"}
    made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
    return yaml.safe_dump(made)


def test_the_config_map() -> None:
    text = config_map(KUBEADM + "healthzBindAddress: ''\n")
    found = parse_kube_proxy_config(text, "cm.yaml").settings
    assert found.cluster_cidrs == ("10.244.0.0/16",)


def test_other_documents_pass_by() -> None:
    other = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n---\n"
    found = parse_kube_proxy_config(other + KUBEADM, "kubeadm.yaml").settings
    assert found.mode is ProxyMode.IPTABLES


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mode: userspace", 'mode: "userspace" is not one of iptables, nftables, ipvs'),
        ("mode: 3", 'mode: 3 is not text; write it in quotes: "3"'),
        ("iptables: []", "iptables: a list is not a mapping"),
        (
            "iptables: {masqueradeBit: 32}",
            "iptables.masqueradeBit: 32 is not a bit of the mark (0 to 31)",
        ),
        ("iptables: {masqueradeAll: 'on'}", 'iptables.masqueradeAll: "on" is not true or false'),
        ("clusterCIDR: 10.244.0.0", 'clusterCIDR: "10.244.0.0" is not a CIDR like 10.244.0.0/16'),
        (
            "clusterCIDR: 10.0.0.0/8,10.1.0.0/16",
            'clusterCIDR: "10.0.0.0/8,10.1.0.0/16" is neither one CIDR nor one of each family',
        ),
        (
            "nodePortAddresses: [eth0]",
            'nodePortAddresses[0]: "eth0" is not a CIDR, nor the word primary',
        ),
        (
            "nodePortAddresses: [primary, 10.0.0.0/8]",
            "nodePortAddresses: primary stands alone or not at all",
        ),
        (
            "ipvs: {scheduler: fastest}",
            'ipvs.scheduler: "fastest" is not a scheduler of IPVS: rr, wrr, lc, wlc, fo, ovf, '
            "lblc, lblcr, sh, dh, mh, sed, nq, twos",
        ),
        (
            "detectLocalMode: Guess",
            'detectLocalMode: "Guess" is not one of ClusterCIDR, NodeCIDR, BridgeInterface or '
            "InterfaceNamePrefix",
        ),
        (
            "detectLocalMode: BridgeInterface",
            "detectLocal.bridgeInterface: is missing; detectLocalMode BridgeInterface needs it",
        ),
        (
            "detectLocalMode: InterfaceNamePrefix",
            "detectLocal.interfaceNamePrefix: is missing; detectLocalMode InterfaceNamePrefix "
            "needs it",
        ),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    assert error_of(HEAD + text) == f"kube-proxy.yaml: {said}"


def test_an_error_inside_the_config_map() -> None:
    inside = 'kube-proxy.yaml: data["config.conf"]: '
    said = 'mode: "x" is not one of iptables, nftables, ipvs'
    assert error_of(config_map(HEAD + "mode: x")) == inside + said
    assert error_of(config_map(3)) == f"{inside}3 is not text"
    assert error_of(config_map("{")).startswith(f"{inside}line ")


@pytest.mark.parametrize("text", ["", "{kind: Pod}", "{kind: ConfigMap, data: 3}"])
def test_a_file_without_a_configuration(text: str) -> None:
    assert error_of(text) == (
        "kube-proxy.yaml: has no KubeProxyConfiguration, nor a ConfigMap with config.conf in it: "
        "try `kubectl -n kube-system get cm kube-proxy -o yaml`"
    )


def test_a_config_map_inside_of_a_config_map() -> None:
    assert "has no KubeProxyConfiguration" in error_of(config_map(config_map(KUBEADM)))


GOES_ON = "kube-proxy says so in its log and goes on without it"


def test_keys_that_no_version_has_are_told() -> None:
    text = "masqueradeAl: true\nipvs: {sheduler: lc}\nwinkernel: {a/b: 1}\nconntrack: {max: 1}\n"
    assert parse_kube_proxy_config(HEAD + text, "f").notes == (
        f"KubeProxyConfiguration: masqueradeAl is no field of v1alpha1; {GOES_ON}",
        "KubeProxyConfiguration: ipvs.sheduler is no field of v1alpha1 (is scheduler meant?); "
        f"{GOES_ON}",
        f'KubeProxyConfiguration: winkernel["a/b"] is no field of v1alpha1; {GOES_ON}',
    )
    assert parse_kube_proxy_config(KUBEADM, "f").notes == ()


@pytest.mark.parametrize("name", ["lblc", "lblcr", "fo", "ovf", "twos", "mh", ""])
def test_every_scheduler_of_linux_loads(name: str) -> None:
    assert settings_of(f"ipvs: {{scheduler: '{name}'}}").ipvs_scheduler == name
