"""The environment of the DaemonSet aws-node, as far as it decides about a packet.

Defaults as in https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.19.0/README.md.
"""

from __future__ import annotations

from tui.sim.model.address import IPNetwork
from tui.sim.model.value import value


@value
class AwsSettings:
    """How the AWS VPC CNI is set up."""

    prefix_delegation: bool = False
    """ENABLE_PREFIX_DELEGATION: a slot of a card holds a /28 prefix, not one address."""
    external_snat: bool = False
    """AWS_VPC_K8S_CNI_EXTERNALSNAT: a NAT gateway translates, the node does not."""
    exclude_snat: tuple[IPNetwork, ...] = ()
    """AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: reached with the pod's own address."""
    node_port_support: bool = True
    """AWS_VPC_CNI_NODE_PORT_SUPPORT: answers leave by the first card if questions came by it."""
    random_snat: str = "prng"
    """AWS_VPC_K8S_CNI_RANDOMIZESNAT: `prng`, `hashrandom` or `none`."""
    mark: int = 0x80
    """AWS_VPC_K8S_CNI_CONNMARK."""
    mtu: int = 9001
    """AWS_VPC_ENI_MTU, of cards and pods alike."""
    veth_prefix: str = "eni"
    """AWS_VPC_K8S_CNI_VETHPREFIX."""
