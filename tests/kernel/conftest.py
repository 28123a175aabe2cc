"""Every test here asks a real kernel; where none can be asked, it says why and is skipped."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.kernel.machines import Machines

TOOLS = ("ip", "iptables", "iptables-restore", "ip6tables-restore", "sysctl")


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


@pytest.fixture
def machines() -> Iterator[Machines]:
    found = Machines()
    yield found
    found.remove()
