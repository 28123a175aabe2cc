"""The rules around the current one, why the ones before it did not match, and what chance said."""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.netfilter.explain import Mismatch, Unknown, View, explain
from tui.sim.netfilter.hooks import STAGES, Hook, StageKind
from tui.sim.netfilter.rules import Chain, Rule
from tui.sim.trace import RulePlace, Step, StepKind
from tui.theme import Look, Role, look_of
from tui.widgets.counted import counted
from tui.widgets.line import BLANK, Line, Span, cut_spans, fit, short_chain, spread, wrap
from tui.widgets.rule_scene import Scene, view_of
from tui.widgets.rule_text import chance_of, does, leads_to, looks_at
from tui.words import share
from tui.words.language import _

BEFORE = 3
"""Rules shown above the current one; each takes a second line for why it did not match."""


def rule_lines(scene: Scene) -> list[Line]:
    """The pane's rows for a step in netfilter."""
    chain = scene.chain
    if chain is None:
        return _stages(scene)
    foot = _foot(scene)
    body = _chain_lines(scene, chain, scene.height - len(foot))
    body += [BLANK] * (scene.height - len(foot) - len(body))
    return body + foot


# ---------------------------------------------------------------- a hook's tables


def _stages(scene: Scene) -> list[Line]:
    """The hook as a list of what is asked in it, in order of priority."""
    words, hook = scene.words, scene.place.hook
    out = [Line.of((f" {hook}", Role.STRONG))]
    out += [
        Line(spans).indented(1) for spans in wrap([(words.hook(hook), Role.QUIET)], scene.width - 3)
    ]
    out.append(BLANK)
    for stage in STAGES[Hook(hook)] if hook in Hook.__members__ else ():
        name = stage.table if stage.kind in (StageKind.TABLE, StageKind.NAT) else "conntrack"
        chain = scene.ruleset.chain(stage.table, hook) if stage.table else None
        count = (
            counted(words, len(chain.rules), _("{count} rule"), _("{count} rules"))
            if chain and chain.rules
            else ""
        )
        role = Role.PLAIN if count or name == "conntrack" else Role.FAINT
        note = count or (
            words("looks the connection up")
            if stage.kind is StageKind.TRACK
            else words("remembers the connection")
            if stage.kind is StageKind.CONFIRM
            else words("no rules")
        )
        shown = str(stage.priority) if abs(stage.priority) < 1000 else "last"
        out.append(
            spread(
                [(f"{shown:>7}  ", Role.FAINT), (f"{name:<11}", role), (note, Role.QUIET)],
                [],
                scene.width,
            )
        )
    return out


# ---------------------------------------------------------------- a chain


def _chain_lines(scene: Scene, chain: Chain, height: int) -> list[Line]:
    current = scene.place.rule
    if not chain.rules:
        return [
            Line.of((scene.words("  {chain} has no rules.", chain=chain.name), Role.QUIET)),
            *_outcome(scene),
        ]
    if current == 0:
        return _whole(scene, chain, height)
    around = _current(scene, chain.rules[current - 1], current)
    before = _before(scene, chain, current, min(height - len(around), 2 * BEFORE + 1))
    after = _after(scene, chain, current, height - len(around) - len(before))
    return [*before, *around, *after]


def _whole(scene: Scene, chain: Chain, height: int) -> list[Line]:
    """No rule is current: the chain begins, or all of it was tried."""
    kind = scene.moment.step.kind
    if kind is StepKind.CHAIN_ENTERED:
        rows = [_row(scene, rule, i + 1, Role.PLAIN) for i, rule in enumerate(chain.rules[:height])]
        return _with_more(scene, rows, len(chain.rules), height)
    end = _outcome(scene)
    rows = _before(scene, chain, len(chain.rules) + 1, height - len(end))
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


def _before(scene: Scene, chain: Chain, current: int, height: int) -> list[Line]:
    """Rules that were tried and did not match, each with why; the nearest ones."""
    view = view_of(scene)
    rows: list[Line] = []
    first = current
    while first > 1:
        rule = chain.rules[first - 2]
        pair = [_row(scene, rule, first - 1, Role.QUIET), *_why(scene, rule, view)]
        if len(rows) + len(pair) > height - (1 if first > 2 else 0):
            break
        rows = pair + rows
        first -= 1
    if first > 1 and height > 0:
        text = counted(
            scene.words,
            first - 1,
            _("{count} rule above, did not match"),
            _("{count} rules above, none matched"),
        )
        rows.insert(0, Line.of((f"     ⋮ {text}", Role.FAINT)))
    return rows[: max(height, 0)]


def _after(scene: Scene, chain: Chain, current: int, height: int) -> list[Line]:
    rows = [
        _row(scene, rule, current + 1 + i, Role.QUIET)
        for i, rule in enumerate(chain.rules[current : current + max(height, 0)])
    ]
    left = len(chain.rules) - current
    if rows and left > len(rows):
        text = scene.words("{count} rules below, not asked", count=left - len(rows) + 1)
        rows[-1] = Line.of((f"     ⋮ {text}", Role.FAINT))
    return rows


