"""Start-up: CPU seconds of `import bimetal` and `bimetal --help` over the bare interpreter.

Limits: 0.060 s and 0.250 s. Run: python bench/startup.py
"""

import resource
import statistics
import subprocess
import sys

RUNS = 15
CASES = {
    "import bimetal": ([sys.executable, "-c", "import bimetal"], 0.060),
    "bimetal --help": (
        [sys.executable, "-c", "import sys; sys.argv = ['bimetal', '--help']; import bimetal.cli; bimetal.cli.main()"],
        0.250,
    ),
}


def cpu(command: list[str]) -> float:
    """Return user and system CPU seconds of one run of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a table, each case measured in turn with the bare interpreter so that drift of the machine cancels."""
    bare_command = [sys.executable, "-c", "pass"]
    for command in (bare_command, *(each for each, _ in CASES.values())):
        cpu(command)
    print("| what | CPU s over the bare interpreter (median, range) | limit |\n|---|---|---|")
    for name, (command, limit) in CASES.items():
        over = []
        for _ in range(RUNS):
            bare = cpu(bare_command)
            over.append(cpu(command) - bare)
        print(f"| {name} | {statistics.median(over):.3f} ({min(over):.3f}-{max(over):.3f}) | {limit:.3f} |")


if __name__ == "__main__":
    main()
