"""A machine with a systemd of its own, on an overlay of this one that is thrown away.

It has its own processes, network, names and control groups. Its files are this machine's to read;
what it writes, and what it cleans up as a machine that starts, reaches nothing but memory.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.serve.readable_program import ReadableProgram

SYSTEMD = Path("/lib/systemd/systemd")
_NEW_NETWORK = 0x4000_0000
_BOOTS = "the machine starts"
_UNTIL_UP = 30.0

_SCRIPT = f"""
mount -t tmpfs -o mode=755 tmpfs "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" overlay "$folder/root"
cd "$folder/root"

mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for device in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 666 "dev/${{device%:*}}" c 1 "${{device#*:}}"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
for passing in dev/shm run tmp var/tmp var/log; do mount -t tmpfs tmpfs "$passing"; done
chmod 1777 dev/shm tmp var/tmp

mkdir -p opt/k8snet-tui etc/k8snet-tui
mount --rbind "$program" opt/k8snet-tui
cp "$unit" etc/systemd/system/
cp "$keys" etc/k8snet-tui/instructor_keys
ip link set lo up

mkdir before
pivot_root . before
umount -l before
echo "{_BOOTS}"
exec env -i container=k8snet {SYSTEMD} --show-status=no \\
  --unit="$(basename "$unit")"
"""


class NoMachineError(Exception):
    """None can be started here; the text says what refused."""


class SystemdMachine:
    """Starts with one unit, as its machine would by `systemctl enable`."""

    def __init__(self, folder: Path, unit: Path, keys: Path) -> None:
        self._folder, self.unit = folder / "machine", unit
        self._program = ReadableProgram(folder / "program")
        self._keys = keys
        self._process: subprocess.Popen[str] | None = None
        self.init = 0

    def start(self) -> None:
        """Boot. Raises NoMachineError."""
        self._folder.mkdir()
        self._program.make()
        words = [
            "unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--fork",
            "--kill-child", "sh", "-euc", "\n".join([*self._program.mounts(), _SCRIPT]),
        ]  # fmt: skip
        self._process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
            env={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "folder": str(self._folder),
                "program": str(self._program.folder), "unit": str(self.unit),
                "keys": str(self._keys),
            },
        )  # fmt: skip
        self._boots()

    def _boots(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        said = ""
        for line in self._process.stdout:
            if line.strip() == _BOOTS:
                break
            said += line
        else:
            raise NoMachineError(" ".join(said.split()))
        children = f"/proc/{self._process.pid}/task/{self._process.pid}/children"
        self.init = int(Path(children).read_text())
        end = time.monotonic() + _UNTIL_UP
        while self._ran("systemctl", "show").returncode != 0:
            assert time.monotonic() < end, "systemd does not answer"
            time.sleep(0.1)

    def stop(self) -> None:
        """Pull the plug."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            assert self._process.stdout is not None
            self._process.stdout.close()

    # ------------------------------------------------------------ what happens in it

    def run(self, *words: str) -> str:
        """What a command prints that its administrator types."""
        got = self._ran(*words)
        assert got.returncode == 0, (words, got.stdout, got.stderr)
        return got.stdout

    def _ran(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["nsenter", "--target", str(self.init), "--all", *words],
            capture_output=True, text=True, check=False, timeout=60,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_PAGER": ""},
        )  # fmt: skip

    def shown(self, name: str) -> str:
        """What systemd knows of the unit."""
        return self.run("systemctl", "show", "--value", "-p", name, self.unit.name).strip()

    def logged(self, words: str, within: float = 60.0) -> str:
        """The unit's journal, since its last start, once the words are in it."""
        end = time.monotonic() + within
        while True:
            start = self.shown("InvocationID")
            text = self.run("journalctl", "--quiet", "-o", "cat", f"_SYSTEMD_INVOCATION_ID={start}")
            if words in text:
                return text
            assert time.monotonic() < end, text
            time.sleep(0.2)

    def processes(self) -> list[int]:
        """Process ids of the unit, as numbered in the machine."""
        group = self.shown("ControlGroup")
        return [int(pid) for pid in self.run("cat", f"/sys/fs/cgroup{group}/cgroup.procs").split()]

    def connected(self, port: int) -> socket.socket:
        """A connection to a port of its own network."""
        with ThreadPoolExecutor(1) as apart:
            return apart.submit(self._connected, port).result()

    def _connected(self, port: int) -> socket.socket:
        """In a thread that is in the machine's network from then on."""
        with open(f"/proc/{self.init}/ns/net", "rb") as network:
            if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), _NEW_NETWORK):
                raise OSError(ctypes.get_errno(), "setns")
        return socket.create_connection(("127.0.0.1", port), timeout=10)


def missing() -> str:
    """What a machine needs and is not here, if anything."""
    if os.geteuid() != 0:
        return "needs root, to make a machine of its own"
    tools = [tool for tool in ("unshare", "nsenter", "ip") if shutil.which(tool) is None]
    if tools or not SYSTEMD.exists():
        return f"needs {', '.join(tools) or 'systemd'}"
    return ""
