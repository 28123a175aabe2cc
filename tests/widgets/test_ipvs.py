"""IPVS mode on the screen: virtual servers, sets, connections, and what waits at first."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from tui.session import Moment, Session, Unit
from tui.sim.engine import Choices, Injection, World
from tui.sim.model.cluster import Cluster, Endpoint, EndpointSlice, Service
from tui.sim.model.connection import ConnTuple
from tui.sim.model.settings import ProxyMode
from tui.sim.netfilter.hooks import Hook
from tui.sim.trace import ReasonCode, StepKind
from tui.widgets.chain_stepper import ChainStepper, trail
from tui.widgets.conntrack_table import ConntrackTable
from tui.widgets.ipvs_replay import ipvs_at
from tui.widgets.line import Line
from tui.widgets.pane import Pane
from tui.widgets.rest_view import MOST_RULES, rest_lines
from tui.widgets.rule_scene import Scene, scene_of, view_of
from tui.widgets.rule_view import rule_lines
from tui.widgets.topology_map import TopologyMap
from tui.words import use

Show = Callable[..., Awaitable[list[str]]]
WORDS = use("en")
CALL = Injection("pod/default/client", "svc/default/web:80")


@pytest.fixture(scope="module")
def ipvs(across: Session) -> Session:
    """The call of the Service in IPVS mode, to the endpoint on the other node."""
    return across.with_mode(ProxyMode.IPVS)


def at(session: Session, wanted: Callable[[Moment], bool], number: int = 0) -> Session:
    """The session at the n-th moment that is wanted."""
    return session.moved_to([i for i, m in enumerate(session.moments) if wanted(m)][number])


def because(session: Session, code: ReasonCode) -> Session:
    """The session at the first step with a reason."""
    return at(session, lambda m: m.step.reason.code is code)


def in_chain(session: Session, name: str, number: int = 0) -> Session:
    """The session at the n-th step with a rule in a chain."""
    return at(
        session,
        lambda m: m.step.place is not None and m.step.place.chain == name and m.step.place.rule > 0,
        number,
    )


def scene(session: Session, width: int = 74, height: int = 12) -> Scene:
    assert session.moment is not None
    found = scene_of(session, session.moment, WORDS, width, height)
    assert found is not None
    return found


def rows(session: Session, width: int = 74, height: int = 12) -> list[str]:
    lines = rule_lines(scene(session, width, height))
    assert all(line.width <= width for line in lines), "nothing scrolls sideways"
    return [line.text.rstrip() for line in lines]


def lit(session: Session) -> Line:
    return next(line for line in rule_lines(scene(session)) if line.lit)


def holding(pane: Pane, session: Session) -> Pane:
    pane.session = session  # type: ignore[attr-defined]
    return pane


def with_service(world: World, change: Callable[[Service], Service]) -> World:
    """A world in which `default/web` is another."""
    cluster = world.cluster
    services = tuple(change(s) if s.name == "web" else s for s in cluster.services)
    return world.with_cluster(replace(cluster, services=services))


# ---------------------------------------------------------------- the virtual server


def test_a_scheduled_packet_shows_the_virtual_server_as_ipvsadm_does(ipvs: Session) -> None:
    shown = rows(because(ipvs, ReasonCode.IPVS_SCHEDULED))
    assert shown[0] == " $ ipvsadm -Ln -t 10.96.31.7:80"
    assert shown[1] == " TCP  10.96.31.7:80 rr"
    assert shown[2].split() == ["RemoteAddress:Port", "Forward", "Weight", "Active", "Inactive"]
    assert shown[3].split() == ["→", "10.244.0.5:8080", "web-1", "Masq", "1", "0", "0"]
    assert shown[4].split() == ["▶", "→", "10.244.1.5:8080", "web-2", "Masq", "1", "1", "0"]
    assert "owner Service default/web" in shown[-1]


def test_who_chose_the_real_server_is_said(ipvs: Session, world: World) -> None:
    pinned = rows(because(ipvs, ReasonCode.IPVS_SCHEDULED))
    assert "     taken, 1/2: pinned by you  (p to let it go)" in pinned
    drawn = Session(ipvs.world).injected(CALL)
    assert "     taken, 1/2: chance decided  (p to pin)" in rows(
        because(drawn, ReasonCode.IPVS_SCHEDULED)
    )
    second = drawn.injected(CALL)
    assert "     next in turn" in rows(because(second, ReasonCode.IPVS_SCHEDULED))
    hashed = replace(ipvs.world, proxy=replace(ipvs.world.proxy, ipvs_scheduler="sh"))
    picked = rows(because(Session(hashed).injected(CALL), ReasonCode.IPVS_SCHEDULED))
    assert "     picked by sh" in picked


def test_a_client_that_sticks_is_said_to(ipvs: Session) -> None:
    sticky = with_service(
        ipvs.world, lambda s: replace(s, session_affinity="ClientIP", affinity_timeout=600)
    )
    twice = Session(sticky).injected(CALL).injected(CALL)
    shown = rows(because(twice, ReasonCode.IPVS_SCHEDULED))
    assert shown[1] == " TCP  10.96.31.7:80 rr persistent 600"
    assert "     this client sticks to it" in shown


def test_the_rewrite_and_the_answer_show_old_and_new(ipvs: Session) -> None:
    there = rows(because(ipvs, ReasonCode.IPVS_TRANSLATED))
    assert "     destination 10.96.31.7:80 → 10.244.1.5:8080" in there
    back = rows(because(ipvs, ReasonCode.IPVS_UNDONE))
    assert "     source 10.244.1.5:8080 → 10.96.31.7:80" in back
    for code in (ReasonCode.IPVS_TRANSLATED, ReasonCode.IPVS_UNDONE):
        assert "10.244.1.5:8080" in lit(because(ipvs, code)).text


def test_a_virtual_server_without_real_ones_refuses_in_words(ipvs: Session) -> None:
    cluster: Cluster = ipvs.world.cluster
    bare = ipvs.world.with_cluster(
        replace(cluster, slices=tuple(s for s in cluster.slices if s.service != "web"))
    )
    shown = rows(because(Session(bare).injected(CALL), ReasonCode.IPVS_REFUSED))
    assert "     no real server" in shown
    assert "IPVS refuses at once" in " ".join(" ".join(shown).split())


def test_of_many_real_servers_the_one_that_was_taken_is_in_view(ipvs: Session) -> None:
    crowded = _crowded(ipvs.world, 40)
    last = Session(crowded).injected(CALL, Choices(pin="10.244.1.139:8080"))
    shown = rows(because(last, ReasonCode.IPVS_SCHEDULED), height=9)
    assert len(shown) == 9
    assert any(row.startswith(" ▶ → 10.244.1.139:8080") for row in shown)
    assert any("⋮ 37 more real servers" in row for row in shown)


def _crowded(world: World, count: int) -> World:
    """So many endpoints behind the Service."""

    def grown(each: EndpointSlice) -> EndpointSlice:
        if each.service != "web":
            return each
        sample: Endpoint = each.endpoints[0]
        ips = (f"10.244.1.{100 + i}" for i in range(count))
        made = tuple(replace(sample, addresses=(ip,), target=None) for ip in ips)
        return replace(each, endpoints=made)

    cluster = world.cluster
    return world.with_cluster(
        replace(cluster, slices=tuple(grown(each) for each in cluster.slices))
    )


def test_the_title_names_ipvs(ipvs: Session) -> None:
    moment = because(ipvs, ReasonCode.IPVS_SCHEDULED).moment
    assert moment is not None
    assert "".join(text for text, _role in trail(moment, WORDS, 80)) == "INPUT ▸ ipvs"


def test_a_hook_lists_ipvs_by_priority(ipvs: Session) -> None:
    entered = at(
        ipvs,
        lambda m: (
            m.step.kind is StepKind.HOOK_ENTERED
            and m.step.place is not None
            and m.step.place.hook is Hook.INPUT
        ),
    )
    asked = [row.split()[:2] for row in rows(entered, height=20) if row.lstrip()[:1] in "-019l"]
    assert [each for each in asked if each and each[1:] == ["ipvs"]] == [
        ["98", "ipvs"],
        ["99", "ipvs"],
    ]


@pytest.mark.parametrize("width", [40, 58, 74, 120])
def test_every_step_fits(ipvs: Session, width: int) -> None:
    for i, moment in enumerate(ipvs.moments):
        found = scene_of(ipvs.moved_to(i), moment, WORDS, width, 9)
        assert found is None or all(line.width <= width for line in rule_lines(found))


# ---------------------------------------------------------------- rules that ask sets


def test_a_rule_with_a_set_shows_the_element_that_matched(ipvs: Session) -> None:
    shown = rows(in_chain(ipvs, "KUBE-IPVS-FILTER"))
    assert "        ▸ 10.96.31.7,tcp:80" in shown
    assert "        KUBE-CLUSTER-IP: Every cluster IP with its ports." in shown


def test_the_other_elements_are_counted(ipvs: Session) -> None:
    cluster = ipvs.world.cluster
    web = next(s for s in cluster.services if s.name == "web")
    more = tuple(replace(web, name=f"web-{i}", cluster_ips=(f"10.96.40.{i}",)) for i in range(1, 4))
    grown = ipvs.world.with_cluster(replace(cluster, services=(*cluster.services, *more)))
    shown = rows(in_chain(Session(grown).injected(CALL), "KUBE-IPVS-FILTER"))
    assert "        ▸ 10.96.31.7,tcp:80  and 3 others" in shown


def test_no_rule_is_unknown_and_every_match_is_explained_as_one(ipvs: Session) -> None:
    """What the stepper says of a rule agrees with what the walk made of it."""
    asked = 0
    for i, moment in enumerate(ipvs.moments):
        here = ipvs.moved_to(i)
        found = scene_of(here, moment, WORDS, 74, 12)
        chain = found.chain if found is not None else None
        if found is None or chain is None or moment.step.place is None:
            continue
        assert not any("unknown" in row for row in rows(here, height=30))
        if moment.step.kind is StepKind.RULE_MATCHED:
            asked += 1
            assert chain.why(moment.step.place.rule, view_of(found)) is None, (i, moment.step)
    assert asked > 10


def test_what_ipvs_translated_is_no_dnat_to_conntrack(ipvs: Session) -> None:
    sent_on = at(
        ipvs,
        lambda m: (
            m.step.place is not None
            and m.step.place.hook is Hook.POSTROUTING
            and m.step.place.chain == "POSTROUTING"
        ),
    )
    view = view_of(scene(sent_on))
    assert view.states == {"NEW"}
    assert view.out_device == "flannel.1"
    assert view.asked is not None
    assert (str(view.asked.destination), view.asked.dport) == ("10.96.31.7", 80)


def test_before_ipvs_has_the_packet_nothing_was_asked(ipvs: Session) -> None:
    view = view_of(scene(in_chain(ipvs, "KUBE-SERVICES")))
    assert view.asked is None
    moment = in_chain(ipvs, "KUBE-SERVICES").moment
    assert moment is not None
    assert view.bridge_port == moment.hop.device_in
    assert "KUBE-CLUSTER-IP" in view.sets


def test_a_frame_that_no_bridge_brought_has_no_port(ipvs: Session) -> None:
    elsewhere = at(
        ipvs, lambda m: m.hop.namespace == "node/node-b" and scene_of_place(m) == "PREROUTING"
    )
    assert view_of(scene(elsewhere)).bridge_port is None


def scene_of_place(moment: Moment) -> str:
    return moment.step.place.chain if moment.step.place is not None else ""


# ---------------------------------------------------------------- connections


def test_the_replay_ends_where_the_engine_ended(ipvs: Session) -> None:
    first = Session(ipvs.world).injected(CALL)
    for session in (ipvs, first, first.injected(CALL), first.waited(30).injected(CALL)):
        last = len(session.moments) - 1
        for node in ("node/node-a", "node/node-b"):
            assert ipvs_at(session, node, last) == session.after.hosts[node].ipvs


def test_there_is_no_replay_elsewhere(ipvs: Session, across: Session) -> None:
    assert ipvs_at(across, "node/node-a", 0) is None
    assert ipvs_at(ipvs, "pod/default/client", 0) is None


async def test_ipvs_connections_stand_below_conntracks(show: Show, ipvs: Session) -> None:
    made = because(ipvs, ReasonCode.IPVS_SCHEDULED)
    before = "\n".join(await show(holding(ConntrackTable(), made.moved(Unit.STEP, -1)), 80, 20))
    assert "$ ipvsadm -Lnc   # node/node-a" in before
    assert "IPVS has sent on no connection here" in before
    now = await show(holding(ConntrackTable(), made), 80, 20)
    assert " + tcp  SYN_RECV  60 s" in now
    seen = ConnTuple.of(ipvs.moments[0].step.packet)
    assert f"     10.244.0.7:{seen.sport} → 10.96.31.7:80 → 10.244.1.5:8080" in now
    later = await show(holding(ConntrackTable(), made.moved(Unit.STEP, 1)), 80, 20)
    assert "   tcp  SYN_RECV  60 s" in later


async def test_other_modes_have_no_ipvs_connections(show: Show, across: Session) -> None:
    shown = await show(holding(ConntrackTable(), across.moved(Unit.END, 1)), 80, 30)
    assert "ipvsadm" not in "\n".join(shown)


async def test_affinity_is_shown_with_its_seconds(show: Show, ipvs: Session) -> None:
    sticky = with_service(
        ipvs.world, lambda s: replace(s, session_affinity="ClientIP", affinity_timeout=600)
    )
    session = because(
        Session(sticky).injected(CALL, Choices(pin="10.244.1.5:8080")), ReasonCode.IPVS_SCHEDULED
    )
    shown = await show(holding(ConntrackTable(), session), 80, 20)
    assert " + tcp  session affinity  600 s" in shown
    assert "     10.244.0.7 → 10.96.31.7:80 → 10.244.1.5:8080" in shown


# ---------------------------------------------------------------- before the first packet


async def test_before_the_first_packet_the_virtual_servers_are_listed(
    show: Show, ipvs: Session
) -> None:
    shown = await show(holding(ChainStepper(), Session(ipvs.world)), 76, 30)
    start = shown.index(" $ ipvsadm-save -n   # node-a")
    assert "   -A -t 10.96.31.7:80 -s rr" in shown[start:]
    assert "   -a -t 10.96.31.7:80 -r 10.244.1.5:8080 -m -w 1" in shown[start:]
    services = next(i for i, row in enumerate(shown) if "kubectl get services" in row)
    assert services > shown.index("   -A -t 10.96.31.7:80 -s rr")
    assert "iptables-save" not in "\n".join(shown)


def test_many_virtual_servers_are_cut_with_a_count(ipvs: Session) -> None:
    session = Session(_crowded(ipvs.world, 60))
    shown = [line.text for line in rest_lines(session, WORDS, 76)]
    listed = [row for row in shown if row.startswith(("   -A ", "   -a "))]
    assert len(listed) == MOST_RULES
    assert any("more lines" in row for row in shown)


async def test_the_map_knows_that_nodes_bear_the_address(
    show: Show, ipvs: Session, across: Session
) -> None:
    shown = "\n".join(await show(holding(TopologyMap(), Session(ipvs.world)), 100, 30))
    assert "on kube-ipvs0 of each node" in shown
    plain = "\n".join(await show(holding(TopologyMap(), Session(across.world)), 100, 30))
    assert "address only, no device" in plain
    assert "kube-ipvs0" not in plain
