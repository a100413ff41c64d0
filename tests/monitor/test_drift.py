"""Drift is found in the window and in the slice where it happens, and stationary windows stay quiet."""

import numpy as np
import pyarrow as pa

from bimetal.monitor import drift


def window(seed, n=400, shift=0.0, sites=("north", "south", "west")):
    rng = np.random.default_rng(seed)
    site = rng.choice(sites, n)
    amount = rng.normal(0, 1, n) + shift * (site == "west")
    return pa.table(
        {"amount": amount, "hour": rng.integers(0, 24, n), "site": site.tolist(), "label": pa.nulls(n, pa.string())}
    )


def verdicts(findings):
    return {each.where: each.verdict for each in findings}


def test_drift_in_one_slice_is_placed_there():
    found = drift(window(0, 900), window(1, 900, shift=1.5), np.random.default_rng(0), ("site",))
    said = verdicts(found)
    assert said["site=west, amount"] == "fail"
    elsewhere = {where: verdict for where, verdict in said.items() if "amount" not in where and where != "overall"}
    assert "fail" not in elsewhere.values()
    assert said["site=north, amount"] == said["site=south, amount"] == "pass"
    assert said["amount"] in {"warn", "fail"}
    assert {each.check for each in found} == {"drift"}
    message = next(each.message for each in found if each.where == "site=west, amount")
    assert message.startswith("the production rows have higher 'amount' than the reference rows")


def test_a_slice_column_is_no_payload_without_naming_it():
    assert not any(
        "site" in where
        for where in verdicts(drift(window(0), window(1), np.random.default_rng(0), ("site",)))
        if "=" not in where
    )


def test_a_new_slice_is_skipped_with_a_remedy():
    found = drift(window(0, sites=("north",)), window(1), np.random.default_rng(0), ("site",))
    west = next(each for each in found if each.where == "site=west")
    assert west.verdict == "skip"
    assert west.remedy


def test_slices_nobody_has_and_empty_windows_give_findings():
    assert verdicts(drift(window(0), window(1), np.random.default_rng(0), ("planet",)))["amount"] == "pass"
    assert verdicts(drift(window(0), window(1).slice(0, 0), np.random.default_rng(0), ("site",))) == {"": "skip"}


def test_stationary_windows_raise_few_alarms():
    alarms = 0
    for seed in range(8):
        found = drift(window(seed, 240), window(1000 + seed, 240), np.random.default_rng(seed), ("site",))
        alarms += any(each.verdict in {"warn", "fail"} for each in found if not each.where.endswith("overall"))
    assert alarms <= 2  # .05 for all columns of all slices together: more than 2 of 8, .006
