// Package wire carries plain values as bytes between a candidate and its tests, which run in two processes.
//
// Tags: b bool, i and u integers of 64 bits, d float, s string of bytes, l list, m map, N a nil slice, map or interface
// (a nil slice is not an empty one: testify tells them apart), a the name of a type before a value in an interface.
package wire

import (
	"encoding/binary"
	"math"
	"reflect"
)

const (
	mostBytes = 16 << 20
	mostItems = 1000000
	deepest   = 64
)

// Bad is panicked with: the bytes are no answer.
type Bad string

// Cannot is panicked with: bytes cannot carry the value.
type Cannot string

// Out collects bytes.
type Out struct{ Data []byte }

// Count appends a number of 32 bits.
func (o *Out) Count(n int) { o.Data = binary.LittleEndian.AppendUint32(o.Data, uint32(n)) }

// Text appends a string without a tag.
func (o *Out) Text(s string) {
	o.Count(len(s))
	o.Data = append(o.Data, s...)
}

func (o *Out) word(tag byte, n uint64) {
	o.Data = binary.LittleEndian.AppendUint64(append(o.Data, tag), n)
}

// Put appends a value of any type that can cross.
func (o *Out) Put(v reflect.Value) { o.put(v, 0) }

func (o *Out) put(v reflect.Value, depth int) {
	if depth > deepest {
		panic(Cannot("a value nested deeper than 64"))
	}
	if len(o.Data) > mostBytes {
		panic(Cannot("a value larger than 16 MiB"))
	}
	switch v.Kind() {
	case reflect.Bool:
		o.Data = append(o.Data, 'b', 0)
		if v.Bool() {
			o.Data[len(o.Data)-1] = 1
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		o.word('i', uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		o.word('u', v.Uint())
	case reflect.Float32, reflect.Float64:
		o.word('d', math.Float64bits(v.Float()))
	case reflect.String:
		o.Data = append(o.Data, 's')
		o.Text(v.String())
	case reflect.Array:
		o.list(v, depth)
	case reflect.Slice, reflect.Map, reflect.Interface:
		if v.IsNil() {
			o.Data = append(o.Data, 'N')
			return
		}
		o.putReferred(v, depth)
	default:
		panic(Cannot("a " + v.Type().String() + " cannot cross between two processes"))
	}
}

func (o *Out) putReferred(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Slice:
		o.list(v, depth)
	case reflect.Map:
		o.Data = append(o.Data, 'm')
		o.Count(v.Len())
		for _, key := range v.MapKeys() {
			o.put(key, depth+1)
			o.put(v.MapIndex(key), depth+1)
		}
	default:
		name := v.Elem().Type().String()
		if _, known := typeNamed(name); !known {
			panic(Cannot("a " + name + " cannot cross between two processes"))
		}
		o.Data = append(o.Data, 'a')
		o.Text(name)
		o.put(v.Elem(), depth+1)
	}
}

func (o *Out) list(v reflect.Value, depth int) {
	o.Data = append(o.Data, 'l')
	o.Count(v.Len())
	for i := 0; i < v.Len(); i++ {
		o.put(v.Index(i), depth+1)
	}
}

// In is bytes to be read; counts are checked before anything is made.
type In struct {
	Data []byte
	made int
}

func (i *In) take(n int) []byte {
	if n < 0 || n > len(i.Data) {
		panic(Bad("it ends early"))
	}
	taken := i.Data[:n]
	i.Data = i.Data[n:]
	return taken
}

func (i *In) tag() byte    { return i.take(1)[0] }
func (i *In) word() uint64 { return binary.LittleEndian.Uint64(i.take(8)) }

// Number reads a number of 32 bits.
func (i *In) Number() int { return int(binary.LittleEndian.Uint32(i.take(4))) }

// Text reads a string without a tag.
func (i *In) Text() string { return string(i.take(i.Number())) }

// Items reads how many items follow.
func (i *In) Items() int {
	n := i.Number()
	i.made += n
	if n > len(i.Data) || i.made > mostItems {
		panic(Bad("too many items"))
	}
	return n
}

// Get reads a value of the type of v, and of no other, into v.
func (i *In) Get(v reflect.Value) { i.get(v, 0) }

func (i *In) get(v reflect.Value, depth int) {
	if depth > deepest {
		panic(Bad("nested deeper than 64"))
	}
	tag, kind := i.tag(), v.Kind()
	switch {
	case tag == 'N' && (kind == reflect.Slice || kind == reflect.Map || kind == reflect.Interface):
		v.Set(reflect.Zero(v.Type()))
	case tag == 'b' && kind == reflect.Bool:
		v.SetBool(i.tag() == 1)
	case tag == 'i' && kind >= reflect.Int && kind <= reflect.Int64:
		n := int64(i.word())
		if v.OverflowInt(n) {
			panic(Bad("a number out of range"))
		}
		v.SetInt(n)
	case tag == 'u' && kind >= reflect.Uint && kind <= reflect.Uint64:
		n := i.word()
		if v.OverflowUint(n) {
			panic(Bad("a number out of range"))
		}
		v.SetUint(n)
	case tag == 'd' && (kind == reflect.Float32 || kind == reflect.Float64):
		v.SetFloat(math.Float64frombits(i.word()))
	case tag == 's' && kind == reflect.String:
		v.SetString(i.Text())
	case tag == 'l' && (kind == reflect.Slice || kind == reflect.Array):
		i.getItems(v, depth)
	case tag == 'm' && kind == reflect.Map:
		i.getMap(v, depth)
	case tag == 'a' && kind == reflect.Interface && v.NumMethod() == 0:
		i.getAny(v, depth)
	default:
		panic(Bad("a value of another type"))
	}
}

func (i *In) getItems(v reflect.Value, depth int) {
	n := i.Items()
	if v.Kind() == reflect.Array {
		if n != v.Len() {
			panic(Bad("a list of another length"))
		}
		for at := 0; at < n; at++ {
			i.get(v.Index(at), depth+1)
		}
		return
	}
	items := reflect.MakeSlice(v.Type(), 0, 0)
	for ; n > 0; n-- {
		item := reflect.New(v.Type().Elem()).Elem()
		i.get(item, depth+1)
		items = reflect.Append(items, item)
	}
	v.Set(items)
}

func (i *In) getMap(v reflect.Value, depth int) {
	made := reflect.MakeMap(v.Type())
	for n := i.Items(); n > 0; n-- {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		i.get(key, depth+1)
		i.get(value, depth+1)
		made.SetMapIndex(key, value)
	}
	v.Set(made)
}

func (i *In) getAny(v reflect.Value, depth int) {
	kind, known := typeNamed(i.Text())
	if !known {
		panic(Bad("a value of no known type"))
	}
	held := reflect.New(kind).Elem()
	i.get(held, depth+1)
	v.Set(held)
}
