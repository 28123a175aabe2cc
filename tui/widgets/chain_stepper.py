"""What the step under the cursor looked at: rules with their neighbours, or another table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.reactive import reactive

from tui.session import Moment, Session
from tui.theme import Role
from tui.widgets.line import Line, Span, short_chain
from tui.widgets.pane import Pane
from tui.widgets.rest_view import rest_lines
from tui.words import Words, use

if TYPE_CHECKING:
    from tui.widgets.rule_scene import Scene


class ChainStepper(Pane):
    """The rule, route, neighbour or header under the cursor, among its neighbours."""

    DEFAULT_CSS = """
    ChainStepper { overflow-y: scroll; }
    """

    session: reactive[Session | None] = reactive(None, repaint=False)
    """What is shown."""
    speaks: reactive[bool] = reactive(False, repaint=False)
    """Whether to say in a sentence what happened, where no packet card does."""

    def __init__(
        self, words: Words | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """An empty stepper."""
        super().__init__(id=id, classes=classes)
        self.words = words or use()

    def watch_session(self) -> None:
        """Show the step under the cursor."""
        if self.is_attached:
            self.scroll_to(y=0, animate=False, immediate=True)
            self.renew()
            self._retitle()

    def watch_speaks(self) -> None:
        """Say more, or less."""
        self.renew()

    def on_resize(self) -> None:
        """The trail is cut to the width."""
        super().on_resize()
        self._retitle()

    def lines(self, width: int) -> list[Line]:
        """Rules where the step is in netfilter, else the table that it asked."""
        session = self.session
        moment = session.moment if session else None
        if session is None:
            return []
        if moment is None:
            return rest_lines(session, self.words, width)
        from tui.widgets.rule_view import rule_lines
        from tui.widgets.table_view import table_lines

        height = max(self.room.height, 4)
        scene = _scene(session, moment, self.words, width, height)
        if scene is not None:
            return rule_lines(scene)
        return table_lines(session, moment, self.words, width, height, speaks=self.speaks)

    def _retitle(self) -> None:
        moment = self.session.moment if self.session else None
        if moment is None:
            self.entitle(title=self.words("Cluster"), subtitle="")
            return
        width = max(self.size.width - 6, 20)
        title = self._text(trail(moment, self.words, width))
        self.entitle(title=title, subtitle=self._number(moment))

    def _number(self, moment: Moment) -> str:
        """Which of the chain's rules it is."""
        place = moment.step.place
        if place is None or not place.rule or self.session is None:
            return ""
        total = self._rules(self.session, moment)
        return self.words("rule {number} of {total}", number=place.rule, total=total)

    def _rules(self, session: Session, moment: Moment) -> int:
        """How many rules the chain has."""
        scene = _scene(session, moment, self.words, 0, 0)
        chain = scene.chain if scene is not None else None
        return len(chain) if chain is not None else 0

    def _text(self, spans: list[Span]) -> Text:
        palette = self.palette
        return Text.assemble(*((text, palette.style(role)) for text, role in spans))


def _scene(session: Session, moment: Moment, words: Words, width: int, height: int) -> Scene | None:
    """What walks rules loads with the first packet."""
    from tui.widgets.rule_scene import scene_of

    return scene_of(session, moment, words, width, height)


def trail(moment: Moment, words: Words, width: int) -> list[Span]:
    """Hook, table and chains as a trail; long names lose the middle of their hash first."""
    place = moment.step.place
    if place is None or not place.hook:
        where = moment.hop.namespace
        return [
            (f"{where} ", Role.QUIET),
            ("▸ ", Role.FAINT),
            (words.step(moment.step), Role.NOW_TEXT),
        ]
    asked = "ipvs" if moment.step.reason.code.startswith("ipvs-") else place.table
    parts = [place.hook, *([asked] if asked else [])]
    callers = [chain for chain, _ in place.jumps if chain != place.hook]
    chains = [*callers, *([place.chain] if place.chain and place.chain != place.hook else [])]
    for limit in (40, 24, 20, 18, 16, 14):
        shown = [*parts, *(short_chain(chain, limit) for chain in chains)]
        if sum(len(part) + 3 for part in shown) <= width:
            break
    while len(shown) > 2 and sum(len(part) + 3 for part in shown) > width:
        shown = [shown[0], "…", *shown[3:]] if shown[1] == "…" else [shown[0], "…", *shown[2:]]
    spans: list[Span] = []
    for i, part in enumerate(shown):
        last = i == len(shown) - 1
        spans.append((part, Role.NOW_TEXT if last else Role.QUIET))
        if not last:
            spans.append((" ▸ ", Role.FAINT))
    return spans
