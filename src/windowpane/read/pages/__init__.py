"""Reads whole pages (text spotting): where numbers stand on them, and which readings count."""
