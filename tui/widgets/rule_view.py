"""The rules around the current one, why the ones before it did not match, and what chance said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len

from tui.session import Moment
from tui.sim.netfilter.explain import Mismatch, Unknown
from tui.sim.netfilter.hooks import Stage, StageKind
from tui.sim.trace import ReasonCode, RulePlace, Step, StepKind
from tui.theme import Look, Role, look_of
from tui.widgets.counted import counted
from tui.widgets.ipset_view import ipset_spans
from tui.widgets.line import BLANK, Line, Span, cut_spans, fit, pad, short_chain, spread, wrap
from tui.widgets.rule_list import RuleList
from tui.widgets.rule_scene import Decided, Scene, asking, decided, view_of
from tui.words import Words, share
from tui.words.language import _

WIDE = 90
"""Cells from which on longer targets fit."""
LAST = 1000
"""Priorities beyond this have names rather than numbers that tell anything."""
MOST_BRANCHES = 5
"""Entries of a rule's own map that are listed."""
ARROW = " ▸ "
"""Between a chain and the one that it jumps to."""
BEFORE = 3
"""Rules shown above the current one; each takes a second line for why it did not match."""


def rule_lines(scene: Scene) -> list[Line]:
    """The pane's rows for a step in netfilter."""
    chain, foot = scene.chain, _foot(scene)
    if chain is None:
        if not scene.moment.step.reason.code.startswith("ipvs-"):
            return _stages(scene)
        # only in IPVS mode is there a virtual server to show
        from tui.widgets.ipvs_view import ipvs_lines

        body = ipvs_lines(scene, scene.height - len(foot))
    else:
        body = _chain_lines(scene, chain, scene.height - len(foot))
    body += [BLANK] * (scene.height - len(foot) - len(body))
    return body + foot


# ---------------------------------------------------------------- a hook's tables


def _stages(scene: Scene) -> list[Line]:
    """The hook as a list of what is asked in it, in order of priority."""
    words, hook = scene.words, scene.place.hook
    about = wrap([(words.hook(hook), Role.QUIET)], scene.width - 3)
    out = [Line.of((f" {hook}", Role.STRONG)), *(Line(row).indented(1) for row in about), BLANK]
    stages = scene.stages()
    widest = max((cell_len(_stage_name(stage)) for stage in stages), default=0)
    return out + [_stage(scene, stage, min(widest, scene.width - 24)) for stage in stages]


def _stage_name(stage: Stage) -> str:
    """The table, with its base chain in nftables; conntrack and IPVS have neither."""
    if stage.table:
        return f"{stage.table} {stage.chain}".strip()
    return "ipvs" if stage.kind in _IPVS else "conntrack"


_IPVS = {
    StageKind.IPVS_REQUEST: _("sends calls to virtual servers on"),
    StageKind.IPVS_REPLY: _("turns answers of real servers back"),
}
"""What IPVS does at its two places of a hook."""


def _stage(scene: Scene, stage: Stage, widest: int) -> Line:
    """One thing that a hook calls: its priority, its name, and what it has to say."""
    words = scene.words
    chain = scene.chain_named(stage.table, stage.chain or scene.place.hook)
    if stage.kind is StageKind.TRACK:
        note = words("looks the connection up")
    elif stage.kind is StageKind.CONFIRM:
        note = words("remembers the connection")
    elif stage.kind in _IPVS:
        note = words(_IPVS[stage.kind])
    else:
        rules = len(chain) if chain is not None else 0
        note = counted(words, rules, _("{count} rule"), _("{count} rules")) if rules else ""
    shown = str(stage.priority) if abs(stage.priority) < LAST else words("last")
    spans = [
        (f" {' ' * (6 - cell_len(shown))}{shown}  ", Role.FAINT),
        (pad(_stage_name(stage), widest), Role.PLAIN if note else Role.FAINT),
        (f"  {note or words('no rules')}", Role.QUIET),
    ]
    return spread(spans, [], scene.width)


# ---------------------------------------------------------------- a chain


def _chain_lines(scene: Scene, chain: RuleList, height: int) -> list[Line]:
    current = scene.place.rule
    if not len(chain):
        return _outcome(scene)
    if current == 0:
        return _whole(scene, chain, height)
    around = _current(scene, chain, current)
    before = _before(scene, chain, current, min(height - len(around), 2 * BEFORE + 1))
    after = _after(scene, chain, current, height - len(around) - len(before))
    return [*before, *around, *after]


