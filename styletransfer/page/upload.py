"""Takes uploads in Gradio's place: each into its own folder, and none that the disk has no room for.

Gradio's own route puts equal files of several visitors into one place, where one of them would delete
the others' photo; and it leaves behind what it has of an upload that breaks off.
"""

import re
import shutil
from pathlib import Path

from gradio.route_utils import API_PREFIX, MultiPartException, upload_fn
from gradio.routes import file_upload_statuses
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..errors import StyleTransferError
from ..service.durable import is_full
from ..service.store import Store
from .i18n.translate import Words

LARGEST = 50 * 2**20  # bytes of a file
_STATUS = {"file_too_large": 413, "disk_full": 507}
_MALFORMED = 400
# What an address, of which a file's name becomes a part, uses for something else, or may not hold.
# Browsers send quotation marks and line ends as the first of these.
_NOT_IN_NAMES = re.compile(r"%(22|0[AD])|[%#?\"<>\\\x00-\x1f\x7f]", re.IGNORECASE)


def route(store: Store, texts: Words) -> Route:
    """The route for uploads, which has to come before Gradio's.

    Args:
        store: takes the uploads.
        texts: the texts in the page's language.
    """

    async def upload(request: Request) -> Response:
        progress = request.query_params.get("upload_id")
        statuses = file_upload_statuses if progress else None
        folder, taken = None, []
        try:
            store.room.check(announced(request))
            folder = store.uploads.place()
            taken, _, _ = await upload_fn(request, folder, LARGEST, progress, upload_progress=statuses)
            taken = [_plainly_named(each) for each in taken]
        except StyleTransferError as error:
            return _refused(error, texts)
        except OSError as error:
            if not is_full(error):
                raise
            return _refused(StyleTransferError("disk_full"), texts)
        except MultiPartException as error:
            if "File size exceeded" in error.message:
                most = f"{LARGEST // 2**20} MB"
                return _refused(StyleTransferError("file_too_large", most=most), texts)
        except (HTTPException, TypeError, ValueError):  # at a form of another kind, or a part of it
            pass
        finally:
            if folder and not taken:  # also where the connection was lost
                shutil.rmtree(folder, ignore_errors=True)
        return JSONResponse(taken) if taken else _refused(StyleTransferError("upload_malformed"), texts)

    return Route(f"{API_PREFIX}/upload", upload, methods=["POST"])


def announced(request: Request) -> int:
    """The bytes that a request says it has."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


def _refused(error: StyleTransferError, texts: Words) -> Response:
    return PlainTextResponse(texts.error(error), _STATUS.get(error.code, _MALFORMED))


def _plainly_named(file: str) -> str:
    """The path of the file under a name that an address can hold as it is."""
    path = Path(file)
    return str(path.rename(path.with_name(_NOT_IN_NAMES.sub("_", path.name))))
