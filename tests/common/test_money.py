"""Amounts are whole minor units; people read and type them their own way."""

import pytest
from django.utils import translation

from medai.common.money import AmountInvalid, CurrencyUnknown, exponent, format_money, parse_money


@pytest.mark.parametrize(
    ("minor", "currency", "spanish", "english"),
    [
        (18_000_000, "COP", "$ 180.000", "COP 180,000"),
        (20_000, "USD", "US$ 200", "$200"),
        (20_050, "USD", "US$ 200,50", "$200.50"),
        (0, "COP", "$ 0", "COP 0"),
        (-15_000, "USD", "-US$ 150", "-$150"),
        (5_000, "JPY", "JPY 5.000", "¥5,000"),
        (1_234_567, "KWD", "KWD 1.234,567", "KWD 1,234.567"),
    ],
)
def test_amounts_are_shown_in_the_readers_way(minor, currency, spanish, english):
    with translation.override("es"):
        assert format_money(minor, currency).replace("\u00a0", " ") == spanish
        assert format_money(minor, currency, "en").replace("\u00a0", " ") == english
    with translation.override("en"):
        assert format_money(minor, currency).replace("\u00a0", " ") == english


@pytest.mark.parametrize(
    ("typed", "currency", "language", "minor"),
    [
        ("180000", "COP", "es", 18_000_000),
        ("180.000", "COP", "es", 18_000_000),
        ("$ 180.000", "COP", "es", 18_000_000),
        ("180,000", "COP", "es", 18_000_000),
        ("1.180.000,50", "COP", "es", 118_000_050),
        ("1,180,000.50", "COP", "es", 118_000_050),
        ("180 000", "COP", "es", 18_000_000),
        ("US$ 200", "USD", "es", 20_000),
        ("200.5", "USD", "es", 20_050),
        ("200,50", "USD", "en", 20_050),
        ("200 USD", "USD", "en", 20_000),
        ("5000", "JPY", "en", 5_000),
        ("5000.00", "JPY", "en", 5_000),
        ("1.234", "KWD", "en", 1_234),
        ("1.234", "KWD", "es", 1_234_000),
    ],
)
def test_amounts_are_read_as_people_type_them(typed, currency, language, minor):
    with translation.override(language):
        assert parse_money(typed, currency) == minor


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "free",
        "-5",
        "1.23.456",
        "12,34,567",
        "1.2345",
        "1,2,3",
        "1e5",
        "٣٠٠",
        "£ 5",
        "9" * 30,
        "5.",
        "180.000.00",
    ],
)
def test_what_is_no_amount_is_refused_with_an_example(typed):
    with translation.override("es"), pytest.raises(AmountInvalid) as refusal:
        parse_money(typed, "COP", field="fee")
    assert refusal.value.field == "fee"
    assert "$\u00a012.345" in str(refusal.value)


@pytest.mark.parametrize("minor", [0, 1, 99, 100, 12_345, 18_000_000, 10**12 + 1])
@pytest.mark.parametrize("currency", ["COP", "USD", "JPY", "KWD", "EUR"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_what_is_shown_can_be_typed_again(minor, currency, language):
    with translation.override(language):
        shown = format_money(minor, currency)
        assert parse_money(shown, currency) == minor


def test_exponents_are_those_of_the_standard():
    assert [exponent(code) for code in ("COP", "USD", "CLP", "ISK", "BHD", "CLF", "LBP")] == [
        2,
        2,
        0,
        0,
        3,
        4,
        2,
    ]
    with pytest.raises(CurrencyUnknown):
        exponent("ABC")
