"""A specification drawn offline as inline SVG: no script, colours that follow the page, ids that never collide."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from bimetal.canonical import Json, digest
from bimetal.report.palette import variables


def svg(spec: Mapping[str, Json], name: str = "") -> str:
    """Draw a Vega-Lite specification; ids inside begin with `name`, by default with the specification's digest.

    Colours become CSS variables (`palette.css` declares them) that fall back to the light ones where a page has none.
    Nothing is fetched: a specification that names an address is refused by the renderer with ValueError.

    >>> from bimetal.report.charts import Share, stacked_share, svg
    >>> svg(stacked_share([Share("now", [("human", 1)])]), "mix")[:60]
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 113'
    """
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(dict(spec), allowed_base_urls=[])
    root, _, inside = drawn.partition(">")
    inside = re.sub(
        r"<[a-zA-Z][^>]*>", lambda tag: variables(tag.group()), _own_ids(inside, name or f"v{digest(spec)[:8]}")
    )
    width, height = re.findall(r' (?:width|height)="([\d.]+)"', root)[:2]
    label = escape(": ".join(filter(None, (_title(spec), str(spec.get("description", ""))))))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{label}"><desc>{label}</desc>{inside}'
    )


def table_of(spec: Mapping[str, Json]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the header and rows of the numbers a chart was drawn from; both empty where it carries none."""
    carried: Any = spec.get("usermeta") or {}
    return tuple(carried.get("header", ())), tuple(tuple(row) for row in carried.get("rows", ()))


def _title(spec: Mapping[str, Json]) -> str:
    carried: Any = spec.get("usermeta") or {}
    return str(carried.get("title", ""))


def _own_ids(drawn: str, name: str) -> str:
    """Number ids from 1 under this drawing's name: the renderer counts on from one drawing to the next."""
    for k, old in enumerate(re.findall(r'<(?:clipPath|linearGradient|radialGradient) id="([^"]+)"', drawn), 1):
        drawn = drawn.replace(f'id="{old}"', f'id="{name}-{k}"').replace(f"url(#{old})", f"url(#{name}-{k})")
    return drawn
