"""A base chain walked statement by statement: verdicts, sets, chance, owners, cost."""

from dataclasses import dataclass, field

import pytest

from tui.sim.engine.dice import TAKE_FIRST, SeededDice
from tui.sim.engine.injection import Choices
from tui.sim.engine.state import ElementTable, RecentTable
from tui.sim.model.address import Family, address
from tui.sim.model.packet import Packet, Protocol
from tui.sim.netfilter.conntrack import ConntrackTable
from tui.sim.netfilter.hooks import Hook
from tui.sim.netfilter.index import IndexedRuleset
from tui.sim.netfilter.nft.explain import explain
from tui.sim.netfilter.nft.index import IndexedTables
from tui.sim.netfilter.nft.parse import parse_tables
from tui.sim.netfilter.parse import parse_ruleset
from tui.sim.netfilter.traverse import Fate, Host, Ruling, Skb, Traversal
from tui.sim.trace import Chance, Cost, Reason, ReasonCode, Role, Step, StepKind
from tui.sim.trace.recorder import Recorder

LOCAL = {address("192.168.10.1"), address("127.0.0.1")}
TO_SERVICE = Packet(
    address("10.244.0.7"), address("10.96.0.10"), Protocol.TCP, 40000, 80, flags="SYN"
)


@dataclass
class Walked:
    ruling: Ruling
    packet: Packet
    steps: list[Step]
    branches: tuple[int, ...]

    @property
    def matched(self) -> list[str]:
        return [f"{s.place.chain}:{s.place.rule}" for s in self.steps if s.place and s.place.rule]

    @property
    def last(self) -> Step:
        return next(s for s in reversed(self.steps) if s.kind is StepKind.RULE_MATCHED)


@dataclass
class Machine:
    """One host with an nftables dump and an iptables dump."""

    nft: str
    iptables: str = ""
    elements: ElementTable = field(default_factory=lambda: ElementTable({}, 0.0))

    def walk(
        self, packet: Packet = TO_SERVICE, hook: Hook = Hook.PREROUTING,
        choices: Choices | None = None,
    ) -> Walked:  # fmt: skip
        order = IndexedTables(parse_tables(self.nft))
        rules = IndexedRuleset(parse_ruleset(self.iptables, Family.IPV4))
        host = Host(
            "node/a", lambda _: rules, ConntrackTable(), RecentTable({}, 0), LOCAL.__contains__,
            lambda _device, _packet: address("192.168.10.1"), lambda _: order, self.elements,
        )  # fmt: skip
        log = Recorder(Role.REQUEST, packet)
        log.enter("a", "node/a", None)
        dice, skb = SeededDice(choices or Choices(seed=TAKE_FIRST)), Skb(packet)
        ruling = Traversal(hook, skb, host, dice, log, "cni0", None).run()
        log.leave(None)
        steps = [step for _, step in log.finished().steps()]
        return Walked(ruling, skb.packet, steps, tuple(dice.branches))


def one_chain(rules: str, more: str = "", kind: str = "filter") -> str:
    """A table whose only base chain holds the rules, one on a line."""
    lines = "".join(f"\t\t{rule.strip()}\n" for rule in rules.strip().splitlines())
    priority = "dstnat" if kind == "nat" else "filter"
    base = f"\t\ttype {kind} hook prerouting priority {priority}; policy accept;\n"
    return f"table ip t {{\n{more}\tchain base {{\n{base}{lines}\t}}\n}}\n"


# ---------------------------------------------------------------- what holds

