"""Common given names and surnames, written down from general knowledge; no register was copied.

They are many peoples' commonest ones and no more: a list finds a column of names by the names in it
that are common, and misses a column in which none is.
"""

from __future__ import annotations

import unicodedata

_GIVEN = """
james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony
mark donald steven paul andrew joshua kenneth kevin brian george timothy ronald edward jason jeffrey ryan
jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank
alexander raymond patrick jack dennis jerry tyler aaron jose adam nathan henry douglas zachary peter kyle
walter ethan jeremy harold keith christian roger noah gerald carl terry sean austin arthur lawrence jesse
dylan bryan joe jordan billy bruce albert willie gabriel logan alan juan wayne roy ralph randy eugene
vincent russell elijah louis bobby philip johnny oliver harry oscar leo theo simon colin ian neil graham
mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra
ashley kimberly emily donna michelle carol amanda dorothy melissa deborah stephanie rebecca sharon laura
cynthia kathleen amy angela shirley anna brenda pamela emma nicole helen samantha katherine christine
debra rachel carolyn janet catherine maria heather diane ruth julie olivia joyce virginia victoria kelly
lauren christina joan evelyn judith megan andrea cheryl hannah jacqueline martha gloria teresa ann sara
madison frances kathryn janice jean abigail alice julia judy sophia grace denise amber doris marilyn
danielle beverly isabella theresa diana natalie brittany charlotte marie kayla alexis lori ella lucy zoe
hans klaus juergen wolfgang uwe bernd dieter stefan thorsten matthias sebastian florian lukas felix jonas
maximilian moritz ursula monika petra sabine renate heike claudia birgit katharina lena leonie greta
pierre michel jacques philippe alain bernard francois nicolas julien antoine camille chloe lea manon
mathilde juliette sylvie isabelle nathalie veronique celine aurelie margaux baptiste guillaume thierry
antonio jose manuel francisco carlos javier miguel angel rafael pedro alejandro fernando pablo sergio luis
jorge alberto diego adrian raul enrique carmen josefa isabel dolores pilar teresa ana cristina marta lucia
mercedes rosario raquel beatriz rocio paula elena sofia valentina camila mariana gabriela daniela ximena
joao pedro paulo tiago rui luiz lucas mateus gustavo bruno thiago leonardo rodrigo felipe beatriz larissa
fernanda juliana leticia vanessa adriana ines
giuseppe giovanni luigi mario marco luca matteo lorenzo francesco andrea alessandro davide simone giulia
chiara francesca federica martina sara elisa silvia paola giorgia aurora
jan pieter johan hendrik willem dirk bram sander daan femke anouk lotte sanne marieke fleur
piotr krzysztof andrzej tomasz pawel michal marcin grzegorz jakub katarzyna malgorzata agnieszka barbara
ewa krystyna magdalena joanna aleksandra zofia
ivan dmitri dmitry sergei sergey alexei alexey mikhail nikolai vladimir andrei andrey pavel igor oleg yuri
olga tatiana natalia elena irina svetlana ekaterina anastasia ksenia yulia marina galina ludmila
lars anders johan per nils erik karl sven bjorn olof magnus mikael ole jens henrik soren astrid ingrid
karin birgitta freja linnea elin maja saga ida signe
muhammad mohammed mohamed ahmed ali omar hassan hussein ibrahim yusuf khalid abdullah fatima aisha maryam
zainab khadija layla noor amina yasmin salma samira karim tariq bilal mustafa mehmet ahmet emre murat ayse
fatma zeynep elif merve hatice
raj rahul amit sanjay vijay arjun rohan ravi suresh ramesh anil ashok deepak manish rajesh priya anjali
pooja neha sunita kavita lakshmi divya anita meera shreya nisha swati rekha
wei fang lei ming jing hui yan ling xin mei hua jun tao qiang yong jie bin ying ping xiaoming
hiroshi takashi kenji yuki haruto sakura yoko keiko akira satoshi naoko minho jiwoo seojun hyejin
nguyen linh thanh minh huong kwame kofi ama akua chinedu ngozi emeka oluwaseun adaeze thabo sipho
"""

