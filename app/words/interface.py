"""What the HTTP interface says: why it refuses, and what it tells of one customer."""

from __future__ import annotations

from app.words.text import Words, msg
from clvcore.records.columns import ACTIVE, AT_RISK, COOLING, LOST

SENTENCES: dict[str, str] = {
    "INVALID_JSON": msg("The body cannot be read as JSON."),
    "WRONG_TYPE": msg("Parameter '{parameter}' has another JSON type than documented"),
    "MALFORMED_HEADER": msg("Header '{parameter}' is malformed"),
    "MALFORMED_ADDRESS": msg("The address is malformed."),
    "AUTH_FAILED": msg("Invalid or expired authentication token"),
    "TENANT_MISMATCH": msg("These credentials do not belong to the tenant that was named."),
    "TENANT_DISABLED": msg("Access of this tenant is closed. Ask your administrator."),
    "NOT_FOUND": msg("There is nothing at this address."),
    "METHOD_NOT_ALLOWED": msg("This address does not answer that method."),
    "BODY_TOO_SLOW": msg("The body did not arrive in time."),
    "BODY_TOO_LARGE": msg("The body is larger than {limit} MB. Send fewer orders."),
    "UNSUPPORTED_MEDIA_TYPE": msg("Send JSON, in UTF-8 and not compressed."),
    "MISSING_PARAMETER": msg("Required parameter '{parameter}' is missing"),
    "UNKNOWN_PARAMETER": msg("A parameter is not known. Check its spelling."),
    "PARAMETER_TWICE": msg("Parameter '{parameter}' was given twice. Keep one of the two."),
    "OUT_OF_RANGE": msg("Parameter '{parameter}' is out of range"),
    "DUPLICATE_CUSTOMER": msg(
        "Parameter '{parameter}' names a customer in two summaries. Send one of each."
    ),
    "INVALID_ROWS": msg(
        "{count} rows cannot be read; details list the first of them by index. Mend them, or "
        "set on_invalid to leave_out and they are counted in data_quality."
    ),
    "RATE_LIMITED": msg("Too many requests. Wait a little and try again."),
    "INTERNAL_ERROR": msg(
        "Something went wrong on our side. Send the error id to your administrator."
    ),
    "QUEUE_FULL": msg("All places are taken. Try again in a little while."),
    "STORAGE_UNAVAILABLE": msg(
        "The server cannot write to its disk. Tell your administrator, and try again later."
    ),
    "TOO_LITTLE_MEMORY": msg(
        "There was not enough memory for this forecast. Send fewer orders, or try again later."
    ),
    "TOOK_TOO_LONG": msg(
        "The forecast took too long and was stopped. Send fewer orders, or try again later."
    ),
}
# Where no parameter can be named: names that are not ours are not repeated.
UNNAMED: dict[str, str] = {
    "WRONG_TYPE": msg("The body must be one JSON object."),
    "PARAMETER_TWICE": msg("An object names a member twice. Keep one of the two."),
}
SUGGESTED: dict[str, str] = {
    "UNKNOWN_PARAMETER": msg("A parameter is not known. Did you mean '{did_you_mean}'?"),
}
# What the engine refuses in sentences that quote the file or name the library's own settings.
REFUSALS: dict[str, str] = {
    "AMBIGUOUS_DATE_FORMAT": msg(
        "The dates can be read in two ways: day first or month first. Write them as 2024-06-30."
    ),
    "MIXED_DATE_FORMATS": msg("The dates are written in more than one way. Use 2024-06-30."),
    "AMBIGUOUS_NUMBER_FORMAT": msg(
        "The amounts can be read with a decimal point or a decimal comma. Send them as numbers."
    ),
    "MIXED_NUMBER_FORMATS": msg(
        "The amounts are written in more than one way. Send them as numbers."
    ),
    "MIXED_CURRENCIES": msg(
        "The amounts are in more than one currency and cannot be added. Send one currency at a "
        "time."
    ),
    "SUMMARIES_NOT_ORDERS": msg(
        "The rows of data are summaries, one per customer, and no orders. Send them as "
        "customer_data, with customer_id, tenure_days, recency_days, purchase_frequency and "
        "total_revenue."
    ),
    "UNKNOWN_COHORT": msg(
        "cohort_by must be month, quarter, year or an attribute that the orders carry."
    ),
    "MODEL_NEEDS_ORDERS": msg(
        "This model needs orders. With customer_data choose auto, probabilistic, bg_nbd, mbg_nbd, "
        "pareto_nbd or naive."
    ),
    "SUMMARIES_CONTRADICT": msg(
        "{count} summaries contradict themselves: recency_days may not exceed tenure_days, and "
        "each purchase needs a day of its own between the first and the last."
    ),
    "INSUFFICIENT_HISTORY": msg(
        "The orders cover {days} days; a forecast needs six calendar months, here {needed} days. "
        "Add older orders, or set allow_short_history and accept a weaker forecast."
    ),
    "AS_OF_TOO_EARLY": msg("as_of lies before the first order. Choose a later day."),
    "NO_PURCHASES": msg("Up to as_of the orders hold returns only: there is nothing to go on."),
    "NO_USABLE_ROWS": msg(
        "None of the {rows} orders can be used. Check customers, dates and amounts."
    ),
    "ATTRIBUTE_NAME_TAKEN": msg(
        "The attribute '{parameter}' has a name that means something else. Rename it."
    ),
    "MODEL_REFUSED": msg(
        "The model that was asked for cannot be fitted to these data. Choose auto, which copes."
    ),
    "DATA_REFUSED": msg("These data cannot be forecast as they are."),
}
STANDING = {
    ACTIVE: msg("Very likely still a customer."),
    COOLING: msg("Slowing down: buys less often than before."),
    AT_RISK: msg("At risk: has been silent for unusually long."),
    LOST: msg("Probably lost: has been silent for too long."),
}


def refusal(code: str, *, named: bool = False, suggested: bool = False) -> str:
    """Return the sentence of a code, unfilled.

    Parameters
    ----------
    code
        One of ``SENTENCES`` or ``REFUSALS``.
    named
        Whether the parameter at fault can be named.
    suggested
        Whether a name that was probably meant is known.

    Raises
    ------
    KeyError
        If nothing is said under this code.
    """
    if not named and code in UNNAMED:
        return UNNAMED[code]
    if suggested and code in SUGGESTED:
        return SUGGESTED[code]
    return SENTENCES[code] if code in SENTENCES else REFUSALS[code]


def standing_words(w: Words, risk: str) -> str:
    """Say where a customer of this risk stands."""
    return w(STANDING[risk])


def bought_words(w: Words, days: int) -> str:
    """Say on how many days a customer bought."""
    return w.plural("Bought on {n} day.", "Bought on {n} days.", days)


def silence_words(w: Words, days: int) -> str:
    """Say for how long a customer has been silent."""
    return w.plural("Silent for {n} day.", "Silent for {n} days.", days)


def chance_words(w: Words, percent: int) -> str:
    """Say the chance that a customer is still one, in whole percent."""
    return w("Still a customer with a chance of {share}.", share=w.percent(percent / 100))
