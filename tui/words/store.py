"""Why progress is not being saved."""

from __future__ import annotations

from collections.abc import Mapping

from tui.store.progress import TroubleCode
from tui.words.language import _

TROUBLES: Mapping[TroubleCode, str] = {
    TroubleCode.READ_ONLY: _(
        "Progress was read but cannot be saved: {file} cannot be written ({detail})."
    ),
    TroubleCode.BROKEN: _(
        "Progress is kept only until you quit: {file} cannot be used as a progress file ({detail})."
    ),
    TroubleCode.NEWER: _(
        "Progress is kept only until you quit: a newer k8snet-tui wrote {file} ({detail})."
    ),
    TroubleCode.LOST: _(
        "From here on progress is kept only until you quit: {file} could not be written ({detail})."
    ),
}
"""One sentence each."""
