"""What a traffic episode starts from: scenario, weather, light, speeds, gaps and drivers, drawn from uniforms."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from bimetal.types import BoolArray, FloatArray, IntArray

SCENARIOS = {"following": 0.55, "hard_brake": 0.15, "cut_in": 0.25, "dart_out": 0.05}
WEATHERS = {"dry": 0.75, "wet": 0.2, "snow": 0.05}
LIGHTS = {"day": 0.65, "dusk": 0.1, "night": 0.25}
DRAWN = (
    "tightness",
    "speed",
    "hurry",
    "headway",
    "acceleration",
    "comfort",
    "standstill",
    "friction",
    "reaction",
    "settled",
    "event",
    "braking",
    "manoeuvre",
    "other_speed",
    "lateral",
    "walking",
    "care",
)  # numbers in 0-1 that make one episode, in this order

CAR, PERSON = (5.0, 1.8), (0.5, 0.5)  # length and width, m
LANE = 3.5
GRAVITY = 9.81
OVER_MARKING = 0.35492  # part of a lane change after which the side of the car crosses the marking between the lanes
# Adhesion of tyres to asphalt lies between these, about the average peak values of Wong 2008, section 1.3.
SLIPPERY = {"dry": 0.75, "wet": 0.45, "snow": 0.15}
GRIPPY = {"dry": 0.9, "wet": 0.7, "snow": 0.3}
SLOWED = {"dry": 1.0, "wet": 0.93, "snow": 0.7}  # speed kept in such weather; assumption
REACTS = (0.0, 1.25, 1.25, 1.5)  # s by scenario: none, unexpected but common (twice), surprise; Green 2000
LATER = {"day": 1.0, "dusk": 1.1, "night": 1.2}  # factor on reaction; assumption
SAFE_BRAKING = 4.0  # m/s^2; MOBIL's safety criterion, Kesting, Treiber and Helbing 2007
CARELESS = 0.1  # share of cars that cut in without looking back; assumption
SIGHT = {"day": 150.0, "dusk": 80.0, "night": 45.0}  # m to a person at the kerb; assumption, night as low beams


@dataclass(frozen=True, slots=True)
class Episodes:
    """Arrays of shape (n,): codes of the three kinds, then SI units; infinite where a scenario knows no such thing.

    The ego car drives along x in the lane y = 0. The other (leader, car cutting in, person) begins `gap` ahead of its
    bumper and `lateral` aside; it slows by `other_deceleration` from `event_time`, for `manoeuvre_time`, swinging
    with `period` where that is finite. `headway`, `acceleration`, `comfort` and `standstill` are the ego's T, a, b, s0.
    """

    scenario: IntArray
    weather: IntArray
    light: IntArray
    speed: FloatArray
    desired_speed: FloatArray
    gap: FloatArray
    other_speed: FloatArray
    other_deceleration: FloatArray
    event_time: FloatArray
    manoeuvre_time: FloatArray
    period: FloatArray
    lateral: FloatArray
    lateral_speed: FloatArray
    friction: FloatArray
    reaction: FloatArray
    sight: FloatArray
    headway: FloatArray
    acceleration: FloatArray
    comfort: FloatArray
    standstill: FloatArray

    def __len__(self) -> int:
        return len(self.speed)

    def take(self, rows: IntArray) -> Episodes:
        return Episodes(*(getattr(self, name)[rows] for name in NAMES))

    @property
    def led(self) -> BoolArray:
        """Where the ego follows the other from the start."""
        return self.scenario <= code("hard_brake")

    @property
    def notice(self) -> FloatArray:
        """When the ego could first see that it must act, s: reaction begins here."""
        over = self.event_time + np.where(self.scenario == code("cut_in"), OVER_MARKING * self.manoeuvre_time, 0)
        return np.maximum(over, (self.gap - self.sight) / self.speed)

    @property
    def limit(self) -> FloatArray:
        """The hardest braking that the road allows, m/s^2."""
        return self.friction * GRAVITY

    @property
    def other_size(self) -> tuple[FloatArray, FloatArray]:
        person = self.scenario == code("dart_out")
        return np.where(person, PERSON[0], CAR[0]), np.where(person, PERSON[1], CAR[1])


NAMES = tuple(field.name for field in fields(Episodes))


def episodes(kinds: IntArray, uniforms: FloatArray) -> Episodes:
    """Turn codes of (scenario, weather, light), shape (n, 3), and uniforms, shape (n, len(DRAWN)), into episodes.

    Tightness, the first uniform, sets the headway of an ego that is led, the gap that a car cuts into, and the time
    left when a person steps out: a stratum of it is a stratum of risk.

    >>> some = episodes(np.array([[2, 0, 0], [3, 1, 2]]), np.full((2, len(DRAWN)), 0.5))
    >>> some.gap.round(1).tolist(), some.speed.round(1).tolist()
    ([28.6, 32.1], [22.0, 10.7])
    """
    drawn = dict(zip(DRAWN, uniforms.T, strict=True))
    scenario, weather, light = kinds.T
    calm, cut, dart = (scenario == code(name) for name in ("following", "cut_in", "dart_out"))
    speed = _between(drawn["speed"], np.where(dart, 6, 10), np.where(dart, 17, 34)) * _of(SLOWED, weather)
    merging = np.maximum(speed - 1 + 2.5 * ndtri(drawn["other_speed"]), 1)
    other_speed = np.where(dart, 0, np.where(cut, merging, speed))
    friction = _between(drawn["friction"], _of(SLIPPERY, weather), _of(GRIPPY, weather))
    slow = _lognormal(drawn["reaction"], 1, 0.3, (0.4, 2.5)) * _of(LATER, light)
    return Episodes(
        scenario=scenario,
        weather=weather,
        light=light,
        speed=speed,
        other_speed=other_speed,
        other_deceleration=_braking(drawn["braking"], scenario, friction),
        event_time=np.where(calm, 0, _between(drawn["event"], 0.5, 1.5)),
        manoeuvre_time=np.where(cut, _between(drawn["manoeuvre"], 2.5, 6), np.inf),
        period=np.where(calm, _between(drawn["manoeuvre"], 6, 20), np.inf),
        lateral=np.where(cut, LANE, np.where(dart, _between(drawn["lateral"], 2.5, 5), 0)),
        lateral_speed=np.where(dart, _lognormal(drawn["walking"], 2, 0.35, (0.8, 5)), 0),
        friction=friction,
        reaction=np.array(REACTS)[scenario] * slow,
        sight=np.where(dart, _of(SIGHT, light), np.inf),
        **_ego(drawn, scenario, np.stack([speed, other_speed]), friction),
    )


def code(scenario: str) -> int:
    """Return the number that stands for a scenario."""
    return list(SCENARIOS).index(scenario)


def _ego(
    drawn: dict[str, FloatArray], scenario: IntArray, speeds: FloatArray, friction: FloatArray
) -> dict[str, FloatArray]:
    speed, other_speed = speeds
    led, cut = scenario <= code("hard_brake"), scenario == code("cut_in")
    headway = _lognormal(np.where(led, drawn["tightness"], drawn["headway"]), 1.6, 0.4, (0.6, 4))
    hurry = _between(drawn["hurry"], 1.05, 1.3)
    standstill = _between(drawn["standstill"], 1.5, 3)
    acceleration = _between(drawn["acceleration"], 0.8, 1.6)
    comfort = np.minimum(_between(drawn["comfort"], 1.2, 2.5), 0.9 * friction * GRAVITY)
    settled = (standstill + speed * headway) / np.sqrt(1 - hurry**-4) * _between(drawn["settled"], 0.9, 1.2)
    left = speed * _lognormal(drawn["tightness"], np.where(cut, 1.3, 3), 0.5, (0.2, 6))
    # Who looks back changes lanes only where the car behind need not brake harder than MOBIL allows.
    reach = headway + (speed - other_speed) / (2 * np.sqrt(acceleration * comfort))
    safe = (standstill + np.maximum(speed * reach, 0)) * np.sqrt(acceleration / SAFE_BRAKING)
    looks = cut & (drawn["care"] >= CARELESS)
    return {
        "gap": np.where(led, settled, np.where(looks, np.maximum(left, safe), left)),
        "desired_speed": np.where(led, speed * hurry, speed),
        "headway": headway,
        "acceleration": acceleration,
        "comfort": comfort,
        "standstill": standstill,
    }


def _braking(u: FloatArray, scenario: IntArray, friction: FloatArray) -> FloatArray:
    # A leader sways, or brakes hard, or slows a little (or speeds up) once it cut in; a person does not drive.
    hard = _lognormal(u, 4, 0.35, (1.5, 9))
    wanted = np.choose(scenario, [_between(u, 0.1, 1), hard, _between(u, -0.5, 1.5), np.zeros(len(u))])
    limited: FloatArray = np.minimum(wanted, friction * GRAVITY)
    return limited


def _of(values: dict[str, float], codes: IntArray) -> FloatArray:
    return np.array(list(values.values()))[codes]


def _between(u: FloatArray, low: FloatArray | float, high: FloatArray | float) -> FloatArray:
    return low + u * (np.asarray(high) - low)


def _lognormal(u: FloatArray, median: FloatArray | float, spread: float, bounds: tuple[float, float]) -> FloatArray:
    return np.clip(median * np.exp(spread * ndtri(u)), *bounds)
