"""The gate's options, given on the command line."""

import argparse

import pytest

from styletransfer.page.gate.addresses import Addresses, networks
from styletransfer.page.gate.options import add_options, rules_of
from styletransfer.page.gate.rules import Rules


def rules(*arguments, environment=None, share=False) -> Rules:
    parser = argparse.ArgumentParser()
    add_options(parser)
    options = parser.parse_args(arguments)
    options.share = share
    return rules_of(options, environment or {})


def test_without_options_the_rules_are_the_usual_ones():
    assert rules() == Rules()


def test_each_option_is_a_rule(tmp_path):
    file = tmp_path / "accounts"
    file.write_text("ann:a:b\n\n  bob:secret  \n")
    given = rules(
        *("--hosts", "a.example.org, .b.org", "--trusted-proxies", "127.0.0.1 10.0.0.0/8"),
        *(
            "--frame-ancestors",
            "'self' https://*.example.org",
            "--auth-file",
            str(file),
            "--auth",
            "eve:x",
        ),
        *("--allow-urls", "--requests", "7", "--streams", "8", "--upload-megabytes", "9"),
    )
    assert given == Rules(
        hosts=("a.example.org", ".b.org"),
        trusted_proxies=networks(["127.0.0.1", "10.0.0.0/8"]),
        frame_ancestors=("'self'", "https://*.example.org"),
        allow_urls=True,
        accounts={"ann": "a:b", "bob": "secret", "eve": "x"},
        requests=7,
        streams=8,
        upload_bytes=9_000_000,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--hosts", "https://a.example.org"),
        ("--hosts", "a.example.org:80"),
        ("--trusted-proxies", "nginx"),
        ("--trusted-proxies", "10.0.0.0/99"),
        ("--frame-ancestors", "https://a.org; script-src *"),
        ("--auth", "ann"),
        ("--auth", ":x"),
        ("--auth", "ann:"),
        ("--auth", ""),
        ("--auth-file", "/nowhere/accounts"),
        ("--requests", "0"),
        ("--streams", "many"),
    ],
)
def test_what_cannot_be_followed_is_said(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        rules(*arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_an_empty_file_of_accounts_does_not_open_the_page(tmp_path):
    (tmp_path / "accounts").write_text("\n")
    with pytest.raises(SystemExit):
        rules("--auth-file", str(tmp_path / "accounts"))


def test_on_a_space_its_own_host_and_its_proxies_are_known():
    given = rules(environment={"SPACE_ID": "a/b", "SPACE_HOST": "a-b.hf.space"})
    assert given.hosts == ("a-b.hf.space",)
    assert given.frame_ancestors == ("'self'", "https://huggingface.co", "https://*.hf.space")
    assert Addresses(given.trusted_proxies).trusts("10.20.30.40")
    assert not Addresses(given.trusted_proxies).trusts("198.51.100.1")
    assert rules(environment={"SPACE_HOST": "a-b.hf.space"}) == Rules()


def test_with_a_public_link_this_machine_is_the_proxy():
    assert Addresses(rules(share=True).trusted_proxies).trusts("127.0.0.1")
