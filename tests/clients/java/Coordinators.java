import java.time.Duration;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.*;

/** Uses groups and transactions as applications do, and prints what it sees, one `name: value` a line. */
public class Coordinators {
    static String servers;
    static String prefix;
    static Admin admin;

    public static void main(String[] args) throws Exception {
        servers = args[0];
        prefix = args[1];
        try (Admin opened = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin = opened;
            switch (args[2]) {
                case "transactions" -> transactions();
                case "groups" -> groups();
                case "interrupted" -> interrupted();
                default -> throw new IllegalArgumentException(args[2]);
            }
        }
    }

    static void transactions() throws Exception {
        String topic = create("tx", 3);
        String input = create("in", 1);
        TopicPartition from = new TopicPartition(input, 0);
        try (var plain = producer(null)) {
            for (int i = 0; i < 10; i++) plain.send(new ProducerRecord<>(input, "v" + i)).get();
        }
        var first = producer("one");
        first.initTransactions();
        for (int t = 0; t < 10; t++) {
            first.beginTransaction();
            for (int i = 0; i < 30; i++) first.send(new ProducerRecord<>(topic, i % 3, "k", (t % 2 == 0 ? "yes" : "no") + t));
            first.flush();
            if (t % 2 == 0) first.commitTransaction();
            else first.abortTransaction();
        }
        say("committed", read(topic, "read_committed").stream().filter(v -> v.startsWith("yes")).count());
        say("aborted but read", read(topic, "read_committed").stream().filter(v -> v.startsWith("no")).count());
        say("written", read(topic, "read_uncommitted").size());
        first.beginTransaction();
        first.commitTransaction();
        first.beginTransaction();
        first.abortTransaction();

        try (var consumer = consumer(prefix + "-g", Map.of())) {
            consumer.subscribe(List.of(input));
            int seen = 0;
            for (long end = deadline(); seen < 10 && before(end); ) seen += consumer.poll(Duration.ofMillis(100)).count();
            say("consumed", seen);
            first.beginTransaction();
            first.sendOffsetsToTransaction(Map.of(from, new OffsetAndMetadata(4)), consumer.groupMetadata());
            first.abortTransaction();
            say("aborted offset", consumer.committed(Set.of(from)).get(from));
            first.beginTransaction();
            first.sendOffsetsToTransaction(Map.of(from, new OffsetAndMetadata(5, "five")), consumer.groupMetadata());
            first.commitTransaction();
            say("committed offset", consumer.committed(Set.of(from)).get(from).offset());
        }
        first.beginTransaction();
        first.send(new ProducerRecord<>(topic, 0, "k", "no, fenced")).get();
        say("described", admin.describeTransactions(List.of(prefix + "-one")).description(prefix + "-one").get().state());
        try (var second = producer("one")) {
            second.initTransactions();
            say("fenced", failure(first::commitTransaction));
            second.beginTransaction();
            second.send(new ProducerRecord<>(topic, 0, "k", "yes, second")).get();
            second.commitTransaction();
        }
        first.close(Duration.ZERO);
        say("in the end", read(topic, "read_committed").size());
        admin.fenceProducers(List.of(prefix + "-one")).all().get();
    }

    static void groups() throws Exception {
        String topic = create("g", 4);
        String group = prefix + "-group";
        try (var plain = producer(null)) {
            for (int i = 0; i < 400; i++) plain.send(new ProducerRecord<>(topic, i % 4, "k", "v" + i));
        }
        var settings = Map.of("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
        try (var one = new Member(group, topic, settings, "1"); var two = new Member(group, topic, settings, "2")) {
            until(() -> one.assigned == 2 && two.assigned == 2);
            say("shared", one.assigned + "+" + two.assigned);
            var described = admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get();
            say("state", described.groupState());
            say("members", described.members().size());
            try (var plain = producer(null)) {
                for (int i = 400; i < 800; i++) plain.send(new ProducerRecord<>(topic, i % 4, "k", "v" + i));
            }
            until(() -> Member.seen.size() == 800);
            say("seen", Member.seen.size());
        }
        until(() -> state(group) == GroupState.EMPTY);
        say("left", state(group));
        var offsets = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        say("offsets", offsets.values().stream().mapToLong(OffsetAndMetadata::offset).sum());

        // a static member that restarts takes its partitions back, unknown to the other
        var left = new Member(group, topic, Map.of("group.instance.id", "a"), "3");
        try (var other = new Member(group, topic, Map.of("group.instance.id", "b"), "4")) {
            until(() -> left.assigned == 2 && other.assigned == 2);
            int rebalances = other.rebalances;
            left.close();
            try (var back = new Member(group, topic, Map.of("group.instance.id", "a"), "5")) {
                until(() -> back.assigned == 2);
                say("static", back.assigned + "+" + other.assigned + " after " + (other.rebalances - rebalances) + " rebalances");
            }
        }
        // static members do not leave by closing
        say("still there", admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get().members().size());
        admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions(
            List.of(new MemberToRemove("a"), new MemberToRemove("b")))).all().get();
        say("removed", state(group));
        TopicPartition partition = new TopicPartition(topic, 0);
        admin.alterConsumerGroupOffsets(group, Map.of(partition, new OffsetAndMetadata(7, "seven"))).all().get();
        say("altered", admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(partition).metadata());
        admin.deleteConsumerGroupOffsets(group, Set.of(partition)).all().get();
        say("deleted offset", admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(partition));
        admin.deleteConsumerGroups(List.of(group)).all().get();
        say("listed", admin.listGroups().all().get().stream().filter(g -> g.groupId().equals(group)).count());
    }

