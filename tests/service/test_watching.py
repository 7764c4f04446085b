"""How often a watcher is told of news of a job, measured by a fake clock."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from styletransfer.service import watching


class Painted:
    """A job with so many steps a second, which ends after some seconds of the fake clock."""

    def __init__(self, rate, seconds):
        self.clock, self._rate, self._seconds = 100.0, rate, seconds

    @property
    def state(self):
        return int((self.clock - 100) * self._rate)

    @property
    def finished(self):
        return self.clock - 100 >= self._seconds

    @contextmanager
    def watched(self):
        yield

    async def sleep(self, seconds):
        self.clock += seconds


def told(job, monkeypatch):
    """The times at which the watcher was told of news, in seconds from the start of the job."""
    monkeypatch.setattr(watching, "time", SimpleNamespace(monotonic=lambda: job.clock))
    monkeypatch.setattr(watching, "asyncio", SimpleNamespace(sleep=job.sleep))

    async def all_of_it():
        return [job.clock - 100 async for _ in watching.news(job)]

    # The coroutine never waits, so it is run by hand: Playwright's event loop runs in this thread.
    with pytest.raises(StopIteration) as end:
        all_of_it().send(None)
    return end.value.value


def test_what_goes_fast_is_told_three_times_a_second_and_not_at_once(monkeypatch):
    times = told(Painted(rate=50, seconds=4), monkeypatch)
    gaps = [after - before for before, after in zip([0, *times], times, strict=False)]
    assert len(times) >= 8
    assert all(1 / 3 <= gap < 1 / 2 for gap in gaps)


def test_what_goes_slowly_is_told_once_a_second(monkeypatch):
    first, *times = told(Painted(rate=0, seconds=5), monkeypatch)
    assert first == pytest.approx(1 / 3, abs=0.1)
    assert times == pytest.approx([first + each * 1.05 for each in range(1, 5)], abs=0.2)


def test_of_what_has_ended_there_is_no_news(monkeypatch):
    assert told(Painted(rate=9, seconds=0), monkeypatch) == []
