"""How values of each meaning are written: RE2 patterns of the whole text, without outer spaces.

They are the same for the engine and for exported pandas code (Arrow has RE2 too), so they use
neither look-around nor back-references.
"""

from __future__ import annotations

SPACE = r"[\s\x{00A0}\x{3000}]*"  # around a value; it does not make the value wrong

_GROUPS = r"[,.' \x{00A0}\x{202F}]"  # between thousands
_AMOUNT = rf"(?:[0-9]{{1,3}}(?:{_GROUPS}[0-9]{{3}})+|[0-9]+)(?:[.,][0-9]+)?|[.,][0-9]+"
_CURRENCY = (
    r"(?:[$€£¥￥₹₽₩₺₪₫฿₴₦₱₡₲₵₸]|(?:US|A|C|CA|AU|NZ|HK|S|R|NT|MX)\$|元|円|kr\.?|zł|Kč|Ft|Fr\.?|lei|"
    r"(?i:USD|EUR|GBP|JPY|CNY|RMB|CHF|CAD|AUD|NZD|INR|BRL|MXN|SEK|NOK|DKK|PLN|CZK|HUF|RON|TRY|RUB|"
    r"ZAR|KRW|SGD|HKD|TWD|THB|IDR|MYR|PHP|VND|ILS|AED|SAR|EGP|NGN|KES|ARS|CLP|COP|PEN|UAH|BGN))"
)

NUMBER = (
    rf"[+-]?(?:{_AMOUNT})(?:[eE][+-]?[0-9]{{1,3}})?"
    rf"|\((?:{_AMOUNT})\)"
)
MONEY = (  # with its currency
    rf"[+-]?{_CURRENCY}[ \x{{00A0}}]?[+-]?(?:{_AMOUNT})"
    rf"|[+-]?(?:{_AMOUNT})[ \x{{00A0}}]?{_CURRENCY}"
    rf"|\({_CURRENCY}[ \x{{00A0}}]?(?:{_AMOUNT})\)|\((?:{_AMOUNT})[ \x{{00A0}}]?{_CURRENCY}\)"
)
PERCENT = rf"[+-]?(?:{_AMOUNT})[ \x{{00A0}}\x{{202F}}]?[%％‰]"  # with its sign

BOOLEAN = r"(?i:true|false|yes|no|y|n|t|f|1|0|on|off|ja|nein|oui|non|sí|si|是|否|真|假)"

_LETTER = r"[\p{L}\p{N}]"
_LABEL = rf"{_LETTER}(?:[\p{{L}}\p{{N}}\p{{M}}-]*[\p{{L}}\p{{N}}\p{{M}}])?"  # of a domain's name
_LOCAL = r"[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+"
EMAIL = rf"{_LOCAL}(?:\.{_LOCAL})*@(?:{_LABEL}\.)+(?:\p{{L}}[\p{{L}}\p{{M}}]+|(?i:xn--)[A-Za-z0-9-]+)"
_HOST = r"(?:[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_-]*[\p{L}\p{N}\p{M}])?)"
URL = (
    rf"(?:(?i:https?|ftp)://(?:[^\s/@]+@)?(?:{_HOST}(?:\.{_HOST})*\.?|\[[0-9a-fA-F:.]+\])|(?i:www)(?:\.{_HOST})+)"
    r"(?::[0-9]{1,5})?(?:[/?#]\S*)?"
)

_EXTENSION = r"(?:[ ,;]*(?i:ext\.?|x|#)[ ]?[0-9]{1,6})?"
PHONE = (
    "(?:"
    r"(?:\+|00)[ ]?(?:\([ ]?)?[1-9](?:[ ./()-]{0,2}[0-9]){6,14}"  # from abroad
    r"|\(0[0-9]{1,5}\)[ -]?[0-9](?:[ -]?[0-9]){4,8}"  # (030) 123456
    r"|0[0-9](?:[ -]?[0-9]){7,10}"  # 020 7946 0958; a date has fewer digits
    r"|0[1-9](?:[ .][0-9]{2}){4}"  # 01 23 45 67 89
    r"|0[0-9]{1,5}/[0-9](?:[ -]?[0-9]){3,9}"  # 030/123456
    r"|(?:1[ .-]?)?(?:\([2-9][0-9]{2}\)[ ]?|[2-9][0-9]{2}[ .-]?)[2-9][0-9]{2}[ .-]?[0-9]{4}"  # North America
    r"|1[3-9][0-9](?:[ -]?[0-9]{4}){2}"  # Chinese mobiles
    r"|[5-9][0-9]{2}(?:(?:[ -]?[0-9]{3}){2}|(?:[ ][0-9]{2}){3})"  # nine digits: Spain, Poland, Portugal
    r"|[2-9][0-9](?:[ ][0-9]{2}){3}"  # eight: Denmark, Norway
    r"|\([1-9][0-9]\)[ ]?9?[0-9]{4}[ -]?[0-9]{4}"  # Brazil
    r"|[6-9][0-9]{4}[ -]?[0-9]{5}"  # India
    ")" + _EXTENSION
)

