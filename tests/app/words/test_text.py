"""Words, numbers and escaping, in three languages."""

from __future__ import annotations

import datetime as dt

import pytest

from app.words.money import axis_labels
from app.words.text import LANGUAGES, MODEL_NAMES, md, negotiate, plotly_text, words_for
from clvcore.models.baselines import BASELINES
from clvcore.records.config import MODELS
from clvcore.records.errors import HistoryError, Notice

NARROW, NO_BREAK = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("value", "en", "es", "pt"),
    [
        (0, "£0", "0 £", "£ 0"),
        (0.004, "£0", "0 £", "£ 0"),
        (4.5, "£4.50", "4,50 £", "£ 4,50"),
        (40, "£40", "40 £", "£ 40"),
        (99.999, "£100", "100 £", "£ 100"),
        (588.4, "£588", "588 £", "£ 588"),
        (9615, "£9,615", "9.615 £", "£ 9.615"),
        (9999.6, "£10.0_k", "10,0_mil £", "£ 10,0_mil"),
        (12_345, "£12.3_k", "12,3_mil £", "£ 12,3_mil"),
        (118_000, "£118_k", "118_mil £", "£ 118_mil"),
        (999_600, "£1.00_M", "1,00_M £", "£ 1,00_mi"),
        (6_740_000, "£6.74_M", "6,74_M £", "£ 6,74_mi"),
        (13_100_000, "£13.1_M", "13,1_M £", "£ 13,1_mi"),
        (1_234_000_000, "£1.23_B", "1.230_M £", "£ 1,23_bi"),
        (-354_000, "−£354_k", "−354_mil £", "−£ 354_mil"),
    ],
)
def test_money_is_written_as_each_language_does(value, en, es, pt):
    for language, wanted in zip(("en", "es", "pt"), (en, es, pt), strict=True):
        wanted = wanted.replace("_", NARROW).replace(" ", NO_BREAK)
        assert words_for(language).money(value, "GBP") == wanted


def test_money_without_a_currency_or_a_number_stays_readable():
    w = words_for("en")
    assert w.money(1234, None) == "1,234"
    assert w.money(float("nan"), "GBP") == "–"
    assert w.money(1234, "CHF") == f"CHF{NO_BREAK}1,234"
    assert words_for("es").money(1234, "USD") == f"1.234{NO_BREAK}US$"


def test_an_axis_has_one_suffix_for_all_its_ticks():
    assert axis_labels([0, 400_000, 800_000, 1_200_000], "GBP", "en") == [
        "0", f"£0.4{NARROW}M", f"£0.8{NARROW}M", f"£1.2{NARROW}M",
    ]  # fmt: skip
    assert axis_labels([0, 2_500, 5_000], "EUR", "es") == [
        "0", f"2.500{NO_BREAK}€", f"5.000{NO_BREAK}€",
    ]  # fmt: skip
    assert axis_labels([-10.0, 0, 10.0], None, "pt") == ["−10", "0", "10"]


@pytest.mark.parametrize(
    ("level", "en", "es", "pt", "short"),
    [
        (0.5, "1 time out of 2", "1 vez de cada 2", "1 vez em 2", "1 in 2"),
        (0.8, "4 times out of 5", "4 veces de cada 5", "4 vezes em 5", "4 in 5"),
        (0.9, "9 times out of 10", "9 veces de cada 10", "9 vezes em 10", "9 in 10"),
        (0.95, "19 times out of 20", "19 veces de cada 20", "19 vezes em 20", "19 in 20"),
        (0.99, "99 times out of 100", "99 veces de cada 100", "99 vezes em 100", "99 in 100"),
        (0.87, "87 times out of 100", "87 veces de cada 100", "87 vezes em 100", "87 in 100"),
    ],
)
def test_levels_are_said_in_words(level, en, es, pt, short):
    said = [words_for(language).odds(level) for language in LANGUAGES]
    assert said == [en, es, pt]
    assert words_for("en").odds_short(level) == short


def test_dates_percentages_and_counts_follow_the_language():
    day = dt.date(2011, 6, 9)
    assert [words_for(x).date(day) for x in LANGUAGES] == ["9 Jun 2011"] + ["9 jun 2011"] * 2
    assert [words_for(x).percent(0.69) for x in LANGUAGES] == ["69%", f"69{NO_BREAK}%", "69%"]
    assert [words_for(x).percent(0.0172, 1) for x in LANGUAGES] == [
        "1.7%", f"1,7{NO_BREAK}%", "1,7%",
    ]  # fmt: skip
    assert [words_for(x).count(1_044_847) for x in LANGUAGES] == [
        "1,044,847", "1.044.847", "1.044.847",
    ]  # fmt: skip


def test_numbers_inside_a_sentence_follow_the_language_and_plurals_agree():
    assert words_for("en").plural("{n} row", "{n} rows", 1) == "1 row"
    assert words_for("es").plural("{n} row", "{n} rows", 12_345) == "12.345 filas"
    assert words_for("pt")("as of {day}", day=dt.date(2024, 2, 29)) == "em 29 fev 2024"


