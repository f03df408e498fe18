// Made client-limits.json: java -cp '<Kafka 4.3.1>/*' ClientLimits.java > client-limits.json
// What Java's clients say of a property that a list in the system properties may forbid; null where they let it pass.
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;
import org.apache.kafka.common.security.oauthbearer.internals.secured.ConfigurationUtils;

public class ClientLimits {
  static final String URLS = "org.apache.kafka.sasl.oauthbearer.allowed.urls";
  static final String ALLOWED = "org.apache.kafka.allowed.login.modules";
  static final String DISALLOWED = "org.apache.kafka.disallowed.login.modules";
  static final String URL = "sasl.oauthbearer.token.endpoint.url";
  static final String JAAS = "sasl.jaas.config";
  static final String PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule";
  static final String JNDI = "com.sun.security.auth.module.JndiLoginModule";
  static boolean isFirst = true;

  public static void main(String[] args) {
    String[] given = {"file:///etc/passwd", "http://idp/token", "https://idp/token?a=b"};
    for (String value : given) say(URL, value);
    for (String value : given) say(URL, value, URLS, "");
    for (String value : new String[] {"https://idp/token", " https://idp/token ", "https://idp/token/", "HTTPS://idp/token",
        "https://idp:443/token", "https://idp/token?x", "file:///run/token", "file:/run/token"})
      say(URL, value, URLS, " https://idp/token , file:///run/token");
    say(URL, "https://idp/*", URLS, "https://idp/*");
    say(URL, "https://idp/token", URLS, "https://idp/*");
    say(URL, "https://idp/token", URLS, "*");
    for (String module : new String[] {PLAIN, JNDI, "com.sun.security.auth.module.LdapLoginModule", JNDI.toLowerCase(), "\"" + JNDI + "\""}) {
      String value = module + " required username=\"u\" password=\"sesame\";";
      say(JAAS, value);
      say(JAAS, value, ALLOWED, "");
      say(JAAS, value, ALLOWED, "a.B, " + PLAIN + " ");
      say(JAAS, value, DISALLOWED, "");
      say(JAAS, value, DISALLOWED, "a.B, " + PLAIN + " ");
      say(JAAS, value, ALLOWED, PLAIN, DISALLOWED, PLAIN);
    }
    System.out.println("\n]");
  }

  static void say(String key, String value, String... properties) {
    for (String name : new String[] {URLS, ALLOWED, DISALLOWED}) System.clearProperty(name);
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < properties.length; i += 2) {
      System.setProperty(properties[i], properties[i + 1]);
      shown.append(i == 0 ? "" : ", ").append(json(properties[i])).append(": ").append(json(properties[i + 1]));
    }
    String refusal = null;
    try {
      if (key.equals(URL)) new ConfigurationUtils(Map.of(key, value)).validateUrl(key);
      else JaasContext.loadClientContext(Map.of(key, new Password(value)));
    } catch (RuntimeException refused) {
      refusal = refused.getMessage();
    }
    System.out.print((isFirst ? "[\n" : ",\n") + "[{" + shown + "}, " + json(key) + ", " + json(value) + ", " + (refusal == null ? "null" : json(refusal)) + "]");
    isFirst = false;
  }

  static String json(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
