"""The line before the devices, simulated: how long visitors wait, and how many do not get a picture.

    python -m benchmarks.line [--plot docs/line.svg] [--hours 60] [--seed 1] [--json]

Visitors come at random (a Poisson process) and want one picture each. They are told how long they would
wait, as the page does, and go away if that is longer than their patience (exponentially distributed);
who joins stays. The line takes a limited number, as the page's does, and a visitor may have used up
a daily quota of borrowed time. How long a picture takes follows from the presets by the forecast of this
program, times the pace of the device, give or take (lognormal). The table shows, for some numbers of
devices and loads, how long who was served had waited, and who was not served and why.
"""

import argparse
import heapq
import json
import math
import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from styletransfer import Settings
from styletransfer.engine.forecast import Pace, forecast
from styletransfer.presets import changed_by_any, presets
from styletransfer.service.queue import Limits

# Which presets visitors choose: a guess, as nobody counts them.
SHARES = {"Quick": 0.3, "Standard": 0.6, "Best": 0.1}
_SCATTER = 0.3  # of the logarithm of the seconds; a photo's shape alone is good for half of it
_PHOTO, _PAINTING = (4000, 3000), (768, 600)
_DEVICES, _LOADS = (1, 2, 4, 8, 16), (0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5)


@dataclass(frozen=True)
class Model:
    """What is simulated.

    Attributes:
        devices: how many pictures are painted at the same time.
        load: the work that comes, as a share of what the devices can do: 1 is as much as they can.
        pace: how many times as long a picture takes as on the reference machine.
        patience: seconds that visitors are willing to wait, on average.
        waiting: how many may wait in the line.
        quota: the share of visitors who have no borrowed time left.
    """

    devices: int
    load: float
    pace: float = 1.0
    patience: float = 180.0
    waiting: int = Limits.waiting
    quota: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What became of the visitors.

    Attributes:
        came: how many came.
        waits: seconds that each who was served had waited.
        no_quota, full, impatient: how many were not served, and why.
        busy: the share of time that the devices painted.
    """

    came: int
    waits: Sequence[float]
    no_quota: int
    full: int
    impatient: int
    busy: float

    @property
    def lost(self) -> float:
        """The share of visitors who got no picture."""
        return 1 - len(self.waits) / self.came

    def waited(self, share: float) -> float:
        """The seconds that this share of those who were served did not exceed."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(share * len(self.waits)))]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--plot", type=Path, help="file for the curves, such as line.svg; needs matplotlib"
    )
    parser.add_argument("--hours", type=float, default=60, help="that are simulated")
    parser.add_argument("--pace", type=float, default=1.0, help="seconds here by those of the reference")
    parser.add_argument("--patience", type=float, default=180, help="seconds, on average")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = []
    for devices in _DEVICES:
        for load in _LOADS:
            model = Model(devices, load, options.pace, options.patience)
            outcome = simulated(model, options.hours * 3600, random.Random(options.seed))
            found.append(asdict(model) | _summary(outcome))
    print(json.dumps(found, indent=2) if options.json else _table(found))
    if options.plot:
        _plot(found, options.plot)


def simulated(model: Model, seconds: float, random: random.Random) -> Outcome:
    """What becomes of the visitors of so many seconds."""
    kinds = list(SHARES.items())
    lasts = {name: model.pace * _seconds(name) for name, _ in kinds}
    mean = sum(share * lasts[name] for name, share in kinds)
    between = mean / (model.devices * model.load)
    begins: list[float] = []  # when each of those begins who wait
    free = [0.0] * model.devices  # when each device is free for the next one; a heap
    waits, no_quota, full, impatient, busy, came = [], 0, 0, 0, 0.0, 0
    for now in _arrivals(between, seconds, random):
        came += 1
        begins = [each for each in begins if each > now]
        name = random.choices([each for each, _ in kinds], [share for _, share in kinds])[0]
        takes = lasts[name] * random.lognormvariate(-(_SCATTER**2) / 2, _SCATTER)
        if random.random() < model.quota:
            no_quota += 1
        elif len(begins) >= model.waiting:
            full += 1
        elif (told := max(0.0, free[0] - now)) > random.expovariate(1 / model.patience):
            impatient += 1
        else:
            begin = now + told
            heapq.heapreplace(free, begin + takes)
            begins.append(begin)
            waits.append(told)
            busy += takes
    return Outcome(came, waits, no_quota, full, impatient, busy / (model.devices * seconds))


def devices_for(a_day: float, peak: float, pace: float, busy: float = 0.7) -> int:
    """How many devices serve so many pictures a day, at most so busy in the busiest hour.

    Args:
        a_day: pictures.
        peak: the busiest hour's share, as a multiple of the mean hour's.
        pace: as in `Model`.
        busy: the share of time that they may paint in that hour.
    """
    return max(1, math.ceil(a_day * peak / 86400 * mean_seconds(pace) / busy))


def mean_seconds(pace: float = 1.0) -> float:
    """How long a picture takes on average, by the presets that visitors choose."""
    return pace * sum(share * _seconds(name) for name, share in SHARES.items())


def _seconds(preset: str) -> float:
    """How long the preset takes on the reference machine, two cores with AVX2, by the forecast."""
    wanted = changed_by_any() | presets()[preset].settings
    return forecast(Pace(), Settings(**wanted), _PHOTO, [_PAINTING]).seconds


def _arrivals(between: float, seconds: float, random: random.Random) -> Iterator[float]:
    now = 0.0
    while (now := now + random.expovariate(1 / between)) < seconds:
        yield now


def _summary(outcome: Outcome) -> dict[str, Any]:
    return {
        "came": outcome.came,
        "median": statistics.median(outcome.waits),
        "most": outcome.waited(0.95),
        "lost": outcome.lost,
        "full": outcome.full / outcome.came,
        "busy": outcome.busy,
    }


def _table(found: Sequence[dict[str, Any]]) -> str:
    lines = [f"a picture takes {mean_seconds(found[0]['pace']):.1f} s on average"]
    lines.append(f"{'devices':>8}{'load':>7}{'median wait':>13}{'95 %':>9}{'not served':>12}{'busy':>7}")
    for each in found:
        lines.append(
            f"{each['devices']:8}{each['load']:7.0%}{each['median']:11.0f} s{each['most']:7.0f} s"
            f"{each['lost']:12.1%}{each['busy']:7.0%}"
        )
    return "\n".join(lines)


def _plot(found: Sequence[dict[str, Any]], file: Path) -> None:
    import matplotlib

    matplotlib.use("svg" if file.suffix == ".svg" else "agg")
    matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "line", "font.size": 9}
    from matplotlib import pyplot

    figure, (waits, lost) = pyplot.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for devices in _DEVICES:
        of = [each for each in found if each["devices"] == devices]
        loads = [each["load"] for each in of]
        named = f"{devices} device" + ("s" if devices > 1 else "")
        waits.plot(loads, [each["most"] for each in of], label=named)
        lost.plot(loads, [each["lost"] for each in of])
    waits.set_title("19 of 20 waited at most, in seconds")
    lost.set_title("visitors who got no picture")
    for each in (waits, lost):
        each.set_xlabel("work that comes, as a share of what can be done")
        each.xaxis.set_major_formatter("{x:.0%}")
        each.grid(alpha=0.3)
        each.set_ylim(0)
    lost.yaxis.set_major_formatter("{x:.0%}")
    waits.legend()
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


if __name__ == "__main__":
    main()
