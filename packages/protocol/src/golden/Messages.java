import com.fasterxml.jackson.databind.*;
import com.fasterxml.jackson.databind.node.*;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.util.*;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.*;
import org.apache.kafka.common.protocol.*;
import org.apache.kafka.common.protocol.types.*;
import org.apache.kafka.common.protocol.types.Field;

/** Asks Kafka's own message classes for the bytes of every API and version: all fields set, nullable fields null, all defaults. */
public class Messages {
    static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    static int next;

    static JsonNode value(Type type, boolean nulls) {
        int n = ++next;
        if (type.isNullable() && nulls) return NullNode.instance;
        if (type instanceof Schema schema) return struct(schema, nulls);
        if (type instanceof NullableSchema nullable) return struct(nullable, nulls);
        if (type.isArray()) {
            ArrayNode array = JSON.arrayNode();
            Type element = type.arrayElementType().get();
            for (int i = 0; i < (nulls ? 1 : 2); i++) array.add(value(element, nulls));
            return array;
        }
        String name = type.toString();
        if (name.contains("STRING")) return JSON.textNode(n % 5 == 0 ? "wért " + n : "text" + n);
        if (name.contains("RECORDS") || name.contains("BYTES")) return JSON.binaryNode(new byte[] {(byte) n, -1, 0, (byte) (n >> 8)});
        return switch (name) {
            case "BOOLEAN" -> BooleanNode.TRUE;
            case "INT8" -> JSON.numberNode(n % 2 == 0 ? -n % 100 - 2 : n % 100 + 2);
            case "INT16" -> JSON.numberNode(n % 2 == 0 ? -1000 - n : 1000 + n);
            case "UINT16" -> JSON.numberNode(60000 + n);
            case "INT32" -> JSON.numberNode(n % 2 == 0 ? -100000 - n : 100000 + n);
            case "UINT32" -> JSON.numberNode(4000000000L + n);
            case "INT64" -> JSON.numberNode(n % 2 == 0 ? -10_000_000_000L - n : 4_000_000_000_000L + n);
            case "FLOAT64" -> JSON.numberNode(n + 0.25);
            case "UUID" -> JSON.textNode(new Uuid(0x1122334455660000L + n, -n * 7919L).toString());
            default -> throw new IllegalStateException(name);
        };
    }

    static ObjectNode struct(Schema schema, boolean nulls) {
        ObjectNode node = JSON.objectNode();
        for (BoundField bound : schema.fields()) {
            if (bound.def.type instanceof TaggedFields tagged) {
                for (Field field : tagged.fields().values()) node.set(camel(field.name), value(field.type, nulls));
            } else node.set(camel(bound.def.name), value(bound.def.type, nulls));
        }
        return node;
    }

    static String camel(String snake) {
        StringBuilder out = new StringBuilder();
        for (String part : snake.split("_")) out.append(out.isEmpty() ? part : part.substring(0, 1).toUpperCase() + part.substring(1));
        return out.toString();
    }

    static String hex(ByteBuffer... buffers) {
        StringBuilder out = new StringBuilder();
        for (ByteBuffer buffer : buffers) while (buffer.hasRemaining()) out.append(String.format("%02x", buffer.get()));
        return out.toString();
    }

    public static void main(String[] args) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        Set<String> wanted = new HashSet<>(Arrays.asList(args).subList(1, args.length));
        StringBuilder lines = new StringBuilder();
        int count = 0;
        for (ApiMessageType api : ApiMessageType.values()) {
            if (!wanted.contains(String.valueOf(api.apiKey()))) continue;
            for (boolean request : new boolean[] {true, false}) {
                Class<?> data = (request ? api.newRequest() : api.newResponse()).getClass();
                Class<?> converter = Class.forName(data.getName() + "JsonConverter");
                Method read = converter.getMethod("read", JsonNode.class, short.class);
                Method write = converter.getMethod("write", data, short.class, boolean.class);
                Schema[] schemas = (Schema[]) data.getField("SCHEMAS").get(null);
                short lowest = data.getField("LOWEST_SUPPORTED_VERSION").getShort(null);
                short highest = data.getField("HIGHEST_SUPPORTED_VERSION").getShort(null);
                for (short v = lowest; v <= highest; v++) {
                    for (String fill : new String[] {"full", "null", "default"}) {
                        next = api.apiKey() * 3 + v;
                        String what = api.name + (request ? " request " : " response ") + v + " " + fill;
                        try {
                            JsonNode json;
                            Message message;
                            if (fill.equals("default")) {
                                message = (Message) data.getConstructor().newInstance();
                                json = (JsonNode) write.invoke(null, message, v, true);
                            } else {
                                json = struct(schemas[v], fill.equals("null"));
                                message = (Message) read.invoke(null, json, v);
                            }
                            ByteBuffer body = MessageUtil.toByteBufferAccessor(message, v).buffer();
                            short headerVersion = request ? api.requestHeaderVersion(v) : api.responseHeaderVersion(v);
                            Message header = request
                                ? new RequestHeaderData().setRequestApiKey(api.apiKey()).setRequestApiVersion(v).setCorrelationId(77).setClientId("client-ü")
                                : new ResponseHeaderData().setCorrelationId(77);
                            ByteBuffer head = MessageUtil.toByteBufferAccessor(header, headerVersion).buffer();
                            ObjectNode line = JSON.objectNode();
                            line.put("key", api.apiKey()).put("name", api.name).put("type", request ? "request" : "response").put("version", v).put("fill", fill);
                            line.put("frame", hex(head, body));
                            line.set("body", json);
                            lines.append(mapper.writeValueAsString(line)).append('\n');
                            count++;
                        } catch (InvocationTargetException e) {
                            System.out.println(what + ": " + e.getCause());
                        } catch (Exception e) {
                            System.out.println(what + ": " + e);
                        }
                    }
                }
            }
        }
        try (var out = new GZIPOutputStream(Files.newOutputStream(Path.of(args[0]))) {{ def.setLevel(9); }}) {
            out.write(lines.toString().getBytes("UTF-8"));
        }
        System.out.println(count + " messages, " + lines.length() + " characters");
    }
}
