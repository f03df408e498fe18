import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.kafka.common.utils.Utils;

/** Keys of many lengths, in base64, with their hashes. */
public class Murmur2 {
    public static void main(String[] args) throws Exception {
        List<byte[]> keys = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < 40; i++) {
            byte[] key = new byte[i < 33 ? i : i * 7];
            random.nextBytes(key);
            keys.add(key);
        }
        for (String key : List.of("21", "foobar", "a-little-bit-long-string", "a-little-bit-longer-string",
            "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", "abc", "ключ"))
            keys.add(key.getBytes(StandardCharsets.UTF_8));
        StringJoiner rows = new StringJoiner(",\n", "[\n", "\n]\n");
        for (byte[] key : keys) rows.add("[\"" + Base64.getEncoder().encodeToString(key) + "\"," + Utils.murmur2(key) + "]");
        Files.writeString(Path.of(args[0]), rows.toString());
    }
}
