"""A step in netfilter with all that its rules need to know: the host, the packet, its state."""

from __future__ import annotations

from collections.abc import Mapping

from tui.session import Moment, Session
from tui.sim.model.address import Family, IPAddress
from tui.sim.model.connection import ConnTuple
from tui.sim.model.packet import Packet
from tui.sim.model.value import replace, value
from tui.sim.netfilter.explain import View
from tui.sim.netfilter.hooks import Hook, Stage, StageKind
from tui.sim.trace import ReasonCode, RulePlace, StepKind
from tui.sim.trace.devices import hook_devices
from tui.widgets.rule_list import IptablesRules, RuleList
from tui.words import Words


@value
class Scene:
    """What the view needs, gathered once per step."""

    session: Session
    moment: Moment
    place: RulePlace
    node: str
    words: Words
    width: int
    height: int

    @property
    def packet(self) -> Packet:
        """The packet as the rules saw it: before this step."""
        return self.session.packet_before or self.moment.step.packet

    @property
    def family(self) -> Family:
        """The packet's family."""
        return self.moment.step.packet.family

    @property
    def chain(self) -> RuleList | None:
        """The chain under the cursor."""
        return self.chain_named(self.place.table, self.place.chain)

    def chain_named(self, table: str, name: str) -> RuleList | None:
        """A chain of iptables or of nftables; an nftables table goes by `ip kube-proxy`."""
        world = self.session.world
        ruleset = world.ruleset(self.node, self.family)
        found = ruleset.chain(table, name)
        if found is not None:
            return IptablesRules(ruleset, table, found)
        nftables = world.kube_proxy_table(self.node, self.family)
        if nftables is None or nftables.title != table or name not in nftables.chains:
            return None
        # only in nftables mode is there anything of nftables to read
        from tui.widgets.nft_list import NftablesRules

        return NftablesRules(nftables, nftables.chains[name])

    def stages(self) -> tuple[Stage, ...]:
        """Everything that this hook calls, in the order of priorities."""
        hook = Hook(self.place.hook)
        order = self.session.world.hook_order(self.node, self.family)
        found: list[Stage] = []
        for stage in order.stages(hook):
            found += order.nat_stages(hook) if stage.kind is StageKind.NAT else (stage,)
        return tuple(found)


def scene_of(
    session: Session, moment: Moment, words: Words, width: int, height: int
) -> Scene | None:
    """The scene of a step in netfilter; None where the host is no node."""
    place, node = moment.step.place, moment.hop.node
    if place is None or node is None or place.hook not in Hook.__members__:
        return None
    return Scene(session, moment, place, node, words, width, height)


# ---------------------------------------------------------------- what has been

Decided = Mapping[int, int]
"""Rules that matched, or lost the draw: where each did so among the session's moments."""


def decided(scene: Scene) -> Decided:
    """The rules of this chain that have decided something since the walk came into it."""
    session, place, found = scene.session, scene.place, dict[int, int]()
    for at in reversed(range(session.position)):
        moment = session.moments[at]
        if moment.hop is not scene.moment.hop or moment.step.kind is StepKind.HOOK_ENTERED:
            break
        there = moment.step.place
        if there is not None and there.rule and _same_visit(there, place):
            found.setdefault(there.rule, at)
    return found


def _same_visit(one: RulePlace, other: RulePlace) -> bool:
    return (one.table, one.chain, one.jumps) == (other.table, other.chain, other.jumps)


def asking(scene: Scene, number: int, past: Decided) -> Scene:
    """The scene in which a rule was asked: a later one may have changed the packet since."""
    at = min((at for rule, at in past.items() if rule >= number), default=None)
    if at is None:
        return scene
    session = scene.session.moved_to(at)
    return replace(scene, session=session, moment=session.moments[at])


# ---------------------------------------------------------------- what rules see


def view_of(scene: Scene) -> View:
    """The packet in the eyes of the chain's rules."""
    host = scene.session.world.network.namespace(scene.moment.hop.namespace)
    into, out = _devices(scene)

    def is_local(ip: IPAddress) -> bool:
        return host.owner_of(ip) is not None or ip.is_loopback

    here = _of_this_packet(scene)
    return View(
        scene.packet, into, out, _states(scene), is_local, _Nobody(), _Never(),
        sets=scene.session.world.ipsets(scene.node, scene.family),
        bridge_port=_bridge_port(scene, here),
        asked=_asked(here[:-1]),
    )  # fmt: skip


