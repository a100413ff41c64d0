"""Scripts written without spaces between words, where characters must do what words do elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"  # kana, Han
)
LETTER = re.compile(r"[^\W\d_]")


def mostly_spaceless(texts: Sequence[str]) -> bool:
    """Say whether most letters of some texts are Thai, Lao, Burmese, Khmer, Chinese or Japanese.

    >>> mostly_spaceless(["ฉันทำบัตรหาย"]), mostly_spaceless(["my 卡 is lost"])
    (True, False)
    """
    spaceless = sum(len(SPACELESS.findall(text)) for text in texts)
    spaced = sum(len(LETTER.findall(SPACELESS.sub("", text))) for text in texts)
    return spaceless > spaced
