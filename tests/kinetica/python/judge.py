"""Uses a database as Kinetica's own client does, and prints what came of it, as JSON, in the last line.

python judge.py URL MONITOR_PORT USER PASSWORD
"""

import json
import logging
import queue
import sys
import warnings

import zmq

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from gpudb import GPUdb, GPUdbTable, GPUdbTableMonitor  # noqa: E402

url, monitor_port, user, password = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]


def connect(**options):
    return GPUdb(host=url, username=user, password=password, **options)


def message_of(action):
    """What the client raises for an action; None where it raises nothing."""
    try:
        action()
        return None
    except Exception as error:
        return str(error)


def rows_of(table, **options):
    return [list(record.values()) for record in table.get_records(**options)]


db = connect()

COLUMNS = [
    ["id", "long", "primary_key"],
    ["shard", "int", "shard_key", "primary_key"],
    ["i8", "int", "int8"],
    ["i16", "int", "int16"],
    ["flag", "int", "boolean"],
    ["stamp", "long", "timestamp"],
    ["f", "float"],
    ["d", "double", "nullable"],
    ["s", "string", "text_search", "nullable"],
    ["c1", "string", "char1", "dict"],
    ["c256", "string", "char256"],
    ["price", "string", "decimal(10,2)"],
    ["plain_decimal", "string", "decimal"],
    ["day", "string", "date"],
    ["hour", "string", "time"],
    ["moment", "string", "datetime"],
    ["ip", "string", "ipv4"],
    ["uid", "string", "uuid"],
    ["u64", "string", "ulong"],
    ["doc", "string", "json"],
    ["raw", "bytes", "store_only", "nullable"],
]

FULL = [
    2**63 - 1, 1, -128, 32767, 1, 1577934245600, 0.5, 1e300, "söme text", "x", "y" * 256, "-12345678.90",
    "1.5", "2020-02-29", "23:59:59.999", "2020-01-02 03:04:05.600", "10.0.0.255",
    "f47ac10b-58cc-4372-a567-0e02b2c3d479", "18446744073709551615", "{\"a\":1}", b"\x00\xff",
]
SPARSE = [
    -(2**63), 2, 127, -32768, 0, 0, -1.25, None, None, "", "", "0.00", "0", "1000-01-01", "00:00:00.000",
    "1000-01-01 00:00:00.000", "0.0.0.0", "00000000-0000-0000-0000-000000000000", "0", "[]", None,
]


def connecting():
    return {
        "running": db.is_kinetica_running(db.get_url(stringified=False)),
        "version": str(db.server_version),
        "monitor_port": db.show_system_properties()["property_map"]["conf.set_monitor_port"],
        "wrong_password": message_of(lambda: GPUdb(host=url, username=user, password="wrong")),
    }


def types():
    db.create_schema("judged", {})
    table = GPUdbTable(COLUMNS, name="judged.types", db=db)
    table.insert_records([FULL, SPARSE])
    shown = db.show_table("judged.types", {"get_sizes": "true"})
    in_json = connect(encoding="JSON").get_records("judged.types", options={"sort_by": "shard"})
    return {
        "rows": [[value.hex() if isinstance(value, bytes) else value for value in row] for row in rows_of(table)],
        "in_json": [json.loads(text)["id"] for text in in_json["records_json"]],
        "properties": shown["properties"][0],
        "size": shown["sizes"][0],
    }


def keys():
    table = GPUdbTable(
        [["id", "int", "primary_key"], ["name", "string", "char16", "nullable"]], name="judged.keyed", db=db
    )
    table.insert_records([[1, "one"], [2, None]])
    collision = message_of(lambda: table.insert_records([[3, "three"], [1, "uno"]]))
    upserted = db.insert_records(
        "judged.keyed",
        [json.dumps({"id": 1, "name": "uno"}), json.dumps({"id": 3, "name": None})],
        list_encoding="json",
        options={"update_on_existing_pk": "true"},
    )
    bad = db.insert_records(
        "judged.keyed",
        [json.dumps({"id": 4}), json.dumps({"id": "x"}), json.dumps({"id": 5, "name": "seventeen letters"})],
        list_encoding="json",
        options={"return_individual_errors": "true", "allow_partial_batch": "true"},
    )
    return {
        "collision": collision,
        "upserted": [upserted["count_inserted"], upserted["count_updated"]],
        "bad": bad["info"],
        "rows": rows_of(table),
        "filtered": rows_of(table, options={"expression": "id > 1 and name is null", "sort_by": "id", "sort_order": "descending"}),
    }


