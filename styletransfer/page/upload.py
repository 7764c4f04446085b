"""Takes uploads in Gradio's place: each into its own folder, and none that the disk has no room for.

Gradio's own route puts equal files of several visitors into one place, where one of them would delete
the others' photo; and it leaves behind what it has of an upload that breaks off.
"""

import shutil

from gradio.route_utils import API_PREFIX, MultiPartException, upload_fn
from gradio.routes import file_upload_statuses
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..errors import StyleTransferError
from ..service.durable import is_full
from ..service.store import Store
from .i18n.translate import Words

LARGEST = 50 * 2**20  # bytes of a file
_TOO_LARGE, _WRONG, _NO_ROOM = 413, 400, 507  # status codes of HTTP


def route(store: Store, texts: Words) -> Route:
    """The route for uploads, which has to come before Gradio's.

    Args:
        store: takes the uploads.
        texts: the texts in the page's language.
    """

    async def upload(request: Request) -> Response:
        progress = request.query_params.get("upload_id")
        try:
            store.room.check(_announced(request))
            folder = store.uploads.place()
        except StyleTransferError as error:
            return PlainTextResponse(texts.error(error), _NO_ROOM)
        except OSError as error:
            return _refused(error, texts)
        taken = None
        try:
            statuses = file_upload_statuses if progress else None
            taken, _, _ = await upload_fn(request, folder, LARGEST, progress, upload_progress=statuses)
            return JSONResponse(taken)
        except MultiPartException as error:
            large = "maximum allowed size" in error.message
            return PlainTextResponse(error.message, _TOO_LARGE if large else _WRONG)
        except OSError as error:
            return _refused(error, texts)
        finally:
            if not taken:  # also where the connection was lost
                shutil.rmtree(folder, ignore_errors=True)

    return Route(f"{API_PREFIX}/upload", upload, methods=["POST"])


def _announced(request: Request) -> int:
    """The bytes that a request says it has."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


def _refused(error: OSError, texts: Words) -> Response:
    if not is_full(error):
        raise error
    return PlainTextResponse(texts.error(StyleTransferError("disk_full")), _NO_ROOM)
