"""`conntrack -L` on a real node shows what the simulator says that the node remembers."""

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pytest

from tests.kernel.clusters import NODE, random_world
from tests.kernel.fates import (
    Fate,
    Prediction,
    answer_to,
    in_the_tests_hands,
    predict,
    predicted_reply,
    seen_fate,
)
from tests.kernel.flows import Flow, flows_of
from tests.kernel.lab import Sighting
from tests.kernel.site import MISSING, Site, a_site
from tests.kernel.wiring import machine_of
from tui.sim.model.connection import ConntrackEntry
from tui.sim.model.settings import ProxyMode
from tui.sim.trace import Leg, Role
from tui.widgets.conntrack_text import print_entry

CLUSTERS, FLOWS = 12, 60
FIRST_PORT = 30000
LATE = 5
"""Seconds that may pass between a packet and the list."""
MODES = (ProxyMode.IPTABLES, ProxyMode.NFTABLES)

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(MISSING), reason=f"needs {MISSING}")]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with a_site() as found:
        yield found


@dataclass(frozen=True)
class Line:
    """A line of `conntrack -L`, its seconds apart."""

    words: tuple[str, ...]
    seconds: int

    @property
    def original(self) -> tuple[str, ...]:
        """The first packet's addresses and ports."""
        return tuple(word for word in self.words if "=" in word)[:4]

    def without_drawn_port(self) -> tuple[str, ...]:
        """The words but for the port at which the answer is awaited, which chance has drawn."""
        last = max(place for place, word in enumerate(self.words) if word.startswith("dport="))
        return (*self.words[:last], *self.words[last + 1 :])


def from_kernel(text: str) -> Line:
    """`tcp 6 119 SYN_SENT src=... mark=0 use=1`, without the numbers that say nothing here."""
    protocol, _, seconds, *rest = text.split()
    kept = [word for word in rest if not word.startswith(("mark=", "use="))]
    return Line((protocol, *kept), int(seconds))


def from_simulator(entry: ConntrackEntry) -> Line:
    return from_kernel(print_entry(entry))


def listed(site: Site) -> dict[tuple[str, ...], Line]:
    """All connections of the node, by their first packet."""
    with site.machines.inside(machine_of(NODE)):
        text = "".join(site.machines.run(f"conntrack -L -f {f}") for f in ("ipv4", "ipv6"))
    lines = map(from_kernel, filter(None, text.splitlines()))
    return {line.original: line for line in lines}


@dataclass(frozen=True)
class Try:
    """A flow that was tried once, and what was seen of it."""

    prediction: Prediction
    heard: list[Sighting]
    fate: Fate

    @property
    def flow(self) -> Flow:
        return self.prediction.flow

    def leg(self, role: Role) -> Leg | None:
        legs = self.prediction.told[self.fate][1].legs
        return next((leg for leg in legs if leg.role is role), None)


@pytest.mark.parametrize("mode", MODES)
def test_the_table_shows_what_the_simulator_remembers(site: Site, mode: ProxyMode) -> None:
    begun = answered = 0
    for seed in range(CLUSTERS):
        world = random_world(2000 + seed, mode, nfacct=site.nfacct)
        site.load(world)
        flows = flows_of(world, random.Random(seed), FLOWS)
        every = [predict(world, flow, sport=FIRST_PORT + n) for n, flow in enumerate(flows)]
        tries = list(tried(site, [p for p in every if in_the_tests_hands(p.flow, p.shares)]))
        begun += compare(listed(site), tries, Role.REQUEST)
        spoken = list(answers(site, tries))
        answered += compare(listed(site), spoken, Role.REPLY)
    assert begun > 50
    assert answered > 50


def tried(site: Site, predictions: list[Prediction]) -> Iterator[Try]:
    came = site.lab.send([prediction.shot for prediction in predictions])
    for prediction, heard in zip(predictions, came, strict=True):
        fate = seen_fate(prediction.flow, prediction.trace.flow.packet, heard)
        assert fate in prediction.told, prediction.flow
        yield Try(prediction, heard, fate)


def answers(site: Site, tries: Collection[Try]) -> Iterator[Try]:
    """Let those answer who are asked, and say who was."""
    shots = []
    for one in tries:
        reply = predicted_reply(one.prediction.told[one.fate][1])
        if reply is not None:
            shots.append(answer_to(one.heard[0], reply[0]))
            yield one
    site.lab.send(shots)


def compare(table: dict[tuple[str, ...], Line], tries: Collection[Try], role: Role) -> int:
    """The same words in both; nothing where nothing is told."""
    found = 0
    for one in tries:
        told = remembered(one, role)
        line = table.get(first_packet(one))
        if told is None:
            assert line is None, f"{one.flow}: {line}"
            continue
        expected = from_simulator(told)
        assert line is not None, f"{one.flow}: not in the table: {expected.words}"
        kept = one.fate.port_kept
        assert (line.words if kept else line.without_drawn_port()) == (
            expected.words if kept else expected.without_drawn_port()
        ), one.flow
        # The kernel lengthens an answered UDP entry only when it is two seconds old.
        if "udp" not in line.words or "[UNREPLIED]" in line.words:
            late = abs(expected.seconds - line.seconds)
            assert late <= LATE, f"{one.flow}: {line} {expected}"
        found += 1
    return found


def first_packet(one: Try) -> tuple[str, ...]:
    sent = one.prediction.trace.flow.packet
    ends = f"src={sent.source} dst={sent.destination} sport={sent.sport} dport={sent.dport}"
    return tuple(ends.split())


def remembered(one: Try, until: Role) -> ConntrackEntry | None:
    """The node's entry as the request, or the answer too, has left it."""
    entry = None
    for role in (Role.REQUEST, Role.REPLY)[: 1 + (until is Role.REPLY)]:
        leg = one.leg(role)
        for hop, step in leg.steps() if leg is not None else ():
            for change in step.conntrack:
                if hop.namespace == NODE:
                    entry = change.entry
    return entry
