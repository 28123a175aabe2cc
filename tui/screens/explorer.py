"""The explorer: lesson, map, chain and packet around one session."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from tui.actions import ACTIONS, Group
from tui.course.lesson import Course
from tui.screens.arrangement import Arrangement, arrangement
from tui.screens.attending import Attending
from tui.screens.offered import offered
from tui.screens.sending import is_big, prepare
from tui.session import Session
from tui.sim.engine import World
from tui.store.progress import ProgressStore
from tui.widgets.chain_stepper import ChainStepper
from tui.widgets.conntrack_table import ConntrackTable
from tui.widgets.ground import Column, Columns
from tui.widgets.header_line import HeaderLine
from tui.widgets.journey import Journey
from tui.widgets.key_bar import KeyBar
from tui.widgets.lesson_pane import LessonPane
from tui.widgets.packet_card import PacketCard
from tui.widgets.strip_map import StripMap
from tui.widgets.tab_row import TabRow
from tui.widgets.topology_map import TopologyMap
from tui.widgets.transport import Transport
from tui.words import Words
from tui.words.language import _

TABS = {
    "lesson": _("lesson"),
    "map": _("map"),
    "chain": _("chain"),
    "packet": _("packet"),
    "conntrack": _("conntrack"),
    "journey": _("journey"),
}
"""Panes by the name of their tab, with its label, in the order of the digits."""
LEFT = frozenset({"lesson", "journey"})
"""Panes that share the left column of a wide screen."""
LOWER = frozenset({"chain", "conntrack"})
"""Panes that share its lower right."""
STEPS = frozenset({"step", "back"})
"""Actions whose keys go straight to the screen: what is pressed most must not take the long way."""
_PANE_CLASSES = ("-show-", "-use-", "-idle", *(f"-{each.value}" for each in Arrangement))
"""How the classes begin that arrange the panes."""


class ExplorerScreen(Attending):
    """Everything about one packet on one screen. A dialog loads when it is opened."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                ",".join(each.all_keys), each.id, each.label, show=False, priority=each.id in STEPS
            )
            for each in ACTIONS
            if each.group is not Group.PROGRAM or each.id == "help"
        ),
        *(Binding(str(i), f"digit({i})", show=False) for i in range(1, 10)),
        Binding("tab", "turn_tab(1)", show=False),
        Binding("shift+tab", "turn_tab(-1)", show=False),
        Binding("escape", "home", show=False),
    ]

    tab: reactive[str] = reactive("lesson", repaint=False)
    """The pane in use where there is not room for all."""
    left: reactive[str] = reactive("lesson", repaint=False)
    """What the left column shows."""
    lower: reactive[str] = reactive("chain", repaint=False)
    """What the lower right shows."""

    def __init__(
        self,
        words: Words,
        course: Course | None = None,
        store: ProgressStore | None = None,
        world: World | None = None,
        lesson: str | None = None,
        step: str | None = None,
    ) -> None:
        """Play a course from a lesson on, or a world of one's own."""
        super().__init__(words, course, store)
        self._world = world
        self._start = (lesson, step or "")
        self._arrangement = Arrangement.WIDE
        self._ready = False
        if world is not None:
            self.set_reactive(ExplorerScreen.tab, "map")
            self.set_reactive(ExplorerScreen.left, "journey")

    # ------------------------------------------------------------ layout

    def compose(self) -> ComposeResult:
        """Header, panes, packet, scrubber, keys."""
        words, session = self.words, ExplorerScreen.session
        yield HeaderLine(words, id="header").data_bind(
            session, ExplorerScreen.busy, ExplorerScreen.part
        )
        yield TabRow(id="tabs").data_bind(active=ExplorerScreen.tab)
        with Columns(id="body"):
            with Column(id="left"):
                yield LessonPane(words, id="lesson", classes="pane").data_bind(ExplorerScreen.page)
                yield self._titled(Journey(words, id="journey"), _("Journey")).data_bind(session)
            with Column(id="right"):
                yield self._titled(TopologyMap(words, id="map"), _("Map")).data_bind(
                    session, ExplorerScreen.sought, ExplorerScreen.chosen
                )
                yield self._titled(ChainStepper(words, id="chain"), _("Chain")).data_bind(session)
                yield self._titled(ConntrackTable(words, id="conntrack"), _("conntrack")).data_bind(
                    session
                )
        yield self._titled(StripMap(words, id="strip"), _("Map")).data_bind(session)
        yield self._titled(PacketCard(words, id="packet"), _("Packet")).data_bind(session)
        yield Transport(id="transport").data_bind(
            session, ExplorerScreen.playing, ExplorerScreen.speed, note=ExplorerScreen.status
        )
        yield KeyBar(words, id="keys")
        yield Static(
            words("k8snet-tui needs 60 x 20 cells. Make the window larger."), id="too-small"
        )

    def _titled(self, pane: Widget, title: str) -> Widget:
        pane.border_title = self.words(title)
        pane.add_class("pane")
        return pane

    def on_mount(self) -> None:
        """Arrange the panes for what there is room for, and begin."""
        self._ready = True
        self._arrange(self.app.size.width, self.app.size.height)
        self.begin()

    def begin(self) -> None:
        """Open what was asked for."""
        if self._world is not None:
            self.query_one(HeaderLine).heading = self.words("Sandbox")
            self.run_worker(self._enter(self._world))
        else:
            self.open_lesson(*self._start)
            self._tell_problems()
        self.call_after_refresh(self._focus_start)
        self.attend()

    def _tell_problems(self) -> None:
        """Lessons that could not be read are left out; their author wants to know."""
        problems = self._player.course.problems if self._player is not None else ()
        if problems:
            problem = self.guarded(str(problems[0]))
            text = self.words("Left out, for it cannot be read: {problem}", problem=problem)
            self.notify(text, severity="warning", timeout=10, markup=False)

    async def speak(self, words: Words, course: Course | None) -> None:
        """Say everything in another language from now on; lesson, packet and panes stay."""
        self.words, self._ready = words, False
        await self.recompose()
        self._ready = True
        self.read_in(course)
        if self.page is None:
            self.query_one(HeaderLine).heading = words("Sandbox")
        self._arrange(self.app.size.width, self.app.size.height)
        self.call_after_refresh(self._focus_start)

    async def _enter(self, world: World) -> None:
        """Show a world; a big one is wired first, and not in the screen's time."""
        if is_big(world):
            self.busy = True
            await asyncio.to_thread(prepare, world)
            self.busy = False
        self.session = Session(world)

    def on_resize(self, event: Resize) -> None:
        """Panes by what there is room for."""
        self._arrange(event.size.width, event.size.height)

    def _arrange(self, width: int, height: int) -> None:
        was, self._arrangement = self._arrangement, arrangement(width, height)
        self._show_panes()
        self._renew_keys()
        if was is Arrangement.TINY and not self.is_too_small:
            self.call_after_refresh(self._focus_start)

    def _show_panes(self) -> None:
        """Classes that the stylesheet turns into panes shown and hidden, all at once."""
        if not self._ready:
            return
        self.query_one(ChainStepper).speaks = self._arrangement is Arrangement.SINGLE
        kept = {name for name in self.classes if not name.startswith(_PANE_CLASSES)}
        wanted = kept | self._pane_classes()
        if wanted != self.classes:
            self.set_classes(wanted)

    def _pane_classes(self) -> set[str]:
        """What is in view: the room there is, and each pane that has a place in it."""
        wide = self._arrangement is Arrangement.WIDE
        shown = {self.left, "map", self.lower, "packet"} if wide else {self.tab}
        idle = self.session is None or not self.session.moments
        seeking = self.page is not None and self.page.seeks
        if self._arrangement is Arrangement.DOUBLE and self.tab != "lesson" and not idle:
            shown |= set() if seeking and self.tab == "map" else {"packet"}
        found = {f"-{self._arrangement.value}", *(f"-show-{tab}" for tab in shown)}
        if idle:
            found.add("-idle")
        if not wide and self.tab == "packet":
            found.add("-use-packet")
        if not wide:
            found.add("-use-left" if shown & LEFT else "-use-right")
        return found

    def _tabs(self) -> tuple[tuple[str, str], ...]:
        skipped = "" if self.page is not None else "lesson"
        return tuple((tab, self.words(label)) for tab, label in TABS.items() if tab != skipped)

    def watch_tab(self) -> None:
        """Show another pane; whether digits answer hangs on it."""
        self._show_panes()
        self._renew_keys()

    def watch_left(self) -> None:
        """Show another pane at the left; whether digits answer hangs on it."""
        self._show_panes()
        self._renew_keys()

    def watch_lower(self) -> None:
        """Show another pane at the lower right."""
        self._show_panes()

    def _focus_start(self) -> None:
        wide = self._arrangement is Arrangement.WIDE
        name = self.tab if not wide else "lesson" if self.page is not None else "map"
        self.query_one(f"#{name}").focus(scroll_visible=False)

    # ------------------------------------------------------------ what works

    def watch_session(self) -> None:
        """The footer shows what works, and the first packet brings its panes."""
        super().watch_session()
        self._renew_keys()
        if self.has_class("-idle") is (self.session is not None and bool(self.session.moments)):
            self._show_panes()

    def watch_page(self) -> None:
        """Title, panes and footer follow the lesson."""
        super().watch_page()
        self._show_panes()
        if self._ready and self.page is not None:
            lesson = self.page.lesson
            course = self._player.course if self._player else None
            chapters = {c.id: c.title for c in course.chapters} if course else {}
            chapter = chapters.get(lesson.chapter, "")
            named = chapter and chapter != lesson.title
            heading = f"{chapter} ▸ {lesson.title}" if named else lesson.title
            self.query_one(HeaderLine).heading = heading
        self._renew_keys()

    def watch_playing(self) -> None:
        """The clock, and the footer."""
        super().watch_playing()
        self._renew_keys()

    def _renew_keys(self) -> None:
        if not self._ready:
            return
        row = self.query_one(TabRow)
        row.tabs, row.numbered = self._tabs(), not self._digits_answer()
        self.query_one(KeyBar).actions = offered(self.works, self.page, playing=self.playing)
        self.refresh_bindings()

    def works(self, name: str) -> bool:
        """Whether an action does anything at this moment."""
        if name == "next_hook":
            return self.page is not None or bool(self.walk_works("step"))
        askable = (
            self.walk_works, self.send_works, self.learn_works, self.export_works, self.look_works,
            self.class_works,
        )  # fmt: skip
        answers = (ask(name) for ask in askable)
        return next((answer for answer in answers if answer is not None), True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Bindings that do nothing at this moment are off, and all that nobody could see."""
        if action in STEPS and self._ready and self.query_one(TopologyMap).picked is not None:
            return False  # the arrow keys choose on the map
        return not self.is_too_small and self.works(action)

    @property
    def is_too_small(self) -> bool:
        """Whether the window has room for a line that says so, and nothing else."""
        return self._arrangement is Arrangement.TINY

    # ------------------------------------------------------------ panes by key

    def action_digit(self, number: int) -> None:
        """An answer where one is asked for, else a pane."""
        if self._digits_answer():
            self.answer_number(number)
            return
        tabs = self._tabs()
        if number <= len(tabs):
            self.open_tab(tabs[number - 1][0])

    def _digits_answer(self) -> bool:
        """Whether a question is open, or flows are to be tried, and in view."""
        page = self.page
        asks = page is not None and (page.asks or page.step.task is not None)
        return asks and "-show-lesson" in self._pane_classes()

    def action_turn_tab(self, by: int) -> None:
        """The next tab or the one before; where all panes are in view, the next pane."""
        if self._arrangement is Arrangement.WIDE:
            self.focus_next() if by > 0 else self.focus_previous()
            return
        tabs = [tab for tab, _label in self._tabs()]
        self.open_tab(tabs[(tabs.index(self.tab) + by) % len(tabs)])

    def open_tab(self, tab: str) -> None:
        """Bring a pane into view and give it the focus."""
        self.tab = tab
        if tab in LEFT:
            self.left = tab
        elif tab in LOWER:
            self.lower = tab
        self.call_after_refresh(self.query_one(f"#{tab}").focus)

    def action_conntrack(self) -> None:
        """The conntrack table, or back to the chain."""
        wide = self._arrangement is Arrangement.WIDE
        showing = self.lower == "conntrack" if wide else self.tab == "conntrack"
        self.open_tab("chain" if showing else "conntrack")

    def action_journey(self) -> None:
        """The list of steps, or back to the lesson."""
        wide = self._arrangement is Arrangement.WIDE
        showing = self.left == "journey" if wide else self.tab == "journey"
        home = "lesson" if self.page is not None else "journey" if wide else "map"
        self.open_tab(home if showing else "journey")

    def action_home(self) -> None:
        """Back to the lesson, or to the map."""
        self.open_tab("lesson" if self.page is not None else "map")

    def action_next_hook(self) -> None:
        """On to the next hook; in a lesson, what the page says."""
        if self.page is not None:
            self.go_on()
        else:
            super().action_next_hook()

    def packet_sent(self) -> None:
        """The packet takes the focus from the lesson."""
        super().packet_sent()
        if self._arrangement is not Arrangement.WIDE and self.tab in LEFT:
            self.open_tab("map")
        else:
            self.query_one(f"#{self.lower}").focus(scroll_visible=False)

    def map_wanted(self) -> None:
        """The map comes into view."""
        self.open_tab("map")

    def page_turned(self) -> None:
        """The lesson takes the focus back."""
        self.open_tab("lesson")

    def freed(self, title: str) -> None:
        """The header says so, and the map takes the place of the lesson."""
        self.query_one(HeaderLine).heading = self.words("Sandbox ▸ {lesson}", lesson=title)
        self.left = "journey"
        self.open_tab("map")

    def page_wanted(self) -> None:
        """The lesson comes into view."""
        self.open_tab("lesson")

    # ------------------------------------------------------------ help and clicks

    def action_help(self) -> None:
        """All keys."""
        from tui.screens.help import Help

        self.app.push_screen(Help(self.words))

    @on(TabRow.TabChosen)
    def _tab_chosen(self, event: TabRow.TabChosen) -> None:
        self.open_tab(event.tab)

    @on(KeyBar.Pressed)
    async def _key_clicked(self, event: KeyBar.Pressed) -> None:
        await self.run_action(event.action)
