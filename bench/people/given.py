"""Values of each kind of personal data, their check digits found by trying, not by the recognition's code."""

from __future__ import annotations

import datetime as dt
import random
import string
from collections.abc import Callable

One = Callable[[], str]
Make = Callable[[random.Random], One]
DIGITS = "0123456789"
_FIRST = """
Anna Ben Chidi Dolores Ewa Farid Greta Hugo Ines Jakob Kofi Liam Mia Noah Olga Pablo Quentin Rosa Sven Tomas
Ulla Viktor Wanda Xavier Yusuf Zoe Maria John Mohammed Peter Laura Thomas Sofia Daniel Lucas Emma David Sarah
Ahmed Elena Marco Julia Ivan Fatima Carlos Priya James Mary Robert Linda Wei Yuki Hana Min Aroha Tane Beatrix
Caspian Delphine Edmund Fiona Gwendolyn Horatio Imogen Jolyon Kerstin Lorcan Mirjam Niamh Orla Perdita
Ragnhild Saoirse Tamsin Urs Vivek Wilhelmina Yevgenia Zbigniew Ólafur Siobhán Bjørn Łukasz Jörg Anaïs
"""
_LAST = """
Smith Jones Garcia Müller Rossi Silva Novak Kim Nguyen Khan Brown Wilson Taylor Martin Lopez Schmidt Weber
Dubois Moreau Kowalska Ivanova Petrov Johansson Hansen Yılmaz Singh Patel Chen Wang Tanaka Okafor Mensah
Abernathy Blackwood Cholmondeley Drăgulescu Eastwick Fairweather Grabowski Hollingsworth Ingersoll Jayawardena
Kristjánsdóttir Lindqvist MacGregor Nakagawa Oyelaran Pfefferkorn Quispe Rautavaara Szczepański Thistlewood
Umarov Vanderbilt Wainwright Xenakis Yarborough Zabłocki O'Neill St.Clair Delacroix Bianchi Costa Santos
"""
FIRST, LAST = _FIRST.split(), _LAST.split()
HAN_LAST = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹"
    "彭曾肖田董潘袁蔡蒋余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范石"
)
HAN_FIRST = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰文斌鑫宇浩然子涵欣怡梓萱博晨雨"


def numbers(chance: random.Random, count: int, first: str = DIGITS) -> str:
    return chance.choice(first) + "".join(chance.choice(DIGITS) for _ in range(count - 1))


def _day(chance: random.Random, start: int = 1940, end: int = 2005) -> dt.date:
    return dt.date(start, 1, 1) + dt.timedelta(days=chance.randrange(365 * (end - start)))


def tried(begin: str, good: Callable[[str], bool], signs: str = DIGITS, many: int = 1) -> str:
    """The beginning with the check signs that make it good."""
    options = [a + b for a in signs for b in signs] if many == 2 else list(signs)
    return next((begin + end for end in options if good(begin + end)), "")


def luhn_good(number: str) -> bool:
    doubled = "0246813579"
    return sum(int(doubled[int(d)]) if i % 2 else int(d) for i, d in enumerate(number[::-1])) % 10 == 0


def weighted(weights: tuple[int, ...], modulus: int) -> Callable[[str], bool]:
    return lambda n: sum(int(d) * w for d, w in zip(n, weights, strict=True)) % modulus == 0


def _until(make: Callable[[], str]) -> str:
    while not (value := make()):
        pass
    return value


def email(chance: random.Random) -> One:
    domains = ["example.org", "mail.example.com", "firma.de", "例子.中国", "uni.ac.uk", "post.example.br"]

    def one() -> str:
        a, b = chance.choice(FIRST).lower(), chance.choice(LAST).lower().replace("'", "")
        local = chance.choice([f"{a}.{b}", f"{a[0]}{b}", f"{a}_{chance.randint(1, 99)}", f"{b}+news"])
        return f"{local}@{chance.choice(domains)}"

    return one


