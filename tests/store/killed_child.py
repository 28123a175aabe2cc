"""Writes progress step by step, and says so after each: for a test that kills it."""

import sys
from pathlib import Path

from tui.store.progress import Place
from tui.store.sqlite import SqliteProgress


def main() -> None:
    """Go on from the last number, until killed."""
    store = SqliteProgress(Path(sys.argv[1]))
    if store.trouble is not None:
        print(f"trouble {store.trouble}", flush=True)
        return
    number = int(sys.argv[2])
    while True:
        number += 1
        place = Place("lesson", f"step-{number}")
        store.visit(place, float(number))
        store.answer(place, "yes", right=True, at=float(number))
        store.finish(place, float(number))
        print(number, flush=True)


if __name__ == "__main__":
    main()
