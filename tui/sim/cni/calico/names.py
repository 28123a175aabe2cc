"""The names that Calico gives: veths after their pod, chains shortened to 28 characters."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha1, sha256

_LONGEST_CHAIN = 28
"""iptables allows 28 characters and an end."""


def veth_of(place: str) -> str:
    """`cali26cecacb712`, the node's end of the veth of `pod/NS/NAME`.

    VethNameForWorkload of libcalico-go/lib/backend/k8s/conversion/workload_endpoint_default.go.
    """
    workload = place.removeprefix("pod/").replace("/", ".")
    return f"cali{sha1(workload.encode(), usedforsecurity=False).hexdigest()[:11]}"


def chain_named(prefix: str, name: str) -> str:
    """`cali-pri-kns.shop`; a name that is too long gives way to its hash.

    GetLengthLimitedID of libcalico-go/lib/hash.
    """
    if len(prefix) + len(name) <= _LONGEST_CHAIN and not name.startswith("_"):
        return prefix + name
    digest = urlsafe_b64encode(sha256(name.encode()).digest()).decode()
    return f"{prefix}_{digest}"[:_LONGEST_CHAIN]