def test_errors_and_notices_are_translated_from_their_template():
    error = HistoryError("SOME_CODE", "The file is empty. Export the orders again.")
    assert words_for("es").error(error).startswith("El archivo está vacío")
    notice = Notice(
        "KNOWN_SILENCE",
        "The last order is dated {last}; the {days} days up to {as_of} count as days on which "
        "nobody bought.",
        last=dt.date(2024, 1, 2), days=1_200, as_of=dt.date(2027, 4, 16),
    )  # fmt: skip
    assert words_for("pt").notice(notice) == (
        "O último pedido é de 2 jan 2024; os 1.200 dias até 16 abr 2027 contam como dias sem "
        "compras."
    )
    assert words_for("es").notice("A plain sentence.") == "A plain sentence."


def test_a_page_names_models_and_ways_on_instead_of_settings():
    w = words_for("en")
    fell_back = Notice(
        "MODEL_FELL_BACK", "{model} was set aside for {following}: {reason}",
        model="bg_nbd", following="mbg_nbd", reason="too few",
    )  # fmt: skip
    assert w.notice(fell_back) == (
        "BG/NBD could not be fitted to these orders; MBG/NBD was used instead."
    )
    assert "allow_short_history" not in w.error(
        HistoryError(
            "INSUFFICIENT_HISTORY",
            "{days} days, {needed} needed (allow_short_history).",
            days=97,
            needed=182,
        )
    )
    assert {w.model(name) for name in MODEL_NAMES} == set(MODEL_NAMES.values())


@pytest.mark.parametrize(
    ("code", "values", "said"),
    [
        ("TREES_LEFT_OUT", {}, "The boosted trees were left out"),
        ("SPEND_FELL_BACK", {}, "Expected amounts are each customer’s own mean"),
        ("P_ALIVE_NOT_IDENTIFIED", {}, "Whether a one-time buyer is still a customer"),
        ("MODEL_FELL_BACK", {"model": "ensemble", "following": "bg_nbd"}, "Ensemble could not"),
    ],
)
def test_a_page_never_quotes_an_english_reason(code, values, said):
    notice = Notice(code, "{reason}", reason="XGBoost 100 customers auto", **values)
    for language in LANGUAGES:
        shown = words_for(language).notice(notice)
        assert "XGBoost" not in shown
        assert "auto" not in shown.split()
    assert words_for("en").notice(notice).startswith(said)
    assert words_for("es").notice(notice) != words_for("en").notice(notice)


def test_the_choice_of_a_model_is_told_with_names_and_a_sign():
    notice = Notice(
        "CHOSEN_BY_BACKTEST", "auto chose {model}: {change:+.1%} against {against}.",
        model="ensemble", change=-0.0721, against="seasonal_mbg",
    )  # fmt: skip
    assert words_for("en").notice(notice) == (
        "Automatic chose “Ensemble”: on past dates its typical miss was −7.2% against “Seasonal "
        "MBG/NBD”."
    )
    assert "«MBG/NBD estacional»" in words_for("es").notice(notice)
    assert "−7,2%" in words_for("es").notice(notice)


def test_a_list_of_models_is_told_with_their_names():
    notice = Notice("MEMBERS_NOT_SCORED", "{members} left out.", members="ml, cohort, lightgbm")
    assert words_for("en").notice(notice) == "Boosted trees, Cohorts and LightGBM left out."
    alone = Notice("MEMBERS_NOT_SCORED", "{members} left out.", members="xgboost")
    assert words_for("en").notice(alone) == "XGBoost left out."


def test_every_name_a_user_may_ask_for_has_words_for_pages():
    assert set(MODELS) <= set(MODEL_NAMES)
    assert set(BASELINES) <= set(MODEL_NAMES)
    for language in LANGUAGES:
        w = words_for(language)
        named = [w.model(name) for name in MODEL_NAMES]
        assert len(set(named)) == len(named)
    assert words_for("es").model("lightgbm") == "LightGBM"
    assert words_for("pt").model("cohort_mean") == "Média da coorte"
    assert words_for("pt").model("a name of tomorrow") == "a name of tomorrow"


def test_what_a_user_typed_never_becomes_markdown():
    typed = "![x](https://evil.example/p.png) *b* `c` $x$ :material/key: <i> a|b www.evil.example"
    escaped = md(typed)
    for mark in "!*`$:<|[](":
        unescaped = [i for i, c in enumerate(escaped) if c == mark and escaped[i - 1] != "\\"]
        assert not unescaped, (mark, escaped)
    assert "https\u2060" in escaped
    assert "www\u2060" in escaped
    assert md("maria@example.com").startswith("maria\u2060")
    assert "\n" not in md("one\ntwo")


def test_figures_show_tags_and_templates_as_text():
    assert plotly_text("<a href='x'>%{y}</a>&") == "&lt;a href='x'&gt;%&#123;y}&lt;/a&gt;&amp;"


@pytest.mark.parametrize(
    ("wishes", "language"),
    [(("pt-BR",), "pt"), ((None, "es_MX"), "es"), (("de", "xx"), "en"), ((), "en")],
)
def test_the_language_is_the_first_wish_that_exists(wishes, language):
    assert negotiate(*wishes) == language


def test_an_unknown_language_falls_back_to_english():
    assert words_for("xx")("Sign out") == "Sign out"
