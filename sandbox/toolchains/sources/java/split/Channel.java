package wavebench.split;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Frames of a 32-bit length, little-endian, and so many bytes over two pipes. */
final class Channel implements AutoCloseable {
    private static final int PART = 1 << 16;

    private final DataInputStream in;
    private final OutputStream out;

    Channel(String in, String out) throws IOException {
        this.in = new DataInputStream(new FileInputStream(in));
        this.out = new FileOutputStream(out);
    }

    @Override
    public void close() throws IOException {
        in.close();
        out.close();
    }

    /** Sends a frame; false where nobody reads. */
    boolean send(byte[] data) {
        byte[] frame = new byte[4 + data.length];
        for (int index = 0; index < 4; index++) {
            frame[index] = (byte) (data.length >> 8 * index);
        }
        System.arraycopy(data, 0, frame, 4, data.length);
        try {
            out.write(frame);
            return true;
        } catch (IOException error) {
            return false;
        }
    }

    /** The next frame; null where there is none. It grows as bytes arrive: a length alone takes no memory. */
    byte[] receive() {
        try {
            int size = Integer.reverseBytes(in.readInt());
            if (size < 0 || size > Wire.MOST_BYTES) {
                return null;
            }
            ByteArrayOutputStream data = new ByteArrayOutputStream();
            byte[] part = new byte[PART];
            while (data.size() < size) {
                int got = in.read(part, 0, Math.min(PART, size - data.size()));
                if (got < 0) {
                    throw new EOFException();
                }
                data.write(part, 0, got);
            }
            return data.toByteArray();
        } catch (IOException error) {
            return null;
        }
    }
}