HOLDS = {
    "source in a range": ("ip saddr 10.244.0.0/16", True),
    "source not outside": ("ip saddr != 10.244.0.0/16", False),
    "a set of ranges": ("ip saddr { 10.0.0.1, 10.244.0.6-10.244.0.9 }", True),
    "not in a set": ("ip saddr != { 10.0.0.1, 10.244.1.0/24 }", True),
    "protocol and port": ("meta l4proto tcp th dport 80", True),
    "another protocol's port": ("udp dport 80", False),
    "a range of ports": ("tcp dport 79-81", True),
    "a concatenation": ("meta l4proto . th dport { udp . 80, tcp . 80 }", True),
    "the other family": ("ip6 saddr fd00::1", False),
    "device": ('iifname "cni0"', True),
    "device by its beginning": ('iifname "cn*"', True),
    "no device at this hook": ('oifname != "eth0"', True),
    "new": ("ct state new", True),
    "one of several states": ("ct state established,new", True),
    "a set of states": ("ct state { established, related }", False),
    "no translation yet": ("ct status dnat", False),
    "mark": ("meta mark 0x00000000", True),
    "masked mark": ("meta mark & 0x00004000 != 0x00000000", False),
    "mark as a prefix": ("meta mark != 0x00000000/1", False),
    "a source of this host": ("fib saddr type local", False),
    "a destination elsewhere": ("fib daddr type != local", True),
    "in a named set": ("ip daddr @ips", True),
    "not in a named set": ("ip saddr != @ips", True),
    "in a named set of ranges": ("ip daddr @nets", True),
}
NAMED = (
    "\tset ips {\n\t\ttype ipv4_addr\n\t\telements = { 10.96.0.10 }\n\t}\n"
    "\tset nets {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 10.96.0.0/12 }\n\t}\n"
    "\tset odd {\n\t\ttype ipv4_addr\n\t\tauto-merge\n\t\telements = { 10.96.0.10 }\n\t}\n"
)


@pytest.mark.parametrize(("condition", "holds"), HOLDS.values(), ids=HOLDS)
def test_a_condition_holds_or_not(condition: str, holds: bool) -> None:
    walked = Machine(one_chain(f"{condition} drop", NAMED)).walk()
    assert (walked.ruling.fate is Fate.DROPPED) == holds


UNKNOWN = {
    "an unknown statement": "limit rate 5/second drop",
    "a type other than local": "fib daddr type broadcast drop",
    "a status that nobody keeps": "ct status assured drop",
    "an exact status": "ct status != dnat drop",
    "several states denied": "ct state != established,related drop",
    "a set that is not there": "ip daddr @nowhere drop",
    "a set with unknown properties": "ip daddr @odd drop",
    "a status in a set": "ct status { dnat } drop",
    "numbers one after the other": "numgen inc mod 2 vmap { 0 : drop, 1 : accept }",
    "a chain that is not there": "jump nowhere",
}


@pytest.mark.parametrize("rule", UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_not_known_is_never_guessed(rule: str) -> None:
    walked = Machine(one_chain(rule, NAMED)).walk()
    assert walked.ruling.fate is Fate.UNKNOWN
    assert walked.ruling.reason is not None
    assert walked.ruling.reason.code is ReasonCode.RULE_UNKNOWN
    assert walked.ruling.place is not None
    assert walked.ruling.place.text == rule


def test_an_unknown_part_counts_only_if_the_parts_before_it_hold() -> None:
    walked = Machine(one_chain("ip saddr 1.1.1.1 limit rate 5/second drop")).walk()
    assert walked.ruling.fate is Fate.ACCEPTED


# ---------------------------------------------------------------- where it goes

CHAINS = "\tchain a {\n\t\tgoto b\n\t\tdrop\n\t}\n\tchain b {\n\t\treturn\n\t\tdrop\n\t}\n"


def test_a_goto_comes_back_to_the_callers_caller() -> None:
    walked = Machine(one_chain("jump a\ncounter packets 0 bytes 0", CHAINS)).walk()
    assert walked.ruling.fate is Fate.ACCEPTED
    assert walked.matched == ["base:1", "a:1", "b:1", "base:2"]


def test_a_goto_from_a_base_chain_ends_in_its_policy() -> None:
    text = one_chain("goto b\ndrop", CHAINS).replace("policy accept", "policy drop")
    walked = Machine(text).walk()
    assert walked.ruling.fate is Fate.DROPPED
    assert walked.ruling.reason == Reason.of(ReasonCode.POLICY_DROPPED, chain="base")


def test_accept_ends_its_own_base_chain_only() -> None:
    text = one_chain("accept\ndrop") + one_chain("drop").replace("table ip t", "table ip u")
    walked = Machine(text).walk()
    assert walked.ruling.fate is Fate.DROPPED
    assert walked.ruling.place is not None
    assert walked.ruling.place.table == "ip u"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("reject", "icmp-port-unreachable"),
        ("reject with icmp host-unreachable", "icmp-host-unreachable"),
        ("reject with tcp reset", "tcp-reset"),
    ],
)
def test_a_refusal_tells_the_sender(rule: str, message: str) -> None:
    walked = Machine(one_chain(rule)).walk()
    assert walked.ruling.fate is Fate.REJECTED
    assert walked.ruling.message == message


