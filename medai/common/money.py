"""Money as whole minor units of an ISO 4217 currency: never a float, and shown the way readers write it."""

import re
from decimal import Decimal
from functools import cache, lru_cache

from babel.numbers import format_decimal, get_currency_symbol, get_decimal_symbol, list_currencies
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from medai.common.errors import InvalidInput

# ISO 4217's exponents where they are not 2; payment gateways count in these. Unicode's data (babel) tells how
# many digits are customary, which is another thing.
ZERO_DECIMAL = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_EXPONENTS = {
    **dict.fromkeys(ZERO_DECIMAL, 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
_LARGEST_MINOR = 10**15
# Spanish here is Colombia's: 1.234,50, and the dollar of the United States is US$.
_LOCALES = {"es": "es_CO", "en": "en_US"}


class AmountInvalid(InvalidInput):
    code = "amount_invalid"
    message = _("This is not an amount of money, such as %(example)s.")


class CurrencyUnknown(InvalidInput):
    code = "currency_unknown"
    message = _("This is not the three-letter code of a currency, such as COP.")


# babel puts the set together at each call.
_currencies = cache(list_currencies)


def is_currency(code: str) -> bool:
    return code in _currencies()


def exponent(currency: str) -> int:
    """How many decimal digits the minor unit has: 2 for COP and USD, 0 for JPY, 3 for KWD."""
    if not is_currency(currency):
        raise CurrencyUnknown(field="currency")
    return _EXPONENTS.get(currency, 2)


def to_decimal(minor: int, currency: str) -> Decimal:
    """18000000 COP cents as Decimal("180000.00")."""
    return Decimal(minor).scaleb(-exponent(currency))


def format_money(minor: int, currency: str, locale: str | None = None) -> str:
    """The amount as text in the active language (or `locale`); a fraction of nothing is left out.

    18000000 COP is "$ 180.000" in Spanish and "COP 180,000" in English, with a space that does not break.
    """
    return _formatted(minor, currency, _locale(locale))


@lru_cache(maxsize=4096)
def _formatted(minor: int, currency: str, name: str) -> str:
    amount = to_decimal(minor, currency)
    digits = 0 if amount == amount.to_integral_value() else exponent(currency)
    number = format_decimal(abs(amount), "#,##0" + ("." + "0" * digits if digits else ""), locale=name)
    symbol = get_currency_symbol(currency, locale=name)
    gap = "\u00a0" if name == _LOCALES["es"] or symbol[-1].isalpha() else ""
    return f"{'-' if amount < 0 else ''}{symbol}{gap}{number}"


def parse_money(text: str, currency: str, locale: str | None = None, *, field: str | None = None) -> int:
    """What a person typed, as minor units: "180.000", "$ 180.000,50", "US$ 200" or "1,234.50".

    A separator that only one reading fits is read so whatever the language; one followed by three digits groups,
    unless it is the language's decimal sign and the currency has three decimals.
    """
    digits = exponent(currency)
    refusal = AmountInvalid(field=field, example=format_money(12_345 * 10**digits, currency, locale))
    shown = _SHOWN.fullmatch(text.strip()[:50])
    if shown is None or not {shown["before"], shown["after"]} <= {None, *_names_of(currency, locale)}:
        raise refusal
    whole, fraction = _split(re.sub(r"[\s'’]", "", shown["number"]), digits, _locale(locale))
    if not _GROUPED.fullmatch(whole) or len(fraction.rstrip("0")) > digits:
        raise refusal
    minor = int(Decimal(f"{re.sub('[.,]', '', whole)}.{fraction or 0}").scaleb(digits))
    if minor > _LARGEST_MINOR:
        raise refusal
    return minor


_SHOWN = re.compile(
    r"(?P<before>[^\d\s.,'’-]{1,4})?\s*(?P<number>[0-9](?:[.,]?[0-9]|[\s'’](?=[0-9]{3}(?![0-9])))*)"
    r"\s*(?P<after>[^\d\s.,'’-]{1,4})?"
)
_GROUPED = re.compile(r"[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,3}(?:,[0-9]{3})+")


def _names_of(currency: str, locale: str | None) -> set[str]:
    """What may stand beside an amount in this currency; a bare $ is anybody's."""
    symbols = {get_currency_symbol(currency, locale=name) for name in {*_LOCALES.values(), _locale(locale)}}
    return {currency, "$", *symbols}


def _split(number: str, digits: int, locale: str) -> tuple[str, str]:
    """The whole part, perhaps still grouped, and the decimals."""
    separators = re.findall("[.,]", number)
    if not separators or (len(separators) > 1 and len(set(separators)) == 1):
        return number, ""
    whole, _, fraction = number.rpartition(separators[-1])
    if len(separators) == 1 and len(fraction) == 3:
        is_decimal = digits == 3 and separators[0] == get_decimal_symbol(locale)
        return (whole, fraction) if is_decimal else (number, "")
    return whole, fraction


def _locale(locale: str | None) -> str:
    language = (locale or get_language() or "es").replace("-", "_")
    return _LOCALES.get(language.partition("_")[0], "en_US")
