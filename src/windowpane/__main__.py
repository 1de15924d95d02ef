"""``python -m windowpane``: the same as the command ``windowpane``."""

from windowpane.cli import main

main()
