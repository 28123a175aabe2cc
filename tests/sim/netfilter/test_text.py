"""What the printer prints, the parser reads back: for any ruleset, and for real dumps."""

import json
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.sim.model.address import Family
from tui.sim.model.packet import Protocol
from tui.sim.netfilter.parse import RulesetSyntaxError, parse_rule, parse_ruleset
from tui.sim.netfilter.rules import (
    Accept,
    AddrType,
    Chain,
    Comment,
    ConntrackMatch,
    Dnat,
    Drop,
    Goto,
    IpvsMatch,
    Jump,
    MarkMatch,
    Masquerade,
    NfAcct,
    PhysdevIsIn,
    Ports,
    Recent,
    Reject,
    RestoreMark,
    Return,
    Rule,
    Ruleset,
    SaveMark,
    SetConnMark,
    SetMark,
    SetMatch,
    Snat,
    Statistic,
    Table,
    UnknownMatch,
    UnknownTarget,
)
from tui.sim.netfilter.text import print_rule, print_ruleset

RECORDED = sorted(Path(__file__).parents[2].glob("reference/recorded/ip[tv]*-*.json"))
FAMILIES = {"iptables-save": Family.IPV4, "ip6tables-save": Family.IPV6}

# ---------------------------------------------------------------- any ruleset

words = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=20).map(
    lambda text: f"KUBE-{text}"
)
devices = st.sampled_from(["cni0", "eth0", "veth+", "flannel.1"])
addresses = st.integers(0, 2**32 - 1).map(IPv4Address)
networks = st.builds(
    lambda ip, length: IPv4Network((ip, length), strict=False), addresses, st.integers(1, 32)
)
ports = st.integers(0, 65535)
ranges = st.tuples(ports, ports).map(lambda pair: (min(pair), max(pair)))
protocols = st.sampled_from([Protocol.TCP, Protocol.UDP, Protocol.SCTP])
comments = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40).map(
    lambda text: text.strip() or "x"
)
states = st.lists(
    st.sampled_from(["NEW", "ESTABLISHED", "RELATED", "INVALID", "DNAT"]), min_size=1, unique=True
).map(tuple)
marks = st.integers(0, 2**32 - 1)
directions = st.lists(st.sampled_from(["src", "dst"]), min_size=1, max_size=3).map(tuple)


