"""What does not fit is rendered as kube-proxy renders it, and told."""

from pathlib import Path

import pytest

from tui.cli import main
from tui.sim.model.settings import ProxyMode

CLUSTER = Path(__file__).with_name("mismatched.yaml")
SETTINGS = """\
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clusterCIDR: 10.244.3.0/16
nodePortAddresses: [192.168.10.1/24]
"""
TOLD = """\
note: Node node-b: its pod range 10.244.0.128/25 overlaps 10.244.0.0/24 of Node node-a. kube-proxy \
does not check that, but for an address in both a route leads to one node only, and what was meant \
for the other gets lost
note: Pod default/double: 10.244.0.9 is the address of Pod default/client too. kube-proxy does not \
check that; packets to it reach Pod default/client, the first of them in the file, and Pod \
default/double has no network here
note: EndpointSlice default/web-x: fd00::5 is no IPv4 address; kube-proxy leaves this endpoint out
note: Service default/twin: no EndpointSlice of it has the port web/TCP (there are: http/TCP), and \
kube-proxy matches ports by name; for it this port has no endpoints
note: Service default/web: loadBalancerSourceRanges 203.0.113.5/24 names more than its network; \
kube-proxy reads 203.0.113.0/24
note: Service default/twin: 10.96.0.10:80/TCP belongs to Service default/web too, so it is \
undefined which one answers: kube-proxy walks them in random order. In nftables mode the kernel \
refuses the second (File exists), and with it all that kube-proxy wanted to change
note: Service default/neighbour: 10.96.0.10 is the cluster IP of Service default/web too; the API \
server would refuse it. Their ports differ, so each keeps its own
note: Service default/neighbour: node port 30080/TCP belongs to Service default/web too, so it is \
undefined which one answers: kube-proxy walks them in random order. In nftables mode the kernel \
refuses the second (File exists), and with it all that kube-proxy wanted to change
note: KubeProxyConfiguration: clusterCIDR 10.244.3.0/16 names more than its network; kube-proxy \
reads 10.244.0.0/16
note: KubeProxyConfiguration: nodePortAddresses 192.168.10.1/24 names more than its network; \
kube-proxy reads 192.168.10.0/24
"""


@pytest.mark.parametrize("mode", ProxyMode)
def test_rules_of_a_cluster_that_does_not_fit(
    mode: ProxyMode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "kube-proxy.yaml"
    settings.write_text(SETTINGS)
    chosen = ["--cluster", str(CLUSTER), "--kube-proxy-config", str(settings)]
    assert main(["rules", *chosen, "--proxy-mode", mode]) == 0
    printed = capsys.readouterr()
    assert printed.err == TOLD
    assert "10.244.0.5" in printed.out
    assert "203.0.113.0/24" in printed.out
    for left_out in ("fd00::5", "10.244.0.6", "203.0.113.5", "10.244.3.0", "192.168.10.0"):
        assert left_out not in printed.out


def test_a_cluster_that_fits_is_not_talked_about(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    assert capsys.readouterr().err == ""


def test_what_the_notes_say_of_pods_is_so(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ["trace", "--cluster", str(CLUSTER), "--to", "10.244.0.9:80", "--port", "80"]
    assert main([*chosen, "--from", "node/node-b"]) == 0
    assert "\n  pod/default/client   in eth0\n" in capsys.readouterr().out
    assert main([*chosen, "--from", "pod/default/double"]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said == (
        "k8snet-tui: pod/default/double: the pod has no network; 10.244.0.9 is another's address "
        "too"
    )
    assert main([*chosen, "--from", "pod/default/finished"]) == 2
    assert "the pod has finished" in capsys.readouterr().err


def test_notes_without_end_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pod = "{kind: Pod, metadata: {name: pod-%s}, spec: {nodeName: a}, status: {podIP: 10.0.0.5}}"
    node = "{kind: Node, metadata: {name: a}, spec: {podCIDR: 10.0.0.0/24}}"
    cluster = tmp_path / "cluster.yaml"
    cluster.write_text("\n---\n".join([node, *(pod % number for number in range(100))]))
    assert main(["rules", "--cluster", str(cluster)]) == 0
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == "note: and 49 more notes of this kind"
    assert len(said) < 60
