"""Why a request is refused: a status of HTTP and one sentence, sent as {"error": sentence}."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

GONE = 499  # as nginx counts requests whose client did not wait for the answer; nobody reads it


class Error(BaseModel):
    """What every refused request is answered with."""

    error: str = Field(description="one sentence: what is wrong, and what to do")


class RefusedError(Exception):
    """A request is answered with `status` and the sentence `str(error)`."""

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None):
        super().__init__(sentence)
        self.status, self.headers = status, headers

    def answer(self) -> JSONResponse:
        """The response."""
        return JSONResponse({"error": str(self)}, self.status, self.headers)


def gone() -> RefusedError:
    """The client closed the connection."""
    return RefusedError(GONE, "the client closed the connection")


def handle(app: FastAPI) -> None:
    """Makes the app answer whatever goes wrong in it with JSON."""

    async def refused(_: Request, error: Any) -> JSONResponse:
        return error.answer()

    async def invalid(_: Request, error: Any) -> JSONResponse:
        return RefusedError(422, sentence(error.errors())).answer()

    async def of_http(request: Request, error: Any) -> JSONResponse:
        return _of_http(request, error).answer()

    async def left(_: Request, __: Any) -> JSONResponse:
        return gone().answer()

    async def unexpected(_: Request, error: Any) -> JSONResponse:
        text = f"the service met an unexpected {type(error).__name__}; its log says where"
        return RefusedError(500, text).answer()

    app.add_exception_handler(RefusedError, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(ClientDisconnect, left)
    app.add_exception_handler(Exception, unexpected)


def sentence(errors: Any) -> str:
    """One sentence about the first of pydantic's errors of parameters."""
    # A misspelt name is both unknown and missing; "unknown" is what helps
    first = min(errors, key=lambda each: each["type"] != "extra_forbidden")
    name = ".".join(str(part) for part in first["loc"] if part not in ("query", "body"))
    if first["type"] == "extra_forbidden":
        return f"the parameter {name} is not known; /docs lists those that are"
    if first["type"] == "missing":
        return f"the parameter {name} is missing; add it"
    if not name:  # the body as a whole
        return f"the body is not what /docs describes: {first['msg']}"
    given = repr(first["input"])
    given = given if len(given) <= 40 else f"{given[:40]}..."
    return f"{name} is {given}: {first['msg'][0].lower()}{first['msg'][1:]}"


def _of_http(request: Request, error: HTTPException) -> RefusedError:
    path, method = request.url.path, request.method
    known = {
        404: f"there is no {path}; /docs lists what there is",
        405: f"{path} does not answer {method}; /docs says what it answers",
    }
    text = known.get(error.status_code, str(error.detail))
    return RefusedError(error.status_code, text, error.headers)
