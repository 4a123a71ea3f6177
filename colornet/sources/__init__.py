"""Where photographs come from, one module per source; each has `fetch(into, *, options)`.

`fetch` writes photographs into the folder `into` and yields a row for each: file, photo, source,
url, licence, author. It raises ValueError or OSError with a sentence about what the user can
correct. The same options give the same bytes and rows, whichever address delivered them.
colornet/fetch.py finds a source by its module's name. A source imports no other source; it may use
archive.py, which all fetch stages have as a dependency.
"""
