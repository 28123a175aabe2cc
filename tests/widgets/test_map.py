"""The map: everything has its place, the walked path is heavy, the hop is lit."""

from dataclasses import replace
from ipaddress import ip_address, ip_network
from itertools import pairwise

import pytest
from textual.app import App, ComposeResult

from tui.session import Session, Unit
from tui.sim.engine import Choices, Injection, World
from tui.sim.model.cluster import Cluster, Node, Pod
from tui.sim.trace import StepKind
from tui.theme import Role
from tui.widgets.grid import Grid
from tui.widgets.map_board import Layout
from tui.widgets.map_cast import cast_of
from tui.widgets.map_drawing import draw, strokes
from tui.widgets.map_layout import FABRIC_SPOT, TUNNEL_SPOT, lay_out
from tui.widgets.map_path import STACK, path_of
from tui.widgets.topology_map import TopologyMap


def board(session: Session, width: int = 76, height: int = 16) -> tuple[Layout, Grid]:
    layout = lay_out(cast_of(session), width, height)
    return layout, draw(layout, path_of(session))


def text(grid: Grid) -> str:
    return "\n".join(line.text for line in grid.lines())


def at(session: Session, kind: StepKind, number: int = 0) -> Session:
    """The session at the n-th step of a kind."""
    found = [i for i, moment in enumerate(session.moments) if moment.step.kind is kind]
    return session.moved_to(found[number])


def lit(grid: Grid) -> list[str]:
    return [
        piece.strip() for line in grid.lines() for piece, role in line.spans if role is Role.NOW
    ]


def test_everything_of_a_small_cluster_is_there(fresh: Session) -> None:
    layout, grid = board(fresh)
    shown = text(grid)
    for name in (
        "node-a",
        "192.168.10.1",
        "node-b",
        "client",
        "10.244.0.7",
        "web-1",
        "web-2",
        "cni0",
        "flannel.1",
        "eth0",
        "vxlan",
        "network",
        "PRE",
        "POST",
    ):
        assert name in shown
    assert (layout.hidden_nodes, layout.hidden_pods) == (0, 0)
    assert layout.services == (("web", "10.96.31.7:80"),)


@pytest.mark.parametrize("width", [30, 40, 58, 76, 120, 200])
@pytest.mark.parametrize("height", [8, 11, 16, 30])
def test_nothing_leaves_the_board(across: Session, width: int, height: int) -> None:
    layout, grid = board(at(across, StepKind.ENCAPSULATED), width, height)
    assert all(line.width == width for line in grid.lines())
    for rail in layout.rails.values():
        assert 0 <= rail.x0 <= rail.x1 < width
    for frame in layout.frames:
        assert frame.x >= 0
        assert frame.x + frame.width <= width


def test_the_same_session_gives_the_same_map(across: Session) -> None:
    assert text(board(across)[1]) == text(board(across)[1])


def test_a_narrow_map_shows_the_packets_node_and_names_the_other(across: Session) -> None:
    layout, grid = board(across, 40)
    assert "node-a" in text(grid)
    assert layout.hidden_nodes == 1
    assert "node-b" in text(grid), "the packet goes there, so its name stands on the network"


def test_nothing_is_walked_before_the_first_packet(fresh: Session) -> None:
    assert not set("━┃╍╏") & set(text(board(fresh)[1]))


def test_the_sender_is_lit_at_the_start(across: Session) -> None:
    assert lit(board(across.moved_to(0))[1]) == ["client"]


def test_the_path_grows_with_the_cursor_and_shrinks_again(across: Session) -> None:
    def heavy(session: Session) -> int:
        spans = [span for line in board(session)[1].lines() for span in line.spans]
        return sum(len(piece) for piece, role in spans if role is Role.WALKED)

    middle = at(across, StepKind.ENCAPSULATED)
    end = at(across, StepKind.DELIVERED)
    assert heavy(across.moved_to(0)) < heavy(middle) < heavy(end)
    assert heavy(end.moved(Unit.END, -1)) == heavy(across.moved_to(0))


