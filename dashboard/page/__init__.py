"""Parts that several pages show: choosers, buttons, notices, the slider."""
