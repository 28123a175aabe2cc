"""The AWS VPC CNI, v1.19 (https://github.com/aws/amazon-vpc-cni-k8s): pods live in the VPC itself.

ipamd attaches network cards (ENIs) to a node and leases their secondary addresses to pods, so the
VPC knows where each pod is and nothing has to be put into a tunnel.
"""

from __future__ import annotations

from functools import partial

from tui.sim.cni.aws import ipamd, rules, wiring
from tui.sim.cni.aws.settings import AwsSettings
from tui.sim.cni.aws.subnets import LAN
from tui.sim.cni.site import Plugin
from tui.sim.model.value import replace


def aws_plugin(settings: AwsSettings) -> Plugin:
    """The plugin with some settings."""
    return Plugin(
        "aws-vpc-prefix" if settings.prefix_delegation else "aws-vpc",
        "AWS VPC CNI prefixes" if settings.prefix_delegation else "AWS VPC CNI",
        partial(wiring.node, settings),
        partial(wiring.pod, settings),
        partial(rules.rules, settings),
        wire=wiring.wire,
        lan=replace(LAN, mtu=settings.mtu),
        addressing=partial(ipamd.addressing, settings),
        simplified=("aws-addresses", "aws-router", "aws-ipv4", "aws-cards", "aws-gateway"),
    )


PLUGINS = (aws_plugin(AwsSettings()), aws_plugin(AwsSettings(prefix_delegation=True)))
"""The plugin with single addresses, and with delegated prefixes."""

__all__ = ["PLUGINS", "AwsSettings", "aws_plugin"]