    /** Begins a transaction, waits for a line on its input, and commits it. */
    static void interrupted() throws Exception {
        String topic = create("tx", 1);
        TopicPartition partition = new TopicPartition(topic, 0);
        try (var producer = producer("one"); var outsider = consumer(prefix + "-g", Map.of())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "k", "before")).get();
            producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(1)), outsider.groupMetadata());
            say("open", read(topic, "read_committed").size());
            System.in.read();
            say("still open", read(topic, "read_committed").size());
            producer.send(new ProducerRecord<>(topic, "k", "after")).get();
            producer.commitTransaction();
            say("committed", read(topic, "read_committed"));
            say("offset", admin.listConsumerGroupOffsets(prefix + "-g").partitionsToOffsetAndMetadata().get().get(partition).offset());
        }
    }

    /** A consumer in a thread of its own that commits whatever it has seen. */
    static class Member implements AutoCloseable {
        static final Set<String> seen = ConcurrentHashMap.newKeySet();
        volatile int assigned = 0;
        volatile int rebalances = 0;
        private volatile boolean closing = false;
        private final Thread thread;

        Member(String group, String topic, Map<String, String> settings, String name) {
            thread = new Thread(() -> {
                try (var consumer = consumer(group, settings)) {
                    consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
                        public void onPartitionsRevoked(Collection<TopicPartition> gone) {}
                        public void onPartitionsAssigned(Collection<TopicPartition> come) { rebalances++; }
                    });
                    while (!closing) {
                        for (var record : consumer.poll(Duration.ofMillis(50))) seen.add(record.value());
                        try {
                            consumer.commitSync();
                        } catch (RebalanceInProgressException error) {
                            // the next round commits
                        }
                        assigned = consumer.assignment().size();
                    }
                } catch (RuntimeException error) {
                    say("member " + name, error);
                }
            });
            thread.start();
        }

        public void close() throws InterruptedException {
            closing = true;
            thread.join();
        }
    }

    static String create(String name, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(prefix + "-" + name, partitions, (short) 1))).all().get();
        return prefix + "-" + name;
    }

    static KafkaProducer<String, String> producer(String transactionalId) {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", servers));
        if (transactionalId != null) settings.put("transactional.id", prefix + "-" + transactionalId);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    static KafkaConsumer<String, String> consumer(String group, Map<String, String> more) {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", servers, "auto.offset.reset", "earliest",
            "enable.auto.commit", "false", "heartbeat.interval.ms", "200", "session.timeout.ms", "20000"));
        if (group != null) settings.put("group.id", group);
        settings.putAll(more);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    static List<String> read(String topic, String isolation) {
        List<String> values = new ArrayList<>();
        try (var consumer = consumer(null, Map.of("isolation.level", isolation))) {
            var partitions = consumer.partitionsFor(topic).stream().map(p -> new TopicPartition(topic, p.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            for (long end = deadline(); before(end) && partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p)); )
                for (var record : consumer.poll(Duration.ofMillis(50))) values.add(record.value());
        }
        return values;
    }

    static GroupState state(String group) throws Exception {
        return admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get().groupState();
    }

    interface Condition { boolean holds() throws Exception; }

    static void until(Condition condition) throws Exception {
        for (long end = deadline(); !condition.holds() && before(end); ) Thread.sleep(20);
    }

    static long deadline() { return System.nanoTime() + 20_000_000_000L; }
    static boolean before(long end) { return System.nanoTime() < end; }

    static String failure(Runnable action) {
        try {
            action.run();
            return "none";
        } catch (RuntimeException error) {
            return error.getClass().getSimpleName();
        }
    }

    static synchronized void say(String name, Object value) {
        System.out.println(name + ": " + value);
    }
}
