"""How our Word files look: GB/T 9704-2012's page and fonts as styles, over a template of staff's own.

Of a template its page, styles, header and footer are used; its text is not. Word shows the built-in styles
under their Chinese names: Body Text is 正文文本, Heading 1 is 标题 1.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_LINE_SPACING, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

LATIN = "Times New Roman"
MARGINS_CM = {"top_margin": 3.7, "bottom_margin": 3.5, "left_margin": 2.8, "right_margin": 2.6}
TEXT_WIDTH_CM = 21.0 - 2.8 - 2.6
LARGEST = 5 * 1024 * 1024
LARGEST_UNPACKED = 60 * 1024 * 1024
FALLBACKS = {
    "仿宋_GB2312": ("仿宋,FangSong,华文仿宋,STFangsong", "roman"),
    "楷体_GB2312": ("楷体,KaiTi,华文楷体,STKaiti", "roman"),
    "黑体": ("SimHei,华文黑体,STHeiti", "swiss"),
    "方正小标宋简体": ("方正小标宋_GBK,宋体,SimSun", "roman"),
    "宋体": ("SimSun,华文宋体,STSong", "roman"),
}
"""The East Asian fonts that our styles name, and what the reader's machine may take instead."""
_RIGHT_TABS = {"toc 1": WD_TAB_LEADER.DOTS, "刊期": WD_TAB_LEADER.SPACES}
_RED = "C00000"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


@dataclass(frozen=True)
class Look:
    """A style: its name in the file, its font, size and spacing in points, and how its lines stand.

    ``indent`` is in characters; ``outline`` is the level in the outline, 0 the highest, ``None`` for none.
    """

    name: str
    font: str
    size: float
    line: float | None = 28
    align: str = "both"
    indent: int = 0
    bold: bool = False
    colour: str = ""
    before: float = 0
    after: float = 0
    outline: int | None = None
    builtin: bool = True
    keep_next: bool = False


LOOKS: dict[str, Look] = {
    "正文": Look("Body Text", "仿宋_GB2312", 16, indent=2),
    "标题": Look("Title", "方正小标宋简体", 22, 36, "center", after=14, keep_next=True),
    "副标题": Look("Subtitle", "楷体_GB2312", 16, align="center", after=10),
    "标题1": Look("Heading 1", "黑体", 16, align="left", indent=2, before=8, outline=0, keep_next=True),
    "标题2": Look(
        "Heading 2", "楷体_GB2312", 16, align="left", indent=2, before=8, outline=1, keep_next=True
    ),
    "标题3": Look(
        "Heading 3", "仿宋_GB2312", 16, align="left", indent=2, bold=True, outline=2, keep_next=True
    ),
    "报头": Look("报头", "方正小标宋简体", 42, 60, "center", colour=_RED, before=10, after=8, builtin=False),
    "刊号": Look("刊号", "仿宋_GB2312", 16, align="center", after=4, builtin=False),
    "刊期": Look("刊期", "仿宋_GB2312", 16, align="left", builtin=False),
    "目录题": Look("TOC Heading", "黑体", 16, align="center", before=14, after=6),
    "目录": Look("toc 1", "仿宋_GB2312", 16, align="left"),
    "居中": Look("居中", "仿宋_GB2312", 16, align="center", builtin=False),
    "右对齐": Look("右对齐", "仿宋_GB2312", 16, align="right", builtin=False),
    "说明": Look("说明", "楷体_GB2312", 12, 20, before=6, builtin=False),
    "居中说明": Look("居中说明", "楷体_GB2312", 12, 20, "center", after=14, builtin=False),
    "报送": Look("报送", "仿宋_GB2312", 14, 26, "left", builtin=False, keep_next=True),
    "图": Look("图", "仿宋_GB2312", 16, None, "center", before=8, builtin=False, keep_next=True),
    "表头": Look("表头", "黑体", 12, 18, "center", builtin=False),
    "表格": Look("表格文字", "仿宋_GB2312", 12, 18, "left", builtin=False),
}
"""Our styles by what they are called in this code."""
_NAMES = frozenset(look.name for look in LOOKS.values())


