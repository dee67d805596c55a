#!/usr/bin/env python3
"""embed_texts.py OUTPUT pages/texts/en.txt pages/texts/OTHER.txt …: makes a C file that holds the texts of all languages
(src/signin/language_table.h). The first file is the complete one: its keys are the keys, sorted; a key that only another
file has is an error."""
import pathlib
import sys


def texts_of(path: pathlib.Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        key, separator, text = line.partition(" = ")
        if not separator or not key or not text.strip() or key != key.strip():
            raise ValueError(f"{path}:{number}: a line is 'key = text', a comment that begins with #, or empty")
        if key in texts:
            raise ValueError(f"{path}:{number}: {key} stands here twice")
        texts[key] = text.strip()
    return texts


def literal(text: str) -> str:
    """A C string of printable ASCII. An escape takes exactly three octal digits, so what follows it is never part of it."""
    plain = "".join(chr(byte) if 0x20 <= byte < 0x7f and byte not in b'"\\?' else f"\\{byte:03o}" for byte in text.encode())
    return f'"{plain}"'


def main() -> int:
    if len(sys.argv) < 3:
        print("usage: embed_texts.py OUTPUT ENGLISH [OTHER]...", file=sys.stderr)
        return 2
    try:
        languages = [(path.stem, texts_of(path)) for path in map(pathlib.Path, sys.argv[2:])]
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    keys = sorted(languages[0][1])
    for tag, texts in languages[1:]:
        unknown = sorted(set(texts) - set(keys))
        if unknown:
            print(f"{tag}.txt has keys that {languages[0][0]}.txt does not have: {', '.join(unknown)}", file=sys.stderr)
            return 1
    lines = ['#include "signin/language_table.h"', "", "const struct slice language_keys[] = {"]
    lines += [f"\tSLICE({literal(key)})," for key in keys]
    lines += ["};", f"const size_t language_key_count = {len(keys)};"]
    for i, (_, texts) in enumerate(languages):
        lines += ["", f"static const struct slice texts_{i}[] = {{"]
        lines += [f"\tSLICE({literal(texts[key])})," if key in texts else "\t{ NULL, 0 }," for key in keys]
        lines += ["};"]
    lines += ["", "const struct language language_all[] = {"]
    lines += [f"\t{{ {literal(tag)}, texts_{i} }}," for i, (tag, _) in enumerate(languages)]
    lines += ["};", f"const size_t language_count = {len(languages)};", ""]
    pathlib.Path(sys.argv[1]).write_text("\n".join(lines), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
