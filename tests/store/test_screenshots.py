"""Pictures land in the data directory, whatever is there already."""

from pathlib import Path

import pytest

from tui.store.screenshots import save_file, save_screenshot, screenshots_folder


def test_the_folder_is_where_the_specification_says(tmp_path: Path) -> None:
    assert screenshots_folder({"XDG_DATA_HOME": str(tmp_path)}) == tmp_path / "k8snet-tui"
    assert screenshots_folder({}, tmp_path) == tmp_path / ".local/share/k8snet-tui"
    assert screenshots_folder({"XDG_DATA_HOME": "data"}, tmp_path).is_absolute()


def test_the_folder_is_made_and_no_picture_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    files = [save_screenshot(f"<svg>{i}</svg>", 0.0, folder) for i in range(3)]
    assert [file.read_text() for file in files] == [f"<svg>{i}</svg>" for i in range(3)]
    assert all(file.parent == folder and file.suffix == ".svg" for file in files)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        save_screenshot("<svg/>", 0.0, tmp_path / "file")


def test_whatever_a_file_is_called_for_it_lands_in_the_folder(tmp_path: Path) -> None:
    for ending in ("-node/../../x-nft.txt", "-" + "n" * 1000 + ".json", "-한글.txt"):
        file = save_file(b"1", 0.0, ending, tmp_path)
        assert file.parent == tmp_path
        assert file.suffix == Path(ending).suffix
        assert file.read_bytes() == b"1"
