"""XMP packets, read, edited and written: ISO 16684-1, Adobe's "XMP specification", part 1.

A packet is edited and not written anew, so that what is unknown stays as it was.
"""

import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# Limits of what is read: bytes of a packet, its elements, elements within each other
LARGEST, MOST, DEEPEST = 4_000_000, 100_000, 100
# Characters that XML cannot hold
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

BARE = ("", "xmlns", RDF)  # of attributes that are no properties
FRAME = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'


class Packet:
    """An XMP packet that is being edited.

    Names are kept as they were written, with their prefixes, which some programs rely on.
    """

    def __init__(self, content: bytes | None = None):
        """Reads a packet; without content it is empty. Raises ValueError for a broken one."""
        self._root = _parsed(content or f'<rdf:RDF xmlns:rdf="{RDF}"/>'.encode())
        self._rdf, self._scope = self._find_rdf()

    def _find_rdf(self) -> tuple[Element, dict[str, str]]:
        scope: dict[str, str] = {}
        for element in [self._root, *self._root]:
            inner = _inner(scope, element)
            if _name(element.tag, inner) == (RDF, "RDF"):
                return element, inner
            scope = inner if element is self._root else scope
        raise ValueError("an XMP packet without rdf:RDF")

    def _descriptions(self) -> Iterator[tuple[Element, dict[str, str]]]:
        for element in self._rdf:
            scope = _inner(self._scope, element)
            if _name(element.tag, scope) == (RDF, "Description"):
                yield element, scope

    def get(self, uri: str, name: str) -> str | None:
        """The text of a property, all texts in it joined; None if there is none."""
        for description, scope in self._descriptions():
            for key, value in description.items():
                if _name(key, scope) == (uri, name):
                    return value
            for child in description:
                if _name(child.tag, _inner(scope, child)) == (uri, name):
                    return "".join(child.itertext()).strip()
        return None

    def remove(self, names: Iterable[tuple[str, str]] = (), uris: Iterable[str] = ()) -> int:
        """Removes properties of these names, (namespace, name), or namespaces; returns how many."""
        names, uris = frozenset(names), frozenset(uris)
        count = 0

        def unwanted(written: str, scope: dict[str, str]) -> bool:
            name = _name(written, scope)
            return name in names or name[0] in uris

        for description, scope in self._descriptions():
            for key in [key for key in description.keys() if unwanted(key, scope)]:
                del description.attrib[key]
                count += 1
            for child in list(description):
                if unwanted(child.tag, _inner(scope, child)):
                    description.remove(child)
                    count += 1
        return count

    def set(self, uri: str, prefix: str, name: str, value: str, *, within: str = "") -> None:
        """Sets a property to a text; `within` "Alt" or "Seq", to such a list of this one text."""
        self.remove([(uri, name)])
        if next(self._descriptions(), None) is None:
            rdf = _prefix(self._rdf, self._scope, RDF, "rdf")
            ElementTree.SubElement(self._rdf, f"{rdf}:Description", {f"{rdf}:about": ""})
        description, scope = next(self._descriptions())
        full = f"{_prefix(description, scope, uri, prefix)}:{name}"
        text = UNWRITABLE.sub("", value)
        if not within:
            description.set(full, text)
            return
        rdf = _prefix(description, scope, RDF, "rdf")
        texts = ElementTree.SubElement(ElementTree.SubElement(description, full), f"{rdf}:{within}")
        language = {"xml:lang": "x-default"} if within == "Alt" else {}
        ElementTree.SubElement(texts, f"{rdf}:li", language).text = text

    def join(self, other: "Packet") -> None:
        """Appends the properties of another packet, such as the second part of a long one."""
        for description, _ in other._descriptions():
            # A packet of its own may have other prefixes
            for key, uri in other._scope.items():
                description.attrib.setdefault(f"xmlns:{key}" if key else "xmlns", uri)
            self._rdf.append(description)

    def content(self) -> bytes:
        """The packet in UTF-8."""
        root = self._root
        if root is self._rdf:
            root = Element("x:xmpmeta", {"xmlns:x": "adobe:ns:meta/"})
            root.append(self._rdf)
        return FRAME + ElementTree.tostring(root, "unicode").encode() + b'\n<?xpacket end="w"?>'

    def part(self, longest: int) -> "Packet":
        """Moves the largest properties into a new packet until this has at most `longest` bytes.

        It stays longer where no properties are left that can be moved.
        """
        rest = Packet()
        found = [
            (len(ElementTree.tostring(child)), description, child, scope)
            for description, scope in self._descriptions()
            for child in description
        ]
        for _, description, child, scope in sorted(found, key=lambda each: -each[0]):
            if len(self.content()) <= longest:
                break
            description.remove(child)
            names = {f"xmlns:{key}" if key else "xmlns": uri for key, uri in scope.items()}
            new = ElementTree.SubElement(rest._rdf, "rdf:Description", {"rdf:about": "", **names})
            new.append(child)
        return rest

    def __bool__(self) -> bool:
        """Whether the packet has any property."""
        return any(
            len(description) or any(_name(key, scope)[0] not in BARE for key in description.keys())
            for description, scope in self._descriptions()
        )


def _parsed(content: bytes) -> Element:
    """The root, with names as they were written. Raises ValueError; knows no entities."""
    if len(content) > LARGEST:
        raise ValueError(f"an XMP packet longer than {LARGEST:,} bytes")
    builder, depth, count = ElementTree.TreeBuilder(), 0, 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > DEEPEST or count > MOST:
            raise ValueError("an XMP packet of too many elements")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    def refuse(*_: object) -> None:
        raise ValueError("an XMP packet that defines entities")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = builder.data, refuse
    try:
        parser.Parse(content.strip(b"\0\t\n\r "), True)
    except expat.ExpatError as error:
        raise ValueError(f"a broken XMP packet: {error}") from error
    return builder.close()


def _inner(scope: dict[str, str], element: Element) -> dict[str, str]:
    """The prefixes and namespaces within an element; the prefix "" is the default."""
    new = {key: uri for key, uri in element.items() if key == "xmlns" or key.startswith("xmlns:")}
    return scope | {key.partition(":")[2]: uri for key, uri in new.items()} if new else scope


def _name(written: str, scope: dict[str, str]) -> tuple[str, str]:
    """The namespace and the name that a prefix and a name stand for."""
    prefix, colon, name = written.rpartition(":")
    return ("xmlns" if prefix == "xmlns" else scope.get(prefix, "")), name


def _prefix(element: Element, scope: dict[str, str], uri: str, wanted: str) -> str:
    """The prefix of a namespace within an element, which declares it if it must."""
    for prefix, known in scope.items():
        if known == uri and prefix:
            return prefix
    while wanted in scope:
        wanted += "1"
    element.set(f"xmlns:{wanted}", uri)
    return wanted
