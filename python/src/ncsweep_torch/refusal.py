"""What this program does not know, so that another one must compute the task."""

from typing import TypeVar

T = TypeVar("T", bound=str)


class RefusedError(Exception):
    """A task has something in it that this program does not know. Nothing was computed."""


def one_of(what: str, found: str, known: tuple[T, ...]) -> T:
    """The one of the known names that was found. Raises RefusedError."""
    for each in known:
        if found == each:
            return each
    raise RefusedError(f"the task has {what} {found!r}; this program knows {', '.join(known)}")
