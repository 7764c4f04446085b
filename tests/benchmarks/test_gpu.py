"""The benchmark of GPUs, which works on a CPU as well."""

import json
import subprocess
import sys

import pytest
from PIL import Image

from tests.support.samples import ROOT


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)])
def test_it_measures_every_precision(device, tmp_path):
    command = [sys.executable, "-m", "benchmarks.gpu", "--device", device, "--json"]
    command += ["--sizes", "64", "--seconds", "0", "--agree", "64", "--keep", tmp_path]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert "feature maps in" in report["chosen"]
    rows = {row["precision"]: row for row in report["rows"]}
    assert list(rows) == ["float32", "bfloat16", "float16"]
    for row in rows.values():
        assert row["size"] == 64
        assert row["waits"] == 1
        assert row["steps_a_second"] > 0
        assert row["bytes_gb"] > 0
        assert row["total"] > 0
    closest = [("float16", 1e-3, 0.999), ("bfloat16", 1e-2, 0.99)]
    if device == "cpu":
        closest.append(("float32", 1e-6, 0.999999))
    for precision, difference, cosine in closest:
        assert abs(rows[precision]["difference"]) < difference
        assert rows[precision]["cosine"] > cosine
    for precision in rows:
        with Image.open(tmp_path / f"64-{precision}-0s.png") as image:
            assert image.width == 64
