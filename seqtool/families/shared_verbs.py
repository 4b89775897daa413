"""Two plugins may give families with one verb: a command runs the files of one family alone."""

from __future__ import annotations

from seqtool import plugins
from seqtool.entries import FAMILIES, origin_of
from seqtool.errors import SeqtoolError
from seqtool.families.family import Family, find


def refuse_shared_verb(family: Family) -> None:
    """Raise `SeqtoolError` that names both where another plugin gives a family with the same verb."""
    for name in plugins.entry_names(FAMILIES):
        try:
            other = find(name)
        except SeqtoolError:  # it has no verb
            continue
        if other.verb == family.verb and name != family.name:
            origins = f"{origin_of(FAMILIES, family.name)} and {origin_of(FAMILIES, name)}"
            what = f"the families {family.name!r} and {name!r} have one command, {family.verb!r}"
            raise SeqtoolError(what, where=origins, cure="uninstall one of them")
