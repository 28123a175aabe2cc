"""Every plugin's wiring between two real nodes: each device sees what the simulator shows.

The nodes and pods are made by `ip` commands out of the model that the plugin built, proxy ARP and
ipsets included. Each plugin is tried with a client that connects to a pod, to a Service and to
a node port, from a pod and from a node.
"""

import socket
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from tests.kernel.pair import (
    CASES,
    MODES,
    PATIENCE,
    SYN_SIZE,
    Pair,
    lines,
    made,
    shape,
    told,
)
from tests.kernel.site import MISSING
from tests.kernel.wiring import machine_of
from tui.sim.engine import Injection, State, send
from tui.sim.model.address import endpoint_text
from tui.sim.model.settings import ProxyMode
from tui.sim.trace import Connection, Role

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(MISSING), reason=f"needs {MISSING}")]

PLUGINS = {
    "bridge": (4, 6),
    "flannel-host-gw": (4, 6),
    "calico-bgp": (4,),
    "calico-vxlan": (4,),
    "calico": (4,),
}
"""With the families in which their pods have addresses; flannel's VXLAN has tests of its own."""


def has_ipip() -> bool:
    """Whether this kernel can make an IPIP device."""
    add = "ip link add k8snet-ipip type ipip local 127.0.0.1"
    made = subprocess.run(add.split(), capture_output=True, check=False)
    if made.returncode == 0:
        subprocess.run(["ip", "link", "del", "k8snet-ipip"], check=False)
    return made.returncode == 0


@pytest.fixture(scope="module", params=PLUGINS)
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    if request.param == "calico" and not has_ipip():
        pytest.skip("this kernel has no ipip")
    with made(request.param) as found:
        yield found


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("mode", MODES)
def test_a_connection_passes_every_device_as_told(
    pair: Pair, mode: ProxyMode, case: tuple[str, dict[int, str], int], version: int
) -> None:
    if version not in PLUGINS[pair.cni]:
        pytest.skip(f"{pair.cni} has no IPv{version} here")
    place, ips, port = case
    world = pair.load(mode)
    asked = Injection(place, endpoint_text(ip_address(ips[version]), port), size=SYN_SIZE[version])
    outcome = send(world, State(), asked)[0].outcomes[0]
    assert outcome.connection is Connection.ESTABLISHED
    expected = told(tuple(leg for leg in outcome.legs if leg.role in (Role.REQUEST, Role.REPLY)))

    list(pair.passing())
    with pair.machines.inside(machine_of(place)):
        client = socket.create_connection((ips[version], port), PATIENCE)
    found = [shape(each) for each in pair.captured(len(expected))]
    client.close()
    assert lines(found) == lines(expected)
