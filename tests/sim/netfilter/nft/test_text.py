"""What the printer prints, the parser reads back: for any table, and for real dumps."""

import json
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.sim.model.packet import Protocol
from tui.sim.netfilter.hooks import Hook
from tui.sim.netfilter.nft.parse import TableSyntaxError, parse_tables
from tui.sim.netfilter.nft.parse_rule import parse_rule
from tui.sim.netfilter.nft.rules import (
    IN_SET,
    Accept,
    AnonymousMap,
    AnonymousSet,
    Base,
    Chain,
    Continue,
    Counter,
    Dnat,
    Drop,
    Element,
    Flags,
    Goto,
    Jump,
    Key,
    MappedDnat,
    MarkMatch,
    Masquerade,
    Match,
    Named,
    Numgen,
    Range,
    Reject,
    Return,
    Rule,
    Selector,
    Set,
    SetMark,
    Snat,
    Table,
    UnknownStatement,
    Update,
    VerdictMap,
)
from tui.sim.netfilter.nft.text import duration, print_base, print_rule, print_table

RECORDED = sorted(Path(__file__).parents[3].glob("reference/recorded/nftables-*.json"))

# ---------------------------------------------------------------- any table

names = st.from_regex(r"[a-z][a-z0-9-]{0,8}-[A-Z2-7]{8}-[a-z]/[a-z]/tcp/p?", fullmatch=True)
comments = st.text(
    st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"'), max_size=30
)
ports = st.integers(0, 65535)
marks = st.integers(0, 2**32 - 1)
addresses = st.integers(0, 2**32 - 1).map(IPv4Address)
addresses6 = st.integers(2**64, 2**128 - 1).map(IPv6Address)


@st.composite
def networks(draw: st.DrawFn) -> IPv4Network:
    return IPv4Network((draw(addresses), draw(st.integers(0, 31))), strict=False)


def ranges(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Range]:
    ends = st.tuples(values, values).map(sorted)
    return ends.map(lambda pair: Range(*pair))


states = st.sampled_from(["new", "established", "related", "invalid", "untracked"])
ATOMS: dict[str, st.SearchStrategy[Any]] = {
    "ipv4_addr": st.one_of(addresses, networks(), ranges(addresses)),
    "ipv6_addr": st.one_of(addresses6, ranges(addresses6)),
    "inet_proto": st.sampled_from([*Protocol, "gre", "ipv6-icmp"]),
    "inet_service": ports | ranges(ports),
    "mark": marks,
    "ifname": st.sampled_from(["cni0", "veth*", "eth0.1"]),
    "ct_state": st.lists(states, min_size=1, unique=True).map(lambda n: Flags(tuple(n))),
    "ct_status": st.sampled_from([Flags(("dnat",)), Flags(("snat", "dnat"))]),
    "fib_addrtype": st.sampled_from(["local", "unicast"]),
    "integer": st.integers(0, 40),
}
SINGLE = {
    **ATOMS,
    "ct_state": states.map(lambda name: Flags((name,))),
    "ct_status": st.just(Flags(("dnat",))),
}
"""Atoms as elements, which commas divide."""


def keys(types: tuple[str, ...], atoms: dict[str, Any] = SINGLE) -> st.SearchStrategy[Any]:
    return st.tuples(*(atoms[datatype] for datatype in types))


selectors = st.lists(st.sampled_from(Selector), min_size=1, max_size=3).map(tuple)
verdicts = st.one_of(
    st.sampled_from([Accept(), Drop(), Return(), Continue()]),
    st.builds(Jump, names),
    st.builds(Goto, names),
)
numbers = st.builds(
    Numgen, st.integers(1, 40), st.sampled_from(["random", "inc"]), st.integers(0, 5)
)


@st.composite
def matches(draw: st.DrawFn) -> Match:
    left = draw(selectors)
    types = tuple(selector.datatype for selector in left)
    found = draw(
        st.one_of(
            keys(types, ATOMS),
            st.builds(Named, names),
            st.lists(keys(types), min_size=1, max_size=3).map(lambda k: AnonymousSet(tuple(k))),
        )
    )
    return Match(left, found, draw(st.booleans()))


