"""What a command does not need, it does not import.

Each runs in a process of its own, which then tells its modules.
"""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"networkx", "rich", "textual"}

PROBE = """
import sys
from tui.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
sys.stdout.flush()
print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
sys.exit(code)
"""

FLOW = '{"src": "10.244.0.7", "dst": "10.96.31.7", "dport": 80, "protocol": "TCP"}\n'

CLUSTER = ["--cluster", "{cluster}"]
NO_SCREEN = {
    "help": ["--help"],
    "version": ["--version"],
    "rules": ["rules", "--node", "node-a", *CLUSTER],
    "rules as json": ["rules", "--node", "node-a", "--json", *CLUSTER],
    "look": ["look", "node/node-a", *CLUSTER],
    "look with a command": ["look", "node/node-a", *CLUSTER, "--", "ip", "route"],
    "trace": ["trace", "--from", "pod/default/client", "--to", "svc/default/web:80", *CLUSTER],
    "trace as json": [
        *["trace", "--from", "pod/default/client", "--to", "svc/default/web:80", *CLUSTER],
        *["--json", "--all"],
    ],
    "comparison": [
        *["trace", "--from", "pod/default/client", "--to", "svc/default/web:80", *CLUSTER],
        "--compare",
    ],
    "monitor": [
        *["trace", "--from", "pod/default/client", "--to", "svc/default/web:80", *CLUSTER],
        "--monitor",
    ],
    "flows": ["trace", "--flows", "-", *CLUSTER],
}


@pytest.mark.parametrize("command", NO_SCREEN.values(), ids=NO_SCREEN)
def test_a_command_without_a_screen_never_imports_one(
    root: Path, two_nodes: Path, command: list[str]
) -> None:
    arguments = [word.format(cluster=two_nodes) for word in command]
    result = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        cwd=root,
        input=FLOW,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()
    assert not HEAVY & set(result.stderr.splitlines()[-1].split())


def test_an_explorer_of_ones_own_loads_nothing_of_a_workshop(root: Path) -> None:
    probe = "import sys, tui.app, tui.cli.explore; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", probe], cwd=root, capture_output=True, text=True, check=True
    )
    loaded = set(result.stdout.split())
    assert "tui.screens.attending" in loaded
    assert not loaded & {"pydantic", "tui.workshop.messages", "tui.serve", "asyncssh"}
