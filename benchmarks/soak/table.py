"""The report as a table for people."""

from collections.abc import Iterable, Mapping
from typing import Any

_SHOWN = 12  # harms of one kind, and sentences, that are written out


def table(report: Mapping[str, Any]) -> str:
    """The report in lines: a title, and under it pairs of what was counted and how often."""
    parts: dict[str, Iterable[tuple[str, Any]]] = {
        f"{report['visitors']} visitors for {report['minutes']:g} minutes, seed {report['seed']}": (
            report["machine"].items()
        ),
        "load": [("ids that visitors learnt", report["known"]), *_most_first(report["runs"])],
        "handed in": _most_first(report["inputs"]),
        "faults": [*_most_first(report["faults"]), *(("left out", each) for each in report["left_out"])],
        "must be 0": [(name, len(each)) for name, each in report["harms"].items()],
        "seconds until the page answers": [
            (what, _seconds(each)) for what, each in _answers(report["answering"]).items()
        ],
        "the server": [*_usage(report["usage"]), *_lives(report)],
    }
    lines = [line for title, rows in parts.items() for line in _part(title, rows)]
    for name, sentences in report["harms"].items():
        lines += _listed(f"{name}:", sentences)
    said = [f"{n} x {sentence}" for sentence, n in _most_first(report["said_kindly"])]
    return "\n".join([*lines, *_listed("refused with:", said)])


def _part(title: str, rows: Iterable[tuple[str, Any]]) -> list[str]:
    rows = [(name, str(value)) for name, value in rows]
    widest = max((len(name) for name, _ in rows), default=0)
    return [title, *(f"  {name:{widest}}  {value}" for name, value in rows), ""]


def _listed(title: str, sentences: list[str]) -> list[str]:
    if not sentences:
        return []
    more = len(sentences) - _SHOWN
    rest = [f"  and {more} more"] if more > 0 else []
    return [title, *(f"  {sentence}" for sentence in sentences[:_SHOWN]), *rest, ""]


def _most_first(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda pair: -pair[1])


def _answers(answering: Mapping[str, Mapping[str, float]]) -> dict[str, Mapping[str, float]]:
    names = {"page": "GET /", "event": "a cheap event"}
    return {names.get(what, what): each for what, each in answering.items()}


def _seconds(summary: Mapping[str, float]) -> str:
    if not summary:
        return "not measured"
    return (
        f"median {summary['median']:.2f}, 95 % {summary['95 %']:.2f}, longest {summary['longest']:.2f}"
        f" ({summary['answers']} answers)"
    )


def _usage(usage: Mapping[str, Mapping[str, int] | None]) -> list[tuple[str, str]]:
    return [
        (
            when,
            f"{found['memory'] / 1e6:.0f} MB, {found['files']} open files, {found['threads']} threads"
            if found
            else "not known",
        )
        for when, found in usage.items()
    ]


def _lives(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [("answers after", ", ".join(f"{seconds:.1f} s" for seconds in report["starts"]))]
    for life in report["ends"]:
        rows.append((life["ended_by"], f"ended after {life['seconds']:.1f} s with {life['status']}"))
    return rows
