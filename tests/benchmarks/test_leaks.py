"""A few runs through the service leave nothing behind."""

import json
import subprocess
import sys

from tests.support.samples import ROOT


def test_runs_leave_no_thread_no_open_file_and_no_file():
    command = [sys.executable, "-m", "benchmarks.leaks", "--json", "--runs", "4", "--steps", "2"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    report = json.loads(found.stdout)
    before, after = report["before"], report["after"]
    for name in ("threads", "open files", "files on disk", "jobs"):
        assert after[name] <= before[name], name
    assert after["jobs"] == 0
    assert after["files on disk"] <= 1  # what marks the server's folder
    assert after["memory in MB"] < 1.5 * before["memory in MB"]
