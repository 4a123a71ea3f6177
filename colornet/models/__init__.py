"""The networks. Each module has INPUTS, what it takes, and build(...): the published network."""
