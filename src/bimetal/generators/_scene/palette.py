"""Which looks, grounds, lights and skies a world may have, and how they are thrown."""

from __future__ import annotations

import colorsys
import math
from typing import TYPE_CHECKING

import numpy as np

from bimetal.generators._scene.world import TEXTURES, Air, Light, Look

if TYPE_CHECKING:
    from bimetal.generators._scene.dice import Dice
    from bimetal.generators._scene.world import Colour

WEATHERS = {"clear": 0.5, "fog": 0.25, "rain": 0.25}
LIGHTS = {"day": 0.5, "dusk": 0.25, "night": 0.25}
GROUNDS: tuple[tuple[str, str, str, float], ...] = (  # pattern, two colours, patterns a metre
    ("grass", "3d5a2a", "7f9a4c", 0.6),
    ("grass", "8a7550", "cbb58a", 0.55),
    ("grass", "4a4a4e", "74747a", 0.8),
    ("grass", "c9ccd2", "f2f4f6", 0.5),
    ("checker", "b9b4a8", "5d6670", 1.1),
    ("checker", "c8563f", "e6dcc6", 0.9),
    ("tiles", "c5bfb2", "8b857a", 1.4),
    ("tiles", "9fb0b8", "5f7078", 1.0),
    ("planks", "b98a57", "6b4526", 3.2),
    ("planks", "8d7763", "54453a", 2.4),
    ("marble", "9a9690", "c4c0b8", 0.6),
    ("plain", "8f8a80", "8f8a80", 1.0),
)


def look(dice: Dice) -> Look:
    """Throw a body's surface."""
    texture = "plain" if dice.chance(0.3) else dice.pick(TEXTURES[1:])
    hue, second = dice.one(), dice.one()
    one = _hsv(hue, dice.between(0.35, 0.95), dice.between(0.5, 1.0))
    dark = dice.between(0.2, 1.0)
    two = _hsv(second, dice.between(0.0, 0.6), dark)
    shine = dice.between(0.25, 0.9) if dice.chance(0.4) else dice.between(0, 0.15)
    scale = dice.between(2.5, 7.0) * (0.25 if texture in {"marble", "speckle"} else 1)
    return Look(texture, (one, two), scale, shine, (dice.between(0, 8), dice.between(0, 8)))


def dull(dice: Dice) -> Look:
    """Throw the surface of what lies about: stone, rust, wood."""
    base = dice.pick(("6d6a64", "8a8378", "5b5046", "7c4f38", "9c9a94", "44484c"))
    one = _hex(base)
    lighter = (min(1, one[0] * 1.8), min(1, one[1] * 1.8), min(1, one[2] * 1.8))
    return Look(dice.pick(("speckle", "plain", "marble")), (one, lighter), dice.between(0.5, 1.5), 0.03)


def ground(dice: Dice) -> Look:
    """Throw what everything stands on; brightness and colour vary a little round the list's."""
    texture, one, two, scale = dice.pick(GROUNDS)
    gain = dice.between(0.7, 1.15)
    tint = [gain * dice.between(0.9, 1.1) for _ in range(3)]
    pair = tuple(tuple(min(1.0, part * by) for part, by in zip(_hex(each), tint, strict=True)) for each in (one, two))
    offset = (dice.between(0, 64), dice.between(0, 64))
    return Look(texture, pair, scale * dice.between(0.75, 1.35), 0.0, offset, dice.between(0, math.pi))  # type: ignore[arg-type]


def light(kind: str, weather: str, dice: Dice) -> Light:
    """Throw a light: a sun high or low, or a lamp at night; fog and rain take its hardness."""
    turn = dice.between(0, 2 * math.pi)
    hard, dim = {"clear": (0.92, 1.0), "fog": (0.35, 0.55), "rain": (0.3, 0.5)}[weather]
    if kind == "night":
        at = np.array([dice.between(-2.5, 2.5), dice.between(2.5, 6.5), dice.between(3.2, 5.0)])
        warm = dice.one()
        colour = _scaled((1.0, 0.72 + 0.2 * warm, 0.38 + 0.5 * warm), dice.between(0.6, 1.05))
        return Light(at, True, colour, _scaled((0.35, 0.45, 0.75), dice.between(0.05, 0.12)), 0.9)
    if kind == "dusk":
        rise, colour, around = dice.between(0.16, 0.35), (1.15, 0.72, 0.42), (0.3, 0.3, 0.42)
    else:
        rise, colour, around = dice.between(0.5, 1.2), (1.0, 0.96, 0.88), (0.36, 0.4, 0.46)
    at = np.array([math.cos(turn) * math.cos(rise), math.sin(turn) * math.cos(rise), math.sin(rise)])
    gain = dice.between(0.85, 1.15) / (0.45 + 0.55 * math.sin(rise))
    return Light(at, False, _scaled(colour, gain * dim), _scaled(around, 2.0 - 0.9 * dim), hard)


def air(kind: str, weather: str, dice: Dice) -> Air:
    """Throw sky and weather; fog thickens with distance, rain falls in streaks through thinner haze."""
    tops = {"day": ("3f78c8", "c3d7ea"), "dusk": ("3d4a86", "f2b07c"), "night": ("05070f", "10162a")}
    greys = {"day": ("aeb6bd", "c4cacd"), "dusk": ("77758a", "b89a86"), "night": ("090b12", "151a26")}
    zenith, horizon = (_hex(each) for each in (tops if weather == "clear" else greys)[kind])
    gain = dice.between(0.8, 1.1)
    haze = {"clear": dice.between(0.002, 0.012), "fog": dice.between(0.05, 0.16), "rain": dice.between(0.012, 0.04)}
    rain = dice.between(0.4, 1.0) if weather == "rain" else 0.0
    clouds = 0.0 if weather == "fog" or kind == "night" else dice.between(0, 0.8)
    return Air(_scaled(zenith, gain), _scaled(horizon, gain), haze[weather], clouds, rain, dice.between(-0.4, 0.4))


def _hsv(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return red * red, green * green, blue * blue


def _hex(code: str) -> Colour:
    red, green, blue = (int(code[k : k + 2], 16) / 255 for k in (0, 2, 4))
    return red * red, green * green, blue * blue


def _scaled(colour: Colour, gain: float) -> Colour:
    return colour[0] * gain, colour[1] * gain, colour[2] * gain
