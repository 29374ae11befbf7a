"""What does a condition not have, and what is written instead?"""

from __future__ import annotations

import keyword

RIGHT_SIGNS = {
    "&&": "and",
    "||": "or",
    "&": "and",
    "|": "or",
    "!": "not",
    "=": "==",
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "=>": ">=",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
}
"""Signs of other languages whose meaning is plain, so that the rest can be read too."""

RIGHT_WORDS = {
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "IN": "in",
    "TRUE": "true",
    "FALSE": "false",
    "NULL": "null",
    "And": "and",
    "Or": "or",
    "Not": "not",
    "In": "in",
    "Null": "null",
    "none": "null",
}

_NO_TERNARY = "a condition has no choice inside; write (a and b) or (not a and c)"
_NO_LOOP = "a condition has no loops; ask contains(list, value) or size(list)"
_NO_BITS = "a condition has no bit operators"
_NO_NAMES = "a condition gives nothing a name; write the value where it is used"

REFUSED_SIGNS = {
    "**": "a condition has no powers; multiply",
    "//": "a condition has no whole division; write / and compare",
    "^": _NO_BITS,
    "~": f"{_NO_BITS}; write 'not'",
    "<<": _NO_BITS,
    ">>": _NO_BITS,
    ":=": f"{_NO_NAMES}; to compare, write '=='",
    ":": "a condition has no ':'",
    ";": "a condition is one question; join questions with 'and' or 'or'",
    "?": _NO_TERNARY,
    "#": "a condition has no comments; write them in the file, before the condition",
    "{": "a condition has no sets or mappings; write a list in [ ]",
    "}": "a condition has no sets or mappings; write a list in [ ]",
    ".": "a value has no attributes; a path is written without spaces, like event.data.total",
    "$": "a path is written without '$', like event.data.total",
    "\\": "a condition goes on over a line's end by itself; leave '\\' out",
    "“": 'write straight quotes: "',
    "”": 'write straight quotes: "',
    "„": 'write straight quotes: "',
    "‘": "write straight quotes: '",
    "’": "write straight quotes: '",
    "×": "write '*' to multiply",
    "÷": "write '/' to divide",
    "−": "write the plain minus sign '-'",
}

_ALLOWED = {"and", "or", "not", "in", "True", "False", "None"}
REFUSED_WORDS = {
    **{word: f"a condition has no '{word}'" for word in keyword.kwlist if word not in _ALLOWED},
    "lambda": "a condition has no functions of its own",
    "if": _NO_TERNARY,
    "else": _NO_TERNARY,
    "for": _NO_LOOP,
    "while": _NO_LOOP,
    "is": "write '==' instead of 'is'; to ask whether a value is there, write has(path)",
}
