"""One whole programme on real data, from the six questions to the report."""

from bimetal.programme.demo.outcome import Outcome
from bimetal.programme.demo.run import run_demo

__all__ = ["Outcome", "run_demo"]
