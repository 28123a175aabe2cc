"""What a learner has done, kept between sessions. `tui.store.sqlite` is the file behind it."""

from tui.store.progress import Answer, Place, ProgressStore, Trouble, TroubleCode

__all__ = ["Answer", "Place", "ProgressStore", "Trouble", "TroubleCode"]
