"""The QR code: another program reads from the drawing what was put in."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import KbError
from kb.outreach.qr import MOST, QUIET, qr_svg

HOME = "https://kb.example.org/match?"
SVG = "{http://www.w3.org/2000/svg}"
SCALE = 4
_RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def painted(svg: str) -> numpy.ndarray:
    """The drawing as grey pixels: white everywhere, then the dark runs of its second path."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing
    _x, _y, side, _height = map(int, root.attrib["viewBox"].split())
    ground, dark = root.findall(f"{SVG}path")
    assert ground.attrib == {"fill": "#fff", "d": f"M0 0h{side}v{side}H0z"}
    assert dark.attrib["fill"] == "#000"
    assert _RUN.sub("", dark.attrib["d"]) == ""
    pixels = numpy.full((side, side), 255, numpy.uint8)
    for x, y, width, back in (map(int, run) for run in _RUN.findall(dark.attrib["d"])):
        assert width == back
        pixels[y, x : x + width] = 0
    return pixels.repeat(SCALE, 0).repeat(SCALE, 1)


@settings(max_examples=40)
@given(st.text("abcxyzABC0123456789-._~%&=/", max_size=MOST - len(HOME)))
def test_a_reader_finds_the_address(rest: str) -> None:
    (found,) = zxingcpp.read_barcodes(painted(qr_svg(HOME + rest)))
    assert found.text == HOME + rest
    assert found.ec_level == "M"


def test_chinese_in_an_address_is_read_back() -> None:
    (found,) = zxingcpp.read_barcodes(painted(qr_svg(HOME + "need=贷款周转")))
    assert found.text == HOME + "need=贷款周转"


def test_it_has_a_white_quiet_zone() -> None:
    pixels = painted(qr_svg(HOME))
    edge = QUIET * SCALE
    inside = pixels[edge:-edge, edge:-edge]
    assert (inside[0, :SCALE] == 0).all()
    assert (pixels == 0).sum() == (inside == 0).sum()


def test_it_takes_its_size_from_its_container_and_has_a_name() -> None:
    root = ElementTree.fromstring(qr_svg(HOME, '打开"结果" <b>&'))  # noqa: S314 - our own drawing
    assert set(root.attrib) == {"viewBox", "role", "aria-label", "shape-rendering"}
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == '打开"结果" <b>&'
    _x, _y, width, height = root.attrib["viewBox"].split()
    assert width == height


def test_the_longest_address_is_drawn_and_one_more_character_is_not() -> None:
    longest = HOME + "x" * (MOST - len(HOME))
    assert zxingcpp.read_barcodes(painted(qr_svg(longest)))[0].text == longest
    with pytest.raises(KbError, match=f"1 到 {MOST} 个字符，现在是 {MOST + 1} 个"):
        qr_svg(longest + "x")
    with pytest.raises(KbError, match="现在是 0 个"):
        qr_svg("")
