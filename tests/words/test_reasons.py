"""Every reason has a sentence, and every sentence says what the reason tells it."""

import inspect
import re
import string

import pytest

from tui.sim.trace import Reason, ReasonCode, reason
from tui.words import sentence
from tui.words.reasons import REASONS


def documented_fields() -> dict[str, list[str]]:
    """Fields by code, as the comments of ReasonCode name them."""
    found = {}
    for line in inspect.getsource(reason.ReasonCode).splitlines():
        if match := re.match(r'\s+\w+ = "([\w-]+)"\s+#(.*)', line):
            names = re.sub(r"\(.*?\)|:.*", "", match[2])
            found[match[1]] = [name.strip() for name in names.split(",") if name.strip()]
    return found


FIELDS = documented_fields()

VALUES = {
    "direction": "reply",
    "field": "source",
    "hook": "PREROUTING",
    "rules": 7,
    "permanent": True,
    "probability": 0.33333333349,
}


def example(code: ReasonCode) -> Reason:
    """A reason with a value for each field that its code documents."""
    return Reason.of(code, **{name: VALUES.get(name, f"<{name}>") for name in FIELDS[code]})


def placeholders(text: str) -> set[str]:
    """The field names that a text asks for."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_the_comments_were_read() -> None:
    assert set(FIELDS) == set(ReasonCode)
    assert FIELDS["route-chosen"] == ["route", "destination", "device", "via"]
    assert FIELDS["conn-established"] == ["tuple", "direction"]


@pytest.mark.parametrize("code", ReasonCode)
def test_a_sentence_is_whole(code: ReasonCode) -> None:
    text = sentence(example(code))
    assert text.endswith(".")
    assert "{" not in text
    assert len(text) <= 260


@pytest.mark.parametrize("code", ReasonCode)
def test_phrases_ask_only_for_documented_fields(code: ReasonCode) -> None:
    phrases = REASONS[code]
    assert phrases[-1].only == ""
    assert all(phrase.only for phrase in phrases[:-1])
    for phrase in phrases:
        assert placeholders(phrase.text) <= set(FIELDS[code])
        assert phrase.only.partition("=")[0] in ("", *FIELDS[code])


@pytest.mark.parametrize("code", ReasonCode)
def test_every_field_is_said_or_chooses_the_sentence(code: ReasonCode) -> None:
    used = set()
    for phrase in REASONS[code]:
        used |= placeholders(phrase.text) | {phrase.only.partition("=")[0]}
    assert set(FIELDS[code]) <= used


@pytest.mark.parametrize("code", ReasonCode)
def test_a_missing_field_never_raises(code: ReasonCode) -> None:
    assert sentence(Reason(code))


def test_a_rewrite_names_both_addresses() -> None:
    said = sentence(Reason.of(ReasonCode.RULE_DNAT, old="10.96.31.7:80", new="10.244.0.5:8080"))
    assert said == (
        "The destination 10.96.31.7:80 is rewritten to 10.244.0.5:8080 (DNAT). "
        "conntrack remembers it for the whole connection."
    )


def test_the_phrase_follows_the_fields() -> None:
    straight = Reason.of(
        ReasonCode.ROUTE_CHOSEN,
        route="10.244.0.0/24",
        destination="10.244.0.5",
        device="cni0",
        via="",
    )
    hop = Reason.of(
        ReasonCode.ROUTE_CHOSEN,
        route="10.244.1.0/24",
        destination="10.244.1.5",
        device="flannel.1",
        via="10.244.1.0",
    )
    assert "no next hop" in sentence(straight)
    assert "to the next hop 10.244.1.0" in sentence(hop)
    answer = Reason.of(ReasonCode.CONN_ESTABLISHED, tuple="x", direction="reply")
    later = Reason.of(ReasonCode.CONN_ESTABLISHED, tuple="x", direction="original")
    assert "answer" in sentence(answer)
    assert "further packet" in sentence(later)


def test_the_kernels_probability_is_said_as_a_fraction() -> None:
    for nth, said in ((0.33333333349, "1/3"), ("0.50000000000", "1/2"), (0.0123, "1.2%")):
        reason_ = Reason.of(ReasonCode.RULE_CHANCE_TAKEN, target="KUBE-SEP-X", probability=nth)
        assert f"a chance of {said}," in sentence(reason_)


def test_refusal_and_silence_never_sound_alike() -> None:
    refused = sentence(Reason.of(ReasonCode.RULE_REJECTED, message="tcp-reset", comment="x"))
    silent = sentence(Reason.of(ReasonCode.RULE_DROPPED, comment="x"))
    assert "at once" in refused
    assert "at once" not in silent
    assert "waits" in silent
