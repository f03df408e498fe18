package isthmus.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** Hands out recorded data of any schema, key, headers, timestamp and partition, all in one batch; its twin is replay-source.ts. */
public class ReplaySource extends SourceConnector {
    private Map<String, String> props;

    @Override
    public void start(Map<String, String> props) {
        this.props = props;
    }

    @Override
    public Class<Task> taskClass() {
        return Task.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return List.of(props);
    }

    @Override
    public void stop() {}

    @Override
    public ConfigDef config() {
        return new ConfigDef()
            .define("file", ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "The records, a JSON document each line")
            .define("topic", ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "Where records go that name no topic");
    }

    @Override
    public String version() {
        return "1";
    }

    public static class Task extends SourceTask {
        private List<SourceRecord> records;

        @Override
        public void start(Map<String, String> props) {
            try (JsonConverter converter = new JsonConverter()) {
                converter.configure(Map.of(), false);
                Map<String, String> partition = Map.of("file", props.get("file"));
                Map<String, Object> offset = context.offsetStorageReader().offset(partition);
                long from = offset == null ? 0 : (Long) offset.get("line");
                records = new ArrayList<>();
                ObjectMapper mapper = new ObjectMapper();
                long number = 0;
                for (String text : Files.readAllLines(Path.of(props.get("file")))) {
                    if (++number <= from) continue;
                    JsonNode line = mapper.readTree(text);
                    String topic = line.has("topic") ? line.get("topic").asText() : props.get("topic");
                    SchemaAndValue key = dataOf(converter, topic, line.get("key"));
                    SchemaAndValue value = dataOf(converter, topic, line.get("value"));
                    ConnectHeaders headers = new ConnectHeaders();
                    if (line.has("headers"))
                        for (JsonNode header : line.get("headers"))
                            headers.add(header.get(0).asText(), dataOf(converter, topic, header.get(1)));
                    records.add(new SourceRecord(partition, Map.of("line", number), topic,
                        line.has("partition") ? line.get("partition").intValue() : null,
                        key.schema(), key.value(), value.schema(), value.value(),
                        line.has("timestamp") ? line.get("timestamp").longValue() : null, headers));
                }
            } catch (java.io.IOException error) {
                throw new java.io.UncheckedIOException(error);
            }
        }

        private static SchemaAndValue dataOf(JsonConverter converter, String topic, JsonNode document) {
            return document == null ? SchemaAndValue.NULL
                : converter.toConnectData(topic, document.asText().getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public synchronized List<SourceRecord> poll() throws InterruptedException {
            List<SourceRecord> batch = records;
            records = null;
            if (batch == null) wait(200);
            return batch;
        }

        @Override
        public void stop() {}

        @Override
        public String version() {
            return "1";
        }
    }
}
