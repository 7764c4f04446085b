"""Numbers that options may have: each reads the text that was given, and says what would be right.

All raise `argparse.ArgumentTypeError`, which argparse tells with the option's name.
"""

import argparse
import math


def from_0(text: str) -> float:
    """A finite number from 0."""
    number = _finite(text)
    if number is None or number < 0:
        raise argparse.ArgumentTypeError(f"must be a number from 0, got {text!r}")
    return number


def above_0(text: str) -> float:
    """A finite number above 0."""
    number = _finite(text)
    if number is None or number <= 0:
        raise argparse.ArgumentTypeError(f"must be a number above 0, got {text!r}")
    return number


def count(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, got {text!r}")
    return int(text)


def count_or_0(text: str) -> int:
    """A whole number from 0."""
    return 0 if text == "0" else count(text)


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
