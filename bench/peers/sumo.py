"""Drive given traffic episodes in SUMO: frames of both vehicles as arrays, its own collisions, its CPU time, as JSON.

Runs where libsumo is installed, for bench/traffic.py: python bench/peers/sumo.py EPISODES.npz FRAMES.npz UPDATE,
which is ballistic or euler. Each episode has an edge of two lanes to itself. SUMO drives the ego by its own IDM; the
other's speed is prescribed, and it appears in the ego's lane when its side has crossed the marking. While the driver
reacts, the ego's speed is held.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import libsumo  # type: ignore[import-not-found]  # installed beside the peers only
import numpy as np

TOGETHER = 250  # episodes in one run
LENGTH = 1600.0
START = 10.0  # m; where the ego's front begins
CAR = 5.0
# Without a location libsumo ends the process.
PLACE = '<location netOffset="0,0" convBoundary="0,0,1,1" origBoundary="0,0,1,1" projParameter="!"/>'

Arrays = dict[str, Any]


def main() -> None:
    given = dict(np.load(sys.argv[1]))
    n = len(given["speed"])
    frames: list[Arrays] = []
    collisions, seconds = 0, {"driving": 0.0, "reading": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        for first in range(0, n, TOGETHER):
            part = {name: values[..., first : first + TOGETHER] for name, values in given.items()}
            seen, struck, spent = driven(part, Path(folder))
            frames.append(seen)
            collisions += struck
            for name, cost in spent.items():
                seconds[name] += cost
    whole: Arrays = {name: np.concatenate([each[name] for each in frames], axis=1) for name in frames[0]}
    np.savez(sys.argv[2], **whole)
    print(json.dumps({"version": libsumo.getVersion()[1], "collisions": collisions, "seconds": seconds}))


def driven(given: Arrays, folder: Path) -> tuple[Arrays, int, dict[str, float]]:
    start = time.process_time()
    n, step = len(given["speed"]), float(given["step"][0])
    (folder / "net.xml").write_text(net(n), encoding="utf-8")
    (folder / "cars.xml").write_text(cars(given), encoding="utf-8")
    options = f"sumo -n {folder / 'net.xml'} -r {folder / 'cars.xml'} --step-length {step}"
    options += " --step-method.ballistic" if sys.argv[3] == "ballistic" else ""
    quiet = "--no-warnings --no-step-log --time-to-teleport -1 --collision.action warn --collision.mingap-factor 0"
    libsumo.start([*options.split(), *quiet.split()])
    reading, struck = 0.0, set[str]()
    frames: Arrays = {name: [] for name in ("ego_x", "ego_speed", "other_x", "other_speed")}
    for frame in range(len(given["other_track"])):
        libsumo.simulationStep()
        reading += read(frames, n)
        struck |= {each.collider for each in libsumo.simulation.getCollisions()}
        commanded(given, frame)
    libsumo.close()
    spent = time.process_time() - start
    return (
        {name: np.array(rows) for name, rows in frames.items()},
        len(struck),
        {
            "driving": spent - reading,
            "reading": reading,
        },
    )


def commanded(given: Arrays, frame: int) -> None:
    """Give the commands for the step that begins at this frame."""
    now = frame * float(given["step"][0])
    track = given["other_track"]
    for k in range(len(given["speed"])):
        if frame == 0:
            for car in (f"ego{k}", f"other{k}"):
                libsumo.vehicle.setLaneChangeMode(car, 0)
            libsumo.vehicle.setSpeedMode(f"other{k}", 0)
        if frame + 1 < len(track) and (frame == 0 or track[frame + 1, k] != track[frame, k]):
            libsumo.vehicle.setSpeed(f"other{k}", float(track[frame + 1, k]))
        if given["merges"][k] and first_at(now, given["notice"][k], given["step"][0]):
            libsumo.vehicle.moveTo(f"other{k}", f"e{k}_1", libsumo.vehicle.getLanePosition(f"other{k}"))
        if first_at(now, given["notice"][k], given["step"][0]) and given["acts"][k] > given["notice"][k]:
            libsumo.vehicle.setSpeedMode(f"ego{k}", 0)
            libsumo.vehicle.setSpeed(f"ego{k}", libsumo.vehicle.getSpeed(f"ego{k}"))
        if first_at(now, given["acts"][k], given["step"][0]):
            libsumo.vehicle.setSpeed(f"ego{k}", -1)
            libsumo.vehicle.setSpeedMode(f"ego{k}", 31)


def first_at(now: float, moment: float, step: float) -> bool:
    return bool(now - step < moment <= now)


def read(frames: Arrays, n: int) -> float:
    start = time.process_time()
    for who in ("ego", "other"):
        frames[f"{who}_x"].append([libsumo.vehicle.getLanePosition(f"{who}{k}") for k in range(n)])
        frames[f"{who}_speed"].append([libsumo.vehicle.getSpeed(f"{who}{k}") for k in range(n)])
    return time.process_time() - start


def net(n: int) -> str:
    edges = [
        f'<edge id="e{k}" from="a{k}" to="b{k}" priority="1">'
        + "".join(
            f'<lane id="e{k}_{lane}" index="{lane}" speed="70" length="{LENGTH}"'
            f' shape="0,{20 * k + 4 * lane} {LENGTH},{20 * k + 4 * lane}"/>'
            for lane in (0, 1)
        )
        + "</edge>"
        for k in range(n)
    ]
    ends = [
        f'<junction id="{end}{k}" type="dead_end" x="{x}" y="{20 * k}" incLanes="{lanes}" intLanes="" shape=""/>'
        for k in range(n)
        for end, x, lanes in (("a", 0, ""), ("b", LENGTH, f"e{k}_0 e{k}_1"))
    ]
    return f'<net version="1.20">{PLACE}{"".join(edges + ends)}</net>'


def cars(given: Arrays) -> str:
    lines = []
    for k in range(len(given["speed"])):
        ego = {name: float(given[name][k]) for name in ("acceleration", "comfort", "limit", "headway", "standstill")}
        lines.append(
            f'<vType id="t{k}" carFollowModel="IDM" length="{CAR}" accel="{ego["acceleration"]}" speedDev="0"'
            f' decel="{ego["comfort"]}" emergencyDecel="{ego["limit"]}" tau="{ego["headway"]}"'
            f' minGap="{ego["standstill"]}" maxSpeed="{given["desired_speed"][k]}"/>'
            f'<vType id="o{k}" length="{CAR}" accel="20" decel="20" emergencyDecel="20" maxSpeed="70" speedDev="0"/>'
            f'<route id="r{k}" edges="e{k}"/>'
        )
    for k in range(len(given["speed"])):
        lane = 0 if given["merges"][k] else 1  # from the right: SUMO passes nobody on the right
        ahead = START + float(given["gap"][k]) + CAR
        places = (("ego", "t", START, given["speed"][k], 1), ("other", "o", ahead, given["other_track"][0, k], lane))
        lines += [
            f'<vehicle id="{who}{k}" type="{kind}{k}" route="r{k}" depart="0" departPos="{place}" departSpeed="{speed}"'
            f' departLane="{where}" insertionChecks="none"/>'
            for who, kind, place, speed, where in places
        ]
    return "<routes>" + "".join(lines) + "</routes>"


if __name__ == "__main__":
    main()
