"""How a traffic episode moves: the Intelligent Driver Model behind whatever comes, time to collision, contact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.generators._traffic.episodes import CAR, Episodes

if TYPE_CHECKING:
    from bimetal.types import BoolArray, FloatArray, IntArray

HORIZON = 15.0  # s
NEAR = 0.01  # m; a gap is never taken for less
TRACES = ("ego_x", "ego_speed", "ego_acceleration", "other_x", "other_y", "other_speed")


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of episodes, arrays of shape (n,); all but contact looks at frames before it, `step` s apart.

    `min_ttc` is infinite where the two were never on a collision course, `min_gap` where they were never in each
    other's way. `traces` has shape (frames, len(TRACES), n), of which the first `lasted` frames count.
    """

    min_ttc: FloatArray
    min_gap: FloatArray
    max_deceleration: FloatArray
    collision: BoolArray
    impact_speed: FloatArray
    lasted: IntArray
    traces: FloatArray


def simulate(episodes: Episodes, step: float = 0.1, *, record: bool = False) -> Outcomes:
    """Move both bodies for 15 s or until they touch, `step` s at a time.

    Within a step acceleration is constant and a body that stops stays where it stopped (Treiber and Kanagaraj 2015,
    the ballistic update). The ego keeps its speed while its driver reacts, then follows the Intelligent Driver
    Model, braking at most as the road allows.

    >>> from bimetal.generators._traffic.episodes import DRAWN, episodes
    >>> calm = simulate(episodes(np.zeros((1, 3), int), np.full((1, len(DRAWN)), 0.5)))
    >>> bool(calm.collision[0]), calm.max_deceleration.round(1).tolist()
    (False, [0.2])
    """
    run = _Run(episodes, step)
    with np.errstate(divide="ignore", invalid="ignore"):
        traces = [run.advanced(frame * step) for frame in range(round(HORIZON / step) + 1)]
    kept = np.array(traces) if record else np.zeros((0, len(TRACES), len(episodes)))
    return Outcomes(run.min_ttc, run.min_gap, run.hardest, run.touched, run.impact, run.lasted, kept)


def idm(
    episodes: Episodes, speed: FloatArray, gap: FloatArray, closing: FloatArray, free: BoolArray | None = None
) -> FloatArray:
    """Return the acceleration of the Intelligent Driver Model, m/s^2; `free` where nothing is ahead.

    Treiber, Hennecke and Helbing 2000, Physical Review E 62, with the dynamic part of the desired gap never negative
    (Treiber and Kesting 2013, chapter 11).
    """
    reach = episodes.headway + closing / (2 * np.sqrt(episodes.acceleration * episodes.comfort))
    pull = (episodes.standstill + np.maximum(speed * reach, 0)) / np.maximum(gap, NEAR)
    if free is not None:
        pull = np.where(free, 0, pull)
    drive = speed / episodes.desired_speed
    drive *= drive
    accelerated: FloatArray = episodes.acceleration * (1 - drive * drive - pull * pull)
    return accelerated


