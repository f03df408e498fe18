import java.time.Duration;
import java.util.*;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.*;

/** Transactions over two topics and a group's offsets, every third aborted; prints what is left of them, one `name: value` a line. */
public class Transfers {
    static final int RECORDS = 20;
    static String servers;

    public static void main(String[] args) throws Exception {
        servers = args[0];
        int transactions = Integer.parseInt(args[1]);
        List<String> topics = List.of("left", "right");
        TopicPartition source = new TopicPartition("source", 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.createTopics(Stream.of("left", "right", "source").map(t -> new NewTopic(t, 1, (short) 1)).toList()).all().get();
            List<String> expected = new ArrayList<>();
            var producer = producer();
            producer.initTransactions();
            for (int t = 0; t < transactions; t++) {
                boolean commit = t % 3 != 2;
                producer.beginTransaction();
                for (int i = 0; i < RECORDS; i++) {
                    for (String topic : topics) producer.send(new ProducerRecord<>(topic, 0, null, t + "-" + i));
                    if (i == RECORDS / 2) producer.flush();
                    if (commit) expected.add(t + "-" + i);
                }
                producer.flush();
                producer.sendOffsetsToTransaction(Map.of(source, new OffsetAndMetadata(t + 1)), new ConsumerGroupMetadata("transfers"));
                System.out.println("open " + t);
                if (commit) producer.commitTransaction();
                else producer.abortTransaction();
            }
            for (String topic : topics) System.out.println(topic + ": " + read(topic, "read_committed").equals(expected));
            System.out.println("written: " + read("left", "read_uncommitted").size());
            var offset = admin.listConsumerGroupOffsets("transfers").partitionsToOffsetAndMetadata().get().get(source);
            System.out.println("offset: " + offset.offset());

            producer.beginTransaction();
            producer.send(new ProducerRecord<>("left", 0, null, "never")).get();
            var successor = producer();
            successor.initTransactions();
            System.out.println("fenced: " + fencingOf(producer));
            successor.beginTransaction();
            successor.send(new ProducerRecord<>("left", 0, null, "last")).get();
            successor.commitTransaction();
            expected.add("last");
            System.out.println("after fencing: " + read("left", "read_committed").equals(expected));
            successor.close();
        }
    }

    static String fencingOf(Producer<String, String> producer) {
        try {
            producer.commitTransaction();
            return "not at all";
        } catch (ProducerFencedException | InvalidProducerEpochException e) {
            return e.getClass().getSimpleName();
        } finally {
            producer.close(Duration.ZERO);
        }
    }

    static Producer<String, String> producer() {
        Map<String, Object> props = Map.of(
            "bootstrap.servers", servers, "transactional.id", "transfers", "linger.ms", 1, "max.block.ms", 120000,
            "delivery.timeout.ms", 120000, "reconnect.backoff.max.ms", 200);
        return new KafkaProducer<>(props, new StringSerializer(), new StringSerializer());
    }

    static List<String> read(String topic, String isolation) {
        Map<String, Object> props = Map.of("bootstrap.servers", servers, "isolation.level", isolation);
        try (var consumer = new KafkaConsumer<>(props, new StringDeserializer(), new StringDeserializer())) {
            var partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<String> values = new ArrayList<>();
            for (long stop = System.currentTimeMillis() + 60000; consumer.position(partition) < end; ) {
                if (System.currentTimeMillis() > stop) throw new IllegalStateException(topic + " does not end");
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
            return values;
        }
    }
}
