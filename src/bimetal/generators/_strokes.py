"""How people write digits: the pen path of each common variant, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to write a digit: its share among the ways, and the path of the pen.

    The path lists points "x,y" in percent of the digit's height, y downwards; `!` marks a corner, `/` lifts the pen.
    """

    name: str
    share: float
    path: str


# Drawn by hand from school copybooks and everyday habits in Europe, Turkey and America. Ways of writing that were
# missing showed in real development digits that were misread; no number here is computed from a picture.
VARIANTS: dict[str, tuple[Variant, ...]] = {
    "0": (
        Variant("oval", 4, "34,0 8,18 0,52 10,86 34,100 60,84 68,48 58,14 32,1"),
        Variant("narrow", 3, "26,0 6,22 2,55 10,90 28,100 46,84 52,48 44,14 24,1"),
        Variant("open", 2, "46,6 20,6 2,40 6,80 30,100 58,84 64,44 50,12 30,8"),
        Variant("wide", 1.5, "46,0 10,16 0,54 14,90 48,100 84,80 92,44 78,10 42,2"),
        Variant("tailed", 1, "70,0 34,8 6,36 4,76 28,100 58,78 62,36 40,10"),
        Variant("crossed", 1, "40,4 14,16 2,52 12,90 38,100 62,74 62,34 42,8 22,4 34,14 58,6"),
        Variant("slashed", 0.3, "34,0 8,18 0,52 10,86 34,100 60,84 68,48 58,14 32,1 / 64,8 6,92"),
    ),
    "1": (
        Variant("plain", 6, "10,0 10,50 10,100"),
        Variant("flag", 3, "0,24 12,14 24,0! 24,100"),
        Variant("long-flag", 2, "0,42 30,0! 32,100"),
        Variant("short-flag", 1.5, "0,16 12,0! 12,100"),
        Variant("wide-flag", 1, "0,52 36,0! 38,100"),
        Variant("base", 2, "4,22 26,0! 27,98! / 2,99! 54,99"),
        Variant("hook", 0.5, "10,0! 10,98! 36,98"),
    ),
    "2": (
        Variant("plain", 4, "3,22 20,2 46,4 54,28 34,62 2,97! 30,97 64,98"),
        Variant("looped", 2, "3,20 22,1 48,6 54,32 36,66 12,94 2,88 14,78 36,90 68,96"),
        Variant("swan", 2, "2,26 12,5 36,0 52,20 42,56 14,88 2,97! 22,92 46,98 64,92"),
        Variant("ball", 2, "8,36 4,14 32,0 56,22 44,64 14,96 4,80 24,74 66,98"),
        Variant("wide", 1.5, "4,14 28,0 58,10 50,42 4,90! 40,90 86,96"),
        Variant("lean", 1, "10,10 24,0 30,14 2,92! 30,94 64,88"),
        Variant("angular", 1, "2,6! 46,4 50,18 2,96! 60,96"),
        Variant("tall", 2, "2,18 24,0 46,16 40,48 22,74 2,96! 52,96"),
    ),
    "3": (
        Variant("round", 4, "4,14 26,0 50,14 44,36 20,46! 48,54 56,78 34,100 2,86"),
        Variant("flat", 1.3, "4,2! 52,2! 24,42! 50,52 56,76 34,100 2,88"),
        Variant("looped", 1.5, "4,12 28,0 50,16 38,40 22,47 18,50 26,52 50,62 54,84 28,100 0,88"),
        Variant("straight", 1.5, "2,5 30,2 52,4 50,16 22,44! 52,58 50,88 24,100 0,92"),
    ),
    "4": (
        Variant("open", 3, "14,0! 0,58! 66,56 / 46,22! 44,100"),
        Variant("closed", 2, "70,66 2,66! 48,0! 48,100"),
        Variant("cup", 3, "8,0 4,34 14,50 34,50 54,44! / 56,0! 46,50 42,100"),
        Variant("slanted", 2, "34,0! 0,56! 62,52 / 44,28! 32,100"),
        Variant("swept", 1, "12,4 4,42 26,54 58,2! 46,50 42,100"),
        Variant("low-bar", 2, "30,0 4,58 10,72 34,70 62,64 / 50,32! 40,100"),
        Variant("peaked", 1, "40,0 2,60! 64,56 / 42,0 40,50 36,100"),
    ),
    "5": (
        Variant("two-stroke", 3, "14,1! 8,43! 34,37 56,58 48,90 22,100 0,88 / 14,1! 60,1"),
        Variant("one-stroke", 3, "62,1! 14,3! 8,44! 36,38 56,60 46,92 18,100 0,90"),
        Variant("snake", 1.3, "56,3 26,2 10,20 22,42 46,58 50,84 24,100 0,90"),
        Variant("detached-bar", 1.5, "12,10! 8,42! 36,38 56,60 46,92 18,100 0,88 / 20,3! 66,-4"),
        Variant("long-bar", 2, "90,0! 34,6 22,42! 48,42 56,64 34,94 0,98"),
        Variant("closed-belly", 0.7, "56,0 20,2! 12,44! 44,36 56,64 34,98 6,86 14,62 44,50"),
        Variant("small-belly", 1, "60,0! 12,2! 10,52! 34,50 48,70 36,94 2,98"),
    ),
    "6": (
        Variant("curved", 3, "48,0 20,22 2,62 12,94 36,100 54,80 44,58 22,58 4,78"),
        Variant("straight", 2, "40,0 12,42 2,76 20,100 46,94 50,70 30,56 8,72"),
        Variant("big-loop", 2, "44,2 12,22 0,64 18,98 48,94 58,66 40,46 14,54 3,72"),
        Variant("small-loop", 1.5, "34,0 10,40 4,82 22,100 42,90 40,68 22,66 8,84"),
        Variant("wide-loop", 2, "14,0 0,50 12,92 48,98 74,80 60,58 32,66 14,88"),
        Variant("open-loop", 1.5, "26,0 6,36 2,80 26,100 52,86 50,64 30,58 18,66"),
        Variant("hook-loop", 1.5, "20,0 4,40 2,80 20,100 50,92 46,70 30,74 22,90"),
        Variant("hooked", 1, "54,10 34,0 10,26 0,66 18,100 46,96 56,72 38,52 6,66"),
    ),
    "7": (
        Variant("plain", 4, "0,4 30,4 56,2! 36,46 22,100"),
        Variant("barred", 3, "0,4 30,4 56,2! 38,46 26,100 / 10,52 56,48"),
        Variant("serif", 1, "3,20 4,2! 58,2! 24,100"),
        Variant("curved", 1.5, "0,12 18,2 54,3! 40,36 34,100"),
        Variant("wavy-barred", 1.5, "0,16 8,2 32,8 56,0! 38,44 28,100 / 10,52 54,46"),
        Variant("rounded", 1.5, "0,16 10,4 38,0 54,12 44,44 26,100"),
        Variant("drop", 1.5, "2,26 6,4! 32,4 54,2! 42,46 36,100"),
        Variant("upright", 1, "0,4! 52,2! 50,46 46,100"),
    ),
    "8": (
        Variant("s-first", 3, "50,14 28,0 6,18 20,42 46,62 50,86 26,100 2,84 10,62 38,40 50,16"),
        Variant("two-loops", 2, "27,46 6,28 26,0 48,24 27,46 / 27,46 2,74 28,100 54,76 27,46"),
        Variant("open-top", 2, "54,4 30,2 8,14 18,38 44,60 46,86 22,100 2,82 14,58 58,8"),
        Variant("from-middle", 1.5, "28,48 48,24 26,0 6,22 26,46 50,74 26,100 2,76 28,46"),
        Variant("small-foot", 2, "56,4 30,2 10,16 26,40 40,66 34,92 20,100 12,84 26,56 58,6"),
        Variant("large-head", 1.5, "48,10 24,0 4,20 22,46 38,74 26,100 10,84 22,56 52,24 48,10"),
        Variant("narrow", 1.5, "38,12 24,0 8,16 18,40 34,60 36,86 20,100 4,84 10,60 32,36 38,14"),
    ),
    "9": (
        Variant("straight", 3, "50,12 26,0 4,22 14,46 38,42 52,10! 52,54 50,100"),
        Variant("curled", 2.5, "52,14 26,0 4,24 18,48 44,38 54,10! 54,60 40,94 18,100 2,90"),
        Variant("slanted", 2, "50,10 22,2 2,30 20,46 52,10! 42,54 30,100"),
        Variant("swept", 2, "50,8 20,2 6,22 22,44 50,40 54,14 54,70 36,98 2,94"),
        Variant("open-head", 1, "48,4 22,4 4,28 20,46 44,34 54,4! 50,54 46,100"),
        Variant("small-head", 1.5, "46,14 28,2 10,16 20,36 40,28 50,6! 46,54 40,100"),
        Variant("hooked", 1.5, "52,10 24,0 2,28 22,50 46,40 54,4! 54,70 44,98 8,98"),
    ),
}

PATHS = {(label, f"{label}-{variant.name}"): variant.path for label, ways in VARIANTS.items() for variant in ways}
