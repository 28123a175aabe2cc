"""The line at the top: what is open, in which mode, under which plugin, and how far along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from textual.message import Message
from textual.reactive import reactive

from tui.session import Session
from tui.sim.engine.world import BUILT_MODES
from tui.sim.model.settings import ProxyMode
from tui.theme import Role, look_of
from tui.widgets.line import Line, Span, spread
from tui.widgets.pane import Pane
from tui.words import Words, use
from tui.words.language import _
from tui.workshop.hosting import Part

PARTS: Mapping[Part, str] = {
    Part.FOLLOWS: _("following"),
    Part.FOLLOWS_IN_PART: _("following in part"),
    Part.LEADS: _("leading"),
    Part.LEADS_IN_PART: _("leading in part"),
}
"""What is said of a part in the class, before everything else."""


class HeaderLine(Pane):
    """One row; its modes and the plugin can be clicked."""

    session: reactive[Session | None] = reactive(None, repaint=False)
    """What is shown."""
    busy: reactive[bool] = reactive(False, repaint=False)
    """Whether the simulator is at work."""
    heading: reactive[str] = reactive("", repaint=False)
    """Title of the lesson, or of the sandbox."""
    part: reactive[Part] = reactive(Part.OWN_WAY, repaint=False)
    """What this session does in its class."""

    @dataclass
    class ModeChosen(Message):
        """A mode was clicked."""

        mode: ProxyMode
        """Which."""

    class PluginAsked(Message):
        """The plugin was clicked."""

    def __init__(
        self, words: Words | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """An empty line."""
        super().__init__(id=id, classes=classes)
        self.words = words or use()
        self._targets: list[tuple[int, int, str]] = []

    def watch_session(self) -> None:
        """Follow the session."""
        self.renew()

    def watch_busy(self) -> None:
        """Say that it takes a moment."""
        self.renew()

    def watch_heading(self) -> None:
        """Show another title."""
        self.renew()

    def watch_part(self) -> None:
        """Say it from now on."""
        self.renew()

    def lines(self, width: int) -> list[Line]:
        """One row: title at the left, settings at the right."""
        left: list[Span] = [(" k8snet ", Role.NOW), ("  ", Role.PLAIN)]
        heading = self.heading
        if self.part in PARTS:
            left += [(f"[{self.words(PARTS[self.part])}]", Role.NOW_TEXT), ("  ", Role.PLAIN)]
            # the lesson's title tells more than the chapter's where there is no room for both
            heading = heading if width >= 100 else heading.rpartition(" ▸ ")[2]
        left.append((heading, Role.STRONG))
        if self.busy:
            left += [("   ", Role.PLAIN), (f" {self.words('working')} … ", Role.NOW)]
        right = self._settings(width)
        size = sum(cell_len(text) for text, _role in right)
        self._locate(right, width - size)
        return [spread(left, right, width)]

    def _settings(self, width: int) -> list[Span]:
        session = self.session
        if session is None:
            return []
        spans = [
            *self._modes(session, width),
            (" │ ", Role.FAINT),
            (session.world.cni, Role.TITLE),
            (" ▾", Role.FAINT),
        ]
        moment = session.moment
        if moment is not None and width >= 100:
            spans += [(" │ ", Role.FAINT), (moment.hop.node or moment.hop.namespace, Role.PLAIN)]
        if moment is not None and session.trace is not None:
            text = f"{session.position + 1}/{len(session.moments)}"
            step = f"{self.words('step')} {text}" if width >= 100 else text
            spans += [(" │ ", Role.FAINT), (step, Role.STRONG)]
            if session.at_end:
                look = look_of(moment.step)
                spans.append((f" {look.glyph}", look.role))
        return [*spans, (" ", Role.PLAIN)]

    @staticmethod
    def _modes(session: Session, width: int) -> list[Span]:
        """All three modes where there is room; one that is not built is dim."""
        chosen = session.world.proxy.mode
        if width < 76:
            return [(f"[{chosen.value}]", Role.NOW_TEXT)]
        spans: list[Span] = []
        for mode in ProxyMode:
            if mode is chosen:
                spans.append((f"[{mode.value}]", Role.NOW_TEXT))
            else:
                role = Role.QUIET if mode in BUILT_MODES else Role.FAINT
                spans.append((f" {mode.value} ", role))
        return spans

    def _locate(self, spans: list[Span], x: int) -> None:
        """Remember in which columns the modes and the plugin stand."""
        names = {mode.value for mode in ProxyMode}
        plugin = self.session.world.cni if self.session else ""
        self._targets = []
        for text, _role in spans:
            word, size = text.strip(" []"), cell_len(text)
            if word in names or word == plugin:
                self._targets.append((x, x + size, word))
            x += size

    def clicked(self, line: Line, column: int) -> None:
        """Choose the mode, or ask for another plugin."""
        for start, end, word in self._targets:
            if start <= column < end:
                if word in [mode.value for mode in ProxyMode]:
                    self.post_message(self.ModeChosen(ProxyMode(word)))
                else:
                    self.post_message(self.PluginAsked())
