"""Composed mail (synthetic data): addresses, sheets, postage, and envelopes made of them."""