def _devices(scene: Scene) -> tuple[str | None, str | None]:
    """Devices in and out, as the hook was told them when it began."""
    for moment in reversed(_of_this_packet(scene)):
        step = moment.step
        if (
            step.kind is StepKind.HOOK_ENTERED
            and step.place
            and step.place.hook == scene.place.hook
        ):
            came, goes = hook_devices(step.reason)
            return came or None, goes or None
    return scene.moment.hop.device_in, scene.moment.hop.device_out


def _states(scene: Scene) -> frozenset[str]:
    """What `--ctstate` sees: the state, and what is translated of the connection."""
    here = _of_this_packet(scene)
    state = next((m.step.state for m in reversed(here) if m.step.state), "")
    found = {state} if state else set()
    for moment in here:
        if moment is scene.moment or moment.step.reason.code in _BY_IPVS:
            continue
        for change in moment.step.changes:
            found |= {_TRANSLATED[change.field]} if change.field in _TRANSLATED else set()
    return frozenset(found | _translated_before(scene, here))


_BY_IPVS = (ReasonCode.IPVS_TRANSLATED, ReasonCode.IPVS_UNDONE)
"""IPVS rewrites packets itself: conntrack does not call the connection DNAT."""

_TRANSLATED = {"destination": "DNAT", "dport": "DNAT", "source": "SNAT", "sport": "SNAT"}


def _bridge_port(scene: Scene, here: list[Moment]) -> str | None:
    """The bridge's port that the frame came in by, where br_netfilter showed it to a hook."""
    codes = {moment.step.reason.code for moment in here}
    return scene.moment.hop.device_in if ReasonCode.HOOK_FOR_BRIDGED in codes else None


def _asked(before: list[Moment]) -> ConnTuple | None:
    """What the sender wrote, once IPVS has taken the packet or has turned an answer back."""
    for moment in reversed(before):
        packet = moment.step.packet
        match moment.step.reason.code:
            case ReasonCode.IPVS_SCHEDULED | ReasonCode.IPVS_KNOWN:
                return ConnTuple.of(packet)
            case ReasonCode.IPVS_UNDONE if packet.icmp is None:
                return ConnTuple.of(packet).reversed
            case ReasonCode.IPVS_UNDONE:
                return _quoted(packet)
    return None


def _quoted(packet: Packet) -> ConnTuple | None:
    """The packet that an error is about."""
    icmp = packet.icmp
    if icmp is None:
        return None
    return ConnTuple(icmp.source, icmp.destination, icmp.protocol, icmp.sport, icmp.dport)


def _of_this_packet(scene: Scene) -> list[Moment]:
    """The moments on this host since a tunnel last made another packet of it."""
    session, found = scene.session, list[Moment]()
    for moment in session.moments[: session.position + 1]:
        if moment.hop is not scene.moment.hop:
            continue
        if moment.step.kind in (StepKind.ENCAPSULATED, StepKind.DECAPSULATED):
            found.clear()
        else:
            found.append(moment)
    return found


def _translated_before(scene: Scene, here: list[Moment]) -> set[str]:
    """What earlier packets of the connection had translated."""
    tracked = next((m for m in here if m.step.kind is StepKind.TRACKED), None)
    if tracked is None:
        return set()
    seen = ConnTuple.of(tracked.step.packet)
    table = scene.session.conntrack.get(scene.moment.hop.namespace, ())
    entry = next((e for e in table if seen in (e.original, e.reply)), None)
    if entry is None:
        return set()
    return {name for name, on in (("DNAT", entry.dnat), ("SNAT", entry.snat)) if on}


class _Nobody:
    """Recent lists on which nobody is."""

    def seen(self, name: str, ip: IPAddress, seconds: int) -> bool:
        """Nobody was seen."""
        return False

    def note(self, name: str, ip: IPAddress) -> None:
        """Nothing is written."""


class _Never:
    """Chance is not asked: `explain` brings its own."""

    def take(self, probability: float, here: object, chain: object) -> tuple[bool, bool]:
        """Never taken."""
        return False, False
