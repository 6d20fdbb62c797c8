"""A file in two steps: made at a click by whoever may, then taken once from its own address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app.services.downloads import LIFETIME, File, offer
from app.services.session import Identity, asking
from app.words.text import Words, md
from clvcore.records.errors import ClvError

Make = Callable[[Identity], File]


@dataclass(frozen=True, kw_only=True)
class _Made:
    """What came of a click: an address and a name, or the error in the way."""

    about: object
    name: str = ""
    address: str = ""
    error: Exception | None = None


def take_away(
    w: Words, label: str, make: Make, *, capability: str, key: str, icon: str = "download",
    about: object = None, help: str | None = None, width: str = "content",  # noqa: A002
) -> None:  # fmt: skip
    """Draw the button, and after the click the link, which works once.

    Parameters
    ----------
    make
        Makes the file for the person asked about again at the click.
    about
        What the file depends on; a link to something else is not shown any more.
    """
    st.button(
        md(label), icon=f":material/{icon}:", key=f"{key}-prepare", width=width,
        help=md(help) if help else None, on_click=_prepare, args=(key, make, capability, about),
    )  # fmt: skip
    made = st.session_state.pop(f"{key}-made", None)
    if made is None or made.about != about:
        return
    if isinstance(made.error, ClvError):
        st.warning(w.error(made.error))
    elif made.error is not None:
        st.warning(w("Your role may not do this. Ask your administrator."))
    else:
        st.link_button(
            md(made.name), made.address, icon=":material/file_save:", type="primary", width=width
        )
        minutes = int(LIFETIME.total_seconds() // 60)
        st.caption(w("The link works once, for {minutes} minutes.", minutes=minutes))


def _prepare(key: str, make: Make, capability: str, about: object) -> None:
    identity = asking(capability)
    try:
        if identity is None:
            raise PermissionError(capability)
        file = make(identity)
    except (ClvError, PermissionError) as error:
        st.session_state[f"{key}-made"] = _Made(about=about, error=error)
    else:
        address = offer(identity, file, capability)
        st.session_state[f"{key}-made"] = _Made(about=about, name=file.name, address=address)
