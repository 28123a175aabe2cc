"""The files that lessons play on, read once and then remembered by their content."""

from __future__ import annotations

from pathlib import Path

from tui.sim.cni import Plugin
from tui.sim.model.cluster import Cluster
from tui.sim.model.settings import ProxySettings
from tui.store.cache import remembered


def cluster_in(file: Path) -> Cluster:
    """The cluster of a lesson. Raises FormatError."""

    def read() -> Cluster:
        from tui.formats.cluster import load_cluster

        return load_cluster(str(file)).cluster

    return remembered("cluster", _content(file), read)


def settings_in(file: Path) -> ProxySettings:
    """The kube-proxy settings of a lesson. Raises FormatError."""

    def read() -> ProxySettings:
        from tui.formats.kube_proxy_config import load_kube_proxy_config

        return load_kube_proxy_config(str(file)).settings

    return remembered("settings", _content(file), read)


def plugin_in(file: Path) -> Plugin:
    """The CNI plugin that a file of a lesson sets up. Raises FormatError."""
    from tui.formats.cni import load_plugin

    return load_plugin(str(file)).plugin


def _content(file: Path) -> tuple[bytes, ...]:
    """A file that cannot be read has a name only; who reads it says what is wrong."""
    try:
        return str(file).encode(), file.read_bytes()
    except OSError:
        return (str(file).encode(),)
