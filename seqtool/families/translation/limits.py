"""How far a translator's file reads and writes."""

from __future__ import annotations

LIMITS = {"characters": 4000, "tokens": 4001, "generated": 8012, "beam": 100}
"""Of a line, of a source with its EOS, of a translation with its EOS, hypotheses beside each other at most."""
LIMIT_FACTOR, LIMIT_EXTRA = 2, 10
"""A translation has so many times the tokens of its own source at most, and so many more."""
