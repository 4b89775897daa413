"""`seqtool plugins`."""

from __future__ import annotations

import dataclasses

from seqtool.cli.options import JsonOption
from seqtool.cli.output import emit_columns, emit_json


def command(json: JsonOption = False) -> None:
    """List the plugins: name, group, distribution, version, hooks, and why one cannot be used."""
    from seqtool import plugins

    listing = plugins.listing()
    if json:
        for plugin in listing:
            emit_json(dataclasses.asdict(plugin))
        return
    emit_columns(
        [
            [
                plugin.name,
                plugin.group,
                f"{plugin.distribution} {plugin.version}",
                f"error: {plugin.error}" if plugin.error else ", ".join(plugin.hooks),
            ]
            for plugin in listing
        ]
    )
