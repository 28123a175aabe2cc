"""Translators find every sentence, and what they write is read back."""

from tui.sim.model.packet import Protocol
from tui.sim.trace import Connection, Verdict
from tui.words import ipvs
from tui.words.chains import BUILT_IN, KUBERNETES, OTHER_CHAIN, PREFIXES
from tui.words.mismatches import MISMATCHES
from tui.words.netfilter import FIELDS, HOOKS, MISMATCH, TABLES
from tui.words.plugins import PLUGINS, SIMPLIFIED
from tui.words.po import read_po
from tui.words.reasons import REASONS
from tui.words.settings import MODE_SENTENCES, MODES
from tui.words.store import TROUBLES
from tui.words.template import messages, template
from tui.words.verdicts import (
    NOBODY_THERE,
    ROLES,
    STEP_KINDS,
    VERDICT_SENTENCES,
    VERDICTS,
    felt,
    felt_sentence,
)

SAID = (
    *BUILT_IN.values(),
    *KUBERNETES.values(),
    *PREFIXES.values(),
    OTHER_CHAIN,
    MISMATCH,
    *ipvs.CHAINS.values(),
    *ipvs.SETS.values(),
    ipvs.OTHER_SET,
    *FIELDS.values(),
    *HOOKS.values(),
    *TABLES.values(),
    *PLUGINS.values(),
    *SIMPLIFIED.values(),
    *TROUBLES.values(),
    *MODES.values(),
    *MODE_SENTENCES.values(),
    *ROLES.values(),
    *STEP_KINDS.values(),
    *VERDICTS.values(),
    *VERDICT_SENTENCES.values(),
    NOBODY_THERE,
    *MISMATCHES.values(),
    *(felt(c, p) for c in Connection for p in Protocol),
    *(felt_sentence(c, p, v) for c in Connection for p in Protocol for v in Verdict),
    *(phrase.text for phrases in REASONS.values() for phrase in phrases),
)


def translated() -> dict[str, str]:
    """The template as if somebody had translated each sentence by itself."""
    lines, last = [], ""
    for line in template().splitlines():
        if line.startswith("msgid "):
            last = line
        lines.append(last.replace("msgid", "msgstr", 1) if line == 'msgstr ""' else line)
    return read_po("\n".join(lines))


def test_every_sentence_is_in_the_template() -> None:
    assert set(SAID) <= translated().keys()


def test_a_sentence_survives_the_way_through_the_file() -> None:
    assert all(english == other for english, other in translated().items())


def test_only_marked_sentences_are_listed() -> None:
    source = '_("one " "line"); print("two"); _(name); self.words("three"); words("three")'
    assert messages(source) == ("one line", "three")