def test_a_rule_that_did_something_before_it_stopped_is_shown() -> None:
    walked = Machine(one_chain("meta mark set 0x00000001 ip saddr 1.1.1.1 drop")).walk()
    assert walked.ruling.fate is Fate.ACCEPTED
    assert walked.packet.mark == 1
    assert walked.last.reason.code is ReasonCode.RULE_MARKED


# ---------------------------------------------------------------- hooks

NAT = "dnat to 10.244.0.{}:8080"


def test_nat_chains_are_asked_by_priority_until_one_decides() -> None:
    first, second = (one_chain(f"ip saddr 10.0.0.1 {NAT.format(1)}", kind="nat"),
                     one_chain(NAT.format(2), kind="nat"))  # fmt: skip
    late = one_chain(NAT.format(3), kind="nat").replace("priority dstnat", "priority dstnat + 5")
    tables = [text.replace("ip t", f"ip t{n}") for n, text in enumerate([late, first, second])]
    walked = Machine("".join(tables)).walk()
    assert walked.packet.to_text == "10.244.0.2:8080"
    assert walked.matched == ["base:1"]


def test_a_filter_chain_ten_priorities_before_nat_sees_the_old_destination() -> None:
    early = one_chain("ip daddr 10.96.0.10 counter packets 0 bytes 0").replace(
        "priority filter", "priority dstnat - 10"
    )
    walked = Machine(early + one_chain(NAT.format(1), kind="nat").replace("ip t", "ip u")).walk()
    assert [s.place.table for s in walked.steps if s.place and s.place.rule] == ["ip t", "ip u"]


def test_iptables_comes_first_at_the_same_priority_and_decides_for_both() -> None:
    iptables = (
        "*nat\n:PREROUTING ACCEPT [0:0]\n"
        "-A PREROUTING -p tcp -j DNAT --to-destination 10.244.0.9:8080\nCOMMIT\n"
    )
    walked = Machine(one_chain(NAT.format(1), kind="nat"), iptables).walk()
    assert walked.packet.to_text == "10.244.0.9:8080"
    assert [s.place.table for s in walked.steps if s.place and s.place.rule] == ["nat"]


# ---------------------------------------------------------------- chance

DRAW = "meta l4proto tcp dnat ip to numgen random mod 3 map {{ {} }}".format(
    ", ".join(f"{n} : 10.244.0.{n + 1} . 8080" for n in range(3))
)


def test_a_number_drawn_takes_one_of_many_branches() -> None:
    machine = Machine(one_chain(DRAW, kind="nat"))
    ends = []
    branches: tuple[int, ...] = ()
    for branch in range(3):
        walked = machine.walk(choices=Choices(branches=branches, seed=TAKE_FIRST))
        assert walked.last.chance == Chance(1 / 3, branch, 3)
        ends.append(walked.packet.to_text)
        branches = (branch + 1,)
    assert ends == ["10.244.0.1:8080", "10.244.0.2:8080", "10.244.0.3:8080"]


