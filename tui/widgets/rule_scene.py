"""A step in netfilter with all that its rules need to know: the host, the packet, its state."""

from __future__ import annotations

from dataclasses import dataclass

from tui.session import Moment, Session
from tui.sim.model.address import IPAddress
from tui.sim.model.packet import Packet
from tui.sim.netfilter.explain import View
from tui.sim.netfilter.hooks import Hook
from tui.sim.netfilter.rules import Chain, Ruleset
from tui.sim.trace import RulePlace, StepKind
from tui.words import Words


@dataclass(frozen=True, slots=True)
class Scene:
    """What the view needs, gathered once per step."""

    session: Session
    moment: Moment
    place: RulePlace
    ruleset: Ruleset
    words: Words
    width: int
    height: int

    @property
    def packet(self) -> Packet:
        """The packet as the rules saw it: before this step."""
        return self.session.packet_before or self.moment.step.packet

    @property
    def chain(self) -> Chain | None:
        """The chain under the cursor."""
        return self.ruleset.chain(self.place.table, self.place.chain)


def scene_of(
    session: Session, moment: Moment, words: Words, width: int, height: int
) -> Scene | None:
    """The scene of a step in netfilter; None where the host has no ruleset."""
    place, node = moment.step.place, moment.hop.node
    if place is None or node is None:
        return None
    ruleset = session.world.ruleset(node, moment.step.packet.family)
    return Scene(session, moment, place, ruleset, words, width, height)


# ---------------------------------------------------------------- what rules see


def view_of(scene: Scene) -> View:
    """The packet in the eyes of the chain's rules."""
    host = scene.session.world.network.namespace(scene.moment.hop.namespace)
    into, out = _devices(scene)

    def is_local(ip: IPAddress) -> bool:
        return host.owner_of(ip) is not None or ip.is_loopback

    return View(scene.packet, into, out, _states(scene), is_local, _Nobody(), _Never())


def _devices(scene: Scene) -> tuple[str | None, str | None]:
    """Devices in and out as the hook sees them: a bridge's port is seen as the bridge."""
    hook, hop = scene.place.hook, scene.moment.hop
    began = {
        step.place.hook: step.reason.fields
        for step in hop.steps
        if step.kind is StepKind.HOOK_ENTERED and step.place
    }
    fields = began.get(hook, {})
    named = str(fields.get("device", "") or fields.get("bridge", ""))
    if hook in (Hook.PREROUTING, Hook.INPUT):
        return named or hop.device_in, None
    out = _out(scene) or hop.device_out
    if hook == Hook.FORWARD:
        return named or hop.device_in, out
    return None, named or out


def _out(scene: Scene) -> str:
    """The device that the last route before this step chose."""
    session = scene.session
    for moment in reversed(session.moments[: session.position + 1]):
        if moment.hop is not scene.moment.hop:
            break
        if moment.step.kind is StepKind.ROUTED:
            return str(moment.step.reason.fields.get("device", ""))
    return ""


def _states(scene: Scene) -> frozenset[str]:
    """What `--ctstate` sees: the state, and what has been translated so far."""
    session, found = scene.session, set()
    for moment in session.moments[: session.position + 1]:
        if moment.leg_number != scene.moment.leg_number:
            continue
        for change in moment.step.changes if moment is not scene.moment else ():
            if change.field in ("destination", "dport"):
                found.add("DNAT")
            if change.field in ("source", "sport"):
                found.add("SNAT")
    state = scene.moment.step.state or _last_state(scene)
    return frozenset({state, *found} if state else found)


def _last_state(scene: Scene) -> str:
    session = scene.session
    for moment in reversed(session.moments[: session.position + 1]):
        if moment.hop is scene.moment.hop and moment.step.state:
            return moment.step.state
    return ""


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
