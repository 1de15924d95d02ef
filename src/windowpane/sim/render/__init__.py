"""What the simulated cameras see (off-screen rendering): OpenGL without a screen."""
