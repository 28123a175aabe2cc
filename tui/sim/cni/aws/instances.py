"""How many cards and addresses an EC2 instance may have, and how many pods that makes.

Cards and IPv4 addresses per card: AWS documentation, "Maximum IP addresses per network
interface" (as of 2025); in the plugin: pkg/vpc/vpc_ip_resource_limit.go. Pods:
https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html#determine-max-pods.
"""

from __future__ import annotations

from tui.sim.model.cluster import Node
from tui.sim.model.value import value

LABEL = "node.kubernetes.io/instance-type"
"""Where a node says what it is."""
PREFIX_SIZE = 16
"""Addresses of a delegated /28."""
_MOST_PODS = 110
"""What EKS advises for instances of less than 30 processors, prefixes or not."""


@value
class Instance:
    """A type of EC2 instances."""

    name: str
    """`m5.large`."""
    cards: int
    """Network cards (ENIs) that can be attached."""
    addresses: int
    """IPv4 addresses of a card, its own included."""

    @property
    def slots(self) -> int:
        """What a card has for pods: addresses, or as many prefixes."""
        return self.addresses - 1

    def max_pods(self, prefix_delegation: bool) -> int:
        """What kubelet is told: the addresses, and two pods that live in the node's network."""
        each = PREFIX_SIZE if prefix_delegation else 1
        most = self.cards * self.slots * each + 2
        return min(most, _MOST_PODS) if prefix_delegation else most


INSTANCES = {
    name: Instance(name, cards, addresses)
    for name, cards, addresses in (
        ("t3.nano", 2, 2), ("t3.micro", 2, 2), ("t3.small", 3, 4), ("t3.medium", 3, 6),
        ("t3.large", 3, 12), ("t3.xlarge", 4, 15), ("t3.2xlarge", 4, 15),
        ("m5.large", 3, 10), ("m5.xlarge", 4, 15), ("m5.2xlarge", 4, 15), ("m5.4xlarge", 8, 30),
        ("m6i.large", 3, 10), ("m6i.xlarge", 4, 15), ("m6i.2xlarge", 4, 15),
        ("m6i.4xlarge", 8, 30), ("c5.large", 3, 10), ("c5.xlarge", 4, 15), ("c5.2xlarge", 4, 15),
        ("c5.4xlarge", 8, 30), ("r5.large", 3, 10), ("r5.xlarge", 4, 15), ("r5.2xlarge", 4, 15),
        ("r5.4xlarge", 8, 30),
    )
}  # fmt: skip
"""Types that people often take, by name."""
USUAL = INSTANCES["m5.large"]
"""What a node is taken for that does not say."""


def instance_of(node: Node) -> Instance:
    """The type of a node."""
    return INSTANCES.get(node.labels.get(LABEL, ""), USUAL)
