"""Documents whose text is replaced and whose marks stay byte for byte: subtitles, Markdown, HTML."""

from __future__ import annotations

from seqtool.data.markup.flows import Reader


def reader_of(kind: str) -> Reader:
    """Return what reads documents of a kind."""
    if kind == "markdown":
        from seqtool.data.markup import markdown  # it takes longer to load than the others

        return markdown.flows
    from seqtool.data.markup import html, subtitles

    return {"srt": subtitles.srt, "vtt": subtitles.vtt, "html": html.flows}[kind]
