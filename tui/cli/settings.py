"""The world that the options describe: files are read, names are checked."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

from tui.cli import UsageError
from tui.course.catalogue import lessons_root
from tui.course.shipped import cluster_in, settings_in
from tui.sim.engine import World
from tui.sim.model.address import Family
from tui.sim.model.cluster import Cluster
from tui.sim.model.settings import ProxyMode, ProxySettings
from tui.sim.model.value import replace
from tui.words import languages, preferred, use

_DEMO = ("demo/cluster.yaml", "demo/kube-proxy.yaml")


def world_of(asked: Namespace) -> World:
    """The world of a command's options; what had to be filled in is told on stderr.

    Raises UsageError, FormatError or NotBuiltError.
    """
    world = World(_cluster(asked), _proxy(asked), asked.cni or "flannel")
    _node_exists(world, asked.node)
    if asked.cluster is not None or asked.kube_proxy_config is not None:
        _tell_mismatches(world)
    return world


def _tell_mismatches(world: World) -> None:
    """What does not fit is no mistake of the command line: kube-proxy has a way with it."""
    from tui.sim.mismatches import mismatches

    words = use()
    for each in mismatches(world.cluster, world.proxy):
        print(f"note: {words.misfit(each)}", file=sys.stderr)


def _cluster(asked: Namespace) -> Cluster:
    if asked.cluster is None:
        return cluster_in(lessons_root() / _DEMO[0])
    from tui.formats.cluster import load_cluster

    loaded = load_cluster(asked.cluster)
    for note in loaded.notes:
        print(f"note: {note}", file=sys.stderr)
    return loaded.cluster


def _proxy(asked: Namespace) -> ProxySettings:
    """The file that was named; for the demo cluster its own; else kube-proxy's defaults."""
    settings = ProxySettings()
    if asked.kube_proxy_config is not None:
        from tui.formats.kube_proxy_config import load_kube_proxy_config

        settings = load_kube_proxy_config(asked.kube_proxy_config)
    elif asked.cluster is None:
        settings = settings_in(lessons_root() / _DEMO[1])
    if asked.proxy_mode is not None:
        settings = replace(settings, mode=mode_named(asked.proxy_mode))
    return settings


def mode_named(text: str) -> ProxyMode:
    """A kube-proxy mode by its name. Raises UsageError."""
    try:
        return ProxyMode(text)
    except ValueError:
        known = ", ".join(ProxyMode)
        raise UsageError(f"--proxy-mode {text}: expected one of {known}") from None


def family_named(text: str | None) -> Family | None:
    """`ipv4` or `ipv6`."""
    return None if text is None else Family.IPV4 if text == "ipv4" else Family.IPV6


def language_of(asked: Namespace) -> str:
    """The language asked for, else that of the environment. Raises UsageError."""
    known = languages()
    if asked.lang is None:
        return preferred(os.environ, known)
    if asked.lang not in known:
        raise UsageError(f"--lang {asked.lang}: expected one of {', '.join(known)}")
    return str(asked.lang)


def _node_exists(world: World, name: str | None) -> None:
    if name is not None and world.cluster.node(name) is None:
        known = ", ".join(node.name for node in world.cluster.nodes) or "none"
        raise UsageError(f"--node {name}: there is no such node; the cluster has: {known}")
