"""Figures in words, in three languages: ranges, past totals, terms, and how a figure moved."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import pytest

from app.words.coverage import points
from app.words.figures import Interval
from app.words.forecast import cut_offs, total_words, value_terms
from app.words.overview_figures import overview_kpis, signed_money, since_words
from app.words.past_totals import at_level, totals_words
from app.words.run_in_view import horizon_words


def test_a_total_has_a_range_or_says_that_it_has_none(in_three):
    known = Interval(value=118_000.0, low=90_000.0, high=150_000.0)
    unknown = Interval(value=118_000.0, low=math.nan, high=math.nan)
    assert in_three(lambda w: total_words(w, known, 0.8, "GBP")) == [
        "£90.0 k – £150 k, 4 in 5",
        "90,0 mil £ – 150 mil £, 4 de 5",
        "£ 90,0 mil – £ 150 mil, 4 em 5",
    ]
    assert in_three(lambda w: total_words(w, unknown, 0.8, "GBP")) == [
        "Range not measured yet", "Rango aún sin medir", "Faixa ainda não medida",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (0.012, ["+1.2 pt", "+1,2 pt", "+1,2 p.p."]),
        (-0.031, ["−3.1 pt", "−3,1 pt", "−3,1 p.p."]),
        (-0.0001, ["0.0 pt", "0,0 pt", "0,0 p.p."]),
    ],
)
def test_a_difference_of_shares_has_a_sign_unless_it_is_none(off, said, in_three):
    assert in_three(lambda w: points(w, off)) == said


def test_past_totals_are_counted(in_three, make_trust):
    totals = at_level(make_trust(actual=(6.44e6, 99e6)).totals, "all")
    assert in_three(lambda w: totals_words(w, totals)) == [
        "1 of 2 past totals landed inside their range",
        "1 de 2 totales pasados cayeron dentro de su rango",
        "1 de 2 totais passados caíram dentro da sua faixa",
    ]
    assert in_three(lambda w: totals_words(w, totals.head(0))) == [
        "Past totals, and what happened",
        "Totales pasados y lo que ocurrió",
        "Totais passados e o que aconteceu",
    ]


def test_a_horizon_is_said_in_months_or_days(in_three, shown):
    assert in_three(lambda w: horizon_words(w, None, 90)) == ["90 days", "90 días", "90 dias"]
    assert in_three(lambda w: horizon_words(w, 1, None)) == ["1 month", "1 mes", "1 mês"]
    assert in_three(lambda w: " · ".join(shown.about(w)[1:])) == [
        "as of 31 Dec 2024 · next 12 months · EUR",
        "a 31 dic 2024 · próximos 12 meses · EUR",
        "em 31 dez 2024 · próximos 12 meses · EUR",
    ]


def test_terms_say_revenue_or_margin_and_the_discount(in_three, shown):
    config = replace(shown.run.config, gross_margin=0.4, annual_discount_rate=0.1)
    assert in_three(lambda w: value_terms(w, shown.run)) == [
        "Revenue, not margin. Not discounted.",
        "Ingresos, no margen. Sin descontar.",
        "Receita, não margem. Sem desconto.",
    ]
    assert in_three(lambda w: value_terms(w, replace(shown.run, config=config))) == [
        "Margin 40% applied. Discounted at 10% a year.",
        "Con un margen del 40 %. Descontado al 10 % anual.",
        "Com margem de 40%. Descontado a 10% ao ano.",
    ]


def test_every_cut_off_stands_in_one_line(in_three, shown):
    assert in_three(lambda w: cut_offs(w, shown.run)) == [
        "Cut-offs · Value: high = top 20%, medium = next 40%, low = the rest. Risk, by chance of "
        "still being a customer: active 80% and over, cooling 50–79%, at risk 20–49%, lost under "
        "20%.",
        "Límites · Valor: alto = 20 % superior, medio = 40 % siguiente, bajo = el resto. Riesgo, "
        "por probabilidad de seguir siendo cliente: activo 80 % o más, se enfría 50–79 %, en "
        "riesgo 20–49 %, perdido menos del 20 %.",
        "Limites · Valor: alto = 20% do topo, médio = 40% seguintes, baixo = o resto. Risco, pela "
        "chance de ainda ser cliente: ativo 80% ou mais, esfriando 50–79%, em risco 20–49%, "
        "perdido menos de 20%.",
    ]


def test_a_move_is_said_with_its_sign_and_since_when(in_three):
    now, then = dt.date(2011, 6, 9), dt.date(2011, 5, 9)
    assert in_three(lambda w: since_words(w, now, then)) == ["vs 9 May", "vs. 9 may", "vs. 9 mai"]
    assert in_three(lambda w: signed_money(w, 588.0, "GBP")) == ["+£588", "+588 £", "+£ 588"]
    assert in_three(lambda w: signed_money(w, -588.0, "GBP")) == ["−£588", "−588 £", "−£ 588"]


def test_the_five_figures_are_labelled(in_three, shown):
    assert in_three(lambda w: " · ".join(kpi.label for kpi in overview_kpis(w, shown, None))) == [
        "Expected, 12 months · Customers · Still customers · Per customer · High value’s share",
        "Esperado, 12 meses · Clientes · Aún clientes · Por cliente · Parte del valor alto",
        "Esperado, 12 meses · Clientes · Ainda clientes · Por cliente · Parcela do alto valor",
    ]
    assert in_three(lambda w: overview_kpis(w, shown, None)[1].words) == [
        "3 left out: no orders that count",
        "3 excluidos: ningún pedido válido",
        "3 de fora: nenhum pedido válido",
    ]
