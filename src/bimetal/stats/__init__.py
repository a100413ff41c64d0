"""Numeric kernels of every measured claim: arrays in, numbers with their bounds out."""

from bimetal.stats.clusters import clustered, time_blocks
from bimetal.stats.crossed_effects import Effects, crossed_effects
from bimetal.stats.curves import Saving, curve, saving
from bimetal.stats.intervals import crossed, crossed_difference, seed_t, wilson
from bimetal.stats.mode_collapse import Coverage, tail_coverage, within_mode_shrink
from bimetal.stats.noninferiority import Comparison, difference_test
from bimetal.stats.paired import benjamini_hochberg, holm, mcnemar
from bimetal.stats.power import items_needed, smallest_difference, smallest_mean_difference
from bimetal.stats.prediction_powered import (
    prediction_powered_mean,
    stratified_prediction_powered_mean,
    tuned_lambda,
)
from bimetal.stats.shares import amplification, share_ratio
from bimetal.stats.stopping import kappa, stabilised
from bimetal.stats.tolerance import share_covered, upper_tolerance
from bimetal.stats.two_sample import Shift, categorical_shift, numeric_shift
from bimetal.stats.two_sample_rows import classifier_two_sample

__all__ = [
    "Comparison",
    "Coverage",
    "Effects",
    "Saving",
    "Shift",
    "amplification",
    "benjamini_hochberg",
    "categorical_shift",
    "classifier_two_sample",
    "clustered",
    "crossed",
    "crossed_difference",
    "crossed_effects",
    "curve",
    "difference_test",
    "holm",
    "items_needed",
    "kappa",
    "mcnemar",
    "numeric_shift",
    "prediction_powered_mean",
    "saving",
    "seed_t",
    "share_covered",
    "share_ratio",
    "smallest_difference",
    "smallest_mean_difference",
    "stabilised",
    "stratified_prediction_powered_mean",
    "tail_coverage",
    "time_blocks",
    "tuned_lambda",
    "upper_tolerance",
    "wilson",
    "within_mode_shrink",
]
