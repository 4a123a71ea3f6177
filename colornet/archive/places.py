"""A folder on any file system that pyarrow knows: local, S3, Google Cloud Storage, HDFS."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pyarrow import fs

from colornet.system import whole

# An object appears when its upload is complete; and to rename one would be a copy
OBJECT_STORES = {"s3", "gcs", "abfs"}
READ_AHEAD = 1 << 20  # bytes of a file that are read at once


class Place(NamedTuple):
    """A folder: `root` of a file system. Paths below it have "/". Other machines may get it."""

    system: fs.FileSystem
    root: str

    def at(self, path: str) -> str:
        """The whole path of what lies below."""
        return f"{self.root}/{path}"

    def files(self) -> list[fs.FileInfo]:
        """The files below, at any depth, sorted by path. Raises OSError.

        FileNotFoundError and NotADirectoryError tell that the folder itself is not there.
        """
        found = self.system.get_file_info(self.root)
        if found.type == fs.FileType.NotFound:
            raise FileNotFoundError(self.root)
        if found.type == fs.FileType.File:
            raise NotADirectoryError(self.root)
        every = self.system.get_file_info(fs.FileSelector(self.root, recursive=True))
        return sorted((each for each in every if each.is_file), key=lambda each: each.path)

    def below(self, info: fs.FileInfo) -> str:
        """The path below this folder of one of its `files`."""
        return info.path.removeprefix(self.root).lstrip("/")

    def holds(self, path: str) -> bool:
        """Whether there is a file. Raises OSError."""
        return self.system.get_file_info(self.at(path)).is_file

    def read(self, path: str) -> bytes:
        """The content of a file. Raises OSError."""
        with self.system.open_input_stream(self.at(path), buffer_size=READ_AHEAD) as stream:
            return stream.read()

    def write(self, path: str, content: bytes) -> None:
        """Writes a file, which appears when it is complete. Raises OSError."""
        target = self.at(path)
        kind = self.system.type_name
        if kind in OBJECT_STORES:
            self._stream(target, content)
        elif kind == "local":
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            with whole.file(Path(target)) as file:
                file.write(content)
        else:
            self._moved(target, content)

    def _stream(self, target: str, content: bytes) -> None:
        with self.system.open_output_stream(target) as stream:
            stream.write(content)

    def _moved(self, target: str, content: bytes) -> None:
        folder = target.rpartition("/")[0]
        self.system.create_dir(folder, recursive=True)
        part = f"{folder}/.{secrets.token_hex(8)}.part"
        try:
            self._stream(part, content)
            self.system.move(part, target)
        except BaseException:
            with suppress(OSError):
                self.system.delete_file(part)
            raise


def named(text: str) -> Place:
    """The folder that a path or a URI such as s3://bucket/photos names.

    Raises ValueError, with a sentence, for a URI that pyarrow does not know.
    """
    if "://" not in text:
        return Place(fs.LocalFileSystem(), os.path.abspath(text))
    try:
        system, root = fs.FileSystem.from_uri(text)
    except (ValueError, OSError, NotImplementedError) as error:
        why = " ".join(str(error).split())
        raise ValueError(f"{text} cannot be used: {why}") from error
    return Place(system, root.rstrip("/"))


def apart(source: Place, target: Place) -> None:
    """Raises ValueError where results could replace sources."""
    if source.system == target.system and f"{source.root}/".startswith(f"{target.root}/"):
        raise ValueError(
            f"the results in {target.root} could replace what lies in {source.root}: name an OUTPUT"
            " that is not INPUT, nor a folder around it"
        )
