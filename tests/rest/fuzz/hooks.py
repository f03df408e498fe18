"""Puts names, plugins and configs that exist among the random ones, so that requests get past the first check."""

import os
import zlib

import schemathesis

NAMES = ["src", "snk", "other", "a name + \u00fc"]
PLUGINS = ["FileStreamSource", "org.apache.kafka.connect.file.FileStreamSinkConnector"]
FILE = os.environ["ISTHMUS_FUZZ_FILE"]
CONFIGS = [
    {"connector.class": "FileStreamSource", "file": FILE, "topic": "fuzz"},
    {"connector.class": "FileStreamSink", "file": FILE + ".out", "topics": "fuzz"},
    {"connector.class": "FileStreamSink", "file": FILE + ".out", "topics.regex": "fu.*", "tasks.max": "2"},
    {"connector.class": "FileStreamSource", "file": FILE, "topic": "fuzz", "batch.size": "0"},
]
OFFSETS = [
    {"offsets": [{"partition": {"filename": FILE}, "offset": {"position": 1}}]},
    {"offsets": [{"partition": {"filename": FILE}, "offset": None}]},
    {"offsets": [{"partition": {"kafka_topic": "fuzz", "kafka_partition": 0}, "offset": {"kafka_offset": 2}}]},
]
# what a connector says about offsets that are none of its own, or the brokers about those of a topic that is not there, is
# answered with 500, by Java's workers too
NO_FAULT_OF_THE_WORKER = (
    "Offset objects should",
    "Partition objects",
    "The value for the 'position' key",
    "Offsets cannot be modified if the 'file' configuration is unspecified",
    "Failed to alter consumer group offsets for connector",
)


def number(value):
    """The same for the same value: a run can be repeated by its seed."""
    return zlib.crc32(repr(value).encode("utf-8", "surrogatepass"))


def pick(choices, value):
    return choices[number(value) // 4 % len(choices)]


def replaces(value):
    """Three of four."""
    return number(value) % 4 != 0


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if not path_parameters:
        return path_parameters
    for name, known in (("connector", NAMES), ("plugin", PLUGINS), ("task", [0])):
        value = path_parameters.get(name)
        if value is not None and replaces(value):
            path_parameters[name] = pick(known, value)
    return path_parameters


@schemathesis.hook
def map_body(context, body):
    if not replaces(body):
        return body
    path = context.operation.path
    config = pick(CONFIGS, body)
    if path == "/connectors":
        state = pick([{}, {"initial_state": "PAUSED"}, {"initial_state": "STOPPED"}], repr(body) + "state")
        return {"name": pick(NAMES, repr(body) + "name"), "config": config, **state}
    if path.endswith("/offsets"):
        return pick(OFFSETS, body)
    # of a config that is there, a random part stays
    if path.endswith("/config") or path.endswith("/validate"):
        return {**(body if isinstance(body, dict) else {}), **config}
    return body


@schemathesis.check
def no_server_error(context, response, case):
    if response.status_code >= 500 and not response.json()["message"].startswith(NO_FAULT_OF_THE_WORKER):
        raise AssertionError(f"{response.status_code}: {response.text}")
