"""Draw falling bodies with MuJoCo's own renderer through EGL: frames a CPU second, as JSON.

Runs where mujoco and libegl1 are installed, for bench/scenes.py: python bench/peers/mujoco_frames.py FRAMES. A frame is
colour, segmentation and the boxes of eight bodies, 256 x 256, after one step of physics.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ["MUJOCO_GL"] = "egl"  # read when mujoco is imported

import mujoco
import numpy as np

SIDE, BODIES = 256, 8


def main() -> None:
    rng = np.random.default_rng(0)
    kinds = ("sphere", "box", "cylinder", "capsule")
    bodies = "".join(
        f'<body pos="{rng.uniform(-1, 1)} {rng.uniform(-1, 1)} {0.5 + 0.5 * at}"><freejoint/>'
        f'<geom type="{kinds[at % 4]}" size=".2 .2 .2" rgba="{rng.random()} {rng.random()} {rng.random()} 1"/></body>'
        for at in range(BODIES)
    )
    model = mujoco.MjModel.from_xml_string(
        f'<mujoco><worldbody><light pos="0 0 4"/><camera name="c" pos="0 -4 3" xyaxes="1 0 0 0 .6 .8"/>'
        f'<geom type="plane" size="9 9 1"/>{bodies}</worldbody></mujoco>'
    )
    data = mujoco.MjData(model)
    with mujoco.Renderer(model, SIDE, SIDE) as renderer:
        for frame in range(-5, int(sys.argv[1])):
            if frame == 0:  # the first ones warm up
                begun = time.process_time()
            mujoco.mj_step(model, data)
            renderer.update_scene(data, "c")
            renderer.render()
            renderer.enable_segmentation_rendering()
            ids = renderer.render()[..., 0]
            renderer.disable_segmentation_rendering()
            for body in range(1, BODIES + 1):
                down, across = np.nonzero(ids == body)
                if len(down):
                    (across.min(), down.min(), across.max() + 1, down.max() + 1)
        seconds = time.process_time() - begun
    print(json.dumps({"frames": int(sys.argv[1]) / seconds, "mujoco": mujoco.__version__}))


if __name__ == "__main__":
    main()
