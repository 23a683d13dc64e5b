#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Print how many cells each character takes, as this machine's C library says of
UTF-8 (wcwidth()), as rows of width.c: where a run of equals begins, and its width.
For `make regen-widths`.
"""

import ctypes
import locale
import platform

BEGIN, END = 0xA0, 0x110000
A_LINE = 8


def main():
    locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    wcwidth = ctypes.CDLL(None).wcwidth
    wcwidth.argtypes = [ctypes.c_wchar]
    print("/* Made by `make regen-widths` from wcwidth() of %s %s. */" % platform.libc_ver())
    runs = []
    for code in range(BEGIN, END):
        # No character, and not to be had as one either.
        width = -1 if 0xD800 <= code < 0xE000 else wcwidth(chr(code))
        if not runs or runs[-1][1] != width:
            runs.append((code, width))
    for at in range(0, len(runs), A_LINE):
        print(" ".join("R(0x%x, %d)," % run for run in runs[at : at + A_LINE]))


if __name__ == "__main__":
    main()
