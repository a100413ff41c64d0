"""The picture of `smote`: a rare class, and rows made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gallery._rare import drawn

if TYPE_CHECKING:
    from PIL import Image


def picture() -> Image.Image:
    """Plot the rare rows it learned from beside those it made."""
    return drawn("smote", {})
