"""Production windows: what has drifted, what people should look at, where the generator should work."""

from bimetal.monitor.drift import drift
from bimetal.monitor.route import SliceAccuracy, route, targets, weak_slices

__all__ = ["SliceAccuracy", "drift", "route", "targets", "weak_slices"]
