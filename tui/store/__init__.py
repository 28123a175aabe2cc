"""What a learner has done, kept between sessions. `tui.store.sqlite` is the file behind it."""

from tui.store.progress import Answer, History, Place, ProgressStore, Trouble, TroubleCode

__all__ = ["Answer", "History", "Place", "ProgressStore", "Trouble", "TroubleCode"]
