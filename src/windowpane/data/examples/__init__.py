"""The data sets that ``windowpane new`` makes; one file each."""
