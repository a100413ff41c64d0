"""The folder of these tests on the import path, for the exchanges they share."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