def test_the_hook_under_the_cursor_is_lit(across: Session) -> None:
    session = at(across, StepKind.HOOK_ENTERED)
    assert session.moment is not None
    assert session.moment.step.place is not None
    assert session.moment.step.place.hook == "PREROUTING"
    assert lit(board(session)[1]) == ["PRE"]
    assert lit(board(session, 130)[1]) == ["PREROUTING"]


def test_the_tunnel_is_doubled_while_the_packet_is_inside(across: Session) -> None:
    def doubled(session: Session) -> int:
        return text(board(session)[1]).count("═")

    inside, after = at(across, StepKind.ENCAPSULATED), at(across, StepKind.DECAPSULATED)
    assert doubled(across.moved_to(0)) == 0
    assert doubled(inside) > 10
    assert lit(board(inside)[1]) == ["flannel.1"]
    assert doubled(after) == 0


def test_the_way_is_one_connected_line(across: Session) -> None:
    layout, _ = board(across)
    pieces = list(strokes(layout, path_of(at(across, StepKind.DELIVERED))))
    ends = [{(x0, y0), (x1, y1)} for x0, y0, x1, y1, _ in pieces]
    assert len(pieces) > 10
    assert all(a & b for a, b in pairwise(ends) if a != b)


def test_the_answer_goes_another_way_to_look_at(across: Session) -> None:
    grid = board(across.moved(Unit.END, 1))[1]
    roles = {role for line in grid.lines() for _, role in line.spans}
    assert Role.REPLY in roles
    assert "╍" in text(grid)
    assert lit(grid) == ["client"]


def test_where_it_ended_stands_the_verdict(across: Session, fresh: Session) -> None:
    assert "✓" in text(board(across.moved(Unit.END, 1))[1])
    refused = fresh.injected(Injection("pod/default/client", "pod/default/web-1:9"))
    grid = board(at(refused, StepKind.DELIVERED))[1]
    assert "⊘" in text(grid), "nothing listens there: it arrived and was refused"
    assert "✓" not in text(grid)


def test_the_tunnel_nests_inside_the_network(fresh: Session) -> None:
    layout, _ = board(fresh)
    tunnel, fabric = layout.rails[TUNNEL_SPOT], layout.rails[FABRIC_SPOT]
    assert fabric.x0 < tunnel.x0 < tunnel.x1 < fabric.x1
    assert tunnel.y < fabric.y
    assert not layout.crossings


def test_someone_outside_stands_below_the_network(fresh: Session) -> None:
    session = fresh.injected(Injection("external/203.0.113.7", "pod/default/web-1:8080"))
    layout, grid = board(session)
    label = next(label for label in layout.labels if "203.0.113.7" in label.text)
    assert label.y > layout.rails[FABRIC_SPOT].y
    assert lit(grid) == ["world 203.0.113.7"]


def test_a_click_finds_pods_devices_and_nodes(fresh: Session) -> None:
    layout, _ = board(fresh)
    for frame in layout.frames:
        assert layout.spot_at(frame.x, frame.y) == frame.spot
    for label in layout.labels:
        assert layout.spot_at(label.x, label.y) == label.spot
    assert layout.spot_at(0, layout.height + 3) is None


def test_without_a_bridge_cables_end_in_the_ip_layer(fresh: Session) -> None:
    cast = cast_of(fresh)
    pods = tuple(replace(pod, bridge="") for pod in cast.nodes[0].pods)
    bare = replace(cast, nodes=(replace(cast.nodes[0], pods=pods, bridges=()), *cast.nodes[1:]))
    layout = lay_out(bare, 76, 16)
    lower = {c.lower for c in layout.cables if c.upper[0] == "node/node-a"}
    assert ("node/node-a", STACK) in lower


def test_an_untouched_branch_has_no_tick_in_the_paths_colour(across: Session) -> None:
    grid = board(across.moved(Unit.END, 1), 130, 16)[1]
    walked = {Role.WALKED, Role.REPLY, Role.TUNNEL}
    drawn = {glyph for line in grid.lines() for text, role in line.spans if role in walked
             for glyph in text}  # fmt: skip
    assert not drawn & set("┯┷┠┨┱┲┺┹┡┢"), "a heavy line with a light arm, which nobody walked"


