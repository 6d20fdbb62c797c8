"""The dashboard's entry: who is there, which pages, and the page."""

import streamlit as st

from app.server.warm_up import page_drawn
from app.services.session import current_words, identity_of
from app.widgets.navigation import SIDEBAR_PIXELS, mark, pages
from app.widgets.sign_in import signed_in

st.set_page_config(
    page_title="clv", page_icon=mark(), layout="wide", initial_sidebar_state=SIDEBAR_PIXELS
)
w = current_words()
account = signed_in(w)
identity = identity_of(account) if account else None
page = st.navigation(pages(w, identity), position="sidebar" if identity else "hidden")
if identity:
    # loads what forecasts are read with: not for the sign-in page
    from app.widgets import look
    from app.widgets.sidebar import sidebar

    look.apply()
    st.logo(mark(letters=True), size="large")
    sidebar(w, identity)
    page.run()
page_drawn()
