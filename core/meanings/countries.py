"""Countries as people write them: English and Chinese names, and the codes of ISO 3166."""

from __future__ import annotations

import re

_NAMES = """
Afghanistan|Albania|Algeria|Andorra|Angola|Antigua and Barbuda|Argentina|Armenia|Australia|Austria|
Azerbaijan|Bahamas|The Bahamas|Bahrain|Bangladesh|Barbados|Belarus|Belgium|Belize|Benin|Bhutan|Bolivia|
Bosnia and Herzegovina|Bosnia|Botswana|Brazil|Brunei|Brunei Darussalam|Bulgaria|Burkina Faso|Burundi|
Cabo Verde|Cape Verde|Cambodia|Cameroon|Canada|Central African Republic|Chad|Chile|China|
People's Republic of China|Colombia|Comoros|Congo|Republic of the Congo|Democratic Republic of the Congo|
DR Congo|Costa Rica|Côte d'Ivoire|Cote d'Ivoire|Ivory Coast|Croatia|Cuba|Cyprus|Czechia|Czech Republic|
Denmark|Djibouti|Dominica|Dominican Republic|Ecuador|Egypt|El Salvador|Equatorial Guinea|Eritrea|Estonia|
Eswatini|Swaziland|Ethiopia|Fiji|Finland|France|Gabon|Gambia|The Gambia|Georgia|Germany|Ghana|Greece|
Greenland|Grenada|Guatemala|Guinea|Guinea-Bissau|Guyana|Haiti|Honduras|Hong Kong|Hungary|Iceland|India|
Indonesia|Iran|Iraq|Ireland|Republic of Ireland|Israel|Italy|Jamaica|Japan|Jordan|Kazakhstan|Kenya|Kiribati|
North Korea|South Korea|Korea|Republic of Korea|Korea, Republic of|Kosovo|Kuwait|Kyrgyzstan|Laos|Lao PDR|
Latvia|Lebanon|Lesotho|Liberia|Libya|Liechtenstein|Lithuania|Luxembourg|Macao|Macau|Madagascar|Malawi|
Malaysia|Maldives|Mali|Malta|Marshall Islands|Mauritania|Mauritius|Mexico|México|Micronesia|Moldova|
Monaco|Mongolia|Montenegro|Morocco|Mozambique|Myanmar|Burma|Namibia|Nauru|Nepal|Netherlands|
The Netherlands|Holland|New Zealand|Nicaragua|Niger|Nigeria|North Macedonia|Macedonia|Norway|Oman|Pakistan|
Palau|Palestine|Panama|Papua New Guinea|Paraguay|Peru|Philippines|Poland|Portugal|Puerto Rico|Qatar|
Romania|Russia|Russian Federation|Rwanda|Saint Kitts and Nevis|Saint Lucia|
Saint Vincent and the Grenadines|Samoa|San Marino|Sao Tome and Principe|Saudi Arabia|Senegal|Serbia|
Seychelles|Sierra Leone|Singapore|Slovakia|Slovak Republic|Slovenia|Solomon Islands|Somalia|South Africa|
South Sudan|Spain|Sri Lanka|Sudan|Suriname|Sweden|Switzerland|Syria|Taiwan|Tajikistan|Tanzania|Thailand|
Timor-Leste|East Timor|Togo|Tonga|Trinidad and Tobago|Tunisia|Turkey|Türkiye|Turkiye|Turkmenistan|Tuvalu|
Uganda|Ukraine|United Arab Emirates|UAE|United Kingdom|UK|U.K.|Great Britain|Britain|England|Scotland|Wales|
Northern Ireland|United States|United States of America|USA|U.S.A.|U.S.|The United States|Uruguay|
Uzbekistan|Vanuatu|Vatican City|Holy See|Venezuela|Vietnam|Viet Nam|Yemen|Zambia|Zimbabwe|
Congo, Dem. Rep.|Congo, Rep.|Korea, Rep.|Korea, Dem. Rep.|Yemen, Rep.|Egypt, Arab Rep.|Iran, Islamic Rep.|
Venezuela, RB|Gambia, The|Bahamas, The|Hong Kong, China|Macao, China|Taiwan, China|Hong Kong SAR|Macao SAR|
West Bank and Gaza|Micronesia, Fed. Sts.|Reunion|Réunion|Guadeloupe|Martinique|French Guiana|French Polynesia|
New Caledonia|Aruba|Bermuda|Curaçao|Curacao|Cayman Islands|British Virgin Islands|Gibraltar|Guam|Jersey|
Guernsey|Isle of Man|Faroe Islands|American Samoa|Northern Mariana Islands|
Deutschland|Österreich|Schweiz|Frankreich|España|Italia|Brasil|Nederland|België|Belgique|Suisse|Polska|
Sverige|Norge|Danmark|Suomi|Россия|Украина|日本|대한민국|한국|
中国|中华人民共和国|美国|英国|法国|德国|意大利|西班牙|葡萄牙|俄罗斯|韩国|朝鲜|印度|巴西|加拿大|澳大利亚|新西兰|墨西哥|
阿根廷|智利|秘鲁|哥伦比亚|南非|埃及|尼日利亚|肯尼亚|荷兰|比利时|瑞士|奥地利|瑞典|挪威|丹麦|芬兰|冰岛|爱尔兰|波兰|
捷克|匈牙利|希腊|土耳其|乌克兰|罗马尼亚|保加利亚|泰国|越南|新加坡|马来西亚|印度尼西亚|印尼|菲律宾|缅甸|柬埔寨|
老挝|蒙古|巴基斯坦|孟加拉国|斯里兰卡|尼泊尔|伊朗|伊拉克|以色列|沙特阿拉伯|阿联酋|卡塔尔|哈萨克斯坦|香港|澳门|台湾
"""

_TWO = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""

# the USA are among the names: no text counts twice
_THREE = """
AFG AGO ALB AND ARE ARG ARM AUS AUT AZE BDI BEL BEN BFA BGD BGR BHR BHS BIH BLR BLZ BOL BRA BRB BRN BTN BWA
CAF CAN CHE CHL CHN CIV CMR COD COG COL COM CPV CRI CUB CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESP EST
ETH FIN FJI FRA FSM GAB GBR GEO GHA GIN GMB GNB GNQ GRC GRD GRL GTM GUY HKG HND HRV HTI HUN IDN IND IRL IRN
IRQ ISL ISR ITA JAM JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC
MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MOZ MRT MUS MWI MYS NAM NER NGA NIC NLD NOR NPL NRU NZL
OMN PAK PAN PER PHL PLW PNG POL PRI PRK PRT PRY PSE QAT ROU RUS RWA SAU SDN SEN SGP SLB SLE SLV SMR SOM SRB
SSD STP SUR SVK SVN SWE SWZ SYC SYR TCD TGO THA TJK TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR URY UZB
VAT VCT VEN VNM VUT WSM YEM ZAF ZMB ZWE
"""


def _one_of(words: list[str]) -> str:
    # the longest first: the shorter may be its beginning
    return "|".join(_plain(word) for word in sorted(words, key=len, reverse=True))


def _plain(word: str) -> str:
    return re.sub(r"([.()])", r"\\\1", word)


NAMES = rf"(?i:{_one_of(_NAMES.replace(chr(10), '').split('|'))})"
CODES = rf"(?i:{_one_of(_TWO.split() + _THREE.split())})"
COUNTRY = f"{NAMES}|{CODES}"
