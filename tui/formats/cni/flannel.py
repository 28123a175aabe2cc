"""flannel's net-conf.json, alone or in the ConfigMap kube-flannel-cfg.

Keys: https://github.com/flannel-io/flannel/blob/master/Documentation/configuration.md
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from tui.formats.cni.fields import piece
from tui.formats.cni.loaded import LoadedPlugin
from tui.formats.documents import documents as parsed
from tui.formats.errors import FormatError, quoted
from tui.formats.fields import Edge, wrong
from tui.sim.cni.flannel import Backend, FlannelSettings, flannel_plugin

_KEY = "net-conf.json"
_MOST_VNI = (1 << 24) - 1


def _backend(value: str) -> str:
    if value in tuple(Backend):
        return value
    raise wrong(value, f"is not a backend that is simulated: {', '.join(Backend)}")


class BackendConf(Edge):
    """Backend."""

    type: Annotated[str, AfterValidator(_backend)] = Field(Backend.VXLAN, alias="Type")
    vni: Annotated[int, Field(ge=1, le=_MOST_VNI)] | None = Field(None, alias="VNI")
    port: Annotated[int, Field(ge=0, le=65_535)] | None = Field(None, alias="Port")
    direct_routing: bool | None = Field(None, alias="DirectRouting")


class NetConf(Edge):
    """The file; Network is the cluster's pod range, which kube-proxy's settings name here."""

    network: str | None = Field(None, alias="Network")
    backend: BackendConf | None = Field(None, alias="Backend")


def read(documents: Sequence[dict[str, Any]], origin: str) -> LoadedPlugin | None:
    """flannel, if one of the documents is its configuration. Raises FormatError."""
    for data, where in _candidates(documents, origin):
        if "kind" not in data and {"Network", "IPv6Network", "Backend"} & data.keys():
            return LoadedPlugin(flannel_plugin(_settings(piece(NetConf, data, where))))
    return None


def _candidates(
    documents: Sequence[dict[str, Any]], origin: str
) -> Iterator[tuple[dict[str, Any], str]]:
    """Each document, or what stands in it where it is flannel's ConfigMap."""
    for document in documents:
        held = document.get("data")
        if document.get("kind") == "ConfigMap" and isinstance(held, dict) and _KEY in held:
            inside = f'{origin}: data["{_KEY}"]'
            if not isinstance(held[_KEY], str):
                raise FormatError(inside, f"{quoted(held[_KEY])} is not text")
            yield from ((d, inside) for d in parsed(held[_KEY], inside) if isinstance(d, dict))
        else:
            yield document, origin


def _settings(conf: NetConf) -> FlannelSettings:
    backend = conf.backend or BackendConf.model_validate({})
    return FlannelSettings(
        backend=Backend(backend.type),
        vni=backend.vni or FlannelSettings().vni,
        port=backend.port or FlannelSettings().port,
        direct_routing=bool(backend.direct_routing),
    )
