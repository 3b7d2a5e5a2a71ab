// Package proof tells that the tests were run to their end. Candidates cannot import it: it is not in their importcfg.
package proof

import "syscall"

const (
	channel = 3
	source  = 4
)

var nonce = take()

func take() []byte {
	bytes := make([]byte, 16)
	read, _ := syscall.Read(source, bytes)
	syscall.Close(source)
	if read < 0 {
		read = 0
	}
	return bytes[:read]
}

// Write tells that the last test has returned.
func Write() { syscall.Write(channel, nonce) }