def phone(chance: random.Random) -> One:
    def n(count: int, first: str = DIGITS) -> str:
        return numbers(chance, count, first)

    forms: list[One] = [
        lambda: f"+49 {n(3, '123456789')} {n(7)}", lambda: f"({n(3, '23456789')}) {n(3, '23456789')}-{n(4)}",
        lambda: f"020 {n(4)} {n(4)}", lambda: f"+86 1{n(1, '35789')}{n(1)} {n(4)} {n(4)}",
        lambda: f"0{n(1, '12345')} {n(2)} {n(2)} {n(2)} {n(2)}", lambda: f"+34 6{n(2)} {n(3)} {n(3)}",
        lambda: f"+55 11 9{n(4)}-{n(4)}", lambda: f"+91 {n(5, '6789')} {n(5)}", lambda: f"+48 {n(9, '5678')}",
    ]  # fmt: skip
    form = chance.choice([*forms, None])
    return form or (lambda: chance.choice(forms)())


def card(chance: random.Random) -> One:
    brands = [
        ("4", 16),
        ("51", 16),
        ("55", 16),
        ("2221", 16),
        ("34", 15),
        ("37", 15),
        ("6011", 16),
        ("3530", 16),
    ]
    grouped = chance.random() < 0.4

    def one() -> str:
        begin, length = chance.choice(brands)
        number = tried(begin + numbers(chance, length - len(begin) - 1), luhn_good)
        groups = (
            [number[:4], number[4:10], number[10:]]
            if length == 15
            else [number[i : i + 4] for i in (0, 4, 8, 12)]
        )
        return " ".join(groups) if grouped else number

    return one


def iban(chance: random.Random) -> One:
    kinds = {"DE": 18, "FR": 23, "ES": 20, "PL": 24, "IT": 23, "NL": 14, "GB": 18, "CH": 17}
    letters = {"NL": 4, "GB": 4, "IT": 1}
    grouped = chance.random() < 0.5

    def one() -> str:
        country = chance.choice(list(kinds))
        some = letters.get(country, 0)
        body = "".join(chance.choice(string.ascii_uppercase) for _ in range(some))
        body += numbers(chance, kinds[country] - some)
        value = "".join(str(int(c, 36)) for c in body + country + "00")
        whole = f"{country}{98 - int(value) % 97:02}{body}"
        return " ".join(whole[i : i + 4] for i in range(0, len(whole), 4)) if grouped else whole

    return one


def chinese(chance: random.Random) -> One:
    regions = ["110101", "310115", "440305", "510104", "330106", "420111"]
    weights = tuple(2**i % 11 for i in range(17, -1, -1))

    def good(value: str) -> bool:
        return sum((10 if d == "X" else int(d)) * w for d, w in zip(value, weights, strict=True)) % 11 == 1

    return lambda: tried(
        f"{chance.choice(regions)}{_day(chance):%Y%m%d}{numbers(chance, 3)}", good, DIGITS + "X"
    )


def cpf(chance: random.Random) -> One:
    dotted = chance.random() < 0.5

    def one() -> str:
        n = numbers(chance, 9)
        for start in (10, 11):
            rest = sum(int(d) * (start - i) for i, d in enumerate(n)) % 11
            n += "0" if rest < 2 else str(11 - rest)
        return f"{n[:3]}.{n[3:6]}.{n[6:9]}-{n[9:]}" if dotted else n

    return one


def nir(chance: random.Random) -> One:
    def one() -> str:
        body = f"{chance.choice('12')}{_day(chance):%y%m}{chance.randint(1, 95):02}{numbers(chance, 6)}"
        return f"{body}{97 - int(body) % 97:02}"

    return one


