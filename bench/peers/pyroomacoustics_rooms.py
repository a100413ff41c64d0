"""pyroomacoustics over the rooms read from standard input: responses and CPU seconds as JSON; see bench/rooms.py."""

import json
import sys
import time

import numpy as np
import pyroomacoustics as pra

RATE = 16_000


def main() -> None:
    asked = json.load(sys.stdin)
    clip = np.random.default_rng(0).standard_normal(asked["length"])
    pra.constants.set("c", 343.0)
    pra.constants.set("rir_hpf_enable", False)  # a filter of its own, which is no part of the method
    seconds, responses = [], []
    for turn in range(asked["turns"] + 1):
        begun = time.process_time()
        for size, source, microphone, reflection in asked["rooms"]:
            walls = pra.Material(1 - reflection**2)
            room = pra.ShoeBox(size, fs=RATE, materials=walls, max_order=asked["order"], air_absorption=False)
            room.add_source(source, signal=clip)
            room.add_microphone(microphone)
            room.simulate()
            if not turn:
                responses.append(room.rir[0][0][: asked["response"]].tolist())
        seconds.append(time.process_time() - begun)
    print(json.dumps({"seconds": seconds[1:], "responses": responses, "version": pra.__version__}))


if __name__ == "__main__":
    main()
