"""Which country a text names: names, ISO 3166 codes of two and three letters, in English and Chinese.

    NATIONS["DEU"]                               # "Germany"
    FORMS["deutschland"]                         # "DEU"
    known(column, "name")                        # SQL: the text as `FORMS` has it

The forms that `core.meanings.countries` recognises are all here, and those of territories with a code
of their own beside them.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from core import sql
from core.meanings.traditional import SIMPLIFIED, TRADITIONAL

# the three letters, the two, and the names: the first is what the country is called in English
_TABLE = """
AFG AF Afghanistan|阿富汗
ALB AL Albania|阿尔巴尼亚
DZA DZ Algeria|阿尔及利亚
ASM AS American Samoa|美属萨摩亚
AND AD Andorra|安道尔
AGO AO Angola|安哥拉
AIA AI Anguilla|安圭拉
ATA AQ Antarctica|南极洲
ATG AG Antigua and Barbuda|安提瓜和巴布达
ARG AR Argentina|阿根廷
ARM AM Armenia|亚美尼亚
ABW AW Aruba|阿鲁巴
AUS AU Australia|澳大利亚|澳洲
AUT AT Austria|Österreich|奥地利
AZE AZ Azerbaijan|阿塞拜疆
BHS BS Bahamas|The Bahamas|Bahamas, The|巴哈马
BHR BH Bahrain|巴林
BGD BD Bangladesh|孟加拉国|孟加拉
BRB BB Barbados|巴巴多斯
BLR BY Belarus|白俄罗斯
BEL BE Belgium|België|Belgique|比利时
BLZ BZ Belize|伯利兹
BEN BJ Benin|贝宁
BMU BM Bermuda|百慕大
BTN BT Bhutan|不丹
BOL BO Bolivia|Bolivia, Plurinational State of|玻利维亚
BIH BA Bosnia and Herzegovina|Bosnia|Bosnia & Herzegovina|波黑|波斯尼亚和黑塞哥维那
BWA BW Botswana|博茨瓦纳
BVT BV Bouvet Island|布韦岛
BRA BR Brazil|Brasil|巴西
IOT IO British Indian Ocean Territory|英属印度洋领地
BRN BN Brunei|Brunei Darussalam|文莱
BGR BG Bulgaria|保加利亚
BFA BF Burkina Faso|布基纳法索
BDI BI Burundi|布隆迪
KHM KH Cambodia|柬埔寨
CMR CM Cameroon|喀麦隆
CAN CA Canada|加拿大
CPV CV Cabo Verde|Cape Verde|佛得角
CYM KY Cayman Islands|开曼群岛
CAF CF Central African Republic|中非|中非共和国
TCD TD Chad|乍得
CHL CL Chile|智利
CHN CN China|People's Republic of China|中国|中华人民共和国
CXR CX Christmas Island|圣诞岛
CCK CC Cocos (Keeling) Islands|Cocos Islands|科科斯群岛
COL CO Colombia|哥伦比亚
COM KM Comoros|科摩罗
COG CG Congo|Republic of the Congo|Congo, Rep.|Congo-Brazzaville|刚果（布）|刚果共和国
COD CD Democratic Republic of the Congo|DR Congo|Congo, Dem. Rep.|Congo-Kinshasa|刚果（金）|刚果民主共和国
COK CK Cook Islands|库克群岛
CRI CR Costa Rica|哥斯达黎加
CIV CI Côte d'Ivoire|Cote d'Ivoire|Ivory Coast|Côte d’Ivoire|科特迪瓦
HRV HR Croatia|Hrvatska|克罗地亚
CUB CU Cuba|古巴
CUW CW Curaçao|Curacao|库拉索
CYP CY Cyprus|塞浦路斯
CZE CZ Czechia|Czech Republic|捷克
DNK DK Denmark|Danmark|丹麦
DJI DJ Djibouti|吉布提
DMA DM Dominica|多米尼克
DOM DO Dominican Republic|多米尼加|多米尼加共和国
ECU EC Ecuador|厄瓜多尔
EGY EG Egypt|Egypt, Arab Rep.|埃及
SLV SV El Salvador|萨尔瓦多
GNQ GQ Equatorial Guinea|赤道几内亚
ERI ER Eritrea|厄立特里亚
EST EE Estonia|爱沙尼亚
SWZ SZ Eswatini|Swaziland|斯威士兰
ETH ET Ethiopia|埃塞俄比亚
FLK FK Falkland Islands|Falkland Islands (Malvinas)|福克兰群岛
FRO FO Faroe Islands|法罗群岛
FJI FJ Fiji|斐济
FIN FI Finland|Suomi|芬兰
FRA FR France|Frankreich|法国
GUF GF French Guiana|法属圭亚那
PYF PF French Polynesia|法属波利尼西亚
ATF TF French Southern Territories|法属南部领地
GAB GA Gabon|加蓬
GMB GM Gambia|The Gambia|Gambia, The|冈比亚
GEO GE Georgia|格鲁吉亚
DEU DE Germany|Deutschland|德国
GHA GH Ghana|加纳
GIB GI Gibraltar|直布罗陀
GRC GR Greece|希腊
GRL GL Greenland|格陵兰
GRD GD Grenada|格林纳达
GLP GP Guadeloupe|瓜德罗普
GUM GU Guam|关岛
GTM GT Guatemala|危地马拉
GGY GG Guernsey|根西
GIN GN Guinea|几内亚
GNB GW Guinea-Bissau|几内亚比绍
GUY GY Guyana|圭亚那
HTI HT Haiti|海地
HMD HM Heard Island and McDonald Islands|赫德岛和麦克唐纳群岛
HND HN Honduras|洪都拉斯
HKG HK Hong Kong|Hong Kong, China|Hong Kong SAR|香港|中国香港
HUN HU Hungary|匈牙利
ISL IS Iceland|冰岛
IND IN India|印度
IDN ID Indonesia|印度尼西亚|印尼
IRN IR Iran|Iran, Islamic Rep.|Iran, Islamic Republic of|伊朗
IRQ IQ Iraq|伊拉克
IRL IE Ireland|Republic of Ireland|爱尔兰
IMN IM Isle of Man|马恩岛
ISR IL Israel|以色列
ITA IT Italy|Italia|意大利|义大利
JAM JM Jamaica|牙买加
JPN JP Japan|日本
JEY JE Jersey|泽西
JOR JO Jordan|约旦
KAZ KZ Kazakhstan|哈萨克斯坦
KEN KE Kenya|肯尼亚
KIR KI Kiribati|基里巴斯
XKX XK Kosovo|科索沃
KWT KW Kuwait|科威特
KGZ KG Kyrgyzstan|Kyrgyz Republic|吉尔吉斯斯坦
LAO LA Laos|Lao PDR|Lao People's Democratic Republic|老挝
LVA LV Latvia|拉脱维亚
LBN LB Lebanon|黎巴嫩
LSO LS Lesotho|莱索托
LBR LR Liberia|利比里亚
LBY LY Libya|利比亚
LIE LI Liechtenstein|列支敦士登
LTU LT Lithuania|立陶宛
LUX LU Luxembourg|卢森堡
MAC MO Macao|Macau|Macao, China|Macao SAR|澳门|中国澳门
MDG MG Madagascar|马达加斯加
MWI MW Malawi|马拉维
MYS MY Malaysia|马来西亚
MDV MV Maldives|马尔代夫
MLI ML Mali|马里
MLT MT Malta|马耳他
MHL MH Marshall Islands|马绍尔群岛
MTQ MQ Martinique|马提尼克
MRT MR Mauritania|毛里塔尼亚
MUS MU Mauritius|毛里求斯
MYT YT Mayotte|马约特
MEX MX Mexico|México|墨西哥
FSM FM Micronesia|Micronesia, Fed. Sts.|Micronesia, Federated States of|密克罗尼西亚
MDA MD Moldova|Moldova, Republic of|摩尔多瓦
MCO MC Monaco|摩纳哥
MNG MN Mongolia|蒙古
MNE ME Montenegro|黑山
MSR MS Montserrat|蒙特塞拉特
MAR MA Morocco|摩洛哥
MOZ MZ Mozambique|莫桑比克
MMR MM Myanmar|Burma|缅甸
NAM NA Namibia|纳米比亚
NRU NR Nauru|瑙鲁
NPL NP Nepal|尼泊尔
NLD NL Netherlands|The Netherlands|Holland|Nederland|荷兰
BES BQ Bonaire, Sint Eustatius and Saba|Caribbean Netherlands|荷兰加勒比区
NCL NC New Caledonia|新喀里多尼亚
NZL NZ New Zealand|新西兰|纽西兰
NIC NI Nicaragua|尼加拉瓜
NER NE Niger|尼日尔
NGA NG Nigeria|尼日利亚
NIU NU Niue|纽埃
NFK NF Norfolk Island|诺福克岛
PRK KP North Korea|Korea, Dem. Rep.|Korea, Democratic People's Republic of|朝鲜
MKD MK North Macedonia|Macedonia|北马其顿
MNP MP Northern Mariana Islands|北马里亚纳群岛
NOR NO Norway|Norge|挪威
OMN OM Oman|阿曼
PAK PK Pakistan|巴基斯坦
PLW PW Palau|帕劳
PSE PS Palestine|West Bank and Gaza|State of Palestine|巴勒斯坦
PAN PA Panama|巴拿马
PNG PG Papua New Guinea|巴布亚新几内亚
PRY PY Paraguay|巴拉圭
PER PE Peru|秘鲁
PHL PH Philippines|菲律宾
PCN PN Pitcairn|Pitcairn Islands|皮特凯恩群岛
POL PL Poland|Polska|波兰
PRT PT Portugal|葡萄牙
PRI PR Puerto Rico|波多黎各
QAT QA Qatar|卡塔尔
REU RE Réunion|Reunion|留尼汪
ROU RO Romania|罗马尼亚
RUS RU Russia|Russian Federation|Россия|俄罗斯|俄罗斯联邦
RWA RW Rwanda|卢旺达
BLM BL Saint Barthélemy|圣巴泰勒米
SHN SH Saint Helena|圣赫勒拿
KNA KN Saint Kitts and Nevis|St. Kitts and Nevis|圣基茨和尼维斯
LCA LC Saint Lucia|St. Lucia|圣卢西亚
MAF MF Saint Martin|Saint Martin (French part)|法属圣马丁
SPM PM Saint Pierre and Miquelon|圣皮埃尔和密克隆
VCT VC Saint Vincent and the Grenadines|St. Vincent and the Grenadines|圣文森特和格林纳丁斯
WSM WS Samoa|萨摩亚
SMR SM San Marino|圣马力诺
STP ST Sao Tome and Principe|São Tomé and Príncipe|圣多美和普林西比
SAU SA Saudi Arabia|沙特阿拉伯|沙特|沙乌地阿拉伯
SEN SN Senegal|塞内加尔
SRB RS Serbia|塞尔维亚
SYC SC Seychelles|塞舌尔
SLE SL Sierra Leone|塞拉利昂
SGP SG Singapore|新加坡
SXM SX Sint Maarten|Sint Maarten (Dutch part)|荷属圣马丁
SVK SK Slovakia|Slovak Republic|斯洛伐克
SVN SI Slovenia|斯洛文尼亚
SLB SB Solomon Islands|所罗门群岛
SOM SO Somalia|索马里
ZAF ZA South Africa|南非
SGS GS South Georgia and the South Sandwich Islands|南乔治亚和南桑威奇群岛
KOR KR South Korea|Korea|Republic of Korea|Korea, Republic of|Korea, Rep.|대한민국|한국|韩国
SSD SS South Sudan|南苏丹
ESP ES Spain|España|西班牙
LKA LK Sri Lanka|斯里兰卡
SDN SD Sudan|苏丹
SUR SR Suriname|苏里南
SJM SJ Svalbard and Jan Mayen|斯瓦尔巴和扬马延
SWE SE Sweden|Sverige|瑞典
CHE CH Switzerland|Schweiz|Suisse|瑞士
SYR SY Syria|Syrian Arab Republic|叙利亚
TWN TW Taiwan|Taiwan, China|Taiwan, Province of China|台湾|中国台湾
TJK TJ Tajikistan|塔吉克斯坦
TZA TZ Tanzania|Tanzania, United Republic of|United Republic of Tanzania|坦桑尼亚
THA TH Thailand|泰国
TLS TL Timor-Leste|East Timor|东帝汶
TGO TG Togo|多哥
TKL TK Tokelau|托克劳
TON TO Tonga|汤加
TTO TT Trinidad and Tobago|特立尼达和多巴哥
TUN TN Tunisia|突尼斯
TUR TR Turkey|Türkiye|Turkiye|土耳其
TKM TM Turkmenistan|土库曼斯坦
TCA TC Turks and Caicos Islands|特克斯和凯科斯群岛
TUV TV Tuvalu|图瓦卢
UGA UG Uganda|乌干达
UKR UA Ukraine|Украина|乌克兰
ARE AE United Arab Emirates|UAE|阿联酋
GBR GB United Kingdom|UK|U.K.|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|英国
USA US United States|United States of America|The United States|U.S.A.|U.S.|美国
UMI UM United States Minor Outlying Islands|美国本土外小岛屿
URY UY Uruguay|乌拉圭
UZB UZ Uzbekistan|乌兹别克斯坦
VUT VU Vanuatu|瓦努阿图
VAT VA Vatican City|Holy See|Holy See (Vatican City State)|梵蒂冈
VEN VE Venezuela|Venezuela, RB|Venezuela, Bolivarian Republic of|委内瑞拉
VNM VN Vietnam|Viet Nam|越南
VGB VG British Virgin Islands|Virgin Islands, British|英属维尔京群岛
VIR VI U.S. Virgin Islands|Virgin Islands, U.S.|United States Virgin Islands|美属维尔京群岛
WLF WF Wallis and Futuna|瓦利斯和富图纳
ESH EH Western Sahara|西撒哈拉
YEM YE Yemen|Yemen, Rep.|也门
ZMB ZM Zambia|赞比亚
ZWE ZW Zimbabwe|津巴布韦
ALA AX Åland Islands|Aland Islands|奥兰
"""
_SIMPLER = str.maketrans(TRADITIONAL, SIMPLIFIED)
_SPACE = " \t\n\u00a0\u3000"  # around a text; it names the same country


def plain(text: str) -> str:
    """A text as it is looked up: small letters without accents, simplified Chinese, no spaces around it."""
    simple = text.strip(_SPACE).lower().translate(_SIMPLER)
    letters = unicodedata.normalize("NFD", simple)
    return unicodedata.normalize("NFC", "".join(one for one in letters if not unicodedata.combining(one)))


def nearest(text: str) -> str | None:
    """The known name that a text comes closest to, where it is close: a slip of the pen, a shortened name."""
    from rapidfuzz import fuzz, process

    asked = _words(text)
    if len(asked) < (4 if asked.isascii() else 2):
        return None
    for form in _NAMED:
        if _shortened(asked.split(), form.split()):
            return _NAMED[form]
    found = process.extractOne(asked, _NAMED.keys(), scorer=fuzz.token_sort_ratio, score_cutoff=_CLOSE)
    return _NAMED[found[0]] if found else None


def _words(text: str) -> str:
    """The words of a name without signs, and without those that are left out first."""
    split = "".join(one if one.isalnum() else " " for one in plain(text)).split()
    return " ".join(word for word in split if word not in ("of", "the", "and"))


def _shortened(asked: list[str], form: list[str]) -> bool:
    """Whether each word of a name is there, or its beginning."""
    return len(asked) == len(form) > 1 and all(map(str.startswith, form, asked))


def known(column: str) -> Any:
    """SQL of the same."""
    x = sql.template("trim(:x, :space)", x=sql.name(column), space=_SPACE)
    simple = sql.template("translate(lower(:x), :old, :new)", x=x, old=TRADITIONAL, new=SIMPLIFIED)
    return sql.template("strip_accents(:x)", x=simple)


def _read() -> tuple[dict[str, str], dict[str, str]]:
    names: dict[str, str] = {}
    forms: dict[str, str] = {}
    for line in _TABLE.strip().splitlines():
        three, two, rest = line.split(" ", 2)
        several = rest.split("|")
        names[three] = several[0]
        for form in (three, two, *several):
            if forms.setdefault(plain(form), three) != three:
                raise ValueError(f"{form} names two countries")
    return names, forms


NATIONS, FORMS = _read()  # what each code's country is called; which code a text means
_CLOSE = 80  # of 100: below, a text is no slip of the pen
_NAMED = {
    _words(form): (NATIONS[three] if form.isascii() else form) for line in _TABLE.strip().splitlines()
    for three, _, rest in [line.split(" ", 2)] for form in rest.split("|")
}  # fmt: skip
