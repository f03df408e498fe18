// Writes what a JDK 17 makes of the names of time zones, as SimpleDateFormat reads them in the locale en-US: zone-names.json. Run
//   java ZoneNames.java > ../zone-names.json
// "names" are in the order in which they are tried: the first that a text begins with counts. Behind a name stand its zone and what the
// clock was put forward by; without the latter, the zone's own clock says that. Of a zone, "standard" has its offsets without and "clock"
// those with that, each with the time of the zone's clock from which on it holds: seconds in base 36, the first holds from ever.
import java.text.DateFormatSymbols;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.TreeSet;

public class ZoneNames {
    static final TimeZone UTC = TimeZone.getTimeZone("UTC");
    static final long FIRST = -4_000_000_000_000L;
    static final Map<String, boolean[]> zones = new LinkedHashMap<>();
    static final List<String> seen = new ArrayList<>();
    static final List<String> names = new ArrayList<>();

    public static void main(String[] none) {
        TimeZone.setDefault(UTC);
        String[][] rows = DateFormatSymbols.getInstance(Locale.US).getZoneStrings();
        // the zone of the format comes first
        for (String[] row : rows) if (row[0].equals("UTC")) add(row);
        for (String[] row : rows) add(row);
        StringBuilder text = new StringBuilder("{\n\"names\": [\n");
        text.append(String.join(",\n", names)).append("\n],\n\"zones\": [\n");
        List<String> all = new ArrayList<>();
        for (Map.Entry<String, boolean[]> zone : zones.entrySet())
            all.add("{\"id\": \"" + zone.getKey() + "\""
                + (zone.getValue()[0] ? ", \"standard\": \"" + history(zone.getKey(), true) + "\"" : "")
                + (zone.getValue()[1] ? ", \"clock\": \"" + history(zone.getKey(), false) + "\"" : "") + "}");
        System.out.println(text.append(String.join(",\n", all)).append("\n]\n}"));
    }

    static void add(String[] row) {
        for (int i = 1; i <= 4; i++) {
            String name = row[i];
            if (name.isEmpty() || seen.stream().anyMatch(s -> name.regionMatches(true, 0, s, 0, s.length()))) continue;
            seen.add(name);
            TimeZone zone = TimeZone.getTimeZone(row[0]);
            int saved = i >= 3 ? zone.getDSTSavings() : 0;
            boolean same = i <= 2 && name.equalsIgnoreCase(row[i + 2]);
            boolean clock = same || (i >= 3 && saved == 0);
            zones.computeIfAbsent(row[0], id -> new boolean[2])[clock ? 1 : 0] = true;
            int index = new ArrayList<>(zones.keySet()).indexOf(row[0]);
            names.add("[\"" + name + "\", " + index + (clock ? "]" : ", " + saved + "]"));
        }
    }

    static String history(String id, boolean standard) {
        TreeSet<Long> times = new TreeSet<>();
        times.add(-2_208_988_800_000L);
        for (ZoneOffsetTransition one : ZoneId.of(id, ZoneId.SHORT_IDS).getRules().getTransitions())
            for (int seconds : new int[] {one.getOffsetAfter().getTotalSeconds(), one.getOffsetBefore().getTotalSeconds(), 0})
                times.add(one.toEpochSecond() * 1000 + seconds * 1000L);
        for (int hours = -14; hours <= 14; hours++) times.add(-2_208_988_800_000L + hours * 3_600_000L);
        // standard time may change while the clock goes on as it was: no transition tells
        for (long time = -2_300_000_000_000L; time < 2_300_000_000_000L; time += 7 * 86_400_000L) times.add(time);
        List<String> parts = new ArrayList<>();
        long last = offset(id, FIRST, standard);
        parts.add(base36(last));
        long before = FIRST;
        for (long time : times) {
            long offset = offset(id, time, standard);
            if (offset != last) {
                // exactly where it changes
                long low = before;
                long high = time;
                while (high - low > 1000) {
                    long middle = low + (high - low) / 2000 * 1000;
                    if (offset(id, middle, standard) == last) low = middle;
                    else high = middle;
                }
                parts.add(base36(high) + "=" + base36(offset));
                last = offset;
            }
            before = time;
        }
        return String.join(" ", parts);
    }

    /** Of the zone when its clock shows `time`, in milliseconds. */
    static long offset(String id, long time, boolean standard) {
        GregorianCalendar clock = new GregorianCalendar(UTC, Locale.US);
        clock.setTimeInMillis(time);
        GregorianCalendar calendar = new GregorianCalendar(TimeZone.getTimeZone(id), Locale.US);
        calendar.clear();
        for (int field : new int[] {Calendar.ERA, Calendar.YEAR, Calendar.MONTH, Calendar.DAY_OF_MONTH, Calendar.HOUR_OF_DAY,
            Calendar.MINUTE, Calendar.SECOND, Calendar.MILLISECOND}) calendar.set(field, clock.get(field));
        if (standard) calendar.set(Calendar.DST_OFFSET, 0);
        return time - calendar.getTimeInMillis();
    }

    static String base36(long milliseconds) {
        if (milliseconds % 1000 != 0) throw new IllegalStateException("not whole seconds: " + milliseconds);
        return Long.toString(milliseconds / 1000, 36);
    }
}
