"""A specification drawn offline as inline SVG: no script, colours that follow the page, ids that never collide."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal

from bimetal.canonical import Json, digest
from bimetal.report.palette import variables

# what XML 1.0 cannot hold; the renderer ends the whole process when it meets one
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg(spec: Mapping[str, Json], name: str = "") -> str:
    """Draw a Vega-Lite specification; ids inside begin with `name`, by default with the specification's digest.

    Colours become CSS variables (`palette.css` declares them) that fall back to the light ones where a page has none.
    Nothing is fetched: a specification that names an address is refused by the renderer with ValueError.

    >>> from bimetal.report.charts import Share, stacked_share, svg
    >>> svg(stacked_share([Share("now", [("human", 1)])]), "mix")[:60]
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 106'
    """
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(_written(spec), allowed_base_urls=[])
    root, _, inside = drawn.partition(">")
    inside = re.sub(
        r"<[a-zA-Z][^>]*>", lambda tag: variables(tag.group()), _own_ids(inside, name or f"v{digest(spec)[:8]}")
    )
    width, height = re.findall(r' (?:width|height)="([\d.]+)"', root)[:2]
    label = escape(writable(": ".join(filter(None, (_title(spec), str(spec.get("description", "")))))))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{label}"><desc>{label}</desc>{inside}'
    )


def writable(text: str) -> str:
    r"""Replace characters no XML or HTML file can hold (controls, lone surrogates) by the replacement character.

    >>> writable("a\x1b[2J") == "a\ufffd[2J"
    True
    """
    return _UNWRITABLE.sub("\ufffd", text)


def table_of(spec: Mapping[str, Json]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the header and rows of the numbers a chart was drawn from; both empty where it carries none."""
    carried: Any = spec.get("usermeta") or {}
    return tuple(carried.get("header", ())), tuple(tuple(row) for row in carried.get("rows", ()))


def sides_of(spec: Mapping[str, Json]) -> tuple[Literal["left", "right"], ...]:
    """Return the side of each column of a chart's table: the first left, numbers right, words left."""
    carried: Any = spec.get("usermeta") or {}
    rest: Literal["left", "right"] = "left" if carried.get("prose") else "right"
    return ("left", *[rest] * (len(carried.get("header", ())) - 1))


def _written(value: Json) -> Any:
    if isinstance(value, str):
        return writable(value)
    if isinstance(value, Mapping):
        return {writable(key): _written(each) for key, each in value.items()}
    return [_written(each) for each in value] if isinstance(value, Sequence) else value


def _title(spec: Mapping[str, Json]) -> str:
    carried: Any = spec.get("usermeta") or {}
    return str(carried.get("title", ""))


def _own_ids(drawn: str, name: str) -> str:
    """Number ids from 1 under this drawing's name: the renderer counts on from one drawing to the next."""
    for k, old in enumerate(re.findall(r'<(?:clipPath|linearGradient|radialGradient) id="([^"]+)"', drawn), 1):
        drawn = drawn.replace(f'id="{old}"', f'id="{name}-{k}"').replace(f"url(#{old})", f"url(#{name}-{k})")
    return drawn
