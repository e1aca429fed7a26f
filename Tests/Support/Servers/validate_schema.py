# SPDX-License-Identifier: Apache-2.0
"""Judges events and documents for the tests, independently of the Swift code.

validate_schema.py validate   reads [{"schema": PATH, "instance": ANY}, ...] on standard input and
                              writes a list of error lists, one for each, in their order.
validate_schema.py document FILE.yaml
                              writes {"document": ANY, "unresolved": [REFERENCE, ...]}.
"""
import json
import os
import sys

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file) if path.endswith(".yaml") else json.load(file)


def retrieve(uri):
    return Resource.from_contents(load(uri.removeprefix("file://")))


def validate(requests):
    registry = Registry(retrieve=retrieve)
    checker = Draft202012Validator.FORMAT_CHECKER
    missing = {"date-time", "uri-reference"} - set(checker.checkers)
    if missing:
        sys.exit(f"jsonschema cannot check {missing}: install jsonschema[format]")
    validators = {}
    for request in requests:
        path = os.path.realpath(request["schema"])
        if path not in validators:
            Draft202012Validator.check_schema(load(path))
            schema = {"$ref": f"file://{path}"}
            validators[path] = Draft202012Validator(
                schema, registry=registry, format_checker=checker
            )
        errors = validators[path].iter_errors(request["instance"])
        yield [f"{error.json_path}: {error.message}" for error in errors]


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = value.values()
    elif not isinstance(value, list):
        return
    for item in value:
        yield from references(item)


def resolves(reference, document, folder):
    path, _, pointer = reference.partition("#")
    try:
        value = load(os.path.join(folder, path)) if path else document
        for part in pointer.split("/")[1:]:
            part = part.replace("~1", "/").replace("~0", "~")
            value = value[int(part)] if isinstance(value, list) else value[part]
    except (OSError, KeyError, IndexError, ValueError, TypeError):
        return False
    return True


def main():
    if sys.argv[1] == "validate":
        json.dump(list(validate(json.load(sys.stdin))), sys.stdout)
    else:
        document = load(sys.argv[2])
        folder = os.path.dirname(sys.argv[2])
        unresolved = [r for r in references(document) if not resolves(r, document, folder)]
        json.dump({"document": document, "unresolved": unresolved}, sys.stdout)


main()
