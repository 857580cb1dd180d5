"""A report on members' difficulties as a Word file."""

from __future__ import annotations

from kb.domain.dates import in_words
from kb.outreach import word
from kb.outreach.report import Report
from kb.outreach.reporttables import ReportTable


def report_docx(report: Report) -> bytes:
    """The file: title, period, opening, numbered sections with their tables, signature, last words."""
    doc = word.new_document(report.title, author=report.organiser)
    word.heading(doc, report.title, 0)
    word.paragraph(doc, f"（{report.about}）", "副标题")
    word.paragraph(doc, report.opening)
    for section in report.sections:
        word.heading(doc, section.title, 1)
        for block in section.blocks:
            if isinstance(block, ReportTable):
                _table(doc, block)
            else:
                word.paragraph(doc, block)
    word.paragraph(doc, report.organiser, "右对齐")
    word.paragraph(doc, in_words(report.dated), "右对齐")
    word.paragraph(doc, report.last_words, "说明")
    return word.as_bytes(doc)


def _table(doc: word.Document, table: ReportTable) -> None:
    word.paragraph(doc, table.caption, "居中").paragraph_format.keep_with_next = True
    word.table(doc, table.head, table.rows, table.widths)
    word.paragraph(doc, f"说明：{table.how}", "说明")
