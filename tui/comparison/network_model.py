"""The rules of the Kubernetes network model, tried with packets in a cluster as it is wired.

Every pod reaches every pod without NAT, every node reaches every pod without NAT, and a pod sees
itself with the address that others see it by.
Source: https://kubernetes.io/docs/concepts/services-networking/ (The Kubernetes network model).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum

from tui.comparison.model_pairs import Ends, Pair
from tui.sim.cni.site import PodSite
from tui.sim.engine import Injection, PlaceError, State, World, send
from tui.sim.model.address import Family, family_of
from tui.sim.model.packet import Protocol
from tui.sim.model.value import value
from tui.sim.trace import Connection, Outcome, Reason, Role, Verdict

MOST = 2_000
"""Packets that are sent at most; a cluster that would take more is tried in parts."""
_PORT = 80
"""Where a pod that declares no port is called: whether somebody listens does not matter."""
_ANSWERED = (Connection.ESTABLISHED, Connection.REFUSED, Connection.RESET)
"""What a client feels that got an answer; a closed port is one."""


class Rule(StrEnum):
    """A rule of the model."""

    POD_TO_POD = "pod-to-pod"
    NODE_TO_POD = "node-to-pod"
    OWN_ADDRESS = "own-address"


class Fault(StrEnum):
    """In which way a pair does not keep a rule."""

    LOST = "lost"
    """The packet did not arrive."""
    SOURCE_CHANGED = "source-changed"
    """It arrived with another source than it was sent with."""
    DESTINATION_CHANGED = "destination-changed"
    """It arrived, but not with the destination that it was sent to."""
    UNANSWERED = "unanswered"
    """It arrived as it was sent, but its answer did not come back."""
    SEEN_OTHERWISE = "seen-otherwise"
    """Others see the pod by an address that is not its own."""


@value
class Breach:
    """A pair that does not keep a rule."""

    rule: Rule
    """Which one."""
    fault: Fault
    """How."""
    injection: Injection
    """The packet that shows it."""
    seen: str
    """The address that arrived, or that others see; empty where nothing arrived."""
    own: str
    """The address that was expected in its place."""
    reason: Reason | None = None
    """Why the packet or its answer ended where it did."""
    place: str = ""
    """The namespace where it ended."""


@value
class Checked:
    """What was found about a rule."""

    rule: Rule
    """Which one."""
    tried: int
    """Pairs, or pods, that were tried."""
    of: int
    """How many there are."""
    breaches: tuple[Breach, ...] = ()
    """Those that do not keep it, in the order tried."""
    example: Injection | None = None
    """The first packet that was sent to try it."""

    @property
    def holds(self) -> bool:
        """Whether none was found that does not keep it."""
        return not self.breaches


@value
class Report:
    """The three rules in one world."""

    cni: str
    """The CNI plugin."""
    mode: str
    """kube-proxy's mode."""
    rules: tuple[Checked, ...] = ()
    """In the order of the enumeration."""

    @property
    def holds(self) -> bool:
        """Whether all of them hold, as far as was tried."""
        return all(checked.holds for checked in self.rules)


def check(world: World, most: int = MOST) -> Report:
    """Send packets between pods and nodes, and say which rules hold."""
    ends = Ends(world)
    pods = _tried(world, Rule.POD_TO_POD, ends.pods_to_pods(most), ends.count_of_pods)
    nodes = _tried(world, Rule.NODE_TO_POD, ends.nodes_to_pods(most), ends.count_of_nodes)
    own = _own_addresses(world, ends, pods.seen)
    return Report(world.cni, world.mode_name, (pods.checked, nodes.checked, own))


# ---------------------------------------------------------------- trying


@value
class _Tried:
    checked: Checked
    seen: Mapping[str, Mapping[Family, tuple[str, Injection]]] = field(default_factory=dict)
    """The first source address that others saw of a place, and the packet that showed it."""


