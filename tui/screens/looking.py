"""Looking closer: what is configured where the packet is, or in what was found or clicked."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.reactive import reactive

from tui.screens.exporting import Exporting
from tui.screens.inspector import BACK
from tui.screens.places import seen_at
from tui.screens.sending import is_big
from tui.session import Session
from tui.widgets.lesson_pane import LessonPane
from tui.widgets.topology_map import Rest, TopologyMap

Trail = tuple[tuple[str, str], ...]
"""Places and devices that were inspected one after the other."""

MOST_CHOSEN = 12
"""Places that are kept on the map for as long as there is room."""


class Looking(Exporting):
    """Opens what is found by name, clicked on the map, or under the cursor."""

    chosen: reactive[tuple[str, ...]] = reactive((), repaint=False)
    """What was found and had no place on the map: it is drawn from then on, the latest first."""

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

    def inspect(self, place: str, device: str, trail: Trail = ()) -> None:
        """Show all there is to know of a pod, a node, a Service or a device.

        The trail is what was shown before links led here, the oldest first.
        """
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
        shown = Inspector(found, self.words, big=is_big(session.world), back=bool(trail))
        self.app.push_screen(shown, partial(self._go_to, (place, device), trail))

    def _go_to(self, here: tuple[str, str], trail: Trail, target: str | None) -> None:
        """Follow a link of the inspector: to a step, to another object, or back."""
        if not target or self.session is None:
            return
        if target == BACK:
            self.inspect(*trail[-1], trail[:-1])
        elif target.startswith("step/"):
            self.session = self.session.moved_to(int(target.removeprefix("step/")))
            self.packet_sent()
        else:
            self.inspect(*seen_at(self.session.world, target), (*trail, here))

    def action_find(self) -> None:
        """Find an object and inspect it."""
        session = self.session
        if session is None:
            return
        self._open_find(session)

    def _open_find(self, session: Session, rest: Rest | None = None) -> None:
        from tui.screens.find import Find, Found

        drawn = self.query_one(TopologyMap).drawn

        def chosen(found: Found | None) -> None:
            if found is None:
                return
            place, device = seen_at(session.world, found.place)
            if place not in drawn:
                self.chosen = (place, *(old for old in self.chosen if old != place))[:MOST_CHOSEN]
            if found.to_draw:
                self.map_wanted()
            else:
                self.inspect(place, device)

        self.app.push_screen(Find(session.world, self.words, drawn, rest), chosen)

    def action_pick(self) -> None:
        """Choose on the map by the arrow keys."""
        self.map_wanted()
        self.call_after_refresh(self.query_one(TopologyMap).start_picking)

    def ends_in_mind(self) -> tuple[str, str]:
        """What is chosen on the map: a Service is sent to, all else sends."""
        picked = self.query_one(TopologyMap).picked
        if picked is None:
            return "", ""
        if picked.place.startswith("svc/"):
            return "", self._with_port(picked.place)
        return picked.place, ""

    def _with_port(self, name: str) -> str:
        """A Service with the first of its ports."""
        namespace, bare = name.split("/", 2)[1:]
        service = self.session.world.cluster.service(namespace, bare) if self.session else None
        return f"{name}:{service.ports[0].port}" if service and service.ports else name

    def map_wanted(self) -> None:
        """The map has something new; for screens that may hide it."""

    @on(TopologyMap.DeviceSelected)
    def _selected(self, event: TopologyMap.DeviceSelected) -> None:
        self.inspect(event.place, event.device)

    @on(TopologyMap.RestAsked)
    def _rest_asked(self, event: TopologyMap.RestAsked) -> None:
        if self.session is not None:
            self._open_find(self.session, event.rest)

    @on(LessonPane.FindAsked)
    def _find_asked(self) -> None:
        self.action_find()
