"""Challenges on the screen: flows judged at each change, hints, the solution, a new start."""

from __future__ import annotations

from textual import on

from tui.course.lesson import Goal
from tui.screens.learning import Learning
from tui.sim.model.value import replace
from tui.widgets.lesson_page import Page
from tui.widgets.lesson_pane import LessonPane


class Mending(Learning):
    """Holds the flows of a challenge against the session."""

    def validate_page(self, page: Page | None) -> Page | None:
        """The page with its flows as they stand now."""
        page, session, player = super().validate_page(page), self.session, self._player
        if page is None or session is None or player is None or page.step.task is None:
            return page
        try:
            found = player.results(page, session)
            mistake = player.mistake(page, session.world)
        except Exception as error:
            self.complain(error)
            return page
        return replace(page, results=found, mistake=mistake)

    def watch_session(self) -> None:
        """A change may have mended what was broken."""
        was = self.page
        super().watch_session()
        page, player = self.page, self._player
        if page is None or player is None or not page.mended:
            return
        if page.step.id not in page.done:
            self.page = player.finished(page)
        if was is not None and was.step is page.step and was.mends:
            self.page_wanted()
            self.notify(self.words("Solved: every flow comes out right."), timeout=4)

    def learn_works(self, name: str) -> bool | None:
        """Whether an action of challenges does anything."""
        page = self.page
        if name == "hint":
            return page is not None and page.mends
        if name == "reset":
            return page is not None
        return super().learn_works(name)

    def go_on(self) -> None:
        """The enter key sends a flow that does not come out right, as long as there is one."""
        page = self.page
        if page is not None and page.mends and not page.walking and page.open_flow is not None:
            self.try_flow(page.results.index(page.open_flow) + 1)
        else:
            super().go_on()

    def answer_number(self, number: int) -> None:
        """A flow by its digit, from 1, where there are flows."""
        if self.page is not None and self.page.step.task is not None:
            self.try_flow(number)
        else:
            super().answer_number(number)

    def try_flow(self, number: int) -> None:
        """Send a flow of the challenge."""
        page = self.page
        if page is not None and page.step.task is not None:
            goals = page.step.task.goals
            if 0 < number <= len(goals):
                self._try(page, goals[number - 1])

    def _try(self, page: Page, goal: Goal) -> None:
        player, session = self._player, self.session
        if player is None or session is None:
            return
        injection = goal.packet.injection

        def sent() -> None:
            self.remember(injection)
            self.packet_sent()

        self.change(lambda: player.tried(page, session, goal), sent)

    def action_hint(self) -> None:
        """The next hint; after the last the solution; after that its change."""
        page, session, player = self.page, self.session, self._player
        if page is None or session is None or player is None:
            return
        if page.has_next_hint:
            self.page = player.hinted(page)
            self.page_wanted()
        else:
            self.change(lambda: player.solved(page, session), self.page_wanted)

    def action_reset(self) -> None:
        """The lesson's cluster as it was; where the page asks something, it asks again."""
        page, session, player = self.page, self.session, self._player
        if page is None or session is None or player is None:
            return
        try:
            stand = player.reset(page, session)
        except Exception as error:
            self.complain(error)
            return
        self.take(stand)
        self.page_turned()
        self.notify(self.words("Everything is as it was at the start: u takes that back."))

    @on(LessonPane.FlowTried)
    def _flow_tried(self, event: LessonPane.FlowTried) -> None:
        self.try_flow(event.number)

    @on(LessonPane.Wanted)
    async def _wanted(self, event: LessonPane.Wanted) -> None:
        await self.run_action(event.name)
