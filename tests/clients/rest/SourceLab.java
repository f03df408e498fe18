import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.sourcelab.kafka.connect.apiclient.Configuration;
import org.sourcelab.kafka.connect.apiclient.KafkaConnectClient;
import org.sourcelab.kafka.connect.apiclient.request.dto.ConnectorPluginConfigDefinition;
import org.sourcelab.kafka.connect.apiclient.request.dto.NewConnectorDefinition;
import org.sourcelab.kafka.connect.apiclient.request.post.PostConnectorRestart;
import org.sourcelab.kafka.connect.apiclient.rest.exceptions.InvalidRequestException;
import org.sourcelab.kafka.connect.apiclient.rest.exceptions.ResourceNotFoundException;

/** Arguments: URL, user, password, folder. Calls every method of the client and prints each result as a line of JSON. */
public class SourceLab {
    private static final ObjectMapper JSON = new ObjectMapper()
        .setVisibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.NONE)
        .setVisibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
        .configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true);
    private static final Set<String> called = new TreeSet<>();
    private static KafkaConnectClient client;

    public static void main(String[] args) throws Exception {
        String dir = args[3];
        client = new KafkaConnectClient(new Configuration(args[0]).useBasicAuth(args[1], args[2]));
        Map<String, String> source = Map.of(
            "connector.class", "FileStreamSource", "file", dir + "/in.txt", "topic", "lines");
        Map<String, String> changed = new HashMap<>(source);
        changed.put("batch.size", "7");
        NewConnectorDefinition definition = new NewConnectorDefinition("a source+1", source);

        call("getConnectServerVersion", () -> client.getConnectServerVersion());
        call("getConnectors", () -> client.getConnectors());
        call("getConnectorPlugins", () -> client.getConnectorPlugins());
        call("validateConnectorPluginConfig", () -> client.validateConnectorPluginConfig(
            new ConnectorPluginConfigDefinition("FileStreamSource", withName(source))));
        call("validateConnectorPluginConfig", () -> client.validateConnectorPluginConfig(
            new ConnectorPluginConfigDefinition("FileStreamSource", Map.of("connector.class", "FileStreamSource"))));
        call("addConnector", () -> client.addConnector(definition));
        settle("RUNNING", 1);
        call("addConnector", () -> client.addConnector(definition));
        call("addConnector", () -> client.addConnector(new NewConnectorDefinition("bad", Map.of())));
        call("updateConnectorConfig", () -> client.updateConnectorConfig("a source+1", changed));
        settle("RUNNING", 1);
        call("getConnectors", () -> client.getConnectors());
        call("getConnectorsWithExpandedStatus", () -> client.getConnectorsWithExpandedStatus().getAllStatuses());
        call("getConnectorsWithExpandedInfo",
            () -> client.getConnectorsWithExpandedInfo().getAllDefinitions());
        call("getConnectorsWithAllExpandedMetadata", () -> {
            var all = client.getConnectorsWithAllExpandedMetadata();
            return Map.of("definitions", all.getAllDefinitions(), "statuses", all.getAllStatuses());
        });
        call("getConnector", () -> client.getConnector("a source+1"));
        call("getConnector", () -> client.getConnector("none"));
        call("getConnectorConfig", () -> client.getConnectorConfig("a source+1"));
        call("getConnectorStatus", () -> client.getConnectorStatus("a source+1"));
        call("getConnectorTasks", () -> client.getConnectorTasks("a source+1"));
        call("getConnectorTaskStatus", () -> client.getConnectorTaskStatus("a source+1", 0));
        call("getConnectorTaskStatus", () -> client.getConnectorTaskStatus("a source+1", 4));
        await(() -> client.getConnectorTopics("a source+1").getTopics().contains("lines"));
        call("getConnectorTopics", () -> client.getConnectorTopics("a source+1"));
        call("resetConnectorTopics", () -> client.resetConnectorTopics("a source+1"));
        call("pauseConnector", () -> client.pauseConnector("a source+1"));
        settle("PAUSED", 1);
        call("resumeConnector", () -> client.resumeConnector("a source+1"));
        settle("RUNNING", 1);
        call("restartConnector", () -> client.restartConnector("a source+1"));
        settle("RUNNING", 1);
        call("restartConnector", () -> client.restartConnector(
            new PostConnectorRestart("a source+1").withIncludeTasks(true).withOnlyFailed(false)));
        settle("RUNNING", 1);
        call("restartConnectorTask", () -> client.restartConnectorTask("a source+1", 0));
        settle("RUNNING", 1);
        call("restartConnectorTask", () -> client.restartConnectorTask("a source+1", 4));
        call("stopConnector", () -> client.stopConnector("a source+1"));
        settle("STOPPED", 0);
        call("deleteConnector", () -> client.deleteConnector("a source+1"));
        call("deleteConnector", () -> client.deleteConnector("a source+1"));
        call("getConnectors", () -> client.getConnectors());
        client = new KafkaConnectClient(new Configuration(args[0]).useBasicAuth(args[1], "wrong"));
        call("getConnectors", () -> client.getConnectors());
        client = new KafkaConnectClient(new Configuration(args[0]));
        call("getConnectors", () -> client.getConnectors());

        Set<String> all = new TreeSet<>();
        for (Method method : KafkaConnectClient.class.getDeclaredMethods())
            if (Modifier.isPublic(method.getModifiers())) all.add(method.getName());
        all.removeAll(called);
        print("not called", all);
        System.exit(0);
    }

    private static Map<String, String> withName(Map<String, String> config) {
        Map<String, String> named = new HashMap<>(config);
        named.put("name", "a source+1");
        return named;
    }

    private static void call(String method, Callable<?> body) throws Exception {
        called.add(method);
        try {
            print(method, body.call());
        } catch (InvalidRequestException e) {
            print(method, Map.of("failed", e.getClass().getSimpleName(), "code", e.getErrorCode(), "message", e.getMessage()));
        }
    }

    private static void print(String method, Object result) throws Exception {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("method", method);
        line.put("result", result);
        System.out.println(JSON.writeValueAsString(line));
    }

    private static void settle(String state, int tasks) throws Exception {
        await(() -> {
            var status = client.getConnectorStatus("a source+1");
            return status.getConnector().get("state").equals(state)
                && status.getTasks().size() == tasks
                && status.getTasks().stream().allMatch(task -> task.getState().equals(state));
        });
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.currentTimeMillis() + 30_000;
        while (!holds(condition)) {
            if (System.currentTimeMillis() > deadline) throw new IllegalStateException("not within 30 s");
            Thread.sleep(50);
        }
    }

    /** A connector that was just created has no status at first. */
    private static boolean holds(Callable<Boolean> condition) throws Exception {
        try {
            return condition.call();
        } catch (ResourceNotFoundException e) {
            return false;
        }
    }
}
