"""Real packets through real rules: what the kernel does is what the simulator says.

Random clusters, around one node that is wired once. The rules that we render are loaded by
the real tools; a flow is tried several times, each from a fresh state. Every end that is seen
must be predicted: verdict, place, addresses, TTL, MAC addresses, and who sends the ICMP error
of a refusal. How often each was seen must be what chance would bring. The pods answer, and
each answer must come back as predicted.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from tests.kernel.chance import unlikely
from tests.kernel.clusters import random_world
from tests.kernel.fates import (
    Fate,
    Prediction,
    answer_to,
    predict,
    predicted_reply,
    seen_fate,
    seen_reply,
)
from tests.kernel.flows import Flow, flows_of
from tests.kernel.lab import Shot, Sighting
from tests.kernel.site import MISSING, Site, a_site
from tui.sim.model.packet import Packet
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace

CLUSTERS = 30
"""For each mode; they are shared out to tests of `TOGETHER`."""
TOGETHER = 5
FLOWS = 100
TRIES, SURE_TRIES = 30, 2
"""How often a flow is tried that chance decides about, and one that it does not."""
FIRST_PORT = 20000
MODES = (ProxyMode.IPTABLES, ProxyMode.NFTABLES)
Try = tuple[Prediction, Packet, Fate]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(MISSING), reason=f"needs {MISSING}")]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with a_site() as found:
        yield found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("first", range(0, CLUSTERS, TOGETHER))
def test_flows_end_as_the_simulator_says(site: Site, mode: ProxyMode, first: int) -> None:
    for seed in range(first, first + TOGETHER):
        world = random_world(seed, mode, nfacct=site.nfacct)
        site.load(world)
        chance = random.Random(seed)
        predictions = [predict(world, flow) for flow in flows_of(world, chance, FLOWS)]
        tries = list(tried(site, predictions))
        compare(tries)
        compare_shares(tries)


def tried(site: Site, predictions: list[Prediction]) -> Iterator[Try]:
    """Each flow tried, with what was sent and what became of it; answers are sent too."""
    planned = [p for p in predictions for _ in range(TRIES if len(p.shares) > 1 else SURE_TRIES)]
    shots = [
        Shot(p.shot.place, replace(p.shot.packet, sport=FIRST_PORT + number))
        for number, p in enumerate(planned)
    ]
    heard = site.lab.send(shots)
    fates = [
        seen_fate(p.flow, shot.packet, each)
        for p, shot, each in zip(planned, shots, heard, strict=True)
    ]
    answers(site, list(zip(planned, shots, heard, fates, strict=True)))
    for p, shot, fate in zip(planned, shots, fates, strict=True):
        yield p, shot.packet, fate


def answers(site: Site, tries: list[tuple[Prediction, Shot, list[Sighting], Fate]]) -> None:
    """Let every receiver that answers do so; the client must get what is predicted."""
    asked = []
    for prediction, shot, heard, fate in tries:
        if fate in prediction.told:
            reply = predicted_reply(prediction.told[fate][1])
            if reply is not None:
                arrival = next(each for each in heard if each.packet.icmp is None)
                asked.append((prediction.flow, shot, answer_to(arrival, reply[0]), reply[1]))
    came = site.lab.send([answer for _, _, answer, _ in asked])
    for (flow, shot, _, expected), heard in zip(asked, came, strict=True):
        seen = seen_reply(flow, shot.packet, heard)
        assert (seen, seen.port_kept) == (expected, expected.port_kept), (
            f"the answer to {flow}\n  came {seen}\n  not  {expected}"
        )


def compare(tries: list[Try]) -> None:
    """What is seen is predicted; what is predicted is seen as often as it should."""
    flows = {id(prediction): prediction for prediction, _, _ in tries}
    ends: dict[int, list[Fate]] = defaultdict(list)
    for prediction, _, fate in tries:
        ends[id(prediction)].append(fate)
    for key, prediction in flows.items():
        assert sum(prediction.shares.values()) == pytest.approx(1, abs=1e-9)
        compare_one(prediction, ends[key])


def compare_one(prediction: Prediction, seen: list[Fate]) -> None:
    counts = Counter(seen)
    kept = Counter(fate for fate in seen if fate.port_kept)
    for fate in counts:
        assert fate in prediction.told, unforeseen(prediction, fate)
        # once in a while another connection has drawn the very port that should be kept
        assert kept[fate] or not prediction.told[fate][0].port_kept, unforeseen(prediction, fate)
    if prediction.flow.sticky:
        return
    for fate, share in prediction.shares.items():
        assert not unlikely(counts[fate], len(seen), share), (
            f"{prediction.flow}: {counts[fate]} of {len(seen)}, expected {share:.0%}: {fate}"
        )


def unforeseen(prediction: Prediction, fate: Fate) -> str:
    told = "".join(f"\n  told {share:.0%} {each}" for each, share in prediction.shares.items())
    return f"{prediction.flow}\n  seen {fate}{told}"


def compare_shares(tries: list[Try]) -> None:
    """All tries to one service port together: each endpoint gets its share."""
    counted: dict[tuple[str, str, float], list[int]] = defaultdict(lambda: [0, 0])
    for prediction, _, fate in tries:
        flow = prediction.flow
        if flow.service and not flow.sticky:
            for end, share in by_end(flow, prediction).items():
                count = counted[flow.service, end, round(share, 6)]
                count[0] += end_of(fate) == end
                count[1] += 1
    for (service, end, share), (seen, every) in counted.items():
        assert not unlikely(seen, every, share), f"{service}: {seen} of {every} reached {end}"


def by_end(flow: Flow, prediction: Prediction) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for fate, share in prediction.shares.items():
        found[end_of(fate)] += share
    return found


def end_of(fate: Fate) -> str:
    arrived = fate.verdict == "delivered" and fate.packet is not None
    return fate.packet.to_text if arrived and fate.packet is not None else fate.verdict
