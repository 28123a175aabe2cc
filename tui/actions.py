"""Everything the learner can do, once: key bindings, footer, palette, help and README read this.

Letter keys get their twin of the Korean two-set keyboard, because an input method may be on
when the key is pressed; what a lesson needs also sits on keys that no input method composes.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from tui.sim.model.value import value
from tui.words.language import _

_LATIN = "qwertyuiopasdfghjklzxcvbnmOREWTP"
_JAMO = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅒㄲㄸㅉㅆㅖ"
_HANGUL = dict(zip(_LATIN, _JAMO, strict=True))
"""The letter on the same key of the Korean two-set keyboard."""

_SYMBOLS = {
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "escape": "esc",
    "full_stop": ".",
    "comma": ",",
    "exclamation_mark": "!",
    "at": "@",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


class Group(StrEnum):
    """A section of the help page."""

    WALK = _("Walk with the packet")
    SEND = _("Send and change")
    LOOK = _("Look closer")
    LESSON = _("Lesson")
    PROGRAM = _("Program")


@value
class Action:
    """One thing to do: its keys, its words, and where help lists it."""

    id: str
    """Name of the action method, without `action_`."""
    keys: tuple[str, ...]
    """Textual's names of the keys; the first is the one shown."""
    label: str
    """One or two words for the footer."""
    help: str
    """One sentence for the help page and the palette."""
    group: Group
    """Section of the help page."""
    footer: bool = False
    """Shown in the footer while it works."""

    @property
    def all_keys(self) -> tuple[str, ...]:
        """The keys and the Hangul twins of single letters."""
        twins = tuple(_HANGUL[key] for key in self.keys if key in _HANGUL)
        return self.keys + twins

    @property
    def shown_key(self) -> str:
        """The first key as people write it: `←`, `?`, `ctrl+p`."""
        return key_text(self.keys[0])


def key_text(key: str) -> str:
    """A key's name as people write it."""
    return _SYMBOLS.get(key, key)


