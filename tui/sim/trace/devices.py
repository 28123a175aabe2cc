"""The devices that a netfilter hook knows of, as its beginning tells them."""

from __future__ import annotations

from tui.sim.trace.reason import Reason


def hook_devices(began: Reason) -> tuple[str, str]:
    """The device that a packet came in by and the one it leaves by; empty where not known.

    A bridge is both ways in one to a frame that it keeps, and a port of it is seen as the bridge.
    """
    fields = {name: str(text) for name, text in began.fields.items()}
    bridge, hook = fields.get("bridge"), fields.get("hook")
    if bridge is None:
        return fields.get("iif", ""), fields.get("oif", "")
    return bridge if hook != "POSTROUTING" else "", bridge if hook != "PREROUTING" else ""
