"""A replica on some machine of a Ray cluster: paints one run at a time, and streams news of its steps.

Ray Serve makes its deployment of this class, which itself knows nothing of Ray.
"""

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor

import torch

from ..errors import StyleTransferError
from ..pictures import Pictures
from ..recipe import version
from ..settings import Settings
from .crossing import News, news_of
from .painter_process import Equipment


class Replica:
    """What a process of the deployment does.

    Args:
        equipment: what it paints with; Ray shows a replica its own GPUs only.

    Attributes:
        worker: paints.
    """

    def __init__(self, equipment: Equipment) -> None:
        self.worker = equipment.worker()
        # All painting happens in this one thread. So a run begins when the last step of one that was
        # closed is over, and meanwhile the replica answers that it is alive.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="painting")
        self._thread.submit(self._prepare)

    def _prepare(self) -> None:
        self.worker.prepare()
        self.worker.network()

    async def precision(self, asking: str) -> torch.dtype | StyleTransferError | None:
        """The precision of the network, or the error that there is in its place.

        Args:
            asking: the version of the program that asks.
        """
        try:
            _check(asking)
            loop = asyncio.get_running_loop()
            return (await loop.run_in_executor(self._thread, self.worker.network)).precision
        except StyleTransferError as error:
            return error.alone()

    async def check_health(self) -> None:
        """Has the device compute something small, which Ray Serve asks for again and again.

        A replica that raises here, or does not answer within half a minute, is replaced.
        """
        if self.worker.loaded:
            await asyncio.to_thread(self.worker.check)

    async def paint(
        self, asking: str, pictures: Pictures, settings: Settings
    ) -> AsyncGenerator[News | StyleTransferError]:
        """News of every step; last of all the error, if one ends the run that people can mend.

        Args:
            asking: the version of the program that asks.
            pictures: as for `stylize`.
            settings: as for `stylize`.
        """
        news = news_of(self.worker(pictures, settings))
        loop = asyncio.get_running_loop()
        try:
            _check(asking)
            while (each := await loop.run_in_executor(self._thread, next, news, None)) is not None:
                yield each
        except StyleTransferError as error:
            yield error.alone()
        finally:
            self._thread.submit(news.close)


def _check(asking: str) -> None:
    """Checks that whoever asks is of this version: what crosses may else mean something else."""
    if asking != version():
        raise StyleTransferError("replica_of_other_version", theirs=version(), ours=asking)
