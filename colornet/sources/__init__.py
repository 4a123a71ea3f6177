"""Where photographs come from, one file per place; each offers `fetch(into, *, options)`.

It writes photographs into the folder `into` and yields a row for each: file, photo, source, url,
licence, author. ValueError or OSError says in a sentence what the user can mend. The same options
leave the same bytes and rows, whichever address served them.
"""
