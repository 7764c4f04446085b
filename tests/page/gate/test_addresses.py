"""Whose request it is, with and without proxies."""

import pytest

from styletransfer.page.gate.addresses import NEAR, Addresses, counted, networks
from tests.support.asgi import scope_of

PROXY = "10.0.0.7"
FORWARDED = {
    "X-Forwarded-For": "198.51.100.1",
    "X-Forwarded-Host": "paint.example.org",
    "X-Forwarded-Proto": "https",
    "X-Real-IP": "198.51.100.1",
    "Forwarded": "for=198.51.100.1",
    "X-Gradio-Server": "http://example.org",
}


def resolved(chain: str, client=PROXY, proxies=("10.0.0.0/8",)) -> str:
    scope = scope_of(headers={"X-Forwarded-For": chain} if chain else {}, client=client)
    return Addresses(networks(proxies)).resolved(scope)["client"][0]


def names(scope) -> set[str]:
    return {name.decode() for name, _ in scope["headers"]}


@pytest.mark.parametrize("client", ["203.0.113.5", "127.0.0.1", "10.0.0.7", "::1"])
def test_nobody_is_believed_unless_the_owner_says_so(client):
    scope = Addresses().resolved(scope_of(headers=FORWARDED, client=client))
    assert scope["client"][0] == client
    assert scope["scheme"] == "http"
    assert names(scope) == {"host"}


def test_a_trusted_proxy_is_believed():
    scope = Addresses(networks(["10.0.0.0/8"])).resolved(scope_of(headers=FORWARDED, client=PROXY))
    assert scope["client"][0] == "198.51.100.1"
    assert scope["scheme"] == "https"
    assert names(scope) == {"host", "x-forwarded-host", "x-forwarded-proto"}  # what Gradio reads of them


@pytest.mark.parametrize(
    ("chain", "visitor"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("1.1.1.1, 198.51.100.1", "198.51.100.1"),  # the first is the visitor's own invention
        ("1.1.1.1,198.51.100.1, 10.0.0.9", "198.51.100.1"),  # two proxies
        ("10.0.0.1", PROXY),
        ("", PROXY),
        ("198.51.100.1, unknown", PROXY),
        ("198.51.100.1:4711", "198.51.100.1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_visitor_is_the_last_one_who_is_no_proxy(chain, visitor):
    assert resolved(chain) == visitor


def test_a_proxy_as_ipv4_within_ipv6_is_the_same_proxy():
    assert resolved("198.51.100.1", client="::ffff:10.0.0.7") == "198.51.100.1"


def test_on_spaces_the_public_part_of_the_chain_counts():
    assert resolved("9.9.9.9, 198.51.100.1, 172.16.3.4", "10.20.1.1", NEAR) == "198.51.100.1"


def test_several_headers_are_one_chain():
    scope = scope_of(client=PROXY)
    scope["headers"] += [(b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-for", b"198.51.100.1")]
    assert Addresses(networks(["10.0.0.0/8"])).resolved(scope)["client"][0] == "198.51.100.1"


def test_limits_count_a_household():
    assert counted("2001:db8:1:2::1") == counted("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert counted("2001:db8:1:3::1") != counted("2001:db8:1:2::1")
    assert counted("198.51.100.1") == counted("::ffff:198.51.100.1") == "198.51.100.1"
    assert counted("") == ""


def test_what_is_no_network_is_said():
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/99"):
        networks(["10.0.0.0/99"])


def test_an_unnamed_proxy_is_told_of_once(caplog):
    addresses = Addresses()
    addresses.resolved(scope_of(headers=FORWARDED, client="9.9.9.9"))
    addresses.resolved(scope_of(client="10.0.0.7"))
    assert caplog.messages == []
    for _ in range(3):
        addresses.resolved(scope_of(headers=FORWARDED, client="10.0.0.7"))
    assert len(caplog.messages) == 1
    assert "10.0.0.7" in caplog.messages[0]
