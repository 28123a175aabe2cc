"""Names become explanations, and a .po file becomes a language."""

from pathlib import Path

import pytest

from tui.sim.mismatches import Mismatch, MismatchKind
from tui.sim.model.address import Family
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import ProxyMode
from tui.sim.proxy.ipvs_sets import KINDS, SetKind
from tui.sim.trace import Connection, Role, StepKind, Verdict
from tui.words import Words, chain_family, chain_words, mismatch, preferred, use
from tui.words.chains import OTHER_CHAIN
from tui.words.ipvs import OTHER_SET
from tui.words.language import Catalogue, catalogue, languages
from tui.words.po import read_po
from tui.words.verdicts import felt, felt_sentence

PO = r"""
# Korean
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"

#: somewhere
msgid "DNS answers: {name} is {answer}."
msgstr ""
"DNS가 답한다: "
"{name}은 {answer}이다.\n\"끝\""

#, fuzzy
msgid "refused"
msgstr "거부?"

msgid "dropped"
msgstr ""

#~ msgid "gone"
#~ msgstr "사라짐"
"""


def test_every_member_of_each_closed_list_has_words() -> None:
    words = use()
    said = [words.verdict(v) for v in Verdict] + [words.verdict_sentence(v) for v in Verdict]
    said += [words(felt(c, p)) for c in Connection for p in Protocol]
    said += [words(felt_sentence(c, p, v)) for c in Connection for p in Protocol for v in Verdict]
    said += [words.role(r) for r in Role] + [words.step_kind(k) for k in StepKind]
    said += [words.mode(m) for m in ProxyMode] + [words.mode_sentence(m) for m in ProxyMode]
    said += [words.misfit(Mismatch.of(kind, "Service shop/web")) for kind in MismatchKind]
    assert all(said)


def test_modes_carry_their_dates() -> None:
    assert use().mode(ProxyMode.IPTABLES) == "iptables: the default"
    assert use().mode(ProxyMode.NFTABLES) == "nftables: GA since v1.33"
    assert use().mode(ProxyMode.IPVS) == "ipvs: deprecated since v1.35"


@pytest.mark.parametrize(
    "name",
    [
        "PREROUTING",
        "INPUT",
        "FORWARD",
        "OUTPUT",
        "POSTROUTING",
        "KUBE-SERVICES",
        "KUBE-SVC-NPX46M4PTMTKRN6Y",
        "KUBE-SVL-NPX46M4PTMTKRN6Y",
        "KUBE-SEP-7U6MWNJWSDFKDFJA",
        "KUBE-EXT-NPX46M4PTMTKRN6Y",
        "KUBE-FW-NPX46M4PTMTKRN6Y",
        "KUBE-MARK-MASQ",
        "KUBE-POSTROUTING",
        "KUBE-NODEPORTS",
        "KUBE-FORWARD",
        "KUBE-FIREWALL",
        "KUBE-EXTERNAL-SERVICES",
        "KUBE-PROXY-FIREWALL",
        "FLANNEL-POSTRTG",
        "FLANNEL-FWD",
        "KUBE-NODE-PORT",
        "KUBE-LOAD-BALANCER",
        "KUBE-IPVS-FILTER",
        "KUBE-IPVS-OUT-FILTER",
        "KUBE-SOURCE-RANGES-FIREWALL",
    ],
)
def test_common_chains_are_explained(name: str) -> None:
    assert chain_words(name) not in ("", OTHER_CHAIN)


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_ipset_of_either_family_is_explained(kind: SetKind, family: Family) -> None:
    assert use().named_set(kind.named(family)) not in ("", OTHER_SET)


def test_an_unknown_ipset_is_said_to_be_one() -> None:
    assert use().named_set("KUBE-SOMETHING") == OTHER_SET


def test_an_unknown_chain_is_said_to_be_one() -> None:
    assert chain_words("DOCKER-USER") == OTHER_CHAIN


def test_a_chain_family_leaves_the_hash_out() -> None:
    assert chain_family("KUBE-SEP-7U6MWNJWSDFKDFJA") == "KUBE-SEP-*"
    assert chain_family("KUBE-SERVICES") == "KUBE-SERVICES"


@pytest.mark.parametrize("hook", ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"])
def test_hooks_are_explained(hook: str) -> None:
    assert use().hook(hook).count(".") <= 2
    assert use().hook(hook)


def test_tables_are_explained() -> None:
    assert all(use().table(name) for name in ("raw", "mangle", "nat", "filter"))
    assert use().table("broute") == ""


def test_why_a_rule_did_not_match() -> None:
    wanted = "destination 10.96.0.1 wanted, found 10.96.31.7"
    assert mismatch("destination", "10.96.0.1", "10.96.31.7", False) == wanted
    outside = "source outside 10.244.0.0/16 wanted, found 10.244.0.7"
    assert mismatch("source", "10.244.0.0/16", "10.244.0.7", True) == outside
    masked = "any mark but 0x4000/0x4000 wanted, found 0x4000"
    assert mismatch("mark", "0x4000/0x4000", "0x4000", True) == masked
    other = "any incoming device but cni0 wanted, found cni0"
    assert mismatch("in-interface", "cni0", "cni0", True) == other


def test_a_po_file_is_a_language(tmp_path: Path) -> None:
    (tmp_path / "ko.po").write_text(PO, encoding="utf-8")
    korean = catalogue("ko", tmp_path)
    assert isinstance(korean, Catalogue)
    assert korean.gettext("DNS answers: {name} is {answer}.") == (
        'DNS가 답한다: {name}은 {answer}이다.\n"끝"'
    )
    assert korean.gettext("refused") == "refused", "fuzzy ones are not used"
    assert korean.gettext("dropped") == "dropped", "empty ones stay English"
    assert languages(tmp_path) == ("en", "ko")


def test_headers_and_obsolete_entries_are_left_out() -> None:
    assert list(read_po(PO)) == ["DNS answers: {name} is {answer}."]


def test_an_unknown_language_is_english() -> None:
    assert Words("xx").verdict(Verdict.REJECTED) == "refused"


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANGUAGE": "de:ko", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_environment_asks_for_a_language(environment: dict[str, str], lang: str) -> None:
    assert preferred(environment, ("en", "ko")) == lang
