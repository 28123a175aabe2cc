"""kube-proxy's modes side by side: the packet at hand, and the cost of many Services."""

from __future__ import annotations

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
from tui.screens.dialog import Dialog
from tui.sim.engine.cost import SIZES, CostPoint, curve
from tui.sim.model.settings import ProxyMode
from tui.widgets.comparison_sheet import ComparisonSheet, CurveSheet
from tui.widgets.tab_row import TabRow
from tui.words import Words
from tui.words.language import _

TABS = {"compared": _("this packet"), "curve": _("many Services")}
"""What the dialog shows, by the id of its sheet."""
ONE_AT_A_TIME = Lock()
"""Held by whoever computes the cost curve."""


class Compare(Dialog[None]):
    """Two tabs: the packet in every mode, and the cost curve, computed when first looked at."""

    DEFAULT_CSS = """
    Compare > .box { width: 108; height: 92%; max-height: 38; }
    Compare TabRow { height: 1; background: $surface; }
    Compare ComparisonSheet, Compare CurveSheet {
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
        Binding("2", "open('curve')", show=False),
        Binding("tab,shift+tab,left,right,h,l,ㅗ,ㅣ", "other", show=False),
    ]

    tab: reactive[str] = reactive("compared", repaint=False)
    """Id of the sheet in view."""
    known: ClassVar[tuple[CostPoint, ...]] = ()
    """The cost curve as far as it was computed: it depends on nothing that a learner changes."""

    def __init__(self, comparison: Comparison, current: ProxyMode, words: Words) -> None:
        """Take the comparison and the mode that is in use."""
        super().__init__()
        self._comparison = comparison
        self._current = current
        self._asked = False
        self.words = words

    def compose(self) -> ComposeResult:
        """Tabs, and a sheet for each."""
        words = self.words
        with Vertical(classes="box") as box:
            box.border_title = words("kube-proxy's modes compared")
            box.border_subtitle = words("tab other sheet · ↑ ↓ scroll · esc back")
            tabs = TabRow().data_bind(active=Compare.tab)
            tabs.can_focus = False
            yield tabs
            yield ComparisonSheet(self._comparison, self._current.value, words, id="compared")
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
        if self.tab == "curve" and not self._asked:
            self._asked = True
            self._ask()

    def action_open(self, tab: str) -> None:
        """Bring a sheet into view."""
        self.tab = tab

    def action_other(self) -> None:
        """The sheet that is not in view."""
        self.tab = "curve" if self.tab == "compared" else "compared"

    @on(TabRow.TabChosen)
    def _tab_chosen(self, event: TabRow.TabChosen) -> None:
        self.tab = event.tab

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
