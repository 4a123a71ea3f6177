"""What the tests of the dashboard's views ask of a page."""

import io
import json

from PIL import Image
from streamlit.testing.v1 import AppTest

from support.project import DASHBOARD


def jpeg(*, size: tuple[int, int] = (60, 40)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "peru").save(stream, "JPEG")
    return stream.getvalue()


def opened(view: str) -> AppTest:
    return AppTest.from_file(str(DASHBOARD / "views" / f"{view}.py"), default_timeout=120)


def ran(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, page.exception[0].message
    return page


def said(page: AppTest) -> str:
    kinds = (page.info, page.warning, page.error, page.markdown, page.caption, page.subheader)
    return "\n".join(element.value for kind in kinds for element in kind)


def captions(page: AppTest) -> list[str]:
    return [caption for image in page.image for caption in image.captions if caption]


def figure(page: AppTest) -> dict:
    return json.loads(page.get("plotly_chart")[0].proto.spec)
