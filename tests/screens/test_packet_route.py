"""What `ip route get` is asked about the packet under the cursor, and what it answers."""

import pytest

from tui.cli.parser import parser
from tui.cli.settings import world_of
from tui.screens.packet_route import packet_at
from tui.screens.place_sections import route_blocks
from tui.session import Session
from tui.sim.engine import Choices, Injection
from tui.sim.engine.look import view_of
from tui.sim.routing.iproute2 import View
from tui.sim.trace import StepKind


@pytest.fixture(scope="module")
def session() -> Session:
    """A pod calls a Service whose endpoint is on another node."""
    world = world_of(parser().parse_args(["sandbox", "--proxy-mode", "iptables"]))
    choices = Choices(pin="10.244.1.5:8080")
    return Session(world).injected(Injection("pod/shop/client", "svc/shop/web:80"), choices)


def at(session: Session, place: str, kind: StepKind) -> Session:
    moments = session.moments
    position = next(
        i for i, m in enumerate(moments) if m.hop.namespace == place and m.step.kind is kind
    )
    return session.moved_to(position)


def view(session: Session, place: str) -> View:
    return view_of(session.world, session.world.network.namespace(place), session.world.network)


def first_rows(session: Session, place: str) -> list[str]:
    seen = view(session, place)
    block = next(iter(route_blocks(seen, "", packet_at(session, seen))))
    return [block.heading, *(row.text for row in block.rows)]


def test_a_pods_packet_is_its_own(session: Session) -> None:
    here = at(session, "pod/shop/client", StepKind.SENT)
    assert first_rows(here, "pod/shop/client") == [
        "ip route get 10.96.31.7 from 10.244.0.7",
        "10.96.31.7 from 10.244.0.7 via 10.244.0.1 dev eth0 uid 0",
        "    cache",
    ]


def test_on_the_node_it_has_come_in_by_the_bridge_and_goes_where_it_was_translated_to(
    session: Session,
) -> None:
    here = at(session, "node/node-a", StepKind.ROUTED)
    assert first_rows(here, "node/node-a") == [
        "ip route get 10.244.1.5 from 10.244.0.7 iif cni0",
        "10.244.1.5 from 10.244.0.7 via 10.244.1.0 dev flannel.1",
        "    cache iif cni0",
    ]


def test_the_outer_packet_is_the_nodes_own(session: Session) -> None:
    here = at(session, "node/node-a", StepKind.ENCAPSULATED)
    asked = packet_at(here, view(here, "node/node-a"))
    assert asked is not None
    while packet_at(here, view(here, "node/node-a")) == asked:
        here = here.moved_to(here.position + 1)
    outer = packet_at(here, view(here, "node/node-a"))
    assert outer is not None
    assert (str(outer.to), str(outer.source), outer.in_device) == (
        "192.168.10.2", "192.168.10.1", "",
    )  # fmt: skip


def test_elsewhere_nothing_is_asked(session: Session) -> None:
    here = at(session, "node/node-a", StepKind.ROUTED)
    assert packet_at(here, view(here, "node/node-b")) is None
    assert packet_at(Session(session.world), view(here, "node/node-a")) is None
    assert first_rows(here, "node/node-b")[0] == "route -n"
