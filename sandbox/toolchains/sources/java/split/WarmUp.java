package wavebench.split;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Uses what servers and testers use, so that their class archive holds it. */
public final class WarmUp {
    public static void main(String[] arguments) throws Throwable {
        for (Class<?> each : List.of(Server.class, TesterLoop.class, Tester.class, Session.class, Channel.class)) {
            each.getDeclaredMethods();
            Class.forName(each.getName());
        }
        Map<String, Object> map = new HashMap<>(Map.of("a", 1L));
        List<Object> all = new ArrayList<>(Arrays.asList(1, "b", 2.5, 'c', true, map, Optional.empty(), new int[] {1}));
        all.addAll(List.of(1, 2).stream().map(each -> "n" + each).toList());
        Wire.In in = new Wire.In(Wire.encode(all, null), 0);
        if (((List<?>) in.value()).size() != all.size() || in.value() != null || !in.isEmpty()) {
            throw new AssertionError();
        }
    }
}
