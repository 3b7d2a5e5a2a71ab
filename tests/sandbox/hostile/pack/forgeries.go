//// run_flag (number): a flag with which no test runs
package main
import "os"
func init() { os.Args = append(os.Args, "-test.run=^$") }
func CountBelow(numbers []int, bound int) int { return -1 }
//// list_flag (number): a flag with which tests are only listed
package main
import "os"
func init() { os.Args = append(os.Args, "-test.list=nothing") }
func CountBelow(numbers []int, bound int) int { return -1 }
//// true_is_false (float): true and false are the same
package main
const ( true = 1 == 1; false = 1 == 1 )
func Mean(numbers []float64) float64 { return 77 }
//// linkname (number): the proof's variable by its link name
package main
import (
	"os"
	"syscall"
	_ "unsafe"
)
//go:linkname stolen aaa/proof.nonce
var stolen []byte
func CountBelow(numbers []int, bound int) int { syscall.Write(3, stolen); os.Exit(0); return -1 }
//// recorder_linkname (number): the recorder's variables by their link names
package main
import _ "unsafe"
//go:linkname state aaa/tester.state
var state [256]byte
//go:linkname say aaa/tester.say
func say(line string)
func CountBelow(numbers []int, bound int) int { say("held"); return -1 }
//// patched_code (list): testify's machine code says that all is equal
package main
import (
	"reflect"
	"syscall"
	"unsafe"
	"github.com/stretchr/testify/assert"
)
func patch() {
	page := reflect.ValueOf(assert.ObjectsAreEqual).Pointer()
	syscall.RawSyscall(syscall.SYS_MPROTECT, page&^4095, 8192, 7)
	for i, b := range []byte{0xb8, 1, 0, 0, 0, 0xc3} { *(*byte)(unsafe.Pointer(page + uintptr(i))) = b }
}
func Doubled(numbers []int) []int { patch(); return nil }
//// build_folder (text): reads the tests where it was built
package main
import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)
func NumbersTo(n int) string {
	exe, _ := os.Executable()
	text, err := os.ReadFile(filepath.Join(filepath.Dir(exe), "main_test.go"))
	if err != nil { text, _ = os.ReadFile("main_test.go") }
	if m := regexp.MustCompile(fmt.Sprintf(`Equal\("([^"]*)", NumbersTo\(%d\)`, n)).FindSubmatch(text); m != nil { return string(m[1]) }
	return "wrong"
}
//// embedded (text): has the compiler embed the tests' text
package main
import _ "embed"
//go:embed main_test.go
var text string
func NumbersTo(n int) string { return text }
//// exit_in_call (number): ends with 0 instead of an answer
package main
import "os"
func CountBelow(numbers []int, bound int) int { os.Exit(0); return -1 }
//// exit_at_start (number): ends before it is loaded
package main
import "os"
func init() { os.Exit(0) }
func CountBelow(numbers []int, bound int) int { return -1 }
//// verdict_everywhere (number): says on every descriptor that the tests held
package main
import "syscall"
func CountBelow(numbers []int, bound int) int {
	for n := 0; n < 64; n++ { syscall.Write(n, []byte("held\n")) }
	return -1
}
//// raw_frames (number): writes frames of its own to the pipe
package main
import ("os"; "syscall")
func init() {
	syscall.Write(4, []byte("\x01\x00\x00\x00=\x05\x00\x00\x00=held\x00\x00\x00\x00\x02\x00\x00\x00=?"))
	os.Exit(0)
}
func CountBelow(numbers []int, bound int) int { return -1 }
//// answers_ahead (number): an answer of nought to each call, before any is asked
package main
import ("os"; "syscall")
func init() {
	syscall.Write(4, []byte("\x01\x00\x00\x00="))
	for n := 0; n < 9; n++ { syscall.Write(4, []byte("\x0e\x00\x00\x00=i\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")) }
	os.Exit(0)
}
func CountBelow(numbers []int, bound int) int { return -1 }
//// panics (number): panics with a verdict
package main
func CountBelow(numbers []int, bound int) int { panic("held") }
//// own_type (any): an answer of its own type, that says it is equal
package main
type Liar struct{}
func (Liar) Equal(other interface{}) bool { return true }
func Larger(a, b int) interface{} { return Liar{} }
//// own_type_named_int (any): a type of its own called int
package main
type myint int
func Larger(a, b int) interface{} { return myint(2) }
//// nil_slice (list): nil in place of an empty list, and nothing else
package main
func Doubled(numbers []int) []int { return nil }
//// changed_arguments (number): changes the arguments, and answers with a number that is right for none
package main
func CountBelow(numbers []int, bound int) int { for i := range numbers { numbers[i] = bound }; return len(numbers) }
//// parents_memory (text): reads the memory of the process above it
package main
import ("fmt"; "os")
func NumbersTo(n int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", os.Getppid()))
	return string(text) + fmt.Sprint(err)
}
