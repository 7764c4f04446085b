"""`python -m styletransfer`: see `cli`."""

from .cli import main

main()
