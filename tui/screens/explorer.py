"""The explorer: lesson, map, chain and packet around one session."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from tui.actions import ACTIONS, Action, Group
from tui.course.lesson import Course
from tui.screens.arrangement import Arrangement, arrangement
from tui.screens.learning import Learning
from tui.screens.sending import is_big, prepare
from tui.session import Session
from tui.sim.engine import World
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace
from tui.store.progress import ProgressStore
from tui.widgets.chain_stepper import ChainStepper
from tui.widgets.conntrack_table import ConntrackTable
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
_PANE_CLASSES = ("-show-", "-use-", "-idle", *(f"-{each.value}" for each in Arrangement))
"""How the classes begin that arrange the panes."""


class ExplorerScreen(Learning):
    """Everything about one packet on one screen. A dialog loads when it is opened."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(",".join(each.all_keys), each.id, each.label, show=False)
            for each in ACTIONS
            if each.group is not Group.PROGRAM or each.id == "help"
        ),
        *(Binding(str(i), f"digit({i})", show=False) for i in range(1, 10)),
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
        yield HeaderLine(words, id="header").data_bind(session, ExplorerScreen.busy)
        yield TabRow(id="tabs").data_bind(active=ExplorerScreen.tab)
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield LessonPane(words, id="lesson", classes="pane").data_bind(ExplorerScreen.page)
                yield self._titled(Journey(words, id="journey"), _("Journey")).data_bind(session)
            with Vertical(id="right"):
                yield self._titled(TopologyMap(words, id="map"), _("Map")).data_bind(session)
                yield self._titled(ChainStepper(words, id="chain"), _("Chain")).data_bind(session)
                yield self._titled(ConntrackTable(words, id="conntrack"), _("conntrack")).data_bind(
                    session
                )
        yield self._titled(StripMap(words, id="strip"), _("Map")).data_bind(session)
        yield self._titled(PacketCard(words, id="packet"), _("Packet")).data_bind(session)
        yield Transport(id="transport").data_bind(
            session, ExplorerScreen.playing, ExplorerScreen.speed
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
        """Open what was asked for."""
        self._ready = True
        self._arrange(self.app.size.width, self.app.size.height)
        if self._world is not None:
            self.query_one(HeaderLine).heading = self.words("Sandbox")
            self.run_worker(self._enter(self._world))
        else:
            self.open_lesson(*self._start)
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
        self._arrangement = arrangement(width, height)
        self._show_panes()

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
        if self._arrangement is Arrangement.DOUBLE and self.tab != "lesson" and not idle:
            shown.add("packet")
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
        """Show another pane."""
        self._show_panes()

    def watch_left(self) -> None:
        """Show another pane at the left."""
        self._show_panes()

    def watch_lower(self) -> None:
        """Show another pane at the lower right."""
        self._show_panes()

    def _focus_start(self) -> None:
        name = "lesson" if self.page is not None else "map"
        self.query_one(f"#{name}").focus(scroll_visible=False)

    # ------------------------------------------------------------ what works

    def watch_session(self) -> None:
        """The footer shows what works, and the first packet brings its panes."""
        self._renew_keys()
        if self.has_class("-idle") is (self.session is not None and bool(self.session.moments)):
            self._show_panes()

    def watch_page(self) -> None:
        """Title and footer follow the lesson."""
        if self._ready and self.page is not None:
            lesson = self.page.lesson
            course = self._player.course if self._player else None
            chapters = {c.id: c.title for c in course.chapters} if course else {}
            chapter = chapters.get(lesson.chapter, "")
            self.query_one(HeaderLine).heading = (
                f"{chapter} ▸ {lesson.title}"
                if chapter and chapter != lesson.title
                else lesson.title
            )
        self._renew_keys()

    def watch_playing(self) -> None:
        """The clock, and the footer."""
        super().watch_playing()
        self._renew_keys()

    def on_descendant_focus(self) -> None:
        """What enter does hangs on the pane in use."""
        self._renew_keys()

    def _renew_keys(self) -> None:
        if not self._ready:
            return
        self.query_one(TabRow).tabs = self._tabs()
        self.query_one(KeyBar).actions = tuple(
            self._worded(each) for each in ACTIONS if each.footer and self.works(each.id)
        )
        self.refresh_bindings()

    def _worded(self, each: Action) -> Action:
        """The label of a key as it is at this moment."""
        if each.id == "play" and self.playing:
            return replace(each, label=_("pause"))
        if each.id == "next_hook" and self._enter_turns():
            return replace(each, label=_("next page"))
        return each

    def _enter_turns(self) -> bool:
        """Whether enter goes on in the lesson: there is no further hook to go to."""
        if self.page is None:
            return False
        return isinstance(self.focused, LessonPane) or self.session is None or self.session.at_end

    def works(self, name: str) -> bool:
        """Whether an action does anything at this moment."""
        if name == "next_hook":
            return self._enter_turns() or bool(self.walk_works("step"))
        for answer in (self.walk_works(name), self.send_works(name), self.learn_works(name)):
            if answer is not None:
                return answer
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Bindings that do nothing at this moment are off."""
        return self.works(action)

    # ------------------------------------------------------------ panes by key

    def action_digit(self, number: int) -> None:
        """An answer where one is asked for, else a pane."""
        if self.page is not None and self.page.asks and self._lesson_seen():
            self.answer_number(number)
            return
        tabs = self._tabs()
        if number <= len(tabs):
            self.open_tab(tabs[number - 1][0])

    def _lesson_seen(self) -> bool:
        return self.query_one(LessonPane).is_on_screen

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
        """On to the next hook; at the end of the way, or in the lesson, on in the lesson."""
        if self._enter_turns():
            self.go_on()
        else:
            super().action_next_hook()

    def packet_sent(self) -> None:
        """The packet takes the focus from the lesson."""
        if self._arrangement is not Arrangement.WIDE and self.tab in LEFT:
            self.open_tab("map")
        else:
            self.query_one(f"#{self.lower}").focus(scroll_visible=False)

    def page_turned(self) -> None:
        """The lesson takes the focus back."""
        self.open_tab("lesson")

    # ------------------------------------------------------------ looking closer

    def action_inspect(self) -> None:
        """Where the packet is."""
        moment = self.session.moment if self.session else None
        if moment is not None:
            self.inspect(moment.hop.namespace, "")

    def inspect(self, namespace: str, device: str) -> None:
        """Show what is configured in a namespace."""
        if self.session is None:
            return
        self.looked_at(namespace, device)
        found = self.session.world.network.namespaces.get(namespace)
        if found is None:
            self.notify(self.words("{name} has nothing to show.", name=namespace), markup=False)
            return
        from tui.screens.inspector import Inspector

        network = self.session.world.network
        self.app.push_screen(Inspector(found, device, self.words, network))

    def action_find(self) -> None:
        """Find an object and inspect it."""
        if self.session is None:
            return

        def chosen(text: str | None) -> None:
            if text:
                namespace, _, device = text.partition(" ")
                if namespace.startswith("svc/"):
                    self._show_service(namespace)
                else:
                    self.inspect(namespace, device)

        from tui.screens.find import Find, findable

        self.app.push_screen(Find(findable(self.session.world), self.words), chosen)

    def _show_service(self, name: str) -> None:
        """A Service has no namespace: say what it is."""
        self.looked_at(name, "")
        namespace, bare = name.split("/", 2)[1:]
        service = self.session.world.cluster.service(namespace, bare) if self.session else None
        if service is not None:
            ports = ", ".join(f"{p.port}/{p.protocol.value}" for p in service.ports)
            bound = self.session is not None and self.session.world.proxy.mode is ProxyMode.IPVS
            text = (
                _("{name}: {address}, ports {ports}. Each node bears the address on kube-ipvs0.")
                if bound
                else _("{name}: {address}, ports {ports}. An address only: no device has it.")
            )
            address = ", ".join(service.cluster_ips)
            self.notify(self.words(text, name=name, address=address, ports=ports), markup=False)

    def action_help(self) -> None:
        """All keys."""
        from tui.screens.help import Help

        self.app.push_screen(Help(self.words))

    @on(TopologyMap.DeviceSelected)
    def _selected(self, event: TopologyMap.DeviceSelected) -> None:
        self.inspect(event.place, event.device)

    @on(TabRow.TabChosen)
    def _tab_chosen(self, event: TabRow.TabChosen) -> None:
        self.open_tab(event.tab)

    @on(KeyBar.Pressed)
    async def _key_clicked(self, event: KeyBar.Pressed) -> None:
        await self.run_action(event.action)
