"""The README's example runs as it stands there, and is as short as it says."""

import re
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def test_the_pilot_in_ten_lines_runs(capsys):
    code = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL).group(1)
    exec(compile(code, str(README), "exec"), {})  # our own README
    assert (
        capsys.readouterr()
        .out.replace("\u202f", " ")
        .startswith(("Do both: at", "Buy labels: at", "Undecided: at", "Generate"))
    )
    body = [line for line in code.splitlines() if line and not line.startswith(("import", "from"))]
    assert len(body) <= 10
