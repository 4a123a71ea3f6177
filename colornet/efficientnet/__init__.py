"""EfficientNet-Lite2: its layers, and the ImageNet weights that a package of the index carries."""
