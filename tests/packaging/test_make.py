"""`make` sets up what is missing, once, and tells what it can do."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

INSTALLS = "pip --disable-pip-version-check --quiet install"


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make as from a shell, also when the tests were started by another make."""
    alone = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=alone, capture_output=True, text=True, check=False
    )


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A fresh checkout, as far as make looks at it."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(root / name, tmp_path)
    return tmp_path


def set_up(checkout: Path, target: str) -> None:
    """Mark the set-up of a target as done without doing it."""
    (checkout / ".venv").mkdir(exist_ok=True)
    assert make(checkout, "--touch", target).returncode == 0


@pytest.mark.parametrize("target", ["run", "test", "quick", "lint"])
def test_a_fresh_checkout_is_set_up(checkout: Path, target: str) -> None:
    planned = make(checkout, "--dry-run", target).stdout
    assert "-m venv .venv" in planned
    assert planned.count(INSTALLS) == 1


@pytest.mark.parametrize(
    "target", ["run", "test", "quick", "lint", "bench", "snapshots", "screenshots"]
)
def test_what_is_set_up_is_not_set_up_again(checkout: Path, target: str) -> None:
    set_up(checkout, target)
    planned = make(checkout, "--dry-run", target).stdout
    assert planned.startswith(".venv/bin/")
    assert "venv .venv" not in planned
    assert INSTALLS not in planned


def test_other_dependencies_are_installed(checkout: Path) -> None:
    set_up(checkout, "test")
    younger = (checkout / ".venv" / "dev.stamp").stat().st_mtime + 1
    os.utime(checkout / "pyproject.toml", (younger, younger))
    planned = make(checkout, "--dry-run", "test").stdout
    assert INSTALLS in planned
    assert "-m venv" not in planned


def test_the_program_needs_no_development_tools(checkout: Path) -> None:
    planned = make(checkout, "--dry-run", "run").stdout
    assert f"{INSTALLS} --editable .\n" in planned
    assert "[dev]" not in planned


def test_arguments_reach_the_program(checkout: Path) -> None:
    set_up(checkout, "run")
    planned = make(checkout, "--dry-run", "run", "ARGS=trace --help").stdout
    assert planned == ".venv/bin/k8snet-tui trace --help\n"


def test_a_python_that_does_not_suit_is_refused_with_advice(checkout: Path) -> None:
    old = checkout / "python"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    refused = make(checkout, "run", f"PYTHON={old}")
    assert refused.returncode != 0
    assert "needs Python 3.11 or later" in refused.stderr
    assert "make PYTHON=" in refused.stderr
    assert not (checkout / ".venv").exists()


def test_make_alone_lists_every_target(checkout: Path) -> None:
    makefile = (checkout / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^\.PHONY: (\w+)$", makefile, re.MULTILINE))
    listed = {line.split()[0] for line in make(checkout).stdout.splitlines()[1:]}
    assert listed == targets
    assert {"run", "test", "quick", "lint", "bench", "screenshots", "clean"} <= targets
