"""A name is looked up before anything is sent to it: the lookups are packets too."""

from __future__ import annotations

from tui.sim import dns
from tui.sim.engine.injection import PlaceError
from tui.sim.engine.places import Origin, Target
from tui.sim.engine.scene import Scene
from tui.sim.engine.story import Exchange, exchange
from tui.sim.engine.world import World
from tui.sim.model.address import IPAddress, family_of
from tui.sim.model.packet import Packet, Protocol
from tui.sim.model.sloppy import parse_sloppy_address
from tui.sim.model.value import value
from tui.sim.trace import Connection, Leg, Reason, ReasonCode, Role

_PORT = 53
_QUERY_SIZE = 76


@value
class Conversation:
    """The lookups that were made, and the one that got no answer."""

    legs: tuple[Leg, ...]
    """Questions and answers."""
    failed: Exchange | None = None
    """The exchange that failed."""
    query: Packet | None = None
    """Its question."""


@value
class Lookup:
    """The questions that a name raises, and where they are sent."""

    origin: Origin
    """Who asks."""
    server: IPAddress
    """The nameserver in its /etc/resolv.conf: the cluster IP of kube-dns."""
    answers: tuple[dns.Answer, ...]
    """One per name that is asked for; only the last may exist, or be forwarded."""

    @property
    def leaves(self) -> bool:
        """Whether the last question is passed on to servers that are not simulated."""
        return self.answers[-1].forwarded

    @property
    def target(self) -> Target:
        """Where the questions go: all that is sent where no address is ever learnt."""
        return Target(self.answers[-1].name, (self.server,), _PORT, protocol=Protocol.UDP)

    @property
    def addresses(self) -> tuple[IPAddress, ...]:
        """What the name resolves to."""
        return self.answers[-1].addresses

    def held(self, scene: Scene) -> Conversation:
        """Ask each question in turn, until one gets no answer."""
        legs: list[Leg] = []
        for position, answer in enumerate(self.answers):
            query = self._query(scene, position)
            said = Reason.of(_code_of(answer), name=answer.name, answer=answer.text)
            told = exchange(scene, self.origin.namespace, query, Role.DNS, said)
            legs += told.legs
            if told.connection is not Connection.ESTABLISHED:
                return Conversation(tuple(legs[: -len(told.legs)]), told, query)
        return Conversation(tuple(legs))

    def _query(self, scene: Scene, position: int) -> Packet:
        routing = scene.routing(self.origin.namespace)
        source = routing.source_for(self.server) or self.origin.ips[0]
        sport = 33000 + (scene.state.sent * 7 + position) % 27000
        return Packet(source, self.server, Protocol.UDP, sport, _PORT, size=_QUERY_SIZE)


def looked_up(world: World, origin: Origin, target: Target) -> Lookup:
    """The lookups for a target that is a name. Raises PlaceError if they cannot succeed."""
    name = target.name or ""
    if origin.pod is None or origin.external is not None:
        raise PlaceError(
            f"{target.place}: only a pod of the cluster asks the cluster's DNS; "
            "send from a pod, or name an address or svc/NS/NAME:PORT"
        )
    server = _nameserver(world, origin)
    if server is None:
        raise PlaceError(
            f"{target.place}: the cluster has no Service kube-system/kube-dns to ask; "
            "name an address or svc/NS/NAME:PORT"
        )
    answers = _asked(world, name, origin.pod.namespace)
    last = answers[-1]
    if last.forwarded:
        return Lookup(origin, server, answers)
    if not last.addresses:
        tried = ", ".join(a.name for a in answers)
        raise PlaceError(f"{target.place}: no such name; asked for: {tried}")
    return Lookup(origin, server, answers)


def _code_of(answer: dns.Answer) -> ReasonCode:
    if answer.forwarded:
        return ReasonCode.NAME_LED_OUT if answer.alias else ReasonCode.NAME_FORWARDED
    return ReasonCode.NAME_ANSWERED if answer.found else ReasonCode.NAME_MISSING


def _asked(world: World, name: str, namespace: str) -> tuple[dns.Answer, ...]:
    """The answers up to and with the first that exists, or that nobody here knows."""
    answers: list[dns.Answer] = []
    for candidate in dns.candidates(name, namespace):
        answers.append(dns.answer(world.cluster, candidate))
        if answers[-1].found or answers[-1].forwarded:
            break
    return tuple(answers)


def _nameserver(world: World, origin: Origin) -> IPAddress | None:
    """The first cluster IP of kube-dns in a family that the pod has."""
    service = world.cluster.service("kube-system", "kube-dns")
    families = {family_of(ip) for ip in origin.ips}
    texts = service.cluster_ips if service is not None else ()
    parsed = (parse_sloppy_address(text) for text in texts)
    return next((ip for ip in parsed if ip is not None and family_of(ip) in families), None)
