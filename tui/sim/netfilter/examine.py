"""Whether a rule matches a packet, and if not, which part of it does not.

There is one answer to that question: the evaluator and the explanation of a rule that was
passed over both come here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from tui.sim.model.address import IPAddress, IPNetwork
from tui.sim.model.connection import ConnTuple
from tui.sim.model.packet import Packet
from tui.sim.model.value import value
from tui.sim.netfilter.ipset import IpSet
from tui.sim.netfilter.ipset_text import print_packet
from tui.sim.netfilter.rules import (
    AddrType,
    Comment,
    ConntrackMatch,
    IpvsMatch,
    MarkMatch,
    Match,
    Multiport,
    NfAcct,
    PhysdevIsIn,
    Ports,
    Recent,
    RpFilter,
    Rule,
    SetMatch,
    Statistic,
    UnknownMatch,
)


@value
class Mismatch:
    """The first part of a rule that a packet does not meet."""

    field: str
    """`destination`, `dport`, `mark`, `ctstate`, ..."""
    wanted: str
    """What the rule asks for."""
    found: str
    """What the packet has."""
    negated: bool = False
    """The rule asks for anything but `wanted`."""


@value
class Unknown:
    """A part of a rule that the simulator cannot judge."""

    text: str
    """The part, word for word."""


@value
class Declined:
    """Everything matched but chance."""

    probability: float
    """Probability of what happened: that the rule was passed over."""
    pinned: bool
    """The learner's pin decided."""


@value
class Matched:
    """The rule matched."""

    probability: float | None = None
    """Probability of it, where chance had a say."""
    pinned: bool = False
    """The learner's pin decided."""


Examination = Matched | Mismatch | Declined | Unknown


Endpoints = Callable[[], Collection[str]]
"""Endpoints as `ip:port`, found only when somebody asks."""


class Dice(Protocol):
    """What decides where a rule leaves it to chance."""

    def take(self, probability: float, here: Endpoints, chain: Endpoints) -> tuple[bool, bool]:
        """Whether a branch is taken, and whether a pin decided.

        `here` gives the endpoints (`ip:port`) that the branch leads to, `chain` those that
        its whole chain leads to.
        """


class RecentLists(Protocol):
    """The lists of `-m recent` on one host."""

    def seen(self, name: str, ip: IPAddress, seconds: int) -> bool:
        """Whether an address was put on a list within so many seconds."""

    def note(self, name: str, ip: IPAddress) -> None:
        """Put an address on a list."""


@dataclass(slots=True)
class View:
    """A packet in the eyes of a rule: its headers and what the host knows of it."""

    packet: Packet
    """The packet as it is."""
    in_device: str | None
    """Device it came in by; None in OUTPUT."""
    out_device: str | None
    """Device it will leave by; None before a route is chosen."""
    states: frozenset[str]
    """What `--ctstate` sees."""
    is_local: Callable[[IPAddress], bool]
    """Whether the host holds an address."""
    recent: RecentLists
    """The host's recent lists."""
    dice: Dice
    """What decides chance."""
    leads_to: Callable[[Rule], Collection[str]] = field(default=lambda _: ())
    """Endpoints that a rule's target leads to."""
    chain_leads_to: Endpoints = field(default=lambda: ())
    """Endpoints that the chain being walked leads to."""
    sets: Mapping[str, IpSet] = field(default_factory=dict)
    """The host's ipsets, by name."""
    bridge_port: str | None = None
    """Port of a bridge that the frame came in by, where br_netfilter tells."""
    asked: ConnTuple | None = None
    """What the packet's sender wrote, once IPVS has taken the packet."""
    owner_of: Callable[[IPAddress], str | None] = field(default=lambda _: None)
    """The device that holds an address of the host's own."""
    way_back: Callable[[IPAddress, int], tuple[str, bool] | None] = field(
        default=lambda _ip, _mark: None
    )
    """By which device a packet with a mark would leave for an address, and whether it is the
    host's own; None where there is no way."""
    lookups: int = 0
    """Looks into sets so far."""


