"""Changing the cluster in place; every edit is another session, so undo takes it back."""

from __future__ import annotations

from collections.abc import Iterator

from tui.screens.looking import Looking, Trail
from tui.screens.sights import bearers, sought
from tui.session import Session
from tui.sim.engine.injection import PlaceError
from tui.sim.engine.places import target_of
from tui.widgets.topology_map import TopologyMap


class Editing(Looking):
    """Knows what one may want to change. The editor loads when it is opened."""

    _looked = ""
    """The place that was looked at last, since the last packet."""

    def inspect(self, place: str, device: str, trail: Trail = ()) -> None:
        """What one looks at is what one may want to change."""
        self._looked = place
        super().inspect(place, device, trail)

    def packet_sent(self) -> None:
        """The packet's Service is what one may want to change, and the map shows the packet."""
        self._looked = ""
        self.show_changed(())
        super().packet_sent()

    def action_edit(self) -> None:
        """Change what is chosen on the map or was looked at last, or the Service of the packet."""
        from tui.screens.editor import Editor

        session = self.session
        if session is not None:
            Editor(self, session).open(self._in_mind() or subject_of(session) or self._asked())

    def _in_mind(self) -> str:
        picked = self.query_one(TopologyMap).picked
        return picked.place if picked is not None else self._looked

    def _asked(self) -> str:
        """The Service that the page is about."""
        return next((place for place in self.sought if place.startswith("svc/")), "")

    def edited(self, place: str) -> None:
        """Show the session that an edit of a place made; the next edit begins there."""
        self.take_tried()
        self._looked = place
        if self._recent:
            self.status = self.words("The cluster has changed: r sends the last packet again.")

    def show_changed(self, places: tuple[str, ...]) -> None:
        """Bring places forward on the map, besides those that the page is about."""
        page, session = self.page, self.session
        own = sought(page, session.world) if page is not None and session is not None else ()
        self.sought = tuple(dict.fromkeys((*own, *places)))


def subject_of(session: Session) -> str:
    """The Service whose rules the last packet met, else what it was sent to; or nothing."""
    for moment in session.moments:
        kind, _space, name = (moment.step.owner or "").partition(" ")
        if kind == "Service":
            return f"svc/{name.partition(':')[0]}"
    return next(_destinations(session), "")


def _destinations(session: Session) -> Iterator[str]:
    if session.injection is None:
        return
    try:
        ips = target_of(session.world, session.injection).ips
    except PlaceError:
        return
    for ip in ips:
        yield from bearers(session.world, ip)
