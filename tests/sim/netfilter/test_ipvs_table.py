"""What IPVS remembers: whose turn it is, who sticks to whom, and connections both ways."""

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address

import pytest

from tui.sim.model.packet import Icmp, Packet, Protocol
from tui.sim.netfilter.examine import Endpoints
from tui.sim.netfilter.ipvs import RealServer, VirtualServer
from tui.sim.netfilter.ipvs_memory import IpvsMemory
from tui.sim.netfilter.ipvs_table import How, IpvsTable

VIP, CLIENT = ip_address("10.96.0.11"), ip_address("10.244.0.200")
REALS = tuple(RealServer(ip_address(f"10.244.0.{n}"), 8080) for n in (1, 2, 3))
WEB = VirtualServer(Protocol.TCP, VIP, 80, servers=REALS)


class Told:
    """Chance that falls as it is told, and only as often."""

    def __init__(self, *places: int) -> None:
        self.places = list(places)

    def draw(self, ways: Sequence[Endpoints]) -> tuple[int, bool]:
        assert self.places, "nothing was left to chance here"
        return self.places.pop(0), False

    def take(self, probability: float, here: Endpoints, chain: Endpoints) -> tuple[bool, bool]:
        raise AssertionError("IPVS draws")


def table(virtual: VirtualServer, memory: IpvsMemory | None = None, now: float = 0.0) -> IpvsTable:
    return IpvsTable({virtual.address: virtual}, memory or IpvsMemory(), now)


def syn(sport: int = 40000, source: str = "10.244.0.200") -> Packet:
    return Packet(ip_address(source), VIP, Protocol.TCP, sport, 80, flags="SYN")


def served(
    made: IpvsTable, virtual: VirtualServer, packet: Packet, *chance: int
) -> tuple[str, How]:
    found = made.schedule(virtual, packet, Told(*chance))
    assert found is not None
    connection, choice = found
    return str(connection.served.destination), choice.how


# ---------------------------------------------------------------- turns


def test_a_round_robin_begins_anywhere_and_then_takes_turns() -> None:
    made = table(WEB)
    found = [served(made, WEB, syn(40000), 1)]
    found += [served(made, WEB, syn(40001 + n)) for n in range(3)]
    assert found == [
        ("10.244.0.2", How.DRAWN),
        ("10.244.0.1", How.TURN),
        ("10.244.0.3", How.TURN),
        ("10.244.0.2", How.TURN),
    ]


def test_the_turn_is_remembered_between_packets() -> None:
    made = table(WEB)
    served(made, WEB, syn(), 0)
    assert served(table(WEB, made.frozen()), WEB, syn(40001)) == ("10.244.0.2", How.TURN)


def test_where_servers_have_changed_the_turn_is_unknown_again() -> None:
    made = table(WEB)
    served(made, WEB, syn(), 2)
    fewer = replace(WEB, servers=REALS[1:])
    assert served(table(fewer, made.frozen()), fewer, syn(40001), 1) == ("10.244.0.2", How.DRAWN)


def test_one_server_leaves_nothing_to_chance() -> None:
    alone = replace(WEB, servers=REALS[:1])
    assert served(table(alone), alone, syn()) == ("10.244.0.1", How.TURN)


def test_nobody_is_there() -> None:
    empty = replace(WEB, servers=())
    assert table(empty).schedule(empty, syn(), Told()) is None


def test_connections_are_counted() -> None:
    least = replace(WEB, scheduler="lc")
    made = table(least)
    found = [served(made, least, syn(40000 + n)) for n in range(4)]
    assert [real for real, _ in found] == ["10.244.0.3", "10.244.0.2", "10.244.0.1", "10.244.0.3"]
    assert {how for _, how in found} == {How.PICKED}


def test_an_unknown_scheduler_is_no_guess() -> None:
    unknown = replace(WEB, scheduler="lblc")
    with pytest.raises(KeyError, match="lblc"):
        table(unknown).schedule(unknown, syn(), Told())


# ---------------------------------------------------------------- persistence

STICKY = replace(WEB, persistence=60)


def test_a_client_sticks_and_others_do_not() -> None:
    made = table(STICKY)
    assert served(made, STICKY, syn(), 0) == ("10.244.0.3", How.DRAWN)
    assert served(made, STICKY, syn(40001)) == ("10.244.0.3", How.STUCK)
    assert served(made, STICKY, syn(source="10.244.0.9")) == ("10.244.0.2", How.TURN)


