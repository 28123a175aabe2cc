"""What flannel is told in its net-conf.json."""

from __future__ import annotations

from enum import StrEnum

from tui.sim.model.value import value


class Backend(StrEnum):
    """How packets reach the pods of other nodes."""

    VXLAN = "vxlan"
    HOST_GW = "host-gw"


@value
class FlannelSettings:
    """The backend and its options, flannel's defaults applied."""

    backend: Backend = Backend.VXLAN
    """Backend.Type."""
    vni: int = 1
    """Backend.VNI; the tunnel device is called after it."""
    port: int = 8472
    """Backend.Port: Linux's own default, which is not IANA's 4789."""
    direct_routing: bool = False
    """Backend.DirectRouting: no tunnel to nodes of the same subnet."""
