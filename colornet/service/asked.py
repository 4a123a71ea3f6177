"""What a request asks for: the parameters of POST /colorize, and its body in JSON."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from colornet import hints
from colornet.hints import Hint
from colornet.service.errors import RefusedError, sentence

SETS = "a text in the format of photo.hints.json"


class Options(BaseModel):
    """How a picture is to be coloured; each as the option of the command line of this name."""

    model_config = ConfigDict(extra="forbid")

    run: str | None = Field(None, description="a name of GET /runs; by default its default")
    saturation: float | None = Field(
        None,
        ge=0,
        allow_inf_nan=False,
        description="strength of the colours; 0: grey; by default the run's",
    )
    format: Literal["jpeg", "png", "tiff", "webp", "avif"] | None = Field(
        None, description="format of the result; by default the picture's, as the command writes it"
    )
    quality: int = Field(95, ge=1, le=100, description="of JPEG, WebP and AVIF")
    compare: bool = Field(False, description="grey and coloured side by side")
    name: str | None = Field(
        None,
        max_length=255,
        description="the file's name, whose ending says its format; else its content does",
    )


class Query(Options):
    """The parameters in the address."""

    hints: str | None = Field(None, description=f"what is known of the colours, {SETS}")


class Body(Options):
    """The body in JSON; what it says goes before the parameters in the address."""

    image: str = Field(description="the content of the picture's file, in base64")
    hints: dict[str, Any] | None = Field(None, description=f"the same as {SETS}, as an object")


def body(content: bytes) -> Body:
    """The body in JSON. Raises RefusedError."""
    try:
        return Body.model_validate_json(content)
    except ValidationError as error:
        status = 400 if error.errors()[0]["type"] == "json_invalid" else 422
        raise RefusedError(status, sentence(error.errors())) from None


def over(query: Query, given: Body) -> Query:
    """The parameters, with what the body says of them instead of the address."""
    said = given.model_fields_set - {"image", "hints"}
    return query.model_copy(update={name: getattr(given, name) for name in said})


def hints_in(content: Any) -> list[Hint]:
    """The hints in a text of JSON, or in what it holds; none in None. Raises RefusedError."""
    if content is None:
        return []
    try:
        return hints.loads(content) if isinstance(content, str | bytes) else hints.parse(content)
    except ValueError as error:
        raise RefusedError(422, f"the hints cannot be used: {error}") from None
