"""The queue: jobs made of items, leases that put them in people's hands, answers that are kept for good.

Every verb runs inside an act of `State.write`, or a reader's connection, so that what is logged commits with it.
SQLite and PostgreSQL admit one writer at a time there, hence no two leases race for an item.
"""

from bimetal.annotation.assignment import Job, Rater
from bimetal.store.queue.answering import Receipt, Submission, submit
from bimetal.store.queue.bringing import bring
from bimetal.store.queue.holding import LASTING, Lease, release, renew, take_back
from bimetal.store.queue.jobs import Item, add_items, adjudication_of, close_job, open_job, read_job, read_jobs, reopen
from bimetal.store.queue.leasing import lease
from bimetal.store.queue.reading import After, Held, Progress, counts, history, leased, look, page, progress

__all__ = [
    "LASTING",
    "After",
    "Held",
    "Item",
    "Job",
    "Lease",
    "Progress",
    "Rater",
    "Receipt",
    "Submission",
    "add_items",
    "adjudication_of",
    "bring",
    "close_job",
    "counts",
    "history",
    "lease",
    "leased",
    "look",
    "open_job",
    "page",
    "progress",
    "read_job",
    "read_jobs",
    "release",
    "renew",
    "reopen",
    "submit",
    "take_back",
]