def examine(rule: Rule, view: View) -> Examination:
    """Look at the parts of a rule in the kernel's order; stop at the first that fails."""
    failed = _header(rule, view)
    if failed is not None:
        return failed
    outcome: Examination = _MATCHED
    for match in rule.matches:
        result = _EXAMINERS[type(match)](match, view, rule)
        if result is None:
            continue
        if not isinstance(result, Matched):
            return result
        outcome = result
    return outcome


_MATCHED = Matched()

# ---------------------------------------------------------------- the header


@lru_cache(maxsize=1 << 16)
def _inside(ip: IPAddress, net: IPNetwork) -> bool:
    return ip in net


def _header(rule: Rule, view: View) -> Mismatch | None:
    packet = view.packet
    if rule.source is not None and _inside(packet.source, rule.source) == rule.not_source:
        return Mismatch("source", str(rule.source), str(packet.source), rule.not_source)
    wanted = rule.destination
    if wanted is not None and _inside(packet.destination, wanted) == rule.not_destination:
        return Mismatch("destination", str(wanted), str(packet.destination), rule.not_destination)
    if rule.protocol is not None and (rule.protocol is packet.protocol) == rule.not_protocol:
        return Mismatch("protocol", rule.protocol, packet.protocol, rule.not_protocol)
    return _interfaces(rule, view)


def _interfaces(rule: Rule, view: View) -> Mismatch | None:
    for name, wanted, found, negated in (
        ("in-interface", rule.in_interface, view.in_device, rule.not_in_interface),
        ("out-interface", rule.out_interface, view.out_device, rule.not_out_interface),
    ):
        if wanted is not None and _named(wanted, found) == negated:
            return Mismatch(name, wanted, found or "none", negated)
    return None


def _named(wanted: str, found: str | None) -> bool:
    if wanted.endswith("+"):
        return (found or "").startswith(wanted[:-1])
    return found == wanted


# ---------------------------------------------------------------- matches


def _always(_match: Comment | NfAcct, _view: View, _rule: Rule) -> None:
    return None


def _ports(match: Ports, view: View, _: Rule) -> Mismatch | None:
    packet = view.packet
    if packet.protocol is not match.protocol:
        return Mismatch("protocol", match.protocol, packet.protocol)
    for name, wanted, found, negated in (
        ("sport", match.sport, packet.sport, match.not_sport),
        ("dport", match.dport, packet.dport, match.not_dport),
    ):
        if wanted is not None and (wanted[0] <= found <= wanted[1]) == negated:
            low, high = wanted
            text = str(low) if low == high else f"{low}:{high}"
            return Mismatch(name, text, str(found), negated)
    return None


def _ctstate(match: ConntrackMatch, view: View, _: Rule) -> Mismatch | None:
    if view.states.isdisjoint(match.states) != match.negated:
        found = ",".join(sorted(view.states))
        return Mismatch("ctstate", ",".join(match.states), found, match.negated)
    return None


def _mark(match: MarkMatch, view: View, _: Rule) -> Mismatch | None:
    mark = view.packet.mark
    if (mark & match.mask == match.value) == match.negated:
        return Mismatch("mark", f"{match.value:#x}/{match.mask:#x}", f"{mark:#x}", match.negated)
    return None


def _addrtype(match: AddrType, view: View, _: Rule) -> Mismatch | Unknown | None:
    for name, wanted, ip, negated in (
        ("source-type", match.source, view.packet.source, match.not_source),
        ("destination-type", match.destination, view.packet.destination, match.not_destination),
    ):
        if wanted is None:
            continue
        if wanted != "LOCAL":
            return Unknown(f"-m addrtype {wanted}")
        local = _is_local(match, view, ip)
        if local == negated:
            found = "LOCAL" if local else f"{ip} is not LOCAL"
            return Mismatch(name, wanted, found, negated)
    return None


def _is_local(match: AddrType, view: View, ip: IPAddress) -> bool:
    """Whether an address is the host's own, or that of the device that the rule limits it to."""
    if not (match.limit_in or match.limit_out):
        return view.is_local(ip)
    return view.owner_of(ip) == (view.in_device if match.limit_in else view.out_device)


