"""Whether a statement holds for a packet, and if not, why not.

There is one answer to that question: the walk and the explanation of a rule that was passed
over both come here. A set that cannot be judged makes the whole answer unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from tui.sim.model.address import IPAddress
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.value import value
from tui.sim.netfilter.elements import DynamicSets
from tui.sim.netfilter.examine import Mismatch, Unknown, View
from tui.sim.netfilter.nft.rules import (
    IN_SET,
    AnonymousMap,
    AnonymousSet,
    Atom,
    Element,
    Flags,
    Key,
    MarkMatch,
    Match,
    Named,
    Range,
    Selector,
    Selectors,
    Set,
    Table,
)
from tui.sim.netfilter.nft.text import datatypes, print_key


@dataclass(slots=True)
class Sight:
    """What a statement sees: the packet, and the sets of its table."""

    view: View
    """The packet and what the host knows of it."""
    table: Table
    """The table to which the rule belongs."""
    elements: DynamicSets
    """What rules have put into its sets."""


@value
class Found:
    """An element that a lookup found."""

    key: Key
    """What was looked up."""
    element: Element
    """What the set or map says of it."""


def check(statement: Match | MarkMatch, sight: Sight) -> Found | Mismatch | Unknown | None:
    """What stands against a statement; an element that was found, or None, if nothing does."""
    if isinstance(statement, MarkMatch):
        return _mark(statement, sight.view.packet.mark)
    left, right, negated = statement.left, statement.right, statement.negated
    match right:
        case Named() | AnonymousSet():
            return _membership(left, right, negated, sight)
    return _literal(left, right, negated, sight)


def look_up(
    left: Selectors, right: Named | AnonymousMap, sight: Sight
) -> Found | Mismatch | Unknown:
    """The element that a map has for a packet's own values."""
    result = _membership(left, right, False, sight)
    assert result is not None, "a lookup that must find something found nothing"
    return result


def _membership(
    left: Selectors, right: Named | AnonymousSet | AnonymousMap, negated: bool, sight: Sight
) -> Found | Mismatch | Unknown | None:
    key = key_of(left, sight)
    if not isinstance(key, tuple):
        return key
    element = _element(right, key, sight)
    if isinstance(element, Unknown):
        return element
    if (element is None) != negated:
        name = f"@{right.name}" if isinstance(right, Named) else _listed(left, right)
        return Mismatch(_field(left), name, print_key(key, datatypes(left)), negated)
    return Found(key, element) if element is not None else None


def _listed(left: Selectors, right: AnonymousSet | AnonymousMap) -> str:
    keys = right.keys if isinstance(right, AnonymousSet) else (key for key, _ in right.entries)
    return f"{{ {', '.join(print_key(key, datatypes(left)) for key in keys)} }}"


# ---------------------------------------------------------------- sets


def _element(
    right: Named | AnonymousSet | AnonymousMap, key: Key, sight: Sight
) -> Element | Unknown | None:
    match right:
        case AnonymousSet(keys):
            return IN_SET if any(_agree(wanted, key) for wanted in keys) else None
        case AnonymousMap(entries):
            values = (value for wanted, value in entries if _agree(wanted, key))
            value = next(values, None)
            return Element(value) if value is not None else None
        case Named(name):
            found = sight.table.sets.get(name)
            if found is None or found.unknown:
                return Unknown(f"@{name}")
            return _listed_element(found, key) or _added_element(found, key, sight)


def _listed_element(found: Set, key: Key) -> Element | None:
    element = found.elements.get(key)
    if element is not None:
        return element
    span = next((wanted for wanted in found.spans if _agree(wanted, key)), None)
    return found.elements[span] if span is not None else None


def _added_element(found: Set, key: Key, sight: Sight) -> Element | None:
    added = sight.elements.holds(sight.table.title, found.name, key)
    return IN_SET if added else None


def _agree(wanted: Key, key: Key) -> bool:
    return all(map(_within, wanted, key))


def _within(wanted: Atom, found: Atom) -> bool:
    """Whether a value is one that a key stands for."""
    match wanted:
        case IPv4Network() | IPv6Network():
            return found in wanted
        case Range(low, high):
            return bool(low <= found <= high)  # type: ignore[operator]
        case Flags(names):
            return isinstance(found, Flags) and not set(names).isdisjoint(found.names)
        case str() if wanted.endswith("*"):
            return str(found).startswith(wanted[:-1])
    return wanted == found


# ---------------------------------------------------------------- values of the packet


def key_of(left: Selectors, sight: Sight) -> Key | Mismatch | Unknown:
    """The packet's values; a mismatch where it has no such field."""
    atoms: list[Atom] = []
    for selector in left:
        atom = _atom(selector, sight.view)
        if isinstance(atom, Mismatch | Unknown):
            return atom
        atoms.append(atom)
    return tuple(atoms)


