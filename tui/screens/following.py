"""Going where the instructor goes, as long as one likes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.reactive import reactive

from tui.actions import action
from tui.course.lesson import Course, Lesson
from tui.screens.discretion import without_folders
from tui.screens.sending import is_big
from tui.screens.touring import Touring
from tui.session import Session
from tui.sim.engine.world import World
from tui.sim.model.cluster import Cluster
from tui.sim.model.value import replace
from tui.store.progress import ProgressStore
from tui.widgets.lesson_page import Page
from tui.words import Words
from tui.words.language import _
from tui.workshop.hosting import Part, Workshop

if TYPE_CHECKING:
    from tui.screens.shown import Arrival
    from tui.workshop.messages import Shown


LACKING = {
    "change": _("Too much was changed there: you see the page, but neither change nor packet."),
    "past": _("More was done there before: connections that the instructor has are missing here."),
}
"""What the instructor has and who follows has not."""


class Following(Touring):
    """Stands where the instructor stands, and moves on its own in between."""

    part: reactive[Part] = reactive(Part.OWN_WAY, repaint=False)
    """What this session does in its class."""

    def __init__(self, words: Words, course: Course | None, store: ProgressStore | None) -> None:
        """Take the language, the course, and the learner's progress."""
        super().__init__(words, course, store)
        self._shown: Shown | None = None
        self._last: tuple[Lesson, Shown, Arrival] | None = None
        self._led: Cluster | None = None
        self._remark = ""

    @property
    def workshop(self) -> Workshop | None:
        """The workshop that this session is part of, if it is."""
        found: Workshop | None = getattr(self.app, "workshop", None)
        return found

    def guarded(self, text: str) -> str:
        """In a workshop, where its machine keeps its files is nobody's business."""
        return text if self.workshop is None else without_folders(text)

    def sentence_of(self, error: Exception) -> str:
        """An error as a sentence."""
        return self.guarded(super().sentence_of(error))

    def validate_page(self, page: Page | None) -> Page | None:
        """The page, which knows whose doing the cluster is."""
        page, session = super().validate_page(page), self.session
        if page is None or session is None:
            return page
        return replace(page, led=session.world.written is self._led)

    # ------------------------------------------------------------ beginning and ending

    @property
    def follows(self) -> bool:
        """Whether the learner goes where the instructor goes."""
        return self.part in (Part.FOLLOWS, Part.FOLLOWS_IN_PART)

    def follow(self, on: bool) -> None:
        """Go where the instructor goes from now on, or no longer."""
        from tui.workshop.messages import Followed

        workshop = self.workshop
        if workshop is None:
            return
        self.part = Part.FOLLOWS if on else Part.OWN_WAY
        self._remark = ""
        workshop.channel.tell(Followed(on=on))
        if not on:
            self.notify(self.words("You go your own way."), timeout=4)
            return
        key = action("class").shown_key
        if self._shown is None:
            text = self.words("You follow the instructor, who leads nobody yet. {key} ends that.",
                              key=key)  # fmt: skip
        else:
            text = self.words("You follow the instructor. {key} ends that.", key=key)
        self.notify(text, timeout=6)
        if self._shown is not None:
            self._join(self._shown)

    def take_shown(self, shown: Shown) -> None:
        """The instructor stands somewhere else."""
        self._shown = shown
        if self.follows:
            self._join(shown)

    def take_hidden(self) -> None:
        """The instructor leads no longer."""
        self._shown = None
        self._remark = ""
        if self.follows:
            self.part = Part.FOLLOWS
            self.notify(self.words("The instructor leads no longer."), timeout=6)

    # ------------------------------------------------------------ going there

    def lesson_called(self, lesson: str) -> Lesson | None:
        """The lesson with an id."""
        return self._player.course.lesson(lesson) if self._player is not None else None

    def _join(self, shown: Shown) -> None:
        """Where the instructor is: lesson, step, mode, plugin, packet and its step."""
        if self._only_walks(shown):
            assert self.session is not None
            self.playing = False
            self.session = self.session.moved_to(shown.position)
            return
        lesson = self.lesson_called(shown.lesson)
        if lesson is None or (shown.step and lesson.step(shown.step) is None):
            self._say_once(self.words("The instructor shows something outside of your lessons."))
            return
        try:
            self._arrive(lesson, shown)
        except Exception as error:
            self._say_once(self.sentence_of(error))
        else:
            self._has_joined(shown)

    def _has_joined(self, shown: Shown) -> None:
        """Say what the instructor has beside it, if that is anything."""
        self.part = Part.FOLLOWS_IN_PART if shown.lacks else Part.FOLLOWS
        if shown.lacks:
            self._say_once(self.words(LACKING[shown.lacks]))
        else:
            self._remark = ""

    def _only_walks(self, shown: Shown) -> bool:
        """Whether the packet that stands here has only moved on there."""
        if self._last is None or self.session is None or not self._is_on_page(shown):
            return False
        _lesson, known, arrival = self._last
        same = known.model_copy(update={"position": shown.position}) == shown
        trace = arrival.session.trace
        return same and trace is not None and self.session.trace is trace

    def _is_on_page(self, shown: Shown) -> bool:
        """Whether the page that is shown is open already: what was answered on it stays."""
        page = self.page
        if page is None or page.again:
            return False
        return (page.lesson.id, page.step.id) == (shown.lesson, shown.step)

    def _arrive(self, lesson: Lesson, shown: Shown) -> None:
        """Open the page, if it is another, and send the packet, if there is one."""
        from tui.screens.shown import arrived

        player, page = self._player, self.page
        assert player is not None
        if page is not None and self._is_on_page(shown):
            start = player.beginning(lesson)
        else:
            page, start = player.opened(lesson, shown.step)
        turned = not self._is_on_page(shown)
        last = self._last[2] if self._last is not None and self._last[0] is lesson else None
        arrival = arrived(start, shown, last)
        session = arrival.at(shown)
        self._last = (lesson, shown, arrival)
        known = last.session if last is not None else start
        self._led = session.world.written if player.is_changed(session.world) else None
        own = page.step.packet.injection if page.step.packet is not None else None
        if own is not None and own == session.injection and not page.asks:
            page = replace(page, sent=True)
        self.take((page, session))
        if turned:
            self.page_turned()
        if session.injection is not None:
            self.remember(session.injection)
            self.packet_sent()
        if self._led is not None:
            self._show_change(start.world, known, session.world)

    def _show_change(self, start: World, known: Session, after: World) -> None:
        """Bring forward what the instructor has changed, and say it when it is new."""
        from tui.screens.change_notice import node_of, places_changed, what_changed

        self.show_changed(places_changed(start.written, after.written))
        before = known.world
        if before.written == after.written:
            return
        text = self.words("The instructor has changed the cluster.")
        if before.cni == after.cni and not is_big(after):
            text = f"{text} {what_changed(self.words, before, after, node_of(known, after))}"
        self.notify(text, timeout=8, markup=False)

    def _say_once(self, text: str) -> None:
        """Something about what is shown, which may be shown many times in a row."""
        if text != self._remark:
            self._remark = text
            self.notify(text, severity="warning", timeout=6, markup=False)
