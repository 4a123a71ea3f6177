"""One runnable file for each figure that the README claims: python -m benchmarks.<name>."""
