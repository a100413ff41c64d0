"""Raters see how far a job is too late to learn from it how others judged an item."""


def sums(desk):
    (job,) = desk.get("/api/jobs").json()["jobs"]
    return job["items"]


def answers(desk, n, value="praise"):
    for each in desk.call("/api/jobs/notes/lease", {"n": n}).json()["leases"]:
        said = {"lease": each["lease"], "key": each["lease"], "value": value, "status": "submitted", "seconds": 2}
        assert desk.call("/api/answers", said).status_code == 200


def test_the_sums_stand_still_for_a_while_and_tell_no_conflict(browser, job, clock):
    first, second = browser("annotator"), browser("other")
    assert sums(first) == {"open": 6, "settled": 0}
    answers(first, 6)
    answers(second, 3)
    answers(second, 1, "question")
    assert sums(first) == sums(second) == {"open": 6, "settled": 0}
    clock.move(minutes=11)
    told = sums(first)
    assert set(told) == {"open", "settled"}
    assert told["settled"] in {3, 4}
    assert sum(told.values()) == 6
    assert "conflict" not in first.call("/api/jobs/notes/lease", {"n": 1}).text
