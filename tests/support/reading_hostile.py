"""Writes all hostile files, and reads them as the command line does and as the page does.

It is a process of its own, so that its peak of memory is that of reading, and that a decoder which hangs
can be ended. On stdout it says what came of each.
"""

import faulthandler
import json
import resource
import sys

from styletransfer.errors import ImageError
from styletransfer.picture_files import Wanted, read, size_of
from styletransfer.recipe import settings_in
from styletransfer.service.decoding import LARGEST
from tests.support.hostile import files

LIMIT = 60  # seconds for one file; it is for what hangs, and the machine may be busy
WAYS = {"the command line": Wanted(), "the page": Wanted(None, LARGEST, 32)}


def told(name: str, data: bytes, wanted: Wanted, folder: str) -> str:
    """What reading this file came to: a picture, the code of a sentence, or a failure."""
    path = f"{folder}/{name}"
    with open(path, "wb") as file:
        file.write(data)
    faulthandler.dump_traceback_later(LIMIT, exit=True)
    try:
        reading = read(path, "photo", wanted)
        assert reading.plain.image.mode == "RGB"
        size_of(path)
        settings_in(path)
        return "picture"
    except ImageError as error:
        return error.code
    except BaseException as error:
        return f"failure: {error!r}"
    finally:
        faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    made = files()
    came = {}
    for way, wanted in WAYS.items():
        for name, data in made.items():
            print(name, file=sys.stderr, flush=True)  # the last one is the one that hangs or crashes
            came[f"{name} as {way}"] = told(name, data, wanted, sys.argv[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"came": came, "kilobytes": peak - before, "bytes": sum(map(len, made.values()))}))
