"""Looking closer: what is configured where the packet is, or in what was found or clicked."""

from __future__ import annotations

from textual import on
from textual.reactive import reactive

from tui.screens.exporting import Exporting
from tui.session import Session
from tui.sim.model.cluster import Service
from tui.sim.model.settings import ProxyMode
from tui.widgets.lesson_pane import LessonPane
from tui.widgets.topology_map import Rest, TopologyMap
from tui.words.language import _

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

    def inspect(self, place: str, device: str) -> None:
        """Show what is configured in a namespace, or what a Service is."""
        if self.session is None:
            return
        self.looked_at(place, device)
        if place.startswith("svc/"):
            self._show_service(place)
            return
        network = self.session.world.network
        found = network.namespaces.get(place)
        if found is None:
            self.notify(self.words("{name} has nothing to show.", name=place), markup=False)
            return
        from tui.screens.inspector import Inspector

        self.app.push_screen(Inspector(found, device, self.words, network))

    def action_find(self) -> None:
        """Find an object and inspect it."""
        session = self.session
        if session is None:
            return
        self._open_find(session)

    def _open_find(self, session: Session, rest: Rest | None = None) -> None:
        from tui.screens.find import Find, Found
        from tui.screens.findable import seen_at

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

    def _show_service(self, name: str) -> None:
        """A Service has no namespace: say what it is."""
        namespace, bare = name.split("/", 2)[1:]
        service = self.session.world.cluster.service(namespace, bare) if self.session else None
        if service is not None:
            ports = ", ".join(f"{p.port}/{p.protocol.value}" for p in service.ports)
            address = ", ".join(service.cluster_ips)
            text = self.words(self._nature(service), name=name, address=address, ports=ports)
            self.notify(text, markup=False)

    def _nature(self, service: Service) -> str:
        """What a Service is, as a sentence to fill in."""
        if service.headless:
            return _("{name}: headless, ports {ports}. No address: DNS answers with its pods'.")
        if self.session is not None and self.session.world.proxy.mode is ProxyMode.IPVS:
            return _("{name}: {address}, ports {ports}. Each node bears the address on kube-ipvs0.")
        return _("{name}: {address}, ports {ports}. An address only: no device has it.")

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
