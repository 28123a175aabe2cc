"""Every screen there is, once: what is opened, what is pressed, at which sizes it is looked at.

A new screen is one line in `SCENES`; snapshots and laws follow.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from tests.snapshots.gathered import EMPTY, GATHERED, take_part
from tui.formats.cluster import load_cluster
from tui.formats.kube_proxy_config import load_kube_proxy_config
from tui.screens.compare import Compare
from tui.screens.explorer import ExplorerScreen
from tui.session import Session
from tui.sim.engine import Choices, Injection, World
from tui.sim.engine.cost import SIZES, CostPoint
from tui.sim.model.settings import ProxyMode
from tui.sim.trace import Cost, StepKind
from tui.workshop.messages import ClassView, Shown

SPOKEN = ("en", "ko")
"""Languages that the program speaks, each with pictures of every screen."""

Size = tuple[int, int]
Play = Callable[[Pilot[None]], Awaitable[None]]
Wanted = Callable[[Session, int], bool]

SMALL, WIDE, HUGE, SINGLE = (80, 24), (120, 40), (200, 60), (60, 20)
EVERY = (SMALL, WIDE, HUGE)
WITH_SINGLE = (*EVERY, SINGLE)

DEMO = Path(__file__).resolve().parents[2] / "lessons" / "demo"
CLIENT, WEB = "pod/shop/client", "svc/shop/web:80"
ACROSS = Choices(pin="10.244.1.5:8080")
"""To the endpoint on the other node."""


@dataclass(frozen=True)
class Scene:
    """One screen."""

    name: str
    play: Play
    """What leads to it."""
    at: str = ""
    """Lesson and step where it begins, `service:hook`; without one, the sandbox."""
    sizes: tuple[Size, ...] = EVERY
    styled: bool = False
    """Its colours are kept, too."""

    def sizes_in(self, lang: str) -> tuple[Size, ...]:
        """Every size in the languages there are; the made-up one where room is scarce."""
        return self.sizes if lang in SPOKEN else self.sizes[:2]


# ---------------------------------------------------------------- the world


@lru_cache(maxsize=1)
def demo_world() -> World:
    """The cluster of the lessons."""
    settings = load_kube_proxy_config(str(DEMO / "kube-proxy.yaml")).settings
    return World(load_cluster(str(DEMO / "cluster.yaml")).cluster, settings)


@lru_cache(maxsize=1)
def _guarded() -> World:
    """The same, but its load balancer admits only some."""
    cluster = demo_world().cluster
    services = tuple(
        replace(s, source_ranges=("198.51.100.0/24",)) if s.name == "frontend" else s
        for s in cluster.services
    )
    return demo_world().with_cluster(replace(cluster, services=services))


@lru_cache(maxsize=32)
def packet(
    source: str = CLIENT,
    destination: str = WEB,
    mode: ProxyMode = ProxyMode.IPTABLES,
    guarded: bool = False,
) -> Session:
    """A packet on its way."""
    world = (_guarded() if guarded else demo_world()).with_mode(mode)
    choices = ACROSS if destination == WEB else None
    return Session(world).injected(Injection(source, destination), choices)


def moved(session: Session, wanted: Wanted) -> Session:
    """The session at the first moment that is wanted."""
    return session.moved_to(next(i for i in range(len(session.moments)) if wanted(session, i)))


def at_kind(kind: StepKind) -> Wanted:
    """Wanted: a step of a kind."""
    return lambda session, i: session.moments[i].step.kind is kind


def in_chain(prefix: str) -> Wanted:
    """Wanted: a rule that matched in a chain."""

    def wanted(session: Session, i: int) -> bool:
        place = session.moments[i].step.place
        return place is not None and place.rule > 0 and place.chain.startswith(prefix)

    return wanted


def at_chance(session: Session, i: int) -> bool:
    """Wanted: a step that chance decided."""
    return session.moments[i].step.chance is not None


# ---------------------------------------------------------------- what is played


def explorer(pilot: Pilot[Any]) -> ExplorerScreen:
    """The first screen."""
    found = pilot.app.screen_stack[0]
    assert isinstance(found, ExplorerScreen)
    return found


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def keys(*pressed: str) -> Play:
    """Press keys."""

    async def play(pilot: Pilot[None]) -> None:
        await press(pilot, *pressed)

    return play


def walk(session: Callable[[], Session], wanted: Wanted | None, tab: str, *pressed: str) -> Play:
    """A packet at a moment, or at its end; a pane in view; then keys."""

    async def play(pilot: Pilot[None]) -> None:
        made = session()
        at_end = made.moved_to(len(made.moments))
        explorer(pilot).session = moved(made, wanted) if wanted is not None else at_end
        await pilot.pause()
        if tab:
            explorer(pilot).open_tab(tab)
            await pilot.pause()
        await press(pilot, *pressed)

    return play


def send(source: str, destination: str) -> Play:
    """Fill in the dialog that sends a packet."""

    async def play(pilot: Pilot[None]) -> None:
        await press(pilot, "i")
        pilot.app.screen.query_one("#source", Input).value = source
        await press(pilot, "enter")
        pilot.app.screen.query_one("#destination", Input).value = destination
        await press(pilot, "enter")

    return play


def classroom(*pressed: str, view: ClassView = GATHERED) -> Play:
    """The instructor's view of a class; then keys."""

    async def play(pilot: Pilot[None]) -> None:
        await take_part(pilot, explorer(pilot), view, instructor=True)
        await press(pilot, *pressed)

    return play


