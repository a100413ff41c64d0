"""What one synthetic row should weigh beside one human label: the effective-sample law, with a stated prior."""

PRIOR_KAPPA = 0.5  # worth of one synthetic item in human labels before anything is measured
PRIOR_CEILING = 150.0  # most human labels that any number of synthetic items can replace


def synthetic_weight(n: int, m: int, kappa: float = PRIOR_KAPPA, ceiling: float = PRIOR_CEILING) -> float:
    """Weigh each of m synthetic rows so that together they count as s(m) human labels, 1/s = 1/(kappa m) + 1/ceiling.

    With n human labels at weight 1 this is the inverse-variance weighting of an unbiased mean of n items with a
    biased mean of m; it does not depend on n.

    >>> round(synthetic_weight(20, 200), 2), round(synthetic_weight(400, 4000), 3)
    (0.3, 0.035)
    """
    s = 1 / (1 / (kappa * m) + 1 / ceiling)
    return s / m
