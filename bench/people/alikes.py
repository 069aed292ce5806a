"""Values that are nothing personal but have the digits, the form or the words of what is."""

from __future__ import annotations

import datetime as dt
import random
import string
from collections.abc import Callable

from bench.people.given import Make, One, luhn_good, numbers, tried

_NUMBERS = " ".join(str(number) for number in range(1, 60))
_CITIES = """
London Paris Madrid Berlin Tokyo Delhi Cairo Lagos Lima Quito Oslo Rome Vienna Prague Sydney Austin Madison
Jackson Charlotte Houston Dallas Lincoln Denver Phoenix Aurora Florence Geneva New_York San_Jose Los_Angeles
Buenos_Aires Salt_Lake_City St._Louis San_Antonio
"""
_FIRMS = "Johnson Acme Morgan Global Union Baker First Northern Martin Blue Delta Wells"
_TRADES = "Controls Partners Systems Foods Bank Energy Motors Logistics Holding Stanley Fargo"
_CHINESE_CITIES = """
北京 上海 广州 深圳 成都 杭州 武汉 西安 南京 重庆 天津 苏州 长沙 青岛 大连 厦门 宁波 郑州 石家庄
"""
_CHINESE_GOODS = """
电视 冰箱 洗衣机 手机 电脑 空调 沙发 桌子 椅子 台灯 书包 牛奶 面包 苹果 香蕉 米饭 高压锅 黄油
"""
_ANY = ("value", "code", "number", "ref", "x")


def _form(form: str) -> Make:
    """ "#" a digit, "@" a capital, the rest as it is."""

    def make(chance: random.Random) -> One:
        signs = {"#": string.digits, "@": string.ascii_uppercase, "~": "0123456789abcdef"}
        return lambda: "".join(chance.choice(signs.get(sign, sign)) for sign in form)

    return make


def _counted(form: str, start: int, step: int) -> Make:
    def make(chance: random.Random) -> One:
        count = iter(range(start + chance.randrange(1000), 10**19, step))
        return lambda: form.format(next(count))

    return make


def _moment(form: str, scale: int = 0) -> Make:
    def make(chance: random.Random) -> One:
        def one() -> str:
            second = chance.randrange(1_500_000_000, 1_760_000_000)
            return str(second * scale) if scale else f"{dt.datetime.fromtimestamp(second, dt.UTC):{form}}"

        return one

    return make


def _checked(begin: str, count: int, good: Callable[[str], bool]) -> Make:
    return lambda chance: lambda: tried(begin + numbers(chance, count), good)


def _thirteen(value: str) -> bool:
    return sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(value)) % 10 == 0


def _words(text: str) -> list[str]:
    """The words of a text; an underscore is a space within one."""
    return [word.replace("_", " ") for word in text.split()]


def _of(text: str) -> Make:
    words = _words(text)
    return lambda chance: lambda: chance.choice(words)


def _joined(first: str, second: str, between: str = " ") -> Make:
    one, two = _words(first), _words(second)
    return lambda chance: lambda: f"{chance.choice(one)}{between}{chance.choice(two)}"


def _version(chance: random.Random) -> One:
    return lambda: ".".join(str(chance.choice((0, 1, 2, 3, 4, 10, 12, 20))) for _ in range(4))


