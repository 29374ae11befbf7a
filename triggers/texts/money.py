"""How is an amount written?"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from triggers.texts.failures import Unwritable
from triggers.texts.languages import Writing, writing

SYMBOLS = {"ILS": "₪", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}

EURO = ("AT", "BE", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "IE", "IT", "NL", "PT")

CURRENCIES = {
    "IL": "ILS",
    "US": "USD",
    "GB": "GBP",
    "JP": "JPY",
    "IN": "INR",
    "CH": "CHF",
    "CA": "CAD",
    "AU": "AUD",
    "SE": "SEK",
    "NO": "NOK",
    "DK": "DKK",
    "PL": "PLN",
    "CZ": "CZK",
    "RU": "RUB",
} | dict.fromkeys(EURO, "EUR")

CODE = re.compile("[A-Z]{3}")

LARGEST = Decimal(10) ** 15
"""More is no amount but a slip, and would be written with digits that a float never had."""


def money_text(value: Any, language: str, currency: str) -> str:
    """`₪1,234.50`, whole amounts without their cents; Unwritable when it is no amount."""
    if not CODE.fullmatch(str(currency)):
        raise Unwritable(currency, "is not a currency's code, such as ILS")
    amount = decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
    style = writing(language)
    digits = grouped(abs(amount), 0 if amount == int(amount) else 2, style)
    sign = "-" if amount < 0 else ""
    symbol = SYMBOLS.get(currency, f"{currency}\u00a0")
    if style.symbol_last:
        return f"{sign}{digits}\u00a0{symbol.rstrip()}"
    # the sign directly before the digits keeps its side even on phones that know no isolates
    return f"{sign}{symbol}{digits}"


def number_text(value: Any, language: str, decimals: int | None) -> str:
    """`1,234.5`: as many decimals as asked for, or as the value has."""
    amount = decimal(value)
    if decimals is not None:
        amount = amount.quantize(Decimal(1).scaleb(-max(0, min(decimals, 6))), ROUND_HALF_UP)
    exponent = amount.normalize().as_tuple().exponent if decimals is None else -decimals
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    sign = "-" if amount < 0 else ""
    return sign + grouped(abs(amount), min(places, 6), writing(language))


def grouped(amount: Decimal, places: int, style: Writing) -> str:
    english = f"{amount:,.{places}f}"
    return english.translate({ord(","): style.group, ord("."): style.point})


def decimal(value: Any) -> Decimal:
    # to Python true is 1, and nobody owes true shekels
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unwritable(value, "is not an amount")
    try:
        # by its text: the float 0.1 itself is 0.1000000000000000055
        amount = Decimal(str(value)) if not isinstance(value, int) else Decimal(value)
    except InvalidOperation:
        raise Unwritable(value, "is not an amount") from None
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise Unwritable(value, "is not an amount")
    return amount
