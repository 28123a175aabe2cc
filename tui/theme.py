"""How things look: verdicts and layers as colour, glyph and word, dark, light, and in ASCII.

Widgets speak of roles ("this is what changed"), never of colours. A palette turns a role
into a style for the theme in use. Colour is never the only sign: every verdict and layer
has a glyph and a word, and every glyph has an ASCII twin of the same width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color, ColorParseError
from textual.filter import LineFilter
from textual.theme import Theme

from tui.sim.model.value import value
from tui.sim.trace import ReasonCode, Step, StepKind, Verdict
from tui.words.language import _
from tui.words.twins import ascii_twin


class Role(StrEnum):
    """What a piece of text is, as far as its looks are concerned."""

    PLAIN = "plain"
    STRONG = "strong"
    QUIET = "quiet"
    FAINT = "faint"
    """As quiet as text may be and still be read."""
    LINE = "line"
    """Frames, and ways that nobody walked: drawn, never written."""
    TITLE = "title"
    KEY = "key"
    CODE = "code"
    NOW = "now"
    """The lit hop, the current rule, the chosen tab: the one accent for this moment."""
    NOW_TEXT = "now-text"
    """The same accent without its background."""
    CHANGED = "changed"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    DROPPED = "dropped"
    UNKNOWN = "unknown"
    WALKED = "walked"
    REPLY = "reply"
    TUNNEL = "tunnel"
    NODE = "node"
    """The frame of a node."""
    POD = "pod"
    SERVICE = "service"
    CHANCE = "chance"


@value
class Look:
    """A verdict or a layer: role, glyph and word."""

    role: Role
    glyph: str
    word: str


VERDICTS: Mapping[Verdict, Look] = {
    Verdict.DELIVERED: Look(Role.DELIVERED, "✓", _("delivered")),
    Verdict.REJECTED: Look(Role.REJECTED, "⊘", _("refused")),
    Verdict.DROPPED: Look(Role.DROPPED, "✗", _("dropped")),
    Verdict.UNKNOWN: Look(Role.UNKNOWN, "?", _("unknown")),
}
"""Refusal is felt at once and silence as a timeout: they never look alike."""


class Layer(StrEnum):
    """Which part of the kernel a step belongs to."""

    SOCKET = "socket"
    NETFILTER = "netfilter"
    CONNTRACK = "conntrack"
    ROUTING = "routing"
    LINK = "link"
    TUNNEL = "tunnel"
    END = "end"


LAYERS: Mapping[Layer, Look] = {
    Layer.SOCKET: Look(Role.POD, "○", _("socket")),
    Layer.NETFILTER: Look(Role.TITLE, "≡", _("netfilter")),
    Layer.CONNTRACK: Look(Role.REPLY, "∞", _("conntrack")),
    Layer.ROUTING: Look(Role.WALKED, "↳", _("routing")),
    Layer.LINK: Look(Role.QUIET, "─", _("link")),
    Layer.TUNNEL: Look(Role.TUNNEL, "═", _("tunnel")),
    Layer.END: Look(Role.STRONG, "■", _("end")),
}

_LAYER_OF: Mapping[StepKind, Layer] = {
    StepKind.ORIGINATED: Layer.SOCKET,
    StepKind.RESOLVED: Layer.SOCKET,
    StepKind.HOOK_ENTERED: Layer.NETFILTER,
    StepKind.CHAIN_ENTERED: Layer.NETFILTER,
    StepKind.RULE_MATCHED: Layer.NETFILTER,
    StepKind.RULE_DECLINED: Layer.NETFILTER,
    StepKind.RULES_SKIPPED: Layer.NETFILTER,
    StepKind.POLICY_APPLIED: Layer.NETFILTER,
    StepKind.TRACKED: Layer.CONNTRACK,
    StepKind.TRANSLATED: Layer.CONNTRACK,
    StepKind.CONFIRMED: Layer.CONNTRACK,
    StepKind.SCHEDULED: Layer.CONNTRACK,
    StepKind.PROGRAM: Layer.NETFILTER,
    StepKind.ROUTED: Layer.ROUTING,
    StepKind.NEIGHBOUR_FOUND: Layer.ROUTING,
    StepKind.BRIDGED: Layer.LINK,
    StepKind.SENT: Layer.LINK,
    StepKind.RECEIVED: Layer.LINK,
    StepKind.ENCAPSULATED: Layer.TUNNEL,
    StepKind.DECAPSULATED: Layer.TUNNEL,
}

_VERDICT_OF: Mapping[StepKind, Verdict] = {
    StepKind.DELIVERED: Verdict.DELIVERED,
    StepKind.REJECTED: Verdict.REJECTED,
    StepKind.DROPPED: Verdict.DROPPED,
    StepKind.UNKNOWN: Verdict.UNKNOWN,
}


def layer_of(kind: StepKind) -> Layer:
    """The layer a step belongs to; a final step belongs to the end."""
    return _LAYER_OF.get(kind, Layer.END)


def look_of(step: Step) -> Look:
    """How a step looks: a final one as what it means to the sender, any other as its layer.

    A packet that arrives where nothing listens was delivered, but what follows is a refusal,
    and so is the RST or the ICMP error that says so. One that the nodes let go to an address
    that nobody has is lost.
    """
    verdict = _VERDICT_OF.get(step.kind)
    if verdict is None:
        return LAYERS[layer_of(step.kind)]
    if step.reason.code is ReasonCode.WORLD_NOBODY:
        return VERDICTS[Verdict.DROPPED]
    refused = step.reason.code in _REFUSALS or "RST" in step.packet.flags
    return VERDICTS[Verdict.REJECTED if refused and verdict is Verdict.DELIVERED else verdict]


_REFUSALS = frozenset(
    {
        ReasonCode.SOCKET_REFUSED,
        ReasonCode.SOCKET_LOOPBACK_ONLY,
        ReasonCode.ICMP_RECEIVED,
    }
)


# ---------------------------------------------------------------- colours

DARK = Theme(
    name="k8snet-dark",
    primary="#5aa9ff",
    secondary="#7c8cff",
    accent="#ffd166",
    foreground="#cdd6e4",
    background="#0b1018",
    surface="#0f1622",
    panel="#18222f",
    success="#6ee7a0",
    warning="#ff9f5a",
    error="#ff5f76",
    dark=True,
    variables={
        "k8snet-line": "#2c3a4e",
        "k8snet-changed": "#d8a6ff",
        "k8snet-reply": "#4fd8c8",
        "k8snet-unknown": "#9aa7bd",
        "k8snet-chance": "#ffb3d1",
        "k8snet-now-text": "#1a1405",
        "border": "#2c3a4e",
        "block-cursor-background": "#ffd166",
        "block-cursor-foreground": "#1a1405",
        "input-selection-background": "#5aa9ff 35%",
        "footer-key-foreground": "#ffd166",
    },
)

LIGHT = Theme(
    name="k8snet-light",
    primary="#0b5fc4",
    secondary="#4b4fc9",
    accent="#9a5b00",
    foreground="#1d2733",
    background="#f3f5f8",
    surface="#fbfcfd",
    panel="#e6ebf1",
    success="#11713a",
    warning="#b34700",
    error="#bd1a35",
    dark=False,
    variables={
        "k8snet-line": "#b7c2cf",
        "k8snet-changed": "#8a2fb8",
        "k8snet-reply": "#04766b",
        "k8snet-unknown": "#5b6879",
        "k8snet-chance": "#a8236b",
        "k8snet-now-text": "#fffaf0",
        "border": "#b7c2cf",
        "block-cursor-background": "#9a5b00",
        "block-cursor-foreground": "#fffaf0",
        "input-selection-background": "#0b5fc4 30%",
        "footer-key-foreground": "#9a5b00",
    },
)

THEMES = (DARK, LIGHT)
"""The program's own themes; every built-in theme of Textual works too."""


