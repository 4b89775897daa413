"""Translation: a sentence of one language in, a sentence of another out."""
