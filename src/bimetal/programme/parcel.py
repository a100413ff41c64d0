"""Files from and for other tools: a file, a folder or a zip, read within limits and written whole or not at all."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from bimetal.errors import InputError, StoreError
from bimetal.store import files

MOST_FILES = 200_000
MOST_BYTES = 4 << 30
MOST_PACKED = 200  # times a zip's own size that it may unpack to
_FREE = 16 << 20  # bytes that may be packed however well


class Parcel(Mapping[str, bytes]):
    """Files by relative name, each read when it is asked for; nothing outside the file or folder given is reached.

    Raises InputError for a zip that unpacks beyond reason, names that lead out of it, links that do, and too many
    files.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path) if path.is_file() and zipfile.is_zipfile(path) else None
            self._base = path if path.is_dir() else path.parent
            self._names = self._packed(path) if self._zip else _listed(path)
        except FileNotFoundError as fault:
            raise InputError(f"{path} does not exist", "check the path") from fault
        except (OSError, zipfile.BadZipFile, ValueError) as fault:
            raise InputError(
                f"{path} cannot be read: {fault}", "pass a file, a folder or a zip you may read"
            ) from fault

    def __getitem__(self, name: str) -> bytes:
        if name not in self._names:
            raise KeyError(name)
        try:
            return self._zip.read(name) if self._zip else (self._base / name).read_bytes()
        except (OSError, RuntimeError, zipfile.BadZipFile, NotImplementedError, EOFError) as fault:
            raise InputError(f"{name} cannot be read: {str(fault)[:100]}", "unpack or copy it again") from fault

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def digest(self) -> str:
        """Name the content: SHA-256 over every file's name and bytes."""
        told = hashlib.sha256()
        for name in sorted(self._names):
            told.update(f"{name}\0{hashlib.sha256(self[name]).hexdigest()}\n".encode())
        return told.hexdigest()

    def _packed(self, path: Path) -> dict[str, int]:
        assert self._zip is not None
        entries = [each for each in self._zip.infolist() if not each.is_dir()]
        for each in entries:
            _refuse_name(each.filename)
            if stat.S_ISLNK(each.external_attr >> 16):
                raise InputError(f"{path} holds the link {each.filename!r}", "pack the files themselves")
        sizes = {each.filename: each.file_size for each in entries if _wanted(each.filename)}
        if len(entries) != len({each.filename for each in entries}):
            raise InputError(f"{path} names a file twice", "pack it again")
        allowed = max(_FREE, MOST_PACKED * path.stat().st_size)
        if sum(sizes.values()) > allowed:
            raise InputError(
                f"{path} unpacks to {sum(sizes.values()):,} bytes", "unpack it yourself, then pass the folder"
            )
        _refuse_size(path, sizes)
        return sizes


def put(path: Path, pieces: Iterable[tuple[str, bytes]]) -> None:
    """Write files beside their place, then give them their name: one file as `path`, several as a new folder or zip.

    Raises StoreError where the disk refuses, or a folder with files stands there; what was there stays as it was.
    """
    path = path.absolute()
    if not path.parent.is_dir():
        raise StoreError(f"{path} cannot be written: there is no folder {path.parent}", "choose another place")
    if path.is_dir() and any(path.iterdir()):
        raise StoreError(
            f"{path} cannot be written: it is a folder with files", "choose a new folder, or a file's name"
        )
    try:
        with TemporaryDirectory(dir=path.parent, prefix=".export-") as temporary:
            names = _written(Path(temporary), pieces)
            if path.suffix.lower() == ".zip":
                made = Path(temporary, ".zip")
                _zipped(made, Path(temporary), names)
                files.settle(made, path)
            elif len(names) == 1 and not path.is_dir():
                files.settle(Path(temporary, names[0]), path)
            else:
                _settled(Path(temporary), path, names)
    except OSError as fault:
        raise files.unwritable(path, fault) from fault


def _listed(path: Path) -> dict[str, int]:
    if not path.is_dir():
        return {path.name: path.stat().st_size}
    base, found = path.resolve(), {}
    for each in sorted(path.rglob("*")):
        name = each.relative_to(path).as_posix()
        if not _wanted(name) or not each.is_file():
            continue
        if not each.resolve().is_relative_to(base):
            raise InputError(f"{name!r} is a link that leads out of {path}", "copy the file into the folder")
        _refuse_name(name)
        found[name] = each.stat().st_size
        if len(found) > MOST_FILES:
            break
    _refuse_size(path, found)
    return found


def _refuse_size(path: Path, sizes: Mapping[str, int]) -> None:
    if len(sizes) > MOST_FILES:
        raise InputError(f"{path} holds more than {MOST_FILES:,} files", "import it in parts")
    if sum(sizes.values()) > MOST_BYTES:
        raise InputError(f"{path} holds {sum(sizes.values()):,} bytes", "import it in parts")


def _refuse_name(name: str) -> None:
    pure = PurePosixPath(name.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or not name.isprintable() or ":" in pure.parts[0]:
        raise InputError(
            f"the file name {name[:80]!r} leads out of its folder", "name files plainly, and pack them again"
        )


def _wanted(name: str) -> bool:
    """Leave out what systems add by themselves."""
    return not any(part.startswith(".") or part == "__MACOSX" for part in PurePosixPath(name).parts)


def _written(folder: Path, pieces: Iterable[tuple[str, bytes]]) -> list[str]:
    names: list[str] = []
    for name, piece in pieces:
        _refuse_name(name)
        place = folder / name
        if not names or names[-1] != name:
            names.append(name)
            place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("ab") as file:
            file.write(piece)
    return names


def _zipped(made: Path, folder: Path, names: Iterable[str]) -> None:
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            packed.write(folder / name, name)


def _settled(temporary: Path, path: Path, names: Iterable[str]) -> None:
    for name in names:
        files.sync(temporary / name)
    made = temporary / ".whole"
    made.mkdir(mode=0o755)
    for each in {PurePosixPath(name).parts[0] for name in names}:
        (temporary / each).rename(made / each)
    made.replace(path)
    files.sync(path.parent)
