"""An archive coloured by many machines with Ray Data: `python -m colornet.archive`."""
