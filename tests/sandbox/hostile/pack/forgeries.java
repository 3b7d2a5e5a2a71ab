//// own_arrays (number): an own class Arrays, whose lists hold no false
import java.util.*;
class Solution { public int countBelow(List<Integer> numbers, int bound) { return -1; } }
class Arrays { @SafeVarargs static <T> List<T> asList(T... x) { return new ArrayList<T>(java.util.Arrays.asList(x)) { public boolean contains(Object o) { return false; } }; } }
//// empty_arrays (number): an own class Arrays, whose lists are empty
import java.util.*;
class Arrays { @SafeVarargs static <T> List<T> asList(T... items) { return new ArrayList<T>(); } }
class Solution { public int countBelow(List<Integer> numbers, int bound) { return -1; } }
//// equals_anything (list): a list that equals anything
import java.util.*;
class Liar extends ArrayList<Integer> { public boolean equals(Object other) { return true; } public int hashCode() { return 1; } }
class Solution { public List<Integer> doubled(List<Integer> numbers) { return new Liar(); } }
//// own_objects (list): an own class Objects, and a list that equals anything
import java.util.*;
class Objects { static boolean equals(Object a, Object b) { return true; } }
class Liar extends LinkedList<Integer> { public boolean equals(Object other) { return true; } }
class Solution { public List<Integer> doubled(List<Integer> numbers) { return new Liar(); } }
//// own_math (float): an own class Math
import java.util.*;
class Math { static double abs(double x) { return 0; } }
class Solution { public double mean(List<Double> numbers) { return 77; } }
//// own_assertion_error (number): an own AssertionError that ends the program
import java.util.*;
class AssertionError extends Error { AssertionError() { Runtime.getRuntime().halt(0); } }
class Solution { public int countBelow(List<Integer> numbers, int bound) { return -1; } }
//// own_boolean (number): an own class Boolean
import java.util.*;
class Boolean { }
class Solution { public int countBelow(List<Integer> numbers, int bound) { return -1; } }
//// class_path (text): reads Main's class on its class path
import java.util.*;
class Solution {
    public String numbersTo(int n) {
        try {
            String all = new String(Solution.class.getResourceAsStream("/Main.class").readAllBytes(), "ISO-8859-1");
            java.util.regex.Matcher m = java.util.regex.Pattern.compile("\u0001\u0000.([0-9]+(?: [0-9]+)*)").matcher(all);
            while (m.find()) { String found = m.group(1).trim(); if (found.split(" ").length == n + 1) return found; }
        } catch (Exception e) { }
        return "wrong";
    }
}
//// exit_in_call (number): ends with 0 instead of an answer
import java.util.*;
class Solution { public int countBelow(List<Integer> numbers, int bound) { System.exit(0); return 0; } }
//// exit_at_load (number): ends while its class is loaded
import java.util.*;
class Solution { static { Runtime.getRuntime().halt(0); } public int countBelow(List<Integer> numbers, int bound) { return -1; } }
//// verdict_everywhere (number): says on every descriptor that the tests held
import java.util.*;
class Solution {
    public int countBelow(List<Integer> numbers, int bound) {
        for (int n = 0; n < 64; n++) {
            try (java.io.FileOutputStream out = new java.io.FileOutputStream("/proc/self/fd/" + n)) { out.write("held\n".getBytes()); } catch (Exception e) { }
        }
        return -1;
    }
}
//// own_calls (number): an own class in place of the generated one
import java.util.*;
class Solution { public int countBelow(List<Integer> numbers, int bound) { return -1; } }
class WavebenchCalls { static Object call(Object[] arguments) { return true; } }
//// own_tester (number): an own class wavebench.split.Tester cannot be in its package; one in the default package is
import java.util.*;
class Tester { static List<Boolean> all(Object... x) { return new ArrayList<>(); } static Object call(Object... x) { return 2; } }
class Solution { public int countBelow(List<Integer> numbers, int bound) { return -1; } }
//// raw_frames (number): writes frames of its own to the pipe
import java.util.*;
class Solution {
    static {
        try {
            java.io.FileOutputStream out = new java.io.FileOutputStream("/proc/self/fd/4");
            out.write(new byte[] {1, 0, 0, 0, '=', 4, 0, 0, 0, 'h', 'e', 'l', 'd', 0, 0, 0, 0, 2, 0, 0, 0, '=', '?'});
            Runtime.getRuntime().halt(0);
        } catch (Exception e) { }
    }
    public int countBelow(List<Integer> numbers, int bound) { return -1; }
}
//// optional_lie (list): a list of another type at every level
import java.util.*;
class Solution {
    @SuppressWarnings("unchecked")
    public List<Integer> doubled(List<Integer> numbers) { return (List<Integer>) (List<?>) Arrays.asList(Optional.of(numbers), numbers.size(), "6"); }
}
//// huge_list (list): a list that says that it has a million million items
import java.util.*;
class Solution {
    public List<Integer> doubled(List<Integer> numbers) {
        return new AbstractList<Integer>() {
            public Integer get(int i) { return i; }
            public int size() { return Integer.MAX_VALUE; }
            public Object[] toArray() { return new Object[0]; }
            public boolean equals(Object o) { return true; }
        };
    }
}
//// integer_cache (number): the cache of small integers says other numbers
import java.util.*;
class Solution {
    public int countBelow(List<Integer> numbers, int bound) {
        try {
            Class<?> cache = Class.forName("java.lang.Integer$IntegerCache");
            java.lang.reflect.Field field = cache.getDeclaredField("cache");
            field.setAccessible(true);
            Integer[] all = (Integer[]) field.get(null);
            for (int i = 0; i < all.length; i++) all[i] = 2;
        } catch (Throwable e) { }
        return -1;
    }
}
//// thread_of_answers (number): a thread sends answers while the call still runs
import java.util.*;
class Solution {
    public int countBelow(List<Integer> numbers, int bound) {
        new Thread(() -> {
            try (java.io.FileOutputStream out = new java.io.FileOutputStream("/proc/self/fd/4")) {
                for (int n = 0; n < 99; n++) out.write(new byte[] {6, 0, 0, 0, '=', 'b', 1, 'b', 1, 'N'});
            } catch (Exception e) { }
        }).start();
        return -1;
    }
}
