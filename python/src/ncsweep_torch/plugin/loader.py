"""Imports the code of plug-ins from the text that a task holds. Nothing is read from the folder in which anybody wrote it."""

import importlib
import importlib.abc
import importlib.metadata
import importlib.util
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from ncsweep_torch.plugin.archive import Archive, PartKind, read_archive
from ncsweep_torch.plugin.failure import PluginError, blamed
from ncsweep_torch.refusal import RefusedError

Function = Callable[..., Any]


class Plugins:
    """The plug-ins of a task. Code is imported once, when it is first used."""

    def __init__(self, archives: Iterable[Archive] = ()) -> None:
        self._archives = {archive.identity: archive for archive in archives}

    def function(self, kind: PartKind, part: str, identity: str) -> Function:
        """The code of a part `<plug-in>/<name>`. Raises RefusedError, PluginError."""
        archive = self._archives.get(identity)
        name = part.partition("/")[2]
        if archive is None or (kind, name) not in archive.parts:
            raise RefusedError(f"the task names the {kind} {part}, which is in none of its plug-ins")
        file, function = archive.parts[kind, name]
        module = _imported(archive, file)
        found: Function | None = getattr(module, function, None)
        if not callable(found):
            raise PluginError(f"plug-in {archive.name}: {file} has no function {function}, which its plugin.yaml names")
        return found


def read_plugins(entries: Sequence[Mapping[str, Any]]) -> Plugins:
    """Those of a task document. Raises RefusedError."""
    try:
        return Plugins(read_archive(entry) for entry in entries)
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError(f"the plug-ins of the task cannot be read: {type(error).__name__} {error}") from error


class _ArchiveFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of one plug-in, as a package of its own, in memory."""

    def __init__(self, package: str, archive: Archive) -> None:
        self._package, self._archive = package, archive

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """A file, or a folder of files."""
        if fullname != self._package and not fullname.startswith(f"{self._package}."):
            return None
        file = self._file(fullname)
        inside = self._inside(fullname)
        is_package = file is None or file.endswith("__init__.py")
        if file is None and not any(name.startswith(inside) for name in self._archive.files):
            return None
        origin = f"<plug-in {self._archive.name}>/{file or inside}"
        spec = importlib.util.spec_from_loader(fullname, self, origin=origin, is_package=is_package)
        if spec is not None:
            spec.has_location = True  # its origin stands in tracebacks
            spec.cached = None
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Runs the file's code."""
        file = self._file(module.__name__)
        if file is not None:
            code = compile(self._archive.files[file], f"<plug-in {self._archive.name}>/{file}", "exec", dont_inherit=True)
            exec(code, module.__dict__)  # noqa: S102 that is what importing means

    def get_source(self, fullname: str) -> str | None:
        """For tracebacks."""
        file = self._file(fullname)
        return None if file is None else self._archive.files[file]

    def _inside(self, fullname: str) -> str:
        """The path of a module's folder."""
        return "".join(f"{part}/" for part in fullname[len(self._package) + 1 :].split(".") if part)

    def _file(self, fullname: str) -> str | None:
        inside = self._inside(fullname)
        candidates = (f"{inside}__init__.py", f"{inside.rstrip('/')}.py")
        return next((name for name in candidates if name in self._archive.files), None)


def _imported(archive: Archive, file: str) -> ModuleType:
    package = f"ncsweep_plugin_{archive.name.replace('-', '_')}_{archive.code[:16]}"
    if not any(isinstance(each, _ArchiveFinder) and each._package == package for each in sys.meta_path):
        _check_packages(archive)
        sys.meta_path.insert(0, _ArchiveFinder(package, archive))
    try:
        with blamed(f"plug-in {archive.name}: importing {file}"):
            return importlib.import_module(f"{package}.{file.removesuffix('.py').replace('/', '.')}")
    except PluginError as error:
        raise PluginError(f"{error}{_hint(error.__cause__, archive)}") from error.__cause__


def _check_packages(archive: Archive) -> None:
    missing = [name for name in archive.requires if not _is_installed(name)]
    if missing:
        raise PluginError(
            f"plug-in {archive.name} needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed where it runs. "
            f"Remedy: install it for {sys.executable}, or build an image of workers that has it"
        )


def _is_installed(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _hint(error: BaseException | None, archive: Archive) -> str:
    if not isinstance(error, ModuleNotFoundError) or error.name is None:
        return ""
    wanted = error.name.split(".")[0]
    if any(name.split("/")[0] in (wanted, f"{wanted}.py") for name in archive.files):
        return f". Remedy: files of a plug-in import each other as in `from . import {wanted}`"
    return (
        ". Only the files of its own folder and installed packages are there when it runs. Remedy: move the code into the folder, "
        f"or install {wanted} where it runs and list its package under requires"
    )
