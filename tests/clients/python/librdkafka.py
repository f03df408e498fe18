"""What librdkafka's Python client sees of a broker, as one JSON object on the last line."""

import json
import sys

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

servers = sys.argv[1]
base = {"bootstrap.servers": servers}
admin = AdminClient(base)


def create(topic, partitions):
    for future in admin.create_topics([NewTopic(topic, partitions, 1)]).values():
        future.result(30)


def read(topic, partitions, group, isolation="read_committed"):
    """Reads to the end of each partition, commits, and says what came."""
    consumer = Consumer(
        {
            **base,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": isolation,
        }
    )
    consumer.subscribe([topic])
    values, ended = [], set()
    for _ in range(200_000):
        message = consumer.poll(30)
        if message is None:
            raise SystemExit(f"nothing from {topic} in 30 seconds")
        if message.error() is None:
            values.append(message.value().decode())
            continue
        if message.error().code() != KafkaError._PARTITION_EOF:
            raise SystemExit(str(message.error()))
        ended.add(message.partition())
        if len(ended) == partitions:
            break
    committed = consumer.commit(asynchronous=False) if values else []
    consumer.close()
    return values, {f"{p.partition}": p.offset for p in committed}


def plain():
    create("rd-plain", 3)
    failures = []
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        producer = Producer({**base, "enable.idempotence": True, "compression.type": codec, "linger.ms": 5})
        for i in range(10_000):
            producer.produce(
                "rd-plain",
                f"{codec}-{i}",
                partition=i % 3,
                on_delivery=lambda error, _: failures.append(str(error)) if error else None,
            )
            if i % 1000 == 0:
                producer.poll(0)
        producer.flush(60)
    values, committed = read("rd-plain", 3, "rd-readers")
    again, _ = read("rd-plain", 3, "rd-readers")
    return {
        "failures": failures,
        "read": len(values),
        "different": len(set(values)),
        "committed": committed,
        "again": len(again),
    }


def transactions():
    create("rd-tx", 2)
    create("rd-in", 1)
    producer = Producer({**base, "transactional.id": "rd-one"})
    producer.init_transactions(30)
    reader = Consumer({**base, "group.id": "rd-copy", "auto.offset.reset": "earliest"})
    for t in range(20):
        producer.begin_transaction()
        for i in range(100):
            producer.produce("rd-tx", f"{t}-{i}", partition=i % 2)
        producer.send_offsets_to_transaction(
            [TopicPartition("rd-in", 0, t)], reader.consumer_group_metadata(), 30
        )
        # what was not sent yet, an abort would drop
        producer.flush(30)
        if t % 2 == 0:
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
    values, _ = read("rd-tx", 2, "rd-committed")
    everything, _ = read("rd-tx", 2, "rd-everything", "read_uncommitted")
    offset = reader.committed([TopicPartition("rd-in", 0)], 30)[0].offset
    producer.begin_transaction()
    producer.produce("rd-tx", "never", partition=0)
    producer.flush(30)
    other = Producer({**base, "transactional.id": "rd-one"})
    other.init_transactions(30)
    fenced = False
    try:
        producer.produce("rd-tx", "fenced", partition=0)
        producer.commit_transaction(30)
    except Exception as error:
        fenced = error.args[0].code() == KafkaError._FENCED
    other.begin_transaction()
    other.produce("rd-tx", "last", partition=0)
    other.commit_transaction(30)
    final, _ = read("rd-tx", 2, "rd-final")
    reader.close()
    return {
        "committed": len(values),
        "aborted": sum(1 for v in values if int(v.split("-")[0]) % 2),
        "everything": len(everything),
        "offset": offset,
        "fenced": fenced,
        "final": len(final),
        "last": "last" in final and "never" not in final,
    }


def administration():
    create("rd-admin", 2)
    description = admin.list_topics("rd-admin", 30).topics["rd-admin"]
    groups = admin.list_consumer_groups(request_timeout=30).result(30)
    for future in admin.delete_topics(["rd-admin"]).values():
        future.result(30)
    return {
        "partitions": len(description.partitions),
        "groups": sorted(g.group_id for g in groups.valid),
        "left": "rd-admin" in admin.list_topics(timeout=30).topics,
    }


print(json.dumps({"plain": plain(), "transactions": transactions(), "administration": administration()}))
