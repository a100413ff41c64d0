"""Numeric kernels of every measured claim: arrays in, numbers with their bounds out."""

from bimetal.stats.crossed_effects import Effects, crossed_effects
from bimetal.stats.curves import Saving, curve, saving
from bimetal.stats.intervals import crossed, crossed_difference, seed_t, wilson
from bimetal.stats.mode_collapse import Coverage, tail_coverage, within_mode_shrink
from bimetal.stats.paired import benjamini_hochberg, holm, mcnemar
from bimetal.stats.shares import amplification, share_ratio
from bimetal.stats.two_sample import Shift, categorical_shift, numeric_shift
from bimetal.stats.two_sample_rows import classifier_two_sample

__all__ = [
    "Coverage",
    "Effects",
    "Saving",
    "Shift",
    "amplification",
    "benjamini_hochberg",
    "categorical_shift",
    "classifier_two_sample",
    "crossed",
    "crossed_difference",
    "crossed_effects",
    "curve",
    "holm",
    "mcnemar",
    "numeric_shift",
    "saving",
    "seed_t",
    "share_ratio",
    "tail_coverage",
    "wilson",
    "within_mode_shrink",
]
