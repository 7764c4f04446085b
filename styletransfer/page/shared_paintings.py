"""The addresses of paintings that were shared with a look: `/paintings/<name>.jpg`."""

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from ..service.shared_paintings import SharedPaintings
from .shared_page import HEADERS


def routes(paintings: SharedPaintings) -> list[Route]:
    """The route of shared paintings."""

    def painting(request: Request) -> Response:
        file = paintings.find(request.path_params["name"])
        if file is None:
            return Response(status_code=404, headers=HEADERS | {"Cache-Control": "no-store"})
        return FileResponse(file, media_type="image/jpeg", headers=HEADERS)

    return [Route("/paintings/{name}.jpg", painting)]
