"""One customer: the past, the chance of still being there, and what to expect."""

from app.services.session import can, current_words
from app.widgets import customer_page
from app.widgets.customer_search import chosen, search_row
from app.widgets.required import require
from app.widgets.run_in_view import shown_run

identity = require("customers")
w = current_words()
shown = shown_run(w, identity, page=w("Customer"), may_add=can(identity, "data"))
search_row(w)
customer_page.customer_cards(w, customer_page.asked(identity, shown, chosen(w, shown)))
