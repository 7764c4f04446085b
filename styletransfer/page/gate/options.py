"""The gate's options of the command line."""

import argparse
import os
import re
from collections.abc import Mapping
from pathlib import Path

from ...option_numbers import count
from .addresses import NEAR, Network, networks
from .rules import MB, Rules

# On Spaces the page is shown in a frame of this site, and reached through its proxies.
_SPACES = ("'self'", "https://huggingface.co", "https://*.hf.space")
_SOURCE = re.compile(r"'self'|'none'|[\w*.:/-]+")
_HOST = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*|[\d.:a-fA-F]+")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options, in a group of their own."""
    group = parser.add_argument_group("in public")
    _add(
        group,
        "--hosts",
        "NAMES",
        _hosts,
        "names by which the page is asked for, such as paint.example.org",
    )
    _add(
        group,
        "--trusted-proxies",
        "NETWORKS",
        _networks,
        "proxies whose X-Forwarded-For is believed, such as 127.0.0.1 or 10.0.0.0/8; by default none",
    )
    _add(
        group,
        "--frame-ancestors",
        "SOURCES",
        _sources,
        "websites that may show the page in a frame, such as https://example.org; by default none",
    )
    _add(group, "--auth", "USER:PASSWORD", _accounts, "who may come in; in a file it is safer")
    _add(group, "--auth-file", "FILE", _accounts_in, "who may come in: lines of USER:PASSWORD")
    group.add_argument(
        "--allow-urls",
        action="store_true",
        help="lets programs name pictures on the public network by their address",
    )
    group.add_argument(
        "--mcp",
        action="store_true",
        help="lets assistants use the page as a tool, by the Model Context Protocol at /mcp",
    )
    _add(
        group,
        "--requests",
        "N",
        count,
        "requests that one network address may make in a minute",
        "requests",
    )
    _add(
        group,
        "--upload-megabytes",
        "N",
        count,
        "megabytes that one network address may upload in an hour",
        "upload_bytes",
    )
    _add(
        group,
        "--streams",
        "N",
        count,
        "streams of news that one network address may hold",
        "streams",
    )


def rules_of(options: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> Rules:
    """The rules that the parsed options ask for.

    Args:
        options: as parsed.
        environment: the variables that a Hugging Face Space sets.
    """
    hosts, proxies = tuple(options.hosts or ()), tuple(options.trusted_proxies or ())
    ancestors = Rules.frame_ancestors
    if environment.get("SPACE_ID"):
        hosts += tuple(host for host in environment.get("SPACE_HOST", "").split(",") if host)
        ancestors = _SPACES
    if environment.get("SPACE_ID") or options.share:
        proxies += networks(NEAR)
    given = {
        name: value for name in ("requests", "streams") if (value := getattr(options, name)) is not None
    }
    if options.upload_megabytes is not None:
        given["upload_bytes"] = options.upload_megabytes * MB
    return Rules(
        hosts=hosts,
        trusted_proxies=proxies,
        frame_ancestors=tuple(options.frame_ancestors or ancestors),
        allow_urls=options.allow_urls,
        mcp=options.mcp,
        accounts={**(options.auth_file or {}), **(options.auth or {})},
        **given,
    )


def _add(group, option: str, value: str, kind, meaning: str, default: str = "") -> None:
    if default:
        usual = getattr(Rules, default)
        meaning += f"; by default {usual // MB if default.endswith('bytes') else usual}"
    group.add_argument(option, metavar=value, type=kind, help=meaning)


def _hosts(text: str) -> list[str]:
    return _matching(_HOST, text, "names without a scheme and a port, such as paint.example.org")


def _sources(text: str) -> list[str]:
    return _matching(_SOURCE, text, "sources such as https://example.org")


def _matching(form: re.Pattern[str], text: str, right: str) -> list[str]:
    parts = re.split(r"[\s,]+", text.strip())
    for part in parts:
        if not form.fullmatch(part):
            raise argparse.ArgumentTypeError(f"must be {right}, got {part!r}")
    return parts


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return networks(re.split(r"[\s,]+", text.strip()))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"must be addresses or networks: {error}") from None


def _accounts(text: str) -> dict[str, str]:
    accounts = {}
    for line in text.splitlines():
        user, colon, password = line.strip().partition(":")
        if not line.strip():
            continue
        if not (user and colon and password):
            raise argparse.ArgumentTypeError("must be USER:PASSWORD, with neither of them empty")
        accounts[user] = password
    if not accounts:
        raise argparse.ArgumentTypeError("must name at least one USER:PASSWORD")
    return accounts


def _accounts_in(file: str) -> dict[str, str]:
    try:
        return _accounts(Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise argparse.ArgumentTypeError(f"{file} cannot be read: {error}") from None
