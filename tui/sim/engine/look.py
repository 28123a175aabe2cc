"""A look inside: what the tools print in a namespace of a world."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.sim.engine.dumps import COMMANDS, installed
from tui.sim.engine.injection import Injection
from tui.sim.engine.places import origin_of
from tui.sim.engine.world import World
from tui.sim.routing.iproute2 import TOOLS, CommandError, View, answer
from tui.sim.routing.network import Namespace, Network

_EVERYWHERE = (
    "ip addr",
    "ip -d link",
    "ip route",
    "ip -6 route",
    "ip route show table local",
    "route -n",
    "ip rule",
    "ip -6 rule",
    "ip neigh",
    "bridge link",
    "bridge fdb",
)
"""What can be asked in every namespace, as a person would go about it."""


def place_view(world: World, place: str) -> View:
    """The namespace that a place names, as its own tools see it. Raises PlaceError."""
    origin = origin_of(world, Injection(place, ""))
    pods = (origin.implied,) if origin.implied is not None else ()
    outside = (origin.external,) if origin.external is not None else ()
    network = world.network_with(pods, outside)
    return view_of(world, network.namespace(origin.namespace), network)


def view_of(world: World, space: Namespace, network: Network) -> View:
    """A namespace with what its kernel was set to; only a node forwards."""
    node = space.name.removeprefix("node/")
    if node == space.name or world.cluster.node(node) is None:
        return View.of(space, network)
    facts = world.facts_of(node)
    return View.of(space, network, forwards=facts.ip_forward, localnet=world.route_localnet(node))


def commands(world: World, view: View) -> tuple[str, ...]:
    """Everything that can be asked there, besides what takes a word more."""
    return (*_EVERYWHERE, *_dumps(world, view))


def told(world: World, view: View, words: Sequence[str]) -> str:
    """What a command prints there. Raises CommandError."""
    dumps = _dumps(world, view)
    dump = dumps.get(" ".join(words))
    if dump is not None:
        return dump()
    if words and words[0] not in TOOLS and dumps:
        known = ", ".join((*TOOLS, *(f'"{name}"' for name in dumps)))
        raise CommandError(f"{' '.join(words)[:100]}: there is no such command here; "
                           f"known are: {known}")  # fmt: skip
    return answer(view, words)


def _dumps(world: World, view: View) -> dict[str, Callable[[], str]]:
    """The rules of a node by the commands that print them."""
    node = view.space.name.removeprefix("node/")
    if node == view.space.name or world.cluster.node(node) is None:
        return {}
    return {COMMANDS[name]: tell for name, tell in installed(world, node).items()}
