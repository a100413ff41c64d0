"""Take the pictures of docs/gallery.md, one file a generator: `.venv/bin/python scripts/gallery [NAME...]`, or all."""

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "docs" / "gallery"
LARGEST = 150_000  # bytes
SHARED = {"__main__", "hearing", "paper", "wine"}


def main():
    """Draw the pictures named and say how large each is."""
    sys.path.insert(0, str(HERE.parent))
    FOLDER.mkdir(exist_ok=True)
    known = sorted(each.stem for each in HERE.glob("*.py") if each.stem not in SHARED)
    for name in sys.argv[1:] or known:
        path = FOLDER / f"{name}.png"
        importlib.import_module(f"gallery.{name}").picture().save(path, optimize=True)
        print(f"{path.name}: {path.stat().st_size:,} bytes")
        if path.stat().st_size > LARGEST:
            sys.exit(f"{path.name} is larger than {LARGEST:,} bytes: fewer colours or pixels")


if __name__ == "__main__":
    main()
