"""Install the package beside this file into a folder, as an installer would: the module and its entry points."""

import shutil
import sys
from pathlib import Path


def install(site: Path) -> None:
    """Put the module and its entry points where an interpreter finds them."""
    facts = site / "bimetal_coins-1.0.dist-info"
    facts.mkdir(parents=True)
    shutil.copy(Path(__file__).parent / "coins.py", site)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: bimetal-coins\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[bimetal.generators]\ncoins = coins:Coins\n")


if __name__ == "__main__":
    install(Path(sys.argv[1]))
