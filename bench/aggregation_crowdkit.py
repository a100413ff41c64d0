"""crowd-kit on the same answers, in an interpreter of its own; bench/aggregation.py starts it and reads its JSON.

Run: python bench/aggregation_crowdkit.py speed|small|labels|reordered ANSWERS.parquet
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

pandas, crowd = import_module("pandas"), import_module("crowdkit.aggregation")
NEVER = -1e9  # a tolerance no step falls short of
METHODS = {
    "majority": crowd.MajorityVote,
    "dawid_skene": crowd.DawidSkene,
    "mace": lambda: crowd.MACE(n_restarts=1),  # its restarts all begin alike
    "glad": crowd.GLAD,
}


def main() -> None:
    warnings.simplefilter("ignore")
    what, path, *rest = sys.argv[1:]
    answers = pandas.read_parquet(path)
    measures: dict[str, Callable[..., dict[str, Any]]] = {
        "speed": speed,
        "small": small,
        "labels": labels,
        "reordered": reordered,
    }
    found = measures[what](answers, *rest)
    print(json.dumps({"version": import_module("importlib.metadata").version("crowd-kit"), **found}))


def speed(answers: Any) -> dict[str, float]:
    """CPU seconds on codes, and end to end from strings."""
    coded = answers.apply(lambda column: column.astype("category").cat.codes.astype("int64"))
    return {
        "majority": cpu(lambda: crowd.MajorityVote().fit_predict(coded)),
        "dawid_skene step": a_step(lambda steps: crowd.DawidSkene(n_iter=steps, tol=NEVER).fit_predict(coded)),
        "mace step": a_step(lambda steps: crowd.MACE(n_restarts=1, n_iter=steps).fit_predict(coded)),
        "majority from strings": cpu(lambda: crowd.MajorityVote().fit_predict(answers)),
        "dawid_skene from strings": cpu(lambda: crowd.DawidSkene().fit_predict(answers)),
    }


def small(answers: Any) -> dict[str, float]:
    """GLAD is too slow for more than a small part: CPU seconds of a single EM step."""
    return {"glad step": cpu(lambda: crowd.GLAD(n_iter=1).fit_predict(answers))}


def labels(answers: Any, method: str) -> dict[str, Any]:
    """One method's label of every item."""
    return {"labels": METHODS[method]().fit_predict(answers).to_dict()}


def reordered(answers: Any) -> dict[str, Any]:
    """MACE with rows and codes in an order in which its look-ups and its sums by name agree: order of first sight."""
    answers = answers.sort_values(["task", "worker"])
    codes, names = pandas.factorize(answers["label"])
    seen = answers.assign(label=codes, **{name: pandas.factorize(answers[name])[0] for name in ("task", "worker")})
    items = pandas.unique(answers["task"])
    found = METHODS["mace"]().fit_predict(seen)
    return {"labels": {items[item]: names[label] for item, label in found.items()}}


def a_step(run: Callable[[int], object]) -> float:
    return (cpu(lambda: run(4)) - cpu(lambda: run(1))) / 3


def cpu(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


if __name__ == "__main__":
    main()
