"""A page that colours photographs in a browser, without a server; `colornet.export` writes it."""
