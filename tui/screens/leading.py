"""Showing the class where one is, and speaking to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.timer import Timer

from tui.course.lesson import Course
from tui.screens.following import Following
from tui.sim.model.shown import printable
from tui.store.progress import ProgressStore
from tui.words import Words
from tui.workshop.hosting import Part

if TYPE_CHECKING:
    from tui.screens.shown import Teller
    from tui.workshop.messages import Shown

PACE = 0.25
"""Seconds between two things that the class is shown; what comes in between is passed over."""


class Leading(Following):
    """Shows its page and its packet to those who follow."""

    def __init__(self, words: Words, course: Course | None, store: ProgressStore | None) -> None:
        """Take the language, the course, and the instructor's progress."""
        super().__init__(words, course, store)
        self._teller: Teller | None = None
        self._told: Shown | None = None
        self._pacer: Timer | None = None

    @property
    def leads(self) -> bool:
        """Whether the class is shown what this session shows."""
        return self.part in (Part.LEADS, Part.LEADS_IN_PART)

    def lead(self, on: bool) -> None:
        """Show the class what this session shows from now on, or no longer."""
        from tui.screens.shown import Teller
        from tui.workshop.messages import Hidden

        workshop = self.workshop
        if workshop is None or not workshop.instructor or on is self.leads:
            return
        self._teller = self._teller or Teller()
        self._told = None
        self.part = Part.LEADS if on else Part.OWN_WAY
        if self._pacer is None:
            self._pacer = self.set_interval(PACE, self._show_class, pause=True)
        if on:
            self._show_class()
            self._pacer.resume()
        else:
            self._pacer.pause()
            workshop.channel.tell(Hidden())

    def say(self, text: str) -> bool:
        """Say something to everybody; whether there was anything to say."""
        from tui.workshop.messages import LONGEST_TEXT, Said

        line = printable(text.strip())[:LONGEST_TEXT]
        if self.workshop is None or not line:
            return False
        self.workshop.channel.tell(Said(text=line))
        return True

    def _show_class(self) -> None:
        """Tell the class what stands here, if that is something else than before."""
        page, session, workshop = self.page, self.session, self.workshop
        if workshop is None or session is None or self._teller is None:
            return
        try:
            shown = self._teller.told(page, session)
        except ValueError:
            # ids that no message holds: nobody can be led to this lesson
            shown = self._teller.told(None, session)
        if shown == self._told:
            return
        self._told = shown
        workshop.channel.tell(shown)
        self._lead_in(shown)

    def _lead_in(self, shown: Shown) -> None:
        """Say it once where the class cannot see everything."""
        is_whole = bool(shown.lesson) and not shown.lacks
        was, self.part = self.part, Part.LEADS if is_whole else Part.LEADS_IN_PART
        if self.part is was or is_whole:
            return
        if not shown.lesson:
            text = self.words("The class sees lessons only, and stays where it was.")
        elif shown.lacks == "past":
            text = self.words(
                "More was done here than the class is told: it lacks connections from before."
            )
        else:
            text = self.words(
                "Too much was changed here: the class sees the page, but neither change nor packet."
            )
        self.notify(text, severity="warning", timeout=8)
