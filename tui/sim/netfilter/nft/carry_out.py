"""What one rule does to a packet: its statements, one after the other, until one ends it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from tui.sim.model.value import replace
from tui.sim.netfilter import rewrite
from tui.sim.netfilter.examine import Endpoints, Mismatch, Unknown
from tui.sim.netfilter.nft.examine import Found, Sight, check, key_of, look_up
from tui.sim.netfilter.nft.index import IndexedTables, owner_of_element
from tui.sim.netfilter.nft.rules import (
    Accept,
    AnonymousMap,
    Counter,
    Dnat,
    Drop,
    Goto,
    Jump,
    Key,
    MappedDnat,
    MarkMatch,
    Masquerade,
    Match,
    Named,
    Numgen,
    Reject,
    Rule,
    Selector,
    Selectors,
    SetMark,
    Snat,
    Statement,
    UnknownStatement,
    Update,
    Verdict,
    VerdictMap,
)
from tui.sim.netfilter.nft.text import datatypes, print_key, print_verdict
from tui.sim.netfilter.passage import Passage
from tui.sim.trace import Chance, Reason, ReasonCode

End = Verdict | Reject | Mismatch | Unknown
"""What can end a rule; one that translates the packet ends it as `accept` does."""


@dataclass(slots=True)
class Done:
    """What a rule has done so far."""

    end: End | None = None
    """What ended it; None if the packet goes on to the next rule."""
    reason: Reason | None = None
    """What it did last; None if it only looked."""
    chance: Chance | None = None
    """How chance fell, where it had a say."""
    lookups: int = 0
    """Sets and maps that were asked."""
    owner: str | None = None
    """The Service that the element names which was found last."""
    owner_by_address: str | None = None
    """The Service whose address was found in a set."""


def carry_out(rule: Rule, passage: Passage, tables: IndexedTables, table: str) -> Done:
    """Carry a rule out; the packet and its connection are changed in place."""
    run = _Run(passage, tables, table)
    for statement in rule.statements:
        run.done.end = run.statement(statement)
        if run.done.end is not None:
            break
    return run.done


class _Run:
    """One rule being carried out."""

    def __init__(self, passage: Passage, tables: IndexedTables, table: str) -> None:
        self.passage = passage
        self.tables = tables
        self.table = table
        self.done = Done()

    def statement(self, statement: Statement) -> End | None:
        """Do what a statement says; what ends the rule, or None."""
        match statement:
            case Match() | MarkMatch():
                return self._look(statement)
            case VerdictMap(left, right):
                return self._verdict_map(left, right)
            case MappedDnat(left, right):
                return self._mapped_dnat(left, right)
            case Reject():
                return statement
            case UnknownStatement(text):
                return Unknown(text)
            case SetMark() | Update() | Counter():
                return self._note(statement)
            case Dnat() | Snat() | Masquerade():
                return self._translate(statement)
            case _:
                return statement

    @property
    def _sight(self) -> Sight:
        passage = self.passage
        return Sight(passage.view(), self.tables.tables[self.table], passage.host.elements)

    # -------------------------------------------------- looking

    def _look(self, statement: Match | MarkMatch) -> Mismatch | Unknown | None:
        if isinstance(statement, Match) and not isinstance(statement.right, tuple):
            self.done.lookups += 1
        result = check(statement, self._sight)
        if isinstance(result, Found) and isinstance(statement, Match):
            self._found(result, statement.left)
            return None
        return result if isinstance(result, Mismatch | Unknown) else None

    def _found(self, found: Found, left: Selectors) -> None:
        self.done.owner = owner_of_element(found.element) or self.done.owner
        if left[0] in (Selector.IP_DADDR, Selector.IP6_DADDR):
            ip = self.passage.skb.packet.destination
            self.done.owner_by_address = self.tables.owner_of_address(self.table, ip)

    # -------------------------------------------------- maps

    def _value(self, left: Selectors | Numgen, right: Named | AnonymousMap) -> End | Key:
        if isinstance(left, Numgen):
            return self._drawn(left, right)
        return self._looked_up(left, right)

    def _verdict_map(self, left: Selectors | Numgen, right: Named | AnonymousMap) -> End:
        value = self._value(left, right)
        if isinstance(value, tuple):
            return Unknown("vmap without verdicts")
        if isinstance(left, Numgen) and isinstance(value, Jump | Goto):
            self.done.reason = Reason.of(
                ReasonCode.RULE_DRAWN, target=value.chain, branches=left.modulus,
                probability=_share(left.modulus),
            )  # fmt: skip
        return value

    def _looked_up(self, left: Selectors, right: Named | AnonymousMap) -> End | Key:
        """The value that the packet's own fields lead to."""
        self.done.lookups += 1
        found = look_up(left, right, self._sight)
        if not isinstance(found, Found):
            return found
        self._found(found, left)
        value = found.element.value
        if value is None:
            return Unknown("vmap of a set")
        if not isinstance(value, tuple):
            self.done.reason = _reason_of(found, value, left, right)
        return value

    def _drawn(self, left: Numgen, right: Named | AnonymousMap) -> End | Key:
        """The value that chance leads to; where there is but one, nothing is drawn."""
        self.done.lookups += 1
        if left.mode != "random":
            return Unknown(f"numgen {left.mode}")
        values = self._values(left, right)
        branch = 0
        if left.modulus > 1:
            ways = [_endpoints(self.tables, self.table, value) for value in values]
            branch, pinned = self.passage.dice.draw(ways)
            self.done.chance = Chance(1 / left.modulus, branch, left.modulus, pinned)
        value = values[branch]
        if value is None:
            return Mismatch("element", "an element", str(left.offset + branch))
        return value

    def _values(self, left: Numgen, right: Named | AnonymousMap) -> list[Verdict | Key | None]:
        """What the map says of each number that can be drawn."""
        if isinstance(right, AnonymousMap):
            known = dict(right.entries)
        else:
            found = self.tables.tables[self.table].sets.get(right.name)
            elements = found.elements if found is not None else {}
            known = {k: e.value for k, e in elements.items() if e.value is not None}
        return [known.get((left.offset + number,)) for number in range(left.modulus)]

    # -------------------------------------------------- acting

    def _mapped_dnat(self, left: Selectors | Numgen, right: Named | AnonymousMap) -> End:
        value = self._value(left, right)
        match value:
            case (IPv4Address() | IPv6Address() as ip, int() as port):
                reason = rewrite.dnat(self.passage, ip, port)
            case (IPv4Address() | IPv6Address() as ip,):
                reason = rewrite.dnat(self.passage, ip, None)
            case Mismatch() | Unknown():
                return value
            case _:
                return Unknown("dnat to a map without addresses")
        if self.done.chance is not None:
            share = _share(self.done.chance.branches)
            reason = replace(reason, fields={**reason.fields, "probability": share})
        self.done.reason = reason
        return Accept()

    def _translate(self, statement: Dnat | Snat | Masquerade) -> End:
        passage = self.passage
        match statement:
            case Dnat(ip, port):
                self.done.reason = rewrite.dnat(passage, ip, port)
            case Snat(ip, fully):
                self.done.reason = rewrite.snat(passage, ip, fully)
            case Masquerade(fully):
                self.done.reason = rewrite.masquerade(passage, fully)
                if self.done.reason is None:
                    return Unknown(rewrite.without_address(passage))
        return Accept()

    def _note(self, statement: SetMark | Update | Counter) -> Mismatch | Unknown | None:
        match statement:
            case SetMark():
                self.done.reason = self._mark(statement)
            case Update():
                return self._update(statement)
        return None

    def _mark(self, statement: SetMark) -> Reason:
        skb, value = self.passage.skb, statement.value
        old = skb.packet.mark
        new = {"|": old | value, "^": old ^ value, "&": old & value}.get(statement.operator, value)
        skb.packet = replace(skb.packet, mark=new)
        return Reason.of(ReasonCode.RULE_MARKED, old=f"{old:#x}", new=f"{new:#x}")

    def _update(self, statement: Update) -> Mismatch | Unknown | None:
        """Put the packet's key into a set, for as long as the set says."""
        key = key_of(statement.key, self._sight)
        found = self.tables.tables[self.table].sets.get(statement.set)
        if not isinstance(key, tuple):
            return key
        if found is None or found.unknown:
            return Unknown(f"@{statement.set}")
        self.done.lookups += 1
        renew = statement.operation == "update"
        elements = self.passage.host.elements
        elements.put(self.table, found.name, key, found.timeout, renew=renew)
        self.done.reason = Reason.of(
            ReasonCode.RULE_SET_UPDATED, set=found.name, seconds=found.timeout // 1000,
            element=print_key(key, datatypes(statement.key)),
        )  # fmt: skip
        return None


def _reason_of(
    found: Found, verdict: Verdict, left: Selectors, right: Named | AnonymousMap
) -> Reason:
    """What a lookup in a verdict map has brought."""
    element = print_key(found.key, datatypes(left))
    name = right.name if isinstance(right, Named) else ""
    match verdict:
        case Drop():
            return Reason.of(
                ReasonCode.RULE_DROPPED, comment=found.element.comment, map=name, element=element
            )
        case Jump(chain) | Goto(chain):
            target = chain
        case _:
            target = print_verdict(verdict)
    return Reason.of(ReasonCode.RULE_LOOKED_UP, map=name, element=element, target=target)


def _endpoints(tables: IndexedTables, table: str, value: Verdict | Key | None) -> Endpoints:
    return lambda: tables.endpoints_of(table, value)


def _share(ways: int) -> str:
    return f"1/{ways}"
