// Fills in what java.util.regex answers to the cases of patterns.json: "out" or "error" is rewritten. Run on a JDK 17 with the jars
// of an Apache Kafka 4.3.1 distribution, for Jackson: java -cp "libs/*" Patterns.java patterns.json
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

public class Patterns {
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
                    item.set("out", answers(item.get("in")));
                } catch (PatternSyntaxException e) {
                    item.put("error", e.getMessage());
                }
                text.append(MAPPER.writeValueAsString(item)).append(i + 1 < cases.size() ? ",\n" : "\n");
            }
            Files.writeString(path, text.append("]\n"));
        }
    }

    /** For each text: the groups when all of it has to match, those of the first match inside it, and the text with that replaced. */
    static ArrayNode answers(JsonNode in) {
        Pattern pattern = Pattern.compile(in.get("pattern").asText());
        ArrayNode answers = MAPPER.createArrayNode();
        for (JsonNode text : in.get("texts")) {
            Matcher matcher = pattern.matcher(text.asText());
            ArrayNode answer = answers.addArray();
            answer.add(matcher.matches() ? groups(matcher) : null);
            matcher.reset();
            answer.add(matcher.find() ? groups(matcher) : null);
            if (!in.has("replacement")) continue;
            try {
                answer.add(matcher.replaceFirst(in.get("replacement").asText()));
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                answer.addObject().put("error", e.getMessage());
            }
        }
        return answers;
    }

    static ArrayNode groups(Matcher matcher) {
        ArrayNode groups = MAPPER.createArrayNode();
        for (int i = 0; i <= matcher.groupCount(); i++) groups.add(matcher.group(i));
        return groups;
    }
}
