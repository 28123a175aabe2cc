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
note: EndpointSlice default/web-x: fd00::5 is no IPv4 address; kube-proxy leaves this endpoint out
note: Service default/twin: no EndpointSlice of it has the port web/TCP (there are: http/TCP), and \
kube-proxy matches ports by name; for it this port has no endpoints
note: Service default/web: loadBalancerSourceRanges 203.0.113.5/24 names more than its network; \
kube-proxy reads 203.0.113.0/24
note: Service default/twin: 10.96.0.10:80/TCP belongs to Service default/web too, so it is \
undefined which one answers: kube-proxy walks them in random order, and here the order of the file \
is taken
note: Service default/neighbour: 10.96.0.10 is the cluster IP of Service default/web too; the API \
server would refuse it. Their ports differ, so each keeps its own
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
