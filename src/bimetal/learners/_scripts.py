"""Scripts written without spaces between words, where characters must do what words do elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bimetal.writing.scripts import SPACELESS

LETTER = re.compile(r"[^\W\d_]")


def mostly_spaceless(texts: Sequence[str]) -> bool:
    """Say whether most letters of some texts are Thai, Lao, Burmese, Khmer, Chinese or Japanese.

    >>> mostly_spaceless(["ฉันทำบัตรหาย"]), mostly_spaceless(["my 卡 is lost"])
    (True, False)
    """
    spaceless = sum(len(SPACELESS.findall(text)) for text in texts)
    spaced = sum(len(LETTER.findall(SPACELESS.sub("", text))) for text in texts)
    return spaceless > spaced
