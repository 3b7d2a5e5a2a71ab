import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.*;
import java.util.stream.*;

/** Uses what programs often use, so that the class archive of their launcher holds it. */
public final class Main {
    public static void main(String[] arguments) throws Exception {
        List<Integer> numbers = new ArrayList<>(Arrays.asList(3, 1, 2));
        Collections.sort(numbers);
        Map<String, Integer> counts = new TreeMap<>(new HashMap<>(Map.of("a", 1)));
        counts.merge("a", 1, Integer::sum);
        Deque<Character> stack = new ArrayDeque<>(List.of('a'));
        Set<String> names = new TreeSet<>(new HashSet<>(new LinkedHashSet<>(List.of("b"))));
        String text = numbers.stream().map(n -> "n" + n).filter(n -> !n.isEmpty()).sorted().collect(Collectors.joining(","));
        int sum = IntStream.rangeClosed(1, 9).boxed().mapToInt(Integer::intValue).sum();
        String built = new StringBuilder(String.format("%d %s %.2f", sum, text, Math.sqrt(2))).reverse().toString();
        Optional<Integer> least = numbers.stream().max(Comparator.comparingInt(n -> -n));
        MessageDigest.getInstance("MD5").digest(built.getBytes());
        BigInteger big = BigInteger.TEN.pow(30).mod(BigInteger.TWO);
        boolean matched = "ab12".matches("[a-z]+\\d*") && "a b".split(" ").length == 2 && new Random(1).nextInt(2) < 2;
        int sizes = names.size() + stack.size() + counts.size();
        if (List.of(matched, least.isPresent(), big.signum() == 0, sizes == 3).contains(false)) {
            throw new AssertionError();
        }
    }
}
