"""Copying and saving what is under the cursor, and what is said of it."""

import json
import warnings
from pathlib import Path

import pytest
from textual.widgets import OptionList

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # old ciphers are none of our business
    from scapy.layers.inet import TCP
    from scapy.utils import rdpcap

from tests.screens.explorer_pilot import explorer_at, notices, press, screen
from tui.screens.clipboard import LARGEST
from tui.screens.export_list import ExportList
from tui.screens.exports import Export, exports
from tui.session import Session, Unit
from tui.sim.engine.dumps import dump, dumps
from tui.sim.model.address import Family
from tui.sim.model.settings import ProxyMode
from tui.sim.trace import Step
from tui.sim.trace.json import trace_from_json
from tui.words import use


def at_dnat(session: Session) -> Session:
    """At the rule that rewrites the destination."""
    for position, moment in enumerate(session.moments):
        place = moment.step.place
        if place is not None and place.rule and "destination" in _changed(moment.step):
            return session.moved_to(position)
    raise AssertionError("nothing was rewritten")


def _changed(step: Step) -> set[str]:
    return {change.field for change in step.changes}


def files(folder: Path) -> list[Path]:
    return sorted((folder / "k8snet-tui").iterdir())


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def made(session: Session, label: str) -> str | bytes:
    found: dict[str, Export] = {each.label: each for each in exports(session, use())}
    return found[label].make()


# ---------------------------------------------------------------- what there is


@pytest.mark.parametrize("mode", ProxyMode)
def test_the_rules_of_the_node_are_those_that_the_command_prints(
    across: Session, mode: ProxyMode
) -> None:
    session = across.with_mode(mode).moved(Unit.HOP, 1)
    assert session.moment is not None
    node = session.moment.hop.node
    assert node is not None
    found = [each for each in exports(session, use()) if f"-{node}-" in each.ending]
    made = {each.ending: str(each.make()) for each in found}
    for name, text in dumps(session.world, node).items():
        if name in ("nft", "nft6", "ipset", "ipvsadm"):
            assert made[f"-{node}-{name}.txt"] == text
    assert "-A FLANNEL-FWD" in made[f"-{node}-iptables-save.txt"], "the plugin's rules belong there"
    if mode is ProxyMode.IPTABLES:
        kube_proxys = dump(session.world, node, Family.IPV4).splitlines()
        assert set(kube_proxys) <= set(made[f"-{node}-iptables-save.txt"].splitlines())
    assert all(each.note == f"of {node}" for each in found)


def test_the_whole_trace_in_every_form(across: Session, tmp_path: Path) -> None:
    text = made(across, "trace, JSON")
    assert isinstance(text, str)
    assert trace_from_json(json.loads(text)) == across.trace
    assert "delivered at 10.244.1.5:8080 (DNAT)" in str(made(across, "trace, text"))
    assert " TRACE: 2 " in str(made(across, "trace, monitor"))
    capture = made(across, "trace, pcapng")
    assert isinstance(capture, bytes)
    (tmp_path / "way.pcapng").write_bytes(capture)
    assert rdpcap(str(tmp_path / "way.pcapng"))[0][TCP].dport == 80


def test_a_rule_of_nftables_is_copied_as_nft_takes_it(across: Session) -> None:
    text = str(made(at_dnat(across.with_mode(ProxyMode.NFTABLES)), "rule"))
    assert "dnat ip to" in text
    assert not text.startswith("-A")


# ---------------------------------------------------------------- keys


async def test_y_copies_the_rule_or_else_the_packet_and_says_which(across: Session) -> None:
    async with explorer_at(across) as pilot:
        await press(pilot, "y")
        assert pilot.app.clipboard.startswith("IP 10.244.0.7.")
        assert "\n" not in pilot.app.clipboard
        assert notices(pilot)[-1].startswith("Copied: packet IP 10.244.0.7.")
        screen(pilot).session = at_dnat(across)
        await press(pilot, "ㅛ")
        assert pilot.app.clipboard.startswith("-A KUBE-SEP-")
        assert pilot.app.clipboard.endswith("--to-destination 10.244.1.5:8080")
        assert notices(pilot)[-1].startswith("Copied: rule -A KUBE-SEP-")


async def test_without_a_packet_there_is_nothing_to_copy(fresh: Session) -> None:
    async with explorer_at(fresh) as pilot:
        await press(pilot, "y", "Y")
        assert notices(pilot) == []
        assert len(pilot.app.screen_stack) == 1


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_the_list_copies_and_saves_and_never_overwrites(
    across: Session, data: Path, size: tuple[int, int]
) -> None:
    async with explorer_at(at_dnat(across), size) as pilot:
        await press(pilot, "Y")
        dialog = pilot.app.screen
        assert isinstance(dialog, ExportList)
        await press(pilot, "3", "enter")
        await pilot.app.workers.wait_for_complete()
        assert "delivered at 10.244.1.5:8080 (DNAT)" in pilot.app.clipboard
        assert notices(pilot)[-1] == "Copied: trace, text"
        for _ in range(3):
            await press(pilot, "Y", "1", "s")
            await pilot.app.workers.wait_for_complete()
        kept = files(data)
        assert len(kept) == 3
        assert all(file.read_text().startswith("-A KUBE-SEP-") for file in kept)
        assert {notice for notice in notices(pilot) if "Saved" in notice} == {
            f"Saved: {file}" for file in kept
        }


async def test_enter_saves_what_no_clipboard_takes(across: Session, data: Path) -> None:
    async with explorer_at(at_dnat(across)) as pilot:
        await press(pilot, "Y", "6", "enter")
        await pilot.app.workers.wait_for_complete()
        [file] = files(data)
        assert file.suffix == ".pcapng"
        assert len(rdpcap(str(file))) > 4


async def test_what_is_too_big_is_not_copied_and_that_is_said(
    across: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = {"iptables-save": lambda: "x" * (LARGEST + 1)}
    monkeypatch.setattr("tui.screens.exports.installed", lambda *_: big)
    async with explorer_at(across) as pilot:
        await press(pilot, "right", "enter", "Y")
        rows = pilot.app.screen.query_one(OptionList)
        labels = [str(rows.get_option_at_index(i).prompt) for i in range(rows.option_count)]
        rows.highlighted = next(i for i, label in enumerate(labels) if " iptables-save" in label)
        await press(pilot, "enter")
        await pilot.app.workers.wait_for_complete()
        assert pilot.app.clipboard == ""
        assert notices(pilot) == [
            "Too big to copy: 75 kB, and terminals take 74 kB. Save it instead."
        ]


async def test_what_cannot_be_saved_is_said(
    across: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    async with explorer_at(across) as pilot:
        await press(pilot, "Y", "s")
        await pilot.app.workers.wait_for_complete()
        assert notices(pilot)[0].startswith("This cannot be saved: ")
