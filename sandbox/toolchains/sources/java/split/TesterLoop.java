package wavebench.split;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A tester that stays: each line on stdin is an order, {"folder": where the tests' classes lie, "in", "out", "verdict":
 * paths to open}. After each it writes a line to stdout.
 *
 * <p>Every order gets a class loader of its own, so that no test finds what another one left in its classes.
 */
public final class TesterLoop {
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\": *\"([^\"\\\\]*)\"");

    public static void main(String[] arguments) throws Throwable {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
        PrintStream done = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        for (String line; (line = orders.readLine()) != null; ) {
            Map<String, String> order = new HashMap<>();
            for (Matcher field = FIELD.matcher(line); field.find(); ) {
                order.put(field.group(1), field.group(2));
            }
            obey(order);
            done.println("done");
            done.flush();
        }
    }

    private static void obey(Map<String, String> order) throws Throwable {
        URL folder = new File(order.get("folder") + "/").toURI().toURL();
        try (Channel channel = new Channel(order.get("in"), order.get("out"));
                OutputStream verdict = new FileOutputStream(order.get("verdict"));
                URLClassLoader tests = new URLClassLoader(new URL[] {folder}, TesterLoop.class.getClassLoader())) {
            Tester.session = new Session(channel, verdict);
            Tester.session.run(tests);
        }
    }
}
