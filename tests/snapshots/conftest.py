"""Every test here is about one scene in one language."""

import pytest

from tests.snapshots.hangul import HANGUL
from tests.snapshots.scenes import SCENES
from tests.snapshots.stage import LANGUAGES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One process takes the pictures of a scene for all its tests."""
    if {"scene", "lang"} <= set(metafunc.fixturenames):
        metafunc.parametrize(
            ("scene", "lang"),
            [
                pytest.param(
                    scene,
                    lang,
                    id=f"{scene.name}-{lang}",
                    marks=[
                        pytest.mark.xdist_group(f"{scene.name}-{lang}"),
                        *([pytest.mark.slow] if lang == HANGUL else []),
                    ],
                )
                for lang in LANGUAGES
                for scene in SCENES
            ],
        )