def _row(scene: Scene, rule: Rule, number: int, role: Role) -> Line:
    """One rule: number, what it looks at, and at the right what it does."""
    target = does(rule, 22 if scene.width < 90 else 28)
    odds = chance_of(rule)
    right: list[Span] = [(target, role)]
    if odds is not None:
        right.append((f"  {share(odds):>4}", Role.CHANCE))
    right.append((" ", Role.PLAIN))
    text = looks_at(rule, scene.ruleset.family) or scene.words("every packet")
    return spread([(f"{number:>4}  ", Role.FAINT), (text, role)], right, scene.width)


def _why(scene: Scene, rule: Rule, view: View) -> list[Line]:
    """Why a rule did not match, in words, with the value found."""
    result = explain(rule, view)
    if isinstance(result, Mismatch):
        text = scene.words.mismatch(result.field, result.wanted, result.found, result.negated)
        return [Line.of(("        ✗ ", Role.UNKNOWN), (fit(text, scene.width - 11), Role.QUIET))]
    if isinstance(result, Unknown):
        text = scene.words("unknown: {text}", text=result.text)
        return [Line.of(("        ? ", Role.UNKNOWN), (fit(text, scene.width - 11), Role.QUIET))]
    note = _passed_over(scene, rule)
    return [Line.of(("        · ", Role.UNKNOWN), (fit(note, scene.width - 11), Role.QUIET))]


def _passed_over(scene: Scene, rule: Rule) -> str:
    """A rule that matches and yet is behind us: chance said no, or it came back."""
    if chance_of(rule) is not None:
        return scene.words("chance said no")
    if rule.target is None:
        return scene.words("matched; it only counts")
    return scene.words("matched, and the walk came back")


# ---------------------------------------------------------------- the current rule


def _current(scene: Scene, rule: Rule, number: int) -> list[Line]:
    """The rule under the cursor, lit: matches, target, comment, and what it leads to."""
    step = scene.moment.step
    final: Look | None = look_of(step) if step.kind.final else None
    right: list[Span] = [
        (does(rule, 24 if scene.width < 90 else 28), final.role if final else Role.NOW_TEXT)
    ]
    odds = chance_of(rule)
    if odds is not None:
        right.append((f"  {share(odds):>4}", Role.CHANCE))
    right.append((" ", Role.PLAIN))
    text = looks_at(rule, scene.ruleset.family) or scene.words("every packet")
    start: list[Span] = [(f" ▶{number:>2}  ", Role.NOW_TEXT)]
    room = scene.width - 7 - sum(len(t) for t, _ in right)
    pieces = wrap([(text, Role.STRONG)], max(room, 12))
    rows = [spread([*start, *pieces[0]], right, scene.width, lit=True)]
    rows += [Line((("      ", Role.PLAIN), *piece), lit=True) for piece in pieces[1:]]
    return rows + [
        Line(cut_spans((("        ", Role.PLAIN), *spans), scene.width), lit=True)
        for spans in _remarks(scene, rule, step)
    ]


def _remarks(scene: Scene, rule: Rule, step: Step) -> Iterator[tuple[Span, ...]]:
    """The lines under the current rule."""
    endpoint = leads_to(rule, scene.ruleset, scene.place.table)
    if endpoint:
        pod = _pod_at(scene, endpoint)
        yield ("→ ", Role.NOW_TEXT), (f"{pod} " if pod else "", Role.STRONG), (endpoint, Role.PLAIN)
    if step.chance is not None:
        yield tuple(_chance(scene, step))
    for change in step.changes:
        yield (
            (f"{scene.words.field(change.field)} ", Role.QUIET),
            (change.old, Role.PLAIN),
            (" → ", Role.NOW_TEXT),
            (change.new, Role.CHANGED),
        )
    if rule.comment:
        yield ((f"“{fit(rule.comment, scene.width - 14)}”", Role.QUIET),)


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
        trail: list[Span] = [(f"  {words('jumps')}  ", Role.FAINT)]
        for text in _jumps(place, scene.width - 20):
            trail += [(text, Role.QUIET), (" ▸ ", Role.FAINT)]
        trail.append((words("here"), Role.NOW_TEXT))
        rows.append(spread(trail, [], scene.width))
    cost: list[Span] = [(f"  {words('cost')}   ", Role.FAINT), (_cost(scene), Role.QUIET)]
    owner: list[Span] = []
    if step.owner:
        owner = [(f"{words('owner')} ", Role.FAINT), (step.owner, Role.SERVICE), (" ", Role.PLAIN)]
    return [*rows, spread(cost, owner, scene.width)]


def _jumps(place: RulePlace, width: int) -> list[str]:
    """The callers with their rule numbers, hashes cut as far as needed."""
    texts: list[str] = []
    for limit in (40, 20, 18, 16, 14):
        texts = [f"{short_chain(chain, limit)}:{number}" for chain, number in place.jumps]
        if sum(len(text) + 3 for text in texts) <= width:
            break
    return texts


def _cost(scene: Scene) -> str:
    words, cost, skipped = scene.words, scene.moment.step.cost, scene.place.skipped
    text = counted(words, cost.rules, _("{count} rule examined"), _("{count} rules examined"))
    if skipped:
        text += ", " + words("{count} passed over", count=skipped)
    if cost.lookups:
        text += ", " + counted(words, cost.lookups, _("{count} lookup"), _("{count} lookups"))
    return text
