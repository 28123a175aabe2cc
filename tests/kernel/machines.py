"""Network namespaces of a real kernel, made for a test and gone after it."""

import ctypes
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

NUMBERS = count()
RUN = Path("/run/netns")
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def a_prefix() -> str:
    """What sets the namespaces of one test apart from those of another, in any process."""
    return f"k8snet-{os.getpid()}-{next(NUMBERS)}-"


@dataclass
class Machines:
    """Namespaces by the names that the test gives them."""

    prefix: str = field(default_factory=a_prefix)
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

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """This very thread in a namespace: sockets that it opens there stay there.

        What it starts is there too, and /proc/sys/net is that namespace's.
        """
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            enter(RUN / f"{self.prefix}{name}")
            yield
        finally:
            enter_again(home)
            os.close(home)

    def set(self, name: str, values: Mapping[str, object]) -> None:
        """Write sysctls of a namespace: `{"net/ipv4/ip_forward": 1}`."""
        with self.inside(name):
            for key, value in values.items():
                Path("/proc/sys", key).write_text(f"{value}\n")

    def remove(self) -> None:
        for name in self.made:
            words = ["ip", "netns", "del", f"{self.prefix}{name}"]
            subprocess.run(words, capture_output=True, check=False)
        self.made.clear()


def enter(path: Path) -> None:
    wanted = os.open(path, os.O_RDONLY)
    try:
        enter_again(wanted)
    finally:
        os.close(wanted)


def enter_again(namespace: int) -> None:
    if LIBC.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
