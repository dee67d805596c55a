#!/usr/bin/env python3
"""embed_console.py FOLDER OUTPUT: makes a C file that holds the built Administration Console: each file of FOLDER as it is and, where that
is shorter, with gzip (src/server/console_files.h). Without FOLDER/index.html the list is empty. OUTPUT is left alone where nothing changed,
so that nothing is compiled for it."""
import gzip
import hashlib
import os
import re
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
LEFT_OUT = {".map"}  # for developers, and larger than the rest together
# A name that changes with what the file holds: what the bundler puts into assets/.
HASHED = re.compile(r"^assets/.+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$")


def files_of(folder: str) -> list[str]:
    if not os.path.isfile(os.path.join(folder, "index.html")):
        return []
    names = []
    for place, _, found in os.walk(folder):
        for name in found:
            path = os.path.relpath(os.path.join(place, name), folder).replace(os.sep, "/")
            if os.path.splitext(path)[1] in LEFT_OUT:
                continue
            if not re.fullmatch(r"[A-Za-z0-9._/-]+", path) or os.path.splitext(path)[1] not in TYPES:
                raise ValueError(f"{path}: neither its name nor its type is one that the console may have (scripts/embed_console.py)")
            names.append(path)
    return sorted(names, key=str.encode)


def literal(data: bytes) -> str:
    """As string literals: compilers read those many times faster than lists of numbers."""
    plain = set(range(0x20, 0x7F)) - set(b'"\\?')
    lines = ("".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in data[i:i + 120]) for i in range(0, len(data), 120))
    return "\n".join(f'\t"{line}"' for line in lines) or '\t""'


def entry(number: int, name: str, data: bytes) -> tuple[str, str]:
    packed = gzip.compress(data, 9, mtime=0)
    packed = packed if len(packed) < len(data) else b""
    etag = hashlib.sha256(data).hexdigest()[:32]
    bytes_ = f"static const char file_{number}[] =\n{literal(data)};\n"
    gzip_ = f"static const char gzip_{number}[] =\n{literal(packed)};\n" if packed else ""
    row = (f'\t{{ SLICE("{name}"), SLICE("{TYPES[os.path.splitext(name)[1]]}"), SLICE("\\"{etag}\\""), SLICE("\\"{etag}-gzip\\""), '
           f"{{ file_{number}, {len(data)} }}, {f'{{ gzip_{number}, {len(packed)} }}' if packed else '{ NULL, 0 }'}, "
           f"{'true' if HASHED.match(name) else 'false'} }},\n")
    return bytes_ + gzip_, row


def source_of(folder: str) -> str:
    bodies, rows = [], []
    for number, name in enumerate(files_of(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            body, row = entry(number, name, file.read())
        bodies.append(body)
        rows.append(row)
    return ('/* Made by scripts/embed_console.py. */\n#include "server/console_files.h"\n\n'
            '#pragma GCC diagnostic ignored "-Woverlength-strings"\n\n'
            + "\n".join(bodies)
            + "\nstatic const struct console_file files[] = {\n" + "".join(rows or ["\t{ .immutable = false },\n"]) + "};\n"
            + f"const struct console_file *const console_files = files;\nconst size_t console_file_count = {len(rows)};\n")


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: embed_console.py FOLDER OUTPUT", file=sys.stderr)
        return 2
    folder, target = sys.argv[1:]
    try:
        source = source_of(folder)
    except ValueError as wrong:
        print(f"embed_console.py: {wrong}", file=sys.stderr)
        return 1
    try:
        with open(target, encoding="ascii") as file:
            if file.read() == source:
                return 0
    except FileNotFoundError:
        pass
    with open(target, "w", encoding="ascii") as file:
        file.write(source)
    return 0


if __name__ == "__main__":
    sys.exit(main())