def time_to_collision(
    gap: tuple[FloatArray, FloatArray], closing: tuple[FloatArray, FloatArray], size: tuple[FloatArray, FloatArray]
) -> FloatArray:
    """Return the time until two boxes touch if both keep their velocity, s; infinite where they never would.

    Hayward 1972, Highway Research Record 384: the time until two vehicles collide that continue at their present
    speeds and on their present paths, here for boxes in the plane. `gap` is bumper to bumper along x and centre to
    centre along y, `closing` the rate at which each shrinks, `size` both lengths and half of both widths together.

    >>> gap, closing, size = [(np.array([x]), np.array([y])) for x, y in [(20.0, 0.0), (5.0, 0.1), (10.0, 1.8)]]
    >>> time_to_collision(gap, closing, size)
    array([4.])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        meets, leaves = gap[0] / closing[0], (gap[0] + size[0]) / closing[0]
        enters, exits = (gap[1] - size[1]) / closing[1], (gap[1] + size[1]) / closing[1]
    start = np.maximum(np.maximum(np.minimum(meets, leaves), np.minimum(enters, exits)), 0)
    end = np.minimum(np.maximum(meets, leaves), np.maximum(enters, exits))
    return np.where(start < end, start, np.inf)


def across(episodes: Episodes, time: float) -> tuple[FloatArray, FloatArray]:
    """Return how far aside the other is at `time`, m, and how fast that shrinks, m/s.

    A car changes lanes on the path of least jerk, 10 s^3 - 15 s^4 + 6 s^5 of the way (Flash and Hogan 1985); a person
    walks straight.

    >>> from bimetal.generators._traffic.episodes import DRAWN, episodes
    >>> cut_in = episodes(np.array([[2, 0, 0]]), np.full((1, len(DRAWN)), 0.5))
    >>> [across(cut_in, time)[0].round(2).tolist() for time in (0, 3, 6)]
    [[3.5], [1.94], [0.0]]
    """
    since = np.maximum(time - episodes.event_time, 0)
    part = np.minimum(since / episodes.manoeuvre_time, 1)
    square = part * part
    crossed = part * square * (10 - part * (15 - 6 * part))
    rate = 30 * square * (1 - part) * (1 - part) / episodes.manoeuvre_time
    aside = episodes.lateral * (1 - crossed) - episodes.lateral_speed * since
    return aside, episodes.lateral * rate + np.where(since > 0, episodes.lateral_speed, 0)


class _Run:
    """Where both bodies are now, and the worst so far; nothing is noted after contact."""

    def __init__(self, episodes: Episodes, step: float) -> None:
        n = len(episodes)
        self.start, self.step = episodes, step
        self.led, self.notice, self.limit = episodes.led, episodes.notice, episodes.limit
        self.acts = self.notice + episodes.reaction
        length, width = episodes.other_size
        self.size = length + CAR[0], (width + CAR[1]) / 2
        self.x, self.speed = np.zeros(n), episodes.speed
        self.other_x, self.other_speed = episodes.gap, episodes.other_speed
        self.last_gap = self.last_closing = np.zeros(n)
        self.min_ttc, self.min_gap = np.full(n, np.inf), np.full(n, np.inf)
        self.hardest, self.impact = np.zeros(n), np.zeros(n)
        self.touched, self.lasted = np.zeros(n, bool), np.zeros(n, int)

    def advanced(self, time: float) -> tuple[FloatArray, ...]:
        """Look at the frame at `time`, move on by one step, return what was seen, ordered as TRACES."""
        gap, closing = self.other_x - self.x, self.speed - self.other_speed
        aside, nearing = across(self.start, time)
        self._look((gap, aside), (closing, nearing))
        acceleration = self._driven(time, gap, aside, closing)
        seen = self.x, self.speed, acceleration, self.other_x, aside, self.other_speed
        self.hardest = np.where(self.touched, self.hardest, np.maximum(self.hardest, -acceleration))
        self.x, self.speed = _moved(self.x, self.speed, acceleration, self.step)
        self.other_x, self.other_speed = _moved(self.other_x, self.other_speed, self._led(time), self.step)
        self.last_gap, self.last_closing = gap, closing
        return seen

    def _look(self, gap: tuple[FloatArray, FloatArray], closing: tuple[FloatArray, FloatArray]) -> None:
        self.lasted += ~self.touched
        overlap = (np.abs(gap[1]) < self.size[1]) & (gap[0] > -self.size[0]) & ~self.touched
        touch = overlap & (gap[0] <= 0)
        near = np.where(touch, 0, time_to_collision(gap, closing, self.size))
        self.min_ttc = np.where(self.touched, self.min_ttc, np.minimum(self.min_ttc, near))
        self.min_gap = np.where(overlap, np.minimum(self.min_gap, np.maximum(gap[0], 0)), self.min_gap)
        if touch.any():
            # Between frames the gap shrank evenly enough; who comes in from the side touches at the frame itself.
            part = np.where(self.last_gap > 0, self.last_gap / (self.last_gap - gap[0]), 1)
            speed = self.last_closing + part * (closing[0] - self.last_closing)
            self.impact = np.where(touch, np.abs(speed), self.impact)
            self.touched = self.touched | touch

    def _driven(self, time: float, gap: FloatArray, aside: FloatArray, closing: FloatArray) -> FloatArray:
        acts = time >= self.acts
        ahead = (acts | (self.led & (time < self.notice))) & (aside > -self.size[1]) & (gap > -self.size[0])
        wanted = np.maximum(idm(self.start, self.speed, gap, closing, ~ahead), -self.limit)
        wanted = np.where((time >= self.notice) & ~acts, 0, wanted)
        return np.where(self.speed > 0, wanted, np.maximum(wanted, 0))

    def _led(self, time: float) -> FloatArray:
        since = time - self.start.event_time
        acts = (since >= 0) & (since < self.start.manoeuvre_time)
        swing = np.cos(2 * np.pi * since / self.start.period)
        return np.where(acts, -self.start.other_deceleration * swing, 0)


def _moved(x: FloatArray, speed: FloatArray, acceleration: FloatArray, step: float) -> tuple[FloatArray, FloatArray]:
    after = np.maximum(speed + acceleration * step, 0)
    moving = np.where(acceleration < 0, np.minimum(speed / -acceleration, step), step)
    return x + (speed + after) / 2 * moving, after
