"""Traditional Chinese characters in names of countries, and the simplified ones in their place."""

from __future__ import annotations

_PAIRS = """
國国 亞亚 羅罗 爾尔 馬马 維维 烏乌 蘭兰 納纳 達达 聖圣 盧卢 島岛 韓韩 臺台 灣湾 東东 緬缅
門门 開开 薩萨 贊赞 寧宁 約约 魯鲁 紐纽 剛刚 諾诺 萊莱 倫伦 賓宾 貝贝 麥麦 澤泽 愛爱 瑪玛
衛卫 幾几 鮮鲜 聯联 協协 蘇苏 頓顿 內内 華华 龍龙 義义 脫脱 葉叶 敘叙 臘腊 圖图 湯汤 奧奥
墾垦 來来 塊块 濱滨 賽赛 蔔卜 鄉乡 畢毕 紹绍 茲兹 喬乔 鎊镑 絲丝 獨独 彌弥 紮扎 憂忧 撾挝
濟济 眾众 傑杰 費费 黃黄 羣群 屬属 漢汉 諸诸 關关 樹树 復复 發发 許许 雲云
"""
TRADITIONAL = "".join(pair[0] for pair in _PAIRS.split())
SIMPLIFIED = "".join(pair[1] for pair in _PAIRS.split())