def test_the_dice_lists_every_way_of_mixed_chances_once() -> None:
    """Two branches, then three only where the first was taken: four ways."""
    found: list[tuple[tuple[int, ...], float]] = []
    branches: tuple[int, ...] = ()
    while True:
        dice = SeededDice(Choices(branches=branches, seed=TAKE_FIRST))
        taken, _ = dice.take(0.25, list, list)
        if taken:
            dice.draw([list, list, list])
        found.append((tuple(dice.branches), dice.probability))
        if dice.following is None:
            break
        branches = dice.following
    assert [way for way, _ in found] == [(1, 0), (1, 1), (1, 2), (0,)]
    assert sum(share for _, share in found) == pytest.approx(1)


def test_a_pin_is_found_through_the_chains_that_a_map_leads_to() -> None:
    chains = "".join(f"\tchain e{n} {{\n\t\tdnat to 10.244.0.{n}:8080\n\t}}\n" for n in range(3))
    rule = "numgen random mod 3 vmap { 0 : goto e0, 1 : goto e1, 2 : goto e2 }"
    machine = Machine(one_chain(rule, chains, "nat"))
    walked = machine.walk(choices=Choices(pin="10.244.0.2:8080"))
    assert walked.packet.to_text == "10.244.0.2:8080"
    drawn = next(step for step in walked.steps if step.chance is not None)
    assert drawn.chance == Chance(1 / 3, 2, 3, pinned=True)
    assert drawn.reason.fields == {"target": "e2", "branches": 3, "probability": "1/3"}


def test_where_there_is_one_way_nothing_is_drawn() -> None:
    rule = "dnat ip to numgen random mod 1 map { 0 : 10.244.0.1 . 8080 }"
    walked = Machine(one_chain(rule, kind="nat")).walk()
    assert walked.branches == ()
    assert walked.last.chance is None


# ---------------------------------------------------------------- owners and cost

MAPS_WITH = (
    "\tset cluster-ips {\n\t\ttype ipv4_addr\n\t\telements = { 10.96.0.10 }\n\t}\n"
    "\tmap services {\n\t\ttype ipv4_addr . inet_proto . inet_service : verdict\n"
    "\t\telements = { 10.96.0.10 . tcp . 443 : goto service-ULMVA6XW-shop/web/tcp/p80 }\n\t}\n"
    "\tmap missing {\n\t\ttype ipv4_addr . inet_proto . inet_service : verdict\n"
    '\t\telements = { 10.96.0.10 . tcp . 80 comment "shop/db:sql" : VERDICT }\n\t}\n'
    "\tchain refuse {\n\t\treject\n\t}\n"
    "\tchain service-ULMVA6XW-shop/web/tcp/p80 {\n\t\tdnat to 10.244.0.1:8080\n\t}\n"
)
MAPS = MAPS_WITH.replace("VERDICT", "drop")
LOOKUP = "ip daddr . meta l4proto . th dport vmap @{}"


def test_an_elements_comment_owns_what_the_map_drops() -> None:
    walked = Machine(one_chain(f"ct state new {LOOKUP.format('missing')}", MAPS)).walk()
    assert walked.ruling.fate is Fate.DROPPED
    assert walked.ruling.owner == "Service shop/db"
    assert walked.ruling.lookups == 1
    assert walked.ruling.reason == Reason.of(
        ReasonCode.RULE_DROPPED, comment="shop/db:sql", map="missing",
        element="10.96.0.10 . tcp . 80",
    )  # fmt: skip


def test_an_elements_comment_owns_what_the_chain_behind_it_refuses() -> None:
    more = MAPS_WITH.replace("VERDICT", "goto refuse")
    walked = Machine(one_chain(LOOKUP.format("missing"), more)).walk()
    assert walked.ruling.fate is Fate.REJECTED
    assert walked.ruling.owner == "Service shop/db"
    found = walked.last
    assert found.owner == "Service shop/db"
    assert found.reason.fields["target"] == "refuse"


def test_the_chain_that_a_map_leads_to_names_the_service() -> None:
    packet = Packet(TO_SERVICE.source, TO_SERVICE.destination, Protocol.TCP, 40000, 443)
    walked = Machine(one_chain(LOOKUP.format("services"), MAPS, "nat")).walk(packet)
    owners = [step.owner for step in walked.steps if step.kind is StepKind.RULE_MATCHED]
    assert owners == ["Service shop/web", "Service shop/web"]


