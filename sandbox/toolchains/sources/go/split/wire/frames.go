package wire

import (
	"encoding/binary"
	"syscall"
)

const (
	reader = 3
	writer = 4
	part   = 1 << 16
)

// read reads part by part: a length alone takes no memory.
func read(n int) []byte {
	data := []byte{}
	for len(data) < n {
		at, size := len(data), n-len(data)
		if size > part {
			size = part
		}
		data = append(data, make([]byte, size)...)
		got, err := syscall.Read(reader, data[at:])
		if err == syscall.EINTR {
			got = 0
		} else if err != nil || got <= 0 {
			return nil
		}
		data = data[:at+got]
	}
	return data
}

// Receive reads a frame; nil where there is none.
func Receive() []byte {
	head := read(4)
	if head == nil {
		return nil
	}
	n := binary.LittleEndian.Uint32(head)
	if n > mostBytes {
		return nil
	}
	return read(int(n))
}

// Send writes a frame; false where nobody reads.
func Send(data []byte) bool {
	return Write(writer, append(binary.LittleEndian.AppendUint32(nil, uint32(len(data))), data...))
}

// Write writes all of the data to a descriptor.
func Write(descriptor int, data []byte) bool {
	for len(data) > 0 {
		wrote, err := syscall.Write(descriptor, data)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || wrote <= 0 {
			return false
		}
		data = data[wrote:]
	}
	return true
}
