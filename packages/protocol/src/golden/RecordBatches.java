import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.zip.CRC32;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.*;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.*;

/**
 * Kafka's own record batches, with what Kafka reads out of them.
 * One argument: the file to write. More: batch files of ours, to print what Kafka reads out of those, CRC checked.
 */
public class RecordBatches {
    static final long T = 1700000000000L;
    static final Header[] NONE = {};
    static final List<String> rows = new ArrayList<>();

    static byte[] utf8(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    static SimpleRecord record(long timestamp, String key, String value, Header... headers) {
        return new SimpleRecord(timestamp, utf8(key), utf8(value), headers);
    }

    static Header header(String key, String value) {
        return new RecordHeader(key, utf8(value));
    }

    static final SimpleRecord[] SMALL = {
        record(T, "key", "value"),
        record(T + 1, null, "no key"),
        record(T - 1000000, "tombstone", null),
        record(T + 100L * 365 * 86400000, "", "", header("a", "1"), header("a", null), header("", "empty key"), header("schlüssel", "wért")),
        record(T + 64, "κλειδί €", "𝄞 music and a longer text, so that its length takes two bytes in the variable-length coding"),
        record(T + 65, null, null, header("only", "headers")),
    };

    static SimpleRecord[] big() {
        SimpleRecord[] records = new SimpleRecord[70];
        for (int i = 0; i < records.length; i++)
            records[i] = record(T + i * 1000L, "k" + i, ("line " + i + " of the batch; ").repeat(100 + i * 3));
        return records;
    }

    static SimpleRecord incompressible() {
        byte[] value = new byte[1500];
        new Random(7).nextBytes(value);
        return new SimpleRecord(T, null, value, NONE);
    }

    static MemoryRecords batch(Compression compression, long offset, SimpleRecord... records) {
        boolean idempotent = offset > 0;
        return MemoryRecords.withRecords((byte) 2, offset, compression, TimestampType.CREATE_TIME, idempotent ? 7L : -1L,
            (short) (idempotent ? 3 : -1), idempotent ? 65 : -1, idempotent ? 9 : -1, false, records);
    }

    static MemoryRecords cleaned(Compression compression, boolean keepEven) {
        ByteBuffer target = ByteBuffer.allocate(4096);
        batch(compression, 100, SMALL).filterTo(new MemoryRecords.RecordFilter(0, 0) {
            @Override
            protected BatchRetentionResult checkBatchRetention(RecordBatch batch) {
                return new BatchRetentionResult(BatchRetention.RETAIN_EMPTY, false);
            }

            @Override
            protected boolean shouldRetainRecord(RecordBatch batch, Record record) {
                return keepEven && record.offset() % 2 == 0;
            }
        }, target, BufferSupplier.create());
        target.flip();
        return MemoryRecords.readableRecords(target);
    }

    static MemoryRecords marker(long offset, ControlRecordType type) {
        return MemoryRecords.withEndTransactionMarker(offset, T, 6, 4000L, (short) 2, new EndTransactionMarker(type, 15));
    }

    static MemoryRecords stamped() {
        MemoryRecordsBuilder builder =
            MemoryRecords.builder(ByteBuffer.allocate(1024), (byte) 2, Compression.NONE, TimestampType.LOG_APPEND_TIME, 10L, T + 77777);
        for (SimpleRecord record : SMALL) builder.append(record);
        return builder.build();
    }

    /** Text as it is, longer bytes by length and CRC-32. */
    static String json(byte[] bytes) {
        if (bytes == null) return "null";
        if (bytes.length > 200) {
            CRC32 crc = new CRC32();
            crc.update(bytes);
            return "{\"length\":" + bytes.length + ",\"crc32\":" + crc.getValue() + "}";
        }
        StringBuilder out = new StringBuilder("\"");
        for (char c : new String(bytes, StandardCharsets.UTF_8).toCharArray()) {
            if (c < 32) out.append(String.format("\\u%04x", (int) c));
            else out.append(c == '"' || c == '\\' ? "\\" : "").append(c);
        }
        return out.append('"').toString();
    }

    static String json(ByteBuffer bytes) {
        return json(bytes == null ? null : Utils.toArray(bytes));
    }

    static String records(RecordBatch batch) {
        StringJoiner records = new StringJoiner(",", "[", "]");
        try (CloseableIterator<Record> iterator = batch.streamingIterator(BufferSupplier.create())) {
            while (iterator.hasNext()) {
                Record record = iterator.next();
                StringJoiner headers = new StringJoiner(",", "[", "]");
                for (Header header : record.headers()) headers.add("[" + json(utf8(header.key())) + "," + json(header.value()) + "]");
                records.add("[" + record.offset() + "," + record.timestamp() + "," + json(record.key()) + "," + json(record.value())
                    + "," + headers + "]");
            }
        }
        return records.toString();
    }

    static String facts(RecordBatch b) {
        return "{\"baseOffset\":" + b.baseOffset() + ",\"lastOffset\":" + b.lastOffset() + ",\"leaderEpoch\":" + b.partitionLeaderEpoch()
            + ",\"compression\":\"" + b.compressionType().name + "\",\"timestampType\":\"" + b.timestampType().name
            + "\",\"transactional\":" + b.isTransactional() + ",\"control\":" + b.isControlBatch() + ",\"maxTimestamp\":" + b.maxTimestamp()
            + ",\"producerId\":" + b.producerId() + ",\"producerEpoch\":" + b.producerEpoch() + ",\"baseSequence\":" + b.baseSequence()
            + ",\"count\":" + b.countOrNull() + "}";
    }

    static void add(String name, MemoryRecords records) {
        String facts = "null", read = "null";
        RecordBatch first = records.batches().iterator().next();
        if (first.magic() == 2) {
            facts = facts(first);
            read = records(first);
        }
        rows.add("{\"name\":\"" + name + "\",\"bytes\":\"" + Base64.getEncoder().encodeToString(Utils.toArray(records.buffer().duplicate()))
            + "\",\"batch\":" + facts + ",\"records\":" + read + "}");
    }

    public static void main(String[] args) throws Exception {
        for (String file : Arrays.asList(args).subList(1, args.length))
            for (MutableRecordBatch batch : MemoryRecords.readableRecords(ByteBuffer.wrap(Files.readAllBytes(Path.of(file)))).batches()) {
                batch.ensureValid();
                System.out.println("{\"file\":\"" + Path.of(file).getFileName() + "\",\"batch\":" + facts(batch) + ",\"records\":" + records(batch) + "}");
            }
        if (args.length > 1) return;

        add("small none", batch(Compression.NONE, 0, SMALL));
        for (Compression codec : List.of(Compression.gzip().build(), Compression.snappy().build(), Compression.lz4().build(), Compression.zstd().build())) {
            add("small " + codec.type().name, batch(codec, 0, SMALL));
            add("big " + codec.type().name, batch(codec, 1000, big()));
            add("incompressible " + codec.type().name, batch(codec, 0, incompressible()));
        }
        add("idempotent", MemoryRecords.withIdempotentRecords(Compression.NONE, 123456789012L, (short) 5, 2147483640, SMALL));
        add("transactional", MemoryRecords.withTransactionalRecords(5000000000L, Compression.NONE, 4000L, (short) 32767, 0, 12, SMALL));
        add("log append time", stamped());
        add("commit marker", marker(42, ControlRecordType.COMMIT));
        add("abort marker", marker(43, ControlRecordType.ABORT));
        add("compacted none", cleaned(Compression.NONE, true));
        add("compacted gzip", cleaned(Compression.gzip().build(), true));
        add("emptied", cleaned(Compression.gzip().build(), false));
        for (byte magic : new byte[] {1, 0}) add("magic " + magic, MemoryRecords.withRecords(magic, 5L, Compression.NONE, record(T, "key", "value")));
        Files.writeString(Path.of(args[0]), "[\n" + String.join(",\n", rows) + "\n]\n");
    }
}
