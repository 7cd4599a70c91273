"""The examples of docs/testing.md are tests that pass, in one run of pytest on the reference host."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "testing.md"


def test_the_examples_pass_serially_in_the_reference_host(tmp_path):
    examples = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for number, example in enumerate(examples):
        (tmp_path / f"test_example_{number}.py").write_text(example, encoding="utf-8")
    options = [f"--rootdir={ROOT}", f"-c={ROOT / 'pyproject.toml'}", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert f"{sum(example.count('def test_') for example in examples)} passed" in done.stdout, done.stdout + done.stderr
