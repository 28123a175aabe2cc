"""`k8snet-tui look`: what the tools print on a node, in a pod and out in the world."""

from pathlib import Path

import pytest

from tui.cli import main

ROUTES = """\
default via 192.168.10.254 dev eth0 
10.244.0.0/24 dev cni0 proto kernel scope link src 10.244.0.1 
10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink 
10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink 
192.168.10.0/24 dev eth0 proto kernel scope link src 192.168.10.1 
"""
"""iproute2 leaves a blank behind each line."""


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["look", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


@pytest.mark.parametrize(
    "words",
    [["--", "ip", "route"], ["--", "ip r"], ["ip", "ro", "ls"], ["--", "ip", "-4", "route"],
     ["--", "ip", "route", "show", "table", "main"]],
)  # fmt: skip
def test_a_nodes_routes(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert said(["node/node-a", *words], capsys) == ROUTES


def test_the_way_to_a_pod_on_another_node(capsys: pytest.CaptureFixture[str]) -> None:
    command = "ip route get 10.244.1.5 from 10.244.0.7 iif cni0 mark 0x4000"
    assert said(["node/node-a", "--", *command.split()], capsys) == (
        "10.244.1.5 from 10.244.0.7 via 10.244.1.0 dev flannel.1 mark 0x4000 \n"
        "    cache iif cni0 \n"
    )


def test_a_pods_addresses(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(["pod/shop/client", "--", "ip", "-br", "addr"], capsys)
    assert text.splitlines()[0] == "lo               UNKNOWN        127.0.0.1/8 ::1/128 "
    assert text.splitlines()[1].split() == ["eth0@if6", "UP", "10.244.0.7/24"]


def test_a_machine_out_in_the_world(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(["external/203.0.113.7", "--", "ip", "-4", "-br", "a"], capsys)
    assert text.splitlines()[1].split() == ["eth0", "UP", "203.0.113.7/24"]


def test_a_pod_that_only_its_address_tells_of(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(["10.244.0.200", "--", "ip", "route", "get", "8.8.8.8"], capsys)
    assert text.startswith("8.8.8.8 via 10.244.0.1 dev eth0 src 10.244.0.200 uid 0 \n")


def test_a_pod_of_the_hosts_network_is_its_node(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cluster.yaml"
    file.write_text(
        "{apiVersion: v1, kind: Node, metadata: {name: a}, spec: {podCIDR: 10.244.0.0/24},"
        " status: {addresses: [{type: InternalIP, address: 192.168.10.1}]}}\n---\n"
        "{apiVersion: v1, kind: Pod, metadata: {name: agent, namespace: default},"
        " spec: {nodeName: a, hostNetwork: true},"
        " status: {podIP: 192.168.10.1, podIPs: [{ip: 192.168.10.1}]}}\n"
    )
    words = ["--cluster", str(file), "--", "ip", "-br", "addr"]
    agent = said(["pod/default/agent", *words], capsys)
    assert agent == said(["node/a", *words], capsys)
    assert "192.168.10.1/24" in agent


def test_without_a_command_all_are_asked(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(["node/node-a"], capsys)
    asked = [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]
    assert asked[:3] == ["ip addr", "ip -d link", "ip route"]
    assert asked[-1] == "ip6tables-save"
    assert f"$ ip route\n{ROUTES}\n$ ip -6 route\n" in text
    for command in asked:
        assert said(["node/node-a", "--", *command.split()], capsys) in text


def test_a_pod_has_no_rules_to_ask_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert "iptables" not in said(["pod/shop/client"], capsys)


def test_the_rules_of_every_mode(capsys: pytest.CaptureFixture[str]) -> None:
    mode = ["--proxy-mode", "ipvs"]
    assert "-A -t 10.96.31.7:80" in said(["node/node-a", *mode, "--", "ipvsadm-save -n"], capsys)
    bound = said(["node/node-a", *mode, "--", "ip", "-o", "addr", "show", "kube-ipvs0"], capsys)
    assert "inet 10.96.31.7/32 scope global kube-ipvs0\\" in bound
    nft = ["--proxy-mode", "nftables", "--", "nft", "list", "table", "ip", "kube-proxy"]
    assert said(["node/node-a", *nft], capsys).startswith("table ip kube-proxy {")


def test_another_plugin_has_other_devices(capsys: pytest.CaptureFixture[str]) -> None:
    assert "flannel.1" in said(["node/node-a", "--", "ip", "link"], capsys)
    assert "flannel.1" not in said(["node/node-a", "--cni", "bridge", "--", "ip", "link"], capsys)


# ---------------------------------------------------------------- mistakes


WRONG = {
    "no place": ([], ["PLACE is missing"]),
    "unknown node": (["node/node-z"], ["node/node-z", "node-a, node-b, node-c"]),
    "unknown pod": (["pod/shop/nobody"], ["pod/shop/nobody", "no such pod", "pod/shop/client"]),
    "a Service": (["svc/shop/web"], ["svc/shop/web", "name a pod, a node"]),
    "nonsense": (["what is/this"], ["what is/this", "expected"]),
    "unknown tool": (["pod/shop/client", "ifconfig"], ["ifconfig", "ip, bridge, route"]),
    "unknown tool on a node": (["node/node-a", "nft"],
                               ["nft", "ip, bridge, route", "iptables-save"]),
    "unknown option": (["node/node-a", "--", "ip", "-s", "link"], ["-s", "-4, -6, -d, -br, -o"]),
    "an option before --": (["node/node-a", "ip", "-q"], ["-q", "no such option"]),
    "unknown device": (["node/node-a", "ip", "addr", "show", "eth9"], ["eth9", "flannel.1"]),
    "no route": (["pod/shop/client", "ip", "route", "get", "fd00::1"],
                 ["RTNETLINK answers: Network is unreachable"]),
    "control characters": (["node/node-a", "ip", "\x1b[2J"], ["\\x1b[2J"]),
    "a flood": (["node/node-a", "ip", "x" * 5000], ["longer than any command"]),
    "no such family option": (["node/node-a", "--node", "node-b"], ["--node", "no such option"]),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_answered_in_one_line(
    arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["look", *arguments])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else -1
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    [line] = captured.err.splitlines()
    for each in words:
        assert each in line
