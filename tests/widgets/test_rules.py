"""The rules around the cursor: numbers, targets, why not, chance, jumps and cost."""

from collections.abc import Callable

import pytest

from tui.session import Moment, Session, Unit
from tui.sim.engine import Choices, Injection
from tui.sim.model.address import Family, address, network
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import ProxyMode
from tui.sim.netfilter.explain import Mismatch
from tui.sim.netfilter.rules import (
    Comment,
    ConntrackMatch,
    Dnat,
    Goto,
    Jump,
    MarkMatch,
    Ports,
    Reject,
    Rule,
    SetMark,
    Statistic,
)
from tui.sim.trace import StepKind
from tui.widgets.chain_stepper import trail
from tui.widgets.headline import headline
from tui.widgets.line import short_chain
from tui.widgets.rule_scene import asking, decided, scene_of, view_of
from tui.widgets.rule_text import chance_of, does, looks_at
from tui.widgets.rule_view import rule_lines
from tui.words import use

WORDS = use("en")


def find(session: Session, wanted: Callable[[Moment], bool]) -> Session:
    """The session at the first moment that is wanted."""
    return session.moved_to(next(i for i, m in enumerate(session.moments) if wanted(m)))


def in_chain(session: Session, prefix: str, kind: StepKind = StepKind.RULE_MATCHED) -> Session:
    """At the first step of a kind in a chain."""
    return find(
        session,
        lambda m: (
            m.step.kind is kind
            and m.step.place is not None
            and m.step.place.chain.startswith(prefix)
        ),
    )


def rows(session: Session, width: int = 74, height: int = 12) -> list[str]:
    assert session.moment is not None
    scene = scene_of(session, session.moment, WORDS, width, height)
    assert scene is not None
    lines = rule_lines(scene)
    assert all(line.width <= width for line in lines), "nothing scrolls sideways"
    return [line.text.rstrip() for line in lines]


@pytest.mark.parametrize(
    ("rule", "matches", "target"),
    [
        (
            Rule(
                Jump("KUBE-SVC-AAAABBBBCCCCDDDD"),
                destination=network("10.96.0.1/32"),
                protocol=Protocol.TCP,
                matches=(
                    Comment("default/kubernetes:https cluster IP"),
                    Ports(Protocol.TCP, dport=(443, 443)),
                ),
            ),
            "-d 10.96.0.1/32 tcp --dport 443",
            "KUBE-SVC-AAAABBBBCCCCDDDD",
        ),
        (Rule(Goto("X"), matches=(Statistic(2**30),)), "statistic random 0.50000000000", "goto X"),
        (Rule(Dnat(address("10.1.1.1"), 80), protocol=Protocol.UDP), "-p udp", "DNAT 10.1.1.1:80"),
        (Rule(SetMark(0x4000, 0x4000)), "", "MARK or 0x4000"),
        (
            Rule(Reject("icmp-port-unreachable"), source=network("10.0.0.0/8"), not_source=True),
            "! -s 10.0.0.0/8",
            "REJECT port-unreachable",
        ),
        (
            Rule(None, matches=(ConntrackMatch(("NEW",)), MarkMatch(0x4000, 0x4000, True))),
            "--ctstate NEW ! mark 0x4000/0x4000",
            "",
        ),
    ],
)
def test_a_rule_in_two_columns(rule: Rule, matches: str, target: str) -> None:
    assert looks_at(rule, Family.IPV4) == matches
    assert does(rule, 30) == target


def test_chance_is_read_from_the_rule() -> None:
    assert chance_of(Rule(None, matches=(Statistic(2**30),))) == 0.5
    assert chance_of(Rule(None)) is None


def test_why_the_rule_before_did_not_match_stands_under_it(across: Session) -> None:
    shown = rows(in_chain(across, "KUBE-SVC-", StepKind.RULE_DECLINED))
    first = next(i for i, row in enumerate(shown) if row.lstrip().startswith("1  "))
    assert "! -s 10.244.0.0/16 -d 10.96.31.7/32 tcp --dport 80" in shown[first]
    assert "✗ source outside 10.244.0.0/16 wanted, found 10.244.0.7" in shown[first + 1]


def test_chance_shows_its_share_where_it_leads_and_who_chose(across: Session) -> None:
    shown = "\n".join(rows(in_chain(across, "KUBE-SVC-", StepKind.RULE_DECLINED)))
    assert "▶ 2" in shown
    assert "1/2" in shown
    assert "→ web-1 10.244.0.5:8080" in shown
    assert "passed over, 1/2: pinned by you" in shown


def test_the_rewrite_shows_old_and_new(across: Session) -> None:
    shown = "\n".join(rows(in_chain(across, "KUBE-SEP-")))
    assert "DNAT 10.244.1.5:8080" in shown
    assert "10.96.31.7 → 10.244.1.5" in shown
    assert "owner Service default/web" in shown


def test_the_foot_has_the_jump_stack_and_the_cost(across: Session) -> None:
    jumps, cost = rows(in_chain(across, "KUBE-SVC-", StepKind.RULE_DECLINED))[-2:]
    assert jumps.split() == ["jumps", "PREROUTING:1", "▸", "KUBE-SERVICES:1", "▸", "here"]
    assert cost.split()[:4] == ["cost", "2", "rules", "examined,"]


