"""The routes by which a program comes back to its run: its state as JSON, and its picture.

They are served beside Gradio, whose stream of `/stylize` cannot be taken up again once it has dropped.
"""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from ..engine.step import Step
from ..errors import StyleTransferError
from ..service.run import Run
from ..service.store import Store
from .finished import FORMATS

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def routes(store: Store) -> list[Route]:
    """`/runs/<name>`, which can also be deleted, and `/runs/<name>/picture.png` (or .jpg, .webp)."""

    def found(request: Request) -> Run:
        run = store.runs.find_run(request.path_params["name"])
        if run is None:
            raise StyleTransferError("run_gone")
        run.seen()
        return run

    async def state(request: Request) -> Response:
        try:
            run = found(request)
        except StyleTransferError as error:
            return _wrong(error, 404)
        if request.method == "DELETE":
            await asyncio.to_thread(store.runs.delete, [run.id])
            return Response(status_code=204)
        return JSONResponse(state_of(run), headers=_HEADERS)

    async def picture(request: Request) -> Response:
        suffix = f".{request.path_params['suffix']}"
        try:
            run = found(request)
        except StyleTransferError as error:
            return _wrong(error, 404)
        kept = run.finished and suffix in FORMATS.values()
        file = await asyncio.to_thread(store.files.result, run, suffix) if kept else None
        if file is None:
            return _wrong(StyleTransferError("run_without_picture"), 404)
        return FileResponse(file, headers=_HEADERS)

    return [
        Route("/runs/{name}", state, methods=["GET", "DELETE"]),
        Route("/runs/{name}/picture.{suffix}", picture),
    ]


def state_of(run: Run) -> dict[str, Any]:
    """What a program is told of its run, as JSON values."""
    step = run.step
    state = "painting" if step else "waiting"
    if run.finished:
        early = step is None or step.number < step.steps
        state = "failed" if run.error else "stopped" if early else "done"
    told: dict[str, Any] = {"state": state, "ahead": run.ahead, "error": None, "picture": None}
    if not run.finished and not step:
        told["begins_in"] = run.waits
    if run.error:
        told["error"] = {"code": run.error.code, "message": str(run.error)}
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


def _wrong(error: StyleTransferError, status: int) -> Response:
    said = {"error": {"code": error.code, "message": str(error)}}
    return JSONResponse(said, status, headers=_HEADERS)
