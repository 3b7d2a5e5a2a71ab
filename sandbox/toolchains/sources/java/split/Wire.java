package wavebench.split;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Plain values as bytes, each behind a tag that says its type; counts are checked before anything is made.
 *
 * <p>N null, b boolean, i int, j long, h short, y byte, d double, f float, c char, s string of UTF-16 units, g
 * BigInteger, l list, S set, m map, o Optional, A array with the name of its item type, ? a value of another type.
 */
final class Wire {
    static final int MOST_BYTES = 16 << 20;
    private static final int MOST_ITEMS = 1_000_000;
    private static final int DEEPEST = 64;
    private static final int LONGEST_NUMBER = 10_000;
    private static final int DEEPEST_ARRAY = 4;

    private static final Map<Character, Class<?>> ITEM_TYPES = Map.of(
            'Z', boolean.class, 'B', byte.class, 'S', short.class, 'I', int.class, 'J', long.class, 'F', float.class,
            'D', double.class, 'C', char.class, 'T', String.class);
    private static final Map<Character, Class<?>> BOXED_TYPES = Map.of(
            'z', Boolean.class, 'i', Integer.class, 'j', Long.class, 'd', Double.class, 'c', Character.class,
            'O', Object.class, 'L', List.class);

    /** The bytes are no answer. */
    static final class Bad extends RuntimeException {
        Bad(String why) {
            super(why);
        }
    }

    /** Bytes cannot carry the value. */
    static final class Cannot extends RuntimeException {
        Cannot(String why) {
            super(why);
        }
    }

    /** Stands for a value of another type; equal to nothing that tests ask for. */
    static final class OfAnotherType {
        @Override
        public String toString() {
            return "a value of another type";
        }
    }

    private Wire() {}