@pytest.mark.parametrize("mode", ProxyMode)
@pytest.mark.parametrize("width", [40, 58, 78])
def test_the_jump_stack_ends_here_however_narrow(
    across: Session, mode: ProxyMode, width: int
) -> None:
    session = across.with_mode(mode)
    stacks = [
        next(row for row in rows(session.moved_to(i), width) if row.startswith("  jumps"))
        for i, moment in enumerate(session.moments)
        if moment.step.place is not None and moment.step.place.jumps
    ]
    assert stacks
    assert all(row.endswith(" ▸ here") for row in stacks)


def test_a_long_jump_stack_is_cut_in_the_middle(across: Session) -> None:
    session = in_chain(across, "KUBE-SEP-")
    stack = next(row for row in rows(session, 58) if "jumps" in row)
    assert " ▸ … ▸ KUBE-SVC-" in stack


def test_a_hook_lists_what_is_asked_in_it(across: Session) -> None:
    shown = "\n".join(rows(find(across, lambda m: m.step.kind is StepKind.HOOK_ENTERED)))
    asked = [
        row.split()[1]
        for row in shown.splitlines()
        if row.split() and row.split()[0].lstrip("-").isdigit()
    ]
    assert asked == ["raw", "conntrack", "mangle", "nat"]


def test_rules_that_did_not_match_to_the_end_are_all_explained(across: Session) -> None:
    session = find(
        across,
        lambda m: (
            m.step.kind is StepKind.RULES_SKIPPED
            and m.step.place is not None
            and m.step.place.chain == "KUBE-FORWARD"
        ),
    )
    shown = "\n".join(rows(session))
    assert "connection state INVALID wanted" in shown
    assert "mark 0x4000/0x4000 wanted, found 0x0" in shown


@pytest.mark.parametrize("height", [4, 6, 9, 30])
@pytest.mark.parametrize("width", [40, 60, 120])
def test_every_step_fits_every_pane(across: Session, width: int, height: int) -> None:
    for i, moment in enumerate(across.moments):
        if moment.step.place is not None:
            session = across.moved_to(i)
            scene = scene_of(session, moment, WORDS, width, height)
            assert scene is not None
            assert all(line.width <= width for line in rule_lines(scene))


def test_the_view_of_a_forwarded_packet_has_both_devices(across: Session) -> None:
    session = find(
        across,
        lambda m: (
            m.step.place is not None and m.step.place.hook == "FORWARD" and bool(m.step.place.rule)
        ),
    )
    assert session.moment is not None
    scene = scene_of(session, session.moment, WORDS, 74, 12)
    assert scene is not None
    view = view_of(scene)
    assert (view.in_device, view.out_device) == ("cni0", "flannel.1")
    assert view.states == {"NEW", "DNAT"}


def test_the_trail_is_cut_in_hashes_then_in_the_middle(across: Session) -> None:
    moment = in_chain(across, "KUBE-SEP-").moment
    assert moment is not None

    def shown(width: int) -> str:
        return "".join(text for text, _ in trail(moment, WORDS, width))

    assert shown(200).startswith("PREROUTING ▸ nat ▸ KUBE-SERVICES ▸ KUBE-SVC-")
    for width in (40, 60, 80, 120):
        assert len(shown(width)) <= width
        assert shown(width).split(" ▸ ")[-1].startswith("KUBE-SEP-")


def test_moving_back_shows_the_same_again(across: Session) -> None:
    session = in_chain(across, "KUBE-SVC-", StepKind.RULE_DECLINED)
    there = session.moved(Unit.STEP, 1).moved(Unit.STEP, -1)
    assert rows(there) == rows(session)


# ---------------------------------------------------------------- what has been


MARKED = Injection("node/node-a", "svc/default/web:80")
"""From outside the pods: the packet gets the mark, and is masqueraded for it."""


def of_rule(session: Session, chain: str, number: int) -> Session:
    """At the step of a rule."""
    return find(
        session,
        lambda m: (
            m.step.place is not None and (m.step.place.chain, m.step.place.rule) == (chain, number)
        ),
    )


@pytest.fixture(scope="module")
def marked(across: Session) -> Session:
    """A packet that is marked, then masqueraded, to the endpoint on the other node."""
    return Session(across.world).injected(MARKED, Choices(pin="10.244.1.5:8080"))


def test_a_rule_that_matched_is_not_called_one_that_did_not(marked: Session) -> None:
    session = of_rule(marked, "KUBE-POSTROUTING", 3)
    shown = rows(session, height=16)
    assert "        ✗ any mark but 0x4000/0x4000 wanted, found 0x4000" in shown
    assert "        · matched: mark 0x4000 → 0x0, and the walk went on" in shown
    assert "     ⋮ 2 rules above, 1 matched" in rows(session, height=7)


