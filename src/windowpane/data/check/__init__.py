"""What is wrong with a data set, with file and line, before any training."""
