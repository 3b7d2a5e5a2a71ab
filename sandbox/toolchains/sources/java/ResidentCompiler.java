package wavebench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * A warm javac: sources in on descriptor 0, classes out on descriptor 1, one program after another.
 *
 * <p>Integers are big-endian. A request is the number of files and, for each, its name and its text, both behind their
 * length. An answer is 1 when it compiled, 0 when it did not and 2 when the compiler ran out of stack or memory (it then
 * ends); then the compiler's words behind their length, then classes in the form of a request.
 *
 * <p>Nothing of a program is ever loaded or run here: annotation processors are off, the class path is empty, and
 * sources choose no options. Every program gets a compiler of its own (javac keeps names, symbols and types per task);
 * only the index of the platform's own classes is shared, which sources cannot change.
 */
public final class ResidentCompiler {
    private static final List<String> OPTIONS =
            List.of("-proc:none", "-implicit:none", "-nowarn", "-g:source,lines", "-Xlint:none", "-encoding", "UTF-8");
    private static final int COMPILED = 1;
    private static final int REFUSED = 0;
    private static final int EXHAUSTED = 2;

    public static void main(String[] arguments) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
        DataOutputStream out = new DataOutputStream(new FileOutputStream(FileDescriptor.out));
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager platform = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            platform.setLocation(StandardLocation.CLASS_PATH, List.of());
            platform.setLocation(StandardLocation.SOURCE_PATH, List.of());
            boolean sound = true;
            while (sound) {
                sound = answer(compiler, platform, read(in), out);
            }
        } catch (EOFException end) {
            return;
        }
    }

    private static boolean answer(
            JavaCompiler compiler, StandardJavaFileManager platform, List<Source> sources, DataOutputStream out)
            throws IOException {
        Classes classes = new Classes(platform);
        StringWriter words = new StringWriter();
        int result;
        try {
            result = compiler.getTask(words, classes, null, OPTIONS, null, sources).call() ? COMPILED : REFUSED;
            if (words.getBuffer().indexOf("The system is out of resources.") >= 0) {
                result = EXHAUSTED;
            }
        } catch (OutOfMemoryError | StackOverflowError error) {
            result = EXHAUSTED;
        } catch (RuntimeException error) {
            words.append(error.toString());
            result = REFUSED;
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        write(new DataOutputStream(whole), result, words.toString(), result == COMPILED ? classes.made : Map.of());
        whole.writeTo(out);
        out.flush();
        return result != EXHAUSTED;
    }

    private static List<Source> read(DataInputStream in) throws IOException {
        List<Source> sources = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            String name = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
            sources.add(new Source(name, new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8)));
        }
        return sources;
    }

    private static void write(DataOutputStream out, int result, String words, Map<String, ByteArrayOutputStream> made)
            throws IOException {
        out.writeByte(result);
        writeBytes(out, words.getBytes(StandardCharsets.UTF_8));
        out.writeInt(made.size());
        for (Map.Entry<String, ByteArrayOutputStream> file : made.entrySet()) {
            writeBytes(out, file.getKey().getBytes(StandardCharsets.UTF_8));
            writeBytes(out, file.getValue().toByteArray());
        }
    }

    private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /** A source held in memory. */
    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String name, String text) {
            super(URI.create("string:///" + name), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** Keeps the classes of one program in memory. */
    private static final class Classes extends ForwardingJavaFileManager<JavaFileManager> {
        final Map<String, ByteArrayOutputStream> made = new LinkedHashMap<>();

        Classes(JavaFileManager platform) {
            super(platform);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            made.put(className.replace('.', '/') + ".class", bytes);
            return new SimpleJavaFileObject(URI.create("bytes:///" + className.replace('.', '/') + ".class"), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return bytes;
                }
            };
        }
    }
}
