"""Where visitors of Try it drop photographs and films, and the sentence about too large ones.

The browser refuses a file above the limit and shows the reason to screen readers and in a tooltip
alone; the server never hears of it. So the sentence is always on the page, and a style sheet hides
it while no file is refused.
"""

import streamlit as st

from colornet.images import photo
from dashboard import films
from dashboard.attempt import Given

REFUSED = "refused"
HIDE = f"""<style>
.st-key-{REFUSED} {{ display: none; }}
body:has([data-testid=stFileChip][aria-invalid=true]) .st-key-{REFUSED} {{ display: flex; }}
</style>"""


def given() -> list[Given]:
    """Shows the place to drop files, under any names; returns those that arrived."""
    uploads = st.file_uploader(
        "Photographs and films", accept_multiple_files=True, key="photographs"
    )
    st.caption(films.limits())
    st.html(HIDE)
    with st.container(key=REFUSED):
        st.markdown(too_large())
    return [Given(upload.file_id, upload.name, upload.getvalue) for upload in uploads]


def too_large() -> str:
    """What is wrong with a file above the limit, and what to do, as Markdown."""
    here, command = st.get_option("server.maxUploadSize"), photo.MAX_BYTES // 1_000_000
    return (
        ":red[:material/error: **A file with a red mark was not taken.**] This page takes files of "
        f"up to {here} MB each. Colour a larger one with the command `colornet FILE`, which takes "
        f"up to {command} MB, or save it smaller, for example as a JPEG."
    )
