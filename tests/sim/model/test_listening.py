"""The annotation that says what a pod listens on."""

from tui.sim.model.address import address
from tui.sim.model.listening import listen_entries
from tui.sim.model.packet import Protocol


def test_entries() -> None:
    assert list(listen_entries("8080, 127.0.0.1:9090,53/udp, [fd00::1]:80/SCTP,")) == [
        (None, 8080, Protocol.TCP),
        (address("127.0.0.1"), 9090, Protocol.TCP),
        (None, 53, Protocol.UDP),
        (address("fd00::1"), 80, Protocol.SCTP),
    ]


def test_an_empty_annotation_is_a_pod_that_listens_nowhere() -> None:
    assert list(listen_entries("")) == []