async def following(pilot: Pilot[None]) -> None:
    """A learner who follows, and is shown something outside of the lessons."""
    outside = Shown(lesson="", step="", mode="iptables", plugin="flannel")
    await take_part(pilot, explorer(pilot), outside, instructor=False)
    await press(pilot, "P")


async def cost(pilot: Pilot[None]) -> None:
    """The cost curve, its points known already."""
    rules = {ProxyMode.IPTABLES: 1, ProxyMode.NFTABLES: 0, ProxyMode.IPVS: 0}
    Compare.known = tuple(
        CostPoint(mode, size, Cost(rules=30 + slope * size, lookups=4), Cost(rules=20, lookups=2))
        for size in SIZES
        for mode, slope in rules.items()
    )
    try:
        await walk(packet, None, "", "v", "3")(pilot)
    finally:
        Compare.known = ()


def nftables() -> Session:
    """The packet in nftables mode."""
    return packet(mode=ProxyMode.NFTABLES)


def ipvs() -> Session:
    """The packet in IPVS mode."""
    return packet(mode=ProxyMode.IPVS)


def refused() -> Session:
    """A Service without endpoints."""
    return packet(destination="svc/shop/broken:80")


def dropped() -> Session:
    """A load balancer that does not admit everybody."""
    return packet("external/203.0.113.7", "203.0.113.80:80", guarded=True)


def unknown() -> Session:
    """A name that the simulator does not know."""
    return packet(destination="example.com:80")


def apart() -> Session:
    """A node in another subnet, to whose pods its plugin knows no way."""
    base = demo_world()
    near = base.cluster.nodes
    far = replace(near[-1], internal_ips=(ip_address("192.168.20.3"),))
    cluster = replace(base.cluster, nodes=(*near[:-1], far))
    return Session(base.with_cluster(cluster).with_plugin("flannel-host-gw"))


SVC, ENCAPSULATED = in_chain("KUBE-SVC-"), at_kind(StepKind.ENCAPSULATED)

