// Made properties.json: java Properties.java < documents > properties.json
// One document a line, as hexadecimal bytes; one JSON line for each: [document, [[key, value], …]] or [document, null] where Java refuses it.
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.util.HexFormat;
import java.util.TreeMap;

public class Properties {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    StringBuilder out = new StringBuilder("[\n");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (out.length() > 2) out.append(",\n");
      out.append("[\"").append(line).append("\", ");
      try {
        java.util.Properties properties = new java.util.Properties();
        properties.load(new ByteArrayInputStream(HexFormat.of().parseHex(line)));
        String separator = "[";
        if (properties.isEmpty()) out.append("[");
        for (var entry : new TreeMap<Object, Object>(properties).entrySet()) {
          out.append(separator).append("[").append(json(entry.getKey())).append(", ").append(json(entry.getValue())).append("]");
          separator = ", ";
        }
        out.append("]]");
      } catch (IllegalArgumentException refused) {
        out.append("null]");
      }
    }
    System.out.println(out.append("\n]"));
  }

  static String json(Object text) {
    StringBuilder escaped = new StringBuilder("\"");
    for (char c : text.toString().toCharArray()) escaped.append(String.format("\\u%04x", (int) c));
    return escaped.append('"').toString();
  }
}
