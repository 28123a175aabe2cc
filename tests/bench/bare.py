"""A bare Textual app that shows one line: what opening anything costs at least."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    """One line."""

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static("one line of text")


Bare().run()
