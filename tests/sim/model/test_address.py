"""Addresses and networks: the quick ways give what `ipaddress` gives."""

import pickle
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.sim.model.address import (
    address,
    address_text,
    endpoint_text,
    host_network,
    network_text,
)

ADDRESSES = st.ip_addresses()


@given(ADDRESSES)
def test_a_text_and_its_address(ip: IPv4Address | IPv6Address) -> None:
    assert address(str(ip)) == ip
    assert address_text(ip) == str(ip)
    assert endpoint_text(ip, 80) == (f"[{ip}]:80" if ip.version == 6 else f"{ip}:80")


@given(ADDRESSES, ADDRESSES)
def test_the_network_of_one_address(
    ip: IPv4Address | IPv6Address, other: IPv4Address | IPv6Address
) -> None:
    ours, theirs = host_network(ip), ip_network(ip)
    assert ours == theirs
    assert theirs == ours
    assert hash(ours) == hash(theirs)
    assert str(ours) == network_text(ours) == str(theirs)
    assert (ours.prefixlen, ours.netmask, ours.version) == (
        theirs.prefixlen, theirs.netmask, theirs.version,
    )  # fmt: skip
    assert (ours.num_addresses, list(ours.hosts()), list(ours)) == (1, [ip], [ip])
    assert ip in ours
    assert (other in ours) == (other in theirs)
    assert ours.subnet_of(theirs)  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(ours)) == theirs
    assert ip_interface(str(ours)).network == ours


@pytest.mark.parametrize(
    "text",
    ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.+4", "1_0.2.3.4", " 1.2.3.4",
     "1.2.3.4/32", "١.2.3.4", "1.2..4", "::g", "web"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever ipaddress says
        ip_address(text)
    with pytest.raises(ValueError):  # noqa: PT011 - as above
        address(text)
