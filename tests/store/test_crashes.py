"""Logs of crashes: where they are, and what is in none of them."""

from pathlib import Path

from tui.store.crashes import crashes_folder, save_crash


def test_the_folder_is_the_state_directory_of_xdg(tmp_path: Path) -> None:
    assert crashes_folder({"XDG_STATE_HOME": "/state"}) == Path("/state/k8snet-tui")
    assert crashes_folder({}, tmp_path) == tmp_path / ".local" / "state" / "k8snet-tui"


def test_a_log_is_named_after_its_time(tmp_path: Path) -> None:
    file = save_crash("what is known\n", 0.0, tmp_path / "new")
    assert file.name.startswith("crash-19")
    assert file.read_text() == "what is known\n"
