"""bimetal decide: the six answers in, the decision record out."""

from __future__ import annotations

from bimetal.cli._screen import HERE, AsJson, Folder, emit, say

EXAMPLE = "bimetal decide --dir claims --json"


def command(folder: Folder = HERE, as_json: AsJson = False) -> None:
    """Recommend generating, annotating, or both. Every reason is given; the record enters the log."""
    from bimetal.programme import opened
    from bimetal.programme.deciding import decide_programme, record_json, record_lines

    with opened(folder) as programme:
        record = decide_programme(programme)
    if as_json:
        emit(record_json(record))
        return
    for line in record_lines(record):
        say(line)