def style_name(style: str) -> str:
    """The name in the file of one of :data:`LOOKS`."""
    return LOOKS[style].name


def opened(template: Path | None) -> Document:
    """An empty document with every style: over ``template`` if it can be used, else over none."""
    if template and template.exists() and not template_problem(template):
        return _over(template.read_bytes())
    doc = docx.Document()
    _set_page(doc)
    _set_defaults(doc)
    for style in list(doc.styles):
        if style.name in _NAMES:
            style.delete()
    return _completed(doc)


def _over(template: bytes) -> Document:
    doc = docx.Document(io.BytesIO(template))
    body = doc.element.body
    for child in list(body):
        if child.tag != qn("w:sectPr"):
            body.remove(child)
    return _completed(doc)


def _completed(doc: Document) -> Document:
    present = {style.name for style in doc.styles}
    for look in LOOKS.values():
        if look.name not in present:
            _add(doc, look)
    _name_fallbacks(doc)
    _number_pages(doc)
    return doc


def template_problem(template: Path | bytes) -> str:
    """Why a file cannot be the template, in words that say what to do; empty where it can."""
    try:
        data = template if isinstance(template, bytes) else template.read_bytes()
    except OSError as error:
        return f"模板读不出来（{error.strerror or error}），请重新上传"
    if len(data) > LARGEST:
        return f"模板超过 {LARGEST // 1024 // 1024} MB，请去掉里面的大图再存"
    try:
        return _problem_inside(data)
    except Exception:  # whatever a damaged file does to the reader of it
        return "模板打不开，不是完好的 .docx 文件。请在 Word 里另存为“Word 文档（.docx）”后再传"