def test_a_network_of_clients_sticks_together() -> None:
    nets = replace(STICKY, prefix=24)
    made = table(nets)
    served(made, nets, syn(), 0)
    assert served(made, nets, syn(source="10.244.0.9")) == ("10.244.0.3", How.STUCK)
    assert served(made, nets, syn(source="10.244.1.9"))[1] is How.TURN


@pytest.mark.parametrize(("later", "how"), [(59.0, How.STUCK), (60.0, How.TURN)])
def test_a_client_is_freed_in_time(later: float, how: How) -> None:
    made = table(STICKY)
    served(made, STICKY, syn(), 0)
    assert served(table(STICKY, made.frozen(), later), STICKY, syn(40001))[1] is how


def test_a_client_whose_server_is_gone_gets_another() -> None:
    made = table(STICKY)
    served(made, STICKY, syn(), 0)
    left = replace(STICKY, servers=REALS[:1])
    assert served(table(left, made.frozen()), left, syn(40001)) == ("10.244.0.1", How.TURN)


def test_a_client_whose_server_is_quiesced_gets_another() -> None:
    made = table(STICKY)
    served(made, STICKY, syn(), 0)
    quiet = replace(STICKY, servers=(*REALS[:2], replace(REALS[2], weight=0)))
    assert served(table(quiet, made.frozen()), quiet, syn(40001), 0)[0] == "10.244.0.2"


# ---------------------------------------------------------------- connections


def test_a_connection_is_found_from_both_sides_and_by_an_error() -> None:
    made = table(WEB)
    served(made, WEB, syn(), 0)
    answer = Packet(REALS[2].ip, CLIENT, Protocol.TCP, 8080, 40000, flags="SYN,ACK")
    quoted = Icmp("icmp-port-unreachable", CLIENT, REALS[2].ip, Protocol.TCP, 40000, 8080)
    error = Packet(REALS[2].ip, CLIENT, Protocol.ICMP, icmp=quoted)
    connection = made.request(syn())
    assert connection is not None
    assert connection == made.reply(answer) == made.reply(error)
    assert made.request(answer) is None
    assert made.reply(syn()) is None


def test_a_connection_moves_on_and_times_out() -> None:
    made = table(WEB)
    served(made, WEB, syn(), 0)
    first = made.request(syn())
    assert first is not None
    assert (first.state, first.expires, first.active) == ("SYN_RECV", 60.0, True)
    grown = made.refresh(first, replace(syn(), flags="ACK"), reply=False)
    assert (grown.state, grown.expires) == ("ESTABLISHED", 900.0)
    closed = made.refresh(grown, replace(syn(), flags="RST,ACK"), reply=True)
    assert (closed.state, closed.expires, closed.active) == ("CLOSE", 10.0, False)
    assert table(WEB, made.frozen(), 9.9).request(syn()) == closed
    assert table(WEB, made.frozen(), 10.0).request(syn()) is None


def test_udp_lives_five_minutes_and_is_never_active() -> None:
    dns = VirtualServer(Protocol.UDP, VIP, 53, servers=REALS)
    query = Packet(CLIENT, VIP, Protocol.UDP, 40000, 53)
    made = table(dns)
    served(made, dns, query, 0)
    connection = made.request(query)
    assert connection is not None
    assert (connection.state, connection.expires, connection.active) == ("UDP", 300.0, False)


def test_one_packet_scheduling_remembers_nothing() -> None:
    dns = VirtualServer(Protocol.UDP, VIP, 53, one_packet=True, servers=REALS)
    query = Packet(CLIENT, VIP, Protocol.UDP, 40000, 53)
    made = table(dns)
    served(made, dns, query, 0)
    assert made.request(query) is None
    assert served(made, dns, query) == ("10.244.0.2", How.TURN)


def test_a_connection_knows_whether_its_server_is_left() -> None:
    made = table(WEB)
    served(made, WEB, syn(), 0)
    connection = made.request(syn())
    assert connection is not None
    assert made.is_served(connection)
    left = replace(WEB, servers=REALS[:2])
    assert not table(left, made.frozen()).is_served(connection)
    assert not IpvsTable({}, made.frozen()).is_served(connection)
