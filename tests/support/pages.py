"""What the tests of the dashboard do with a page and read from it."""

import io
import json

from PIL import Image
from streamlit.testing.v1 import AppTest

from support.project import DASHBOARD


def encoded(picture: Image.Image, *, kind: str) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind)
    return stream.getvalue()


def opened(view: str, **address: str | list[str]) -> AppTest:
    """A page that has not run yet; address: what stands in the address bar."""
    page = AppTest.from_file(str(DASHBOARD / "views" / f"{view}.py"), default_timeout=600)
    for key, value in address.items():
        page.query_params[key] = value
    return page


def ran(page: AppTest) -> AppTest:
    """The page after another run, which must raise nothing."""
    page.run()
    assert not page.exception, page.exception[0].message
    return page


def said(page: AppTest) -> str:
    """All sentences of a page."""
    kinds = (page.info, page.success, page.warning, page.error)
    kinds += (page.markdown, page.caption, page.subheader)
    return "\n".join(element.value for kind in kinds for element in kind)


def captions(page: AppTest) -> list[str]:
    """The captions of all pictures."""
    found = [caption for image in page.image for caption in image.captions if caption]
    return [caption.replace("\N{NO-BREAK SPACE}", " ") for caption in found]


def figure(page: AppTest) -> dict:
    """The first chart."""
    return json.loads(page.get("plotly_chart")[0].proto.spec)
