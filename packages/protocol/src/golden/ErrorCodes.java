import java.nio.file.*;
import java.util.*;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.protocol.Errors;

/** Kafka's error codes: id, name, whether its exception is retriable, whether it makes metadata stale, message. */
public class ErrorCodes {
    static String quoted(String text) {
        return text == null ? "null" : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    public static void main(String[] args) throws Exception {
        List<String> rows = new ArrayList<>();
        for (Errors error : Errors.values())
            rows.add("[" + error.code() + "," + quoted(error.name()) + "," + (error.exception() instanceof RetriableException) + ","
                + (error.exception() instanceof InvalidMetadataException) + "," + quoted(error.message()) + "]");
        Files.writeString(Path.of(args[0]), "[\n" + String.join(",\n", rows) + "\n]\n");
    }
}
