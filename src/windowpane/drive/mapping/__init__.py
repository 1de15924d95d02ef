"""What is known of the ground: grids, layers of cost, the cost map."""