def _atom(selector: Selector, view: View) -> Atom | Mismatch | Unknown:
    packet = view.packet
    match selector:
        case Selector.IP_SADDR | Selector.IP6_SADDR:
            return _address(selector, packet, packet.source)
        case Selector.IP_DADDR | Selector.IP6_DADDR:
            return _address(selector, packet, packet.destination)
        case Selector.L4PROTO:
            return _protocol(packet)
        case Selector.MARK:
            return packet.mark
        case Selector.IIFNAME:
            return view.in_device or ""
        case Selector.OIFNAME:
            return view.out_device or ""
        case Selector.CT_STATE:
            return Flags(tuple(s.lower() for s in sorted(view.states - _STATUS)))
        case Selector.CT_STATUS | Selector.FIB_SADDR | Selector.FIB_DADDR:
            return Unknown(selector)
    return _port(selector, packet)


_STATUS = frozenset({"DNAT", "SNAT"})
"""What `View.states` holds beside the state: bits of `ct status`."""


def _address(selector: Selector, packet: Packet, ip: IPAddress) -> Atom | Mismatch:
    version = 6 if selector.startswith("ip6") else 4
    if ip.version != version:
        return Mismatch("protocol", f"IPv{version}", f"IPv{ip.version}")
    return ip


def _protocol(packet: Packet) -> Atom:
    if packet.protocol is Protocol.ICMP and packet.destination.version == 6:
        return "ipv6-icmp"
    return packet.protocol


def _port(selector: Selector, packet: Packet) -> Atom | Mismatch:
    """A port; `tcp dport` is a statement about the protocol too, `th dport` is not."""
    header, _, name = selector.partition(" ")
    if header != "th" and header != packet.protocol.lower:
        return Mismatch("protocol", header, packet.protocol.lower)
    return packet.sport if name == "sport" else packet.dport


# ---------------------------------------------------------------- single values


_FIELDS = {
    Selector.IP_SADDR: "source",
    Selector.IP6_SADDR: "source",
    Selector.IP_DADDR: "destination",
    Selector.IP6_DADDR: "destination",
    Selector.L4PROTO: "protocol",
    Selector.MARK: "mark",
    Selector.IIFNAME: "in-interface",
    Selector.OIFNAME: "out-interface",
    Selector.CT_STATE: "ctstate",
    Selector.CT_STATUS: "ctstatus",
    Selector.FIB_SADDR: "source-type",
    Selector.FIB_DADDR: "destination-type",
}


def _field(left: Selectors) -> str:
    """What a mismatch is about, by the names that iptables' mismatches use too."""
    if len(left) > 1:
        return "element"
    return _FIELDS.get(left[0], left[0].rpartition(" ")[2])


def _mark(match: MarkMatch, mark: int) -> Mismatch | None:
    if (mark & match.mask == match.value) != match.negated:
        return None
    return Mismatch("mark", f"{match.value:#x}/{match.mask:#x}", f"{mark:#x}", match.negated)


def _literal(
    left: Selectors, wanted: Key, negated: bool, sight: Sight
) -> Mismatch | Unknown | None:
    if left == (Selector.CT_STATUS,):
        return _status(wanted[0], negated, sight.view)
    if left in ((Selector.FIB_SADDR,), (Selector.FIB_DADDR,)):
        return _address_type(left[0], wanted[0], negated, sight.view)
    if negated and any(isinstance(atom, Flags) and len(atom.names) > 1 for atom in wanted):
        return Unknown(f"{' . '.join(left)} != {print_key(wanted, datatypes(left))}")
    key = key_of(left, sight)
    if not isinstance(key, tuple):
        return key
    if _agree(wanted, key) != negated:
        return None
    types = datatypes(left)
    return Mismatch(_field(left), print_key(wanted, types), print_key(key, types), negated)


def _status(wanted: Atom, negated: bool, view: View) -> Mismatch | Unknown | None:
    """Of the bits of `ct status` only those that nat sets are known."""
    assert isinstance(wanted, Flags), "ct status has flags as its values"
    text = ",".join(wanted.names)
    if negated or not {name.upper() for name in wanted.names} <= _STATUS:
        return Unknown(f"ct status {'!= ' * negated}{text}")
    if not view.states.isdisjoint(name.upper() for name in wanted.names):
        return None
    found = ",".join(sorted(name.lower() for name in view.states & _STATUS))
    return Mismatch("ctstatus", text, found or "none")


def _address_type(
    selector: Selector, wanted: Atom, negated: bool, view: View
) -> Mismatch | Unknown | None:
    if wanted != "local":
        return Unknown(f"{selector} {wanted}")
    packet = view.packet
    ip = packet.source if selector is Selector.FIB_SADDR else packet.destination
    if view.is_local(ip) != negated:
        return None
    found = "local" if negated else f"{ip} is not local"
    return Mismatch(_FIELDS[selector], "local", found, negated)
