"""What the tests of the Try it page share: a network that is no network, uploads, downloads."""

import base64
import io
import json

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard import attempt
from support import pages
from support.pages import ran
from support.pictures import colourful

AB = np.linspace(-0.3, 0.3, 24 * 16 * 2, dtype="float32").reshape(16, 24, 2)


def encoded(picture: Image.Image | None = None, *, kind: str = "PNG") -> bytes:
    return pages.encoded(picture or colourful(0).resize((60, 40)), kind=kind)


@pytest.fixture(name="asked")
def replaced_networks(monkeypatch) -> list[str]:
    """Replaces the networks by one that always returns AB; lists the runs that are asked for it."""
    runs = []

    class Colorizer:
        saturation = 1.5

        def __init__(self, folder):
            if (folder / "model.keras").read_bytes() == b"broken":
                raise ValueError(f"{folder}/model.keras is broken: train it again.")
            self.name = folder.name

        def colours(self, picture):
            runs.append(self.name)
            return AB

    monkeypatch.setattr("colornet.colorizer.Colorizer", Colorizer)
    return runs


@pytest.fixture(name="offered")
def offered_downloads(monkeypatch) -> list[tuple]:
    """(name, what makes the content) of each download button, the newest last."""
    offered = []
    button = st.download_button

    def recorded(label, **options):
        offered.append((options["file_name"], options["data"]))
        return button(label, **options)

    monkeypatch.setattr(st, "download_button", recorded)
    return offered


def opened() -> AppTest:
    return ran(pages.opened("try_it"))


def drop(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    page.file_uploader[0].set_value([(name, content, "image/png") for name, content in files])
    return ran(page)


def sliders(page: AppTest) -> list[dict]:
    return [json.loads(element.proto.json) for element in page.get("bidi_component")]


def labels(page: AppTest) -> list[str]:
    return [slider["after"]["label"] for slider in sliders(page)]


def said(page: AppTest) -> str:
    return pages.said(page).replace(attempt.NBSP, " ")


def decoded(url: str) -> np.ndarray:
    content = base64.b64decode(url.split(",")[1])
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
