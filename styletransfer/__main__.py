"""`python -m styletransfer`, and the command `styletransfer` of an installed package: see `cli`."""

import sys

from . import interrupt, terminal


def main() -> None:
    """Runs the command line on the process's own arguments."""
    if sys.argv[1:2] == ["publish"]:
        interrupt.stop_quietly(interrupt.PUBLISHED_IN_PART)
        from . import publish  # without torch, which it does not need

        publish.main(sys.argv[2:])
    serves = sys.argv[1:2] == ["page"]
    interrupt.stop_quietly("" if serves else interrupt.NO_PICTURE_YET)
    if not serves:
        terminal.prepare()
    with interrupt.memory_for_imports():
        from . import cli  # here, because it imports torch: Ctrl-C is to work before that
    cli.main()


if __name__ == "__main__":
    main()
