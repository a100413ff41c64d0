"""What stands behind a generator's doors: model endpoints, programs on this machine, and sealed noise."""

from bimetal.endpoints.budget import Budget
from bimetal.endpoints.endpoint import Endpoint
from bimetal.endpoints.ledger import Ledger, Record, Totals, recorded, records, totals

__all__ = ["Budget", "Endpoint", "Ledger", "Record", "Totals", "recorded", "records", "totals"]
