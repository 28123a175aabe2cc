"""`python -m tui.cli` is the command too."""

import sys

from tui.cli import main

sys.exit(main())
