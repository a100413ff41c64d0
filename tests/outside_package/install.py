"""Install the package beside this file into a folder, as an installer would: the module and its entry points."""

import shutil
import sys
from pathlib import Path

site = Path(sys.argv[1])
facts = site / "bimetal_coins-1.0.dist-info"
facts.mkdir(parents=True)
shutil.copy(Path(__file__).parent / "coins.py", site)
(facts / "METADATA").write_text("Metadata-Version: 2.1\nName: bimetal-coins\nVersion: 1.0\n")
(facts / "entry_points.txt").write_text("[bimetal.generators]\ncoins = coins:Coins\n")
