"""Objects to and from a process over its standard streams."""

from __future__ import annotations

import pickle
import threading
from typing import IO, Any


class Pipe:
    """One end: objects that are read, objects that are written. Both ends are ours."""

    def __init__(self, reads: IO[bytes], writes: IO[bytes]) -> None:
        self._reads, self._writes = reads, writes
        self._lock = threading.Lock()

    def send(self, message: tuple[Any, ...]) -> None:
        """Write an object whole; raises OSError where nobody reads any more."""
        # made before a byte is written: what cannot be pickled must not leave half of itself
        whole = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        with self._lock:
            try:
                self._writes.write(whole)
                self._writes.flush()
            except ValueError as error:  # it was closed here
                raise OSError(str(error)) from error

    def recv(self) -> Any:
        """Return the next object; raises EOFError once the other end is gone."""
        try:
            return pickle.load(self._reads)  # noqa: S301
        except (OSError, ValueError, pickle.UnpicklingError) as error:
            raise EOFError from error

    def close(self) -> None:
        """End what is written; the other end reads what was sent, and then its end."""
        with self._lock:
            self._writes.close()
