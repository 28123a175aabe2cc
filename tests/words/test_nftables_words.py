"""Everything in kube-proxy's nftables table has words."""

import json
from functools import cache
from pathlib import Path

import pytest

from tui.sim.netfilter.nft.parse import parse_tables
from tui.sim.netfilter.nft.rules import Table
from tui.words import chain_words, mismatch, use
from tui.words.chains import NFTABLES, OTHER_CHAIN
from tui.words.netfilter import OTHER_SET

RECORDED = sorted(Path(__file__).parents[1].glob("reference/recorded/nftables-*.json"))


@cache
def tables() -> list[Table]:
    dumps = (json.loads(path.read_text())["expected"].values() for path in RECORDED)
    return [parse_tables(dump)[0] for both in dumps for dump in both]


def test_every_chain_and_every_set_is_explained() -> None:
    words = use()
    for table in tables():
        assert words.table(table.title)
        assert not [name for name in table.chains if chain_words(name) == OTHER_CHAIN]
        assert not [name for name in table.sets if words.named_set(name) == OTHER_SET]


@pytest.mark.parametrize("name", NFTABLES)
def test_a_fixed_name_is_not_taken_for_the_beginning_of_another(name: str) -> None:
    assert chain_words(name) == NFTABLES[name]
    assert name in tables()[0].chains


def test_a_set_that_somebody_else_made_is_said_to_be_one() -> None:
    assert use().named_set("blocklist") == OTHER_SET


def test_why_a_set_did_not_match() -> None:
    key = "10.96.0.1 . tcp . 81"
    assert mismatch("element", "@service-ips", key, False) == f"{key} is not in @service-ips"
    own = mismatch("source", "{ 10.0.0.0/24 }", "10.0.0.7", True)
    assert own == "10.0.0.7 is in { 10.0.0.0/24 }"
