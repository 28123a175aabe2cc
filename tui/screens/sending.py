"""Sending packets and changing what decides about them: mode, plugin, pin, undo, time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.reactive import reactive

from tui.formats.errors import FormatError
from tui.screens.walking import Walking
from tui.session import Session
from tui.sim.engine import BUILT_MODES, Injection, World
from tui.sim.model.address import Family
from tui.sim.model.collection import collection_paused
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace
from tui.widgets.header_line import HeaderLine
from tui.words import Words

if TYPE_CHECKING:
    from tui.comparison.modes import Comparison
    from tui.comparison.plugins import PluginComparison

REMEMBERED = 8
"""How many packets the injector offers again."""
WAIT = 60.0
"""Seconds that one key press lets pass."""


BIG = 1000
"""Pods and Services from which on building rules is felt."""


def is_big(world: World) -> bool:
    """Whether a world's rules take so long to build that the screen should not wait."""
    return len(world.cluster.pods) + len(world.cluster.services) > BIG


class Sending(Walking):
    """Everything that replaces the session by another story."""

    busy: reactive[bool] = reactive(False, repaint=False)
    """Whether a session is being made that takes its time."""

    def __init__(self, words: Words) -> None:
        """Take the language."""
        super().__init__(words)
        self._recent: list[Injection] = []
        self._tried: Session | None = None

    def send_works(self, name: str) -> bool | None:
        """Whether an action of sending does anything; None: not one of these."""
        session = self.session
        if name in ("inject", "mode", "plugin", "edit"):
            return session is not None
        if name == "again":
            return session is not None and bool(self._recent)
        if name == "wait":
            return session is not None and bool(session.after.hosts)
        if name in ("outcomes", "compare"):
            return session is not None and session.injection is not None
        if name == "pin":
            return session is not None and _endpoint(session) is not None
        if name == "undo":
            return session is not None and session.previous is not None
        return None

    def attempt(self, change: Callable[[], Session]) -> str:
        """Make another session and keep it aside; what is wrong becomes a sentence."""
        try:
            self._tried = change()
        except Exception as error:
            return self.sentence_of(error)
        return ""

    def sentence_of(self, error: Exception) -> str:
        """An error as a sentence: its own where it has one for people, else that it happened.

        Nothing that the simulator raises may take the screen with it.
        """
        if isinstance(error, ValueError | FormatError) and error.args:
            return str(error)
        return self.words(
            "The simulator failed on this: {error}", error=f"{type(error).__name__}: {error}"
        )

    def complain(self, error: Exception) -> None:
        """Show an error as a notice."""
        self.notify(self.sentence_of(error), severity="error", markup=False)

    async def attempted(self, change: Callable[[], Session]) -> str:
        """The same without holding up the screen where the cluster is big."""
        session = self.session
        if session is None or not is_big(session.world):
            return self.attempt(change)
        self.busy = True
        try:
            return await asyncio.to_thread(collection_paused()(self.attempt), change)
        finally:
            self.busy = False

    def change(self, change: Callable[[], Session], then: Callable[[], None] | None = None) -> None:
        """Replace the session and go on, or say why not."""

        async def work() -> None:
            problem = await self.attempted(change)
            if problem:
                self.notify(problem, severity="error", markup=False)
                return
            self.take_tried()
            if then is not None:
                then()

        self.run_worker(work(), exclusive=True, group="session")

    def take_tried(self) -> None:
        """Show the session that the last attempt made."""
        self.playing = False
        self.session = self._tried

    # ------------------------------------------------------------ packets

    def action_inject(self) -> None:
        """Ask for a packet and send it."""
        from tui.screens.injector import Injector

        session = self.session
        if session is None:
            return

        async def check(injection: Injection) -> str:
            return await self.attempted(lambda: session.injected(injection))

        def sent(injection: Injection | None) -> None:
            if injection is not None:
                self.remember(injection)
                self.take_tried()
                self.packet_sent()

        ends = self.ends_in_mind()
        dialog = Injector(session.world.cluster, self._recent, self.words, check, ends)
        self.app.push_screen(dialog, sent)

    def action_again(self) -> None:
        """Send the last packet once more, from the state that is left now."""
        session = self.session
        if session is not None and self._recent:
            injection = self._recent[0]
            self.change(lambda: session.injected(injection), self.packet_sent)

    def ends_in_mind(self) -> tuple[str, str]:
        """Where a packet shall go from and to, as far as somebody chose; for screens with a map."""
        return "", ""

    def packet_sent(self) -> None:
        """A packet is on its way; for screens that show it."""

    def remember(self, injection: Injection) -> None:
        """Offer the packet again next time."""
        self._recent = [injection, *(i for i in self._recent if i != injection)][:REMEMBERED]

    def action_undo(self) -> None:
        """Back to before the last packet, switch or edit."""
        if self.session is not None:
            self.session = self.session.undone()

    def action_wait(self) -> None:
        """Let a minute pass."""
        session = self.session
        if session is not None:
            self.change(lambda: session.waited(WAIT), self._say_waited)

    def _say_waited(self) -> None:
        """The packet is history, and the screen shows none: say why."""
        self.status = self.words("A minute has passed: i sends a new packet.")
        self.notify(
            self.words(
                "A minute has passed, and the last packet with it. Conntrack entries are a minute "
                "older: a new packet shows what is still remembered."
            ),
            timeout=6,
        )

    # ------------------------------------------------------------ chance

    def action_pin(self) -> None:
        """Pin the endpoint that chance took, or let it go."""
        session = self.session
        endpoint = _endpoint(session) if session else None
        if session is None or endpoint is None:
            return
        pin = None if session.choices.pin else endpoint
        self._pin(session, pin)

    def _pin(self, session: Session, pin: str | None) -> None:
        text = self.words("Pinned: {pin}", pin=pin) if pin else self.words("Chance decides again.")
        self.change(
            lambda: session.replayed(replace(session.choices, pin=pin)),
            lambda: self.notify(text, timeout=2, markup=False),
        )

    def action_outcomes(self) -> None:
        """All that could have become of the packet."""
        session = self.session
        if session is not None and session.injection is not None:
            self.run_worker(self._list_outcomes(session), exclusive=True, group="session")

    async def _list_outcomes(self, session: Session) -> None:
        """Walk every branch of chance, then show the list."""
        from tui.screens.outcomes import FREE, Outcomes

        self.busy = is_big(session.world)
        try:
            if self.busy:
                await asyncio.to_thread(lambda: session.all_outcomes)
            trace = session.all_outcomes
        except Exception as error:
            self.complain(error)
            return
        finally:
            self.busy = False

        def chosen(endpoint: str | None) -> None:
            if endpoint:
                self._pin(session, None if endpoint == FREE else endpoint)

        if trace is not None:
            self.app.push_screen(Outcomes(session, trace, self.words), chosen)

    # ------------------------------------------------------------ comparing

    def action_compare(self) -> None:
        """The last packet in every mode of kube-proxy, side by side."""
        session = self.session
        if session is not None and session.injection is not None:
            self.run_worker(
                self._compare(session, session.injection), exclusive=True, group="session"
            )

    async def _compare(self, session: Session, injection: Injection) -> None:
        """Send the packet through each mode, then show the columns."""
        from tui.comparison.modes import compare
        from tui.comparison.plugins import compare_plugins
        from tui.screens.compare import Compare

        def made() -> Comparison:
            return compare(session.world, session.before, injection, session.choices)

        def plugins() -> PluginComparison:
            own = session.world.cni
            names = (own, *(name for name in session.world.plugins if name != own))
            return compare_plugins(session.world, session.before, injection, session.choices, names)

        self.busy = is_big(session.world)
        try:
            found = await asyncio.to_thread(made) if self.busy else made()
        except Exception as error:
            self.complain(error)
            return
        finally:
            self.busy = False
        self.app.push_screen(Compare(found, session.world, plugins, self.words))

    def action_model(self) -> None:
        """Whether the rules of the network model hold here."""
        session = self.session
        if session is not None:
            self.run_worker(self._try_model(session), exclusive=True, group="session")

    async def _try_model(self, session: Session) -> None:
        """Send packets between all pods and nodes, then show what was found."""
        from tui.comparison.network_model import check
        from tui.screens.network_model import NetworkModel

        self.busy = True
        try:
            report = await asyncio.to_thread(check, session.world)
        finally:
            self.busy = False

        def chosen(packet: Injection | None) -> None:
            if packet is not None:
                self.change(lambda: session.injected(packet), self.packet_sent)

        self.app.push_screen(NetworkModel(report, self.words), chosen)

    # ------------------------------------------------------------ settings

    def action_mode(self) -> None:
        """Choose kube-proxy's mode."""
        from tui.screens.menu import Entry, Menu

        if self.session is None:
            return
        entries = [
            Entry(mode.value, mode.value, self._mode_note(mode), mode not in BUILT_MODES)
            for mode in ProxyMode
        ]
        menu = Menu(self.words("kube-proxy's mode"), entries, self.session.world.proxy.mode.value)
        self.app.push_screen(menu, lambda value: self.switch_mode(value) if value else None)

    def _mode_note(self, mode: ProxyMode) -> str:
        note = self.words.mode(mode).removeprefix(f"{mode.value}: ")
        return note if mode in BUILT_MODES else f"{note} · {self.words('not built yet')}"

    def switch_mode(self, value: str) -> None:
        """Another mode; the packet takes its new way. One that is not built is said to be so."""
        session, mode = self.session, ProxyMode(value)
        if session is None:
            return
        if mode not in BUILT_MODES:
            self.notify(
                self.words(
                    "{mode}: not built yet. The rules stay those of {current}.",
                    mode=mode.value,
                    current=session.world.proxy.mode.value,
                ),
                severity="warning",
            )
            return
        self.change(lambda: session.with_mode(mode))

    def action_plugin(self) -> None:
        """Choose the CNI plugin."""
        from tui.screens.menu import Entry, Menu

        if self.session is None:
            return
        entries = [
            Entry(
                name, name, self.words.plugin(name).removeprefix(f"{name}: "),
                about=self.words.simplified(plugin.simplified),
            )
            for name, plugin in self.session.world.plugins.items()
        ]  # fmt: skip
        menu = Menu(self.words("CNI plugin"), entries, self.session.world.cni)
        self.app.push_screen(menu, lambda value: self.switch_plugin(value) if value else None)

    def switch_plugin(self, name: str) -> None:
        """Another plugin; the packet takes its new way."""
        session = self.session
        if session is not None:
            self.change(lambda: session.with_plugin(name))

    @on(HeaderLine.ModeChosen)
    def _mode_clicked(self, event: HeaderLine.ModeChosen) -> None:
        self.switch_mode(event.mode.value)

    @on(HeaderLine.PluginAsked)
    def _plugin_clicked(self) -> None:
        self.action_plugin()


def _endpoint(session: Session) -> str | None:
    """The endpoint that the packet's chance fell on; None where there was no chance."""
    if session.trace is None:
        return None
    outcome = session.trace.outcomes[0]
    chosen = any(moment.step.chance is not None for moment in session.moments)
    return outcome.destination if chosen and outcome.dnat else None


@collection_paused()
def prepare(world: World) -> None:
    """Wire the network and write the rules that the first picture shows."""
    _ = world.network
    for node in world.cluster.nodes[:1]:
        world.ruleset(node.name, Family.IPV4)
        world.kube_proxy_table(node.name, Family.IPV4)
