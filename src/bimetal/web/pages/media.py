"""Pictures and sounds of items, to those who hold the item or oversee the work, as nothing a browser would run."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from bimetal.programme import people
from bimetal.programme.work.shown import media
from bimetal.store import queue
from bimetal.web.attempts import noted
from bimetal.web.door import Ask, page

_HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox",
    "cache-control": "private, max-age=3600",
    "vary": "cookie, authorization",  # once logged out, the same browser asks again and is refused
}


@page()
def show(ask: Ask) -> Response:
    """Give the bytes of one column of an item: by the lease one holds, or by job and item to who oversees the work."""
    with ask.programme.state.read() as connection:
        if lease := ask.query("lease"):
            with noted(ask, lease):
                job, item = queue.leased(connection, queue.Rater(ask.person.id), lease)
        else:
            people.require(ask.person.role, "read answers")
            job, item = queue.read_job(connection, ask.query("job")), ask.query("item")
    encoded, kind = media(ask.programme, job, item, ask.query("column"))
    return Response(encoded, media_type=kind, headers=_HEADERS)


ROUTES = [Route("/media", show)]
