"""Pictures -> the content of JPEG and PNG files."""

import io

from PIL import Image

from colornet.cli import encoders


def jpeg(picture: Image.Image, *, quality: int = 90, subsampling: int = -1) -> bytes:
    """A JPEG; subsampling: 0 keeps the colours at full size, -1 is Pillow's default."""
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality, subsampling=subsampling)
    return stream.getvalue()


def png(picture: Image.Image) -> bytes:
    """A PNG, compressed as those of the command `colornet` are."""
    stream = io.BytesIO()
    picture.save(stream, "PNG", **encoders.PNG)
    return stream.getvalue()
