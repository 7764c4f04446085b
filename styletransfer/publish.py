"""`styletransfer publish`: puts the page on a Hugging Face Space, or brings the one there up to date.

huggingface_hub finds the token, reads `HF_ENDPOINT`, `HF_HUB_OFFLINE` and the proxies, and sends only
files that the Hub does not have yet, so that a second call goes on where the first was cut off.
"""

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    SpaceHardware,
    constants,
    get_token,
)
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled
from huggingface_hub.hf_api import SpaceInfo
from huggingface_hub.utils import (  # type: ignore[attr-defined]  # not declared
    disable_progress_bars,
    logging,
    validate_repo_id,
)

from .errors import PublishingError, StyleTransferError
from .network.hub import HTTPError
from .program import Parser, program
from .recipe import version
from .space import space_files

_OTHER_HARDWARE = 1  # the exit code when the page is published, but not on the hardware asked for
_HARDWARE = [each.value for each in SpaceHardware]
# What a Space has from the beginning, or what makes it one of ours.
_NEW, _OURS = {".gitattributes", "README.md"}, "styletransfer/__init__.py"
# Stages of a Space that does not run: the first ends with a visit, the others by its owner only.
_ASLEEP, _PAUSED = "SLEEPING", ("PAUSED", "STOPPED")


def main(arguments: Sequence[str]) -> NoReturn:
    """Publishes as the arguments say, and exits.

    With 0 when the Space has everything, 1 when only its hardware is not the one asked for, and 2 with
    one line on stderr when a person has to change something.

    Args:
        arguments: those after `publish`.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # the sentences are ours
    if not sys.stderr.isatty():
        disable_progress_bars()
    try:
        _check(options.name, options.hardware)
        files = space_files(f"{constants.ENDPOINT}/spaces/{options.name}")
        if options.dry_run:
            _list(files)
            sys.exit(0)
        address = _publish(options.name, files, options.private)
        print(address, flush=True)
        code = _choose_hardware(options.name, options.hardware)
        _tell_if_it_rests(options.name, address)
        sys.exit(code)
    except StyleTransferError as error:
        parser.error(str(error))


def _parser() -> Parser:
    parser = Parser(
        prog=f"{program()} publish",
        description="Puts the page on a Hugging Face Space of your own, or brings it up to date there, "
        "and prints its address. It takes a token that may write: 'hf auth login' once, or HF_TOKEN.",
        allow_abbrev=False,
    )
    parser.add_argument("name", metavar="OWNER/NAME", help="the Space, such as ann/my-space")
    parser.add_argument(
        "--hardware",
        metavar="NAME",
        help=f"what it runs on: {', '.join(_HARDWARE)}; all but cpu-basic and zero-a10g cost "
        "money. By default a new Space gets cpu-basic, and one that exists keeps what it has",
    )
    parser.add_argument("--private", action="store_true", help="only you can see the Space")
    parser.add_argument(
        "--dry-run", action="store_true", help="list the files that a Space needs, and send nothing"
    )
    return parser


def _check(name: str, hardware: str | None) -> None:
    """Raises `PublishingError` for what can be known without the Hub."""
    with contextlib.suppress(HFValidationError):
        validate_repo_id(name)
        if name.count("/") == 1:
            if hardware is not None and hardware not in _HARDWARE:
                names = ", ".join(_HARDWARE)
                raise PublishingError("space_hardware_unknown", names=names, hardware=repr(hardware))
            return
    raise PublishingError("space_name_malformed", name=repr(name))


def _list(files: Mapping[str, Path | bytes]) -> None:
    sizes = {
        name: len(file) if isinstance(file, bytes) else file.stat().st_size
        for name, file in files.items()
    }
    for name in sorted(sizes):
        print(f"{sizes[name]:>9,}  {name}")
    print(f"{sum(sizes.values()):>9,}  bytes in {len(sizes)} files", flush=True)


def _publish(name: str, files: Mapping[str, Path | bytes], private: bool) -> str:
    """Brings the files to the Space, which is made if there is none, and returns its address."""
    if get_token() is None:
        raise PublishingError("space_token_missing")
    with _explained(name):
        hub = HfApi()
        url = hub.create_repo(
            name, repo_type="space", space_sdk="gradio", private=private or None, exist_ok=True
        )
        space = hub.space_info(name)
        there = {each.rfilename for each in space.siblings or ()}
        _check_ours(name, space, there)
        if private and not space.private:
            hub.update_repo_settings(name, repo_type="space", private=True)
        gone = sorted(
            file for file in there - set(files) if file.startswith("styletransfer/")
        )  # modules of an earlier version; whatever else is there is the owner's
        hub.create_commit(
            name,
            [
                *(CommitOperationAdd(path, file) for path, file in files.items()),
                *(CommitOperationDelete(path) for path in gone),
            ],
            commit_message=f"styletransfer {version()}",
            repo_type="space",
        )
    return str(url)


def _check_ours(name: str, space: SpaceInfo, there: set[str]) -> None:
    """Raises `PublishingError` if somebody's other work would be written over."""
    if space.sdk not in {None, "gradio"}:
        raise PublishingError("space_of_other_kind", name=name, kind=space.sdk)
    others = sorted(there - _NEW)
    if others and _OURS not in there:
        raise PublishingError("space_holds_something_else", name=name, file=others[0])


