"""Divides a Swift file into code, comments and strings. The checks in this folder share it."""

import os
import re

OPENING = re.compile(r'(#*)("""|")')


def pieces(text):
    """Yields (kind, start, end) in order, where kind is code, comment or string; code of an interpolation is code."""
    position = 0
    while position < len(text):
        if text.startswith("//", position):
            end = text.find("\n", position)
            end = len(text) if end < 0 else end
            yield "comment", position, end
        elif text.startswith("/*", position):
            end = end_of_block_comment(text, position)
            yield "comment", position, end
        elif text[position] in '"#' and OPENING.match(text, position):
            found = list(string(text, position))
            yield from found
            end = found[-1][2]
        else:
            end = position + 1
            yield "code", position, end
        position = end


def end_of_block_comment(text, position):
    end, depth = position + 2, 1
    while depth and end < len(text):
        if text.startswith("/*", end):
            depth, end = depth + 1, end + 2
        elif text.startswith("*/", end):
            depth, end = depth - 1, end + 2
        else:
            end += 1
    return end


def string(text, position):
    """The pieces of a string literal with what it interpolates. The quotes are code."""
    hashes, quote = OPENING.match(text, position).groups()
    start = position + len(hashes) + len(quote)
    yield "code", position, start
    end = start
    while end < len(text):
        if text.startswith(quote + hashes, end):
            yield "string", start, end
            yield "code", end, end + len(quote + hashes)
            return
        if text.startswith("\\" + hashes + "(", end):
            yield "string", start, end
            start = end + len(hashes) + 1
            for piece in interpolation(text, start):
                yield piece
                start = piece[2]
            end = start
        else:
            end += 2 + len(hashes) if text.startswith("\\" + hashes, end) else 1
    yield "string", start, len(text)


def interpolation(text, position):
    depth = 0
    while position < len(text):
        if text[position] in '"#' and OPENING.match(text, position):
            for piece in string(text, position):
                yield piece
                position = piece[2]
            continue
        depth += (text[position] == "(") - (text[position] == ")")
        yield "code", position, position + 1
        position += 1
        if depth == 0:
            return


def code(text):
    """The text with comments and the contents of strings blanked; each line keeps its number."""
    parts = (
        text[start:end] if kind == "code" else re.sub(r"[^\n]", " ", text[start:end])
        for kind, start, end in pieces(text)
    )
    return "".join(parts)


def files(folder):
    """The Swift files below a folder, sorted."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(".swift"):
                yield os.path.join(parent, name)


def read(path):
    with open(path, encoding="utf-8") as source:
        return source.read()
