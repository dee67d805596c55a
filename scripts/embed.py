#!/usr/bin/env python3
"""embed.py NAME INPUT OUTPUT: makes a C file that holds INPUT as `const char NAME[]` (a NUL behind it, not counted)
and `const size_t NAME_size`, so that the program needs no files beside itself."""
import sys


def main() -> int:
    if len(sys.argv) != 4:
        print("usage: embed.py NAME INPUT OUTPUT", file=sys.stderr)
        return 2
    name, source, target = sys.argv[1:]
    with open(source, "rb") as file:
        data = file.read()
    # As signed values: char is signed on some machines and not on others, a cast is right on both.
    rows = [", ".join(f"(char){byte}" for byte in data[i:i + 16]) for i in range(0, len(data), 16)]
    body = "".join(f"\t{row},\n" for row in rows)
    with open(target, "w", encoding="ascii") as file:
        file.write(
            "#include <stddef.h>\n\n"
            f"extern const char {name}[];\nextern const size_t {name}_size;\n\n"
            f"const char {name}[] = {{\n{body}\t0,\n}};\n"
            f"const size_t {name}_size = {len(data)};\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