def _choose_hardware(name: str, hardware: str | None) -> int:
    """Asks for the hardware and returns the exit code; what is published stays, whatever comes of it."""
    if hardware is None:
        return 0
    try:
        with _explained(name):
            HfApi().request_space_hardware(name, SpaceHardware(hardware))
    except PublishingError as error:
        told = PublishingError("space_without_hardware", name=name, hardware=hardware, problem=error)
        print(f"styletransfer: {told}", file=sys.stderr)
        return _OTHER_HARDWARE
    return 0


def _tell_if_it_rests(name: str, address: str) -> None:
    """Says how a Space that does not run is started; that is left to its owner, as it may cost money."""
    with contextlib.suppress(PublishingError), _explained(name):  # it is published, whatever this says
        runtime = HfApi().space_info(name).runtime
        stage = runtime and runtime.stage
        if stage == _ASLEEP or stage in _PAUSED:
            told = PublishingError(
                "space_asleep" if stage == _ASLEEP else "space_paused", name=name, address=address
            )
            print(f"styletransfer: {told}", file=sys.stderr)


@contextlib.contextmanager
def _explained(name: str) -> Iterator[None]:
    """Raises what huggingface_hub raises as a `PublishingError`."""
    try:
        yield
    except (OSError, RuntimeError, ValueError, HTTPError) as error:
        if isinstance(error, PublishingError):
            raise
        raise _explanation(_cause(error), name) from error


def _cause(error: BaseException) -> BaseException:
    """What went wrong: an error in a thread that sends a file is the cause of a plain RuntimeError."""
    while isinstance(error, RuntimeError) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _explanation(error: BaseException, name: str) -> PublishingError:
    hub = constants.ENDPOINT
    why = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, OfflineModeIsEnabled):
        return PublishingError("space_offline")
    if isinstance(error, HfHubHTTPError):
        return _refusal(error, hub, name)
    if isinstance(error, HTTPError):
        return PublishingError("space_unreachable", hub=hub, why=why)
    return PublishingError("space_not_sent", name=name, why=why)


def _refusal(error: HfHubHTTPError, hub: str, name: str) -> PublishingError:
    status = error.response.status_code
    why = error.server_message or error.response.reason_phrase
    if status == 401:
        return PublishingError("space_token_refused", hub=hub)
    if status == 402:
        return PublishingError("space_costs_money", hub=hub, name=name, why=why)
    if status == 403:
        return PublishingError("space_forbidden", hub=hub, name=name, why=why)
    return PublishingError("space_answer_wrong", hub=hub, name=name, status=status, why=why)
