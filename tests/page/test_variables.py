"""The server's options, in the environment."""

from pathlib import Path

import pytest

from styletransfer.page import command
from styletransfer.page.gate.options import rules_of
from styletransfer.page.variables import parse, variable_of

OPTIONS = [
    option
    for action in command._parser(None)._actions
    for option in action.option_strings
    if option.startswith("--") and option != "--help"
]


def options(*arguments, **variables):
    environment = {f"STYLETRANSFER_{name}": value for name, value in variables.items()}
    return parse(command._parser(None), arguments, command._FLAGS, environment | {"PATH": "/bin"})


@pytest.mark.parametrize("option", OPTIONS)
def test_each_option_is_read(option, tmp_path):
    """Each refuses what it cannot follow, so that it was read; or takes it over."""
    (tmp_path / "accounts").write_text("ann:secret")
    value = {"--precision": "float32", "--auth-file": str(tmp_path / "accounts")}.get(option, "7:7")
    value = "yes" if option in command._FLAGS else value
    environment = {variable_of(option): value}
    try:
        given = parse(command._parser(None), [], command._FLAGS, environment)
    except SystemExit:
        return
    assert given != options()


def test_the_command_line_goes_before_the_environment():
    assert options(DATA="/srv/pictures").data == Path("/srv/pictures")
    assert options("--data", "here", DATA="/srv/pictures").data == Path("here")
    assert options(DATA="").data is None
    given = rules_of(options("--hosts", "b.example.org", HOSTS="a.example.org", AUTH="bob:y"), {})
    assert (given.hosts, given.accounts) == (("b.example.org",), {"bob": "y"})


@pytest.mark.parametrize(
    ("word", "on"), [("yes", True), ("TRUE", True), ("1", True), ("no", False), ("0", False)]
)
def test_options_without_a_value_are_yes_or_no(word, on):
    assert options(SHARE=word).share is on
    assert options(PER_VISITOR="1").per_visitor == 1


@pytest.mark.parametrize("given", [{"PER_VISITOR": "0"}, {"PRECISION": "int8"}, {"SHARE": "perhaps"}])
def test_what_cannot_be_followed_is_refused_with_a_sentence(given, capsys):
    with pytest.raises(SystemExit):
        options(**given)
    said = capsys.readouterr().err
    assert f"--{next(iter(given)).lower().replace('_', '-')}" in said


def test_a_name_that_is_no_option_is_told_of(caplog):
    assert options(PER_VISTOR="3") == options()
    assert "STYLETRANSFER_PER_VISTOR names no option" in caplog.text
