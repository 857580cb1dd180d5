"""Characters that are taken for each other because they look alike, mostly by hand or by a stroke input."""

from __future__ import annotations

_GROUPS = """
贷货资贸贺 免兔勉 缴激邀徼 税悦说脱锐 征证怔 租祖粗阻组 金全 社杜杠 保堡褒 险检脸捡验俭 补朴扑
贴帖拈 息恩思 款歀欸 拖施拕 欠久次 担但坦 返反版扳 岗刚钢纲冈 培陪倍赔 训圳 未末 士土 己已巳 人入
稳隐 延廷 减咸 增赠憎 值植直置 电申由田甲 费贵 拨拔 账帐胀 帐账 期斯 复夏 采彩菜 购构沟 标际 投没
融隔 资姿咨 本木 利和 息熄 房户 国囯固 有冇 扣扫 除徐 研砚 发友 设没 备各 专传 精情清 特持 新薪
高商 技枝 术木 认仍 定走 企金 业亚 微徵 型形 规视 模摸 纳钠 残浅 障章 障樟 工土 程裎 拘枸 农衣 民氏
质盾 押抽 基墓 站粘 通逋 信言 讯汛 网冈 络洛 软欠 件伴 数教 据剧 转传 券卷 奖浆 励历 培塔 认队 小少
大太天 申伸 请清情 办为 理埋 优忧 惠慧 政攻 策荣 扶抉 持特 困因 难雎 复覆 产严 返近 延诞 还坏 末未
裁载栽 员贡 失矢 业並 保呆 工功 伤殇 医匡 疗辽 养羊 老考 生牛 育盲 公分 积织职 住往 缓暖 缴徼 用甩
"""


def _pairs() -> frozenset[tuple[str, str]]:
    found = set()
    for group in _GROUPS.split():
        found |= {(one, other) for one in group for other in group if one != other}
    return frozenset(found)


_ALIKE = _pairs()


def look_alike(one: str, other: str) -> bool:
    """Whether two characters are taken for each other."""
    return (one, other) in _ALIKE
