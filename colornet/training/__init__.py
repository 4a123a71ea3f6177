"""What the stage train is made of."""
