"""No spelling of an address leads to a machine that is not on the public internet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import SourceError
from kb.ingest.guard import Guard, RefusedError, is_allowed, target

INSIDE = (
    "0.0.0.1",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.9.1",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
)
INSIDE_V6 = (
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "ff02::1",
)
OUTSIDE = ("8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2400:3200::1", "::ffff:8.8.8.8")
WIDE = str.maketrans("0123456789.", "０１２３４５６７８９。")
CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")


def public_names(host: str, port: int) -> tuple[str, ...]:
    return ("8.8.8.8",)


def inside(host: str, port: int) -> tuple[str, ...]:
    """A resolver that reads every spelling as loopback, as the system's may."""
    return ("127.0.0.1",)


def test_inside_addresses_are_not_allowed_and_outside_ones_are() -> None:
    for text in (*INSIDE, *INSIDE_V6):
        assert not is_allowed(ip_address(text)), text
    for text in OUTSIDE:
        assert is_allowed(ip_address(text)), text


@given(st.ip_addresses(v=4))
def test_what_is_allowed_is_global_by_the_registry_too(ip: IPv4Address) -> None:
    assert not is_allowed(ip) or ip.is_global


@given(st.ip_addresses(v=6))
def test_only_global_unicast_of_ipv6_is_allowed(ip: IPv6Address) -> None:
    if ip.ipv4_mapped is None and is_allowed(ip):
        assert ip.is_global
        assert ip.sixtofour is None
        assert ip.teredo is None


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_what_it_maps(ip: IPv4Address) -> None:
    assert is_allowed(IPv6Address(f"::ffff:{ip}")) == is_allowed(ip)


def _spellings(ip: IPv4Address) -> list[str]:
    number, quad = int(ip), str(ip)
    parts = quad.split(".")
    return [
        quad,
        f"{quad}.",
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(hex(int(part)) for part in parts),
        ".".join(f"0{int(part):o}" for part in parts),
        ".".join(part.zfill(3) for part in parts),
        f"{parts[0]}.{int(ip) & 0xFFFFFF}",
        f"{parts[0]}.{parts[1]}.{int(ip) & 0xFFFF}",
        quad.translate(WIDE),
        quad.translate(CIRCLED),
        quad.replace(".", "。"),
        f"[::ffff:{quad}]",
        f"[::{quad}]",
        f"[64:ff9b::{quad}]",
        f"[fe80::{quad}%25eth0]",
        f"user@{quad}",
        f"8.8.8.8@{quad}",
        f"{quad}\\@8.8.8.8",
        f"{quad}%00.example.cn",
    ]


@given(st.sampled_from([IPv4Address(text) for text in INSIDE]) | st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_no_spelling_of_an_inside_address_is_let_through(ip: IPv4Address) -> None:
    for spelling in _spellings(ip):
        for scheme in ("http", "https", "HTTP"):
            with pytest.raises(RefusedError):
                target(f"{scheme}://{spelling}/x", Guard(resolve=inside))


@given(st.text(max_size=40), st.sampled_from(["", "http://", "https://", "//", "http:/", "http:///"]))
def test_whatever_is_typed_leads_outside_or_nowhere(text: str, start: str) -> None:
    try:
        found = target(start + text, Guard(resolve=inside))
    except SourceError:
        return
    assert all(is_allowed(ip_address(machine)) for machine in found.machines)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://www.gov.cn/a",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "gopher://8.8.8.8/",
        "http://",
        "http://?x",
        "http://www.gov.cn:0/",
        "http://www.gov.cn:22/",
        "http://www.gov.cn:99999/",
        "http://www.gov.cn:x/",
        "http://a b.cn/",
        "http://www.gov.cn/a\nHost: b",
        "http://[::1",
        "http://localhost/",
        "http://intranet/",
        "http://kb.internal/",
        "http://-a.cn/",
        "http://a..cn/",
        "http://" + "a" * 3000 + ".cn/",
    ],
)
def test_what_is_no_public_web_address_is_refused(address: str) -> None:
    with pytest.raises(RefusedError):
        target(address, Guard(resolve=public_names))


def test_a_name_leads_only_to_its_public_machines_in_order() -> None:
    machines = ("10.0.0.1", "2400:3200::1", "::ffff:127.0.0.1", "8.8.8.8", "fe80::1%eth0")
    found = target("https://www.gov.cn/a#part", Guard(resolve=lambda *_: machines))
    assert found.machines == ("2400:3200::1", "8.8.8.8")
    assert (found.address, found.port, found.place) == ("https://www.gov.cn/a", 443, "www.gov.cn")


def test_a_name_that_leads_nowhere_is_a_failure_of_the_site() -> None:
    def nowhere(host: str, port: int) -> tuple[str, ...]:
        raise OSError("no such name")

    with pytest.raises(SourceError) as told:
        target("https://www.gov.cn/", Guard(resolve=nowhere))
    assert not isinstance(told.value, RefusedError)


def test_chinese_names_and_paths_are_asked_in_ascii() -> None:
    found = target("http://政务.中国:8080/政策?q=税#x", Guard(resolve=public_names))
    assert found.place == "xn--zfr164b.xn--fiqs8s:8080"
    assert found.address == "http://xn--zfr164b.xn--fiqs8s:8080/%E6%94%BF%E7%AD%96?q=%E7%A8%8E"


def test_loopback_is_let_through_only_where_that_was_asked_for() -> None:
    assert target("http://127.0.0.1:8000/", Guard(loopback=True)).machines == ("127.0.0.1",)
    with pytest.raises(RefusedError):
        target("http://10.0.0.1/", Guard(loopback=True))