def _whole(scene: Scene, chain: RuleList, height: int) -> list[Line]:
    """No rule is current: the chain begins, or all of it was tried."""
    kind = scene.moment.step.kind
    if kind is StepKind.CHAIN_ENTERED:
        shown = range(1, min(len(chain), height) + 1)
        rows = [_row(scene, chain, number, Role.PLAIN) for number in shown]
        return _with_more(scene, rows, len(chain), height)
    end = _outcome(scene)
    rows = _before(scene, chain, len(chain) + 1, height - len(end))
    return [*rows, *end]


def _with_more(scene: Scene, rows: list[Line], total: int, height: int) -> list[Line]:
    if total > height:
        more = scene.words("{count} more rules", count=total - height + 1)
        rows[-1] = Line.of((f"     ⋮ {more}", Role.FAINT))
    return rows


def _outcome(scene: Scene) -> list[Line]:
    """What the end of a chain means."""
    look, step = look_of(scene.moment.step), scene.moment.step
    role = look.role if step.kind.final else Role.NOW_TEXT
    text = scene.words.sentence(step.reason)
    rows = wrap([(text, role)], scene.width - 6)
    return [
        Line.of(("  ▶  " if i == 0 else "     ", Role.NOW_TEXT), *spans, lit=True)
        for i, spans in enumerate(rows)
    ]


def _before(scene: Scene, chain: RuleList, current: int, height: int) -> list[Line]:
    """Rules that were tried, each with what came of it; the nearest ones."""
    past = decided(scene)
    rows: list[Line] = []
    first = current
    while first > 1:
        pair = [_row(scene, chain, first - 1, Role.QUIET), _tried(scene, chain, first - 1, past)]
        if len(rows) + len(pair) > height - (1 if first > 2 else 0):
            break
        rows = pair + rows
        first -= 1
    if first > 1 and height > 0:
        rows.insert(0, Line.of((f"     ⋮ {_above(scene, first - 1, past)}", Role.FAINT)))
    return rows[: max(height, 0)]


def _above(scene: Scene, count: int, past: Decided) -> str:
    """How many rules are not shown, and how many of those matched."""
    kinds = [scene.session.moments[at].step.kind for rule, at in past.items() if rule <= count]
    matched = kinds.count(StepKind.RULE_MATCHED)
    if not matched:
        one, many = _("{count} rule above, did not match"), _("{count} rules above, none matched")
        return counted(scene.words, count, one, many)
    if count == matched:
        one, many = _("{count} rule above, matched"), _("{count} rules above, all matched")
        return counted(scene.words, count, one, many)
    return scene.words("{count} rules above, {matched} matched", count=count, matched=matched)


def _after(scene: Scene, chain: RuleList, current: int, height: int) -> list[Line]:
    last = min(current + max(height, 0), len(chain))
    rows = [_row(scene, chain, n, Role.QUIET) for n in range(current + 1, last + 1)]
    left = len(chain) - current
    if rows and left > len(rows):
        text = scene.words("{count} rules below, not asked", count=left - len(rows) + 1)
        rows[-1] = Line.of((f"     ⋮ {text}", Role.FAINT))
    return rows


def _row(scene: Scene, chain: RuleList, number: int, role: Role) -> Line:
    """One rule: number, what it looks at, and at the right what it does."""
    right = _right(scene, chain, number, role)
    text = chain.looks_at(number) or scene.words("every packet")
    return spread([(f"{number:>4}  ", Role.FAINT), (text, role)], right, scene.width)