LOOK_ALIKES: dict[str, tuple[Make, tuple[str, ...]]] = {
    **{
        f"{n} digits": (_form("#" * n), (*_ANY, "account_no", "id"))
        for n in (8, 9, 10, 11, 12, 13, 14, 15, 16, 18)
    },
    "16 digits after 4": (_form("4" + "#" * 15), _ANY),
    "16 digits in groups": (_form("#### #### #### ####"), _ANY),
    "order numbers": (_counted("ORD-2024-{:06}", 1, 1), ("order", "order_id")),
    "running numbers": (_counted("{}", 10**9, 1), ("id", "order_no")),
    "running numbers of 16": (_counted("{}", 4 * 10**15, 7), ("id", "serial")),
    "part numbers": (_form("###-##-####"), ("part", "item", "code")),
    "lot numbers": (_form("###-###-####"), ("lot", "batch")),
    "codes of letters and digits": (_form("@@######@"), ("sku", "product", "code")),
    "stock codes": (_form("########@"), ("sku", "product", "code")),
    "seconds since 1970": (_moment("", 1), ("timestamp", "epoch", "created")),
    "milliseconds since 1970": (_moment("", 1000), ("timestamp", "ts", "created")),
    "moments in digits": (_moment("%Y%m%d%H%M%S"), ("stamp", "created")),
    "days": (_moment("%Y-%m-%d"), ("order_date", "created", "due")),
    "times": (_moment("%H:%M:%S"), ("time", "at")),
    "ISBN-13": (_checked("978", 9, _thirteen), ("isbn", "book")),
    "EAN": (_checked("40", 10, _thirteen), ("ean", "barcode", "gtin")),
    "IMEI": (_checked("35", 12, luhn_good), ("imei", "device")),
    "SIRET": (_checked("", 13, luhn_good), ("siret", "company_no")),
    "SIREN": (_checked("", 8, luhn_good), ("siren", "company_no")),
    "UUID": (_form("~~~~~~~~-~~~~-4~~~-a~~~-~~~~~~~~~~~~"), ("uuid", "id")),
    "hashes": (_form("~" * 32), ("hash", "md5")),
    "MAC addresses": (_form("~~:~~:~~:~~:~~:~~"), ("mac", "device")),
    "vehicle numbers": (_form("@@#@@#####@######"), ("vin",)),
    "plates": (_form("@@##@@@"), ("plate",)),
    "parcel numbers": (_form("1Z@@####@###@@####"), ("tracking",)),
    "versions": (_version, ("version", "release")),
    "IBAN-like": (_form("DE####################"), ("ref", "value")),
    "amounts": (_form("#,###.##"), ("price", "amount")),
    "coordinates": (_form("4#.####, 1#.####"), ("place",)),
    "room numbers": (_joined("Room Floor Building Gate", _NUMBERS), ("room",)),
    "terms": (_joined("Spring Autumn Summer Winter", "2019 2020 2021 2022 2023 2024"), ("term",)),
    "cities": (_of(_CITIES), ("city", "place", "name")),
    "companies": (_joined(_FIRMS, _TRADES), ("company", "name", "vendor")),
    "products": (
        _joined("Oak Steel Classic Ergo Mini Royal Amber Rose", "Chair Table Lamp Desk Shelf Sofa Mug Clock"),
        ("product", "name", "item"),
    ),
    "titles": (
        _joined("Winter The_Last A_Brief Of_Mice_and Gone_with_the", "Garden History Friend Men King"),
        ("title", "book"),
    ),
    "species": (
        _joined("Quercus Rosa Felis Canis Iris Viola Pinus", "robur alba catus lupus sylvestris rubra nigra"),
        ("species", "name"),
    ),
    "jobs": (
        _joined("Senior Junior Lead Chief Assistant", "Engineer Manager Baker Cook Analyst Designer Officer"),
        ("job", "title", "role"),
    ),
    "colours": (
        _of("black white green brown gray red blue amber rose violet olive navy teal silver gold pink"),
        ("colour", "color name"),
    ),
    "months": (_of("January February March April May June July August September October"), ("month",)),
    "countries": (_of("France Jordan Chad Georgia Germany Cuba Peru Mali Oman India"), ("country", "nation")),
    "Chinese cities": (_of(_CHINESE_CITIES), ("城市", "city")),
    "Chinese goods": (_of(_CHINESE_GOODS), ("商品", "item")),
    "remarks": (
        _joined("Please_call Delivered_to Returned_by", "the_customer,_at_noon. the_back_door. John,_broken"),
        ("remark", "notes"),
    ),
    "remarks with numbers": (_form("Parcel 1Z####@@ with item ################, ask for @@#"), ("remark",)),
    "remarks with references": (_form("see DE#################### of 2024, bill ####-####-####"), ("notes",)),
    "handles": (_form("thanks to @@@@ from @@@ at #.# kg"), ("remark", "notes")),
    "kinds of card": (_of("Visa Mastercard Amex Diners Discover"), ("card", "card_type")),
    "phone models": (_joined("Galaxy Pixel Phone Nova", _NUMBERS), ("phone_model", "device")),
    "addresses of pages": (
        _joined("https://example.org/ http://www.shop.example/", "a b?x=1 cart", ""),
        ("address", "link"),
    ),
}