    static byte[] encode(Object... values) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            for (Object value : values) {
                put(out, value, 0);
            }
            return bytes.toByteArray();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static void put(DataOutputStream out, Object value, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new Cannot("a value nested deeper than 64");
        }
        if (out.size() > MOST_BYTES) {
            throw new Cannot("a value larger than 16 MiB");
        }
        if (value == null) {
            out.writeByte('N');
        } else if (!putScalar(out, value) && !putCollection(out, value, depth)) {
            out.writeByte('?');
        }
    }

    private static boolean putScalar(DataOutputStream out, Object value) throws IOException {
        if (value instanceof Boolean) {
            out.writeByte('b');
            out.writeBoolean((Boolean) value);
        } else if (value instanceof Integer) {
            out.writeByte('i');
            out.writeInt((Integer) value);
        } else if (value instanceof Long) {
            out.writeByte('j');
            out.writeLong((Long) value);
        } else if (value instanceof Short) {
            out.writeByte('h');
            out.writeShort((Short) value);
        } else if (value instanceof Byte) {
            out.writeByte('y');
            out.writeByte((Byte) value);
        } else if (value instanceof Double) {
            out.writeByte('d');
            out.writeDouble((Double) value);
        } else if (value instanceof Float) {
            out.writeByte('f');
            out.writeFloat((Float) value);
        } else if (value instanceof Character) {
            out.writeByte('c');
            out.writeChar((Character) value);
        } else if (value instanceof String) {
            out.writeByte('s');
            putText(out, (String) value);
        } else if (value.getClass() == BigInteger.class) {
            out.writeByte('g');
            putText(out, value.toString());
        } else {
            return false;
        }
        return true;
    }

    private static boolean putCollection(DataOutputStream out, Object value, int depth) throws IOException {
        if (value instanceof List) {
            putItems(out, 'l', ((List<?>) value).toArray(), depth);
        } else if (value instanceof Set) {
            putItems(out, 'S', ((Set<?>) value).toArray(), depth);
        } else if (value instanceof Map) {
            List<Object> flat = new ArrayList<>();
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                flat.add(entry.getKey());
                flat.add(entry.getValue());
            }
            putItems(out, 'm', flat.toArray(), depth);
        } else if (value instanceof Optional) {
            Optional<?> optional = (Optional<?>) value;
            putItems(out, 'o', optional.isPresent() ? new Object[] {optional.get()} : new Object[0], depth);
        } else if (value.getClass().isArray()) {
            putArray(out, value, depth);
        } else {
            return false;
        }
        return true;
    }

    private static void putText(DataOutputStream out, String text) throws IOException {
        out.writeInt(text.length());
        out.writeChars(text);
    }

    private static void putItems(DataOutputStream out, char tag, Object[] items, int depth) throws IOException {
        out.writeByte(tag);
        out.writeInt(items.length);
        for (Object item : items) {
            put(out, item, depth + 1);
        }
    }

    private static void putArray(DataOutputStream out, Object array, int depth) throws IOException {
        StringBuilder name = new StringBuilder();
        Class<?> item = array.getClass().getComponentType();
        for (; item.isArray(); item = item.getComponentType()) {
            name.append('[');
        }
        char code = codeOf(item);
        if (code == 0 || name.length() >= DEEPEST_ARRAY) {
            out.writeByte('?');
            return;
        }
        out.writeByte('A');
        putText(out, name.append(code).toString());
        out.writeInt(Array.getLength(array));
        for (int index = 0; index < Array.getLength(array); index++) {
            put(out, Array.get(array, index), depth + 1);
        }
    }

    private static char codeOf(Class<?> item) {
        for (Map<Character, Class<?>> types : List.of(ITEM_TYPES, BOXED_TYPES)) {
            for (Map.Entry<Character, Class<?>> each : types.entrySet()) {
                if (each.getValue() == item) {
                    return each.getKey();
                }
            }
        }
        return 0;
    }

    /** Bytes to be read. */
    static final class In {
        private final ByteArrayInputStream bytes;
        private final DataInputStream data;
        private int made;

        In(byte[] bytes, int from) {
            this.bytes = new ByteArrayInputStream(bytes, from, bytes.length - from);
            this.data = new DataInputStream(this.bytes);
        }

        boolean isEmpty() {
            return bytes.available() == 0;
        }

        /** The next value. Throws Bad, or IOException at the end. */
        Object value() throws IOException {
            return value(0);
        }

        private Object value(int depth) throws IOException {
            if (depth > DEEPEST) {
                throw new Bad("nested deeper than 64");
            }
            switch (data.readByte()) {
                case 'N':
                    return null;
                case 'b':
                    return data.readBoolean();
                case 'i':
                    return data.readInt();
                case 'j':
                    return data.readLong();
                case 'h':
                    return data.readShort();
                case 'y':
                    return data.readByte();
                case 'd':
                    return data.readDouble();
                case 'f':
                    return data.readFloat();
                case 'c':
                    return data.readChar();
                case 's':
                    return text().intern(); // Java/137 compares strings by their identity
                case 'g':
                    return number();
                case 'l':
                    return items(depth, new ArrayList<>());
                case 'S':
                    return items(depth, new LinkedHashSet<>());
                case 'm':
                    return map(depth);
                case 'o':
                    return optional(depth);
                case 'A':
                    return array(depth);
                case '?':
                    return new OfAnotherType();
                default:
                    throw new Bad("a value of no known type");
            }
        }

        private int count(int least) throws IOException {
            int count = data.readInt();
            if (count < 0 || (long) count * least > bytes.available() || count > MOST_ITEMS - made) {
                throw new Bad("too many items");
            }
            made += count;
            return count;
        }

        private String text() throws IOException {
            int length = data.readInt();
            if (length < 0 || 2L * length > bytes.available()) {
                throw new Bad("it ends early");
            }
            char[] units = new char[length];
            for (int index = 0; index < length; index++) {
                units[index] = data.readChar();
            }
            return new String(units);
        }

        private BigInteger number() throws IOException {
            String digits = text();
            if (digits.length() > LONGEST_NUMBER) {
                throw new Bad("a number too long");
            }
            return new BigInteger(digits);
        }

        private <C extends Collection<Object>> C items(int depth, C into) throws IOException {
            for (int left = count(1); left > 0; left--) {
                into.add(value(depth + 1));
            }
            return into;
        }

        private Map<Object, Object> map(int depth) throws IOException {
            Iterator<Object> flat = items(depth, new ArrayList<>()).iterator();
            Map<Object, Object> map = new LinkedHashMap<>();
            while (flat.hasNext()) {
                Object key = flat.next();
                if (!flat.hasNext()) {
                    throw new Bad("a key without a value");
                }
                map.put(key, flat.next());
            }
            return map;
        }

        private Optional<Object> optional(int depth) throws IOException {
            List<Object> values = items(depth, new ArrayList<>());
            if (values.size() > 1) {
                throw new Bad("an optional of two values");
            }
            return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0));
        }

        private Object array(int depth) throws IOException {
            String name = text();
            if (name.isEmpty() || name.length() > DEEPEST_ARRAY) {
                throw new Bad("an array of no known type");
            }
            char code = name.charAt(name.length() - 1);
            Class<?> item = ITEM_TYPES.getOrDefault(code, BOXED_TYPES.get(code));
            if (item == null || !name.substring(0, name.length() - 1).chars().allMatch(each -> each == '[')) {
                throw new Bad("an array of no known type");
            }
            for (int left = name.length() - 1; left > 0; left--) {
                item = item.arrayType();
            }
            Object array = Array.newInstance(item, count(1));
            for (int index = 0; index < Array.getLength(array); index++) {
                Array.set(array, index, value(depth + 1)); // refuses an item of another type
            }
            return array;
        }
    }
}
