"""A file on the Hugging Face Hub, read in ranges of bytes. This module knows nothing of its format.

huggingface_hub reads `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`, the timeouts and the proxies.
"""

import contextlib
import hashlib
import re
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO, Self

from huggingface_hub import constants, get_hf_file_metadata, get_session, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # not declared
from tqdm import tqdm

from ..errors import NetworkError

# The base class of errors in the connection: of httpx or of httpx2, by huggingface_hub's version.
HTTPError: type[Exception] = HfHubHTTPError.__bases__[0]


class HubFile:
    """A file in a model's repository on the Hub, as a context manager.

    Args:
        repository: as in `timm/vgg16.tv_in1k`.
        name: the file's name in the repository.

    Attributes:
        size: the number of bytes in the file.

    Raises:
        NetworkError: here and in `read`: the Hub cannot be reached, does not answer in time or in full,
            or has no such file.
    """

    def __init__(self, repository: str, name: str) -> None:
        self._name = f"{repository}/{name}"
        with self._explained():
            metadata = get_hf_file_metadata(
                hf_hub_url(repository, name), timeout=constants.HF_HUB_ETAG_TIMEOUT
            )
        if not metadata.size:
            raise NetworkError("hub_hides_length", **self._where)
        self.size: int = metadata.size
        self._hash = metadata.etag
        # Of one commit, so that all ranges are of the same version of the file.
        self._url = hf_hub_url(repository, name, revision=metadata.commit_hash)
        self._whole: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._whole is not None:
            self._whole.close()

    def read(self, start: int, stop: int) -> bytearray:
        """The bytes from `start` up to, but not including, `stop`.

        A server that does not support ranges sends the whole file. It is then checked against the
        SHA-256 that the Hub declares, and serves all further reads.

        Raises:
            NetworkError: as for the class.
        """
        if self._whole is None:
            with self._explained(), self._get(start, stop) as response:
                if response.status_code == 206:
                    return self._range(response, start, stop)
                if response.status_code != 200:
                    status = response.status_code
                    raise NetworkError("hub_answers_error", **self._where, status=status)
                self._whole = self._checked(response)
        self._whole.seek(start)
        return bytearray(self._whole.read(stop - start))

    def _get(self, start: int, stop: int) -> contextlib.AbstractContextManager[Any]:
        # The client itself withholds the token from other hosts that the Hub redirects to.
        headers = build_hf_headers() | {
            "Range": f"bytes={start}-{stop - 1}",
            "Accept-Encoding": "identity",
        }
        timeout = constants.HF_HUB_DOWNLOAD_TIMEOUT
        return get_session().stream("GET", self._url, headers=headers, timeout=timeout)

    def _range(self, response: Any, start: int, stop: int) -> bytearray:
        """The body of a partial response, checked to be the range that was asked for."""
        expected, actual = f"bytes {start}-{stop - 1}/{self.size}", response.headers.get("Content-Range")
        if actual != expected:
            raise NetworkError("hub_sends_other_range", **self._where, expected=expected, actual=actual)
        return bytearray().join(self._chunks(response, stop - start))

    def _checked(self, response: Any) -> BinaryIO:
        """The whole file as a temporary file, checked by its SHA-256."""
        if not re.fullmatch("[0-9a-f]{64}", self._hash or ""):
            raise NetworkError("hub_declares_no_hash", **self._where)
        sha256 = hashlib.sha256()
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(tempfile.TemporaryFile())
            for chunk in self._chunks(response, self.size):
                sha256.update(chunk)
                file.write(chunk)
            if sha256.hexdigest() != self._hash:
                raise NetworkError(
                    "hub_sends_other_hash",
                    **self._where,
                    actual=sha256.hexdigest(),
                    expected=self._hash,
                )
            stack.pop_all()  # the hash is right, so the file stays open
        return file

    def _chunks(self, response: Any, length: int) -> Iterator[bytes]:
        """The body in chunks, checked to be of this length in bytes."""
        # A progress bar on a terminal (None), and only if there is something to wait for.
        hidden = None if length > 1_000_000 else True
        read = 0
        with tqdm(total=length, desc=self._name, unit="B", unit_scale=True, disable=hidden) as bar:
            for chunk in response.iter_bytes():
                read += len(chunk)
                if read > length:
                    break
                bar.update(len(chunk))
                yield chunk
        if read > length:
            raise NetworkError("hub_sends_too_much", **self._where, length=length)
        if read < length:
            raise NetworkError("hub_sends_too_little", **self._where, length=length, actual=read)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Raises errors of the connection as a `NetworkError`."""
        try:
            yield
        except OfflineModeIsEnabled as error:
            raise NetworkError("hub_offline", **self._where) from error
        except HfHubHTTPError as error:
            status = error.response.status_code
            raise NetworkError("hub_answers_error", **self._where, status=status) from error
        except HTTPError as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise NetworkError("hub_unreachable", **self._where, why=reason) from error
        except OSError as error:
            why = error.strerror or str(error)
            raise NetworkError("hub_unreadable", **self._where, why=why) from error

    @property
    def _where(self) -> dict[str, str]:
        """The fields that all errors of this file have."""
        return {"file": self._name, "hub": constants.ENDPOINT}
