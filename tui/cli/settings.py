"""The world that the options describe: files are read, names are checked."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Sequence
from os.path import exists, isdir
from pathlib import Path

from tui.cli import UsageError
from tui.cli.config import config, config_file
from tui.cli.streams import tell
from tui.course.catalogue import lessons_root, load_course
from tui.course.lesson import Course
from tui.course.shipped import cluster_in, settings_in
from tui.sim.cni import PLUGINS, Plugin
from tui.sim.engine import World
from tui.sim.model.address import Family
from tui.sim.model.cluster import Cluster
from tui.sim.model.settings import ProxyMode, ProxySettings
from tui.sim.model.shown import shown, some_of
from tui.sim.model.value import replace
from tui.store.preference import chosen_language
from tui.words import languages, preferred, use

_MOST_NOTES = 50
"""Notes of one kind that are told one by one."""
_DEFAULT_PLUGIN = "flannel"
_DEMO = ("demo/cluster.yaml", "demo/kube-proxy.yaml")


def world_of(asked: Namespace) -> World:
    """The world of a command's options; what had to be filled in is told on stderr.

    Raises UsageError, FormatError or NotBuiltError.
    """
    own = _configured(asked)
    cni = plugin_named(asked.cni or (own.name if own is not None else _DEFAULT_PLUGIN))
    world = World(_cluster(asked), _proxy(asked), cni, configured=own)
    _node_exists(world, asked.node)
    if asked.cluster is not None or asked.kube_proxy_config is not None or world.waiting:
        _tell_mismatches(world)
    return world


def _tell_mismatches(world: World) -> None:
    """What does not fit is no mistake of the command line: kube-proxy has a way with it."""
    from tui.sim.mismatches import mismatches

    words = use()
    _tell_some(
        [words.misfit(each) for each in mismatches(world.cluster, world.proxy, world.waiting)]
    )


def _tell_some(notes: Sequence[str]) -> None:
    for note in notes[:_MOST_NOTES]:
        tell(f"note: {note}")
    if len(notes) > _MOST_NOTES:
        tell(f"note: and {len(notes) - _MOST_NOTES:,} more notes of this kind")


def _cluster(asked: Namespace) -> Cluster:
    if asked.cluster is None:
        return cluster_in(lessons_root() / _DEMO[0])
    from tui.formats.cluster import load_cluster

    loaded = load_cluster(asked.cluster)
    _tell_some(loaded.notes)
    return loaded.cluster


def _proxy(asked: Namespace) -> ProxySettings:
    """The file that was named; for the demo cluster its own; else kube-proxy's defaults."""
    settings = ProxySettings()
    if asked.kube_proxy_config is not None:
        from tui.formats.kube_proxy_config import load_kube_proxy_config

        loaded = load_kube_proxy_config(asked.kube_proxy_config)
        _tell_some(loaded.notes)
        settings = loaded.settings
    elif asked.cluster is None:
        settings = settings_in(lessons_root() / _DEMO[1])
    if asked.proxy_mode is not None:
        settings = replace(settings, mode=mode_named(asked.proxy_mode))
    return settings


def _configured(asked: Namespace) -> Plugin | None:
    """The plugin whose settings were given. Raises UsageError if another one is asked for."""
    if asked.cni_config is None:
        return None
    from tui.formats.cni import load_plugin

    loaded = load_plugin(asked.cni_config)
    _tell_some(loaded.notes)
    if asked.cni not in (None, loaded.plugin.name):
        raise UsageError(
            f"--cni {shown(asked.cni)}: {asked.cni_config} sets up {loaded.plugin.name}"
        )
    return loaded.plugin


def mode_named(text: str) -> ProxyMode:
    """A kube-proxy mode by its name. Raises UsageError."""
    try:
        return ProxyMode(text)
    except ValueError:
        known = ", ".join(ProxyMode)
        raise UsageError(f"--proxy-mode {shown(text)}: expected one of {known}") from None


def plugin_named(text: str) -> str:
    """A CNI plugin's name, if there is such a plugin. Raises UsageError."""
    if text in PLUGINS:
        return text
    raise UsageError(f"--cni {shown(text)}: expected one of {', '.join(PLUGINS)}")


def family_named(text: str | None) -> Family | None:
    """`ipv4` or `ipv6`."""
    return None if text is None else Family.IPV4 if text == "ipv4" else Family.IPV6


def course_of(asked: Namespace) -> Course:
    """The course that ships, or the one whose folder was given. Raises UsageError, CourseError.

    In a workshop all have the one that was read when it began.
    """
    lang = language_of(asked)
    shared: Course | None = getattr(asked, "courses", {}).get(lang)
    if shared is not None:
        return shared
    own = asked.course_folder
    root = folder_of(own, "--lessons") if own is not None else None
    return load_course(root, lang)


def folder_of(name: str, what: str) -> Path:
    """A folder that is there. Raises UsageError."""
    expected = "expected the folder of a course, with course.toml in it"
    if not name:
        raise UsageError(f"{what} '': {expected}")
    if not isdir(name):
        found = "found a file" if exists(name) else "there is none"
        raise UsageError(f"{what} {shown(name)}: {expected}; {found}")
    return Path(name)


def language_of(asked: Namespace) -> str:
    """The language: by option, by configuration, as last chosen, else the environment's.

    Raises UsageError.
    """
    known = languages()
    if asked.lang is not None:
        return _known_language("--lang", asked.lang, known)
    own = config()
    if own.lang is not None:
        return _known_language(f"{config_file()}: lang", own.lang, known)
    chosen = chosen_language()
    return chosen if chosen in known else preferred(os.environ, known)


def _known_language(where: str, lang: str, known: tuple[str, ...]) -> str:
    if lang in known:
        return lang
    raise UsageError(f"{where} {shown(lang)}: expected one of {', '.join(known)}")


def _node_exists(world: World, name: str | None) -> None:
    if name is not None and world.cluster.node(name) is None:
        known = some_of(node.name for node in world.cluster.nodes)
        raise UsageError(f"--node {shown(name)}: there is no such node; the cluster has: {known}")
