
class Main {
    private static final java.io.OutputStream OUT = new java.io.FileOutputStream(java.io.FileDescriptor.out);

    public static void main(String[] ignored) throws Exception {
        try (var lines = new java.io.BufferedReader(new java.io.InputStreamReader(System.in, "UTF-8"))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Object returned = call((java.util.List<?>) new Parser(line).value());
                OUT.write(("\u001e" + shown(returned) + "\n").getBytes("US-ASCII"));
            }
        } catch (java.lang.reflect.InvocationTargetException thrown) {
            thrown.getCause().printStackTrace();
            System.err.println(thrown.getCause());
            System.exit(1);
        }
    }

    private static Object call(java.util.List<?> given) throws Exception {
        RuntimeException unfit = new IllegalArgumentException("no method ENTRY takes " + given.size() + " arguments");
        for (var method : Solution.class.getDeclaredMethods()) {
            if (!method.getName().equals("ENTRY") || method.isBridge() || method.getParameterCount() != given.size()) {
                continue;
            }
            var types = method.getGenericParameterTypes();
            Object[] arguments = new Object[types.length];
            try {
                for (int i = 0; i < types.length; i++) {
                    arguments[i] = as(types[i], given.get(i));
                }
            } catch (ArithmeticException | ClassCastException | IllegalArgumentException other) {
                unfit = other; // an overload may take these values
                continue;
            }
            method.setAccessible(true);
            boolean isStatic = java.lang.reflect.Modifier.isStatic(method.getModifiers());
            return method.invoke(isStatic ? null : made(Solution.class), arguments);
        }
        throw unfit;
    }

    private static <T> T made(Class<T> kind) throws Exception {
        var constructor = kind.getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
    }

    private static final class Number {
        final String digits;

        Number(String digits) {
            this.digits = digits;
        }
    }

    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        private char next() {
            while (at < text.length() && text.charAt(at) <= ' ') {
                at++;
            }
            return text.charAt(at);
        }

        private String word() {
            StringBuilder found = new StringBuilder();
            for (at++; text.charAt(at) != '"'; at++) {
                char sign = text.charAt(at);
                if (sign == '\\') {
                    sign = text.charAt(++at);
                    if (sign == 'u') {
                        sign = (char) Integer.parseInt(text.substring(at + 1, at + 5), 16);
                        at += 4;
                    } else if ("ntrbf".indexOf(sign) >= 0) {
                        sign = "\n\t\r\b\f".charAt("ntrbf".indexOf(sign));
                    }
                }
                found.append(sign);
            }
            at++;
            return found.toString();
        }

        Object value() {
            char first = next();
            if (first == '"') {
                return word();
            }
            if (first == '[') {
                java.util.List<Object> items = new java.util.ArrayList<>();
                for (at++; next() != ']';) {
                    at += text.charAt(at) == ',' ? 1 : 0;
                    items.add(value());
                }
                at++;
                return items;
            }
            if (first == '{') {
                java.util.Map<String, Object> items = new java.util.LinkedHashMap<>();
                for (at++; next() != '}';) {
                    at += text.charAt(at) == ',' ? 1 : 0;
                    next();
                    String key = word();
                    next();
                    at++;
                    items.put(key, value());
                }
                at++;
                return items;
            }
            int begin = at;
            while (at < text.length() && ",]} ".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String said = text.substring(begin, at);
            return said.equals("null") ? null
                : said.equals("true") || said.equals("false") ? (Object) said.equals("true") : new Number(said);
        }
    }

    private static Object as(java.lang.reflect.Type type, Object value) throws Exception {
        if (type instanceof java.lang.reflect.WildcardType) {
            return as(((java.lang.reflect.WildcardType) type).getUpperBounds()[0], value);
        }
        if (type instanceof java.lang.reflect.TypeVariable) { // bounds such as Comparable<T> take what is natural
            return as(Object.class, value);
        }
        Class<?> kind = raw(type);
        if (value == null) {
            if (kind.isPrimitive()) {
                throw new IllegalArgumentException("null for " + kind);
            }
            return kind == java.util.Optional.class ? java.util.Optional.empty() : null;
        }
        if (kind == java.util.Optional.class) {
            return java.util.Optional.of(as(inner(type, 0), value));
        }
        if (value instanceof Number) {
            return number(kind, ((Number) value).digits);
        }
        if (value instanceof Boolean) {
            return kind == boolean.class ? value : kind.cast(value);
        }
        if (value instanceof String) {
            return text(kind, (String) value);
        }
        if (value instanceof java.util.Map) {
            return object(type, kind, (java.util.Map<?, ?>) value);
        }
        java.util.List<?> items = (java.util.List<?>) value;
        if (type instanceof java.lang.reflect.GenericArrayType || kind.isArray()) {
            java.lang.reflect.Type part = type instanceof java.lang.reflect.GenericArrayType
                ? ((java.lang.reflect.GenericArrayType) type).getGenericComponentType() : kind.getComponentType();
            Object array = java.lang.reflect.Array.newInstance(raw(part), items.size());
            for (int i = 0; i < items.size(); i++) {
                java.lang.reflect.Array.set(array, i, as(part, items.get(i)));
            }
            return array;
        }
        if (kind.isRecord()) {
            return record(kind, items::get);
        }
        java.util.Collection<Object> found = collection(kind);
        for (Object each : items) {
            found.add(as(inner(type, 0), each));
        }
        return found;
    }

    private static Class<?> raw(java.lang.reflect.Type type) {
        if (type instanceof java.lang.reflect.ParameterizedType) {
            return (Class<?>) ((java.lang.reflect.ParameterizedType) type).getRawType();
        }
        if (type instanceof java.lang.reflect.GenericArrayType) {
            return raw(((java.lang.reflect.GenericArrayType) type).getGenericComponentType()).arrayType();
        }
        return type instanceof Class ? (Class<?>) type : Object.class;
    }

    private static java.lang.reflect.Type inner(java.lang.reflect.Type type, int place) {
        return type instanceof java.lang.reflect.ParameterizedType
            ? ((java.lang.reflect.ParameterizedType) type).getActualTypeArguments()[place] : Object.class;
    }

    private static Object number(Class<?> kind, String digits) {
        if (kind == double.class || kind == Double.class) {
            return Double.parseDouble(digits);
        }
        if (kind == float.class || kind == Float.class) {
            return Float.parseFloat(digits);
        }
        var exact = new java.math.BigDecimal(digits);
        if (kind == int.class || kind == Integer.class) {
            return exact.intValueExact();
        }
        if (kind == long.class || kind == Long.class) {
            return exact.longValueExact();
        }
        if (kind == short.class || kind == Short.class) {
            return exact.shortValueExact();
        }
        if (kind == byte.class || kind == Byte.class) {
            return exact.byteValueExact();
        }
        if (kind == java.math.BigInteger.class) {
            return exact.toBigIntegerExact();
        }
        if (kind == java.math.BigDecimal.class) {
            return exact;
        }
        if (digits.matches(".*[.eE].*")) {
            return kind.cast(Double.parseDouble(digits));
        }
        int bits = exact.toBigInteger().bitLength();
        if (bits < 32) {
            return kind.cast(exact.intValue());
        }
        return kind.cast(bits < 64 ? (Object) exact.longValue() : exact.toBigInteger());
    }

    private static Object text(Class<?> kind, String text) {
        if (kind == char.class || kind == Character.class) {
            if (text.length() != 1) {
                throw new IllegalArgumentException("one character was expected");
            }
            return text.charAt(0);
        }
        if (kind.isEnum()) {
            for (Object each : kind.getEnumConstants()) {
                if (((Enum<?>) each).name().equals(text)) {
                    return each;
                }
            }
        }
        return kind == StringBuilder.class ? new StringBuilder(text) : kind.cast(text);
    }

    @SuppressWarnings("unchecked")
    private static java.util.Collection<Object> collection(Class<?> kind) throws Exception {
        boolean isAbstract = java.lang.reflect.Modifier.isAbstract(kind.getModifiers());
        Class<?> own = !isAbstract && kind != Object.class ? kind
            : kind.isAssignableFrom(java.util.ArrayList.class) ? java.util.ArrayList.class
            : kind.isAssignableFrom(java.util.LinkedHashSet.class) ? java.util.LinkedHashSet.class
            : kind.isAssignableFrom(java.util.TreeSet.class) ? java.util.TreeSet.class : java.util.LinkedList.class;
        return (java.util.Collection<Object>) made(own);
    }

    private static Object object(java.lang.reflect.Type type, Class<?> kind, java.util.Map<?, ?> given) throws Exception {
        boolean isAny = kind.isAssignableFrom(java.util.LinkedHashMap.class);
        if (isAny || java.util.Map.class.isAssignableFrom(kind)) {
            java.util.Map<Object, Object> found = isAny ? new java.util.LinkedHashMap<>() : new java.util.TreeMap<>();
            if (!isAny && !kind.isInstance(found)) {
                @SuppressWarnings("unchecked") var own = (java.util.Map<Object, Object>) made(kind);
                found = own;
            }
            for (var each : given.entrySet()) {
                found.put(key(raw(inner(type, 0)), (String) each.getKey()), as(inner(type, 1), each.getValue()));
            }
            return found;
        }
        if (kind.isRecord()) {
            var names = kind.getRecordComponents();
            return record(kind, place -> given.get(names[place].getName()));
        }
        Object found = made(kind);
        for (var field : fields(kind)) {
            if (given.containsKey(field.getName())) {
                field.set(found, as(field.getGenericType(), given.get(field.getName())));
            }
        }
        return found;
    }

    private static Object key(Class<?> kind, String text) {
        boolean isText = kind.isInstance(text) || kind == Character.class || kind.isEnum();
        return isText ? text(kind, text) : kind == Boolean.class ? (Object) text.equals("true") : number(kind, text);
    }

    private static Object record(Class<?> kind, java.util.function.IntFunction<?> given) throws Exception {
        var parts = kind.getRecordComponents();
        Class<?>[] kinds = new Class<?>[parts.length];
        Object[] values = new Object[parts.length];
        for (int i = 0; i < parts.length; i++) {
            kinds[i] = parts[i].getType();
            values[i] = as(parts[i].getGenericType(), given.apply(i));
        }
        var constructor = kind.getDeclaredConstructor(kinds);
        constructor.setAccessible(true);
        return constructor.newInstance(values);
    }

    private static java.util.List<java.lang.reflect.Field> fields(Class<?> kind) {
        java.util.List<java.lang.reflect.Field> found = new java.util.ArrayList<>();
        for (var field : kind.getDeclaredFields()) {
            if (!java.lang.reflect.Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
                field.setAccessible(true);
                found.add(field);
            }
        }
        return found;
    }

    private static String shown(Object value) throws Exception {
        if (value == null || value instanceof Boolean || value instanceof java.lang.Number) {
            return String.valueOf(value);
        }
        if (value instanceof CharSequence || value instanceof Character || value instanceof Enum) {
            return quoted(value instanceof Enum ? ((Enum<?>) value).name() : value.toString());
        }
        if (value instanceof java.util.Optional) {
            return shown(((java.util.Optional<?>) value).orElse(null));
        }
        var parts = new java.util.StringJoiner(",");
        if (value.getClass().isArray()) {
            for (int i = 0; i < java.lang.reflect.Array.getLength(value); i++) {
                parts.add(shown(java.lang.reflect.Array.get(value, i)));
            }
            return "[" + parts + "]";
        }
        if (value instanceof Iterable) {
            for (Object each : (Iterable<?>) value) {
                parts.add(shown(each));
            }
            return "[" + parts + "]";
        }
        if (value instanceof java.util.Map.Entry) {
            var pair = (java.util.Map.Entry<?, ?>) value;
            return "[" + shown(pair.getKey()) + "," + shown(pair.getValue()) + "]";
        }
        if (value instanceof java.util.Map) {
            for (var each : ((java.util.Map<?, ?>) value).entrySet()) {
                parts.add(quoted(String.valueOf(each.getKey())) + ":" + shown(each.getValue()));
            }
            return "{" + parts + "}";
        }
        for (var field : fields(value.getClass())) {
            parts.add(quoted(field.getName()) + ":" + shown(field.get(value)));
        }
        return "{" + parts + "}";
    }

    private static String quoted(String text) {
        StringBuilder found = new StringBuilder("\"");
        for (char sign : text.toCharArray()) {
            if (sign == '"' || sign == '\\') {
                found.append('\\').append(sign);
            } else if (sign < 32 || sign > 126) {
                found.append(String.format("\\u%04x", (int) sign));
            } else {
                found.append(sign);
            }
        }
        return found.append('"').toString();
    }
}
