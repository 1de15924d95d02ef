"""What every recipe shares (training loop): the loop, its log, validation, distribution, export."""
