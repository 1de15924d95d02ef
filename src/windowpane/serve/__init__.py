"""The web page and the HTTP interface (``windowpane serve``); needs the extra ``[serve]``."""
