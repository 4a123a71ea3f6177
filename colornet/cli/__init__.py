"""What the command colornet is made of."""
