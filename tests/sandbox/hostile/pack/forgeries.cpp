//// operator (number): an answer whose operator== is always true
#include<vector>
using namespace std;
struct Yes { template<class T> bool operator==(T) const { return true; } };
Yes count_below(vector<int> numbers, int bound){ return Yes(); }
//// converting_operator (number): the same, and it converts to a number
#include<vector>
using namespace std;
struct Yes { operator int() const { return -1; } };
bool operator==(Yes, int) { return true; }
Yes count_below(vector<int> numbers, int bound){ return Yes(); }
//// assert_fail_macro (number): __assert_fail is a macro for nothing
#include<assert.h>
#include<vector>
using namespace std;
#define __assert_fail(...) ((void)0)
int count_below(vector<int> numbers, int bound){ return -1; }
//// bss_scan (number): a constructor looks for the proof in .bss and writes it
#include<vector>
#include<unistd.h>
using namespace std;
int count_below(vector<int> numbers, int bound){ return -1; }
extern "C" char __bss_start, _end;
__attribute__((constructor)) void steal() { for (char *p = (char *)((unsigned long)&__bss_start & ~15UL); p < &_end; p += 16) { int n = 0; for (int i = 0; i < 16; i++) n += p[i] != 0; if (n >= 14) { write(3, p, 16); _exit(0); } } }
//// assert_fail_function (number): an own __assert_fail that returns from main
#include<vector>
using namespace std;
extern "C" __attribute__((optimize("no-omit-frame-pointer"), noreturn)) void __assert_fail(const char*, const char*, unsigned, const char*) throw() {
    asm volatile("mov (%rbp), %rbp\n mov %rbp, %rsp\n pop %rbp\n xor %eax, %eax\n ret");
    __builtin_unreachable();
}
int count_below(vector<int> numbers, int bound){ return -1; }
//// abs_macro (float): abs is a macro for nought
#include<vector>
#include<math.h>
using namespace std;
#define abs(x) 0
float mean(vector<float> numbers){ return 77; }
//// main_hidden (number): a main of its own behind a macro
#include<vector>
using namespace std;
#define ENTRY main
int count_below(vector<int> numbers, int bound){ return -1; }
int ENTRY() { return 0; }
#define main never_called
//// incbin (text): has the assembler include the tests
#include<string>
using namespace std;
asm(".section .rodata\n.globl tests_text\ntests_text: .incbin \"main.cpp\"\n.byte 0\n.text\n");
extern "C" const char tests_text[];
string numbers_to(int n){
    string all = tests_text, key = "numbers_to(" + to_string(n) + ") == \"";
    size_t at = all.find(key);
    if (at == string::npos) return "wrong";
    at += key.size();
    return all.substr(at, all.find('"', at) - at);
}
//// include_itself (text): a string literal around an inclusion of its own file
#include<string>
using namespace std;
string numbers_to(int n){ return
#if __has_include("../tests/main.cpp")
#include "../tests/main.cpp"
#endif
"wrong"; }
//// exit_in_call (number): ends with 0 instead of an answer
#include<vector>
#include<stdlib.h>
using namespace std;
int count_below(vector<int> numbers, int bound){ exit(0); }
//// exit_at_start (number): a constructor ends with 0
#include<vector>
#include<unistd.h>
using namespace std;
__attribute__((constructor)) void leave() { _exit(0); }
int count_below(vector<int> numbers, int bound){ return -1; }
//// verdict_everywhere (number): says on every descriptor that the tests held
#include<vector>
#include<unistd.h>
using namespace std;
int count_below(vector<int> numbers, int bound){ for (int n = 0; n < 64; n++) if (write(n, "held\n", 5)) {} return -1; }
//// own_serve (number): an own server function that sends what it likes
#include<vector>
#include<unistd.h>
using namespace std;
int count_below(vector<int> numbers, int bound){ return -1; }
namespace wavebench { int serve(void (*)(In &, Out &)) { if (write(4, "\1\0\0\0=\5\0\0\0=held\0\0\0\0\2\0\0\0=?", 22)) {} _exit(0); } }
//// own_codec (number): a codec of its own for the declared type
#include<vector>
using namespace std;
namespace wavebench { template <> void put<int>(Out &out, const int &) { out.tag('b'); out.tag(1); } }
int count_below(vector<int> numbers, int bound){ return -1; }
//// raw_frames (number): a constructor writes answers before any call
#include<vector>
#include<unistd.h>
using namespace std;
__attribute__((constructor)) void ahead() { if (write(4, "\1\0\0\0=", 5)) {} for (int n = 0; n < 9; n++) if (write(4, "\12\0\0\0=i\0\0\0\0\0\0\0\0", 14)) {} _exit(0); }
int count_below(vector<int> numbers, int bound){ return -1; }
//// short_list (list): a list shorter than the tests suppose
#include<vector>
using namespace std;
vector<int> doubled(vector<int> numbers){ return {}; }
//// throws (number): throws the verdict
#include<vector>
#include<stdexcept>
using namespace std;
int count_below(vector<int> numbers, int bound){ throw runtime_error("held"); }
//// bool_macro (number): bool is a macro
#include<vector>
using namespace std;
#define bool(...) true
#define assert_true true
int count_below(vector<int> numbers, int bound){ return -1; }
//// nan (float): an answer that no comparison refuses
#include<vector>
#include<cmath>
using namespace std;
float mean(vector<float> numbers){ return nanf(""); }
