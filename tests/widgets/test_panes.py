"""Panes around a session: what each says at which step."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from textual.geometry import Size

from tui.session import Session, Unit
from tui.sim.engine import Choices, Injection
from tui.sim.model.connection import ConntrackEntry
from tui.sim.model.settings import NodeFacts, ProxyMode
from tui.sim.trace import StepKind
from tui.theme import Role
from tui.widgets.chain_stepper import ChainStepper
from tui.widgets.conntrack_table import ConntrackTable
from tui.widgets.conntrack_text import print_entry
from tui.widgets.header_line import HeaderLine
from tui.widgets.headline import headline
from tui.widgets.journey import Journey
from tui.widgets.line import Line
from tui.widgets.packet_card import PacketCard
from tui.widgets.packet_header import changed_fields, ends_of, facts_of, header_line
from tui.widgets.pane import Pane
from tui.widgets.strip_map import StripMap
from tui.widgets.table_view import fitted
from tui.widgets.transport import Transport
from tui.words import use

Show = Callable[..., Awaitable[list[str]]]
WORDS = use("en")


def at(session: Session, kind: StepKind, number: int = 0) -> Session:
    """The session at the n-th step of a kind."""
    return session.moved_to(
        [i for i, m in enumerate(session.moments) if m.step.kind is kind][number]
    )


def rewrite(session: Session) -> Session:
    """At the step that translates the destination."""
    return session.moved_to(next(i for i, m in enumerate(session.moments) if m.step.rewrites))


def holding(pane: Pane, session: Session) -> Pane:
    pane.session = session  # type: ignore[attr-defined]
    return pane


# ---------------------------------------------------------------- the packet card


async def test_the_card_marks_what_changed(show: Show, across: Session) -> None:
    before, after, *rest = await show(holding(PacketCard(), rewrite(across)), 120, 5)
    assert "10.96.31.7:80" in before
    assert "10.244.1.5:8080" in after
    assert "NEW" in after
    assert "owner Service default/web" in " ".join(rest)


async def test_the_card_says_when_nothing_changed(show: Show, across: Session) -> None:
    rows = await show(holding(PacketCard(), across.moved_to(0)), 120, 5)
    assert rows[1].split() == ["after", "unchanged"]
    assert rows[-1].startswith(" next ▸")


async def test_the_card_shows_outer_and_inner_headers_in_a_tunnel(
    show: Show, across: Session
) -> None:
    outer, inside, *_ = await show(holding(PacketCard(), at(across, StepKind.ENCAPSULATED)), 120, 5)
    assert "192.168.10.1" in outer
    assert "vxlan 1" in outer
    assert "110 B" in outer
    assert "10.244.0.7" in inside
    assert "10.244.1.5:8080" in inside


async def test_the_last_step_says_what_the_client_feels(show: Show, across: Session) -> None:
    rows = await show(holding(PacketCard(), across.moved(Unit.END, 1)), 120, 5)
    assert "the client ▸ The client has its answer" in rows[-1]


async def test_the_card_needs_no_packet(show: Show, fresh: Session) -> None:
    assert await show(holding(PacketCard(), fresh), 60, 5) == [" No packet yet."]


@pytest.mark.parametrize("width", [40, 58, 78, 118])
async def test_every_step_fits_the_card(show: Show, across: Session, width: int) -> None:
    for position in range(0, len(across.moments), 17):
        assert len(await show(holding(PacketCard(), across.moved_to(position)), width, 5)) == 5


@pytest.fixture(scope="module")
def walks(across: Session) -> tuple[Session, ...]:
    """Packets that meet most of what there is: DNAT, marks, masquerading, a tunnel, every mode."""
    marked = Session(across.world).injected(
        Injection("node/node-a", "svc/default/web:80"), Choices(pin="10.244.1.5:8080")
    )
    return tuple(walk.with_mode(mode) for walk in (across, marked) for mode in ProxyMode)


@pytest.mark.parametrize(("width", "height"), [(78, 5), (118, 5)])
def test_what_the_card_says_is_never_cut(
    walks: tuple[Session, ...], width: int, height: int
) -> None:
    for session in walks:
        for i, moment in enumerate(session.moments):
            here = session.moved_to(i)
            card = holding(PacketCard(), here)
            card.room = Size(width, height)
            rows = [line.text for line in card.lines(width)]
            assert len(rows) == height
            said = " ".join(" ".join(rows[1:]).split())
            assert WORDS.sentence(moment.step.reason) in said, rows
            assert (moment.step.owner or "") in said
            assert rows[-1].startswith((" next ▸", " the client ▸"))


def test_what_changed_is_on_the_card_first_and_whole(
    walks: tuple[Session, ...],
) -> None:
    for session in walks:
        for i, moment in enumerate(session.moments):
            here, after = session.moved_to(i), moment.step.packet
            before = here.packet_before
            assert before is not None
            if (before.inner is None) != (after.inner is None):
                continue
            card = holding(PacketCard(), here)
            card.room = Size(78, 5)
            rows = card.lines(78)
            head = rows[0].text + rows[1].text
            wanted = {"source": after.from_text, "destination": after.to_text,
                      "mark": f"{after.mark:#x}", "ttl": str(after.ttl)}  # fmt: skip
            for field in changed_fields(before, after) & wanted.keys():
                assert wanted[field] in head
                assert "…" not in head


async def test_in_a_tunnel_both_packets_stay_where_the_sentence_is_long(
    show: Show, across: Session
) -> None:
    inside = at(across, StepKind.ENCAPSULATED)
    outer, inner, *said = await show(holding(PacketCard(), inside), 78, 5)
    assert "→ 192.168.10.2:8472  UDP vxlan 1" in outer
    assert "→ 10.244.1.5:8080" in inner
    assert "50 bytes larger." in " ".join(said)
    row, *said = await show(holding(PacketCard(), inside), 78, 4)
    assert "→ 192.168.10.2:8472  inside → 10.244.1.5:8080" in row
    assert "50 bytes larger." in " ".join(said)


def test_a_row_leaves_out_whole_facts_and_never_what_changed(across: Session) -> None:
    packet = across.moments[0].step.packet
    ends, changed = ends_of(packet), frozenset({"ttl"})
    size = sum(len(text) for text, _ in ends)
    for width in range(size + 10, size + 60):
        facts = facts_of(packet, WORDS, changed)
        text = header_line((" x", Role.FAINT), ends, facts, width).text
        assert text.endswith(("ttl 64", "TCP SYN", "60 B"))
        assert "ttl 64" in text


# ---------------------------------------------------------------- tables


STEPPER = {
    StepKind.ORIGINATED: ("IPv4", "10.244.0.7 → 10.96.31.7"),
    StepKind.ROUTED: ("$ ip route", "▶ default via 10.244.0.1 dev eth0"),
    StepKind.NEIGHBOUR_FOUND: ("$ ip neigh show dev eth0", "▶ 10.244.0.1 dev eth0 lladdr"),
    StepKind.SENT: ("pod/default/client", "━━━━━▶"),
    StepKind.RECEIVED: ("node/node-a", "port of cni0"),
    StepKind.BRIDGED: ("$ bridge fdb show br cni0", "dev cni0 self permanent"),
    StepKind.ENCAPSULATED: ("outer headers, put around", "the frame inside"),
    StepKind.DECAPSULATED: ("outer headers, taken off", "10.244.1.5"),
    StepKind.DELIVERED: ("delivered", "called 10.96.31.7:80, reached 10.244.1.5:8080"),
}


@pytest.mark.parametrize("kind", STEPPER)
async def test_steps_outside_netfilter_show_the_table_they_asked(
    show: Show, across: Session, kind: StepKind
) -> None:
    rows = "\n".join(await show(holding(ChainStepper(), at(across, kind)), 76, 12))
    for wanted in STEPPER[kind]:
        assert wanted in rows


async def test_the_marked_route_is_the_one_that_the_step_took(show: Show, across: Session) -> None:
    for session in (across, across.with_mode(ProxyMode.IPVS)):
        for i, moment in enumerate(session.moments):
            if moment.step.kind is StepKind.ROUTED:
                rows = await show(holding(ChainStepper(), session.moved_to(i)), 100, 24)
                marked = [row[3:] for row in rows if row.startswith(" ▶ ")]
                assert marked == [moment.step.reason.fields["route"]]
                command = "ip route show table local" if "local" in marked[0] else "ip route"
                assert rows[0] == f" $ {command}"


async def test_a_local_delivery_shows_the_table_local(show: Show, across: Session) -> None:
    arrived = at(across, StepKind.ROUTED, -1)
    rows = await show(holding(ChainStepper(), arrived), 100, 12)
    assert rows[:4] == [
        " $ ip route show table local",
        " ▶ local 10.244.0.7 dev eth0 proto kernel scope host src 10.244.0.7",
        "   local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1",
        "   local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1",
    ]


@pytest.mark.parametrize(
    ("lit", "shown"),
    [(1, ["$", "1*", "2", "⋮ 3 more"]), (3, ["$", "⋮ 2 more", "3*", "⋮ 2 more"]),
     (5, ["$", "⋮ 3 more", "4", "5*"])],
)  # fmt: skip
def test_a_long_table_keeps_its_command_and_tells_its_cuts(lit: int, shown: list[str]) -> None:
    rows = [Line.of("$"), *(Line.of(f"{i}{'*' * (i == lit)}", lit=i == lit) for i in range(1, 6))]
    assert [line.text.strip() for line in fitted(rows, 4, WORDS)] == shown


async def test_alone_on_the_screen_the_stepper_says_the_sentence(
    show: Show, across: Session
) -> None:
    pane = ChainStepper()
    pane.speaks = True
    rows = " ".join(await show(holding(pane, at(across, StepKind.ROUTED)), 76, 20))
    assert "The most specific route" in rows


async def test_before_the_first_packet_the_services_are_listed(show: Show, fresh: Session) -> None:
    rows = "\n".join(await show(holding(ChainStepper(), fresh), 76, 12))
    assert "default/web" in rows
    assert "2 of 2 ready" in rows


async def test_conntrack_marks_the_entry_that_this_step_made(show: Show, across: Session) -> None:
    made = next(i for i, m in enumerate(across.moments) if m.step.conntrack)
    before = await show(holding(ConntrackTable(), across.moved_to(made - 1)), 100, 20)
    after = await show(holding(ConntrackTable(), across.moved_to(made)), 100, 20)
    assert "Empty" in "".join(before)
    assert " + tcp  SYN_SENT" in "".join(after)
    assert "DNAT" in "".join(after)
    assert "[UNREPLIED]" in "".join(after)
    assert any("dst=10.96.31.7 sport=" in row for row in after)


async def test_every_host_that_remembers_something_shows_its_table(
    show: Show, across: Session
) -> None:
    asked = Injection("external/203.0.113.7", "pod/default/web-2:8080")
    ended = Session(across.world).injected(asked).moved(Unit.END, 1)
    rows = await show(holding(ConntrackTable(), ended), 78, 20)
    tables = [row for row in rows if "conntrack -L" in row]
    assert tables[0].endswith("# external/203.0.113.7")
    assert "Empty" in rows[1]
    assert [row.partition("# ")[2] for row in tables[1:]] == sorted(ended.conntrack)
    assert any("src=203.0.113.7 dst=10.244.1.5" in row for row in rows)


async def test_the_host_in_view_comes_first_and_nothing_of_an_entry_is_cut(
    show: Show, across: Session
) -> None:
    there = next(
        across.moved_to(i)
        for i, m in enumerate(across.moments)
        if m.hop.namespace == "node/node-b" and "node/node-b" in across.moved_to(i).conntrack
    )
    rows = await show(holding(ConntrackTable(), there), 58, 40)
    assert [row.partition("# ")[2] for row in rows if "conntrack -L" in row] == [
        "node/node-b", "node/node-a",
    ]  # fmt: skip
    assert "…" not in "".join(rows)


def test_an_entry_prints_as_conntrack_prints_it(across: Session) -> None:
    entry: ConntrackEntry = next(
        m.step.conntrack[0].entry for m in across.moments if m.step.conntrack
    )
    text = print_entry(entry)
    assert text.startswith("tcp      6 120 SYN_SENT src=10.244.0.7 dst=10.96.31.7 sport=")
    assert "[UNREPLIED] src=10.244.1.5 dst=10.244.0.7 sport=8080" in text
    answered = print_entry(replace(entry, replied=True, assured=True))
    assert answered.endswith(" [ASSURED] mark=0 use=1")


# ---------------------------------------------------------------- lines


async def test_the_journey_lists_legs_namespaces_and_steps(show: Show, across: Session) -> None:
    rows = await show(holding(Journey(), across.moved_to(3)), 60, 300)
    assert sum("▶" in row for row in rows) == 1
    assert rows[0].startswith(" request")
    assert any(row.startswith(" answer") for row in rows)
    assert across.trace is not None
    hops = [hop for leg in across.trace.outcomes[0].legs for hop in leg.hops]
    assert len([row for row in rows if "┌" in row]) == len(hops)


async def test_the_transport_has_its_cursor_where_the_session_has(
    show: Show, across: Session
) -> None:
    def cursor(rows: list[str]) -> int:
        return rows[0].index("◉")

    start = await show(holding(Transport(), across.moved_to(0)), 100, 1)
    later = await show(holding(Transport(), across.moved_to(40)), 100, 1)
    assert "1/197" in start[0]
    assert cursor(start) < cursor(later)
    assert start[0].count("✓") == 2


async def test_the_transport_is_as_wide_as_its_pane(show: Show, across: Session) -> None:
    for width in (40, 80, 250):
        rows = await show(holding(Transport(), across), width, 1)
        assert len(rows[0]) == width - 1


async def test_the_strip_keeps_the_current_stop_in_view(show: Show, across: Session) -> None:
    for position in range(len(across.moments)):
        session = across.moved_to(position)
        assert session.moment is not None
        name = session.moment.hop.namespace.rsplit("/", 1)[-1]
        pane = StripMap()
        rows = holding(pane, session).lines(50)
        assert f" {name} " in rows[0].text[:50]


async def test_the_header_names_mode_plugin_node_and_step(show: Show, across: Session) -> None:
    pane = HeaderLine()
    pane.heading = "Service ▸ The way"
    row = (await show(holding(pane, across.moved_to(16)), 120, 1))[0]
    for wanted in (
        "k8snet",
        "Service ▸ The way",
        "[iptables]",
        "nftables",
        "ipvs",
        "flannel",
        "node-a",
        "step 17/197",
    ):
        assert wanted in row
    narrow = (await show(holding(HeaderLine(), across), 60, 1))[0]
    assert "[iptables]" in narrow
    assert "nftables" not in narrow


def test_headlines_say_the_one_thing_that_matters(across: Session) -> None:
    lines = [headline(moment.step, WORDS) for moment in across.moments]
    assert "hook  PREROUTING" in lines
    assert "DNAT 10.96.31.7:80 → 10.244.1.5:8080" in lines
    assert "PREROUTING:1 → KUBE-SERVICES" in lines
    assert lines[-1] == "delivered"


def test_a_new_mac_address_is_no_rewrite(across: Session) -> None:
    changed = [m.step for m in across.moments if m.step.changes]
    kinds = {step.kind for step in changed if step.rewrites}
    assert StepKind.NEIGHBOUR_FOUND not in kinds
    assert StepKind.RULE_MATCHED in kinds


async def test_a_dropped_packet_says_so(show: Show, fresh: Session) -> None:
    deaf = replace(fresh.world, facts={"node-a": NodeFacts(ip_forward=False)})
    asked = Injection("pod/default/client", "pod/default/web-2:8080")
    lost = at(Session(deaf).injected(asked), StepKind.DROPPED)
    pane = PacketCard()
    assert "✗" in "".join(await show(holding(pane, lost), 120, 5))
    assert "dropped" in str(pane.border_title)
    assert pane.has_class("-dropped")
