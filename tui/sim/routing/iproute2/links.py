"""Devices and their addresses: `ip link` and `ip addr`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui.sim.model.value import value
from tui.sim.routing.iproute2.arguments import Arguments, Options, unknown
from tui.sim.routing.iproute2.details import details
from tui.sim.routing.iproute2.kinds import look_of
from tui.sim.routing.iproute2.view import View
from tui.sim.routing.network import Device, DeviceKind, IPInterface

_FILTERS = ("dev", "up", "master", "type")
_KINDS = tuple(kind.value for kind in DeviceKind if kind is not DeviceKind.PHYSICAL)
_LIFETIME = "       valid_lft forever preferred_lft forever"


def show(view: View, options: Options, words: Arguments, *, addresses: bool) -> str:
    """All devices, or those that the words choose. Raises CommandError."""
    devices = _chosen(view, words)
    if addresses:
        version = options.version
        devices = [d for d in devices if version is None or _of(d, version)]
        if options.oneline and not options.brief:
            return "".join(_one_line(view, d, version) for d in devices)
    return "".join(_printed(view, d, options, addresses) for d in devices)


def _chosen(view: View, words: Arguments) -> list[Device]:
    found = [*view.devices]
    while words:
        given = words.take()
        if given == "up":
            found = [d for d in found if "UP" in look_of(d, view.space).flags.split(",")]
        elif given == "master":
            master = view.device(words.value_of(given)).name
            found = [d for d in found if d.master == master]
        elif given == "type":
            kind = words.keyword(_KINDS, "type of device")
            found = [d for d in found if d.kind.value == kind]
        else:
            name = words.value_of(given) if given == "dev" else given
            if given != "dev" and words and words.next not in _FILTERS:
                raise unknown(words.next, "filter", _FILTERS)
            own = view.device(name)
            found = [d for d in found if d is own]
    return found


# ---------------------------------------------------------------- one device


def _printed(view: View, device: Device, options: Options, addresses: bool) -> str:
    if options.brief:
        return _brief(view, device, options, addresses)
    lines = link_lines(view, device, options, addresses=addresses)
    if addresses:
        lines += [line for own in _of(device, options.version) for line in address_lines(own)]
    return ("\\" if options.oneline else "\n").join(lines) + "\n"


def link_lines(view: View, device: Device, options: Options, *, addresses: bool) -> list[str]:
    """The lines about a device itself; `ip -6 addr` and `ip -4 addr` leave out the second."""
    index = view.indexes[device.name]
    look = look_of(device, view.space)
    if addresses and options.version == 6:
        queue = f"qlen {look.qlen}" if look.qlen else ""
        first = f"<{look.flags}> mtu {device.mtu} state {look.state} {queue}"
        return [f"{index}: {mistaken_name(view, device)}: {first}"]
    head = f"{index}: {full_name(view, device)}: {_head(view, device, addresses)}"
    far = _far(view, device)
    if addresses and options.version == 4 and not options.details:
        return [f"{head}{far}"]
    mac = look.address or device.mac
    more = details(view, device, addresses=addresses) if options.details else ""
    return [head, *f"    link/{look.link} {mac} brd {look.broadcast}{far}{more}".split("\n")]


def _head(view: View, device: Device, addresses: bool) -> str:
    look = look_of(device, view.space)
    words = [f"<{look.flags}> mtu {device.mtu} qdisc {look.qdisc}"]
    if device.master is not None:
        words.append(f"master {device.master}")
    words.append(f"state {look.state}")
    if not addresses:
        words.append("mode DEFAULT")
    words.append("group default")
    words.append(f"qlen {look.qlen}" if look.qlen else "")
    return " ".join(words)


def full_name(view: View, device: Device) -> str:
    """`veth3f9c02ab@if2`: a device and the index of its other end, in another namespace."""
    if device.peer is not None and device.peer[0] == view.space.name:
        return f"{device.name}@{device.peer[1]}"
    peer = view.peer_index(device)
    if peer is not None:
        return f"{device.name}@if{peer}"
    return f"{device.name}{look_of(device, view.space).suffix}"


def mistaken_name(view: View, device: Device) -> str:
    """The same where the kernel does not say which namespace the index is of.

    The tool takes it for one of this namespace, and the same index for none.
    """
    peer = view.peer_index(device)
    if peer is None or peer == view.indexes[device.name]:
        return device.name
    here = (name for name, index in view.indexes.items() if index == peer)
    return f"{device.name}@{next(here, f'if{peer}')}"


def _far(view: View, device: Device) -> str:
    """Which namespace its other end is in; the number is this namespace's for it."""
    number = view.netnsids.get(device.peer[0]) if device.peer is not None else None
    return f" link-netnsid {number}" if number is not None else ""


def _brief(view: View, device: Device, options: Options, addresses: bool) -> str:
    look = look_of(device, view.space)
    start = f"{full_name(view, device):<16} {look.state:<14} "
    if addresses:
        return start + "".join(f"{own} " for own in _of(device, options.version)) + "\n"
    return f"{start}{look.address or device.mac} <{look.flags}> \n"


# ---------------------------------------------------------------- addresses


@value
class Own:
    """An address of a device."""

    device: Device
    """The device."""
    address: IPInterface
    """The address with its prefix length."""
    secondary: bool = False
    """Another address of the same network came before."""

    def __str__(self) -> str:
        return str(self.address)


def _of(device: Device, version: int | None) -> list[Own]:
    """A device's addresses in the kernel's order.

    IPv4: those that came first in their network before the others (inet_insert_ifa);
    IPv6: the youngest first (ipv6_link_dev_addr).
    """
    four = [a for a in device.addresses if a.version == 4]
    first = {a.network: a for a in reversed(four)}
    own = [Own(device, a, first[a.network] is not a) for a in four]
    own.sort(key=lambda each: each.secondary)
    six = [Own(device, a) for a in reversed(device.addresses) if a.version == 6]
    return [*(own if version != 6 else ()), *(six if version != 4 else ())]


def address_lines(own: Own) -> Iterator[str]:
    """An address, and how long it lives."""
    yield f"    {_words(own)}"
    yield _LIFETIME


def _words(own: Own) -> str:
    address = own.address
    if address.version == 6:
        return f"inet6 {address} scope {scope(own)} "
    brd = f" brd {address.network.broadcast_address}" if has_broadcast(address) else ""
    secondary = "secondary " if own.secondary else ""
    return f"inet {address}{brd} scope {scope(own)} {secondary}{own.device.name}"


def scope(own: Own) -> str:
    """How far an address is known."""
    if own.address.is_loopback:
        return "host"
    return "link" if own.address.is_link_local else "global"


def has_broadcast(address: IPInterface) -> bool:
    """Whether whoever set the address set its network's broadcast address with it."""
    return address.version == 4 and address.network.prefixlen < 31 and not address.is_loopback


def _one_line(view: View, device: Device, version: int | None) -> str:
    start = f"{view.indexes[device.name]}: {device.name}"
    return "".join(f"{start}    {_words(o)}\\{_LIFETIME}\n" for o in _of(device, version))


def print_device(view: View, device: Device, most: int | None = None) -> Iterable[str]:
    """The lines of `ip addr show DEVICE`, of at most so many addresses."""
    yield from link_lines(view, device, Options(), addresses=True)
    for own in _of(device, None)[:most]:
        yield from address_lines(own)
