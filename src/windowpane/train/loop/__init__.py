"""What every recipe shares: the loop, its log, validation, distribution, export."""
