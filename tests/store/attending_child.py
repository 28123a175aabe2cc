"""Adds learners to a class and records what they do: for a test in which several processes do."""

import sys
from pathlib import Path

from tui.store.workshop import NameTaken
from tui.store.workshop_sqlite import SqliteWorkshop
from tui.workshop.messages import Visited


def main() -> None:
    """Add so many learners, half of whom others add too; print the names that were free."""
    file, prefix, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    store = SqliteWorkshop(file)
    for number in range(count):
        name = f"shared {number}" if number % 2 else f"{prefix} {number}"
        try:
            added = store.add(name, 1.0, key=f"SHA256:{prefix}-{number}")
        except NameTaken:
            continue
        store.record(added.id, Visited(lesson=prefix, step=str(number)), float(number))
        print(name, flush=True)
    if store.trouble is not None:
        print(f"trouble {store.trouble}", file=sys.stderr)
    store.close()


if __name__ == "__main__":
    main()
