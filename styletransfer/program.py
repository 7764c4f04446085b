"""How this program was called, and a parser of arguments whose errors are one line."""

import argparse
import os
import sys
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line; argparse itself would print the usage before it."""

    def error(self, message: str) -> NoReturn:
        """Exits with 2 and the message on stderr."""
        self.exit(2, f"styletransfer: {' '.join(message.split())}\n")


def program() -> str:
    """How the program was called, for its usage."""
    by_module = os.path.basename(sys.argv[0]) == "__main__.py"
    return "python -m styletransfer" if by_module else "styletransfer"
