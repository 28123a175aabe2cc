"""Network namespaces of a real kernel, made for one test and gone after it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest

TOOLS = ("ip", "iptables", "iptables-restore", "ip6tables-restore", "sysctl")
NUMBERS = count()


def why_not() -> str | None:
    """Why no namespaces can be made here, if so."""
    if os.geteuid() != 0:
        return "needs root to make network namespaces"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"needs {', '.join(missing)} (Debian: iproute2 iptables procps)"
    probe = f"k8snet-probe-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", probe], capture_output=True, check=False)
    return None if made.returncode == 0 else f"ip netns add: {made.stderr.decode().strip()}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    own = [item for item in items if "tests/kernel" in str(item.path)]
    if not own:
        return
    reason = why_not()
    for item in own:
        item.add_marker(pytest.mark.kernel)
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))


@dataclass
class Machines:
    """Namespaces by the names that the test gives them."""

    prefix: str
    made: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        self.run(f"ip netns add {self.prefix}{name}")
        self.made.append(name)
        self.at(name, "ip link set lo up")

    def run(self, command: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            command.split(), input=stdin, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def at(self, name: str, command: str, stdin: str | None = None) -> str:
        return self.run(f"ip netns exec {self.prefix}{name} {command}", stdin)

    def python(self, name: str, code: str) -> "subprocess.Popen[str]":
        """A Python program inside a namespace."""
        words = ["ip", "netns", "exec", f"{self.prefix}{name}", "python3", "-c", code]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def machines() -> Iterator[Machines]:
    found = Machines(f"k8snet-{os.getpid()}-{next(NUMBERS)}-")
    yield found
    for name in found.made:
        subprocess.run(["ip", "netns", "del", f"{found.prefix}{name}"], check=False)
