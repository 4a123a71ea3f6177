"""RGB <-> lightness and colour (L, ab); how colourful a picture is."""
