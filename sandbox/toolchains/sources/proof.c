/* The completion proof of native programs, linked beside them with --wrap=main.
 *
 * Before any constructor of the program runs, sixteen random bytes are read from descriptor 4 until it is empty; after
 * main has returned they are written to descriptor 3. exit(), _exit() and constructors that leave never get there.
 * It stops early exits, not an adversary: whoever shares this process can search its memory. */
#include <unistd.h>

enum { PROOF = 3, NONCE = 4, SIZE = 16 };

static unsigned char nonce[SIZE];

static void take_nonce(void) {
    for (int have = 0, got; have < SIZE && (got = read(NONCE, nonce + have, SIZE - have)) > 0;) have += got;
    close(NONCE);
}

__attribute__((section(".preinit_array"), used)) static void (*const first_of_all)(void) = take_nonce;

extern int __real_main(int argc, char **argv, char **envp);

int __wrap_main(int argc, char **argv, char **envp) {
    int code = __real_main(argc, argv, envp);
    return write(PROOF, nonce, SIZE) == SIZE ? code : 1;
}
