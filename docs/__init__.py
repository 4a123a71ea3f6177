"""Documents; `python -m docs.generate` renews the parts of them that follow from the code."""
