"""Rows of sheets to build tests with."""

from kb.domain.columns import COLUMNS


def blank_row() -> dict[str, str]:
    """A row with every column and nothing in it."""
    return {one.title: "" for one in COLUMNS}


def new_row(**cells: str) -> dict[str, str]:
    """A row that makes a sound new entry with one relief, changed as asked."""
    filled = {
        "标题": "关于试验补贴的通知",
        "一句话好处": "小型企业可以领试验补贴。",
        "别名": "试验补贴、补贴试验、试验的钱",
        "文号": "试发〔2026〕9号",
        "发文机关": "试验部",
        "成文日期": "2026-02-20",
        "适用地区": "湖南",
        "期限止": "2026-12-31",
        "支持类型": "财政补贴",
        "事项标题": "试验补贴",
        "能得到什么": "每家一万元。",
        "来源文件": "试发〔2026〕9号",
    }
    return {**blank_row(), **filled, **cells}