def bulk():
    counts = {}
    for multihead in [False, True]:
        name = "judged.bulk_multihead" if multihead else "judged.bulk"
        table = GPUdbTable(
            [["id", "int"], ["name", "string", "char32"], ["raw", "bytes"]],
            name=name,
            db=db,
            use_multihead_io=multihead,
            multihead_ingest_batch_size=300,
        )
        records = [[n, "name %d" % n, bytes([n % 256])] for n in range(1000)]
        if multihead:
            for record in records:
                table.insert_records(record)
            table.flush_data_to_server()
        else:
            table.insert_records(records)
        pages = []
        offset = 0
        while True:
            page = db.get_records(name, offset=offset, limit=400, options={"sort_by": "id"})
            pages.append(len(page["records_binary"]))
            offset += 400
            if not page["has_more_records"]:
                break
        counts[name] = {"size": table.size(), "pages": pages}
    return counts


def altering():
    table = GPUdbTable([["id", "int", "primary_key"], ["name", "string", "char4"]], name="judged.altered", db=db)
    table.insert_records([[1, "one"]])
    db.alter_table_columns(
        "judged.altered",
        [
            {"action": "add_column", "column_name": "added", "column_type": "double", "column_properties": "nullable"},
            {"action": "change_column", "column_name": "name", "column_type": "string", "column_properties": "char8,nullable"},
        ],
        {},
    )
    altered = GPUdbTable(None, name="judged.altered", db=db)
    altered.insert_records([[2, None, 0.5]])
    return {"rows": rows_of(altered), "deleted": db.delete_records("judged.altered", ["id = 1"])["count_deleted"]}


def plain_json():
    rows = json.dumps([{"id": 1, "name": "one"}, {"id": 2, "name": None}])
    inserted = json.loads(db.insert_records_from_json(rows, "judged.plain"))
    got = json.loads(db.get_records_json("judged.plain", column_names=["name"], orderby_columns=["id desc"], limit=1))
    shown = db.show_schema("judged", {})["schema_tables"][0]
    db.clear_table("judged.plain", "", {})
    return {
        "inserted": inserted["data"]["count_inserted"],
        "got": got["data"],
        "shown": "plain" in shown,
        "left": db.has_table("judged.plain", {})["table_exists"],
    }


def errors():
    answers = {
        "missing_table": db.get_records("judged.missing", get_record_type=False),
        "property": db.create_type(
            '{"type":"record","name":"t","fields":[{"name":"a","type":"int"}]}', "", {"a": ["char8"]}, {}
        ),
        "expression": db.get_records("judged.keyed", options={"expression": "nix = 1"}, get_record_type=False),
        "sql": db.execute_sql("SELECT 1"),
    }
    return {what: answer.get_error_msg() for what, answer in answers.items()}


class Watcher(GPUdbTableMonitor.Client):
    """Puts what its monitors hear into a queue."""

    def __init__(self, table, heard):
        kinds = GPUdbTableMonitor.Callback.Type
        hear = lambda kind: lambda what: heard.put([kind, what])
        callbacks = [
            GPUdbTableMonitor.Callback(kinds.INSERT_DECODED, hear("insert"), hear("error"), insert_options()),
            GPUdbTableMonitor.Callback(kinds.UPDATED, hear("update"), hear("error")),
            GPUdbTableMonitor.Callback(kinds.DELETED, hear("delete"), hear("error")),
        ]
        options = GPUdbTableMonitor.Options({"monitor_port": monitor_port})
        super().__init__(db, table, callbacks, options=options)


def insert_options():
    options = GPUdbTableMonitor.Callback.InsertDecodedOptions
    return options(options.DecodeFailureMode.ABORT)


def watched_connect(connect):
    """The client asks for events of its connection after it has connected; on the same host it has by then, and would wait for ever."""

    def connect_watched(socket, address):
        if address.startswith("tcp:"):
            socket.get_monitor_socket(zmq.EVENT_CONNECTED | zmq.EVENT_CONNECT_RETRIED | zmq.EVENT_DISCONNECTED)
        return connect(socket, address)

    return connect_watched


def monitors():
    table = GPUdbTable([["id", "int", "primary_key"], ["name", "string", "nullable"]], name="judged.watched", db=db)
    heard = queue.Queue()
    connect = zmq.Socket.connect
    zmq.Socket.connect = watched_connect(connect)
    watcher = Watcher("judged.watched", heard)
    zmq.Socket.connect = connect
    watcher.start_monitor()
    print("monitoring", flush=True)
    sys.stdin.readline()
    table.insert_records([[1, "one"], [2, None]])
    table.insert_records([[1, "uno"]], options={"update_on_existing_pk": "true"})
    table.delete_records(["id = 2"])
    events = [heard.get(timeout=30) for _ in range(4)]
    watcher.stop_monitor()
    left = db.show_table_monitors([])["monitor_ids"]
    return {"events": sorted(events, key=lambda event: json.dumps(event)), "left": left}


parts = [connecting, types, keys, bulk, altering, plain_json, errors, monitors]
print(json.dumps({part.__name__: part() for part in parts}))
