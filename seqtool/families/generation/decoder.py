"""From symbols to text as they come."""

from __future__ import annotations

from collections.abc import Iterable

from seqtool.data.encoders.encoder import Encoder

INCOMPLETE = "\ufffd"


class Decoder:
    """Turns the symbols of one text into text, chunk by chunk; what comes out does not depend on the chunks.

    A character is held back until all its bytes are there, and what may be the beginning of `stop` until that is
    known. `done`: `stop` has come; it is not given out, nor is what follows.
    """

    def __init__(self, encoder: Encoder, stop: str = "") -> None:
        self._encoder, self._stop = encoder, stop
        self._ids: list[int] = []
        self._known = 0  # so many of them are decoded already, and stand there for their neighbours
        self._held = ""
        self.done = False

    def feed(self, ids: Iterable[int]) -> str:
        """Add symbols; return the text that is certain now."""
        if self.done:
            return ""
        self._ids.extend(map(int, ids))
        whole = self._encoder.decode(self._ids)
        if whole.endswith(INCOMPLETE):
            return ""
        return self._certain(self._new(whole))

    def end(self) -> str:
        """Return what was held back."""
        if self.done:
            return ""
        text = self._certain(self._new(self._encoder.decode(self._ids)))
        return text if self.done else text + self._held

    def _new(self, whole: str) -> str:
        before = self._encoder.decode(self._ids[: self._known])
        del self._ids[: self._known]
        self._known = len(self._ids)
        return whole[len(before) :]

    def _certain(self, new: str) -> str:
        text, self._held = self._held + new, ""
        if not self._stop:
            return text
        place = text.find(self._stop)
        if place >= 0:
            self.done = True
            return text[:place]
        lengths = range(min(len(self._stop) - 1, len(text)), 0, -1)
        held = next((length for length in lengths if text.endswith(self._stop[:length])), 0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]
