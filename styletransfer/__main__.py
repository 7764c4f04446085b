"""`python -m styletransfer`, and the command `styletransfer` of an installed package: see `cli`."""

import sys

from .interrupt import NO_PICTURE_YET, stop_quietly


def main() -> None:
    """Runs the command line on the process's own arguments."""
    stop_quietly("" if sys.argv[1:2] == ["page"] else NO_PICTURE_YET)
    from . import cli  # here, because it imports torch: Ctrl-C is to work before that

    cli.main()


if __name__ == "__main__":
    main()
