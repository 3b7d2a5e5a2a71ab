package wavebench.split;

import java.util.ArrayList;
import java.util.List;

/** What the tests call, trusted: their stand-ins for the candidate's methods, and their list of checks. */
public final class Tester {
    static Session session;

    /** One item of the tests' list of booleans. */
    public interface Check {
        boolean holds() throws Throwable;
    }

    private Tester() {}

    /** Asks the candidate. */
    public static Object call(String name, Object... arguments) {
        return session.call(name, arguments);
    }

    /** The tests' list of booleans, each evaluated and recorded. */
    public static List<Boolean> all(String[] texts, Check... checks) {
        List<Boolean> seen = new ArrayList<>();
        for (int index = 0; index < checks.length; index++) {
            seen.add(session.check(texts[index], checks[index]));
        }
        return seen;
    }
}
