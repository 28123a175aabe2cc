"""What a device of each kind looks like to `ip`. A new kind is one more row."""

from __future__ import annotations

from tui.sim.model.value import value
from tui.sim.routing.network import Device, DeviceKind, Namespace

_ETHER = "ff:ff:ff:ff:ff:ff"
_UP = "BROADCAST,MULTICAST,UP,LOWER_UP"


@value
class Look:
    """How a device is shown."""

    flags: str = _UP
    """Its flags."""
    link: str = "ether"
    """Kind of its link layer."""
    broadcast: str = _ETHER
    """Broadcast address of its link layer."""
    qdisc: str = "noqueue"
    """Queueing discipline."""
    state: str = "UP"
    """Operational state."""
    qlen: int = 1000
    """Length of its queue; 0 is not shown."""
    address: str | None = None
    """Address of its link layer, where it has no MAC."""
    suffix: str = ""
    """What stands behind its name."""
    multicast: bool = True
    """It is up and IPv6 is on it, so that it hears multicast."""


_LOOKS = {
    DeviceKind.LOOPBACK: Look(
        "LOOPBACK,UP,LOWER_UP", "loopback", "00:00:00:00:00:00", state="UNKNOWN", multicast=False
    ),
    # systemd makes fq_codel the default, and so does Debian
    DeviceKind.PHYSICAL: Look(qdisc="fq_codel"),
    DeviceKind.VETH: Look(),
    DeviceKind.BRIDGE: Look(),
    DeviceKind.OVS: Look(state="UNKNOWN"),
    # flannel and kube-proxy ask for queues of length 0: vishvananda/netlink sends what is not set
    DeviceKind.VXLAN: Look(state="UNKNOWN", qlen=0),
    DeviceKind.GENEVE: Look(state="UNKNOWN"),
    DeviceKind.IPIP: Look(
        "NOARP,UP,LOWER_UP", "ipip", "0.0.0.0", state="UNKNOWN", address="0.0.0.0",
        suffix="@NONE", multicast=False,
    ),
    DeviceKind.DUMMY: Look(
        "BROADCAST,NOARP", qdisc="noop", state="DOWN", qlen=0, multicast=False
    ),
}  # fmt: skip


def look_of(device: Device, space: Namespace) -> Look:
    """How a device is shown; a bridge that never had a port does not know its state."""
    look = _LOOKS.get(device.kind, Look())
    if device.kind is DeviceKind.BRIDGE and not space.ports_of(device.name):
        return Look(state="UNKNOWN")
    if device.ipip is not None and device.ipip.local is not None:
        return Look(look.flags, look.link, look.broadcast, look.qdisc, look.state, look.qlen,
                    str(device.ipip.local), look.suffix, look.multicast)  # fmt: skip
    return look
