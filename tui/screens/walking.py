"""Walking with the packet: steps, hooks, playing. The base of the explorer's screens."""

from __future__ import annotations

from textual import on
from textual.reactive import Reactive, reactive
from textual.timer import Timer
from textual.widget import Widget

from tui.screens.tidying import Tidying
from tui.session import Session, Unit
from tui.widgets.journey import Journey
from tui.widgets.transport import Transport
from tui.words import Words

SPEEDS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Steps per second while playing."""


class Walking(Tidying):
    """Holds the one session, and moves its cursor."""

    # a pane that gets or loses the focus repaints itself; Textual would repaint the whole screen
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    session: reactive[Session | None] = reactive(None, repaint=False)
    """The learner's moment; replaced, never changed."""
    playing: reactive[bool] = reactive(False, repaint=False)
    """Whether the packet walks by itself."""
    speed: reactive[float] = reactive(4.0, repaint=False)
    """Steps per second while it does."""
    status: reactive[str] = reactive("", repaint=False)
    """What the last key did where nothing else shows it; until the session changes."""

    def __init__(self, words: Words) -> None:
        """Take the language."""
        super().__init__()
        self.words = words
        self._ticker: Timer | None = None

    def walk_works(self, name: str) -> bool | None:
        """Whether an action of walking does anything at this moment; None: not one of these."""
        session = self.session
        moving = session is not None and bool(session.moments)
        if name in ("back", "start") or name.startswith("previous_"):
            return moving and session is not None and session.position > 0
        if name in ("step", "end", "play", "next_chain", "next_hop"):
            return moving and session is not None and not session.at_end
        if name in ("faster", "slower", "next_rewrite"):
            return moving
        return None

    def watch_session(self) -> None:
        """What was said is over."""
        self.status = ""
        self.put_off_tidying()

    def on_screen_suspend(self) -> None:
        """The packet waits while a dialog hides it."""
        self.playing = False

    def go(self, unit: Unit, direction: int) -> None:
        """Move the cursor by a unit."""
        if self.session is not None:
            self.playing = False
            self.session = self.session.moved(unit, direction)

    def action_back(self) -> None:
        """One step back."""
        self.go(Unit.STEP, -1)

    def action_step(self) -> None:
        """One step on."""
        self.go(Unit.STEP, 1)

    def action_next_hook(self) -> None:
        """On to the next hook."""
        self.go(Unit.HOOK, 1)

    def action_previous_hook(self) -> None:
        """Back to the hook before."""
        self.go(Unit.HOOK, -1)

    def action_start(self) -> None:
        """To where the packet was sent."""
        self.go(Unit.END, -1)

    def action_end(self) -> None:
        """To where it all ended."""
        self.go(Unit.END, 1)

    def action_next_chain(self) -> None:
        """On to where another chain, or a subject beside chains, begins."""
        self.go(Unit.CHAIN, 1)

    def action_previous_chain(self) -> None:
        """Back to where a chain began."""
        self.go(Unit.CHAIN, -1)

    def action_next_hop(self) -> None:
        """On to the next namespace."""
        self.go(Unit.HOP, 1)

    def action_previous_hop(self) -> None:
        """Back to where a namespace began."""
        self.go(Unit.HOP, -1)

    def action_next_rewrite(self) -> None:
        """On to the next step that changes the packet, if one is left."""
        self._to_rewrite(1, self.words("No rewrite is left on this way."))

    def action_previous_rewrite(self) -> None:
        """Back to the step that changed the packet last, if one did."""
        self._to_rewrite(-1, self.words("No rewrite lies behind."))

    def _to_rewrite(self, direction: int, none: str) -> None:
        session = self.session
        if session is None:
            return
        position = session.rewrite_from(direction)
        if position is None:
            self.status = none
        else:
            self.playing = False
            self.session = session.moved_to(position)

    # ------------------------------------------------------------ playing

    def action_play(self) -> None:
        """Play and pause."""
        self.playing = not self.playing and self.session is not None and not self.session.at_end

    def action_faster(self) -> None:
        """The next speed."""
        self.speed = next((s for s in SPEEDS if s > self.speed), SPEEDS[-1])

    def action_slower(self) -> None:
        """The speed before."""
        self.speed = next((s for s in reversed(SPEEDS) if s < self.speed), SPEEDS[0])

    def watch_playing(self) -> None:
        """Start or stop the clock."""
        self._restart()

    def watch_speed(self) -> None:
        """Run the clock at the new speed."""
        self._restart()

    def _restart(self) -> None:
        if self._ticker is not None:
            self._ticker.stop()
            self._ticker = None
        if self.playing:
            self._ticker = self.set_interval(1 / self.speed, self._tick)

    def _tick(self) -> None:
        session = self.session
        if session is None or session.at_end:
            self.playing = False
            return
        self.session = session.moved(Unit.STEP, 1)

    # ------------------------------------------------------------ clicking

    @on(Transport.Sought)
    @on(Journey.StepChosen)
    def _jumped(self, event: Transport.Sought | Journey.StepChosen) -> None:
        if self.session is not None:
            self.playing = False
            self.session = self.session.moved_to(event.position)