def _right(scene: Scene, chain: RuleList, number: int, role: Role) -> list[Span]:
    """What a rule does, with its chance; never more than the half of the row."""
    target = fit(chain.does(number, 22 if scene.width < WIDE else 28), scene.width // 2)
    odds = chain.odds(number)
    chance: list[Span] = [(f"  {share(odds):>4}", Role.CHANCE)] if odds is not None else []
    return [(target, role), *chance, (" ", Role.PLAIN)]


def _tried(scene: Scene, chain: RuleList, number: int, past: Decided) -> Line:
    """What came of a rule: what it did, or why it did not match, with the value found."""
    if number in past:
        mark, text = "·", _did(scene.session.moments[past[number]].step, scene.words)
    else:
        mark, text = _why(chain.why(number, view_of(asking(scene, number, past))), scene.words)
    return Line.of((f"        {mark} ", Role.UNKNOWN), (fit(text, scene.width - 11), Role.QUIET))


def _why(result: Mismatch | Unknown | None, words: Words) -> tuple[str, str]:
    """A mark, and why a rule did not match."""
    if isinstance(result, Mismatch):
        return "✗", words.mismatch(result.field, result.wanted, result.found, result.negated)
    if isinstance(result, Unknown):
        return "?", words("unknown: {text}", text=result.text)
    return "·", words("passed over")


def _did(step: Step, words: Words) -> str:
    """What a rule did that is behind us: chance said no, it came back, or it let the walk go on."""
    fields = step.reason.fields
    match step.reason.code:
        case ReasonCode.RULE_CHANCE_PASSED:
            return words("chance said no")
        case ReasonCode.RULE_COUNTED:
            return words("matched; it only counts")
        case ReasonCode.RULE_MARKED:
            return words("matched: mark {old} → {new}, and the walk went on", **fields)
        case ReasonCode.RULE_MARK_RESTORED:
            return words("matched: mark {old} → {new}, and the walk went on", **fields)
        case ReasonCode.RULE_CONN_MARKED | ReasonCode.RULE_MARK_SAVED:
            return words("matched: connmark {old} → {new}, and the walk went on", **fields)
    if "target" in fields:
        return words("matched, and the walk came back")
    return words("matched, and the walk went on")


# ---------------------------------------------------------------- the current rule


def _current(scene: Scene, chain: RuleList, number: int) -> list[Line]:
    """The rule under the cursor, lit: matches, target, comment, and what it leads to."""
    step = scene.moment.step
    final: Look | None = look_of(step) if step.kind.final else None
    right = _right(scene, chain, number, final.role if final else Role.NOW_TEXT)
    text = chain.looks_at(number) or scene.words("every packet")
    start: list[Span] = [(f" ▶{number:>2}  ", Role.NOW_TEXT)]
    room = scene.width - 7 - sum(cell_len(t) for t, _role in right)
    pieces = wrap([(text, Role.STRONG)], max(room, 12))
    rows = [spread([*start, *pieces[0]], right, scene.width, lit=True)]
    rows += [Line((("      ", Role.PLAIN), *piece), lit=True) for piece in pieces[1:]]
    return rows + [
        Line(cut_spans((("        ", Role.PLAIN), *spans), scene.width), lit=True)
        for spans in _remarks(scene, chain, number, step)
    ]


def _remarks(scene: Scene, chain: RuleList, number: int, step: Step) -> Iterator[tuple[Span, ...]]:
    """The lines under the current rule."""
    yield from _branches(scene, chain, number, step)
    asked = chain.ipsets(number)
    if asked:
        view = view_of(scene)
        for match in asked:
            yield from ipset_spans(match, view, scene.words)
    endpoint = chain.endpoint(number)
    if endpoint:
        pod = _pod_at(scene, endpoint)
        yield ("→ ", Role.NOW_TEXT), (f"{pod} " if pod else "", Role.STRONG), (endpoint, Role.PLAIN)
    element = step.reason.fields.get("element")
    if element:
        target = short_chain(str(step.reason.fields.get("target", "")), scene.width // 2)
        yield (f"{element} ", Role.STRONG), ("→ ", Role.NOW_TEXT), (target, Role.PLAIN)
    if step.chance is not None:
        yield tuple(_chance(scene, step))
    for change in step.changes:
        yield (
            (f"{scene.words.field(change.field)} ", Role.QUIET),
            (change.old, Role.PLAIN),
            (" → ", Role.NOW_TEXT),
            (change.new, Role.CHANGED),
        )
    if chain.comment(number):
        yield ((f"“{fit(chain.comment(number), scene.width - 14)}”", Role.QUIET),)


def _branches(scene: Scene, chain: RuleList, number: int, step: Step) -> Iterator[tuple[Span, ...]]:
    """The rule's own map, the entry that was taken marked."""
    new = str(step.reason.fields.get("target", "") or step.reason.fields.get("new", ""))
    for key, value in chain.branches(number)[:MOST_BRANCHES]:
        taken = bool(new) and value.split()[-1] == new
        shown = " ".join(short_chain(word, scene.width - 20) for word in value.split())
        yield (
            ("▸ " if taken else "  ", Role.NOW_TEXT),
            (f"{key}  ", Role.FAINT),
            (shown, Role.STRONG if taken else Role.QUIET),
        )


def _chance(scene: Scene, step: Step) -> Iterator[Span]:
    """Who chose, and how likely it was."""
    assert step.chance is not None
    words, taken = scene.words, step.kind is not StepKind.RULE_DECLINED
    yield words("taken") if taken else words("passed over"), Role.CHANCE
    yield f", {share(step.chance.probability)}: ", Role.CHANCE
    yield (words("pinned by you") if step.chance.pinned else words("chance decided"), Role.PLAIN)
    yield f"  ({words('p to let it go') if step.chance.pinned else words('p to pin')})", Role.FAINT


def _pod_at(scene: Scene, endpoint: str) -> str:
    """The bare name of the pod that has an endpoint's address."""
    text = endpoint.rsplit(":", 1)[0].strip("[]")
    pods = scene.session.world.network.pods
    return next((name.rsplit("/", 1)[-1] for ip, name in pods.items() if str(ip) == text), "")


# ---------------------------------------------------------------- the foot


def _foot(scene: Scene) -> list[Line]:
    """The jump stack, and what it cost."""
    words, place, step = scene.words, scene.place, scene.moment.step
    rows = []
    if place.jumps:
        head, here = f"  {words('jumps')}  ", words("here")
        trail: list[Span] = [(head, Role.FAINT)]
        for text in _jumps(place, scene.width - cell_len(head) - cell_len(here)):
            trail += [(text, Role.QUIET), (ARROW, Role.FAINT)]
        rows.append(spread([*trail, (here, Role.NOW_TEXT)], [], scene.width))
    cost: list[Span] = [(f"  {words('cost')}   ", Role.FAINT), (_cost(scene), Role.QUIET)]
    owner: list[Span] = []
    if step.owner:
        owner = [(f"{words('owner')} ", Role.FAINT), (step.owner, Role.SERVICE), (" ", Role.PLAIN)]
    room = scene.width - sum(cell_len(text) for text, _role in (*cost, *owner))
    return [*rows, spread([*cost, *_counter(scene, room)], owner, scene.width)]


def _counter(scene: Scene, room: int) -> list[Span]:
    """What `iptables-save -c` would show before the rule: packets and bytes, those of this walk.

    kube-proxy's nftables rules count nothing.
    """
    place = scene.place
    if not place.rule or " " in place.table:
        return []
    walked = scene.session.moments[: scene.session.position + 1]
    host = scene.moment.hop.namespace
    sizes = [m.step.packet.size for m in walked if _matched_at(m, host, place)]
    shown = f"   [{len(sizes)}:{sum(sizes)}]"
    label = f"   {scene.words('counter')}"
    if not sizes or cell_len(shown) >= room:
        return []
    spelt = cell_len(label) + cell_len(shown) - 2 < room
    return [(label if spelt else "", Role.FAINT), (shown[2:] if spelt else shown, Role.QUIET)]


def _matched_at(moment: Moment, namespace: str, place: RulePlace) -> bool:
    """Whether a packet matched a rule at a moment, on a host."""
    there, step = moment.step.place, moment.step
    if there is None or moment.hop.namespace != namespace:
        return False
    same = (there.table, there.chain, there.rule) == (place.table, place.chain, place.rule)
    return same and (step.kind is StepKind.RULE_MATCHED or step.kind.final)


def _jumps(place: RulePlace, width: int) -> list[str]:
    """The callers with their rule numbers; first hashes are cut, then callers in the middle."""
    texts: list[str] = []
    for limit in (40, 20, 18, 16, 14):
        texts = [f"{short_chain(chain, limit)}:{number}" for chain, number in place.jumps]
        if _length(texts) <= width:
            return texts
    first, *between, last = texts if len(texts) > 1 else ["", *texts]
    while between and _length([first, "…", *between, last]) > width:
        between = between[1:]
    short = [first, "…", *between, last]
    return short if first and _length(short) <= width else ["…", fit(last, width - 7)]


def _length(texts: Iterable[str]) -> int:
    """Cells of a trail, an arrow behind each of its parts."""
    return sum(cell_len(text) + len(ARROW) for text in texts)


def _cost(scene: Scene) -> str:
    words, cost, skipped = scene.words, scene.moment.step.cost, scene.place.skipped
    looked = counted(words, cost.lookups, _("{count} lookup"), _("{count} lookups"))
    if cost.lookups and not cost.rules:
        return looked
    text = counted(words, cost.rules, _("{count} rule examined"), _("{count} rules examined"))
    if skipped:
        text += ", " + words("{count} passed over", count=skipped)
    return f"{text}, {looked}" if cost.lookups else text
