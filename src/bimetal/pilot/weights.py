"""What one synthetic row should weigh beside one human label: the effective-sample law, with a stated prior."""

PRIOR_KAPPA = 0.5  # worth of one synthetic item in human labels before anything is measured
PRIOR_CEILING = 150.0  # most human labels that any number of synthetic items can replace


def synthetic_weight(m: int, kappa: float = PRIOR_KAPPA, ceiling: float = PRIOR_CEILING) -> float:
    """Weigh each of m synthetic rows so that together they count as s(m) human labels, 1/s = 1/(kappa m) + 1/ceiling.

    Beside human labels at weight 1 this is the inverse-variance weighting of an unbiased mean with a biased mean of
    m items; it does not depend on how many human labels there are.

    >>> round(synthetic_weight(200), 2), round(synthetic_weight(4000), 3)
    (0.3, 0.035)
    """
    return 1 / (1 / kappa + m / ceiling)
