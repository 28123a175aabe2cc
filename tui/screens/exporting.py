"""Taking away what is on the screen: to the clipboard, or into a file."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.screens.sending import is_big
from tui.screens.studying import Studying

if TYPE_CHECKING:
    from tui.screens.export_list import Choice


class Exporting(Studying):
    """Copies and saves what the cursor is at."""

    def export_works(self, name: str) -> bool | None:
        """Whether an action of exporting does anything; None: not one of these."""
        if name in ("copy", "export"):
            return self.session is not None and self.session.moment is not None
        return None

    def action_copy(self) -> None:
        """Copy the rule under the cursor, or the packet where there is none."""
        from tui.screens.clipboard import copy
        from tui.screens.exports import exports

        session = self.session
        for export in exports(session, self.words)[:1] if session is not None else ():
            content = export.make()
            assert isinstance(content, str)
            text = content.removesuffix("\n")
            copy(self, text, f"{export.label} {text}", self.words)

    def action_export(self) -> None:
        """All that can be copied or saved here."""
        from tui.screens.export_list import ExportList
        from tui.screens.exports import exports
        from tui.screens.saving import is_hosted

        session = self.session
        found = exports(session, self.words) if session is not None else []
        saves = not is_hosted(self)
        if not saves:
            found = [each for each in found if not each.binary]
        if found:
            self.app.push_screen(ExportList(found, self.words, saves=saves), self._chosen)

    def _chosen(self, choice: Choice | None) -> None:
        if choice is not None:
            self.run_worker(self._export(choice), exclusive=True, group="export")

    async def _export(self, choice: Choice) -> None:
        """Make the content, in a big cluster not in the screen's time, and take it away."""
        from tui.screens.clipboard import copy
        from tui.screens.export_list import Way
        from tui.screens.saving import save

        session, export = self.session, choice.export
        try:
            if session is not None and is_big(session.world):
                content = await asyncio.to_thread(export.make)
            else:
                content = export.make()
        except Exception as error:
            self.complain(error)
            return
        if choice.way is Way.COPY and isinstance(content, str):
            copy(self, content, export.label, self.words)
        else:
            data = content.encode() if isinstance(content, str) else content
            save(self, data, export.ending, self.words)