@pytest.mark.parametrize(("height", "rows"), [(11, 11), (12, 12), (20, 15)])
def test_with_somebody_outside_the_map_still_fits(fresh: Session, height: int, rows: int) -> None:
    session = fresh.injected(Injection("external/203.0.113.7", "pod/default/web-1:8080"))
    layout, grid = board(session, 76, height)
    assert layout.height == rows
    shown = text(grid)
    assert "node-a" in shown.splitlines()[0]
    assert "world 203.0.113.7" in shown
    devices = next(row for row in shown.splitlines() if "eth0" in row)
    assert ("╰" in devices) == (height == 11), "there the devices stand on the border"


def test_a_packet_in_a_tunnel_is_between_two_nodes_where_two_fit(three: Session) -> None:
    session = at(three, StepKind.ENCAPSULATED)
    layout, grid = board(session, 58, 14)
    assert (layout.hidden_nodes, TUNNEL_SPOT in layout.rails) == (1, True)
    assert text(grid).count("═") > 5
    assert board(Session(three.world), 58, 14)[0].hidden_nodes == 2


@pytest.fixture(scope="module")
def three(across: Session) -> Session:
    """The call across nodes, in a cluster of three."""
    cluster = across.world.cluster
    more = Node("node-c", (ip_address("192.168.10.3"),), (), (ip_network("10.244.2.0/24"),))
    world = across.world.with_cluster(replace(cluster, nodes=(*cluster.nodes, more)))
    asked = Injection("pod/default/client", "svc/default/web:80")
    return Session(world).injected(asked, Choices(pin="10.244.1.5:8080"))


async def test_what_is_hidden_is_counted_at_once_and_after_a_resize(three: Session) -> None:
    pane = TopologyMap()
    pane.session = three

    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            yield pane

    async with Bare().run_test(size=(58, 11)) as pilot:
        await pilot.pause()
        assert str(pane._border_subtitle) == "1 more node · 1 more Service"
        await pilot.resize_terminal(120, 30)
        await pilot.pause()
        assert pane.border_subtitle == ""


# ---------------------------------------------------------------- big clusters


@pytest.fixture(scope="module")
def big() -> Session:
    """Forty nodes of thirty pods."""
    nodes = tuple(
        Node(
            f"node-{n}", (ip_address(f"192.168.10.{n + 1}"),), (), (ip_network(f"10.244.{n}.0/24"),)
        )
        for n in range(40)
    )
    pods = tuple(
        Pod("load", f"pod-{n}-{i}", f"node-{n}", (ip_address(f"10.244.{n}.{i + 2}"),))
        for n in range(40)
        for i in range(30)
    )
    session = Session(World(Cluster(nodes, pods)))
    return session.injected(Injection("pod/load/pod-3-17", "pod/load/pod-21-4:80"), Choices())


def test_a_big_cluster_shows_what_the_packet_touches_and_counts_the_rest(big: Session) -> None:
    layout, grid = board(big)
    shown = text(grid)
    assert "pod-3-17" in shown
    assert "pod-21-4" in shown
    drawn = sum(frame.height == 3 for frame in layout.frames)
    assert layout.hidden_nodes == 38
    assert drawn + layout.hidden_pods == 1200


def test_what_is_sought_is_drawn_whatever_the_packet_touches(big: Session) -> None:
    layout = lay_out(cast_of(big, ("pod/load/pod-39-28",)), 76, 16)
    assert "pod-39-28" in [frame.title for frame in layout.frames]


@pytest.fixture
def three_services(world: World) -> Session:
    """Services after `web`, and a board with room for one of them only."""
    web = world.cluster.services[0]
    more = tuple(
        replace(web, name=f"more-{i}", cluster_ips=(f"10.97.0.{i + 1}",)) for i in range(2)
    )
    cluster = replace(world.cluster, services=(*world.cluster.services, *more))
    return Session(world.with_cluster(cluster))


def test_a_sought_service_has_the_first_line(three_services: Session) -> None:
    cast = cast_of(three_services, ("svc/default/more-1",))
    assert cast.services[0] == ("more-1", "10.97.0.2:80")
    assert cast.mentioned == 1


