"""The wheel holds the program and its lessons, and runs where nothing else of the project is."""

import json
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from tui import __version__

# One worker builds for all: the fixtures of this module are dear.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; a failure shows all it said."""
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return result.stdout


def built(source: Path, target: str, folder: Path) -> Path:
    """The one distribution that hatchling builds from a source tree, asking no registry."""
    run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder, cwd=source)
    (distribution,) = folder.iterdir()
    return distribution


def contents(wheel: Path) -> set[str]:
    """The files in a wheel."""
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def kept(folder: Path) -> set[Path]:
    """The files of a folder that belong to the project."""
    return {
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(root, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, installed with nothing but its dependencies."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    return python.with_name("k8snet-tui")


def test_the_wheel_holds_the_program_its_lessons_and_nothing_else(root: Path, wheel: Path) -> None:
    information = f"k8snet_tui-{__version__}.dist-info/"
    expected = {f"tui/{path}" for path in kept(root / "tui")}
    expected |= {f"tui/_lessons/{path}" for path in kept(root / "lessons")}
    assert {name for name in contents(wheel) if not name.startswith(information)} == expected
    assert f"{information}licenses/LICENSE" in contents(wheel)
    assert "tui/_lessons/course.toml" in expected


def test_the_source_distribution_builds_the_same_wheel(
    root: Path, wheel: Path, tmp_path: Path
) -> None:
    with tarfile.open(built(root, "sdist", tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    assert contents(built(source, "wheel", tmp_path / "wheel")) == contents(wheel)
    assert (source / "tests" / "packaging" / Path(__file__).name).is_file()
    assert (source / "Makefile").is_file()


def test_it_tells_its_version(program: Path, tmp_path: Path) -> None:
    assert __version__ in run(program, "--version", cwd=tmp_path)


def test_it_carries_its_lessons(root: Path, program: Path, tmp_path: Path) -> None:
    lessons = {path.parent.name for path in (root / "lessons").glob("*/lesson.toml")}
    listed = run(program, "lessons", cwd=tmp_path)
    assert lessons
    assert all(lesson in listed for lesson in lessons)
    assert json.loads(run(program, "lessons", "--json", cwd=tmp_path))


def test_it_checks_its_own_lessons(program: Path, tmp_path: Path) -> None:
    run(program, "check", cwd=tmp_path)


def test_it_traces_a_packet(program: Path, two_nodes: Path, tmp_path: Path) -> None:
    between = ("--from", "pod/default/client", "--to", "svc/default/web:80")
    command = (program, "trace", *between, "--cluster", two_nodes, "--json")
    (outcome,) = json.loads(run(*command, cwd=tmp_path))["outcomes"]
    assert outcome["verdict"] == "delivered"
    assert outcome["destination"] in {"10.244.0.5:8080", "10.244.1.5:8080"}
    assert outcome["dnat"] is True


def test_without_a_terminal_it_opens_no_screen(program: Path, tmp_path: Path) -> None:
    said = subprocess.run(
        [program],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout
    assert "Traceback" not in said.stderr
