"""Learners of one's own, as somebody outside would write them, right and wrong."""

import numpy as np

from bimetal.learners.linear import Linear


class Centroids:
    def __init__(self, classes, centres):
        self.classes_, self.centres = classes, centres

    def predict_proba(self, rows):
        near = np.exp(-((rows[:, None] - self.centres[None]) ** 2).sum(axis=2))
        return near / near.sum(axis=1, keepdims=True)


def nearest(x, y, weight, pool, rng):
    """Weighted class means, in an order of classes that is not the sorted one."""
    classes = np.unique(y)[::-1]
    return Centroids(
        classes, np.stack([np.average(x[y == each], axis=0, weights=weight[y == each]) for each in classes])
    )


class Plain:
    def __init__(self, scores):
        self.scores = scores

    def predict_proba(self, rows):
        return np.full((rows.shape[0], len(self.scores)), self.scores)


def two_columns(x, y, weight, pool, rng):
    return Plain([0.5, 0.5])


def no_probabilities(x, y, weight, pool, rng):
    return Plain([0.5, 0.5, 0.5])


def not_finite(x, y, weight, pool, rng):
    return Plain([np.nan, 0.5, 0.5])


def half_of_the_classes(x, y, weight, pool, rng):
    return Centroids(np.unique(y)[:1], x[:1])


def nothing(x, y, weight, pool, rng):
    return None


def too_few(x, y):
    return nearest(x, y, np.ones(len(y)), None, None)


def rows(train, weight, unlabelled, rng):
    return Linear()(train, weight, unlabelled, rng)


def no_model(train, weight, unlabelled, rng):
    return Plain([1.0])


shared = Linear(C=0.1)
CONSTANT = 3