async def test_another_sought_thing_draws_the_map_anew_and_a_service_can_be_clicked(
    three_services: Session,
) -> None:
    clicked: list[TopologyMap.DeviceSelected] = []

    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            yield TopologyMap()

        def on_topology_map_device_selected(self, event: TopologyMap.DeviceSelected) -> None:
            clicked.append(event)

    async with Bare().run_test(size=(76, 15)) as pilot:
        pane = pilot.app.query_one(TopologyMap)
        pane.session = three_services
        pane.sought = ("svc/default/more-1",)
        await pilot.pause()
        rows = pane.text_rows()
        row = next(i for i, text in enumerate(rows) if "more-1" in text)
        await pilot.click(TopologyMap, offset=(4, row))
        assert [(each.place, each.device) for each in clicked] == [("svc/default/more-1", "")]


# ---------------------------------------------------------------- pods without a box

SMALL_PANE = (76, 11)
"""What a terminal of 80x24 leaves for the map."""
NAMES = ("frontend-7d9c5b6f4-x2k8p", "cart-0", "postgres-0", "client")


def twelve(six: bool) -> Session:
    """Three nodes with four pods each."""
    nodes, pods = [], []
    for i, letter in enumerate("abc"):
        net = f"fd00:{i}::" if six else f"10.244.{i}."
        own = ip_address(f"fd00:10::{i + 1}" if six else f"192.168.10.{i + 1}")
        cidr = ip_network(f"{net}/64" if six else f"{net}0/24")
        nodes.append(Node(f"node-{letter}", (own,), pod_cidrs=(cidr,)))
        for number, name in enumerate(NAMES):
            ips = (ip_address(f"{net}{number + 5}"),)
            pods.append(Pod("shop", f"{name}{letter}", node=f"node-{letter}", ips=ips))
    return Session(World(Cluster(tuple(nodes), tuple(pods))))


def ends(name: str) -> str:
    """What of a pod's name must be left where there is no room for all of it."""
    return name if len(name) <= 9 else name[-2:]


@pytest.mark.parametrize("six", [False, True])
def test_three_nodes_and_twelve_pods_fit_a_small_pane(six: bool) -> None:
    session = twelve(six)
    layout, grid = board(session, *SMALL_PANE)
    assert layout.hidden_pods == 0
    assert layout.height <= SMALL_PANE[1]
    drawn = {label.spot[0]: label for label in layout.labels if label.spot[0].startswith("pod/")}
    assert len(drawn) == 12
    for place, label in drawn.items():
        assert ends(place.rsplit("/", 1)[-1]) in label.text
        assert label.text in grid.lines()[label.y].text
        assert layout.spot_at(label.x, label.y) == (place, "")


def test_names_do_not_touch_each_other() -> None:
    layout, _ = board(twelve(False), *SMALL_PANE)
    rows: dict[int, list[tuple[int, int]]] = {}
    for label in layout.labels:
        rows.setdefault(label.y, []).append((label.x, label.x + len(label.text)))
    for spans in rows.values():
        assert all(one[1] < other[0] for one, other in pairwise(sorted(spans)))


def test_with_more_room_those_that_matter_have_boxes_and_the_others_names() -> None:
    layout, grid = board(twelve(False), 76, 16)
    assert layout.hidden_pods == 0
    boxes = {frame.spot[0] for frame in layout.frames if frame.height == 3}
    assert len(boxes) == 6
    assert "cart-0a" in text(grid)


def test_the_packet_is_seen_in_a_pod_without_a_box() -> None:
    session = twelve(False).injected(Injection("pod/shop/clienta", "pod/shop/clientb:80"))
    _, grid = board(session, *SMALL_PANE)
    assert "clienta" in "".join(lit(grid))


def test_a_node_with_too_many_pods_has_boxes_and_a_count(big: Session) -> None:
    layout, _ = board(big, *SMALL_PANE)
    assert layout.hidden_pods > 0
    assert not [label for label in layout.labels if label.spot[0].startswith("pod/")]