ACTIONS: tuple[Action, ...] = (
    Action("back", ("left", "h"), _("back"), _("One step back."), Group.WALK, footer=True),
    Action("step", ("right", "l"), _("step"), _("One step on."), Group.WALK, footer=True),
    Action(
        "next_hook",
        ("enter",),
        _("next hook"),
        _("On to the next hook; in a lesson, on to the next page."),
        Group.WALK,
        footer=True,
    ),
    Action(
        "previous_hook", ("backspace",), _("last hook"), _("Back to the hook before."), Group.WALK
    ),
    Action("play", ("space",), _("play"), _("Play and pause."), Group.WALK, footer=True),
    Action("faster", ("plus", "equals_sign"), _("faster"), _("Play faster."), Group.WALK),
    Action("slower", ("minus",), _("slower"), _("Play slower."), Group.WALK),
    Action(
        "next_chain",
        ("full_stop",),
        _("next chain"),
        _("On to where another chain begins."),
        Group.WALK,
    ),
    Action(
        "previous_chain", ("comma",), _("last chain"), _("Back to where a chain began."), Group.WALK
    ),
    Action(
        "next_hop",
        ("right_square_bracket",),
        _("next hop"),
        _("On to the next namespace: pod, node, network."),
        Group.WALK,
    ),
    Action(
        "previous_hop",
        ("left_square_bracket",),
        _("last hop"),
        _("Back to where a namespace began."),
        Group.WALK,
    ),
    Action("start", ("home",), _("start"), _("To where the packet was sent."), Group.WALK),
    Action("end", ("end",), _("end"), _("To where it all ended."), Group.WALK),
    Action(
        "next_rewrite",
        ("x",),
        _("next rewrite"),
        _("On to the next step that changes the packet."),
        Group.WALK,
    ),
    Action(
        "previous_rewrite",
        ("z",),
        _("last rewrite"),
        _("Back to the step that changed the packet last."),
        Group.WALK,
    ),
    Action(
        "inject",
        ("i", "f5"),
        _("inject"),
        _("Send a packet: from where, to where."),
        Group.SEND,
        footer=True,
    ),
    Action(
        "mode",
        ("m", "f4"),
        _("mode"),
        _("Choose kube-proxy's mode; the packet goes again."),
        Group.SEND,
        footer=True,
    ),
    Action(
        "plugin",
        ("c", "f6"),
        _("plugin"),
        _("Choose the CNI plugin; the packet goes again."),
        Group.SEND,
        footer=True,
    ),
    Action(
        "edit",
        ("e",),
        _("edit"),
        _("Change the cluster: pods, Services, or any object as YAML."),
        Group.SEND,
        footer=True,
    ),
    Action("again", ("r",), _("again"), _("Send the last packet again."), Group.SEND),
    Action(
        "pin", ("p",), _("pin"), _("Pin the endpoint that chance took, or let it go."), Group.SEND
    ),
    Action("undo", ("u",), _("undo"), _("Undo the last packet, switch or edit."), Group.SEND),
    Action(
        "wait",
        ("w",),
        _("wait"),
        _("Let time pass, so that conntrack entries grow old."),
        Group.SEND,
    ),
    Action(
        "conntrack",
        ("t",),
        _("conntrack"),
        _("The conntrack table at this moment."),
        Group.LOOK,
        footer=True,
    ),
    Action(
        "outcomes",
        ("a",),
        _("outcomes"),
        _("All that could have happened, with probabilities."),
        Group.LOOK,
        footer=True,
    ),
    Action(
        "compare",
        ("v",),
        _("compare"),
        _("The packet in every kube-proxy mode, and under every CNI plugin, side by side."),
        Group.LOOK,
        footer=True,
    ),
    Action(
        "model",
        ("R",),
        _("rules of the model"),
        _("Whether every pod and node reaches every pod without NAT."),
        Group.LOOK,
    ),
    Action("journey", ("j",), _("journey"), _("Every step of the way as a list."), Group.LOOK),
    Action(
        "inspect",
        ("s",),
        _("inspect"),
        _("Addresses, routes, rules and conntrack of where the packet is."),
        Group.LOOK,
    ),
    Action(
        "owner",
        ("O",),
        _("owner"),
        _("The Service whose rule is under the cursor: endpoints, chains, names."),
        Group.LOOK,
    ),
    Action(
        "find",
        ("slash", "f"),
        _("find"),
        _("Find a pod, container, node, Service or device."),
        Group.LOOK,
        footer=True,
    ),
    Action(
        "copy",
        ("y",),
        _("copy"),
        _("Copy the rule under the cursor, or the packet where there is none."),
        Group.LOOK,
    ),
    Action(
        "export",
        ("Y",),
        _("save or copy"),
        _("Save or copy the rule, the packet, the trace or the node's rules."),
        Group.LOOK,
    ),
    Action(
        "pick",
        ("g",),
        _("choose on map"),
        _("Choose on the map by arrow keys, to look inside or to send."),
        Group.LOOK,
    ),
    Action("lesson_next", ("n", "f8"), _("next page"), _("On in the lesson."), Group.LESSON),
    Action("lesson_back", ("b", "f7"), _("page back"), _("Back in the lesson."), Group.LESSON),
    Action("lessons", ("o", "f3"), _("lessons"), _("All lessons."), Group.LESSON),
    Action(
        "hint",
        ("exclamation_mark", "f9"),
        _("hint"),
        _("In a challenge: the next hint; at last the solution, and its change."),
        Group.LESSON,
        footer=True,
    ),
    Action(
        "reset",
        ("0",),
        _("start over"),
        _("The lesson's cluster as it was at the start; undo takes that back."),
        Group.LESSON,
    ),
    Action(
        "recall",
        ("T",),
        _("ask again"),
        _("Predictions that you missed come back, a few at a time."),
        Group.LESSON,
    ),
    Action(
        "glossary",
        ("W", "f10"),
        _("glossary"),
        _("What the words mean, those of this page first."),
        Group.LESSON,
    ),
    Action(
        "sandbox",
        ("E",),
        _("sandbox"),
        _("Play freely with the lesson's cluster, and back to the lesson."),
        Group.LESSON,
    ),
    Action(
        "palette", ("colon", "ctrl+p"), _("commands"), _("Every command by name."), Group.PROGRAM
    ),
    Action("theme", ("d",), _("dark/light"), _("Between dark and light."), Group.PROGRAM),
    Action(
        "screenshot",
        ("ctrl+s",),
        _("screenshot"),
        _("Save the screen as an SVG file."),
        Group.PROGRAM,
    ),
    Action(
        "class",
        ("P", "f12"),
        _("class"),
        _("In a workshop: follow the instructor or stop; the instructor sees the class."),
        Group.LESSON,
    ),
    Action("tour", ("f2",), _("tour"), _("The short tour of the screen again."), Group.LOOK),
    Action(
        "language",
        ("at",),
        _("language"),
        _("The language of words and lessons."),
        Group.PROGRAM,
    ),
    Action("help", ("question_mark", "f1"), _("help"), _("All keys."), Group.PROGRAM, footer=True),
    Action(
        "quit",
        ("q", "ctrl+q"),
        _("quit"),
        _("Leave; the terminal comes back as it was."),
        Group.PROGRAM,
    ),
)
"""Every action, in the order of the footer and of the help page."""

_BY_ID = {action.id: action for action in ACTIONS}


def action(name: str) -> Action:
    """The action of that id. Raises KeyError."""
    return _BY_ID[name]


def in_group(group: Group) -> Iterator[Action]:
    """The actions of one section, in order."""
    return (each for each in ACTIONS if each.group is group)
