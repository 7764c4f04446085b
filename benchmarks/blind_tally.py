"""Counts the answers to a blind choice: per pair, per judge and in all."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .blind_sheet import NONE

Key = Mapping[str, Mapping[str, str]]  # pair -> letter -> contender


class BlindError(Exception):
    """A file of a blind choice that cannot be used. The message says which, and what it should be."""


def read_key(folder: Path) -> Key:
    """Which letter is whose, as `blind_sheet.make_sheet` wrote it to `folder`/key.json."""
    found = _read(folder / "key.json")
    try:
        return {
            pair: {letter: each["contender"] for letter, each in letters.items()}
            for pair, letters in found["pairs"].items()
        }
    except (KeyError, TypeError, AttributeError):
        raise BlindError(
            f"{folder / 'key.json'} is no key of a blind choice, as 'python -m benchmarks.blind make' "
            "writes it."
        ) from None


def read_all(files: Sequence[Path], key: Key) -> list[tuple[str, dict[str, str]]]:
    """`read_answers` of all files.

    Raises:
        BlindError: one cannot be counted, or two are by judges of the same name, who would count twice.
    """
    answers = [read_answers(file, key) for file in files]
    twice = [judge for judge, count in Counter(judge for judge, _ in answers).items() if count > 1]
    if twice:
        raise BlindError(f"Two files are by the judge {twice[0]!r}; each judge should have one.")
    return answers


def read_answers(file: Path, key: Key) -> tuple[str, dict[str, str]]:
    """(judge, pair -> contender or "none") of a file of answers; pairs may be missing.

    Raises:
        BlindError: the file is not there, not JSON, not of this form, or knows pairs or letters
            that the key does not.
    """
    found = _read(file)
    judge = found.get("judge") if isinstance(found, dict) else None
    choices = found.get("choices") if isinstance(found, dict) else None
    if not isinstance(judge, str) or not judge.strip() or not isinstance(choices, dict):
        raise BlindError(
            f'{file} should have the form {{"judge": "a name", "choices": {{"a-pair": "A"}}}}.'
        )
    chosen = {}
    for pair, letter in choices.items():
        if pair not in key:
            raise BlindError(f"{file} answers for {pair!r}, which is no pair of this choice.")
        letters = {**key[pair], NONE: NONE}
        if not isinstance(letter, str) or letter not in letters:
            raise BlindError(
                f"{file} has {letter!r} for {pair}; it should be one of {', '.join(letters)}."
            )
        chosen[pair] = letters[letter]
    return judge.strip(), chosen


def tally(key: Key, answers: Sequence[tuple[str, Mapping[str, str]]]) -> str:
    """A table of how often each contender was chosen: for each pair, for each judge, and in all.

    Args:
        key: of `read_key`.
        answers: of `read_answers`, one for each judge.
    """
    contenders = [*sorted({name for letters in key.values() for name in letters.values()}), NONE]
    rows = [("pair", None)]
    rows += [(pair, Counter(chosen.get(pair) for _, chosen in answers)) for pair in key]
    rows += [("judge", None)]
    rows += [(judge, Counter(chosen.values())) for judge, chosen in answers]
    whole = Counter(name for _, chosen in answers for name in chosen.values())
    rows += [("all", whole)]
    first = max(len(name) for name, _ in rows)
    lines = []
    for name, counted in rows:
        cells = [each if counted is None else str(counted[each]).rjust(len(each)) for each in contenders]
        lines.append("  ".join([name.ljust(first), *cells]))
    return "\n".join(lines)


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BlindError(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise BlindError(f"{file} is not JSON, so its answers cannot be read.") from None
