"""What the HTTP interface says, in three languages."""

from __future__ import annotations

import pytest

from app.words.interface import (
    bought_words,
    chance_words,
    refusal,
    silence_words,
    standing_words,
)


@pytest.mark.parametrize(
    ("sentence", "values", "said"),
    [
        (
            refusal("BODY_TOO_LARGE"),
            {"limit": 64},
            [
                "The body is larger than 64 MB. Send fewer orders.",
                "El cuerpo supera los 64 MB. Envíe menos pedidos.",
                "O corpo passa de 64 MB. Envie menos pedidos.",
            ],
        ),
        (
            refusal("WRONG_TYPE", named=True),
            {"parameter": "as_of"},
            [
                "Parameter 'as_of' has another JSON type than documented",
                "El parámetro 'as_of' tiene otro tipo JSON que el documentado",
                "O parâmetro 'as_of' tem outro tipo JSON que o documentado",
            ],
        ),
    ],
)
def test_a_refusal_says_what_is_wrong(sentence, values, said, in_three):
    assert in_three(lambda w: w(sentence, **values)) == said


def test_a_refusal_names_what_it_can():
    assert refusal("WRONG_TYPE") == "The body must be one JSON object."
    assert "'{did_you_mean}'" in refusal("UNKNOWN_PARAMETER", suggested=True)
    assert "did_you_mean" not in refusal("UNKNOWN_PARAMETER")
    assert refusal("AS_OF_TOO_EARLY").startswith("as_of lies before the first order")
    with pytest.raises(KeyError):
        refusal("SOMETHING_NEW")


def test_a_customer_is_explained_in_counts_that_agree(in_three):
    assert in_three(lambda w: bought_words(w, 1)) == [
        "Bought on 1 day.", "Compró en 1 día.", "Comprou em 1 dia.",
    ]  # fmt: skip
    assert in_three(lambda w: silence_words(w, 1_200)) == [
        "Silent for 1,200 days.", "Sin comprar desde hace 1.200 días.",
        "Sem comprar há 1.200 dias.",
    ]  # fmt: skip
    assert in_three(lambda w: chance_words(w, 83)) == [
        "Still a customer with a chance of 83%.",
        "Sigue siendo cliente con una probabilidad de 83 %.",
        "Ainda é cliente com probabilidade de 83%.",
    ]
    assert in_three(lambda w: standing_words(w, "cooling")) == [
        "Slowing down: buys less often than before.",
        "Se está enfriando: compra menos a menudo que antes.",
        "Está esfriando: compra com menos frequência do que antes.",
    ]