_SURNAMES = """
smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson
anderson thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis
robinson walker young allen king wright scott torres nguyen hill flores green adams nelson baker hall
rivera campbell mitchell carter roberts gomez phillips evans turner diaz parker cruz edwards collins reyes
stewart morris morales murphy cook rogers gutierrez ortiz morgan cooper peterson bailey reed kelly howard
ramos kim cox ward richardson watson brooks chavez wood james bennett gray mendoza ruiz hughes price
alvarez castillo sanders patel myers long ross foster jimenez powell jenkins perry russell sullivan bell
coleman butler henderson barnes fisher vasquez simmons graham murray ford davies khan ahmed hussain ali
mueller muller schmidt schneider fischer weber meyer wagner becker schulz hoffmann schaefer koch bauer
richter klein wolf schroeder neumann schwarz zimmermann braun krueger hofmann hartmann lange schmitt werner
krause lehmann bernard dubois thomas robert petit durand leroy moreau simon laurent lefebvre michel
fernandez bertrand roux vincent fournier morel girard andre mercier dupont lambert bonnet francois
rossi russo ferrari esposito bianchi romano colombo ricci marino greco bruno gallo conti costa giordano
mancini rizzo lombardi moretti silva santos oliveira souza pereira lima carvalho ferreira ribeiro almeida
rodrigues alves gomes martins araujo barbosa rocha dias nunes sousa teixeira fonseca jong jansen vries
berg bakker janssen visser smit meijer boer mulder groot bos vos peters hendriks dekker brouwer
nowak kowalski kowalska wisniewski wisniewska wojcik kowalczyk kaminski kaminska lewandowski zielinski
szymanski wozniak dabrowski kozlowski mazur jankowski novak svoboda novotny dvorak horvath nagy kovacs
toth szabo varga kiss popescu ionescu petrov petrova ivanov ivanova smirnov smirnova kuznetsov popov
volkov sokolov lebedev kozlov novikov morozov johansson andersson karlsson nilsson eriksson larsson olsson
persson svensson gustafsson hansen johansen olsen larsen andersen pedersen nielsen jensen christensen
rasmussen sorensen yilmaz kaya demir celik sahin yildiz ozturk aydin sharma singh kumar gupta verma mehta
reddy rao joshi nair iyer das shah mishra chopra kapoor banerjee mukherjee chatterjee wang li zhang liu
chen yang huang zhao wu zhou xu sun zhu gao lin guo luo zheng liang xie tang feng dong cheng cao deng peng
tanaka suzuki sato takahashi watanabe ito yamamoto nakamura kobayashi kato yoshida yamada park choi jung
kang cho yoon jang lim tran pham hoang phan dang okafor adeyemi mensah owusu nkosi dlamini mohamed
papadopoulos cohen levi mizrahi obrien oconnor osullivan kennedy mcdonald macdonald mccarthy
"""

# the commonest Chinese surnames, as they are written
HAN = frozenset(
    "王李张劉刘陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧程曹袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣"
    "蔡贾賈丁魏薛叶葉阎余潘杜戴夏钟鍾汪田任姜范方石姚谭譚廖邹熊金陆陸郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)


def _folded(text: str) -> str:
    """Small letters without accents: "Müller" and "Muller" are one name."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ø", "o").replace("ł", "l"))
    return "".join(char for char in plain if char.isalpha() and not unicodedata.combining(char))


GIVEN = frozenset(_GIVEN.split())
SURNAMES = frozenset(_SURNAMES.split())


def tokens(text: str) -> list[str]:
    """The words of a name, folded; "Smith, John" gives ["john", "smith"]."""
    family, comma, given = text.partition(",")
    words = (f"{given} {family}" if comma else text).split()
    return [folded for word in words if (folded := _folded(word))]
