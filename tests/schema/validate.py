#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""validate.py SCHEMA: each line of standard input is a tick, a verdict or a report of it.

The schema lets readers meet fields of later versions. Here it is taken
strictly: a field it does not describe is a fault, so that no field is added
without a word about what it means.

Exit status: 0 all is well, 3 something is not as the schema says, 1 no JSON.
"""
import json
import sys

import jsonschema


def strict(node):
    if isinstance(node, dict):
        if "properties" in node:
            node["additionalProperties"] = False
        for child in node.values():
            strict(child)
    elif isinstance(node, list):
        for child in node:
            strict(child)


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def refuse_twice(pairs):
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} stands twice in an object")
    return dict(pairs)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    strict(schema)
    lines = faults = 0
    for line in sys.stdin.buffer:
        lines += 1
        value = json.loads(line.decode("utf-8"), parse_constant=refuse_constant, object_pairs_hook=refuse_twice)
        kind = "tick" if "schema" in value else "report" if "trigger" in value else "verdict"
        part = {"$ref": "#/definitions/" + kind, "definitions": schema["definitions"]}
        for error in jsonschema.Draft7Validator(part).iter_errors(value):
            faults += 1
            print(f"# line {lines}, {kind}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}")
    if lines == 0:
        sys.exit("nothing to read")
    sys.exit(3 if faults > 0 else 0)


main()
