"""Forecast: ask for one, watch it, and read what it says."""

from app.services import datasets
from app.services.session import current_words
from app.widgets import dataset_panels, forecast_panels
from app.widgets.required import require
from app.widgets.run_in_view import run_in_view
from app.widgets.states import empty

identity = require("forecast")
w = current_words()
saved = datasets.list_datasets(identity.tenant)
shown = run_in_view(identity)
forecast_panels.follow_chosen_run(shown, saved)
dataset = dataset_panels.chosen(saved)
if dataset is None:
    empty(w, page=w("Forecast"), may_add=True)
else:
    forecast_panels.forecast_page(w, identity, saved, dataset, shown)
