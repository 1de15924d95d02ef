"""What a net tells of a column beside the ten digits: separators, letters, nothing."""
