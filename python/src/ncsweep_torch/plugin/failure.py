"""A plug-in that cannot be used. Its cell is parked, because the same code would fail again."""

from collections.abc import Iterator
from contextlib import contextmanager


class PluginError(Exception):
    """Names the part or plug-in and says what it did."""


@contextmanager
def blamed(what: str) -> Iterator[None]:
    """Whatever is raised inside is the fault of the plug-in `what`; the original error stays the cause."""
    try:
        yield
    except PluginError:
        raise
    except Exception as error:
        raise PluginError(f"{what}: {type(error).__name__}: {error}") from error
