"""Formats and lints the code, checks its types, and runs the tests: everything a change has to pass.

python check.py                   # everything
python check.py lint types        # only these checks
python check.py --frozen format   # lists files that are not formatted, and changes none
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
CHECKS = ("format", "lint", "types", "scripts", "container", "tests")


def main() -> None:
    """Runs the checks that the arguments name, and exits with 1 if one of them fails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "checks", nargs="*", metavar="CHECK", help=f"{', '.join(CHECKS)}; by default all of them"
    )
    parser.add_argument("--frozen", action="store_true", help="change no file")
    options = parser.parse_args()
    if unknown := set(options.checks) - set(CHECKS):
        parser.error(f"CHECK must be one of {', '.join(CHECKS)}, got {', '.join(sorted(unknown))}")
    failed = [
        check
        for check in CHECKS
        if check in (options.checks or CHECKS) and not _passes(check, options.frozen)
    ]
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")


def _passes(check: str, frozen: bool) -> bool:
    command = _command(check, frozen)
    if command is None:
        return True
    print(f"\n{check}: {' '.join(command[1:])}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def _command(check: str, frozen: bool) -> list[str] | None:
    """The command of a check; None if its linter is a program of its own and is not installed."""
    if check == "scripts":
        npm = shutil.which("npm")
        if npm is None or not (ROOT / "node_modules").is_dir():
            print("\nscripts: skipped; 'npm ci' installs their linter", flush=True)
            return None
        return [npm, "run", "lint"]
    if check == "container":
        beside_python = str(Path(sys.executable).parent)
        places = os.pathsep.join([beside_python, os.environ.get("PATH", "")])
        hadolint = shutil.which("hadolint", path=places)
        if hadolint is None:
            print(
                "\ncontainer: skipped; requirements-dev.txt brings hadolint for Linux on x86-64",
                flush=True,
            )
            return None
        return [hadolint, "Dockerfile"]
    python = {
        "format": ["ruff", "format", *(["--check"] if frozen else [])],
        "lint": ["ruff", "check"],
        "types": ["mypy"],
        "tests": ["pytest"],
    }
    return [sys.executable, "-m", *python[check]]


if __name__ == "__main__":
    main()
