"""Training the backbone of far vision (pretraining)."""
