// Makes assignments.json: java -cp "<Kafka 4.3.1>/libs/*" Assignments.java > assignments.json (then drop log lines)
import java.nio.ByteBuffer;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.*;
import org.apache.kafka.clients.consumer.internals.*;
import org.apache.kafka.common.*;

public class Assignments {
  record M(String id, String instance, List<String> topics, List<TopicPartition> owned, int generation) {}
  static String hex(ByteBuffer b) { byte[] x = new byte[b.remaining()]; b.duplicate().get(x); return HexFormat.of().formatHex(x); }
  static String list(Collection<TopicPartition> l) { StringJoiner j = new StringJoiner(",", "[", "]"); for (var p : l) j.add("\"" + p.topic() + "-" + p.partition() + "\""); return j.toString(); }
  static List<TopicPartition> tps(String s) { List<TopicPartition> r = new ArrayList<>(); if (s.isEmpty()) return r; for (String x : s.split(" ")) { int i = x.lastIndexOf('-'); r.add(new TopicPartition(x.substring(0, i), Integer.parseInt(x.substring(i + 1)))); } return r; }
  static M m(String id, String instance, String topics, String owned, int generation) { return new M(id, instance, List.of(topics.split(" ")), tps(owned), generation); }

  public static void main(String[] a) {
    Map<String, List<M>> cases = new LinkedHashMap<>();
    cases.put("one topic, three new members", List.of(m("c", null, "t", "", -1), m("a", null, "t", "", -1), m("b", null, "t", "", -1)));
    cases.put("two topics, two members", List.of(m("a", null, "t u", "", -1), m("b", null, "t u", "", -1)));
    cases.put("static members come first, by instance", List.of(m("a", null, "t u", "", -1), m("z", "i1", "t u", "", -1), m("y", "i2", "t u", "", -1)));
    cases.put("different subscriptions", List.of(m("a", null, "t", "", -1), m("b", null, "t u", "", -1), m("c", null, "u", "", -1)));
    cases.put("a third member joins two that own all", List.of(m("a", null, "t u", "t-0 t-1 t-2 t-3 t-4", 5), m("b", null, "t u", "t-5 t-6 u-0 u-1 u-2", 5), m("c", null, "t u", "", -1)));
    cases.put("a member left", List.of(m("a", null, "t u", "t-0 t-1 t-2", 7), m("c", null, "t u", "t-5 t-6 u-2", 7)));
    cases.put("more members than partitions", List.of(m("a", null, "u", "u-0 u-1 u-2", 1), m("b", null, "u", "", -1), m("c", null, "u", "", -1), m("d", null, "u", "", -1), m("e", null, "u", "", -1)));
    cases.put("balanced already", List.of(m("a", null, "t u", "t-0 t-1 t-2 t-3 u-0", 3), m("b", null, "t u", "t-4 t-5 t-6 u-1 u-2", 3)));
    cases.put("both claim a partition, one in an older generation", List.of(m("a", null, "t", "t-0 t-1 t-2 t-3", 3), m("b", null, "t", "t-3 t-4 t-5 t-6", 4)));
    cases.put("both claim a partition in the same generation", List.of(m("a", null, "t", "t-0 t-1 t-2 t-3", 4), m("b", null, "t", "t-3 t-4 t-5 t-6", 4)));
    cases.put("a topic that does not exist", List.of(m("a", null, "t missing", "", -1), m("b", null, "t missing", "", -1)));
    cases.put("a topic grew", List.of(m("a", null, "t", "t-0 t-1", 2), m("b", null, "t", "t-2 t-3", 2)));

    Map<String, Integer> counts = new TreeMap<>(Map.of("t", 7, "u", 3));
    List<PartitionInfo> infos = new ArrayList<>();
    Node node = new Node(0, "h", 1);
    counts.forEach((t, n) -> { for (int i = 0; i < n; i++) infos.add(new PartitionInfo(t, i, node, new Node[]{node}, new Node[]{node})); });
    Cluster cluster = new Cluster("c", List.of(node), infos, Set.of(), Set.of());
    StringJoiner out = new StringJoiner(",\n", "{\"counts\":{\"t\":7,\"u\":3},\n\"cases\":[\n", "\n]}");
    for (var e : cases.entrySet()) {
      StringJoiner members = new StringJoiner(",", "[", "]");
      for (M m : e.getValue()) {
        Subscription s = new Subscription(m.topics, null, m.owned, m.generation, Optional.empty());
        members.add("{\"id\":\"" + m.id + "\",\"instance\":" + (m.instance == null ? "null" : "\"" + m.instance + "\"") + ",\"topics\":[\"" + String.join("\",\"", m.topics) + "\"],\"owned\":" + list(m.owned) + ",\"generation\":" + m.generation + ",\"subscription\":\"" + hex(ConsumerProtocol.serializeSubscription(s)) + "\"}");
      }
      StringJoiner results = new StringJoiner(",", "{", "}");
      for (ConsumerPartitionAssignor assignor : List.of(new RangeAssignor(), new RoundRobinAssignor(), new StickyAssignor(), new CooperativeStickyAssignor())) {
        Map<String, Subscription> subs = new TreeMap<>();
        for (M m : e.getValue()) {
          ByteBuffer data = null;
          List<TopicPartition> owned = m.owned;
          if (assignor instanceof StickyAssignor) {
            StickyAssignor mine = new StickyAssignor();
            mine.onAssignment(new Assignment(m.owned), new ConsumerGroupMetadata("g", m.generation, m.id, Optional.ofNullable(m.instance)));
            data = m.generation < 0 ? null : mine.subscriptionUserData(new HashSet<>(m.topics));
            owned = List.of();
          }
          Subscription s = new Subscription(m.topics, data, owned, assignor instanceof StickyAssignor ? -1 : m.generation, Optional.empty());
          s.setGroupInstanceId(Optional.ofNullable(m.instance));
          subs.put(m.id, s);
          if (assignor instanceof StickyAssignor && data != null) results.add("\"stickyData:" + m.id + "\":\"" + hex(data) + "\"");
        }
        Map<String, Assignment> assigned = assignor.assign(cluster, new GroupSubscription(subs)).groupAssignment();
        StringJoiner shares = new StringJoiner(",", "{", "}");
        for (var x : new TreeMap<>(assigned).entrySet()) shares.add("\"" + x.getKey() + "\":" + list(x.getValue().partitions()));
        results.add("\"" + assignor.name() + "\":" + shares);
      }
      out.add("{\"name\":\"" + e.getKey() + "\",\"members\":" + members + ",\"results\":" + results + "}");
    }
    System.out.println(out);
    System.err.println(hex(ConsumerProtocol.serializeAssignment(new Assignment(tps("t-0 t-5 u-2"), null))));
  }
}
