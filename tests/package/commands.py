"""The AWS CLI commands of a text, held against the service models from which the AWS CLI itself makes its commands and options."""

import json
import re
import shlex

import botocore.exceptions
import botocore.session
import jmespath
from botocore import xform_name

SESSION = botocore.session.Session()
GLOBAL = {"query", "output", "region", "profile"}
# What the AWS CLI adds to every operation that it reads page by page.
PAGED = {"max-items", "page-size", "starting-token"}
FORMATS = {"json", "text", "table", "yaml"}


def commands(code):
    """Every `aws` command in a piece of code, as its words; and whether another command's output completes it."""
    for line in code.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|;&<>")
        lexer.whitespace_split = True
        words, piped = [], False
        for word in [*lexer, "|"]:
            if word in ("|", ";", "&&"):
                if "aws" in words:
                    start = words.index("aws")
                    yield words[start + 1 :], words[:start] == ["xargs"]
                words, piped = [], True
            else:
                words.append(word)


def faults(words, completed):
    """What the AWS CLI would not understand of a command."""
    if len(words) < 2:
        return ["a service and an operation are needed"]
    service, operation, *rest = words
    if service not in SESSION.get_available_services():
        return [f"there is no service `{service}`"]
    model = SESSION.get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        return [f"`{service}` has no operation `{operation}`"]
    operation_model = model.operation_model(names[operation])
    given, found = options(rest)
    members = operation_model.input_shape.members if operation_model.input_shape else {}
    known = {xform_name(name, "-"): (name, shape) for name, shape in members.items()}
    for option, values in given.items():
        if option in GLOBAL:
            found += global_faults(option, values, operation_model.output_shape)
        elif option in PAGED and is_paged(service, names[operation]):
            found += [f"`--{option}` takes one value"] if len(values) != 1 else []
        elif option in known:
            found += value_faults(option, values, known[option][1], completed)
        else:
            found.append(f"`{operation}` has no option `--{option}`")
    required = operation_model.input_shape.required_members if operation_model.input_shape else []
    missing = [name for name in required if xform_name(name, "-") not in given]
    return found + [f"`{operation}` needs `--{xform_name(name, '-')}`" for name in missing]


def is_paged(service, operation):
    try:
        SESSION.get_component("data_loader").load_service_model(service, "paginators-1")["pagination"][operation]
    except (KeyError, botocore.exceptions.UnknownServiceError, botocore.exceptions.DataNotFoundError):
        return False
    return True


def options(words):
    """Options with their values, and what stands where an option should."""
    given, stray, values = {}, [], None
    for word in words:
        if word.startswith("--"):
            values = given.setdefault(word.removeprefix("--"), [])
        elif values is None:
            stray.append(f"`{word}` is not an option")
        else:
            values.append(word)
    return given, stray


def global_faults(option, values, output):
    if len(values) != 1:
        return [f"`--{option}` takes one value"]
    if option == "output" and values[0] not in FORMATS:
        return [f"`{values[0]}` is not an output format"]
    return query_faults(values[0], output) if option == "query" else []


def query_faults(query, output):
    """A query that names a field that the reply never has selects nothing, silently."""
    selected = jmespath.compile(query).search(example(output))
    leaves = json.dumps(selected, default=str)
    return [f"`{query}` selects what is not there"] if selected in (None, [], {}) or re.search(r"null|\[\]", leaves) else []


def example(shape, depth=0):
    """A reply of this shape in which everything is there once."""
    if shape is None or depth > 8:
        return "x"
    if shape.type_name == "structure":
        return {name: example(member, depth + 1) for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [example(shape.member, depth + 1)]
    return {"key": example(shape.value, depth + 1)} if shape.type_name == "map" else "x"


def value_faults(option, values, shape, completed):
    if shape.type_name == "boolean":
        return [f"`--{option}` takes no value"] if values else []
    if not values:
        return [] if completed else [f"`--{option}` has no value"]
    found = []
    if shape.type_name != "list" and len(values) > 1:
        found.append(f"`--{option}` takes one value")
    return found + [fault for value in values for fault in one_value(option, value, shape)]


def one_value(option, value, shape):
    item = shape.member if shape.type_name == "list" else shape
    allowed = getattr(item, "enum", None)
    if allowed and value not in allowed:
        return [f"`--{option}` does not take `{value}`"]
    if item.type_name != "structure":
        return []
    fields = json.loads(value) if value.startswith("{") else shorthand(value)
    return [f"`--{option}` has no `{name}`" for name in fields if name not in item.members]


def shorthand(value):
    """The names in `Name=x,Values=a,b`."""
    return [part.split("=")[0] for part in value.split(",") if "=" in part]
