"""Side by side: the packet in every mode and under every plugin, and what Services cost."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.reactive import reactive
from textual.worker import get_current_worker

from tui.actions import action
from tui.comparison.modes import Comparison
from tui.comparison.plugins import PluginComparison
from tui.screens.dialog import Dialog
from tui.sim.engine import World
from tui.sim.engine.cost import SIZES, CostPoint, curve
from tui.sim.model.settings import ProxyMode
from tui.widgets.comparison_sheet import ComparisonSheet, CurveSheet
from tui.widgets.plugin_sheet import PluginSheet
from tui.widgets.tab_row import TabRow
from tui.words import Words
from tui.words.language import _

TABS = {
    "compared": _("modes"), "plugins": _("plugins"), "curve": _("many Services")
}  # fmt: skip
"""What the dialog shows, by the id of its sheet."""
Plugins = Callable[[], PluginComparison]

ONE_AT_A_TIME = Lock()
"""Held by whoever computes the cost curve."""


class Compare(Dialog[None]):
    """The packet in every mode, under every plugin, and the cost curve.

    The plugins and the curve are computed when they are first looked at.
    """

    DEFAULT_CSS = """
    Compare > .box { width: 108; height: 92%; max-height: 38; }
    Compare TabRow { height: 1; background: $surface; }
    Compare ComparisonSheet, Compare CurveSheet, Compare PluginSheet {
        height: 1fr; background: $surface;
        scrollbar-background: $surface; scrollbar-background-hover: $surface;
        scrollbar-background-active: $surface; scrollbar-color: $border;
        scrollbar-color-hover: $primary; scrollbar-color-active: $accent;
    }
    """
    AUTO_FOCUS = "ComparisonSheet"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join((*action("compare").all_keys, "q", "ㅂ")), "leave", show=False),
        Binding("1", "open('compared')", show=False),
        Binding("2", "open('plugins')", show=False),
        Binding("3", "open('curve')", show=False),
        Binding("tab", "other(1)", show=False),
        Binding("shift+tab", "other(-1)", show=False),
        Binding("right,l,ㅣ", "aside(1)", show=False),
        Binding("left,h,ㅗ", "aside(-1)", show=False),
    ]

    tab: reactive[str] = reactive("compared", repaint=False)
    """Id of the sheet in view."""
    known: ClassVar[tuple[CostPoint, ...]] = ()
    """The cost curve as far as it was computed: it depends on nothing that a learner changes."""

    def __init__(
        self, comparison: Comparison, world: World, plugins: Plugins, words: Words
    ) -> None:
        """Take the comparison, the world that is in use, and what compares its plugins."""
        super().__init__()
        self._comparison = comparison
        self._world = world
        self._plugins = plugins
        self._asked: set[str] = set()
        self.words = words

    def compose(self) -> ComposeResult:
        """Tabs, and a sheet for each."""
        words = self.words
        with Vertical(classes="box") as box:
            box.border_title = words("Compared")
            box.border_subtitle = words("tab other sheet · ← → plugins · ↑ ↓ scroll · esc back")
            tabs = TabRow().data_bind(active=Compare.tab)
            tabs.can_focus = False
            yield tabs
            mode = self._world.proxy.mode.value
            yield ComparisonSheet(self._comparison, mode, words, id="compared")
            yield PluginSheet(self._world.cni, words, id="plugins")
            yield CurveSheet(words, id="curve")

    def on_mount(self) -> None:
        """Name the tabs."""
        self.query_one(TabRow).tabs = tuple((tab, self.words(name)) for tab, name in TABS.items())
        self._show()

    def watch_tab(self) -> None:
        """Show the other sheet."""
        if self.is_mounted:
            self._show()

    def _show(self) -> None:
        for tab in TABS:
            self.query_one(f"#{tab}").display = tab == self.tab
        self.query_one(f"#{self.tab}").focus()
        if self.tab in self._asked:
            return
        self._asked.add(self.tab)
        if self.tab == "curve":
            self._ask()
        elif self.tab == "plugins":
            self._compare_plugins()

    def action_open(self, tab: str) -> None:
        """Bring a sheet into view."""
        self.tab = tab

    def action_other(self, direction: int) -> None:
        """The next sheet, or the one before."""
        tabs = list(TABS)
        self.tab = tabs[(tabs.index(self.tab) + direction) % len(tabs)]

    def action_aside(self, direction: int) -> None:
        """Other plugins, where they are in view; else another sheet."""
        if self.tab == "plugins":
            self.query_one(PluginSheet).first += direction
        else:
            self.action_other(direction)

    @on(TabRow.TabChosen)
    def _tab_chosen(self, event: TabRow.TabChosen) -> None:
        self.tab = event.tab

    # ------------------------------------------------------------ the plugins

    @work(thread=True, exclusive=True, group="plugins")
    def _compare_plugins(self) -> None:
        """Send the packet under every plugin, beside the screen."""
        worker = get_current_worker()
        found = self._plugins()
        if not worker.is_cancelled:
            self.app.call_from_thread(self._compared, found)

    def _compared(self, found: PluginComparison) -> None:
        if self.is_attached:
            self.query_one(PluginSheet).comparison = found

    # ------------------------------------------------------------ the curve

    def _ask(self) -> None:
        sheet = self.query_one(CurveSheet)
        sheet.wanted = len(SIZES) * len(ProxyMode)
        sheet.points = self.known
        if len(self.known) < sheet.wanted:
            self._compute()

    @work(thread=True, exclusive=True, group="curve")
    def _compute(self) -> None:
        """Point after point, each kept; nothing more once the dialog is gone.

        A dialog that was closed may still be at its last point: the next one waits for it.
        """
        worker = get_current_worker()
        with ONE_AT_A_TIME:
            points = curve(known=self.known)
            while not worker.is_cancelled:
                point = next(points, None)
                if point is None:
                    return
                Compare.known = (*Compare.known, point)
                if not worker.is_cancelled:
                    self.app.call_from_thread(self._computed)

    def _computed(self) -> None:
        if self.is_attached:
            self.query_one(CurveSheet).points = self.known
