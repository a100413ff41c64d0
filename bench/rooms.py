"""Room responses beside pyroomacoustics: clips a second, the responses' agreement, and reverberation against Eyring.

Twenty boxes, the same for both: sides 3-10 x 3-8 x 2.4-4 m, reverberation .2-.8 s by Eyring's formula, source and
microphone anywhere in them. A clip is two seconds at 16 kHz, convolved with its room's response; no response is used
twice. CPU seconds of one process, best of the turns. The peer runs in the Python that BIMETAL_BENCH_PEERS names.
Run: python bench/rooms.py [--turns 5]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np

from bimetal.audio import RATE
from bimetal.generators._sound.rooms import Room, convolved, drawn, reflection, response, reverberation

PEERS = os.environ.get("BIMETAL_BENCH_PEERS", "")
SCRIPT = Path(__file__).parent / "peers" / "pyroomacoustics_rooms.py"
ORDERS = (3, 10, 17, 30)
LENGTH = 2 * RATE
RESPONSE = 8192
FLAG = {"OMP_NUM_THREADS": "1", "PATH": os.environ.get("PATH", "")}


def boxes(count: int) -> list[Room]:
    """Draw rooms, the same on every machine."""
    rng = np.random.default_rng(20260101)
    made = []
    for _ in range(count):
        x, y, z = (float(rng.uniform(*side)) for side in ((3, 10), (3, 8), (2.4, 4)))
        source, microphone = (tuple(float(side * rng.uniform(0.15, 0.85)) for side in (x, y, z)) for _ in range(2))
        made.append(Room((x, y, z), source, microphone, reflection((x, y, z), rng.uniform(0.2, 0.8))))  # type: ignore[arg-type]  # three sides each
    return made


def ours(rooms: list[Room], order: int, turns: int) -> float:
    """Return the least CPU seconds a clip."""
    clip = np.random.default_rng(0).standard_normal(LENGTH)
    least = np.inf
    for _ in range(turns):
        begun = time.process_time()
        for room in rooms:
            convolved(clip, response(room, RESPONSE, order), LENGTH)
        least = min(least, time.process_time() - begun)
    return float(least) / len(rooms)


def peer(rooms: list[Room], order: int, turns: int) -> dict[str, Any]:
    """Ask pyroomacoustics for the same."""
    spelled = [[room.size, room.source, room.microphone, room.reflection] for room in rooms]
    asked = {"rooms": spelled, "order": order, "turns": turns, "length": LENGTH, "response": RESPONSE}
    run = subprocess.run([PEERS, SCRIPT], input=json.dumps(asked), capture_output=True, text=True, check=True, env=FLAG)
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def likeness(room: Room, order: int, other: list[float]) -> tuple[float, float]:
    """Return the correlation of both responses at the best lag, and the difference of their reverberation times."""
    mine, theirs = response(room, RESPONSE, order), np.zeros(RESPONSE)
    theirs[: len(other)] = other
    spectrum = np.fft.rfft(mine, 2 * RESPONSE) * np.conj(np.fft.rfft(theirs, 2 * RESPONSE))
    best = np.fft.irfft(spectrum).max() / np.linalg.norm(mine) / np.linalg.norm(theirs)
    return float(best), decay(mine) / decay(theirs) - 1


def decay(heard: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Return T20 in seconds: a line through -5 to -25 dB of the backward integral (Schroeder 1965)."""
    level = 10 * np.log10(np.cumsum(heard[::-1] ** 2)[::-1] / np.sum(heard**2) + 1e-12)
    at = np.flatnonzero((level < -5) & (level > -25))
    slope = np.polyfit(at / RATE, level[at], 1)[0]
    return float(-60 / slope)


def speed(turns: int) -> None:
    """Print clips a second and agreement, order by order."""
    rooms = boxes(20)
    print(
        "| reflections | images | clips a CPU second | pyroomacoustics | ratio | least correlation | most T20 apart |"
    )
    print("|---|---|---|---|---|---|---|")
    for order in ORDERS:
        mine = 1 / ours(rooms, order, turns)
        images = (
            sum(2 * (2 * (order - k) ** 2 + 2 * (order - k) + 1) for k in range(1, order + 1))
            + 2 * order**2
            + 2 * order
            + 1
        )
        cells = ["peer not measured", "", "", ""]
        if PEERS:
            told = peer(rooms, order, turns)
            theirs = len(rooms) / min(told["seconds"])
            pairs = [likeness(room, order, each) for room, each in zip(rooms, told["responses"], strict=True)]
            cells = [f"{theirs:.0f}", f"{mine / theirs:.1f}x", f"{min(pair[0] for pair in pairs):.4f}"]
            cells.append(f"{max(abs(pair[1]) for pair in pairs):.2%}")
        print(f"| {order} | {images:,} | {mine:.0f} |", " | ".join(cells), "|")


def truth(count: int) -> None:
    """Print how far the reverberation heard is from what was asked, kind of room by kind."""
    print("\n## Reverberation asked and heard\n")
    print("Images up to ten reflections and a diffuse tail, as the generators use them; T20 over the seconds asked.\n")
    print("| rooms | median | 5th to 95th percentile |\n|---|---|---|")
    for kind in ("small", "medium", "large"):
        rng = np.random.default_rng(7)
        pairs = [(reverberation(*pair, rng), pair[1]) for pair in (drawn(kind, rng) for _ in range(count))]
        ratios = [decay(heard) / seconds for heard, seconds in pairs]
        low, middle, high = np.quantile(ratios, (0.05, 0.5, 0.95))
        print(f"| {kind} | {middle:.2f} | {low:.2f} to {high:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--rooms", type=int, default=200)
    typed = parser.parse_args()
    print("## Clips of two seconds in rooms\n", flush=True)
    speed(typed.turns)
    truth(typed.rooms)


if __name__ == "__main__":
    main()
