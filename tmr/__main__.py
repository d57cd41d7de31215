"""``python -m tmr`` is ``tmr``."""

import sys

from tmr.cli import main

sys.exit(main())
