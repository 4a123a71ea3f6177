"""`colornet serve`: pictures by HTTP. It needs what `pip install "colornet[serve]"` installs."""
