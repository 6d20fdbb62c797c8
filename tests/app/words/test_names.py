"""Names of settings, roles, groups, cohorts and actions, in three languages."""

from __future__ import annotations

import pytest

from app.words.cohorts import cohort_name, row_words, span_words
from app.words.groups import (
    action_words,
    group_name,
    reason_words,
    risk_names,
    risk_ranges,
    segment_names,
)
from app.words.roles import capability_names, role_name
from app.words.settings import setting_names, setting_value

CUT_OFFS = {"active_from": 0.7, "cooling_from": 0.4, "at_risk_from": 0.15}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("model", "seasonal_mbg", ["Seasonal MBG/NBD", "MBG/NBD estacional", "MBG/NBD sazonal"]),
        ("confidence_level", 0.95, ["19 in 20 (95%)", "19 de 20 (95 %)", "19 em 20 (95%)"]),
        (
            "cohort_by",
            "quarter",
            ["Quarter of first purchase", "Trimestre 1.ª compra", "Trimestre da 1ª compra"],
        ),
        ("allow_short_history", True, ["Yes", "Sí", "Sim"]),
        ("annual_discount_rate", 0.105, ["10.5%", "10,5 %", "10,5%"]),
        ("as_of", None, ["–", "–", "–"]),
    ],
)
def test_a_setting_reads_as_people_say_it(name, value, said, in_three):
    assert in_three(lambda w: setting_value(w, name, value)) == said


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        (
            lambda w: setting_names(w)["annual_discount_rate"],
            ["Discount a year", "Descuento anual", "Desconto ao ano"],
        ),
        (lambda w: role_name(w, "executive"), ["executive", "dirección", "direção"]),
        (
            lambda w: capability_names(w)["runs"],
            [
                "Compare and delete forecasts",
                "Comparar y borrar pronósticos",
                "Comparar e apagar previsões",
            ],
        ),
        (
            lambda w: action_words(w)["medium_at_risk"],
            [
                "Win-back offer with an expiry date",
                "Oferta de regreso con fecha límite",
                "Oferta de retorno com data limite",
            ],
        ),
        (
            lambda w: reason_words(w)["cooling"],
            ["Late; most return", "Tarde; suele volver", "Tarde; costuma voltar"],
        ),
        (lambda w: risk_names(w)["at_risk"], ["At risk", "En riesgo", "Em risco"]),
        (lambda w: segment_names(w)["medium"], ["Medium", "Medio", "Médio"]),
        (
            lambda w: risk_ranges(CUT_OFFS, w)["active"],
            ["70% and over", "70 % o más", "70% ou mais"],
        ),
        (lambda w: risk_ranges(CUT_OFFS, w)["cooling"], ["40–69%", "40–69 %", "40–69%"]),
        (
            lambda w: risk_ranges(CUT_OFFS, w)["lost"],
            ["under 15%", "menos del 15 %", "menos de 15%"],
        ),
        (
            lambda w: group_name(w, "origin", "2011-06-09"),
            ["From 9 Jun 2011", "Desde el 9 jun 2011", "Desde 9 jun 2011"],
        ),
        (lambda w: group_name(w, "segment", "high"), ["High value", "Valor alto", "Valor alto"]),
        (lambda w: cohort_name(w, "2010-Q1"), ["2010 Q1", "2010 T1", "2010 T1"]),
        (lambda w: cohort_name(w, "2010-01"), ["Jan 2010", "ene 2010", "jan 2010"]),
        (lambda w: cohort_name(w, "Retail"), ["Retail"] * 3),
        (lambda w: span_words(w, 12), ["a year", "un año", "um ano"]),
        (lambda w: span_words(w, 1), ["1 month", "1 mes", "1 mês"]),
        (
            lambda w: row_words(w, "quarter"),
            [
                "quarter of first purchase",
                "trimestre de la primera compra",
                "trimestre da primeira compra",
            ],
        ),
    ],
)
def test_a_name_is_that_of_the_language(sentence, said, in_three):
    assert in_three(sentence) == said
