"""What a program is told of its run, as JSON values."""

from typing import Any

from ..engine.step import Step
from ..service.run import Run
from ..settings import knobs
from .answers import VERSION, problem


def state_of(run: Run) -> dict[str, Any]:
    """What a program is told of its run, as JSON values."""
    step = run.step
    state = "painting" if step else "waiting"
    if run.finished:
        early = step is None or step.number < step.steps
        state = "failed" if run.error else "stopped" if early else "done"
    told: dict[str, Any] = {"version": VERSION, "run": run.id, "state": state, "ahead": run.ahead}
    told |= {"error": None, "picture": None}
    told["live"] = {knob.name: getattr(run.next_settings, knob.name) for knob in knobs() if knob.live}
    if not run.finished and not step:
        told["begins_in"] = run.waits
    if run.error:
        told["error"] = problem(run.error)
    elif run.finished and run.view is not None:
        told["picture"] = f"runs/{run.id}/picture.png"
    return told | (_progress(step) if step else {})


def _progress(step: Step) -> dict[str, Any]:
    return {
        "step": step.number,
        "steps": step.steps,
        "seconds": round(step.elapsed, 1),
        "seconds_left": round(step.remaining, 1),
        "losses": {"content": step.content, "style": step.style, "total": step.total},
    }