def _problem_inside(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        if sum(one.file_size for one in package.infolist()) > LARGEST_UNPACKED:
            return "模板解开后太大，请去掉里面的大图再存"
        if any(name.lower().endswith((".bin", "vbaproject.xml")) for name in package.namelist()):
            return "模板里有宏或嵌入的对象，请去掉后另存为 .docx"
    doc = docx.Document(io.BytesIO(data))
    if doc.part.content_type != _MAIN:
        return "只收 .docx 文档，不收带宏的文档或 .dotx 模板。请另存为“Word 文档（.docx）”"
    outside = [
        one.reltype
        for part in doc.part.package.iter_parts()
        for one in part.rels.values()
        if one.is_external and not one.reltype.endswith("/hyperlink")
    ]
    if outside:
        return "模板引用了文件以外的内容（外部模板或图片），请改为嵌入后再存"
    wrong = [one.name for one in doc.styles if one.name in _NAMES and one.type != WD_STYLE_TYPE.PARAGRAPH]
    if wrong:
        return f"模板里的样式“{wrong[0]}”不是段落样式，请删掉它或换个名称再存"
    _over(data).save(io.BytesIO())
    return ""


def field_runs(one: Paragraph, instruction: str, shown: str) -> list[Run]:
    """A field at the end of a paragraph as the five runs it is made of; ``shown`` until it is updated."""
    return [
        _field_mark(one, "begin"),
        _with(one.add_run(), "w:instrText", f" {instruction} "),
        _field_mark(one, "separate"),
        one.add_run(shown),
        _field_mark(one, "end"),
    ]


def _field_mark(one: Paragraph, kind: str) -> Run:
    run = one.add_run()
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    run._r.append(mark)
    return run


def _with(run: Run, tag: str, text: str) -> Run:
    held = OxmlElement(tag)
    held.set(qn("xml:space"), "preserve")
    held.text = text
    run._r.append(held)
    return run


def _set_page(doc: Document) -> None:
    section = doc.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    for name, width in MARGINS_CM.items():
        setattr(section, name, Cm(width))
    section.footer_distance, section.header_distance = Cm(2.5), Cm(1.5)


def _set_defaults(doc: Document) -> None:
    """Chinese as the language, our body font for whatever names none, and no space that nobody asked for."""
    normal = cast(ParagraphStyle, doc.styles["Normal"])
    _set_fonts(normal.element.get_or_add_rPr(), "仿宋_GB2312")
    normal.font.size = Pt(16)
    normal.paragraph_format.space_after = Pt(0)
    for lang in doc.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:eastAsia"), "zh-CN")


def _add(doc: Document, look: Look) -> None:
    made = doc.styles.add_style(look.name, WD_STYLE_TYPE.PARAGRAPH, look.builtin)
    style = cast(ParagraphStyle, made)
    style.base_style = doc.styles.default(WD_STYLE_TYPE.PARAGRAPH)
    style.hidden, style.quick_style, style.unhide_when_used = False, True, True
    style.font.size, style.font.bold, style.font.italic = Pt(look.size), look.bold, False
    style.font.color.rgb = RGBColor.from_string(look.colour or "000000")
    _set_fonts(style.element.get_or_add_rPr(), look.font)
    _space(style, look)
    properties = style.element.get_or_add_pPr()
    _add_to(properties, "w:jc", val=look.align)
    if look.outline is not None:
        _add_to(properties, "w:outlineLvl", val=str(look.outline))
    if look.name in _RIGHT_TABS:
        leader = _RIGHT_TABS[look.name]
        style.paragraph_format.tab_stops.add_tab_stop(Cm(TEXT_WIDTH_CM), WD_TAB_ALIGNMENT.RIGHT, leader)


def _space(style: ParagraphStyle, look: Look) -> None:
    form = style.paragraph_format
    form.space_before, form.space_after = Pt(look.before), Pt(look.after)
    form.keep_with_next, form.widow_control = look.keep_next, False
    if look.line:
        form.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        form.line_spacing = Pt(look.line)
    if look.name == "toc 1":
        form.left_indent, form.first_line_indent = Pt(24), Pt(-24)
        form.right_indent = Pt(32)
    if look.indent:
        form.first_line_indent = Pt(look.size * look.indent)
        indent = style.element.get_or_add_pPr().find(qn("w:ind"))
        indent.set(qn("w:firstLineChars"), str(100 * look.indent))


def _add_to(properties: BaseOxmlElement, tag: str, **values: str) -> None:
    """At the end of a style's paragraph properties; jc and outlineLvl are among the last the schema has."""
    one = OxmlElement(tag)
    for name, value in values.items():
        one.set(qn(f"w:{name}"), value)
    properties.append(one)


def _set_fonts(properties: BaseOxmlElement, east: str) -> None:
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    fonts.attrib.clear()
    for name, value in (("ascii", LATIN), ("hAnsi", LATIN), ("eastAsia", east), ("cs", LATIN)):
        fonts.set(qn(f"w:{name}"), value)


def _name_fallbacks(doc: Document) -> None:
    """Say in the font table what may stand for each font; a machine without 仿宋_GB2312 takes 仿宋."""
    for relation in doc.part.rels.values():
        if relation.reltype.endswith("/fontTable") and not relation.is_external:
            part = relation.target_part
            fonts = parse_xml(part.blob)
            listed = {one.get(qn("w:name")) for one in fonts}
            for name in FALLBACKS:
                if name not in listed:
                    fonts.append(_font(name))
            part._blob = serialize_part_xml(fonts)


def _font(name: str) -> BaseOxmlElement:
    others, family = FALLBACKS[name]
    return parse_xml(
        f'<w:font {nsdecls("w")} w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{family}"/><w:pitch w:val="default"/></w:font>'
    )


def _number_pages(doc: Document) -> None:
    """— 1 — centred in the footer, unless the template has a page number already."""
    footer = doc.sections[0].footer
    if any("PAGE" in (one.text or "") for one in footer._element.iter(qn("w:instrText"))):
        return
    if any("PAGE" in one.get(qn("w:instr"), "") for one in footer._element.iter(qn("w:fldSimple"))):
        return
    one = footer.paragraphs[0] if footer.paragraphs else footer.add_paragraph()
    one = one if not one.text.strip() else footer.add_paragraph()
    one.alignment = 1
    runs = [one.add_run("— "), *field_runs(one, "PAGE", "1"), one.add_run(" —")]
    for run in runs:
        run.font.size = Pt(14)
        _set_fonts(run._r.get_or_add_rPr(), "宋体")