@value
class _Paint:
    """Where a role's colour comes from: our variable, else a general one."""

    variable: str
    fallback: str
    bold: bool = False
    italic: bool = False
    underline: bool = False
    fade: float = 1.0
    """Share of the colour against the background."""
    chip: bool = False
    """The colour is the background."""


_PAINTS: Mapping[Role, _Paint] = {
    Role.PLAIN: _Paint("foreground", "foreground"),
    Role.STRONG: _Paint("foreground", "foreground", bold=True),
    Role.QUIET: _Paint("foreground", "foreground", fade=0.76),
    Role.FAINT: _Paint("foreground", "foreground", fade=0.61),
    Role.LINE: _Paint("foreground", "foreground", fade=0.46),
    Role.TITLE: _Paint("primary", "primary", bold=True),
    Role.KEY: _Paint("accent", "accent", bold=True),
    Role.CODE: _Paint("k8snet-reply", "secondary"),
    Role.NOW: _Paint("accent", "accent", bold=True, chip=True),
    Role.NOW_TEXT: _Paint("accent", "accent", bold=True),
    Role.CHANGED: _Paint("k8snet-changed", "secondary", bold=True, underline=True),
    Role.DELIVERED: _Paint("success", "success", bold=True),
    Role.REJECTED: _Paint("warning", "warning", bold=True),
    Role.DROPPED: _Paint("error", "error", bold=True),
    Role.UNKNOWN: _Paint("k8snet-unknown", "foreground", bold=True),
    Role.WALKED: _Paint("primary", "primary", bold=True),
    Role.REPLY: _Paint("k8snet-reply", "success", bold=True),
    Role.TUNNEL: _Paint("secondary", "secondary", bold=True),
    Role.NODE: _Paint("foreground", "foreground", fade=0.5),
    Role.POD: _Paint("foreground", "foreground", fade=0.85),
    Role.SERVICE: _Paint("k8snet-chance", "secondary"),
    Role.CHANCE: _Paint("k8snet-chance", "secondary", bold=True),
}


