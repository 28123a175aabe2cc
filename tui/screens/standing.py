"""Where somebody stood when something went wrong, for the log of it."""

from __future__ import annotations

from collections.abc import Iterator

from tui.screens.learning import Learning


def standing(screen: Learning) -> Iterator[tuple[str, str]]:
    """Lesson and step, settings, the last packet, and the step of it under the cursor."""
    page, session = screen.page, screen.session
    if page is not None:
        yield "lesson", f"{page.lesson.id}, step {page.step.id}"
    if session is None:
        return
    world, asked = session.world, session.injection
    yield "world", f"{world.proxy.mode.value}, {world.cni}"
    objects = world.cluster
    sizes = (len(objects.nodes), len(objects.pods), len(objects.services))
    yield "cluster", "{} nodes, {} pods, {} Services".format(*sizes)
    if asked is not None:
        yield "packet", f"{asked.source} -> {asked.destination} {asked.protocol.value}"
        yield "position", f"{session.position + 1} of {len(session.moments)}"
