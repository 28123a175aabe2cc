"""Bridges: `bridge fdb` and `bridge link`.

As a kernel without VLAN filtering prints them; with it, a port's own address stands there a
second time, with `vlan 1`.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.model.address import IPAddress
from tui.sim.model.value import value
from tui.sim.routing.iproute2.arguments import Arguments, Options, unknown
from tui.sim.routing.iproute2.kinds import look_of
from tui.sim.routing.iproute2.links import mistaken_name
from tui.sim.routing.iproute2.view import View
from tui.sim.routing.network import Device, DeviceKind

_ALL_NODES = ("33:33:00:00:00:01", "01:00:5e:00:00:01")
_ALL_ROUTERS = "33:33:00:00:00:02"
_SNOOPERS = ("01:00:5e:00:00:6a", "33:33:00:00:00:6a")
_OWN_TABLE = frozenset({DeviceKind.VXLAN})
"""Kinds of devices whose forwarding table is all that they tell."""
_PORT_FLAGS = (
    "guard off root_block off fastleave off learning on flood on mcast_flood on bcast_flood on "
    "mcast_router 1 mcast_to_unicast off neigh_suppress off vlan_tunnel off isolated off locked off"
)


# ---------------------------------------------------------------- fdb


@value
class Entry:
    """A line of `bridge fdb`."""

    mac: str
    """The MAC address."""
    device: str
    """The device."""
    rest: str
    """What follows."""


def show_fdb(view: View, words: Arguments) -> str:
    """The forwarding entries that the words choose. Raises CommandError."""
    device = bridge = ""
    while words:
        name = words.keyword(("dev", "br", "brport"), "filter of entries")
        given = view.device(words.value_of(name))
        device, bridge = (device, given.name) if name == "br" else (given.name, bridge)
    ports = {port.name for port in view.space.ports_of(bridge)} | {bridge}
    found = [
        each for each in entries(view)
        if device in ("", each.device) and (not bridge or each.device in ports)
    ]  # fmt: skip
    return "".join(f"{_words(each, device)}\n" for each in found)


def _words(entry: Entry, device: str) -> str:
    return f"{entry.mac}{'' if device else f' dev {entry.device}'} {entry.rest}"


def entries(view: View) -> Iterator[Entry]:
    """Every entry, device by device: those of its bridge, then those that it keeps itself."""
    for device in view.devices:
        name, look = device.name, look_of(device, view.space)
        if device.master is not None:
            far = view.learns(device)
            if far is not None:
                yield Entry(far.mac, name, f"master {device.master} ")
            yield Entry(device.mac, name, f"master {device.master} permanent")
        if device.kind not in _OWN_TABLE and look.multicast and look.link == "ether":
            yield from (Entry(mac, name, "self permanent") for mac in _multicast(view, device))
        if device.kind is DeviceKind.BRIDGE:
            yield Entry(device.mac, name, f"master {name} permanent")
        yield from _told(view, device)


def _told(view: View, device: Device) -> Iterator[Entry]:
    """What the plugin wrote."""
    master = f"master {device.master} " if device.master else ""
    for entry in view.space.fdb:
        if entry.device == device.name:
            tunnel = f"dst {entry.remote} self permanent"
            yield Entry(entry.mac, device.name, tunnel if entry.remote is not None else master)


def _multicast(view: View, device: Device) -> Iterator[str]:
    """The groups that a device listens to, in the order in which the kernel joins them."""
    six, four = _ALL_NODES
    yield six
    if device.kind is DeviceKind.BRIDGE:
        yield from _SNOOPERS
    yield four
    own = [a for a in device.addresses if a.version == 6]
    groups = [_solicited(a.ip) for a in own]
    if view.forwards:
        groups.append(_ALL_ROUTERS)
        groups += [_solicited(a.network.network_address) for a in own if a.network.prefixlen < 127]
    yield from dict.fromkeys(groups)


def _solicited(ip: IPAddress) -> str:
    """The group that hears who is looked for by the last three bytes of an address."""
    return "33:33:ff:" + ":".join(f"{byte:02x}" for byte in ip.packed[-3:])


# ---------------------------------------------------------------- link


def show_links(view: View, options: Options, words: Arguments) -> str:
    """The ports of bridges. Raises CommandError."""
    device = ""
    while words:
        word = words.take()
        if word != "dev":
            raise unknown(word, "filter of ports", ("dev",))
        device = view.device(words.value_of(word)).name
    ports = [d for d in view.devices if d.master is not None and device in ("", d.name)]
    return "".join(_port(view, each, options) for each in ports)


def _port(view: View, device: Device, options: Options) -> str:
    look = look_of(device, view.space)
    name = f"{view.indexes[device.name]}: {mistaken_name(view, device)}"
    start = f"{name}: <{look.flags}> mtu {device.mtu}"
    text = f"{start} master {device.master} state forwarding priority 32 cost 2 \n"
    if options.details:
        text += f"    hairpin {'on' if device.hairpin else 'off'} {_PORT_FLAGS} \n"
    return text
