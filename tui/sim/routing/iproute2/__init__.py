"""What `ip` and `bridge` say in a namespace, to the byte (iproute2 6.1, as Debian 12 has it).

Everything is printed from the model; what the kernel adds by itself and no packet of the
simulator meets is worked out here: broadcast and multicast routes, the entries of a bridge's own
MAC addresses. Two things are another machine's: there are no link-local IPv6 addresses
(`addrgenmode none`), and neighbours that a machine learns while it talks are not listed.
"""

from tui.sim.routing.iproute2.arguments import CommandError
from tui.sim.routing.iproute2.command import TOOLS, answer
from tui.sim.routing.iproute2.view import View

__all__ = ["TOOLS", "CommandError", "View", "answer"]