def _multiport(match: Multiport, view: View, _: Rule) -> Mismatch | None:
    """The protocol is the rule's own to name (-p), so one without ports matches nothing here."""
    packet = view.packet
    ports = {"sports": (packet.sport,), "dports": (packet.dport,)}.get(
        match.side, (packet.sport, packet.dport)
    )
    inside = packet.protocol.has_ports and any(
        low <= port <= high for low, high in match.ranges for port in ports
    )
    if inside != match.negated:
        return None
    wanted = ",".join(str(a) if a == b else f"{a}:{b}" for a, b in match.ranges)
    return Mismatch(match.side, wanted, ",".join(map(str, ports)), match.negated)


def _rpfilter(match: RpFilter, view: View, _: Rule) -> Mismatch | None:
    """Follows rpfilter_mt of net/ipv4/netfilter/ipt_rpfilter.c."""
    passed = view.in_device == "lo" or _answerable(match, view)
    if passed != match.invert:
        return None
    way = view.way_back(view.packet.source, 0)
    found = f"{view.packet.source} by {way[0]}" if way is not None else "no way back"
    return Mismatch("rpfilter", view.in_device or "any", found, match.invert)


def _answerable(match: RpFilter, view: View) -> bool:
    mark = view.packet.mark if match.validmark else 0
    way = view.way_back(view.packet.source, mark)
    if way is None:
        return False
    device, local = way
    if local:
        return match.accept_local
    return match.loose or device == view.in_device


def _recent(match: Recent, view: View, _: Rule) -> Mismatch | None:
    source = view.packet.source
    if match.mode == "set":
        view.recent.note(match.name, source)
        return None
    if view.recent.seen(match.name, source, match.seconds):
        return None
    return Mismatch("recent", f"seen within {match.seconds} s", f"{source} not on the list")


def _set(match: SetMatch, view: View, _: Rule) -> Mismatch | Unknown | None:
    each = view.sets.get(match.name)
    if each is None:
        return Unknown(f"-m set --match-set {match.name}: there is no such set")
    found = each.look_up(view.packet, match.directions)
    view.lookups += found.looks
    if (found.element is None) == match.negated:
        return None
    return Mismatch(
        "set", match.name, print_packet(each, view.packet, match.directions), match.negated
    )


def _physdev(match: PhysdevIsIn, view: View, _: Rule) -> Mismatch | None:
    if (view.bridge_port is None) == match.negated:
        return None
    return Mismatch("physdev", "none" if match.negated else "any", view.bridge_port or "none")


def _ipvs(match: IpvsMatch, view: View, _: Rule) -> Mismatch | None:
    """Only what IPVS has taken can match, and by the virtual server that took it (xt_ipvs)."""
    asked = view.asked
    if asked is None:
        return Mismatch("ipvs", str(match.address or "any"), "none")
    for name, wanted, found, negated in (
        ("protocol", match.protocol, asked.protocol is match.protocol, match.not_protocol),
        ("vaddr", match.address, _holds(match.address, asked.destination), match.not_address),
        ("vport", match.port, asked.dport == match.port, match.not_port),
    ):
        if wanted is not None and found == negated:
            return Mismatch(name, str(wanted), str(asked), negated)
    return None


def _holds(net: IPNetwork | None, ip: IPAddress) -> bool:
    return net is not None and _inside(ip, net)


def _statistic(match: Statistic, view: View, rule: Rule) -> Matched | Declined:
    taken, pinned = view.dice.take(
        match.probability, lambda: view.leads_to(rule), view.chain_leads_to
    )
    if taken:
        return Matched(match.probability, pinned)
    return Declined(1 - match.probability, pinned)


def _unknown(match: UnknownMatch, _view: View, _rule: Rule) -> Unknown:
    return Unknown(match.text)


_Examiner = Callable[[Any, View, Rule], Examination | None]
_EXAMINERS: dict[type[Match], _Examiner] = {
    Comment: _always,
    NfAcct: _always,
    Ports: _ports,
    ConntrackMatch: _ctstate,
    MarkMatch: _mark,
    AddrType: _addrtype,
    Multiport: _multiport,
    RpFilter: _rpfilter,
    Recent: _recent,
    SetMatch: _set,
    PhysdevIsIn: _physdev,
    IpvsMatch: _ipvs,
    Statistic: _statistic,
    UnknownMatch: _unknown,
}
