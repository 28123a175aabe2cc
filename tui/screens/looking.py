"""Looking closer: what is configured where the packet is, or in what was found or clicked."""

from __future__ import annotations

from textual import on

from tui.screens.exporting import Exporting
from tui.screens.places import seen_at
from tui.screens.sending import is_big
from tui.widgets.lesson_pane import LessonPane
from tui.widgets.topology_map import TopologyMap


class Looking(Exporting):
    """Opens what is found by name, clicked on the map, or under the cursor."""

    def action_inspect(self) -> None:
        """Where the packet is."""
        moment = self.session.moment if self.session else None
        if moment is not None:
            self.inspect(moment.hop.namespace, "")

    def action_owner(self) -> None:
        """The object whose rule is under the cursor."""
        owner = self._owner()
        if owner:
            self.inspect(owner, "")

    def _owner(self) -> str:
        """`svc/shop/web` where the step belongs to an object that can be shown."""
        moment = self.session.moment if self.session else None
        kind, _space, name = (moment.step.owner or "" if moment else "").partition(" ")
        return f"svc/{name.split(':')[0]}" if kind == "Service" else ""

    def look_works(self, name: str) -> bool | None:
        """Whether an action of looking closer does anything; None: not one of these."""
        return bool(self._owner()) if name == "owner" else None

    def inspect(self, place: str, device: str) -> None:
        """Show all there is to know of a pod, a node, a Service or a device."""
        session = self.session
        if session is None:
            return
        self.looked_at(place, device)
        from tui.screens.inspected import inspected
        from tui.screens.inspector import Inspector

        try:
            found = inspected(session, place, device, self.words)
        except Exception as error:
            self.complain(error)
            return
        if found is None:
            self.notify(self.words("{name} has nothing to show.", name=place), markup=False)
            return
        self.app.push_screen(Inspector(found, self.words, big=is_big(session.world)), self._go_to)

    def _go_to(self, target: str | None) -> None:
        """Follow a link of the inspector: to a step, or to another object."""
        if not target or self.session is None:
            return
        if target.startswith("step/"):
            self.session = self.session.moved_to(int(target.removeprefix("step/")))
            self.packet_sent()
        else:
            self.inspect(*seen_at(self.session.world, target))

    def action_find(self) -> None:
        """Find an object and inspect it."""
        session = self.session
        if session is None:
            return
        from tui.screens.find import Find, findable

        def chosen(found: str | None) -> None:
            if found:
                self.inspect(*seen_at(session.world, found))

        self.app.push_screen(Find(findable(session.world), self.words), chosen)

    @on(TopologyMap.DeviceSelected)
    def _selected(self, event: TopologyMap.DeviceSelected) -> None:
        self.inspect(event.place, event.device)

    @on(LessonPane.FindAsked)
    def _find_asked(self) -> None:
        self.action_find()
