"""Records as Python prints them, or as SQL inserts them: no format that is read, though commas part them."""

from __future__ import annotations

import ast
import re

from seqtool.errors import DataError
from seqtool.say import printable

FEW, SAMPLE = 2, 20  # lines that tell nothing, and lines that tell enough
_DICT = re.compile(r"[\ufeff\s\[(]*\{\s*'(?:[^'\\\n]|\\.)*'\s*:")  # where one begins, whatever follows
_WHOLE_DICT = re.compile(_DICT.pattern + r".*[}\])]\s*[,;]?\s*")
_NESTED = re.compile(r"[\ufeff\s]*[\[(]\s*[\[(](?:[^'\"\n\[\]()]*,)?\s*'(?:[^'\\\n]|\\.)*'\s*[,\])]")
_INSERT = re.compile(
    r"(?im)^\s*(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?INTO\s+[^\s()]+\s*(?:\([^()]{0,4000}\)\s*)?VALUES\s*\("
)
_OF_SQL = ("--", "/*", "CREATE ", "DROP ", "SET ", "PRAGMA ", "BEGIN", "USE ")  # what stands above
_LINE_OF_SQL = re.compile(r"(?i).*[;,()]\s*|\s*(?:--|/\*|INSERT\b|REPLACE\b|VALUES\b)[^\t]*")
_HEAD = 1 << 16


def refuse_printed(text: str, where: str) -> None:
    """Raise `DataError` for a text of Python's dicts, lists or tuples, or of statements of SQL."""
    if _DICT.match(text) and _are_dicts(text):
        what = f"the records are dicts as Python prints them, not JSON: '{_first(text)}'"
        raise DataError(what, where=where, cure="write each with json.dumps(record), one a line, not with print")
    if text.lstrip("\ufeff \t\n")[:1] in ("[", "(") and (_are_rows(text[:_HEAD]) or _is_nested(text)):
        what = f"the lines are lists or tuples as Python prints them: '{_first(text)}'"
        raise DataError(what, where=where, cure="write them with csv.writer(file).writerows(records), not with print")
    head = text[:_HEAD].lstrip("\ufeff \t\n")
    above = head[:10].upper().startswith(_OF_SQL)
    if (_INSERT.search(head) if above else _INSERT.match(head)) and _are_most(_LINE_OF_SQL, head):
        what = f"the file holds statements of SQL: '{_first(text)}'"
        raise DataError(what, where=where, cure="export the table as CSV, with its names of columns")


def _first(text: str) -> str:
    return printable(text.lstrip("\ufeff \t\n").partition("\n")[0], 60)


def _are_dicts(text: str) -> bool:
    """Tell whether most first lines are a dict each, or one over many lines goes to the end: a text may begin so."""
    first, behind, _ = text.strip("\ufeff \t\n").partition("\n")
    if behind and first.rstrip()[-1] in ",{[(":
        return text.rstrip(" \t\n,;").endswith(("}", "]", ")"))
    return _are_most(_WHOLE_DICT, text[:_HEAD])


def _are_most(form: re.Pattern[str], head: str) -> bool:
    """Tell whether more than half of the first lines that are not empty have a form."""
    lines = [line for line in head.split("\n") if line.strip()][:SAMPLE]
    return 2 * sum(form.fullmatch(line) is not None for line in lines) > len(lines)


def _is_nested(text: str) -> bool:
    """Tell whether a text is one list of lists or tuples of Python, over one line or many, with a text in the first."""
    closed = text.rstrip(" \t\n,;")[-2:] in ("]]", ")]", "])", "))")
    # without a comma between them they are words with their tags
    return closed and _NESTED.match(text) is not None and not re.search(r"[\])]\s+[\[(]", text[:_HEAD])


def _are_rows(head: str) -> bool:
    """Tell whether the first lines are each a list or a tuple of Python with a text in it."""
    lines = [line.strip().rstrip(",;") for line in head.split("\n")[:-1] if line.strip()][:SAMPLE]
    if len(lines) <= FEW:
        return False
    for line in lines:
        try:
            value = ast.literal_eval(line)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return False
        if not isinstance(value, (list, tuple)) or "'" not in repr(value):
            return False
    return True
