"""Which addresses may be asked at all: a web address in, the machine to connect to out, or a refusal.

Names are resolved once, here; whoever connects uses exactly what comes back. ``ipaddress`` alone is no
guard (NAT64, 6to4 and a cloud's own 168.63.129.16 count as global there) and ``getaddrinfo`` reads
``127。0。0。1``, ``0x7f000001`` and ``2130706433`` as loopback: odd spellings are refused, not understood.
"""

from __future__ import annotations

import re
import socket
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, quote, urlsplit

import idna

from kb.errors import SourceError

Ip = IPv4Address | IPv6Address
Resolve = Callable[[str, int], tuple[str, ...]]

LONGEST = 2_000
_PORTS = {"http": 80, "https": 443}
_LOWEST_OTHER_PORT = 1024
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)$")
_DENIED_V4 = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
        ),
    )
)
_GLOBAL_V6 = ip_network("2000::/3")
_DENIED_V6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


def system_resolve(host: str, port: int) -> tuple[str, ...]:
    """Every address of ``host``, in the system's order. Raises ``OSError`` where there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True)
class Guard:
    """What may be connected to. ``loopback`` also allows this machine, for tests and nothing else.

    ``machines`` then narrows that to some of its addresses. ``hosts`` (with the port where it is not the
    usual one) are the only ones asked, where there are any; without ``plain`` only https is.
    """

    loopback: bool = False
    resolve: Resolve = system_resolve
    hosts: frozenset[str] = frozenset()
    plain: bool = True
    machines: frozenset[str] = frozenset()


PUBLIC = Guard()


@dataclass(frozen=True)
class Target:
    """Where to connect for an address. ``machines`` are the addresses allowed, in the order to try them."""

    address: str
    scheme: str
    host: str
    port: int
    machines: tuple[str, ...]

    @property
    def place(self) -> str:
        """Host, and the port where it is not the usual one: the ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def target(address: str, guard: Guard = PUBLIC) -> Target:
    """What to connect to for ``address``, its fragment left out.

    :class:`RefusedError` where it must not be asked; plain :class:`SourceError` where the name leads nowhere.
    """
    scheme, host, port, rest = _parts(address, guard)
    _refuse_foreign(address, Target(address, scheme, host, port, ()), guard)
    try:
        literal = ip_address(host)
    except ValueError:
        machines = _resolved(address, host, port, guard)
    else:
        machines = (str(literal),)
    allowed = tuple(one for one in machines if is_allowed(ip_address(one), guard))
    if not allowed:
        raise RefusedError(host, address, "这个网址指向内网或保留地址，没有去访问")
    plain = Target(address, scheme, host, port, allowed)
    return Target(f"{scheme}://{plain.place}{rest}", scheme, host, port, allowed)


def _refuse_foreign(address: str, asked: Target, guard: Guard) -> None:
    """Before any name is resolved: hosts and ways that the guard does not list."""
    if guard.hosts and asked.place not in guard.hosts:
        raise RefusedError(asked.host, address, "这个网站不在来源列出的网站（hosts）里，没有去访问")
    if not guard.plain and asked.scheme == "http":
        raise RefusedError(asked.host, address, "来源没有允许不加密的 http，没有去访问")


class RefusedError(SourceError):
    """The address was not asked at all: it is written oddly or leads to where we do not go."""


def is_allowed(ip: Ip, guard: Guard = PUBLIC) -> bool:
    """Whether ``ip`` is a machine of the public internet (or this one, where the guard allows that)."""
    plain = unwrapped(ip)
    if guard.loopback and plain.is_loopback:
        return not guard.machines or str(plain) in guard.machines
    if isinstance(plain, IPv4Address):
        return not any(plain in network for network in _DENIED_V4)
    return plain in _GLOBAL_V6 and not any(plain in network for network in _DENIED_V6)


def unwrapped(ip: Ip) -> Ip:
    """The IPv4 address that an IPv6 one stands for (``::ffff:127.0.0.1``); any other as it is."""
    return (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip


def _resolved(address: str, host: str, port: int, guard: Guard) -> tuple[str, ...]:
    try:
        found = guard.resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise SourceError(host, address, f"域名解析不到：{host}") from error
    return tuple(one for one in found if _is_ip(one))


def _is_ip(text: str) -> bool:
    """False for what has a zone as well (``fe80::1%eth0``)."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _parts(address: str, guard: Guard) -> tuple[str, str, int, str]:
    """Scheme, host in its one spelling, port, and path with query in ASCII; :class:`RefusedError` if odd."""
    parts = _split(address)
    scheme = parts.scheme.lower()
    port = parts.port or _PORTS[scheme]
    host = _host(parts.netloc, address)
    if not (port in _PORTS.values() or port >= _LOWEST_OTHER_PORT):
        raise RefusedError(host, address, f"不访问 {port} 端口")
    if not guard.loopback and _is_local(host):
        raise RefusedError(host, address, "这是内网或本机的名字，没有去访问")
    path = quote(parts.path or "/", safe="/%:=&?~+!$,;'@()*[]-._")
    query = quote(parts.query, safe="/%:=&?~+!$,;'@()*[]-._")
    return scheme, host, port, f"{path}?{query}" if query else path


def _split(address: str) -> SplitResult:
    """The parts of a web address without user, spaces or what cannot be seen; its port is a number."""
    shown = address[:80]
    if len(address) > LONGEST:
        raise RefusedError("", shown, f"网址太长（超过 {LONGEST} 个字符）")
    if any(unicodedata.category(char)[0] in "CZ" or char == "\\" for char in address):
        raise RefusedError("", shown, "网址里有空格、反斜杠或看不见的字符")
    try:
        parts = urlsplit(address)
        has_place = parts.port != 0
    except ValueError as error:
        raise RefusedError("", shown, "这不是完整的网址") from error
    if parts.scheme.lower() not in _PORTS or not has_place:
        raise RefusedError("", shown, "只能访问 http:// 或 https:// 开头的网址")
    if "@" in parts.netloc:
        raise RefusedError("", shown, "网址里不能带用户名或密码")
    return parts


def _is_local(host: str) -> bool:
    if ":" in host or _ENDS_IN_NUMBER.fullmatch(host):
        return False
    return "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa"))


def _host(netloc: str, address: str) -> str:
    """The host in the one spelling accepted: ASCII, lower case, a plain dotted quad or an IPv6 address."""
    if netloc.startswith("["):
        inside, bracket, _ = netloc[1:].partition("]")
        if not bracket or not _is_ip(inside):
            raise RefusedError("", address, "网址里的 IP 地址写法不正规")
        return str(ip_address(inside))
    named = netloc.partition(":")[0].lower().removesuffix(".")
    if unicodedata.normalize("NFKC", named) != named:
        raise RefusedError("", address, "网址的域名里有全角或变体字符")
    try:
        host = named if named.isascii() else idna.encode(named).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise RefusedError("", address, "网址的域名写法不正规") from error
    if _ENDS_IN_NUMBER.fullmatch(host):
        return _quad(host, address)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise RefusedError("", address, "网址的域名写法不正规")
    return host


def _quad(host: str, address: str) -> str:
    """A dotted quad as it should be; every other way to write a number is refused."""
    try:
        plain = str(IPv4Address(host))
    except ValueError:
        plain = ""
    if plain != host:
        raise RefusedError("", address, "网址里的 IP 地址写法不正规")
    return host
