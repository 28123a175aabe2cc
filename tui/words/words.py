"""All words of one language behind one value, which widgets carry about."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from tui.course.spelling import share
from tui.sim.model.settings import ProxyMode
from tui.sim.trace import Outcome, Reason, Role, Step, StepKind, Verdict
from tui.store.progress import Trouble
from tui.words.language import ENGLISH, catalogue

if TYPE_CHECKING:
    from tui.course.result import Result
    from tui.sim.mismatches import Mismatch
    from tui.workshop.unfit import UnfitName

MISSING = "?"
"""What stands where a value was not given."""


class _Values(dict[str, object]):
    """Values for placeholders; one that is missing does not stop the sentence."""

    def __missing__(self, name: str) -> str:
        return MISSING


class Words:
    """Everything the program says, in one language. Each kind of words loads when it is said."""

    def __init__(self, lang: str = ENGLISH) -> None:
        """Words of a language; where a translation is missing they are English."""
        self.lang = lang
        self._translate = catalogue(lang).gettext

    def __call__(self, message: str, /, **values: object) -> str:
        """Any English text in this language, its placeholders filled."""
        return self._translate(message).format_map(_Values(values))

    def sentence(self, reason: Reason) -> str:
        """What happened and why."""
        from tui.words import reasons

        values: dict[str, object] = dict(reason.fields)
        if "probability" in values:
            values["probability"] = share(values["probability"])
        return self(reasons.phrase_for(reason), **values)

    def verdict(self, verdict: Verdict) -> str:
        """How the packet ended, in a word."""
        from tui.words import verdicts

        return self(verdicts.VERDICTS[verdict])

    def verdict_sentence(self, verdict: Verdict) -> str:
        """How the packet ended, in a sentence."""
        from tui.words import verdicts

        return self(verdicts.VERDICT_SENTENCES[verdict])

    def outcome(self, outcome: Outcome) -> str:
        """How the packet of an outcome ended, in a few words."""
        from tui.words import verdicts

        if outcome.reached_nobody:
            return self(verdicts.NOBODY_THERE)
        return self.verdict(outcome.verdict)

    def felt(self, outcome: Outcome) -> str:
        """What the client feels, in a few words."""
        from tui.words import verdicts

        return self(verdicts.felt(outcome.connection, outcome.request.packet.protocol))

    def felt_sentence(self, outcome: Outcome) -> str:
        """What the client feels, in a sentence."""
        from tui.words import verdicts

        protocol = outcome.request.packet.protocol
        return self(verdicts.felt_sentence(outcome.connection, protocol, outcome.verdict))

    def role(self, role: Role) -> str:
        """What a leg is for."""
        from tui.words import verdicts

        return self(verdicts.ROLES[role])

    def step_kind(self, kind: StepKind) -> str:
        """What a step is."""
        from tui.words import verdicts

        return self(verdicts.STEP_KINDS[kind])

    def step(self, step: Step) -> str:
        """What happened at a step, in a few words."""
        from tui.words import verdicts

        phrases = verdicts.STEPS.get(step.reason.code, ())
        said = next((each.text for each in phrases if each.holds(step.reason)), None)
        return self(said) if said else self.step_kind(step.kind)

    def mode(self, mode: ProxyMode) -> str:
        """A kube-proxy mode in one line."""
        from tui.words import settings

        return self(settings.MODES[mode])

    def mode_sentence(self, mode: ProxyMode) -> str:
        """A kube-proxy mode in a few sentences."""
        from tui.words import settings

        return self(settings.MODE_SENTENCES[mode])

    def kube_proxy(self, mode: str) -> str:
        """`kube-proxy iptables`, or that there is none."""
        from tui.words import settings

        return self(settings.NO_KUBE_PROXY) if mode == "none" else f"kube-proxy {mode}"

    def plugin(self, name: str) -> str:
        """A CNI plugin in one line; its bare name where there are no words."""
        from tui.words import plugins

        return self(plugins.PLUGINS.get(name, "{name}"), name=name)

    def simplified(self, keys: Iterable[str]) -> tuple[str, ...]:
        """What is simplified in a plugin, a sentence for each key that it names."""
        from tui.words import plugins

        return tuple(self(plugins.SIMPLIFIED[key]) for key in keys)

    def hook(self, name: str) -> str:
        """What a netfilter hook is for; nothing where there are no words."""
        from tui.words import netfilter

        return self(netfilter.HOOKS[name]) if name in netfilter.HOOKS else ""

    def table(self, name: str) -> str:
        """What a table is for; nothing where there are no words."""
        from tui.words import netfilter

        return self(netfilter.TABLES[name]) if name in netfilter.TABLES else ""

    def chain(self, name: str) -> str:
        """What a chain is for."""
        from tui.words import chains

        return self(chains.chain_text(name))

    def named_set(self, name: str) -> str:
        """What an ipset, or an nftables set or map, is for."""
        from tui.words import netfilter

        return self(netfilter.set_text(name))

    def field(self, name: str) -> str:
        """A header field as a learner calls it."""
        from tui.words import netfilter

        return self(netfilter.field_text(name))

    def mismatch(self, field: str, wanted: str, found: str, negated: bool = False) -> str:
        """Why a rule did not match: what it wanted and what the packet had."""
        from tui.words import netfilter

        text = netfilter.mismatch_text(wanted, negated)
        return self(text, field=self.field(field), wanted=wanted, found=found)

    def misfit(self, mismatch: Mismatch) -> str:
        """What kube-proxy makes of objects that do not fit each other."""
        from tui.words import mismatches

        text = mismatches.MISMATCHES[mismatch.kind]
        return self(text, owner=mismatch.owner, **dict(mismatch.fields))

    def unmet(self, result: Result) -> str:
        """What is still false about a flow of a challenge."""
        from tui.words import goals

        text, values = goals.unmet(result)
        either = self(goals.EITHER)
        told = {
            name: self(str(each), about=values.get("about", ""))
            if not isinstance(each, list)
            else either.join(self(str(one)) for one in each)
            for name, each in values.items()
            if name in ("question", "found", "wanted")
        }
        if result.outcome is not None:
            told["ended"] = self.outcome(result.outcome)
        return self(text, **{**values, **told})

    def trouble(self, trouble: Trouble) -> str:
        """Why progress is not being saved."""
        from tui.words import store

        text = store.TROUBLES[trouble.code]
        return self(text, file=trouble.file, detail=trouble.detail)

    def unfit(self, problem: UnfitName) -> str:
        """Why something cannot be a learner's name."""
        from tui.words import names
        from tui.workshop.unfit import MARKS_EACH, WIDEST

        text = names.UNFIT[problem.why]
        return self(text, cells=WIDEST, marks=MARKS_EACH, name=problem.name)


@lru_cache(maxsize=16)
def use(lang: str = ENGLISH) -> Words:
    """The words of a language, read once."""
    return Words(lang)
