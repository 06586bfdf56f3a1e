import pytest
from yarl import URL

from streams.ingest.addresses import is_public, plain_host, redirect_from


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07::1", "64:ff9b::808:808"])
def test_addresses_of_the_public_internet_are_public(address: str) -> None:
    """Ordinary addresses pass, also one that NAT64 translates from a public one."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  # an address to refuse
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "2002:7f00:1::1",
        "2001:db8::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "64:ff9b::7f00:1",
        "not-an-address",
        "127.1",
    ],
)
def test_everything_else_is_not(address: str) -> None:
    """Loopback, private, link-local, shared, multicast, reserved, and all their disguises in IPv6."""
    assert not is_public(address)


def test_bytes_of_a_redirect_that_are_no_utf_8_were_dropped() -> None:
    """An Arabic address in windows-1256 led to another one; browsers send the bytes as they are."""
    target = redirect_from(URL("https://a.example/"), "/\udcce\udcc8\udcd1?q=\udcff", "https://a.example/")
    assert str(target) == "https://a.example/%CE%C8%D1?q=%FF"


@pytest.mark.parametrize(
    ("written", "asked"),
    [("xn--mgbh0fb.example", "مثال.example"), ("[0:0:0:0:0:0:0:1]", "::1"), ("News.Example.", "news.example")],
)
def test_a_host_allowed_in_another_form_was_refused(written: str, asked: str) -> None:
    """Both are of one form when they are compared."""
    assert plain_host(written) == plain_host(asked)
