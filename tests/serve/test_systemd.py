"""The unit that ships, started by a real systemd: who its sessions are, and what they can reach."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.serve.readable_program import needs_readable_program
from tests.serve.systemd_machine import NoMachineError, SystemdMachine, missing
from tests.serve.workshop_server import Answers, Learner

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("serve"),
    needs_readable_program,
    pytest.mark.skipif(bool(missing()), reason=missing()),
]

UNIT = Path(__file__).resolve().parents[2] / "assets/workshop/k8snet-tui-workshop.service"
PORT = 2222
STARTED = "ctrl+c ends it"
STATE = "/var/lib/private/k8snet-tui"
Keys = list[asyncssh.SSHKey] | None
DYNAMIC_USERS = range(61_184, 65_520)


class ServedMachine(SystemdMachine):
    """A machine with the workshop, which it has begun to serve."""

    def __init__(self, folder: Path) -> None:
        self.instructor = asyncssh.generate_private_key("ssh-ed25519")
        keys = folder / "keys"
        keys.write_bytes(self.instructor.export_public_key())
        super().__init__(folder, UNIT, keys)

    @property
    def join_code(self) -> str:
        found = re.search(r"join code +(\S+)", self.logged(STARTED))
        assert found is not None
        return found[1]

    async def come(
        self, *answers: str, user: str = "class", command: str | None = None, keys: Keys = None
    ) -> Learner:
        client = Answers(answers)
        connection, _ = await asyncssh.create_connection(
            lambda: client, sock=self.connected(PORT), username=user, known_hosts=None,
            client_keys=keys, agent_path=None,
        )  # fmt: skip
        process = await connection.create_process(
            command, term_type="xterm-256color", term_size=(80, 24), encoding=None
        )
        return Learner(connection, process, client)


@pytest.fixture(scope="module")
def machine() -> Iterator[ServedMachine]:
    folder = Path(tempfile.mkdtemp(prefix="k8snet-machine-"))
    folder.chmod(0o755)
    made = ServedMachine(folder)
    try:
        made.start()
        made.logged(STARTED)
        yield made
    except NoMachineError as refused:
        pytest.skip(f"no machine of its own can be started here: {refused}")
    finally:
        made.stop()
        shutil.rmtree(folder)


def status_of(machine: ServedMachine, pid: int) -> dict[str, list[str]]:
    lines = machine.run("cat", f"/proc/{pid}/status").splitlines()
    return {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}


async def test_a_session_is_a_user_that_exists_only_here_and_can_do_nothing(
    machine: ServedMachine,
) -> None:
    before = machine.processes()
    one = await machine.come(machine.join_code, "one", command="lesson container --no-tour")
    await one.shows("One namespace, many")
    (session,) = set(machine.processes()) - set(before)
    found = status_of(machine, session)
    (user,) = set(found["Uid"])
    assert int(user) in DYNAMIC_USERS
    assert found["Groups"] == [user]
    assert found["NoNewPrivs"] == ["1"]
    assert found["Seccomp"] == ["2"]
    assert {int(found[name][0], 16) for name in ("CapPrm", "CapEff", "CapBnd")} == {0}
    await one.leave()


async def test_it_can_write_to_its_own_folder_alone(machine: ServedMachine) -> None:
    (main, *_) = machine.processes()
    lines = [line.split() for line in machine.run("cat", f"/proc/{main}/mountinfo").splitlines()]
    options = {place: set(given.split(",")) for _, _, _, _, place, given, *_ in lines}
    assert "ro" in options["/"]
    assert "rw" in options[STATE]
    assert {"ro", "noexec"} <= options["/home"]
    assert {"ro", "noexec"} <= options["/root"]
    kept = machine.run("find", STATE, "-printf", "%P %m %U\\n").splitlines()
    modes = {name: mode for name, mode, _ in (line.split(" ") for line in kept)}
    assert modes[""] == "711"
    assert modes["host_key"] == modes["join_code"] == modes["workshop.sqlite3"] == "600"
    owners = {line.rsplit(" ", 1)[1] for line in kept}
    assert owners == set(status_of(machine, main)["Uid"])


async def test_after_a_restart_a_learner_goes_on_with_the_same_code_and_key(
    machine: ServedMachine,
) -> None:
    code, said = machine.join_code, machine.logged(STARTED)
    one = await machine.come(code, "back", command="lesson service --no-tour --step 2")
    await one.shows("2 of")
    returning = "".join(re.findall(r"\d", one.client.told[-1]))
    one.press("\r")
    await one.shows("3 of")
    machine.run("systemctl", "restart", UNIT.name)
    assert await one.ended() is not None
    assert b"the workshop has ended" in one.raw
    assert re.findall("SHA256:.*", machine.logged(STARTED)) == re.findall("SHA256:.*", said)
    again = await machine.come(code, "back", returning)
    await again.comes_back_to("3 of")
    await again.leave()


async def test_a_server_that_was_killed_is_started_again(machine: ServedMachine) -> None:
    before = machine.shown("InvocationID")
    machine.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", UNIT.name)
    end = time.monotonic() + 20
    while machine.shown("InvocationID") in ("", before):
        assert time.monotonic() < end, machine.shown("ActiveState")
        await asyncio.sleep(0.1)
    one = await machine.come(machine.join_code, "later", command="lesson container --no-tour")
    await one.shows("One namespace, many")
    await one.leave()


async def test_its_administrator_and_its_instructor_see_the_class(machine: ServedMachine) -> None:
    one = await machine.come(machine.join_code, "seen", command="lesson container --no-tour")
    await one.shows("One namespace, many")
    teacher = await machine.come(user="instructor", keys=[machine.instructor])
    await teacher.shows("The class", "seen")
    await teacher.leave()
    await one.leave()
    results = ("/opt/k8snet-tui/bin/k8snet-tui", "serve", "--results", "csv")
    assert "seen" in machine.run(*results)


async def test_stopped_it_leaves_no_process_and_can_be_started_again(
    machine: ServedMachine,
) -> None:
    one = await machine.come(machine.join_code, "last", command="lesson container --no-tour")
    await one.shows("One namespace, many")
    machine.run("systemctl", "stop", UNIT.name)
    assert await one.ended() is not None
    assert machine.shown("Result") == "success"
    assert machine.shown("ExecMainStatus") == "0"
    users = machine.run("ps", "-eo", "uid=").split()
    assert not [user for user in users if int(user) in DYNAMIC_USERS]
    machine.run("/opt/k8snet-tui/bin/k8snet-tui", "serve", "--results", "json")
    machine.run("systemctl", "start", UNIT.name)
    machine.logged(STARTED)


def test_systemd_finds_little_that_the_unit_exposes(machine: ServedMachine) -> None:
    said = machine.run("systemd-analyze", "security", UNIT.name)
    exposure = re.search(r"Overall exposure level.*: (\d+\.\d)", said)
    assert exposure is not None
    assert float(exposure[1]) < 2.5