def test_an_address_in_a_set_is_owned_by_the_service_that_the_maps_know_there() -> None:
    walked = Machine(one_chain("ip daddr @cluster-ips reject", MAPS)).walk()
    assert walked.ruling.owner == "Service shop/web"


def test_rules_and_lookups_are_counted_where_they_were_made() -> None:
    rules = f"{LOOKUP.format('services')}\nip daddr @cluster-ips accept"
    walked = Machine(one_chain(rules, MAPS)).walk()
    assert walked.last.cost == Cost(rules=2, lookups=2)
    assert walked.last.place is not None
    assert walked.last.place.skipped == 1


# ---------------------------------------------------------------- sets that rules fill

AFFINITY = "\tset clients {\n\t\ttype ipv4_addr\n\t\tflags dynamic,timeout\n\t\ttimeout 1m\n\t}\n"
STICKY = "ip saddr @clients drop\n{} @clients {{ ip saddr }}"


@pytest.mark.parametrize(("operation", "at_90"), [("update", True), ("add", False)])
def test_a_client_is_remembered_until_its_time_is_up(operation: str, at_90: bool) -> None:
    machine = Machine(one_chain(STICKY.format(operation).splitlines()[1], AFFINITY))
    lookup = one_chain(STICKY.format(operation).splitlines()[0], AFFINITY)
    for now in (0.0, 45.0):
        machine.elements.now = now
        walked = machine.walk()
    assert walked.last.reason == Reason.of(
        ReasonCode.RULE_SET_UPDATED, set="clients", seconds=60, element="10.244.0.7"
    )
    for now, known in ((59.0, True), (90.0, at_90), (105.0, False)):
        kept = ElementTable(machine.elements.frozen(), now)
        fate = Machine(lookup, elements=kept).walk().ruling.fate
        assert (fate is Fate.DROPPED) == known


# ---------------------------------------------------------------- why not

WHY_NOT = {
    "source": ("ip saddr 10.0.0.0/24 drop", ("source", "10.0.0.0/24", "10.244.0.7", False)),
    "set": ("ip daddr @cluster-ips ip saddr @cluster-ips drop",
            ("source", "@cluster-ips", "10.244.0.7", False)),
    "not set": ("ip daddr != @cluster-ips drop",
                ("destination", "@cluster-ips", "10.96.0.10", True)),
    "map": (LOOKUP.format("services"), ("element", "@services", "10.96.0.10 . tcp . 80", False)),
    "own set": ("tcp dport { 443, 8443 } drop", ("dport", "{ 443, 8443 }", "80", False)),
    "state": ("ct state established drop", ("ctstate", "established", "new", False)),
    "type": ("fib saddr type local drop",
             ("source-type", "local", "10.244.0.7 is not local", False)),
    "mark": ("meta mark & 0x00004000 != 0x00000000 drop", ("mark", "0x0/0x4000", "0x0", True)),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "why"), WHY_NOT.values(), ids=WHY_NOT)
def test_a_rule_passed_over_can_be_explained(rule: str, why: tuple[str, str, str, bool]) -> None:
    (table,) = parse_tables(one_chain(rule, MAPS))
    log = Recorder(Role.REQUEST, TO_SERVICE)
    machine = Traversal(
        Hook.PREROUTING,
        Skb(TO_SERVICE),
        Host(
            "node/a", lambda _: IndexedRuleset(parse_ruleset("", Family.IPV4)), ConntrackTable(),
            RecentTable({}, 0), LOCAL.__contains__, lambda _device, _packet: None,
        ),
        SeededDice(Choices()),
        log,
    )  # fmt: skip
    machine.skb.tracked = machine.host.conntrack.track(TO_SERVICE)
    found = explain(table.chains["base"].rules[0], machine.view(), table)
    assert found is not None
    assert (found.field, found.wanted, found.found, found.negated) == why  # type: ignore[union-attr]
