#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Print a compiled BPF program as C: its instructions, which of them name a map,
and which hold a place in a kernel struct that has to be moved to where the
running kernel has that field (bpf_plain.h says how). For regen.sh.

usage: plain_image.py OBJECT SECTION NAME

Formats: ELF; .BTF and .BTF.ext of Documentation/bpf/btf.rst; the records of moved
places of Documentation/bpf/llvm_reloc.rst.
"""

import re
import struct
import sys

KINDS = {0: "PLAIN_FIELD_OFFSET", 2: "PLAIN_FIELD_EXISTS", 10: "PLAIN_ENUM_EXISTS", 11: "PLAIN_ENUM_VALUE"}
R_BPF_64_64 = 1
PTR, ARRAY, STRUCT, UNION, ENUM, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC_PROTO, VAR, DATASEC = (
    2, 3, 4, 5, 6, 8, 9, 10, 11, 13, 14, 15)
MODIFIERS = (TYPEDEF, VOLATILE, CONST, RESTRICT)


class Elf:
    def __init__(self, data):
        self.data = data
        (offset,) = struct.unpack_from("<Q", data, 0x28)
        size, count, names = struct.unpack_from("<HHH", data, 0x3A)
        headers = [struct.unpack_from("<IIQQQQIIQQ", data, offset + i * size) for i in range(count)]
        strings = self._bytes(headers[names])
        self.names = [strings[h[0]:strings.index(b"\0", h[0])].decode() for h in headers]
        self.headers = headers

    def _bytes(self, header):
        return self.data[header[4]:header[4] + header[5]]

    def section(self, name):
        return self._bytes(self.headers[self.names.index(name)])

    def symbols(self):
        """The names of all symbols, by index."""
        index = self.names.index(".symtab")
        table, strings = self._bytes(self.headers[index]), self._bytes(self.headers[self.headers[index][6]])
        starts = [name for name, *_ in struct.iter_unpack("<IBBHQQ", table)]
        return [strings[start:strings.index(b"\0", start)].decode() for start in starts]


class Btf:
    def __init__(self, data):
        header_size, types, types_size, self.strings = struct.unpack_from("<IIII", data, 4)
        self.data, self.strings = data, header_size + self.strings
        self.types = [None]
        at, end = header_size + types, header_size + types + types_size
        extra = {1: lambda n: 4, ARRAY: lambda n: 12, STRUCT: lambda n: 12 * n, UNION: lambda n: 12 * n,
                 ENUM: lambda n: 8 * n, FUNC_PROTO: lambda n: 8 * n, VAR: lambda n: 4, DATASEC: lambda n: 12 * n,
                 17: lambda n: 4, 19: lambda n: 12 * n}
        while at < end:
            name, info, size_or_type = struct.unpack_from("<III", data, at)
            kind, count = info >> 24 & 31, info & 0xFFFF
            self.types.append((kind, self.text(name), size_or_type, at + 12, count))
            at += 12 + extra.get(kind, lambda n: 0)(count)

    def text(self, offset):
        start = self.strings + offset
        return self.data[start:self.data.index(b"\0", start)].decode()

    def plain(self, index):
        while self.types[index][0] in MODIFIERS:
            index = self.types[index][2]
        return index

    def names(self, index, access):
        """(struct or enum, path) of the access string of a moved place."""
        index = self.plain(index)
        top, numbers = self.types[index][1].split("___")[0], [int(word) for word in access.split(":")]
        if self.types[index][0] == ENUM:
            return top, self.text(struct.unpack_from("<Ii", self.data, self.types[index][3] + 8 * numbers[0])[0])
        assert numbers[0] == 0, "a struct of an array of them"
        path = ""
        for number in numbers[1:]:
            kind, _, _, at, count = self.types[index]
            if kind == ARRAY:
                path += f"[{number}]"
                index = self.plain(struct.unpack_from("<I", self.data, at)[0])
                continue
            assert kind in (STRUCT, UNION) and number < count
            name, member, _ = struct.unpack_from("<III", self.data, at + 12 * number)
            path += ("." if path else "") + self.text(name)
            index = self.plain(member)
        return top, path


def moved_places(btf, ext, section):
    header_size, = struct.unpack_from("<I", ext, 4)
    offset, size = struct.unpack_from("<II", ext, 24)
    at, end = header_size + offset, header_size + offset + size
    (record_size,) = struct.unpack_from("<I", ext, at)
    at += 4
    while at < end:
        name, count = struct.unpack_from("<II", ext, at)
        at += 8
        for _ in range(count):
            insn, type_index, access, kind = struct.unpack_from("<IIII", ext, at)
            at += record_size
            assert btf.text(name) == section
            yield (insn // 8, KINDS[kind], *btf.names(type_index, btf.text(access)))


def main():
    path, section, name = sys.argv[1:]
    with open(path, "rb") as file:
        elf = Elf(file.read())
    code = [word for word, in struct.iter_unpack("<Q", elf.section(section))]
    symbols = elf.symbols()
    uses = []
    for offset, info in struct.iter_unpack("<QQ", elf.section(".rel" + section)):
        assert info & 0xFFFFFFFF == R_BPF_64_64
        uses.append((offset // 8, symbols[info >> 32]))
    maps = sorted({symbol for _, symbol in uses})
    print("enum {\n" + "".join(f"\t{name}_{each},\n" for each in maps) + f"\t{name}_maps\n}};")
    print(f"static const uint64_t {name}_insns[] = {{")
    for at in range(0, len(code), 5):
        print("\t" + " ".join(f"{word:#x}," for word in code[at:at + 5]))
    print(f"}};\nstatic const struct bpf_plain_use {name}_uses[] = {{")
    for insn, symbol in uses:
        print(f"\t{{ {insn}, {name}_{symbol} }},")
    print(f"}};\nstatic const struct bpf_plain_move {name}_moves[] = {{")
    places = list(moved_places(Btf(elf.section(".BTF")), elf.section(".BTF.ext"), section))
    for insn, kind, top, field in places:
        assert re.fullmatch(r"\w+", top) and re.fullmatch(r"[\w.\[\]]+", field)
        print(f'\t{{ {insn}, {kind}, "{top}", "{field}" }},')
    print("};")


if __name__ == "__main__":
    main()
