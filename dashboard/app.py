"""What `streamlit run dashboard/app.py` serves: router.py, through sockets without delay."""

import streamlit as st

from dashboard import sockets

app = st.App("router.py", lifespan=sockets.without_delay)
