"""``windowpane drive``: recordings, courses, and what is written of them."""
