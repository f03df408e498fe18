// Fills in what Apache Kafka's own classes answer to the cases of a golden file: each case is {"op", "in"}; "out" or "error" is
// rewritten. Run with the jars of an Apache Kafka 4.3.1 distribution, time zone UTC:
//   java -Duser.timezone=UTC -cp "libs/*" Golden.java cases.json…
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.Configurable;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.ConnectSchema;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.SchemaProjector;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Values;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

public class Golden {
    static final JsonNodeFactory F = JsonNodeFactory.instance;
    static final HexFormat HEX = HexFormat.of();

    public static void main(String[] files) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        mapper.configure(com.fasterxml.jackson.core.JsonGenerator.Feature.ESCAPE_NON_ASCII, true);
        for (String file : files) {
            Path path = Path.of(file);
            StringBuilder text = new StringBuilder("[\n");
            JsonNode cases = mapper.readTree(Files.readString(path));
            for (int i = 0; i < cases.size(); i++) {
                ObjectNode item = (ObjectNode) cases.get(i);
                item.remove("out");
                item.remove("error");
                try {
                    item.set("out", answer(item.get("op").asText(), item.get("in")));
                } catch (Throwable thrown) {
                    Throwable error = thrown instanceof InvocationTargetException ? thrown.getCause() : thrown;
                    item.put("error", error.getClass().getSimpleName() + ": " + error.getMessage());
                }
                text.append(mapper.writeValueAsString(item)).append(i + 1 < cases.size() ? ",\n" : "\n");
            }
            Files.writeString(path, text.append("]\n"));
        }
    }

    static JsonNode answer(String op, JsonNode in) throws Exception {
        switch (op) {
            case "double":
                return F.textNode(Double.toString(Double.parseDouble(in.asText())));
            case "float":
                return F.textNode(Float.toString(Float.parseFloat(in.asText())));
            case "long":
                return F.textNode(Long.toString(Long.parseLong(in.asText())));
            case "decimal": {
                BigDecimal decimal = new BigDecimal(in.asText());
                ObjectNode out = F.objectNode();
                out.put("text", decimal.toString());
                if (Math.abs((long) decimal.scale()) < 400)
                    out.put("plain", decimal.toPlainString()).put("long", Long.toString(decimal.longValue()));
                out.put("double", Double.toString(decimal.doubleValue()));
                out.put("bytes", HEX.formatHex(decimal.unscaledValue().toByteArray()));
                return out;
            }
            case "parseString":
                return tag(Values.parseString(in.asText()));
            case "convertToString":
                return F.textNode(Values.convertToString(unschema(in.get("schema")), untag(in)));
            case "convertTo": {
                Method method = Values.class.getDeclaredMethod("convertTo", Schema.class, Schema.class, Object.class);
                method.setAccessible(true);
                return tag(method.invoke(null, unschema(in.get("to")), unschema(in.get("schema")), untag(in)));
            }
            case "infer":
                return schemaNode(Values.inferSchema(untag(in)));
            case "text":
                return F.textNode(String.valueOf(untag(in)));
            case "validate":
                ConnectSchema.validateValue(in.path("field").asText(null), unschema(in.get("schema")), untag(in));
                return F.nullNode();
            case "project":
                return tag(SchemaProjector.project(unschema(in.get("schema")), untag(in), unschema(in.get("to"))));
            case "write": {
                byte[] bytes = converter(in).fromConnectData("t", unschema(in.get("schema")), untag(in));
                if (bytes == null) return F.nullNode();
                return F.textNode(in.has("hex") ? HEX.formatHex(bytes) : new String(bytes, StandardCharsets.UTF_8));
            }
            case "read":
                return tag(converter(in).toConnectData("t", bytesOf(in)));
            case "writeHeader": {
                byte[] bytes = headerConverter(in).fromConnectHeader("t", "h", unschema(in.get("schema")), untag(in));
                return bytes == null ? F.nullNode() : F.textNode(HEX.formatHex(bytes));
            }
            case "readHeader":
                return tag(headerConverter(in).toConnectHeader("t", "h", bytesOf(in)));
            case "config":
                return config(in);
            case "keys":
                return keys(in.asText());
            case "transform":
                return transform(in);
            case "predicate":
                return F.booleanNode(predicate(in));
            case "pluginConfig":
                return pluginConfig(in);
            default:
                throw new IllegalArgumentException("unknown op " + op);
        }
    }

    static byte[] bytesOf(JsonNode in) {
        if (in.has("bytes")) return in.get("bytes").isNull() ? null : HEX.parseHex(in.get("bytes").asText());
        return in.get("text").asText().getBytes(StandardCharsets.UTF_8);
    }

    static Map<String, String> props(JsonNode node) {
        Map<String, String> props = new LinkedHashMap<>();
        if (node != null) node.properties().forEach(e -> props.put(e.getKey(), e.getValue().isNull() ? null : e.getValue().asText()));
        return props;
    }

    static Converter converter(JsonNode in) throws Exception {
        Converter converter = (Converter) Class.forName(in.get("class").asText()).getDeclaredConstructor().newInstance();
        converter.configure(props(in.get("config")), false);
        return converter;
    }

    static HeaderConverter headerConverter(JsonNode in) throws Exception {
        HeaderConverter converter = (HeaderConverter) Class.forName(in.get("class").asText()).getDeclaredConstructor().newInstance();
        Map<String, String> props = props(in.get("config"));
        props.put("converter.type", "header");
        converter.configure(props);
        return converter;
    }

    static ConfigDef.Validator validator(JsonNode node) {
        if (node == null) return null;
        List<String> args = new ArrayList<>();
        node.path("args").forEach(arg -> args.add(arg.asText()));
        String[] texts = args.toArray(new String[0]);
        switch (node.get("name").asText()) {
            case "atLeast": return ConfigDef.Range.atLeast(Integer.parseInt(texts[0]));
            case "between": return ConfigDef.Range.between(Integer.parseInt(texts[0]), Integer.parseInt(texts[1]));
            case "oneOf": return ConfigDef.ValidString.in(texts);
            case "oneOfIgnoringCase": return ConfigDef.CaseInsensitiveValidString.in(texts);
            case "nonNull": return new ConfigDef.NonNullValidator();
            case "nonEmptyString": return new ConfigDef.NonEmptyString();
            case "nonEmptyWithoutControlChars": return ConfigDef.NonEmptyStringWithoutControlChars.nonEmptyStringWithoutControlChars();
            case "validList": return ConfigDef.ValidList.anyNonDuplicateValues(true, false);
            case "validListNullable": return ConfigDef.ValidList.anyNonDuplicateValues(true, true);
            case "validListNonEmpty": return ConfigDef.ValidList.anyNonDuplicateValues(false, false);
            case "validListIn": return ConfigDef.ValidList.in(texts);
            case "listOfAtMost": return ConfigDef.ListSize.atMostOfSize(Integer.parseInt(texts[0]));
            case "nonEmptyOneOf": return ConfigDef.CompositeValidator.of(new ConfigDef.NonEmptyString(), ConfigDef.ValidString.in(texts));
            default: throw new IllegalArgumentException("unknown validator " + node);
        }
    }

    /** One property k of a type, with a validator or default: its rendering, the result of parsing and of validating. */
    static JsonNode config(JsonNode in) throws Exception {
        ConfigDef.Type type = ConfigDef.Type.valueOf(in.get("type").asText());
        Object initial = in.has("default") ? in.get("default").isNull() ? null : in.get("default").asText() : ConfigDef.NO_DEFAULT_VALUE;
        ConfigDef def = new ConfigDef().define("k", type, initial, validator(in.get("validator")), ConfigDef.Importance.HIGH, "doc");
        Map<String, String> props = props(in.get("props"));
        ObjectNode out = F.objectNode();
        try {
            Object parsed = def.parse(props).get("k");
            out.put("parsed", parsed instanceof Class<?> c ? c.getName() : String.valueOf(parsed));
        } catch (ConfigException e) {
            out.put("thrown", e.getMessage());
        }
        ConfigValue value = def.validateAll(props).get("k");
        out.put("value", value.value() == null ? null : ConfigDef.convertToString(value.value(), type));
        ArrayNode errors = out.putArray("errors");
        value.errorMessages().forEach(errors::add);
        ConfigDef.ConfigKey key = def.configKeys().get("k");
        out.put("default", key.hasDefault() ? ConfigDef.convertToString(key.defaultValue, type) : null);
        if (key.validator != null) out.put("description", key.validator.toString());
        return out;
    }

    static JsonNode transform(JsonNode in) throws Exception {
        Transformation transformation = (Transformation) Class.forName(in.get("class").asText()).getDeclaredConstructor().newInstance();
        transformation.configure(props(in.get("config")));
        return recordNode((ConnectRecord) transformation.apply(record(in.get("record"))));
    }

    static boolean predicate(JsonNode in) throws Exception {
        Predicate predicate = (Predicate) Class.forName(in.get("class").asText()).getDeclaredConstructor().newInstance();
        predicate.configure(props(in.get("config")));
        return predicate.test(record(in.get("record")));
    }

    /** What is wrong with the properties of a plugin, by property, and what it throws when it is configured with them. */
    static JsonNode pluginConfig(JsonNode in) throws Exception {
        Configurable plugin = (Configurable) Class.forName(in.get("class").asText()).getDeclaredConstructor().newInstance();
        ConfigDef def = (ConfigDef) plugin.getClass().getMethod("config").invoke(plugin);
        Map<String, String> props = props(in.get("config"));
        ObjectNode out = F.objectNode();
        ObjectNode errors = out.putObject("errors");
        for (Map.Entry<String, ConfigValue> e : new TreeMap<>(def.validateAll(props)).entrySet()) {
            if (e.getValue().errorMessages().isEmpty()) continue;
            ArrayNode messages = errors.putArray(e.getKey());
            e.getValue().errorMessages().forEach(messages::add);
        }
        try {
            plugin.configure(props);
        } catch (Exception e) {
            out.put("thrown", e.getClass().getSimpleName() + ": " + e.getMessage());
        }
        return out;
    }

    /** With an offset it is a sink record, without one a source record; what is not said is null. */
    static ConnectRecord record(JsonNode in) {
        Schema keySchema = unschema(in.get("keySchema"));
        Schema valueSchema = unschema(in.get("valueSchema"));
        Object key = untag(in.get("key"), keySchema);
        Object value = untag(in.get("value"), valueSchema);
        String topic = in.has("topic") ? in.get("topic").asText() : null;
        Integer partition = in.has("partition") ? in.get("partition").asInt() : null;
        Long timestamp = in.has("timestamp") ? in.get("timestamp").asLong() : null;
        ConnectHeaders headers = new ConnectHeaders();
        for (JsonNode header : in.path("headers")) {
            Schema schema = unschema(header.get("schema"));
            headers.add(header.get("key").asText(), untag(header.get("value"), schema), schema);
        }
        if (in.has("offset"))
            return new SinkRecord(topic, partition, keySchema, key, valueSchema, value, in.get("offset").asLong(), timestamp, TimestampType.CREATE_TIME, headers);
        return new SourceRecord(Map.of("p", "1"), Map.of("o", 1L), topic, partition, keySchema, key, valueSchema, value, timestamp, headers);
    }

    static JsonNode recordNode(ConnectRecord record) {
        if (record == null) return F.nullNode();
        ObjectNode out = F.objectNode();
        if (record.topic() != null) out.put("topic", record.topic());
        if (record.kafkaPartition() != null) out.put("partition", record.kafkaPartition());
        if (record.timestamp() != null) out.put("timestamp", record.timestamp());
        if (record.keySchema() != null) out.set("keySchema", schemaNode(record.keySchema()));
        if (record.key() != null) out.set("key", tag(record.key()));
        if (record.valueSchema() != null) out.set("valueSchema", schemaNode(record.valueSchema()));
        if (record.value() != null) out.set("value", tag(record.value()));
        if (!record.headers().isEmpty()) {
            ArrayNode headers = out.putArray("headers");
            for (Header header : (Iterable<Header>) record.headers())
                headers.add(F.objectNode().put("key", header.key()).<ObjectNode>set("schema", schemaNode(header.schema())).set("value", tag(header.value())));
        }
        if (record instanceof SinkRecord sink) out.put("offset", sink.kafkaOffset());
        return out;
    }

    /** The definition of a plugin, as REST renders it. */
    static JsonNode keys(String name) throws Exception {
        Object plugin = Class.forName(name).getDeclaredConstructor().newInstance();
        ConfigDef def = (ConfigDef) plugin.getClass().getMethod("config").invoke(plugin);
        ArrayNode out = F.arrayNode();
        for (ConfigDef.ConfigKey key : def.configKeys().values())
            out.add(new ObjectMapper().valueToTree(org.apache.kafka.connect.runtime.AbstractHerder.convertConfigKey(key)));
        return out;
    }

    static ObjectNode tag(SchemaAndValue data) {
        ObjectNode out = F.objectNode();
        out.set("schema", data == null ? F.nullNode() : schemaNode(data.schema()));
        out.set("value", tag(data == null ? null : data.value()));
        return out;
    }

    static JsonNode tag(Object value) {
        if (value == null) return F.nullNode();
        if (value instanceof Boolean b) return F.booleanNode(b);
        if (value instanceof String s) return F.textNode(s);
        ObjectNode out = F.objectNode();
        if (value instanceof Byte || value instanceof Short || value instanceof Integer || value instanceof Long || value instanceof Float || value instanceof Double || value instanceof BigDecimal)
            return out.put(TAGS.get(value.getClass()), value.toString());
        if (value instanceof byte[] bytes) return out.put("bytes", HEX.formatHex(bytes));
        if (value instanceof Date date) return out.put("date", date.getTime());
        if (value instanceof List<?> list) {
            ArrayNode items = F.arrayNode();
            list.forEach(item -> items.add(tag(item)));
            return items;
        }
        if (value instanceof Map<?, ?> map) {
            TreeMap<String, JsonNode> entries = new TreeMap<>();
            map.forEach((k, v) -> entries.put(tag(k).toString(), F.arrayNode().add(tag(k)).add(tag(v))));
            ArrayNode items = F.arrayNode();
            entries.values().forEach(items::add);
            return out.set("map", items);
        }
        if (value instanceof Struct struct) {
            ObjectNode fields = F.objectNode();
            for (Field field : struct.schema().fields()) fields.set(field.name(), tag(struct.getWithoutDefault(field.name())));
            return out.set("struct", fields);
        }
        throw new IllegalArgumentException("no tag for " + value.getClass());
    }

    static final Map<Class<?>, String> TAGS = Map.of(Byte.class, "int8", Short.class, "int16", Integer.class, "int32", Long.class,
        "int64", Float.class, "float32", Double.class, "float64", BigDecimal.class, "decimal");

    static Object untag(JsonNode in) {
        return untag(in.get("value"), unschema(in.get("schema")));
    }

    static Object untag(JsonNode node, Schema schema) {
        if (node == null || node.isNull()) return null;
        if (node.isBoolean()) return node.booleanValue();
        if (node.isTextual()) return node.textValue();
        if (node.isArray()) {
            List<Object> items = new ArrayList<>();
            for (JsonNode item : node) items.add(untag(item, schema != null && schema.type() == Schema.Type.ARRAY ? schema.valueSchema() : null));
            return items;
        }
        String kind = node.fieldNames().next();
        JsonNode content = node.get(kind);
        switch (kind) {
            case "int8": return Byte.valueOf(content.asText());
            case "int16": return Short.valueOf(content.asText());
            case "int32": return Integer.valueOf(content.asText());
            case "int64": return Long.valueOf(content.asText());
            case "float32": return Float.valueOf(content.asText());
            case "float64": return Double.valueOf(content.asText());
            case "decimal": return new BigDecimal(content.asText());
            case "bytes": return HEX.parseHex(content.asText());
            case "date": return new Date(content.asLong());
            case "map": {
                boolean typed = schema != null && schema.type() == Schema.Type.MAP;
                Map<Object, Object> map = new LinkedHashMap<>();
                for (JsonNode entry : content)
                    map.put(untag(entry.get(0), typed ? schema.keySchema() : null), untag(entry.get(1), typed ? schema.valueSchema() : null));
                return map;
            }
            case "struct": {
                Struct struct = new Struct(schema);
                for (Map.Entry<String, JsonNode> e : content.properties())
                    if (!e.getValue().isNull()) struct.put(e.getKey(), untag(e.getValue(), schema.field(e.getKey()).schema()));
                return struct;
            }
            default: throw new IllegalArgumentException("unknown tag " + kind);
        }
    }

    static Schema unschema(JsonNode node) {
        if (node == null || node.isNull()) return null;
        Schema.Type type = Schema.Type.valueOf(node.get("type").asText().toUpperCase());
        SchemaBuilder builder = switch (type) {
            case ARRAY -> SchemaBuilder.array(unschema(node.get("items")));
            case MAP -> SchemaBuilder.map(unschema(node.get("keys")), unschema(node.get("values")));
            default -> SchemaBuilder.type(type);
        };
        if (type == Schema.Type.STRUCT)
            for (JsonNode field : node.get("fields")) builder.field(field.get("name").asText(), unschema(field.get("schema")));
        if (node.path("optional").asBoolean()) builder.optional();
        if (node.has("name")) builder.name(node.get("name").asText());
        if (node.has("version")) builder.version(node.get("version").asInt());
        if (node.has("doc")) builder.doc(node.get("doc").asText());
        if (node.has("parameters")) node.get("parameters").properties().forEach(e -> builder.parameter(e.getKey(), e.getValue().asText()));
        if (node.has("default")) builder.defaultValue(untag(node.get("default"), builder));
        return builder.build();
    }

    static JsonNode schemaNode(Schema schema) {
        if (schema == null) return F.nullNode();
        ObjectNode out = F.objectNode().put("type", schema.type().name().toLowerCase());
        out.put("optional", schema.isOptional());
        if (schema.name() != null) out.put("name", schema.name());
        if (schema.version() != null) out.put("version", schema.version());
        if (schema.doc() != null) out.put("doc", schema.doc());
        if (schema.parameters() != null && !schema.parameters().isEmpty()) {
            ObjectNode parameters = out.putObject("parameters");
            schema.parameters().forEach(parameters::put);
        }
        if (schema.defaultValue() != null) out.set("default", tag(schema.defaultValue()));
        if (schema.type() == Schema.Type.ARRAY) out.set("items", schemaNode(schema.valueSchema()));
        if (schema.type() == Schema.Type.MAP) {
            out.set("keys", schemaNode(schema.keySchema()));
            out.set("values", schemaNode(schema.valueSchema()));
        }
        if (schema.type() == Schema.Type.STRUCT) {
            ArrayNode fields = out.putArray("fields");
            for (Field field : schema.fields()) fields.addObject().put("name", field.name()).set("schema", schemaNode(field.schema()));
        }
        return out;
    }
}
