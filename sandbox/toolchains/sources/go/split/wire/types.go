package wire

import (
	"reflect"
	"strconv"
	"strings"
)

const (
	longestName   = 200
	largestArrays = 1 << 20 // bytes of an array type
)

var anything = reflect.TypeOf((*interface{})(nil)).Elem()

var basic = map[string]reflect.Type{
	"bool": reflect.TypeOf(true), "string": reflect.TypeOf(""), "interface {}": anything,
	"int": reflect.TypeOf(0), "int8": reflect.TypeOf(int8(0)), "int16": reflect.TypeOf(int16(0)),
	"int32": reflect.TypeOf(int32(0)), "int64": reflect.TypeOf(int64(0)),
	"uint": reflect.TypeOf(uint(0)), "uint8": reflect.TypeOf(uint8(0)), "uint16": reflect.TypeOf(uint16(0)),
	"uint32": reflect.TypeOf(uint32(0)), "uint64": reflect.TypeOf(uint64(0)),
	"float32": reflect.TypeOf(float32(0)), "float64": reflect.TypeOf(0.0),
}

// typeNamed is the type with a name in Go's syntax, of a closed set: basic types, and slices, arrays and maps of them.
func typeNamed(name string) (reflect.Type, bool) {
	if len(name) > longestName {
		return nil, false
	}
	if kind, known := basic[name]; known {
		return kind, true
	}
	switch {
	case strings.HasPrefix(name, "[]"):
		item, known := typeNamed(name[2:])
		if !known {
			return nil, false
		}
		return reflect.SliceOf(item), true
	case strings.HasPrefix(name, "map["):
		return mapNamed(name[len("map["):])
	case strings.HasPrefix(name, "["):
		return arrayNamed(name[1:])
	}
	return nil, false
}

func mapNamed(rest string) (reflect.Type, bool) {
	depth, end := 1, 0
	for ; end < len(rest) && depth > 0; end++ {
		switch rest[end] {
		case '[':
			depth++
		case ']':
			depth--
		}
	}
	if depth > 0 {
		return nil, false
	}
	key, known := typeNamed(rest[:end-1])
	value, valueKnown := typeNamed(rest[end:])
	if !known || !valueKnown || !key.Comparable() {
		return nil, false
	}
	return reflect.MapOf(key, value), true
}

func arrayNamed(rest string) (reflect.Type, bool) {
	length, itemName, found := strings.Cut(rest, "]")
	n, err := strconv.Atoi(length)
	if !found || err != nil || n < 0 || n > largestArrays {
		return nil, false
	}
	item, known := typeNamed(itemName)
	if !known || uint64(n)*(uint64(item.Size())+1) > largestArrays {
		return nil, false
	}
	return reflect.ArrayOf(n, item), true
}
