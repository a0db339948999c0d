#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes files as C arrays: embed.py OUTPUT FILE... (NAME.bin becomes NAME_bin)."""

import os
import sys

with open(sys.argv[1], "w", encoding="ascii") as out:
    out.write('#include "image/boot_loaders.h"\n')
    for path in sys.argv[2:]:
        name = os.path.basename(path).replace(".", "_")
        with open(path, "rb") as stream:
            data = stream.read()
        out.write(f"\n_Alignas(8) const unsigned char {name}[] = {{\n")
        for i in range(0, len(data), 16):
            out.write("\t" + " ".join(f"{byte}," for byte in data[i:i + 16]) + "\n")
        out.write(f"}};\nconst size_t {name}_len = sizeof({name});\n")
