"""What is wrong with a data set (data validation), with file and line, before any training."""
