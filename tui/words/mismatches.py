"""What kube-proxy makes of objects that do not fit each other, a sentence each."""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.mismatches import MismatchKind
from tui.words.language import _

MISMATCHES: Mapping[MismatchKind, str] = {
    MismatchKind.ENDPOINT_FAMILY: _(
        "{owner}: {found} is no {expected} address; kube-proxy leaves this endpoint out"
    ),
    MismatchKind.PORT_NAME: _(
        "{owner}: no EndpointSlice of it has the port {port} (there are: {known}), and kube-proxy "
        "matches ports by name; for it this port has no endpoints"
    ),
    MismatchKind.HOST_BITS: _(
        "{owner}: {field} {found} names more than its network; kube-proxy reads {read}"
    ),
    MismatchKind.CLUSTER_IP_TWICE: _(
        "{owner}: {found} is the cluster IP of {other} too; the API server would refuse it. Their "
        "ports differ, so each keeps its own"
    ),
    MismatchKind.PORT_TWICE: _(
        "{owner}: {found} belongs to {other} too, so it is undefined which one answers: kube-proxy "
        "walks them in random order. In nftables mode the kernel refuses the second (File exists), "
        "and with it all that kube-proxy wanted to change"
    ),
    MismatchKind.NODE_PORT_TWICE: _(
        "{owner}: node port {found} belongs to {other} too, so it is undefined which one answers: "
        "kube-proxy walks them in random order. In nftables mode the kernel refuses the second "
        "(File exists), and with it all that kube-proxy wanted to change"
    ),
    MismatchKind.POD_IP_TWICE: _(
        "{owner}: {found} is the address of {other} too. kube-proxy does not check that; packets "
        "to it reach {other}, the first of them in the file, and {owner} has no network here"
    ),
    MismatchKind.POD_WAITS: _(
        "{owner}: waits for an address, the cards of {node} have none left (its IP addresses are "
        "exhausted); it is no endpoint of a Service until it has one"
    ),
    MismatchKind.POD_RANGES_OVERLAP: _(
        "{owner}: its pod range {found} overlaps {range} of {other}. kube-proxy does not check "
        "that, but for an address in both a route leads to one node only, and what was meant for "
        "the other gets lost"
    ),
}
"""By kind; placeholders are the owner and the fields of the mismatch."""
