"""A sentence that may hold only under a condition."""

from __future__ import annotations

from tui.sim.model.value import value
from tui.sim.trace import Reason


@value
class Phrase:
    """A sentence and the field value under which it is true."""

    text: str
    """The English text, with named placeholders."""
    only: str = ""
    """`field` (must not be empty, 0 or false) or `field=value`; empty means always."""

    def holds(self, reason: Reason) -> bool:
        """Whether the sentence is true of this reason."""
        name, equals, wanted = self.only.partition("=")
        if not name:
            return True
        value = reason.fields.get(name)
        return str(value) == wanted if equals else bool(value)
