"""``windowpane drive`` (robot navigation): recordings, courses, and what is written of them."""