@st.composite
def looks(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> tuple[Any, Any]:
    left = draw(selectors | numbers)
    types = (
        ("integer",) if isinstance(left, Numgen) else tuple(selector.datatype for selector in left)
    )
    entries = st.lists(st.tuples(keys(types), values), min_size=1, max_size=3)
    return left, draw(st.builds(Named, names) | entries.map(lambda e: AnonymousMap(tuple(e))))


masks = st.integers(1, 31).map(lambda n: (0xFFFFFFFF << n) & 0xFFFFFFFF) | marks
conditions = st.one_of(
    matches(),
    st.builds(MarkMatch, marks, masks, st.booleans()),
    st.builds(SetMark, marks, st.sampled_from(["", "|", "^", "&"])),
    st.builds(Counter, st.integers(0, 99), st.integers(0, 9999)),
    st.builds(Update, names, selectors, st.sampled_from(["update", "add"])),
    looks(verdicts).map(lambda pair: VerdictMap(*pair)),
)
ends = addresses.map(lambda ip: (ip,)) | st.tuples(addresses, ports)
lasts = st.one_of(
    verdicts,
    st.builds(Dnat, addresses | addresses6, st.none() | ports),
    looks(ends).flatmap(
        lambda pair: st.sampled_from(["", "ip"]).map(lambda family: MappedDnat(*pair, family))
    ),
    st.builds(Masquerade, st.booleans()),
    st.builds(Snat, addresses, st.booleans()),
    st.builds(Reject, st.sampled_from(["", "tcp reset", "icmp host-unreachable"])),
    st.sampled_from([UnknownStatement('log prefix "a, b"'), UnknownStatement("queue to 3")]),
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    first = draw(st.lists(conditions, max_size=3))
    last = draw(st.lists(lasts, max_size=1))
    found = (*first, *last) or (Drop(),)
    return Rule(found, draw(comments))


bases = st.builds(
    Base,
    st.sampled_from(["filter", "nat", "route"]),
    st.sampled_from(Hook),
    st.integers(-400, 400),
    st.sampled_from(["accept", "drop"]),
)


VALUES: list[tuple[tuple[str, ...] | None, st.SearchStrategy[Any]]] = [
    (None, st.none()),
    (("verdict",), verdicts),
    (("ipv4_addr", "inet_service"), st.tuples(addresses, ports)),
]
"""Types of values, and values of these types."""


@st.composite
def sets(draw: st.DrawFn, name: str) -> Set:
    plain = ["ipv4_addr", "inet_proto", "inet_service", "mark", "ifname"]
    types = tuple(draw(st.lists(st.sampled_from(plain), min_size=1, max_size=3)))
    values, told = draw(st.sampled_from(VALUES))
    times = st.integers(0, 10**9)
    elements = st.builds(Element, told, comments, times, times)
    return Set(
        name, types, values, draw(st.dictionaries(keys(types), elements, max_size=6)),
        draw(comments), draw(st.integers(0, 65535)),
        draw(st.sampled_from([(), ("interval",), ("dynamic", "timeout")])), draw(times),
        draw(st.sampled_from([(), ("policy memory", "auto-merge")])),
    )  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> Table:
    named = draw(st.lists(names, max_size=3, unique=True))
    found = {name: draw(sets(name)) for name in named}
    chains = {
        name: Chain(
            name, tuple(draw(st.lists(rules(), max_size=3))), draw(st.none() | bases),
            draw(comments),
        )
        for name in draw(st.lists(names, max_size=3, unique=True))
    }  # fmt: skip
    family = draw(st.sampled_from(["ip", "ip6", "inet"]))
    return Table(family, "kube-proxy", found, chains, draw(comments))


@given(st.lists(tables(), max_size=2))
def test_parse_reads_back_what_print_writes(found: list[Table]) -> None:
    assert parse_tables("".join(map(print_table, found))) == tuple(found)


@given(rules())
def test_a_rule_is_read_back(rule: Rule) -> None:
    assert parse_rule(print_rule(rule)) == rule


# ---------------------------------------------------------------- real dumps


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_a_real_dump_is_printed_as_it_was(recording: Path) -> None:
    for dump in json.loads(recording.read_text())["expected"].values():
        (table,) = parse_tables(dump)
        assert print_table(table) == dump
        statements = [s for c in table.chains.values() for r in c.rules for s in r.statements]
        assert not any(isinstance(statement, UnknownStatement) for statement in statements)


def test_what_lists_of_a_running_node_hold_is_understood() -> None:
    (table,) = parse_tables(
        "table ip t { # handle 7\n"
        "\tset s { # handle 8\n"
        "\t\ttype ipv4_addr\n"
        "\t\ttimeout 3h\n"
        '\t\telements = { 10.0.0.1 timeout 10s expires 9s992ms comment "x, }", 10.0.0.2 }\n'
        "\t}\n"
        "\tchain c { # handle 9\n"
        "\t\tcounter packets 3 bytes 180 accept # handle 10\n"
        "\t}\n"
        "}\n"
    )
    assert table.sets["s"].elements == {
        (IPv4Address("10.0.0.1"),): Element(None, "x, }", 10_000, 9992),
        (IPv4Address("10.0.0.2"),): IN_SET,
    }
    assert table.chains["c"].rules == (Rule((Counter(3, 180), Accept())),)


def test_big_maps_are_read() -> None:
    found: list[Key] = [(IPv4Address(2**31 + n), Protocol.TCP, 80) for n in range(20_000)]
    elements = {key: Element(Goto("external-ULMVA6XW-ns1/svc1/tcp/p80")) for key in found}
    types = ("ipv4_addr", "inet_proto", "inet_service")
    table = Table("ip", "t", {"m": Set("m", types, ("verdict",), elements)})
    assert parse_tables(print_table(table)) == (table,)


# ---------------------------------------------------------------- spellings of nft v1.0.6

SPELLINGS = [
    "ct state new jump firewall-check",
    "ct state established,related accept",
    "ct status dnat accept",
    "ip saddr != 10.244.0.0/16 drop",
    "ip saddr != { 10.0.0.0/24, 10.0.1.9-10.0.1.10 } drop",
    "ip6 daddr != ::1 accept",
    "meta mark & 0x00004000 != 0x00000000 meta mark set meta mark ^ 0x00004000 masquerade",
    "meta mark != 0x00000000/1 meta mark set meta mark ^ 0x80000000 masquerade fully-random",
    "meta mark 0x00004000 accept",
    "meta mark set 0x00000001",
    "meta l4proto { tcp, udp } th dport 53 accept",
    "tcp dport 80-90 accept",
    'iifname "foo*" oifname != "lo" accept',
    "fib daddr type != local accept",
    "meta l4proto tcp dnat to [fd00::5]:80",
    "dnat to numgen random mod 2 map { 0 : 1.2.3.4, 1 : 1.2.3.5 }",
    "meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 1.2.3.4 . 80, 1 : 1.2.3.5 . 80 }",
    "dnat ip to tcp dport map @dc",
    "numgen random mod 3 offset 5 vmap { 5 : drop, 6 : accept }",
    "ip saddr . ip daddr { 1.1.1.1 . 2.2.2.2 } accept",
    "reject with icmp host-unreachable",
    "update @affinity-FDRO7W4S-shop/api-6/tcp/p0__10.244.3.6/8080 { ip saddr }",
    "counter packets 0 bytes 0 accept comment \"a # b \\ c 'x'\"",
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_rule_is_understood_and_printed_as_nft_prints_it(text: str) -> None:
    rule = parse_rule(text)
    assert print_rule(rule) == text
    assert not any(isinstance(statement, UnknownStatement) for statement in rule.statements)


UNKNOWN = [
    ("log prefix \"x\" accept", 'log prefix "x" accept'),
    ("ip saddr 1.1.1.1 limit rate 5/second accept comment \"c\"", "limit rate 5/second accept"),
    ("numgen random mod 100 < 30 accept", "numgen random mod 100 < 30 accept"),
    ("meta mark set ct mark", "meta mark set ct mark"),
    ("meta mark set meta mark & 0xffff0001 | 0x00000001",
     "meta mark set meta mark & 0xffff0001 | 0x00000001"),
    ("dnat to 1.2.3.4:80 random", "dnat to 1.2.3.4:80 random"),
    ("masquerade persistent", "masquerade persistent"),
    ("update @af { ip saddr timeout 5s }", "update @af { ip saddr timeout 5s }"),
    ("ip saddr hostname accept", "ip saddr hostname accept"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kept"), UNKNOWN)
def test_what_is_not_known_is_kept_word_for_word(text: str, kept: str) -> None:
    rule = parse_rule(text)
    assert rule.statements[-1] == UnknownStatement(kept)
    assert print_rule(rule) == text


@pytest.mark.parametrize(
    ("hook", "priority", "text"),
    [
        (Hook.PREROUTING, -110, "dstnat - 10"),
        (Hook.OUTPUT, -110, "-110"),
        (Hook.PREROUTING, -100, "dstnat"),
        (Hook.OUTPUT, -100, "-100"),
        (Hook.POSTROUTING, 105, "srcnat + 5"),
        (Hook.INPUT, 100, "100"),
        (Hook.INPUT, 60, "security + 10"),
        (Hook.INPUT, 61, "61"),
        (Hook.FORWARD, -310, "raw - 10"),
    ],
)
def test_priorities_have_names_where_nft_has_them(hook: Hook, priority: int, text: str) -> None:
    shown = f"type filter hook {hook.lower()} priority {text}; policy accept;"
    assert print_base(Base("filter", hook, priority)) == shown


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(10_800_000, "3h"), (3_661_000, "1h1m1s"), (86_400_000, "1d"), (90_061_500, "1d1h1m1s500ms")],
)
def test_times(milliseconds: int, text: str) -> None:
    assert duration(milliseconds) == text


# ---------------------------------------------------------------- broken dumps

CHAIN = "table ip t {\n\tchain c {\n"


@pytest.mark.parametrize(
    ("dump", "said"),
    [
        ("chain c {\n}\n", "line 1: expected table FAMILY NAME {"),
        ("table bridge t {\n}\n", "line 1: expected table FAMILY NAME {"),
        ("table ip t {\n\tnonsense\n}\n", "line 2: expected a set, a map, a chain"),
        ("table ip t {\n\tcomment x\n}\n", "line 2: expected a comment in quotes"),
        (f"{CHAIN}\t\ttype filter\n", "line 3: expected type TYPE hook HOOK"),
        (f"{CHAIN}\t\ttype nat hook output priority dstnat; policy accept;\n",
         "line 3: no priority dstnat at this hook"),
        (f"{CHAIN}\t\taccept\n", "line 3: the dump ends inside a block"),
        ("table ip t {\n\tset s {\n\t\telements = { 1 }\n", "line 3: expected a type"),
        ("table ip t {\n\tset s {\n\t\ttype inet_service\n\t\telements = { x }\n",
         "line 4: invalid literal"),
        ("table ip t {\n\tset s {\n\t\ttype inet_service\n\t\telements = { 1,\n",
         "line 4: the dump ends inside elements"),
        ("table ip t {\n\tmap m {\n\t\ttype inet_service : verdict\n\t\telements = { 1 }\n",
         "line 4: expected a value in a map"),
        ("table ip t {\n\tset s {\n\t\ttype inet_service\n\t\ttimeout soon\n",
         "line 4: expected a time"),
    ],
)  # fmt: skip
def test_a_broken_dump_names_its_line(dump: str, said: str) -> None:
    with pytest.raises(TableSyntaxError) as caught:
        parse_tables(dump)
    assert said in str(caught.value)
