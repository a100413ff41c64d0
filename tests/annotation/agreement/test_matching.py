"""Spans, boxes, polygons and keypoints: likeness against geometry, matching against counting, words where none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.annotation.agreement import Box, Polygon, Skeleton, Span, likeness, matched, span_alpha
from bimetal.annotation.agreement.matching import matches
from bimetal.annotation.agreement.shapes import overlap
from bimetal.errors import InputError


def rng():
    return np.random.default_rng(1)


SIDES = st.integers(-5, 5)
RECTANGLES = st.tuples(SIDES, SIDES, st.integers(1, 6), st.integers(1, 6))


def corners(box, turn=0.0):
    x, y, wide, high = box
    points = np.array([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)], dtype=float)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return Polygon(tuple(map(tuple, (points @ rotation).tolist())))


@given(RECTANGLES, RECTANGLES, st.floats(0, 3))
@settings(max_examples=80, deadline=None)
def test_rectangles_are_alike_as_boxes_and_as_polygons_however_turned(one, other, turn):
    boxes = [Box(x, y, x + wide, y + high) for x, y, wide, high in (one, other)]
    expected = likeness(*boxes)
    assert likeness(corners(one, turn), corners(other, turn)) == pytest.approx(expected, abs=1e-6)
    assert likeness(*reversed(boxes)) == expected


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=6, max_size=14), st.integers(0, 2**31))
@settings(max_examples=30, deadline=None)
def test_any_polygons_meet_where_points_fall_into_both(points, seed):
    half = len(points) // 2
    one, other = np.array(points[:half]) / 20, np.array(points[half:]) / 20
    both, either = overlap(one, other)
    thrown = np.random.default_rng(seed).random((20_000, 2))
    inside = [_inside(thrown, each) for each in (one, other)]
    assert both == pytest.approx(np.mean(inside[0] & inside[1]), abs=0.02)
    assert either == pytest.approx(np.mean(inside[0] | inside[1]), abs=0.02)


def _inside(points, polygon):
    """Count how often a ray upwards crosses the outline: inside where that is odd."""
    x, y = points[:, :1], points[:, 1:]
    x1, y1 = polygon.T
    x2, y2 = np.roll(polygon, -1, axis=0).T
    spans = (x1 <= x) != (x2 <= x)
    at = y1 + (x - x1) / np.where(x2 == x1, 1, x2 - x1) * (y2 - y1)
    return (spans & (at > y)).sum(axis=1) % 2 == 1


def test_an_outline_as_thin_as_numbers_get_is_no_area():
    thin = np.array([(0.0, 0.0), (1.0, 0.0), (2.225073858507e-311, 1.0)])
    assert overlap(thin, thin) == pytest.approx((0.5, 0.5))
    assert overlap(thin[[0, 2, 0]], thin) == pytest.approx((0, 0.5))


def test_a_polygon_with_a_notch():
    notched = Polygon(((0, 0), (4, 0), (4, 4), (2, 1), (0, 4)))  # a square of 16 less a triangle of 6
    square = Polygon(((0, 0), (4, 0), (4, 4), (0, 4)))
    assert likeness(notched, square) == pytest.approx(10 / 16)
    assert likeness(notched, notched) == pytest.approx(1)


def test_labels_must_agree_and_kinds_must_be_known():
    assert likeness(Box(0, 0, 1, 1, "cat"), Box(0, 0, 1, 1, "dog")) == 0
    assert likeness(Polygon(((0, 0), (1, 0), (1, 1)), "cat"), Polygon(((0, 0), (1, 0), (1, 1)), "dog")) == 0
    assert likeness(Span(3, 3), Span(3, 3)) == 1
    assert likeness(Box(0, 0, 1, 1), Box(5, 5, 6, 6)) == 0
    with pytest.raises(InputError, match="no shapes"):
        likeness("a", "b")


def test_keypoints_are_alike_as_they_are_near_for_their_size():
    one = Skeleton({"head": (0.0, 0.0), "foot": (0.0, 10.0), "hand": (10.0, 5.0)})
    assert likeness(one, one) == 1
    # The object is 10 by 10, so a step of 1 is exp(-1 / (2 * 100 * .01)); the two other points agree.
    moved = Skeleton({**one.points, "head": (1.0, 0.0)})
    assert likeness(one, moved) == pytest.approx((2 + np.exp(-0.5)) / 3)
    without = Skeleton({name: one.points[name] for name in ("foot", "hand")})
    assert likeness(one, without) == pytest.approx(2 / 3)
    assert likeness(Skeleton({}), Skeleton({})) == 1
    assert likeness(Skeleton({}), one) == likeness(Skeleton({"head": (0.0, 0.0)}), Skeleton({"head": (0.1, 0.0)})) == 0


SPANS = st.lists(st.builds(Span, st.integers(0, 9), st.integers(10, 14), st.sampled_from("AB")), max_size=5)


@given(SPANS, SPANS)
@settings(max_examples=60, deadline=None)
def test_the_exact_f1_counts_equal_spans(one, other):
    found = matched({"t": {"Ann": one, "Ben": other}}, rng(), least=1)
    common = sum(min(one.count(span), other.count(span)) for span in set(one))
    if not one and not other:
        assert found.interval is None
        assert "no rater marked anything" in found.words
    else:
        assert found.estimate == pytest.approx(2 * common / (len(one) + len(other)))


def test_a_best_matching_is_not_a_greedy_one():
    mine = [Span(0, 10), Span(5, 10)]
    theirs = [Span(4, 10), Span(0, 5)]
    # Greedily 5-10 with 4-10 (5/6) and 0-10 with 0-5 (1/2) is best here: 4/3; 0-10 with 4-10 leaves nothing: 3/5.
    assert sorted(matches(mine, theirs)) == pytest.approx([1 / 2, 5 / 6])
    mine, theirs = [Span(0, 6), Span(6, 10)], [Span(2, 9), Span(0, 2)]
    # The likest pair is 0-6 with 2-9 (4/9), but 6-10 with 2-9 (3/8) and 0-6 with 0-2 (1/3) together are worth more.
    assert sorted(matches(mine, theirs)) == pytest.approx([1 / 3, 3 / 8])


def test_boxes_by_mean_likeness_and_by_f1_at_one_half():
    said = {
        "one": {"Ann": [Box(0, 0, 2, 2, "car")], "Ben": [Box(0, 0, 2, 1.5, "car"), Box(5, 5, 6, 6, "car")]},
        "two": {"Ann": [Box(0, 0, 4, 4, "car")], "Ben": [Box(0, 0, 4, 1, "car")]},
    }
    assert matched(said, rng()).estimate == pytest.approx(2 * (0.75 + 0.25) / 5)
    assert matched(said, rng(), least=0.5).estimate == pytest.approx(2 * 1 / 5)
    assert matched(said, rng(), least=0).estimate == pytest.approx(2 * 2 / 5)


def test_each_pair_of_raters_weighs_the_same_and_one_can_be_singled_out():
    box = [Box(0, 0, 1, 1)]
    said = {str(i): {"Ann": box, "Ben": box, "Cat": [Box(9, 9, 10, 10)]} for i in range(9)}
    assert matched(said, rng(), least=0.5).estimate == pytest.approx(1 / 3)
    assert matched(said, rng(), least=0.5, focus="Cat").estimate == 0
    assert matched(said, rng(), least=0.5, focus="Ann").estimate == pytest.approx(1 / 2)
    found = matched(said, rng(), focus="Dan")
    assert found.interval is None
    assert "no item has two answers to compare" in found.words


def test_items_where_nobody_marked_anything_are_said():
    said = {"a": {"Ann": [Span(0, 4)], "Ben": [Span(0, 4)]}, "b": {"Ann": [], "Ben": []}}
    found = matched(said, rng(), least=1)
    assert "on 1 nobody marked anything" in found.words
    assert found.interval.high == 1
    assert found.interval.low < 0.1


def test_the_interval_of_f1_covers():
    draws, inside, rounds = np.random.default_rng(3), 0, 200
    span, none = [Span(0, 4)], []
    for _ in range(rounds):  # both mark with probability .7, so F1 is .49 / .7
        said = {str(i): {who: span if draws.random() < 0.7 else none for who in "AB"} for i in range(60)}
        found = matched(said, draws, least=1).interval
        inside += found.low <= 0.7 <= found.high
    assert inside / rounds >= 0.91


def test_span_alpha_is_alpha_over_code_points():
    from bimetal.annotation.agreement import alpha, ratings

    draws = np.random.default_rng(4)
    said, lengths, flat = {}, {}, {}
    for text in map(str, range(12)):
        lengths[text] = int(draws.integers(5, 30))
        said[text] = {}
        for who in "ABC":
            ends = np.sort(draws.integers(lengths[text] + 1, size=2)).tolist()
            said[text][who] = [Span(*ends, "X"), Span(0, 2, "Y")]
            for at in range(lengths[text]):
                held = frozenset(span.label for span in said[text][who] if span.start <= at < span.end)
                flat.setdefault(f"{text}/{at}", {})[who] = "".join(sorted(held))
    found = span_alpha(said, lengths, rng())
    assert found.estimate == pytest.approx(alpha(ratings(flat), rng()).estimate)
    assert found.interval.low < found.estimate < found.interval.high
    assert span_alpha({"a": {"Ann": []}}, {"a": 9}, rng()).interval is None
    assert "cannot be told" in span_alpha({"a": {"Ann": [], "Ben": []}}, {"a": 9}, rng()).words
    with pytest.raises(InputError, match="no length of text 'a'"):
        span_alpha({"a": {"Ann": [], "Ben": []}}, {}, rng())
    with pytest.raises(InputError, match="is not in text 'a' of 9"):
        span_alpha({"a": {"Ann": [Span(5, 10)], "Ben": []}}, {"a": 9}, rng())
