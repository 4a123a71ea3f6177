"""The service as a FastAPI app: which requests it answers, and how."""

import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi import Query as InQuery
from fastapi.responses import HTMLResponse, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from colornet.cli.arguments import version
from colornet.service import asked, errors, page, picture, upload
from colornet.service.answer import PictureResponse
from colornet.service.errors import Error, RefusedError
from colornet.service.metrics import Counted, Metrics
from colornet.service.runs import List, Runs
from colornet.service.workers import Place, Workers

ABOUT = "Colours black-and-white photographs; those in colour are made grey first."
BINARY = {"schema": {"type": "string", "format": "binary"}}
PICTURES = ("image/jpeg", "image/png", "image/tiff", "image/webp", "image/avif", "image/bmp")
STATUSES = {
    400: "the body is no whole form, or no JSON",
    401: "the token is missing or wrong",
    404: "there is no such run",
    408: "the body did not arrive in time",
    413: "the picture has too many bytes or pixels",
    415: "the Content-Type is none of a picture",
    422: "a parameter is wrong, or the file cannot be read as a picture",
    503: "too many requests wait; Retry-After says when to come again",
    504: "the picture took too long",
}


@dataclass(frozen=True)
class Limits:
    """Of one picture; seconds: for its upload, then for waiting and colouring, then its answer."""

    max_pixels: int
    max_bytes: int
    seconds: float


def build(runs: Runs, workers: Workers, limits: Limits, *, token: str | None) -> Any:
    """The app, an ASGI callable. token: what requests must send, None for nothing."""
    # Not FastAPI's own /docs, which loads scripts from another server
    app = FastAPI(
        title="colornet", description=ABOUT, version=version(), docs_url=None, redoc_url=None
    )
    metrics = Metrics(workers)
    errors.handle(app)
    guard = [Depends(_guard(token))] if token else []
    _colorize(app, runs, workers, limits, metrics, guard)
    _about(app, runs, metrics, guard)
    return Counted(app, metrics)


def _guard(token: str) -> Any:
    expected = token.encode()

    async def check(
        given: Annotated[
            HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))
        ],
    ) -> None:
        sent = given.credentials.encode() if given else b""
        if not hmac.compare_digest(sent, expected):
            text = "the token is missing or wrong: send the header Authorization: Bearer TOKEN"
            raise RefusedError(401, text, {"WWW-Authenticate": "Bearer"})

    return check


def _colorize(
    app: FastAPI,
    runs: Runs,
    workers: Workers,
    limits: Limits,
    metrics: Metrics,
    guard: list[Any],
) -> None:
    async def place() -> AsyncIterator[Place]:
        with workers.place() as taken:  # before the body is read, until the answer is sent
            yield taken

    @app.post(
        "/colorize",
        summary="Colours a picture",
        dependencies=guard,
        response_class=Response,
        responses=_responses(guard),
        openapi_extra={"requestBody": _body()},
    )
    async def colorize(
        request: Request,
        query: Annotated[asked.Query, InQuery()],
        place: Annotated[Place, Depends(place)],
    ) -> Response:
        """Returns the picture at its full size.

        The file comes as the part `file` of a form, with an optional part `hints`, as the whole
        body, or as base64 in JSON. The header Colornet-Run names the run, Colornet-Notes what was
        done to the picture.
        """
        seconds = limits.seconds
        given = await upload.read(request, query, max_bytes=limits.max_bytes, seconds=seconds)

        def work(turn: Any) -> picture.Coloured:
            run = given.options.run
            most = limits.max_pixels
            return picture.colour(given, turn, lambda: runs.get(run), max_pixels=most)

        # After the body, the next message says that the client has left
        made = await place.run(work, request.receive())
        metrics.pixels.inc(made.pixels)
        return PictureResponse(
            made.content, seconds=seconds, media_type=made.media_type, headers=made.headers
        )


def _about(app: FastAPI, runs: Runs, metrics: Metrics, guard: list[Any]) -> None:
    refused: dict[int | str, dict[str, Any]] = {}
    if guard:
        refused = {401: {"model": Error, "description": STATUSES[401]}}

    @app.get("/runs", summary="The runs to choose from", dependencies=guard, responses=refused)
    async def listed() -> List:
        return runs.listed()

    @app.get("/healthz", summary="Whether the service is ready: it answers once the run is loaded")
    async def healthz() -> dict[str, str]:
        return {"status": "ready"}

    @app.get(
        "/metrics",
        summary="Figures for Prometheus",
        dependencies=guard,
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}, **refused},
    )
    async def figures() -> Response:
        text = generate_latest(metrics.registry)
        return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page.html(app.openapi()), headers=page.HEADERS)


def _responses(guard: list[Any]) -> dict[int | str, dict[str, Any]]:
    found: dict[int | str, dict[str, Any]] = {
        status: {"model": Error, "description": about}
        for status, about in STATUSES.items()
        if status != 401 or guard
    }
    content = {kind: BINARY for kind in PICTURES}
    return {200: {"description": "the coloured picture", "content": content}, **found}


def _body() -> dict[str, Any]:
    """The three forms of a body, for OpenAPI."""
    file = {"type": "string", "format": "binary"}
    hints = {"type": "string", "description": asked.SETS}
    form = {"type": "object", "required": ["file"], "properties": {"file": file, "hints": hints}}
    json = asked.Body.model_json_schema()
    plain = {kind: BINARY for kind in ("application/octet-stream", "image/*")}
    content = {upload.FORM: {"schema": form}, upload.JSON: {"schema": json}, **plain}
    return {"required": True, "content": content}
