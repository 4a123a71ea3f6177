"""The router: which page the address bar asks for, and nothing else."""

import streamlit as st

from colornet.system import memory

memory.give_back()
st.set_page_config(page_title="colornet", page_icon="🎨", layout="wide")
pages = [
    st.Page("views/home.py", title="Home", icon=":material/home:", default=True),
    st.Page("views/curves.py", title="Curves", icon=":material/show_chart:"),
    st.Page("views/results.py", title="Results", icon=":material/photo_library:"),
    st.Page("views/compare.py", title="Compare", icon=":material/compare:"),
    st.Page("views/quiz.py", title="Real or coloured?", icon=":material/quiz:"),
    st.Page("views/try_it.py", title="Try it", icon=":material/colorize:"),
    st.Page("views/pipeline.py", title="Pipeline", icon=":material/account_tree:"),
]
st.navigation(pages, position="top").run()
