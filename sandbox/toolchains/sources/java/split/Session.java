package wavebench.split;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** One run of the tests against one candidate. */
final class Session {
    private static final int MOST_LINES = 1000;
    private static final int LONGEST_TEXT = 300;

    private final Channel channel;
    private final OutputStream verdict;
    private String gone = "";
    private String inexpressible = "";
    private byte[] request;
    private byte[] answer;
    private int recorded;
    private boolean allHeld = true;
    private String firstFailure = "";

    Session(Channel channel, OutputStream verdict) {
        this.channel = channel;
        this.verdict = verdict;
    }

    /** Ends the tests; an Error, as tests may catch exceptions. */
    private static final class Ended extends Error {
        Ended(String why) {
            super(why);
        }
    }

    /** Runs the tests' Main and tells the verdict. */
    void run(ClassLoader tests) throws IOException {
        String thrown = "";
        try {
            byte[] first = channel.receive();
            if (first == null || first.length != 1 || first[0] != '=') {
                giveUp("the program ended before it was loaded");
            }
            Method main = Class.forName("Main", true, tests).getDeclaredMethod("main", String[].class);
            main.setAccessible(true);
            main.invoke(null, (Object) new String[0]);
        } catch (InvocationTargetException ended) {
            thrown = String.valueOf(ended.getCause());
        } catch (Throwable ended) {
            thrown = String.valueOf(ended);
        }
        tellVerdict(thrown);
    }

    private void tellVerdict(String thrown) throws IOException {
        if (!inexpressible.isEmpty()) {
            tell("inexpressible " + inexpressible.replaceAll("\\s+", " "));
            return;
        }
        boolean ended = gone.isEmpty() && thrown.isEmpty();
        if (recorded == 0 || (!ended && allHeld)) { // tests that loop and throw have one verdict
            note(ended, "", gone.isEmpty() ? thrown : gone);
        }
        tell(ended && allHeld ? "held" : "refuted " + firstFailure);
    }

    Object call(String name, Object... arguments) {
        if (!gone.isEmpty() || !inexpressible.isEmpty()) {
            throw new Ended(gone);
        }
        answer = null;
        try {
            request = Wire.encode(name, Arrays.asList(arguments));
        } catch (Wire.Cannot cannot) {
            refuse(cannot.getMessage());
        }
        byte[] said = channel.send(request) ? channel.receive() : null;
        if (said == null || said.length == 0) {
            giveUp("the program ended");
        }
        String words = new String(said, 1, Math.min(said.length - 1, LONGEST_TEXT), StandardCharsets.UTF_8);
        switch (said[0]) {
            case '=':
                answer = said;
                return result(arguments);
            case '!':
                throw new RuntimeException("it threw " + words);
            case '?':
                refuse(words);
                break;
            default:
                giveUp("no answer");
        }
        throw new IllegalStateException();
    }

    private Object result(Object[] arguments) {
        try {
            Wire.In in = new Wire.In(answer, 1);
            int same = (Integer) in.value();
            Object result = in.value();
            Map<?, ?> changed = (Map<?, ?>) in.value();
            if (!in.isEmpty()) {
                throw new Wire.Bad("more than one value");
            }
            for (Map.Entry<?, ?> each : changed.entrySet()) {
                change(arguments[(Integer) each.getKey()], each.getValue());
            }
            return same >= 0 ? arguments[same] : result;
        } catch (UnsupportedOperationException unchangeable) {
            throw new RuntimeException("it changed an argument that cannot be changed");
        } catch (IOException | RuntimeException error) {
            giveUp("no answer: " + error.getMessage());
            throw new IllegalStateException(error);
        }
    }

    @SuppressWarnings("unchecked")
    private static void change(Object was, Object now) {
        if (was instanceof Map) {
            ((Map<Object, Object>) was).clear();
            ((Map<Object, Object>) was).putAll((Map<?, ?>) now);
        } else if (was instanceof Collection) {
            ((Collection<Object>) was).clear();
            ((Collection<Object>) was).addAll((Collection<?>) now);
        } else if (was.getClass() == now.getClass() && Array.getLength(was) == Array.getLength(now)) {
            System.arraycopy(now, 0, was, 0, Array.getLength(now));
        } else {
            throw new Wire.Bad("an argument changed its kind");
        }
    }

    private void giveUp(String why) {
        gone = why;
        throw new Ended(why);
    }

    private void refuse(String why) {
        inexpressible = why;
        throw new Ended(why);
    }

    boolean check(String text, Tester.Check check) {
        boolean held = false;
        String thrown = "";
        try {
            held = check.holds();
        } catch (Ended ended) {
            if (inexpressible.isEmpty()) {
                note(false, text, gone);
            }
            throw ended;
        } catch (Throwable error) {
            thrown = String.valueOf(error);
        }
        note(held, text, thrown);
        return held;
    }

    private void note(boolean held, String text, String thrown) {
        StringBuilder line = new StringBuilder("{\"n\": " + recorded + ", \"ok\": " + held);
        if (!held) {
            allHeld = false;
            add(line, "call", request == null ? "" : shownCall());
            add(line, "expected", text);
            add(line, "got", !thrown.isEmpty() || answer == null ? thrown : shownAnswer());
        }
        line.append('}');
        if (!held && firstFailure.isEmpty()) {
            firstFailure = line.toString();
        }
        if (recorded++ < MOST_LINES) {
            tell(line.toString());
        }
        request = null;
        answer = null;
    }

    private static void add(StringBuilder line, String key, String value) {
        if (value.isEmpty()) {
            return;
        }
        line.append(", \"").append(key).append("\": \"");
        for (int index = 0; index < Math.min(value.length(), LONGEST_TEXT); index++) {
            char each = value.charAt(index);
            if (each == '"' || each == '\\') {
                line.append('\\').append(each);
            } else if (each < ' ' || Character.isSurrogate(each)) {
                line.append(String.format("\\u%04x", (int) each));
            } else {
                line.append(each);
            }
        }
        line.append(value.length() > LONGEST_TEXT ? "...\"" : "\"");
    }

    private String shownCall() {
        try {
            Wire.In in = new Wire.In(request, 0);
            Object name = in.value();
            List<String> shown = new ArrayList<>();
            for (Object argument : (List<?>) in.value()) {
                shown.add(shown(argument));
            }
            return name + "(" + String.join(", ", shown) + ")";
        } catch (IOException error) {
            return "";
        }
    }

    private String shownAnswer() {
        try {
            Wire.In in = new Wire.In(answer, 1);
            int same = (Integer) in.value();
            Object result = in.value();
            return same < 0 ? shown(result) : "its argument";
        } catch (IOException | RuntimeException error) {
            return "";
        }
    }

    private static String shown(Object value) {
        if (value instanceof String) {
            return '"' + (String) value + '"';
        }
        if (value != null && value.getClass().isArray()) {
            String nested = Arrays.deepToString(new Object[] {value});
            return nested.substring(1, nested.length() - 1);
        }
        return String.valueOf(value);
    }

    private void tell(String line) {
        try {
            verdict.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException error) {
            throw new Ended("nobody takes the verdict");
        }
    }
}