def pesel(chance: random.Random) -> One:
    def one() -> str:
        day = _day(chance, 1940, 2015)
        month = day.month + 20 * (day.year >= 2000)
        begin = f"{day:%y}{month:02}{day:%d}{numbers(chance, 4)}"
        return tried(begin, weighted((1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10))

    return one


def tax_code(chance: random.Random) -> One:
    odd = dict(zip(DIGITS + string.ascii_uppercase,
                   (1, 0, 5, 7, 9, 13, 15, 17, 19, 21) + (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11,
                    3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23), strict=True))  # fmt: skip

    def one() -> str:
        day = _day(chance)
        name = "".join(chance.choice("BCDFGLMNPRST") for _ in range(6))
        where = f"{chance.choice('ABCDEFGHIL')}{numbers(chance, 3)}"
        body = f"{name}{day:%y}{'ABCDEHLMPRST'[day.month - 1]}{day.day + chance.choice((0, 40)):02}{where}"
        total = sum(odd[c] if i % 2 == 0 else int(c, 36) - 10 * c.isalpha() for i, c in enumerate(body))
        return body + chr(65 + total % 26)

    return one


def spanish(chance: random.Random) -> One:
    letters = "TRWAGMYFPDXBNJZSQVHLCKE"

    def one() -> str:
        if chance.random() < 0.8:
            n = numbers(chance, 8)
            return n + letters[int(n) % 23]
        place = chance.randrange(3)
        n = numbers(chance, 7)
        return "XYZ"[place] + n + letters[int(f"{place}{n}") % 23]

    return one


def swedish(chance: random.Random) -> One:
    form = chance.choice(["{d:%y%m%d}-{n}", "{d:%Y%m%d}-{n}", "{d:%Y%m%d}{n}"])

    def one() -> str:
        day = _day(chance)
        return form.format(d=day, n=tried(f"{day:%y%m%d}{numbers(chance, 3)}", luhn_good)[6:])

    return one


def tax_id(chance: random.Random) -> One:
    def once() -> str:
        places = chance.sample(DIGITS, 9)
        body = [*places, chance.choice(places)]
        chance.shuffle(body)
        if body[0] == "0":
            return ""
        product = 10
        for d in body:
            total = (int(d) + product) % 10
            product = 2 * (total if total else 10) % 11
        check = 11 - product
        return "".join(body) + str(0 if check == 10 else check)

    return lambda: _until(once)


def aadhaar(chance: random.Random) -> One:
    turn = ["0123456789", "1576283094"]
    for _ in range(6):
        turn.append("".join(turn[1][int(d)] for d in turn[-1]))
    table = ["0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
             "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"]  # fmt: skip

    def good(value: str) -> bool:
        check = 0
        for i, d in enumerate(value[::-1]):
            check = int(table[check][int(turn[i % 8][int(d)])])
        return check == 0

    grouped = chance.random() < 0.5

    def one() -> str:
        n = tried(numbers(chance, 11, "23456789"), good)
        return f"{n[:4]} {n[4:8]} {n[8:]}" if grouped else n

    return one


def bsn(chance: random.Random) -> One:
    good = weighted((9, 8, 7, 6, 5, 4, 3, 2, -1), 11)
    return lambda: _until(lambda: tried(numbers(chance, 8), good))


def nino(chance: random.Random) -> One:
    spaced = chance.random() < 0.5

    def one() -> str:
        n = numbers(chance, 6)
        front = chance.choice("ABCEHJKLMPRSTWXYZ") + chance.choice("ABCEHJLMPRSTWXYZ")
        end = chance.choice("ABCD")
        return f"{front} {n[:2]} {n[2:4]} {n[4:]} {end}" if spaced else f"{front}{n}{end}"

    return one


def ssn(chance: random.Random) -> One:
    return lambda: f"{chance.randint(1, 665):03}-{chance.randint(1, 99):02}-{chance.randint(1, 9999):04}"


def ip(chance: random.Random) -> One:
    if chance.random() < 0.2:
        return lambda: ":".join(f"{chance.randrange(65536):x}" for _ in range(8))
    front = chance.choice(["", "", "192.168.", "10.0."])
    parts = 4 - front.count(".")
    return lambda: front + ".".join(str(chance.randint(1, 254)) for _ in range(parts))


def street(chance: random.Random) -> One:
    words = ["Oak", "Church", "Mill", "King", "Station", "Victoria", "Park", "Garden", "Lincoln", "Maple"]
    english = ["Street", "St.", "Road", "Ave", "Lane"]
    german = ["Haupt", "Bahnhof", "Schiller", "Garten", "Linden", "Berg", "Wald"]
    ends = ["straße", "str.", "weg", "platz"]
    chinese_ones = ["北京市朝阳区建国路", "上海市浦东新区世纪大道"]
    forms: list[One] = [
        lambda: f"{chance.randint(1, 999)} {chance.choice(words)} {chance.choice(english)}",
        lambda: f"{chance.choice(german)}{chance.choice(ends)} {chance.randint(1, 180)}",
        lambda: f"{chance.randint(1, 200)} rue {chance.choice(['de la Gare', 'Victor Hugo', 'des Fleurs'])}",
        lambda: f"Calle {chance.choice(['Mayor', 'del Sol', 'Real'])} {chance.randint(1, 90)}",
        lambda: f"Via {chance.choice(['Roma', 'Garibaldi', 'Dante'])} {chance.randint(1, 90)}",
        lambda: f"{chance.choice(chinese_ones)}{chance.randint(1, 900)}号",
        lambda: f"{chance.choice(['Kerk', 'Dorps', 'Molen'])}straat {chance.randint(1, 99)}",
        lambda: f"P.O. Box {chance.randint(1, 9999)}",
    ]
    form = chance.choice([*forms[:7], None])
    return form or (lambda: chance.choice(forms)())


def name(chance: random.Random) -> One:
    def han() -> str:
        return chance.choice(HAN_LAST) + "".join(chance.choices(HAN_FIRST, k=chance.randint(1, 2)))

    first, last = (lambda: chance.choice(FIRST)), (lambda: chance.choice(LAST))
    return chance.choice([
        lambda: f"{first()} {last()}",
        lambda: f"{last()}, {first()}",
        lambda: f"{first()} {chance.choice(string.ascii_uppercase)}. {last()}",
        han,
    ])  # fmt: skip


def within(chance: random.Random) -> One:
    """Remarks, of which one in twelve holds an address, a card or an account."""
    mail, number, account = email(chance), card(chance), iban(chance)
    forms: list[One] = [
        lambda: f"Please write to {mail()} about order {numbers(chance, 6)}.",
        lambda: f"paid with {number()}, thanks",
        lambda: f"refund to {account()} as agreed",
    ]
    plain = ["Delivered to the back door", "Broken on arrival, sent back", "Waiting for spare part 12"]

    def one() -> str:
        if chance.random() < 1 / 12:
            return chance.choice(forms)()
        return f"{chance.choice(plain)}, case {numbers(chance, 8)}"

    return one


def birth(chance: random.Random) -> One:
    return lambda: _day(chance).isoformat()


POSITIVES: dict[str, tuple[Make, tuple[str, ...]]] = {
    "e-mail address": (email, ("email", "E-Mail", "contact")),
    "phone number": (phone, ("phone", "Telefon", "mobile")),
    "payment card": (card, ("card_number", "credit card", "PAN")),
    "bank account": (iban, ("IBAN", "account")),
    "Chinese resident identity number": (chinese, ("身份证号", "id card")),
    "Brazilian CPF": (cpf, ("CPF", "cliente_cpf")),
    "French social security number": (nir, ("NIR", "numero secu")),
    "Polish PESEL": (pesel, ("PESEL",)),
    "Italian tax code": (tax_code, ("codice_fiscale",)),
    "Spanish identity number": (spanish, ("DNI", "NIF")),
    "Swedish personal identity number": (swedish, ("personnummer",)),
    "German tax identification number": (tax_id, ("SteuerId", "tax_id")),
    "Indian Aadhaar number": (aadhaar, ("aadhaar",)),
    "Dutch citizen service number": (bsn, ("BSN",)),
    "UK national insurance number": (nino, ("NINO", "national insurance")),
    "US social security number": (ssn, ("SSN", "social_security")),
    "IP address": (ip, ("ip", "client_ip", "ip_address")),
    "street address": (street, ("address", "street", "Adresse")),
    "person's name": (name, ("name", "customer_name", "full name", "姓名")),
    "personal data within text": (within, ("remarks", "notes", "comment")),
    "date of birth": (birth, ("birth_date", "DOB", "出生日期")),
}
