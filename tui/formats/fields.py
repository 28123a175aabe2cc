"""Fields that Kubernetes objects share: names, ports, addresses, metadata.

Types are strict, as the API server's are: `"80"` is no number and `true` no text. A null is
an absent field, as for Go's JSON decoder, so most fields may be None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from tui.formats.errors import FieldError, Path, quoted
from tui.sim.model.address import Family, IPAddress, IPNetwork, family_of
from tui.sim.model.shown import printable
from tui.sim.model.sloppy import parse_sloppy_address, parse_sloppy_network


class Edge(BaseModel):
    """A piece of an object as it is written; what the simulator does not use passes by."""

    model_config = ConfigDict(
        strict=True, extra="ignore", alias_generator=to_camel, defer_build=True
    )


def wrong(value: Any, expected: str) -> PydanticCustomError:
    """The error that a field's validator raises: the value and what it should have been."""
    # pydantic formats the template, so braces of the value must not be read as its own
    return PydanticCustomError(
        "wrong", "{text}", {"text": printable(f"{quoted(value)} {expected}")}
    )


# ---------------------------------------------------------------- names

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def _name(value: str) -> str:
    if len(value) <= 253 and _SUBDOMAIN.fullmatch(value):
        return value
    raise wrong(value, "is not an object's name: lower-case letters, digits, '-' and '.'")


def _optional_name(value: str) -> str:
    return _name(value) if value else value


def _dns_label(value: str) -> str:
    if len(value) <= 63 and _LABEL.fullmatch(value):
        return value
    raise wrong(value, "is not a DNS label: at most 63 lower-case letters, digits and '-'")


def _optional_dns_label(value: str) -> str:
    return _dns_label(value) if value else value


Name = Annotated[str, AfterValidator(_name)]
"""metadata.name: a DNS subdomain."""

DnsLabel = Annotated[str, AfterValidator(_dns_label)]
"""A namespace, the name of a container."""

OptionalDnsLabel = Annotated[str, AfterValidator(_optional_dns_label)]
"""The name of a port, which may be empty."""

OptionalName = Annotated[str, AfterValidator(_optional_name)]
"""The name of another object, which may be empty."""

Labels = dict[str, str]
"""Labels or annotations."""

# ---------------------------------------------------------------- ports


def _port(value: int) -> int:
    if 1 <= value <= 65535:
        return value
    raise wrong(value, "is not a port number (1 to 65535)")


def _port_or_none(value: int) -> int:
    return _port(value) if value else 0


def _port_or_name(value: Any) -> int | str | None:
    if value in (0, "") and not isinstance(value, bool):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return _port(value)
    if isinstance(value, str) and _is_port_name(value):
        return value
    hint = f"; write it without quotes: {value}" if _is_digits(value) else ""
    raise wrong(value, f"is not a port number (1 to 65535) or the name of a container port{hint}")


def _is_port_name(value: str) -> bool:
    """IANA's service name syntax: at most 15 characters, a letter among them."""
    return (
        len(value) <= 15
        and _LABEL.fullmatch(value) is not None
        and "--" not in value
        and any(c.isalpha() for c in value)
    )


def _is_digits(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 5 and value.isdecimal()


Port = Annotated[int, AfterValidator(_port)]
"""1 to 65535."""

OptionalPort = Annotated[int, AfterValidator(_port_or_none)]
"""1 to 65535, or 0 for none."""

PortOrName = Annotated[Any, AfterValidator(_port_or_name)]
"""A port's number, or the name that a container gave it; 0 and "" are as if it were absent."""

TransportProtocol = Literal["TCP", "UDP", "SCTP"]
"""`protocol` of a port."""

# ---------------------------------------------------------------- addresses


@lru_cache(maxsize=65536)
def sloppy_address(text: str) -> IPAddress | None:
    """An address as kube-proxy reads it: `10.0.0.010` is 10.0.0.10. No zones."""
    return None if "%" in text else parse_sloppy_address(text)


_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_PLAIN_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")


def family_in(text: str) -> Family | None:
    """The family of the address in a text; None if there is none. Quick for plain IPv4."""
    if _PLAIN_IPV4.fullmatch(text):
        return Family.IPV4
    ip = sloppy_address(text)
    return family_of(ip) if ip is not None else None


def _ip(value: str) -> str:
    if family_in(value) is None:
        raise wrong(value, "is not an IP address")
    return value


def _ip_or_empty(value: str) -> str:
    return _ip(value) if value else value


def _cluster_ip(value: str) -> str:
    if value not in ("", "None") and family_in(value) is None:
        raise wrong(value, 'is not an IP address or "None"')
    return value


def _cidr(value: str) -> str:
    if "%" in value or parse_sloppy_network(value) is None:
        raise wrong(value, "is not a CIDR like 10.0.0.0/8 or fd00::/64")
    return value


IP = Annotated[str, AfterValidator(_ip)]
"""An IP address, kept as written."""

OptionalIP = Annotated[str, AfterValidator(_ip_or_empty)]
"""An IP address, kept as written, or nothing."""

ClusterIP = Annotated[str, AfterValidator(_cluster_ip)]
"""An IP address, `None` for headless, or nothing where none is allocated."""

CIDR = Annotated[str, AfterValidator(_cidr)]
"""A range, kept as written; host bits and leading zeros are kube-proxy's to clear."""


def address_of(text: str) -> IPAddress:
    """The address that a checked field holds."""
    found = sloppy_address(text)
    assert found is not None, text
    return found


def network_of(text: str) -> IPNetwork:
    """The range that a checked field holds, its host bits cleared."""
    found = parse_sloppy_network(text)
    assert found is not None, text
    return found


IPFamily = Literal["IPv4", "IPv6"]
"""A member of `ipFamilies`."""


def families_of(names: Sequence[str] | None) -> tuple[Family, ...]:
    """`ipFamilies` as values."""
    return tuple(Family(name) for name in names or ())


def one_or_many(
    one: str | None, many: Sequence[str] | None, path_of_many: Path, name_of_one: str
) -> tuple[str, ...]:
    """`podIP` and `podIPs` and their like: either may be missing; the first of many is the one.

    Raises FieldError if they disagree, as the API server would.
    """
    if not many:
        return (one,) if one else ()
    if one and one != many[0] and sloppy_address(one) != sloppy_address(many[0]):
        problem = f"{quoted(many[0])} is not what {name_of_one} says ({quoted(one)})"
        raise FieldError((*path_of_many, 0), problem)
    return tuple(many)


# ---------------------------------------------------------------- metadata


class Metadata(Edge):
    """metadata of any object."""

    name: Name
    namespace: OptionalDnsLabel | None = None
    labels: Labels | None = None
    annotations: Labels | None = None
    deletion_timestamp: Any = None

    @property
    def in_namespace(self) -> str:
        """The namespace, `default` where none is written."""
        return self.namespace or "default"


class Named(Edge):
    """An object of a kind that the simulator reads."""

    metadata: Metadata = Field()