matches = st.one_of(
    st.builds(Comment, comments),
    st.builds(
        lambda p, d, s, nd, ns: Ports(p, d, s, nd and d is not None, ns and s is not None),
        protocols, st.none() | ranges, st.none() | ranges, st.booleans(), st.booleans(),
    ),
    st.builds(ConntrackMatch, states, st.booleans()),
    st.builds(MarkMatch, marks, marks, st.booleans()),
    st.builds(Statistic, st.integers(0, 2**31 - 1)),
    st.builds(lambda name: Recent(name, "set"), words),
    st.builds(Recent, words, st.just("rcheck"), st.integers(1, 86400), st.booleans()),
    st.builds(lambda n: AddrType(source="LOCAL", not_source=n), st.booleans()),
    st.builds(lambda n: AddrType(destination="LOCAL", not_destination=n), st.booleans()),
    st.builds(NfAcct, st.just("ct_state_invalid_dropped_pkts")),
    st.builds(SetMatch, words, directions, st.booleans()),
    st.builds(PhysdevIsIn, st.booleans()),
    st.builds(
        lambda p, a, n, np, na, nn: IpvsMatch(
            p, a, n, np and p is not None, na and a is not None, nn and n is not None
        ),
        st.none() | protocols, networks, st.none() | ports, st.booleans(), st.booleans(),
        st.booleans(),
    ),
    st.just(UnknownMatch("-m physdev --physdev-out eth0")),
)  # fmt: skip
targets = st.one_of(
    st.none(),
    st.builds(Jump, words),
    st.builds(Goto, words),
    st.sampled_from([Accept(), Drop(), Return()]),
    st.builds(Reject, st.sampled_from(["icmp-port-unreachable", "tcp-reset"])),
    st.builds(SetMark, marks, marks),
    st.builds(SetConnMark, marks, marks),
    st.builds(RestoreMark, marks, marks),
    st.builds(SaveMark, marks, marks),
    st.builds(Dnat, addresses, st.none() | st.integers(1, 65535)),
    st.builds(Masquerade, st.booleans()),
    st.builds(Snat, addresses, st.booleans()),
    st.just(UnknownTarget("-j LOG --log-prefix kube")),
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    header: dict[str, object] = {}
    for name, values in (
        ("source", networks), ("destination", networks), ("protocol", protocols),
        ("in_interface", devices), ("out_interface", devices),
    ):  # fmt: skip
        value = draw(st.none() | values)
        header[name] = value
        header[f"not_{name}"] = value is not None and draw(st.booleans())
    chosen = tuple(draw(st.lists(matches, max_size=4)))
    return Rule(target=draw(targets), matches=chosen, **header)  # type: ignore[arg-type]


chains = st.dictionaries(words, st.lists(rules(), max_size=4), max_size=4)


@st.composite
def rulesets(draw: st.DrawFn) -> Ruleset:
    tables = {}
    for name in draw(st.lists(st.sampled_from(["mangle", "filter", "nat"]), unique=True)):
        base = {
            "PREROUTING": Chain(
                "PREROUTING",
                tuple(draw(st.lists(rules(), max_size=3))),
                draw(st.sampled_from(["ACCEPT", "DROP"])),
            )
        }
        own = {chain: Chain(chain, tuple(found)) for chain, found in draw(chains).items()}
        tables[name] = Table(name, {**base, **own})
    return Ruleset(Family.IPV4, tables)


@given(rulesets())
def test_parse_reads_back_what_print_writes(ruleset: Ruleset) -> None:
    assert parse_ruleset(print_ruleset(ruleset), Family.IPV4) == ruleset


@given(rules())
def test_a_rule_is_read_back(rule: Rule) -> None:
    assert parse_rule(print_rule(rule, Family.IPV4)) == rule


# ---------------------------------------------------------------- real dumps


def dumps(recording: Path) -> Iterator[tuple[Family, str]]:
    expected = json.loads(recording.read_text())["expected"]
    return ((family, expected[name]) for name, family in FAMILIES.items())


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_a_real_dump_is_printed_as_it_was(recording: Path) -> None:
    for family, dump in dumps(recording):
        assert print_ruleset(parse_ruleset(dump, family)).rstrip() == dump.rstrip()


def test_nothing_real_is_unknown() -> None:
    for recording in RECORDED:
        for family, dump in dumps(recording):
            for table in parse_ruleset(dump, family).tables.values():
                for chain in table.chains.values():
                    for rule in chain.rules:
                        assert not isinstance(rule.target, UnknownTarget)
                        assert not any(isinstance(m, UnknownMatch) for m in rule.matches)


# ---------------------------------------------------------------- table of spellings

SPELLINGS = [
    (Rule(Drop(), matches=(Comment("bare-word_1"),)), "-m comment --comment bare-word_1 -j DROP"),
    (Rule(matches=(Comment("it's \"so\""),)), r'-m comment --comment "it\'s \"so\""'),
    (Rule(matches=(Statistic(round(0.3333333333 * 2**31)),)),
     "-m statistic --mode random --probability 0.33333333349"),
    (Rule(matches=(Statistic(round(0.1666666667 * 2**31)),)),
     "-m statistic --mode random --probability 0.16666666651"),
    (Rule(matches=(MarkMatch(0x4000),)), "-m mark --mark 0x4000"),
    (Rule(SetMark(0x4000, 0)), "-j MARK --set-xmark 0x4000/0x0"),
    (Rule(source=IPv4Network("10.0.0.1/32"), not_source=True), "! -s 10.0.0.1/32"),
    (Rule(Accept(), matches=(SetMatch("KUBE-EXTERNAL-IP", ("dst", "dst")), PhysdevIsIn(True),
                             AddrType(source="LOCAL", not_source=True))),
     "-m set --match-set KUBE-EXTERNAL-IP dst,dst -m physdev ! --physdev-is-in "
     "-m addrtype ! --src-type LOCAL -j ACCEPT"),
    (Rule(matches=(SetMatch("A", ("src", "dst", "dst"), True),)),
     "-m set ! --match-set A src,dst,dst"),
    (Rule(matches=(IpvsMatch(Protocol.TCP, IPv4Network("198.51.100.4"), 80),)),
     "-m ipvs --vproto 6 --vaddr 198.51.100.4 --vport 80"),
    (Rule(matches=(IpvsMatch(address=IPv4Network("10.96.0.0/12"), not_address=True),)),
     "-m ipvs ! --vaddr 10.96.0.0/12"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text"), SPELLINGS)
def test_spelling(rule: Rule, text: str) -> None:
    assert print_rule(rule, Family.IPV4) == text


@pytest.mark.parametrize(
    ("dump", "said"),
    [
        ("-A INPUT -j DROP\n", "line 1: expected a table"),
        ("*nat\n-A X -j DROP\n", "line 2: chain X is not declared"),
        ("*nat\n:X - [0:0]\nnonsense\n", "line 3: expected :CHAIN"),
        ("*nat\n:X - [0:0]\n-A X -s nowhere -j DROP\n", "line 3: 'nowhere'"),
        ("*nat\n:X - [0:0]\n-A X --what -j DROP\n", "line 3: unknown option --what"),
        ("*nat\n:X - [0:0]\n-A X -j\n", "line 3: the rule ends where"),
        ("*nat\n:X\n", "line 2: expected :CHAIN POLICY"),
    ],
)
def test_a_broken_dump_names_its_line(dump: str, said: str) -> None:
    with pytest.raises(RulesetSyntaxError) as caught:
        parse_ruleset(dump, Family.IPV4)
    assert said in str(caught.value)
