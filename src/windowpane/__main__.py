"""``python -m windowpane`` (entry point): the same as the command ``windowpane``."""

from windowpane.cli import main

main()
