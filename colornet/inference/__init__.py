"""A trained run's files -> colours of a picture at its full size."""
