"""The inspector: sections of places, Services and objects, finding, copying, and links."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.screens.explorer_pilot import explorer_at, press, screen
from tui.app import K8sNetApp
from tui.cli.parser import parser
from tui.cli.settings import world_of
from tui.screens.inspected import inspected
from tui.screens.inspector import Inspector, Sheet
from tui.screens.menu import Menu
from tui.screens.sections import MOST_ROWS, Block, printed
from tui.session import Session
from tui.sim.engine import Choices, Injection, World
from tui.sim.model.cluster import Endpoint
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace
from tui.widgets.line import Line
from tui.words import use

DEMO = world_of(parser().parse_args(["sandbox"]))


def sections(session: Session, place: str) -> dict[str, str]:
    """The text of each section of a place, by its label."""
    found = inspected(session, place, "", use())
    assert found is not None
    return {s.label: "\n".join(block.text for block in s.make()) for s in found.sections}


def to_web(world: World = DEMO, mode: ProxyMode = ProxyMode.IPTABLES) -> Session:
    asked = Injection("pod/shop/client", "svc/shop/web:80")
    return Session(world.with_mode(mode)).injected(asked, Choices(pin="10.244.1.5:8080"))


# ---------------------------------------------------------------- places


def test_a_node_has_a_section_for_each_tool() -> None:
    found = sections(to_web(), "node/node-a")
    assert list(found) == [
        "network", "node", "routes", "conntrack", "iptables", "ip6tables"
    ]  # fmt: skip
    assert "InternalIP  192.168.10.1" in found["node"]
    assert "zone        zone-a" in found["node"]
    assert "10.244.1.0      10.244.1.0      255.255.255.0   UG    0 " in found["routes"]
    assert "32766:  from all lookup main" in found["routes"]
    assert "-A KUBE-SERVICES " in found["iptables"]
    assert "-A FLANNEL-POSTRTG " in found["iptables"], "the plugin's rules belong there too"


@pytest.mark.parametrize(
    ("mode", "labels", "said"),
    [
        (ProxyMode.NFTABLES, {"nft", "nft6", "iptables"}, "table ip kube-proxy {"),
        (ProxyMode.IPVS, {"ipset", "ipvsadm", "iptables"}, "-A -t 10.96.31.7:80 -s rr"),
    ],
)
def test_the_rules_are_those_of_the_mode(mode: ProxyMode, labels: set[str], said: str) -> None:
    found = sections(to_web(mode=mode), "node/node-a")
    assert labels <= set(found)
    assert any(said in text for text in found.values())


def test_conntrack_is_that_of_the_moment() -> None:
    session = to_web()
    assert sections(session, "node/node-a")["conntrack"] == "conntrack -L\n"
    entry = sections(session.moved_to(len(session.moments)), "node/node-a")["conntrack"]
    assert "tcp      6 60 SYN_RECV src=10.244.0.7 dst=10.96.31.7 " in entry
    assert entry.endswith(" mark=0 use=1\n")


def test_a_port_of_a_bridge_is_named_with_it() -> None:
    found = sections(to_web(DEMO.with_plugin("bridge")), "node/node-a")["network"]
    forwarding = found.partition("bridge fdb show\n")[2].splitlines()
    assert all(" master cni0" in line for line in forwarding if " dev veth" in line)


def test_a_pod_names_its_containers_ports_and_services() -> None:
    found = sections(to_web(), "pod/shop/web-1")
    assert list(found) == ["network", "pod", "routes"]
    assert "node       node-a" in found["pod"]
    assert "shop/web  app=web" in found["pod"]
    assert "8080/TCP" in found["pod"]


# ---------------------------------------------------------------- Services


def test_a_service_tells_its_object_endpoints_chains_and_names() -> None:
    found = sections(to_web(), "svc/shop/web")
    assert list(found) == ["Service", "endpoints", "chains", "names"]
    assert "an address only: no device has it, rules rewrite it" in found["Service"]
    assert found["endpoints"].count("✓ used") == 3
    assert "on node-a" in found["endpoints"]
    assert "-j KUBE-SVC-" in found["chains"]
    assert "   # step 11 of " in found["chains"]
    assert found["chains"].index("-S KUBE-SERVICES | grep shop/web") < found["chains"].index("SEP-")
    assert "--to-destination 10.244.1.5:8080" in found["chains"]
    assert "api" not in found["chains"], "rules of no other Service"
    assert "web.shop.svc.cluster.local\n10.96.31.7\n" in found["names"]


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (ProxyMode.NFTABLES, "chain service-"),
        (ProxyMode.IPVS, "-a -t 10.96.31.7:80 -r 10.244.1.5:8080 -m -w 1"),
    ],
)
def test_the_chains_are_those_of_the_mode(mode: ProxyMode, said: str) -> None:
    chains = sections(to_web(mode=mode), "svc/shop/web")["chains"]
    assert said in chains
    assert "10.96.44.20" not in chains


def with_endpoints(*changes: Mapping[str, object], **service: object) -> Session:
    """The demo with changes to the endpoints of shop/web, in their order, and to the Service."""

    def changed(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
        each = [*changes, *({} for _ in endpoints[len(changes) :])]
        return tuple(replace(e, **how) for e, how in zip(endpoints, each, strict=True))

    cluster = DEMO.cluster
    slices = tuple(
        replace(s, endpoints=changed(s.endpoints)) if s.service == "web" else s
        for s in cluster.slices
    )
    services = tuple(replace(s, **service) if s.name == "web" else s for s in cluster.services)
    return Session(DEMO.with_cluster(replace(cluster, slices=slices, services=services)))


NOT_READY: Mapping[str, object] = {"ready": False, "serving": False}
LEAVING: Mapping[str, object] = {"ready": False, "serving": True, "terminating": True}
HINTS: list[Mapping[str, object]] = [
    {"zone_hints": ("zone-a",)},
    {"zone_hints": ("zone-b",)},
    {"zone_hints": ("zone-b",)},
]


@pytest.mark.parametrize(
    ("session", "said"),
    [
        (with_endpoints(NOT_READY), ["✗ not used: it is not ready"]),
        (with_endpoints(LEAVING), ["✗ not used: it is going away, and others are ready"]),
        (with_endpoints(LEAVING, LEAVING, LEAVING),
         ["✓ used: none is ready, and this one still serves"]),
        (with_endpoints(internal_traffic_policy="Local"),
         ["✓ used by traffic of policy Local: it is on node-a",
          "✗ not used: the policy is Local, and it is not on node-a"]),
        (with_endpoints(*HINTS), ["✗ not used: topology hints keep it for other zones"]),
    ],
    ids=["not ready", "leaving", "all leaving", "Local", "hints"],
)  # fmt: skip
def test_every_endpoint_says_why_it_is_used_or_not(session: Session, said: list[str]) -> None:
    text = sections(session, "svc/shop/web")["endpoints"]
    assert all(each in text for each in said), text


def test_every_service_of_every_mode_can_be_inspected() -> None:
    for mode in ProxyMode:
        session = to_web(mode=mode)
        for each in session.world.cluster.services:
            assert all(sections(session, f"svc/{each.namespace}/{each.name}").values())
        for name in session.world.network.namespaces:
            assert sections(session, name)


# ---------------------------------------------------------------- the dialog


def at_dnat(session: Session) -> Session:
    return session.moved_to(
        next(i for i, m in enumerate(session.moments) if m.step.changes and m.step.owner)
    )


def sheet(pilot: Pilot[None]) -> Sheet:
    assert isinstance(pilot.app.screen, Inspector)
    return pilot.app.screen.query_one(Sheet)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_sections_are_switched_by_digit_tab_and_arrow(size: tuple[int, int]) -> None:
    async with explorer_at(at_dnat(to_web()), size) as pilot:
        await press(pilot, "s")
        assert "$ ip addr" in sheet(pilot).text_rows()
        for keys, command in (
            (["3"], "$ ip route get 10.244.1.5"),
            (["tab"], "$ conntrack -L"),
            (["right"], "$ iptables-save"),
            (["left", "shift+tab"], "$ ip route get 10.244.1.5"),
            (["1", "left"], "$ ip6tables-save"),
        ):
            await press(pilot, *keys)
            assert sheet(pilot).text_rows()[0].startswith(command)
        await press(pilot, "escape")
        assert len(pilot.app.screen_stack) == 1


async def test_in_a_big_cluster_a_section_is_made_beside_the_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = at_dnat(to_web())
    async with explorer_at(session) as pilot:
        monkeypatch.setattr("tui.screens.sending.BIG", 0)
        await press(pilot, "s", "5")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert sheet(pilot).text_rows()[0] == "$ iptables-save"
        assert any("KUBE-SVC-" in row for row in sheet(pilot).text_rows())


async def test_what_cannot_be_made_out_is_said_in_its_section() -> None:
    async with explorer_at(with_endpoints(cluster_ips=("10.96.31.7", "nonsense"))) as pilot:
        screen(pilot).inspect("svc/shop/web", "")
        await press(pilot, "4")
        assert sheet(pilot).text_rows()[0] == "# The simulator failed on this"
        assert "nonsense" in sheet(pilot).text_rows()[1]


async def test_text_is_found_and_the_next_one_too() -> None:
    async with explorer_at(at_dnat(to_web())) as pilot:
        await press(pilot, "s", "5", "slash", *"dnat")
        assert pilot.app.screen.query_one(Input).value == "dnat"
        first = sheet(pilot).scroll_y
        assert first > 0
        await press(pilot, "enter", "n", "n", "n", "n", "n", "n")
        assert sheet(pilot).scroll_y > first
        lit = [line.text for line in sheet(pilot)._lines if line.lit and "-A " in line.text]
        assert len(lit) > 6
        assert any(line.startswith("  -A KUBE-SEP-") for line in lit)
        assert not any(line.startswith("  -A KUBE-SVC-") for line in lit)
        await press(pilot, "slash", "escape")
        assert isinstance(pilot.app.screen, Inspector), "escape leaves the field first"


async def test_a_section_is_copied_and_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    async with explorer_at(at_dnat(to_web())) as pilot:
        await press(pilot, "s", "3", "y", "Y")
        assert "route -n\nKernel IP routing table\n" in pilot.app.clipboard
        [file] = (tmp_path / "k8snet-tui").iterdir()
        assert file.name.endswith("-node_node-a-routes.txt")
        assert file.read_text() == pilot.app.clipboard


async def test_the_owner_of_a_rule_is_opened_and_leads_to_its_chain_and_its_pods() -> None:
    session = at_dnat(to_web())
    async with explorer_at(session.moved_to(0)) as pilot:
        await press(pilot, "O")
        assert len(pilot.app.screen_stack) == 1, "the first step belongs to nobody"
        screen(pilot).session = session
        await press(pilot, "O")
        assert "svc/shop/web" in str(pilot.app.screen.query_one(".box").border_title)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, Menu)
        await press(pilot, "1")
        now = screen(pilot).session
        assert now is not None
        assert now.moment is not None
        assert now.moment.step.place is not None
        assert now.moment.step.place.chain.startswith("KUBE-SVC-")
        await press(pilot, "ㅒ", "enter", "3")
        assert "pod/shop/web-1" in str(pilot.app.screen.query_one(".box").border_title)


async def test_backspace_goes_back_to_what_was_shown_before() -> None:
    def title(pilot: Pilot[None]) -> str:
        return str(pilot.app.screen.query_one(".box").border_title)

    async with explorer_at(at_dnat(to_web()), (80, 24)) as pilot:
        await press(pilot, "O", "backspace")
        assert "svc/shop/web" in title(pilot), "nothing was shown before"
        await press(pilot, "enter", "3")
        assert "pod/shop/web-1" in title(pilot)
        assert "bksp" in str(pilot.app.screen.query_one(".box").border_subtitle)
        await press(pilot, "backspace")
        assert "svc/shop/web" in title(pilot)
        await press(pilot, "escape")
        assert len(pilot.app.screen_stack) == 1


async def test_the_palette_asks_in_the_words_of_the_language() -> None:
    async with K8sNetApp(world=DEMO, lang="ko").run_test() as pilot:
        await press(pilot, "ctrl+p")
        assert pilot.app.screen.query_one(Input).placeholder == use("ko")(
            "type some of a command's name"
        )


async def test_a_click_on_a_chain_goes_to_its_step() -> None:
    session = at_dnat(to_web())
    async with explorer_at(session) as pilot:
        await press(pilot, "O", "3")
        row = next(i for i, t in enumerate(sheet(pilot).text_rows()) if "-A KUBE-SVC-" in t)
        await pilot.click(Sheet, offset=(10, row))
        await pilot.pause()
        now = screen(pilot).session
        assert now is not None
        assert now.position < session.position
        assert len(pilot.app.screen_stack) == 1


def test_what_is_too_long_is_cut_with_a_count_and_copied_whole() -> None:
    text = "".join(f"-A X -j {i}\n" for i in range(MOST_ROWS + 500))
    block = printed("iptables-save", text, use())
    assert len(block.rows) == MOST_ROWS + 1
    assert block.rows[-1].text == "… 500 more lines: Y saves them all"
    assert block.text == f"iptables-save\n{text}"


@pytest.mark.parametrize("width", [30, 56, 74, 100])
def test_nothing_is_cut_at_the_side(width: int) -> None:
    for place in ("node/node-a", "pod/shop/web-1", "svc/shop/web"):
        found = inspected(to_web(), place, "", use())
        assert found is not None
        for section in found.sections:
            blocks: list[Block] = list(section.make())
            lines: list[Line] = Sheet(blocks, use()).lines(width)
            assert all(line.width <= width for line in lines)


def test_a_node_of_a_cloud_tells_how_full_its_cards_are() -> None:
    said = sections(Session(DEMO.with_plugin("aws-vpc")), "node/node-a")["cards"]
    assert "eth0 192.168.10.1: 4 of 9 addresses are leased to pods" in said
    assert "eth1 192.168.10.31: 1 of 9 addresses are leased to pods" in said
    assert "m5.large: 3 cards with 9 slots of 1 for pods" in said
    assert "max-pods is 29" in said
