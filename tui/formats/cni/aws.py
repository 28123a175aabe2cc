"""The AWS VPC CNI's settings: the environment of the DaemonSet aws-node.

`kubectl get daemonset -n kube-system aws-node -o yaml` prints it. Variables:
https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.19.0/README.md#cni-configuration-variables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tui.formats.cni.fields import piece
from tui.formats.cni.loaded import LoadedPlugin
from tui.formats.errors import FormatError, quoted
from tui.formats.fields import Edge
from tui.sim.cni.aws import AwsSettings, aws_plugin
from tui.sim.model.address import IPNetwork, network

_CONTAINER = "aws-node"
_MTU = (576, 9001)
_OTHERWISE = {
    "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "false",
    "ENABLE_IPv6": "false",
    "ENABLE_POD_ENI": "false",
    "ENABLE_V6_EGRESS": "false",
}
"""Variables that would change a packet's way and are not simulated, by their defaults."""


class _Variable(Edge):
    name: str
    value: str | None = None


class _Container(Edge):
    name: str
    env: list[_Variable] | None = None


class _PodSpec(Edge):
    containers: list[_Container]


class _Template(Edge):
    spec: _PodSpec


class _DaemonSetSpec(Edge):
    template: _Template


class DaemonSet(Edge):
    """As far as it bears the environment."""

    spec: _DaemonSetSpec


def read(documents: Sequence[dict[str, Any]], origin: str) -> LoadedPlugin | None:
    """The plugin, if one of the documents is its DaemonSet. Raises FormatError."""
    for document in documents:
        metadata = document.get("metadata")
        named = isinstance(metadata, dict) and metadata.get("name") == _CONTAINER
        if document.get("kind") == "DaemonSet" and named:
            variables = _environment(piece(DaemonSet, document, origin))
            plugin = aws_plugin(_settings(_Env(variables, origin)))
            return LoadedPlugin(plugin, tuple(_notes(variables)))
    return None


def _environment(found: DaemonSet) -> Mapping[str, str]:
    containers = found.spec.template.spec.containers
    own = next((each for each in containers if each.name == _CONTAINER), None)
    return {each.name: each.value for each in (own.env or () if own else ()) if each.value}


def _notes(variables: Mapping[str, str]) -> Iterator[str]:
    for name, usual in _OTHERWISE.items():
        if variables.get(name, usual).lower() != usual:
            yield f"env {name}: {variables[name]} is not simulated"


class _Env:
    """Variables by name, and where to say that they are wrong."""

    def __init__(self, variables: Mapping[str, str], origin: str) -> None:
        self._variables = variables
        self._origin = origin

    def text(self, name: str, usual: str, allowed: Sequence[str]) -> str:
        value = self._variables.get(name, usual)
        if value not in allowed:
            raise self._wrong(name, value, f"expected {', '.join(allowed[:-1])} or {allowed[-1]}")
        return value

    def flag(self, name: str, *, usual: bool) -> bool:
        """As Go's strconv.ParseBool reads it."""
        value = self._variables.get(name, str(usual).lower())
        if value in ("1", "t", "T", "TRUE", "true", "True"):
            return True
        if value in ("0", "f", "F", "FALSE", "false", "False"):
            return False
        raise self._wrong(name, value, "expected true or false")

    def number(self, name: str, usual: int, low: int, high: int) -> int:
        value = self._variables.get(name)
        try:
            number = usual if value is None else int(value, 0)
        except ValueError:
            number = low - 1
        if low <= number <= high:
            return number
        raise self._wrong(name, str(value), f"expected a number from {low} to {high}")

    def word(self, name: str, usual: str) -> str:
        value = self._variables.get(name, usual)
        if value.isascii() and value.isalnum() and len(value) <= 4:
            return value
        raise self._wrong(name, value, "expected at most four letters and digits")

    def networks(self, name: str) -> tuple[IPNetwork, ...]:
        found = []
        for text in filter(None, self._variables.get(name, "").split(",")):
            try:
                net = network(text.strip())
            except ValueError:
                raise self._wrong(name, text, "expected IPv4 ranges, separated by commas") from None
            found += [net] if net.version == 4 else []
        return tuple(found)

    def _wrong(self, name: str, value: str, expected: str) -> FormatError:
        place = f'spec.template.spec.containers["{_CONTAINER}"].env["{name}"]'
        return FormatError(self._origin, f"{quoted(value)}: {expected}", place)


def _settings(env: _Env) -> AwsSettings:
    usual = AwsSettings()
    kinds = ("prng", "hashrandom", "none")
    return AwsSettings(
        prefix_delegation=env.flag("ENABLE_PREFIX_DELEGATION", usual=False),
        external_snat=env.flag("AWS_VPC_K8S_CNI_EXTERNALSNAT", usual=False),
        exclude_snat=env.networks("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS"),
        node_port_support=env.flag("AWS_VPC_CNI_NODE_PORT_SUPPORT", usual=True),
        random_snat=env.text("AWS_VPC_K8S_CNI_RANDOMIZESNAT", usual.random_snat, kinds),
        mark=env.number("AWS_VPC_K8S_CNI_CONNMARK", usual.mark, 1, 0xFFFFFFFF),
        mtu=env.number("AWS_VPC_ENI_MTU", usual.mtu, *_MTU),
        veth_prefix=env.word("AWS_VPC_K8S_CNI_VETHPREFIX", usual.veth_prefix),
    )
