"""What the past proves, in three languages: verdicts, the finding, and how it was checked."""

from __future__ import annotations

import pytest

from app.words.trust import badge_words, finding, qualification, rule
from clvcore.records.trust import Trust


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("good", ["Trust: good", "Confianza: buena", "Confiança: boa"]),
        ("fair", ["Trust: fair", "Confianza: aceptable", "Confiança: razoável"]),
        ("weak", ["Trust: weak", "Confianza: débil", "Confiança: fraca"]),
        ("not_measured", ["Trust: not measured", "Confianza: sin medir", "Confiança: não medida"]),
    ],
)
def test_the_badge_names_the_verdict(verdict, said, in_three):
    assert in_three(lambda w: badge_words(w, verdict)) == said


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (
            {},
            [
                "You can rely on this forecast: we promised 95 times in 100, and held 94.",
                "Puedes confiar en este pronóstico: prometimos 95 veces de cada 100 y cumplimos "
                "94.",
                "Você pode confiar nesta previsão: prometemos 95 vezes em 100 e cumprimos 94.",
            ],
        ),
        (
            {"verdict": "fair", "actual": (6.44e6, 99e6)},
            [
                "Use this forecast with some care: 1 of 2 past totals missed its range.",
                "Usa este pronóstico con cierto cuidado: 1 de 2 totales pasados cayó fuera de su "
                "rango.",
                "Use esta previsão com algum cuidado: 1 de 2 totais passados caiu fora da sua "
                "faixa.",
            ],
        ),
        (
            {"verdict": "weak", "actual": (1e6, 99e6)},
            [
                "Use this forecast for ranking, not for budgets: 2 of 2 past totals missed their "
                "range.",
                "Usa este pronóstico para ordenar, no para presupuestar: 2 de 2 totales pasados "
                "cayeron fuera de su rango.",
                "Use esta previsão para ordenar, não para orçar: 2 de 2 totais passados caíram "
                "fora da sua faixa.",
            ],
        ),
        (
            {"verdict": "fair", "held": {0.5: 0.5, 0.8: 0.8, 0.9: 0.95, 0.95: 0.99}},
            [
                "Use this forecast with some care: its ranges are a little wider than needed, 90 "
                "times in 100 promised and 95 held.",
                "Usa este pronóstico con cierto cuidado: sus rangos son algo más anchos de lo "
                "necesario, 90 veces de cada 100 prometidas y 95 cumplidas.",
                "Use esta previsão com algum cuidado: suas faixas são um pouco mais largas que o "
                "necessário, 90 vezes em 100 prometidas e 95 cumpridas.",
            ],
        ),
    ],
    ids=["held", "one total missed", "both totals missed", "too wide"],
)
def test_the_finding_says_what_to_do_with_the_forecast(
    measured, said, in_three, shown, changed, make_trust
):
    run = changed(shown, trust=make_trust(**measured))
    assert in_three(lambda w: finding(w, run)) == said


def test_a_past_without_figures_is_said_to_be_unknown(in_three, shown, changed):
    run = changed(shown, trust=Trust(), warnings=())
    assert in_three(lambda w: finding(w, run)) == [
        "Nobody knows yet how far to trust this forecast.",
        "Aún no se sabe cuánto confiar en este pronóstico.",
        "Ainda não se sabe quanto confiar nesta previsão.",
    ]
    assert in_three(lambda w: qualification(w, run)) == [
        "It was made by a version that did not measure ranges yet. Run it again to have them "
        "measured.",
        "Lo hizo una versión que aún no medía los rangos. Vuelve a hacerlo para medirlos.",
        "Foi feita por uma versão que ainda não media as faixas. Faça-a de novo para medi-las.",
    ]


def test_the_qualification_says_how_the_past_was_checked(in_three, shown, changed, make_trust):
    run = changed(shown, trust=make_trust())
    english, spanish, portuguese = in_three(lambda w: qualification(w, run))
    assert english.startswith("Checked by going back to 2 past dates, forecasting the 12 months")
    assert english.endswith("2 of 2 past totals landed inside their range.")
    assert spanish.endswith("2 de 2 totales pasados cayeron dentro de su rango.")
    assert portuguese.endswith("2 de 2 totais passados caíram dentro da sua faixa.")


def test_the_rule_names_its_cut_offs(in_three):
    assert in_three(rule) == [
        "Good: at 80%, 90% and 95% within 3 points of the promise, and past totals inside their "
        "ranges. Fair: within 7. Weak: beyond. Not measured: no past date of this horizon.",
        "Buena: al 80 %, 90 % y 95 %, a 3 puntos o menos de lo prometido, y los totales pasados "
        "dentro de sus rangos. Aceptable: a 7 o menos. Débil: más lejos. Sin medir: ninguna fecha "
        "pasada con este horizonte.",
        "Boa: a 80%, 90% e 95%, a até 3 pontos do prometido, e os totais passados dentro das suas "
        "faixas. Razoável: a até 7. Fraca: além disso. Não medida: nenhuma data passada com este "
        "horizonte.",
    ]
