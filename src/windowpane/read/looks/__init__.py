"""Other ways to see a doubtful picture: the other polarity, and what a frame encloses."""
