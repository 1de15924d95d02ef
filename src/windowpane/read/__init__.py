"""Read: from a picture of a number to its digits."""
