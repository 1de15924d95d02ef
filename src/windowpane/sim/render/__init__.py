"""What the simulated cameras see: OpenGL without a screen."""