LETTERED_POSTCODE = (  # so unlike anything else that no name needs to say it
    r"(?i:[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{2}"  # United Kingdom
    r"|[A-CEGHJ-NPR-TVXY][0-9][A-CEGHJ-NPR-TV-Z] [0-9][A-CEGHJ-NPR-TV-Z][0-9])"  # Canada
)
POSTCODE = (
    rf"{LETTERED_POSTCODE}|(?i:[A-Z]{{1,2}}[0-9][A-Z0-9]?[0-9][ABD-HJLNP-UW-Z]{{2}}"
    r"|[A-CEGHJ-NPR-TVXY][0-9][A-CEGHJ-NPR-TV-Z][0-9][A-CEGHJ-NPR-TV-Z][0-9]"
    r"|(?:[A-Z]{1,2}-)?[0-9]{4,6}|[1-9][0-9]{3} ?[A-Z]{2})"
    r"|[0-9]{5}-[0-9]{4}|[0-9]{3}-[0-9]{4}|[0-9]{7}|[0-9]{5}-?[0-9]{3}|[0-9]{2}-[0-9]{3}|[0-9]{4}-[0-9]{3}"
    r"|[0-9]{3} [0-9]{2,3}"
)

_LAT = r"[+-]?(?:90(?:\.0+)?|[1-8]?[0-9](?:\.[0-9]+)?)"
_LON = r"[+-]?(?:180(?:\.0+)?|(?:1[0-7][0-9]|[1-9]?[0-9])(?:\.[0-9]+)?)"
_MINUTES = r"(?:°|º)[ ]?(?:[0-5]?[0-9](?:\.[0-9]+)?['′’][ ]?(?:[0-5]?[0-9](?:\.[0-9]+)?(?:\"|″|”|'')[ ]?)?)?"
COORDINATES = (
    rf"[(\[]?{_LAT}°?[ ]?(?:[NSns]?[ ]?[,;][ ]?|[NSns][ ]+){_LON}°?[ ]?[EWew]?[)\]]?"
    rf"|[0-9]{{1,2}}{_MINUTES}[NSns][ ,;]*[0-9]{{1,3}}{_MINUTES}[EWew]"
    rf"|(?i:POINT)[ ]?\({_LON} {_LAT}\)"
)


def _days() -> str:
    """Days that exist, as "MM-DD", but for the 29th of February."""
    return (
        r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
        r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    )


_LEAP = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_TIME = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?"
_CLOCK = rf"(?:[ T]{_TIME}(?:[ ]?(?i:[AP]M))?(?:[ ]?(?:Z|UTC|[+-][0-9]{{2}}:?[0-9]{{2}}))?)?"
_YEAR = r"(?:[0-9]{4}|[0-9]{2})"


def _between(sign: str) -> str:
    """Day, month and year in either order with this sign between them."""
    long, short, any_day = "(?:0?[13578]|1[02])", "(?:0?[469]|11)", "(?:0?[1-9]|[12][0-9])"
    day_first = f"{any_day}{sign}(?:0?[1-9]|1[0-2])|30{sign}(?:{long}|{short})|31{sign}{long}"
    month_first = f"(?:0?[1-9]|1[0-2]){sign}{any_day}|(?:{long}|{short}){sign}30|{long}{sign}31"
    return f"(?:{day_first}|{month_first}){sign}{_YEAR}"


_MONTH = (
    r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
DATE = (
    rf"(?:(?:[0-9]{{4}}-{_days()}|{_LEAP}-02-29|[0-9]{{4}}/(?:0?[1-9]|1[0-2])/{_DAY}"
    rf"|{_between('/')}|{_between('[.]')}|{_between('-')}"
    rf"|{_DAY}(?i:st|nd|rd|th)?[ -]{_MONTH}[ ,-]+{_YEAR}"
    rf"|{_MONTH} {_DAY}(?i:st|nd|rd|th)?,? [0-9]{{4}}){_CLOCK}"
    rf"|[0-9]{{4}}年(?:0?[1-9]|1[0-2])月{_DAY}日)"
)
