"""Trains the finder of strings (text detection): what is a digit on a page, what a letter, and which way."""
