"""Label without end, as a server does: `python labelling.py FOLDER RATERS`. Made to be killed and started again.

Each rater's outbox and acknowledgements stand in files of their own beside the database; what was sent and never
acknowledged is sent again, under the same key, by the next run.
"""

import json
import sys
import threading
from pathlib import Path

from bimetal.programme.clock import now
from bimetal.store import queue
from bimetal.store.keys import signing_key
from bimetal.store.log import Log
from bimetal.store.queue import Item, Job, Rater, Submission
from bimetal.store.state import State

LEASED = 5


def opened(folder: Path) -> tuple[State, Log]:
    state = State.open(f"sqlite:///{folder}/state.db")
    return state, Log(state, folder / "log", signing_key("kill", folder / "keys"), "kill")


def prepare(folder: Path, items: int) -> None:
    at = now()

    def act(connection):
        queue.open_job(connection, Job("march", raters=2), at)
        queue.add_items(connection, "march", (Item(f"i{each:06}") for each in range(items)), at)

    with opened(folder)[0] as state:
        state.write(act)


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def rate(state: State, log: Log, folder: Path, name: str) -> None:
    rater, sent_path, known_path = Rater(name), folder / f"{name}.sent", folder / f"{name}.known"
    sent, known = lines(sent_path), {each["key"] for each in lines(known_path)}
    with sent_path.open("a") as outbox, known_path.open("a") as acknowledged:

        def send(one):
            def act(connection):
                receipt = queue.submit(connection, rater, Submission(**one), now())
                if not receipt.repeated:
                    body = {"id": receipt.annotation.id}
                    at = now()
                    log.append(connection, at=at, actor=name, action="answered", subject="march", body=body)
                return receipt

            receipt = state.write(act)
            print(json.dumps({"key": one["key"], "id": receipt.annotation.id}), file=acknowledged, flush=True)

        for one in sent:
            if one["key"] not in known:
                send(one)
        number = len(sent)
        held = state.write(lambda connection: queue.page(connection, rater, "march", "pending"))
        given = [each.lease for each in held]
        while True:
            given = given or state.write(lambda connection: queue.lease(connection, rater, "march", LEASED, now()))
            if not given:
                return
            one = {"lease": given.pop(0).id, "key": f"k{number}", "value": f"v{number % 2}"}
            number += 1
            print(json.dumps(one), file=outbox, flush=True)
            send(one)


def labelling(folder: Path, raters: int) -> None:
    state, log = opened(folder)
    threads = [threading.Thread(target=rate, args=(state, log, folder, f"r{each}")) for each in range(raters)]
    for each in threads:
        each.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for each in threads:
        each.join()
    state.close()


if __name__ == "__main__":
    labelling(Path(sys.argv[1]), int(sys.argv[2]))
