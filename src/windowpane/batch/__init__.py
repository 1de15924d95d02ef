"""Answers a million pictures (batch inference): folders, lists and object stores to Parquet, on Ray Data."""
