"""What is known of the ground (mapping): grids, layers of cost, the cost map."""