SCENES: tuple[Scene, ...] = (
    # the lesson
    Scene("lesson", keys(), "service:why", WITH_SINGLE),
    Scene("prediction", keys("down"), "service:hook", WITH_SINGLE, styled=True),
    Scene("predicted-right", keys("1"), "service:hook", WITH_SINGLE),
    Scene("predicted-wrong", keys("2"), "service:nobody"),
    Scene("urged", keys("enter"), "service:hook", WITH_SINGLE),
    Scene("page-sends", keys(), "service:chains"),
    Scene("page-walks", keys("enter", "enter"), "service:chains", WITH_SINGLE),
    Scene("seeking", keys(), "service:nowhere"),
    Scene("seeking-map", keys("tab"), "service:nowhere"),
    Scene("astray", keys("m", "3", "c", "2"), "service:hook"),
    Scene("lessons", keys("n", "n", "o"), "service:why", WITH_SINGLE),
    Scene("challenge", keys(), "typo:mend", WITH_SINGLE, styled=True),
    Scene("challenge-tried", keys("enter"), "typo:mend"),
    Scene("challenge-hints", keys("f9", "f9", "f9", "f9"), "typo:mend", WITH_SINGLE),
    Scene("challenge-solved", keys("f9", "f9", "f9", "f9", "f9"), "typo:mend", WITH_SINGLE),
    Scene("glossary", keys("f10"), "service:chains", WITH_SINGLE),
    Scene("sandbox-from-a-lesson", keys("E"), "service:chains"),
    # a packet under way, pane by pane
    Scene("sandbox", keys(), sizes=WITH_SINGLE),
    Scene("map", walk(packet, SVC, "map"), sizes=WITH_SINGLE, styled=True),
    Scene("chain", walk(packet, SVC, "chain"), sizes=WITH_SINGLE, styled=True),
    Scene("packet", walk(packet, SVC, "packet"), sizes=WITH_SINGLE),
    Scene("conntrack", walk(packet, None, "conntrack"), sizes=WITH_SINGLE),
    Scene("journey", walk(packet, SVC, "journey"), sizes=WITH_SINGLE),
    Scene("tunnel", walk(packet, ENCAPSULATED, "map"), sizes=WITH_SINGLE),
    Scene("tunnel-packet", walk(packet, ENCAPSULATED, "packet")),
    Scene("delivered", walk(packet, None, "map")),
    Scene("refused", walk(refused, at_kind(StepKind.REJECTED), "chain"), sizes=WITH_SINGLE),
    Scene("refused-end", walk(refused, None, "map")),
    Scene("dropped", walk(dropped, at_kind(StepKind.DROPPED), "chain"), sizes=WITH_SINGLE),
    Scene("dropped-map", walk(dropped, at_kind(StepKind.DROPPED), "map"), styled=True),
    Scene("unknown", walk(unknown, None, "journey")),
    Scene("waited", walk(packet, None, "map", "w")),
    # the other modes
    Scene("nftables", walk(nftables, at_chance, "chain"), sizes=WITH_SINGLE),
    Scene("nftables-journey", walk(nftables, at_chance, "journey")),
    Scene("ipvs", walk(ipvs, at_kind(StepKind.SCHEDULED), "chain"), sizes=WITH_SINGLE),
    Scene("ipvs-map", walk(ipvs, at_kind(StepKind.SCHEDULED), "map")),
    Scene("ipvs-conntrack", walk(ipvs, None, "conntrack")),
    # dialogs
    Scene("injector", keys("i"), sizes=WITH_SINGLE, styled=True),
    Scene("injector-again", walk(packet, SVC, "", "i", "down", "down")),
    Scene("injector-error", send(CLIENT, "svc/shop/nothing-of-this-name:80"), sizes=WITH_SINGLE),
    Scene("find", keys("slash"), sizes=WITH_SINGLE),
    Scene("find-nothing", keys("slash", "z", "z", "z")),
    Scene("find-service", keys("slash", *"svc", "enter")),
    Scene("inspector", walk(packet, ENCAPSULATED, "map", "s"), sizes=WITH_SINGLE),
    Scene("inspector-device", keys("slash", *"flannel", "enter")),
    Scene("inspector-service", walk(packet, SVC, "", "O"), sizes=WITH_SINGLE),
    Scene("picking", keys("g", "down", "down"), sizes=WITH_SINGLE),
    Scene("edit", walk(packet, SVC, "", "e"), sizes=WITH_SINGLE),
    Scene("edit-form", walk(packet, SVC, "", "e", "enter")),
    Scene("saving", walk(packet, SVC, "", "Y"), sizes=WITH_SINGLE),
    Scene("tour", keys("f2"), sizes=WITH_SINGLE),
    Scene("outcomes", walk(packet, SVC, "", "a"), sizes=WITH_SINGLE),
    Scene("compare", walk(packet, SVC, "", "v"), sizes=WITH_SINGLE),
    Scene("compare-plugins", walk(packet, SVC, "", "v", "2"), sizes=WITH_SINGLE),
    Scene("compare-plugins-aside", walk(packet, SVC, "", "v", "2", "right", "right")),
    Scene("cost", cost, sizes=WITH_SINGLE),
    Scene("model", keys("R"), sizes=WITH_SINGLE),
    Scene("model-broken", walk(apart, None, "", "R"), sizes=WITH_SINGLE),
    Scene("help", keys("question_mark"), sizes=WITH_SINGLE),
    Scene("mode-menu", keys("m"), sizes=WITH_SINGLE),
    Scene("plugin-menu", keys("c")),
    Scene("palette", keys("ctrl+p"), sizes=WITH_SINGLE),
    # in a workshop
    Scene("class", classroom(), "service:why", WITH_SINGLE, styled=True),
    Scene("class-message", classroom("l", "m", *"look"), "service:why", WITH_SINGLE),
    Scene("class-empty", classroom(view=EMPTY), "service:why"),
    Scene("leading", classroom("l", "escape"), "service:why", WITH_SINGLE),
    Scene("following", following, "service:why", WITH_SINGLE),
    # no room
    Scene("too-small", keys(), sizes=((59, 19), (30, 5))),
)
"""All screens, in the order in which one meets them."""