class Palette:
    """Roles turned into styles for one theme and one background."""

    def __init__(self, variables: Mapping[str, str], base: Style, *, ansi: bool = False) -> None:
        """Take the theme's variables and the style that plain text has in the widget."""
        self._variables = variables
        self._base = base
        self._ansi = ansi
        self._styles: dict[tuple[Role, bool], Style] = {}

    @property
    def base(self) -> Style:
        """The style of empty cells."""
        return self._base

    def style(self, role: Role, *, lit: bool = False) -> Style:
        """The style of a role; `lit` puts it on the highlighted line's background."""
        key = (role, lit)
        if key not in self._styles:
            self._styles[key] = self._made(_PAINTS[role], lit)
        return self._styles[key]

    def _made(self, paint: _Paint, lit: bool) -> Style:
        colour = self._colour(paint.variable) or self._colour(paint.fallback)
        look = Style(
            bold=paint.bold or None, italic=paint.italic or None, underline=paint.underline or None
        )
        if paint.chip:
            ink = self._colour("k8snet-now-text") or self._colour("background")
            return self._base + look + _style(ink, colour)
        ground = self._colour("panel") if lit else None
        if self._ansi:
            look += Style(dim=True if paint.fade < 1 else None)
        elif colour is not None and paint.fade < 1:
            behind = self._colour("surface") or self._colour("background")
            if behind is not None:
                colour = behind.blend(colour, _faded(paint.fade, behind))
        return self._base + look + _style(colour, ground)

    def _colour(self, name: str) -> Color | None:
        try:
            return Color.parse(self._variables[name])
        except (KeyError, ColorParseError):
            return None


def _faded(share: float, behind: Color) -> float:
    """Ink fades faster on paper than light does in the dark: keep more of it there."""
    return share**0.7 if behind.brightness > 0.5 else share


def _style(ink: Color | None, ground: Color | None) -> Style:
    return Style.from_color(
        ink.rich_color if ink is not None else None,
        ground.rich_color if ground is not None else None,
    )


# ---------------------------------------------------------------- no colours


class WithoutColour(LineFilter):
    """What NO_COLOR asks for: no colour at all, not even a grey one.

    A ground that stands out from what is around it becomes reverse video: the chosen row, the
    current tab, a scrollbar.
    """

    STANDS_OUT = 0.1
    """Difference in brightness from which on a ground is more than a shade."""
    _COLOURLESS = Style.from_color(RichColor.default(), RichColor.default())

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same text, its colours those of the terminal."""
        return [
            Segment(text, self._plain(style or Style.null(), background), control)
            for text, style, control in segments
        ]

    def _plain(self, style: Style, background: Color) -> Style:
        bare = style + self._COLOURLESS
        ground = style.bgcolor
        if ground is None or ground.is_default:
            return bare
        difference = Color.from_rich_color(ground).brightness - background.brightness
        return bare + Style(reverse=True) if abs(difference) > self.STANDS_OUT else bare


# ---------------------------------------------------------------- ASCII


class AsciiTwins(LineFilter):
    """Draws everything that Textual puts on the screen with ASCII twins."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, glyph for glyph; widths do not change."""
        return [
            Segment(ascii_twin(text), style or Style.null(), control)
            for text, style, control in segments
        ]


def plain_words(looks: Sequence[Look]) -> str:
    """Verdicts as one line for a legend: `✓ delivered  ⊘ refused`."""
    return "  ".join(f"{look.glyph} {look.word}" for look in looks)
