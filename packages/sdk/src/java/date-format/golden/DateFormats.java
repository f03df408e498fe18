// Fills in what java.text.SimpleDateFormat answers to the cases of dates.json: "out" or "error" is rewritten. Run on a JDK 17 with the
// jars of an Apache Kafka 4.3.1 distribution, for Jackson:
//   java -Duser.timezone=UTC -Duser.language=en -Duser.country=US -cp "libs/*" DateFormats.java dates.json
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParsePosition;
import java.text.SimpleDateFormat;
import java.time.Instant;
import java.util.Date;
import java.util.TimeZone;

public class DateFormats {
    static final ObjectMapper MAPPER = new ObjectMapper().configure(JsonGenerator.Feature.ESCAPE_NON_ASCII, true);

    public static void main(String[] files) throws Exception {
        for (String file : files) {
            Path path = Path.of(file);
            StringBuilder text = new StringBuilder("[\n");
            JsonNode cases = MAPPER.readTree(Files.readString(path));
            for (int i = 0; i < cases.size(); i++) {
                ObjectNode item = (ObjectNode) cases.get(i);
                item.remove("out");
                item.remove("error");
                try {
                    item.set("out", answers(item.get("op").asText(), item.get("in")));
                } catch (IllegalArgumentException e) {
                    item.put("error", e.getMessage());
                }
                text.append(MAPPER.writeValueAsString(item)).append(i + 1 < cases.size() ? ",\n" : "\n");
            }
            Files.writeString(path, text.append("]\n"));
        }
    }

    static ArrayNode answers(String op, JsonNode in) {
        ArrayNode answers = MAPPER.createArrayNode();
        for (JsonNode given : in.get(op.equals("format") ? "times" : "texts")) {
            // Anew for each, since parsing leaves traces.
            SimpleDateFormat format = new SimpleDateFormat(in.get("pattern").asText());
            format.setTimeZone(TimeZone.getTimeZone("UTC"));
            format.set2DigitYearStart(Date.from(Instant.parse("1946-11-21T00:00:00Z")));
            if (op.equals("format")) answers.add(format.format(new Date(given.asLong())));
            else {
                Date date = format.parse(given.asText(), new ParsePosition(0));
                if (date == null) answers.addNull();
                else answers.add(date.getTime());
            }
        }
        return answers;
    }
}
