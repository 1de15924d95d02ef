"""The report of ``windowpane demo``: one self-contained HTML page."""
