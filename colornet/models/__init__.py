"""The networks: each module has one `build(...)`, the published network without arguments."""