def _tried(world: World, rule: Rule, pairs: Iterable[Pair], count: int) -> _Tried:
    breaches: list[Breach] = []
    seen: dict[str, dict[Family, tuple[str, Injection]]] = {}
    tried, example = 0, None
    for place, to, family in pairs:
        tried += 1
        injection = _injection(world, place, to, family)
        example = example or injection
        outcome = _sent(world, injection)
        breach = _breach(rule, injection, to, outcome)
        if breach is not None:
            breaches.append(breach)
        if outcome is not None and outcome.verdict is Verdict.DELIVERED:
            arrived = outcome.request.end.packet.innermost
            seen.setdefault(place, {}).setdefault(family, (str(arrived.source), injection))
    return _Tried(Checked(rule, tried, count, tuple(breaches), example), seen)


def _sent(world: World, injection: Injection) -> Outcome | None:
    """What became of a packet; None where it could not be sent."""
    try:
        return send(world, State(), injection)[0].outcomes[0]
    except PlaceError:
        return None


def _injection(world: World, place: str, to: PodSite, family: Family) -> Injection:
    namespace, name = to.place.split("/")[1:3]
    pod = world.cluster.pod(namespace, name)
    ports = (p.port for c in (pod.containers if pod else ()) for p in c.ports
             if p.protocol is Protocol.TCP)  # fmt: skip
    return Injection(place, to.place, dport=next(ports, _PORT), family=family)


def _breach(
    rule: Rule, injection: Injection, to: PodSite, outcome: Outcome | None
) -> Breach | None:
    """How a pair does not keep a rule; None if it does."""
    if outcome is None:
        return Breach(rule, Fault.LOST, injection, "", "")
    leg = outcome.request
    sent, end, place = leg.packet, leg.end, leg.hops[-1].namespace
    if outcome.verdict is not Verdict.DELIVERED or place != to.place:
        return Breach(rule, Fault.LOST, injection, "", "", end.reason, place)
    arrived = end.packet.innermost
    seen, own = str(arrived.source), str(sent.source)
    if seen != own:
        return Breach(rule, Fault.SOURCE_CHANGED, injection, seen, own, place=place)
    seen, own = str(arrived.destination), str(sent.destination)
    if seen != own:
        return Breach(rule, Fault.DESTINATION_CHANGED, injection, seen, own, place=place)
    if outcome.connection in _ANSWERED:
        return None
    back = next((leg for leg in outcome.legs if leg.role in (Role.REPLY, Role.ICMP)), None)
    reason = back.end.reason if back is not None else None
    where = back.hops[-1].namespace if back is not None else place
    return Breach(rule, Fault.UNANSWERED, injection, "", "", reason, where)


def _own_addresses(
    world: World, ends: Ends, seen: Mapping[str, Mapping[Family, tuple[str, Injection]]]
) -> Checked:
    """Whether each pod has the address by which others were called by it."""
    breaches = []
    for site in ends.sites:
        own = ends.own(site)
        for family, (address, injection) in seen.get(site.place, {}).items():
            mine = [str(ip) for ip in own if family_of(ip) is family]
            if address not in mine:
                expected = mine[0] if mine else ""
                breaches.append(
                    Breach(Rule.OWN_ADDRESS, Fault.SEEN_OTHERWISE, injection, address, expected)
                )
    tried = sum(site.place in seen for site in ends.sites)
    shown = (each for families in seen.values() for _, each in families.values())
    return Checked(Rule.OWN_ADDRESS, tried, len(ends.sites), tuple(breaches), next(shown, None))


# ---------------------------------------------------------------- alike


@value
class Folded:
    """Breaches that are alike, by the first of them."""

    first: Breach
    """The one to look at."""
    count: int
    """How many there are, this one included."""


def folded(breaches: Iterable[Breach]) -> tuple[Folded, ...]:
    """Breaches of one kind that end for one reason in one place, counted."""
    found: dict[tuple[object, ...], list[Breach]] = {}
    for each in breaches:
        code = each.reason.code if each.reason is not None else None
        home = each.place if each.place.startswith("node/") else ""
        found.setdefault((each.rule, each.fault, code, home), []).append(each)
    return tuple(Folded(alike[0], len(alike)) for alike in found.values())


__all__ = ["Breach", "Checked", "Fault", "Folded", "Report", "Rule", "check", "folded"]
