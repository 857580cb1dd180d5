"""One text in two scripts: a form of it that is the same in simplified and traditional characters.

Only what both national character sets have is kept: a simplified-only character falls out of the one text
and its traditional twin out of the other, so nothing needs to be converted. A few characters that both sets
have, but that one of them uses for two words, fall out too. For numbers of papers, where a character more or
less matters, the ones they are written with are turned into simplified ones.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_USED_FOR_TWO = frozenset(
    "后後里裡裏面麵只隻祗干幹乾榦台臺檯颱征徵云雲松鬆系係繫余餘表錶范範制製准準复復複丑醜斗鬥谷穀采採胜勝价價布佈佔占周週回迴向嚮志誌杰傑划劃卷捲升昇昆崑朱硃板闆柜櫃核覈欲慾注註游遊沈瀋"
    "致緻舍捨吁籲据據别彆症癥卜蔔冲沖衝出齣丰豐合閤伙夥借藉家傢尽儘盡姜薑困睏蒙濛彌漓灕了瞭辟闢凭千韆仆僕曲麴朴樸秋鞦签簽籤舌术朮術咸鹹凶兇须鬚旋鏇熏薰御禦郁鬱岳嶽扎紮折摺筑築托託于於并"
    "併並同仝着著巨鉅才纔几幾种種当噹担擔它牠群羣峰峯床牀线綫線污汙强強户戶启啟啓众衆晒曬佣傭厘釐愿願吊弔唇脣万么体优与适荐确网机构赶咨离触宁异雇气极吃梁党听洁愈儿洒抬扰杠厂挂怀栗秘涌岭"
    "吨酸皂岩恤僵尸惊庄坏胡玩搜虫蔑涂杆幸扑苹腊蚕洼圣帘戚泛肴喂覆菸髮"
)
_OF_NUMBERS = str.maketrans(
    "髮庫開許陽廈賓陸號發財稅銀辦國規電貿農廳聯監總業興蘇滬遼閩贛魯粵瓊陝寧雲貴晉內衛證險會關質檢資運輸環審計統創學頒訂減協務價廣東軍動勞經濟計劃與網絡終產權體衛團書長鐵車門漢渝劃標準優術項積點實應醫藥療機構評調議區縣鄉鎮對進轉條數據處歲採購",
    "发库开许阳厦宾陆号发财税银办国规电贸农厅联监总业兴苏沪辽闽赣鲁粤琼陕宁云贵晋内卫证险会关质检资运输环审计统创学颁订减协务价广东军动劳经济计划与网络终产权体卫团书长铁车门汉渝划标准优术项积点实应医药疗机构评调议区县乡镇对进转条数据处岁采购",
)


@lru_cache(maxsize=30_000)
def _in_both(character: str) -> bool:
    if character in _USED_FOR_TWO:
        return False
    if character.isascii():
        return character.isalnum()
    try:
        return bool(character.encode("gb2312") and character.encode("big5")) and character.isalnum()
    except UnicodeEncodeError:
        return False


def common_form(text: str) -> str:
    """The text without white space, signs and what only one script has: equal for both."""
    return "".join(one for one in unicodedata.normalize("NFKC", text) if _in_both(one))


def simplified_number(number: str) -> str:
    """A document number in simplified characters; empty where one of its characters is not known."""
    turned = unicodedata.normalize("NFKC", number).translate(_OF_NUMBERS)
    bare = re.sub(r"[\s〔〕﹝﹞【】\[\]()《》]", "", turned)
    try:
        bare.encode("gb2312")
    except UnicodeEncodeError:
        return ""
    return turned
