"""Every test here is about one scene, most about each of its languages."""

import pytest
from _pytest.mark.structures import ParameterSet

from tests.snapshots.scenes import SCENES, SPOKEN, Scene
from tests.snapshots.stage import LANGUAGES
from tui.words.language import ENGLISH


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Scenes by language; what has to do with no language is looked at in English.

    `lang` is any language, the made-up one among them; `spoken` one that the program speaks.
    """
    for name, languages in (("lang", LANGUAGES), ("spoken", SPOKEN)):
        if name in metafunc.fixturenames:
            cases = [_case(scene, lang, scene, lang) for lang in languages for scene in SCENES]
            metafunc.parametrize(("scene", name), cases)
            return
    if "scene" in metafunc.fixturenames:
        metafunc.parametrize("scene", [_case(scene, ENGLISH, scene) for scene in SCENES])


def _case(scene: Scene, lang: str, *values: object) -> ParameterSet:
    """One process takes the pictures of a scene for all its tests."""
    name = f"{scene.name}-{lang}"
    marks = [pytest.mark.xdist_group(name), *([pytest.mark.slow] if lang != ENGLISH else [])]
    return pytest.param(*values, id=name, marks=marks)