def test_a_mark_is_no_jump_and_its_chain_had_a_match(marked: Session) -> None:
    session = in_chain(marked, "KUBE-MARK-MASQ", StepKind.RULES_SKIPPED)
    shown = "\n".join(rows(session))
    assert "matched: mark 0x0 → 0x4000, and the walk went on" in shown
    assert "KUBE-MARK-MASQ has nothing more to try." in shown
    assert session.moment is not None
    assert headline(session.moment.step, WORDS) == "end of the chain  KUBE-MARK-MASQ"


def test_an_empty_chain_is_called_empty(across: Session) -> None:
    session = in_chain(across, "KUBE-PROXY-FIREWALL", StepKind.RULES_SKIPPED)
    assert "  ▶  KUBE-PROXY-FIREWALL is empty: it has no rules." in rows(session)[0]
    assert session.moment is not None
    assert headline(session.moment.step, WORDS) == "the chain is empty  KUBE-PROXY-FIREWALL"


def test_a_chain_without_a_match_is_called_so(across: Session) -> None:
    moment = in_chain(across, "KUBE-FORWARD", StepKind.RULES_SKIPPED).moment
    assert moment is not None
    assert headline(moment.step, WORDS) == "no rule matched  KUBE-FORWARD"


@pytest.mark.parametrize("mode", ProxyMode)
def test_each_rule_behind_the_cursor_matched_in_a_step_or_says_why_not(
    across: Session, marked: Session, mode: ProxyMode
) -> None:
    asked = 0
    for session in (across.with_mode(mode), marked.with_mode(mode)):
        for i, moment in enumerate(session.moments):
            scene = scene_of(session.moved_to(i), moment, WORDS, 74, 12)
            if scene is None or scene.chain is None:
                continue
            past = decided(scene)
            for number in range(1, scene.place.rule):
                view = view_of(asking(scene, number, past))
                why = scene.chain.why(number, view)
                assert (number in past) or isinstance(why, Mismatch), (i, number)
                asked += 1
    assert asked > 10


# ---------------------------------------------------------------- nftables


def test_iptables_counts_at_each_rule_and_nftables_does_not(across: Session, nft: Session) -> None:
    assert "[1:60]" in rows(in_chain(across, "KUBE-SEP-"), width=78)[-1]
    assert "counter [1:60]" in rows(in_chain(across, "KUBE-SEP-"), width=100)[-1]
    assert not [row for row in rows(in_chain(nft, "service-")) if "[1:60]" in row]
    last = across.moved(Unit.END, 1)
    forwarded = [
        at
        for at, moment in enumerate(last.moments)
        if moment.step.place and moment.step.place.chain == "KUBE-FORWARD"
        and moment.step.kind is StepKind.RULE_MATCHED and moment.hop.namespace == "node/node-a"
    ]  # fmt: skip
    assert "[1:60]" in rows(last.moved_to(forwarded[-1]))[-1]


@pytest.fixture(scope="module")
def nft(across: Session) -> Session:
    """The same packet in nftables mode."""
    return across.with_mode(ProxyMode.NFTABLES)


def test_a_map_shows_what_it_was_asked_and_what_it_said(nft: Session) -> None:
    shown = "\n".join(rows(in_chain(nft, "services")))
    assert "ip daddr . meta l4proto . th dport" in shown
    assert "vmap @service-ips" in shown
    assert "10.96.31.7 . tcp . 80 → service-" in shown


def test_a_drawn_branch_is_marked_among_the_others(nft: Session) -> None:
    session = find(nft, lambda m: m.step.chance is not None)
    shown = rows(session, height=16)
    assert any("▸" in row and ("10.244.1.5" in row or "web-2" in row) for row in shown), shown
    assert any("taken, 1/2: pinned by you" in row for row in shown)


def test_a_set_that_does_not_hold_the_packet_says_so(nft: Session) -> None:
    session = find(
        nft, lambda m: m.step.place is not None and m.step.place.chain == "firewall-check"
    )
    assert "@firewall-ips" in "\n".join(rows(session))


def test_a_hook_lists_the_base_chains_of_nftables_by_priority(nft: Session) -> None:
    shown = "\n".join(rows(find(nft, lambda m: m.step.kind is StepKind.HOOK_ENTERED)))
    assert shown.index("conntrack") < shown.index("ip kube-proxy nat-prerouting")


@pytest.mark.parametrize("width", [40, 74, 120])
def test_every_step_of_nftables_fits(nft: Session, width: int) -> None:
    for i, moment in enumerate(nft.moments):
        scene = scene_of(nft.moved_to(i), moment, WORDS, width, 10)
        if scene is not None:
            assert all(line.width <= width for line in rule_lines(scene))


@pytest.mark.parametrize(
    ("name", "width", "short"),
    [
        ("service-ULMVA6XW-shop/web/tcp/http", 40, "service-ULMVA6XW-shop/web/tcp/http"),
        ("service-ULMVA6XW-shop/web/tcp/http", 28, "service-…-shop/web/tcp/http"),
        ("nat-prerouting", 8, "nat-prerouting"),
    ],
)
def test_names_of_nftables_chains_keep_the_service(name: str, width: int, short: str) -> None:
    assert short_chain(name, width) == short
