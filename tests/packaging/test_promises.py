"""What the project says of itself in its papers is so."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tui import __version__
from tui.actions import ACTIONS
from tui.cli import main

PARTS = ("tui", "lessons", "tests", "assets", ".ci")
PAPERS = ("README.md", "CHANGELOG.md", "Makefile", "pyproject.toml", ".gitignore", "LICENSE")

# Spelt with a class of one letter each, so that this file does not find itself.
OUTSIDE = {
    "a path beside the project": r"(?<![\w.-])/wor[k]/|\.\./share[d]\b|/tm[p]/(brief|contract)",
    "notes beside the project": r"\b(DESIG[N]|(field|ecosystem|style|seed)-note[s])(\.ko)?\.md",
    "an issue that only its readers know": r"(?i)\b(issue|closes|fixes) #[0-9]+",
    "people who are not here": r"(?i)\bthe lea[d]\b(?! time)|\bhelper'[s] brief\b",
}

PACKAGES = {"yaml": "pyyaml"}
"""Packages that are imported by another name than they are installed by."""
COMES_ALONG = {"pydantic_core": "pydantic", "rich": "textual"}
"""Packages that are a part of another's interface, such as Rich's segments of Textual's lines."""


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def code_blocks(markdown: str) -> list[str]:
    """The lines of the fenced blocks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def section(markdown: str, title: str) -> str:
    """What stands under a heading."""
    return markdown.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def files(root: Path) -> Iterator[Path]:
    """The project's own text files."""
    for part in PARTS:
        for path in sorted((root / part).rglob("*")):
            if path.is_file() and path.suffix not in {".pyc", ".png"}:
                yield path
    yield from (root / paper for paper in PAPERS)


def test_the_readme_names_the_two_commands(readme: str) -> None:
    lines = [line.split("#")[0].strip() for line in code_blocks(readme)]
    assert "make run" in lines
    assert "make test" in lines


def test_every_make_target_of_the_readme_exists(root: Path, readme: str) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    named = set(
        re.findall(
            r"\bmake ([a-z]+)\b",
            "\n".join([*code_blocks(readme), *re.findall(r"`[^`\n]+`", readme)]),
        )
    )
    assert named
    assert named <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_every_link_of_the_readme_leads_somewhere(root: Path, readme: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", readme) if "://" not in link]
    assert links
    assert not [link for link in links if not (root / link).exists()]


def test_every_key_of_the_readme_does_what_it_says(readme: str) -> None:
    rows = set(re.findall(r"^\| `(\S+)` \| (.*) \|$", section(readme, "Keys"), re.MULTILINE))
    assert len(rows) > 10
    assert rows <= {(action.shown_key, action.help) for action in ACTIONS}


def test_every_command_of_the_readme_exists(readme: str) -> None:
    named = set(re.findall(r"^\| `k8snet-tui ([a-z]+)", section(readme, "Commands"), re.MULTILINE))
    assert {"trace", "rules", "lessons"} <= named
    assert not [name for name in named if not helped(name)]


def test_every_example_of_the_readme_works(
    readme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)  # one example writes a file
    examples = [line.split()[1:] for line in code_blocks(readme) if line.startswith("k8snet-tui ")]
    assert len(examples) > 2
    assert [main(arguments) for arguments in examples] == [0] * len(examples)
    assert capsys.readouterr().out


def helped(command: str) -> bool:
    """Whether the program explains a command; it explains none that it does not know."""
    try:
        return main([command, "--help"]) == 0
    except SystemExit as end:
        return end.code in (0, None)


def test_the_gate_ends_with_the_command_of_the_readme(root: Path, readme: str) -> None:
    gate = root / ".ci" / "run"
    assert gate.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", gate], check=False).returncode == 0
    last = gate.read_text(encoding="utf-8").splitlines()[-1]
    assert last == "make test"
    assert last in [line.split("#")[0].strip() for line in code_blocks(readme)]


def test_the_changelog_tells_of_this_version(root: Path) -> None:
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(__version__)}\]", changelog, re.MULTILINE)


def test_the_licence_is_apache(root: Path) -> None:
    licence = (root / "LICENSE").read_text(encoding="utf-8")
    assert re.search(r"Apache License\s+Version 2\.0, January 2004", licence)
    assert "END OF TERMS AND CONDITIONS" in licence


@pytest.mark.parametrize("pattern", OUTSIDE.values(), ids=OUTSIDE)
def test_the_project_refers_to_nothing_outside(root: Path, pattern: str) -> None:
    found = [
        f"{path.relative_to(root)}: {match[0]}"
        for path in files(root)
        if (match := re.search(pattern, path.read_text(encoding="utf-8")))
    ]
    assert not found


def test_what_is_imported_is_declared(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["ssh"]]
    declared = {re.split(r"[<>=~!;\[ ]", requirement)[0].lower() for requirement in wanted}
    imported = {
        name.partition(".")[0] for path in (root / "tui").rglob("*.py") for name in imports(path)
    } - set(sys.stdlib_module_names)
    asked = {COMES_ALONG.get(name, PACKAGES.get(name, name)) for name in imported - {"tui"}}
    assert asked <= declared
    assert {"textual", "pydantic", "pyyaml", "networkx"} <= asked


def imports(path: Path) -> Iterator[str]:
    """The modules that a module imports from elsewhere."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_the_console_script_leads_to_the_command(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, function = project["scripts"]["k8snet-tui"].partition(":")
    assert getattr(import_module(module), function) is main
