"""What a node remembers: packet after packet, the simulator's state keeps step with the kernel.

Packets of a few senders to the addresses of one Service, old connections among new ones, with
what each side remembers of those before: connections, and whom affinity sticks to. Whatever
the kernel does must be among what the simulator then holds possible; of that, the simulator
follows the very outcome that was seen.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from tests.kernel.clusters import NODE, UNDER_TEST, random_world
from tests.kernel.fates import (
    Fate,
    Prediction,
    answer_to,
    in_the_tests_hands,
    predict,
    predicted_reply,
    seen_fate,
    seen_reply,
)
from tests.kernel.flows import Flow, flows_of
from tests.kernel.lab import Sighting
from tests.kernel.programming import forget
from tests.kernel.site import MISSING, Site, a_site
from tui.sim.engine import Choices, State, World, send
from tui.sim.model.settings import ProxyMode

CLUSTERS = 30
FLOWS = 100
CONVERSATIONS, PACKETS = 4, 14
FIRST_PORT = 40000
CONNECTIONS = 2
"""Source ports that each flow has of its own: some packets begin a connection, some go on."""
MODES = (ProxyMode.IPTABLES, ProxyMode.NFTABLES)

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(MISSING), reason=f"needs {MISSING}")]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with a_site() as found:
        yield found


@pytest.mark.parametrize("mode", MODES)
def test_what_is_remembered_decides_alike(site: Site, mode: ProxyMode) -> None:
    kept = forks = 0
    for seed in range(CLUSTERS):
        chance = random.Random(f"talk {seed}")
        world = random_world(1000 + seed, mode, nfacct=site.nfacct)
        site.load(world)
        for flows in topics(world, chance):
            forget(site.machines, world, UNDER_TEST)
            found = Conversation(site, world).held(flows, chance)
            kept, forks = kept + found.kept, forks + found.forks
    assert kept > 15, "too few packets whose way an earlier one had decided"
    assert forks > 15, "too few packets whose way was open"


def topics(world: World, chance: random.Random) -> Iterator[list[Flow]]:
    """Some flows to one service port each, those first about which chance has a say."""
    ports: dict[str, list[Flow]] = defaultdict(list)
    ways: Counter[str] = Counter()
    for flow in flows_of(world, chance, FLOWS):
        fates = predict(world, flow).shares
        if flow.service and in_the_tests_hands(flow, fates):
            ports[flow.service].append(flow)
            ways[flow.service] += len(fates) > 1
    for service in sorted(ports, key=lambda service: -ways[service])[:CONVERSATIONS]:
        flows = ports[service]
        yield chance.sample(flows, min(3, len(flows)))


class Conversation:
    """A sequence of packets, and what the simulator remembers of them."""

    def __init__(self, site: Site, world: World) -> None:
        self.site = site
        self.world = world
        self.state = State()
        self.kept = 0
        """Packets whose way would be open to a newcomer, but not to them."""
        self.forks = 0
        """Packets whose way was open."""

    def held(self, flows: list[Flow], chance: random.Random) -> "Conversation":
        for _ in range(PACKETS):
            number = chance.randrange(len(flows) * CONNECTIONS)
            self.say(flows[number // CONNECTIONS], FIRST_PORT + number)
        return self

    def say(self, flow: Flow, sport: int) -> None:
        prediction = predict(self.world, flow, self.state, sport)
        [heard] = self.site.lab.send([prediction.shot])
        fate = seen_fate(flow, prediction.trace.flow.packet, heard)
        assert fate in prediction.told, self.surprise(prediction, fate)
        assert fate.port_kept or not prediction.told[fate][0].port_kept, "its port was changed"
        self.count(flow, prediction)
        self.answer(prediction, fate, heard)
        branches = prediction.told[fate][1].choices
        asked = flow.injection(sport)
        _, self.state = send(self.world, self.state, asked, Choices(branches=branches))

    def answer(self, prediction: Prediction, fate: Fate, heard: list[Sighting]) -> None:
        reply = predicted_reply(prediction.told[fate][1])
        if reply is None:
            return
        arrival = next(each for each in heard if each.packet.icmp is None)
        [came] = self.site.lab.send([answer_to(arrival, reply[0])])
        seen = seen_reply(prediction.flow, prediction.trace.flow.packet, came)
        told = reply[1]
        assert (seen, seen.port_kept) == (told, told.port_kept), (
            f"the answer to {prediction.flow}\n  came {seen}\n  not  {told}"
        )

    def count(self, flow: Flow, prediction: Prediction) -> None:
        if len(prediction.shares) > 1:
            self.forks += 1
        elif len(predict(self.world, flow).shares) > 1:
            self.kept += 1

    def surprise(self, prediction: Prediction, fate: Fate) -> str:
        told = "".join(f"\n  told {share:.0%} {f}" for f, share in prediction.shares.items())
        known = "".join(
            f"\n  {entry.original} / {entry.reply} {entry.state}"
            for entry in self.state.hosts[NODE].conntrack
        )
        return f"{prediction.flow}\n  seen {fate}{told}\nremembered:{known}"
