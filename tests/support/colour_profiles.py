"""Small ICC profiles, written by hand (ICC.1:2010, version 2)."""

import struct

# Red, green and blue in XYZ under D50, as in the profiles Adobe RGB (1998) and sRGB
ADOBE = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
D50 = (0.9642, 1.0, 0.8249)


def rgb(columns=ADOBE, gamma=563 / 256, name="wide") -> bytes:
    """A profile of RGB pictures, by default of Adobe RGB (1998)."""
    curve = _curve(gamma)
    tags = {b"desc": _text(name), b"wtpt": _xyz(D50)}
    tags |= {b"%cXYZ" % c: _xyz(xyz) for c, xyz in zip(b"rgb", columns, strict=True)}
    return _profile(b"RGB ", tags | {b"%cTRC" % c: curve for c in b"rgb"})


def grey(gamma=1.0) -> bytes:
    """A profile of grey pictures."""
    return _profile(b"GRAY", {b"desc": _text("grey"), b"wtpt": _xyz(D50), b"kTRC": _curve(gamma)})


def cmyk() -> bytes:
    """A profile in which cyan alone changes the colour: 0 is white, 255 a medium grey, L* of 50."""
    ramp = bytes(range(256))
    nodes = b"".join(
        bytes([255 - 127 * (n >> 3), 128, 128])
        for n in range(16)  # cyan varies slowest
    )
    matrix = struct.pack(">9i", *(65536 * (n % 4 == 0) for n in range(9)))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + ramp * 4 + nodes + ramp * 3
    tags = {b"desc": _text("inks"), b"wtpt": _xyz(D50), b"A2B0": table, b"A2B1": table}
    return _profile(b"CMYK", tags, space=b"Lab ", kind=b"prtr")


def _profile(colours: bytes, tags: dict[bytes, bytes], space=b"XYZ ", kind=b"mntr") -> bytes:
    table, body, offset = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", offset + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(">4xI4s4s4s", 0x02400000, kind, colours, space).rjust(24, b"\0")
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp"
    header = header.ljust(68, b"\0") + struct.pack(">3i", *(round(65536 * v) for v in D50))
    size = struct.pack(">I", offset + len(body))
    return size + header.ljust(128, b"\0")[4:] + struct.pack(">I", len(tags)) + table + body


def _xyz(values) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * value) for value in values))


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(256 * gamma))


def _text(text: str) -> bytes:
    ascii_ = text.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(ascii_)) + ascii_ + bytes(78)
