"""Any picture file -> 8-bit RGB in sRGB, safely."""
