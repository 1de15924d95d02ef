"""Answers a million pictures: from folders, lists, Parquet and object stores to Parquet, on Ray Data."""
