"""Units of length, area, weight, volume, temperature, speed and time, and how people write them.

The factors are exact by definition (the international yard and pound of 1959, the US customary
gallon of 231 cubic inches, the imperial gallon of 4.54609 litres), see NIST SP 811, appendix B.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal[
    "mm", "cm", "m", "km", "in", "ft", "yd", "mi", "nautical mile",
    "cm²", "m²", "hectare", "km²", "sq ft", "acre", "sq mi",
    "mg", "g", "kg", "t", "oz", "lb", "stone", "short ton", "long ton",
    "ml", "cl", "l", "m³", "fl oz (US)", "cup (US)", "pint (US)", "quart (US)", "gallon (US)",
    "fl oz (UK)", "pint (UK)", "gallon (UK)",
    "°C", "°F", "K",
    "m/s", "km/h", "mph", "knot",
    "second", "minute", "hour", "day",
]  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """A unit: what it measures, how much of the quantity's base unit it is, how it is written."""

    quantity: str
    factor: float
    spellings: tuple[str, ...]  # in small letters, without points
    offset: float = 0.0  # base = (value + offset) * factor


_INCH, _POUND, _GALLON, _IMPERIAL = 0.0254, 0.45359237, 3.785411784, 4.54609

MEASURES: dict[Unit, Measure] = {
    "mm": Measure("length", 0.001, ("mm", "millimeter", "millimeters", "millimetre", "millimetres", "毫米")),
    "cm": Measure("length", 0.01, ("cm", "cms", "centimeter", "centimeters", "centimetre", "centimetres",
        "厘米")),
    "m": Measure("length", 1.0, ("m", "meter", "meters", "metre", "metres", "mtr", "mtrs", "米")),
    "km": Measure("length", 1000.0, ("km", "kms", "kilometer", "kilometers", "kilometre", "kilometres",
        "公里", "千米")),
    "in": Measure("length", _INCH, ("in", "ins", "inch", "inches", '"', "″", "”", "英寸")),
    "ft": Measure("length", 12 * _INCH, ("ft", "foot", "feet", "'", "′", "’", "英尺")),
    "yd": Measure("length", 36 * _INCH, ("yd", "yds", "yard", "yards", "码")),
    "mi": Measure("length", 63360 * _INCH, ("mi", "mile", "miles", "英里")),
    "nautical mile": Measure("length", 1852.0, ("nmi", "nautical mile", "nautical miles", "海里")),
    "cm²": Measure("area", 0.0001, ("cm²", "cm2", "cm^2", "sq cm", "平方厘米")),
    "m²": Measure("area", 1.0, ("m²", "m2", "m^2", "sqm", "sq m", "square meters",
        "square metres", "平方米")),
    "hectare": Measure("area", 10_000.0, ("ha", "hectare", "hectares", "公顷")),
    "km²": Measure("area", 1e6, ("km²", "km2", "km^2", "sq km", "平方公里")),
    "sq ft": Measure("area", (12 * _INCH) ** 2, ("sq ft", "sqft", "ft²", "ft2", "ft^2", "square feet",
        "平方英尺")),
    "acre": Measure("area", 43560 * (12 * _INCH) ** 2, ("acre", "acres", "ac", "英亩")),
    "sq mi": Measure("area", (63360 * _INCH) ** 2, ("sq mi", "mi²", "mi2", "square miles", "平方英里")),
    "mg": Measure("weight", 1e-6, ("mg", "milligram", "milligrams", "毫克")),
    "g": Measure("weight", 0.001, ("g", "gr", "gm", "gms", "gram", "grams", "gramme", "grammes", "克")),
    "kg": Measure("weight", 1.0, ("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms", "kilogramme",
        "kilogrammes", "公斤", "千克")),
    "t": Measure("weight", 1000.0, ("t", "tonne", "tonnes", "metric ton", "metric tons", "吨")),
    "oz": Measure("weight", _POUND / 16, ("oz", "ozs", "ounce", "ounces", "盎司")),
    "lb": Measure("weight", _POUND, ("lb", "lbs", "pound", "pounds", "#", "磅")),
    "stone": Measure("weight", 14 * _POUND, ("st", "stone", "stones", "英石")),
    "short ton": Measure("weight", 2000 * _POUND, ("short ton", "short tons", "ton", "tons", "短吨")),
    "long ton": Measure("weight", 2240 * _POUND, ("long ton", "long tons", "长吨")),
    "ml": Measure("volume", 0.001, ("ml", "milliliter", "milliliters", "millilitre", "millilitres", "cc",
        "毫升")),
    "cl": Measure("volume", 0.01, ("cl", "centiliter", "centiliters", "centilitre", "centilitres", "厘升")),
    "l": Measure("volume", 1.0, ("l", "lt", "ltr", "liter", "liters", "litre", "litres", "升", "公升")),
    "m³": Measure("volume", 1000.0, ("m³", "m3", "m^3", "cubic meters", "cubic metres", "立方米")),
    "fl oz (US)": Measure("volume", _GALLON / 128, ("fl oz", "floz", "fluid ounce",
        "fluid ounces", "液盎司")),
    "cup (US)": Measure("volume", _GALLON / 16, ("cup", "cups")),
    "pint (US)": Measure("volume", _GALLON / 8, ("pt", "pint", "pints", "品脱")),
    "quart (US)": Measure("volume", _GALLON / 4, ("qt", "quart", "quarts", "夸脱")),
    "gallon (US)": Measure("volume", _GALLON, ("gal", "gals", "gallon", "gallons", "加仑")),
    "fl oz (UK)": Measure("volume", _IMPERIAL / 160, ("imp fl oz", "uk fl oz")),
    "pint (UK)": Measure("volume", _IMPERIAL / 8, ("imp pt", "uk pint", "uk pints", "imperial pint")),
    "gallon (UK)": Measure("volume", _IMPERIAL, ("imp gal", "uk gallon", "uk gallons", "imperial gallon")),
    "°C": Measure("temperature", 1.0, ("°c", "º c", "ºc", "° c", "c", "℃", "celsius", "degrees celsius",
        "deg c", "摄氏度"), 273.15),
    "°F": Measure("temperature", 5 / 9, ("°f", "º f", "ºf", "° f", "f", "℉", "fahrenheit",
        "degrees fahrenheit", "deg f", "华氏度"), 459.67),
    "K": Measure("temperature", 1.0, ("k", "kelvin", "kelvins", "开尔文")),
    "m/s": Measure("speed", 1.0, ("m/s", "mps", "meters per second", "metres per second", "米/秒")),
    "km/h": Measure("speed", 1 / 3.6, ("km/h", "kmh", "kph", "kmph", "kilometers per hour",
        "kilometres per hour", "公里/小时", "千米/小时")),
    "mph": Measure("speed", 0.44704, ("mph", "mi/h", "miles per hour", "英里/小时")),
    "knot": Measure("speed", 1852 / 3600, ("kn", "kt", "kts", "knot", "knots", "节")),
    "second": Measure("duration", 1.0, ("s", "sec", "secs", "second", "seconds", "秒", "秒钟")),
    "minute": Measure("duration", 60.0, ("min", "mins", "minute", "minutes", "分", "分钟")),
    "hour": Measure("duration", 3600.0, ("h", "hr", "hrs", "hour", "hours", "小时")),
    "day": Measure("duration", 86400.0, ("d", "day", "days", "天")),
}  # fmt: skip


def alike(unit: Unit) -> dict[Unit, Measure]:
    """The units that measure the same as this one."""
    quantity = MEASURES[unit].quantity
    return {name: measure for name, measure in MEASURES.items() if measure.quantity == quantity}


def conversion(one: Unit, other: Unit) -> tuple[float, float]:
    """(a, b) with which a * value + b turns amounts in `one` into amounts in `other`."""
    first, second = MEASURES[one], MEASURES[other]
    if one == other:
        return 1.0, 0.0
    return first.factor / second.factor, first.offset * first.factor / second.factor - second.offset


def unit_of(word: str) -> list[Unit]:
    """The units that are written so; several where a word has several meanings."""
    plain = " ".join(word.casefold().replace(".", "").split())
    return [name for name, measure in MEASURES.items() if plain in measure.spellings]
